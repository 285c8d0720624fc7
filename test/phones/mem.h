/* mem.h - allocation that never fails (the simulator gives up instead) and a growing byte buffer. */
#ifndef PHONES_MEM_H
#define PHONES_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* As calloc, realloc, strdup and asprintf; out of memory ends the program with a sentence. Free with free(). */
void *mem_new(size_t count, size_t size);
void *mem_grow(void *old, size_t size);
char *mem_text(const char *text);
char *mem_slice(const char *text, size_t len);
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Copies `text` into `dst` of `size` bytes, cut short if it must be, always terminated. */
void text_copy(char *dst, size_t size, const char *text);

/* Bytes that grow; a NUL that is not counted always follows them. Zeroed is empty. */
struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
};
void buf_add(struct buf *b, const void *data, size_t len);
void buf_text(struct buf *b, const char *text);
void buf_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Escaped for XML. */
void buf_xml(struct buf *b, const char *text);
/* Makes room for `len` bytes in all, so that what is known to come is copied once. */
void buf_reserve(struct buf *b, size_t len);
void buf_clear(struct buf *b);
void buf_free(struct buf *b);

#endif
