#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
    if (p == NULL) {
        fputs("phones: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_new(size_t count, size_t size)
{
    return must(calloc(count ? count : 1, size ? size : 1));
}

void *mem_grow(void *old, size_t size)
{
    return must(realloc(old, size ? size : 1));
}

char *mem_text(const char *text)
{
    return mem_slice(text, strlen(text));
}

char *mem_slice(const char *text, size_t len)
{
    char *copy = mem_new(len + 1, 1);
    memcpy(copy, text, len);
    return copy;
}

void text_copy(char *dst, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    memmove(dst, text, len);
    dst[len] = '\0';
}

void buf_reserve(struct buf *b, size_t len)
{
    if (len + 1 > b->cap) {
        b->cap = len + 1;
        b->data = mem_grow(b->data, b->cap);
    }
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    if (b->len + len + 1 > b->cap)
        buf_reserve(b, (b->len + len) * 2 + 256);
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = 0;
}

void buf_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_xml(struct buf *b, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&': buf_text(b, "&amp;"); break;
        case '<': buf_text(b, "&lt;"); break;
        case '>': buf_text(b, "&gt;"); break;
        case '"': buf_text(b, "&quot;"); break;
        case '\'': buf_text(b, "&apos;"); break;
        default: buf_add(b, text, 1); break;
        }
    }
}

static void format_into(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        return;
    if (b->len + (size_t)len + 1 > b->cap)
        buf_reserve(b, (b->len + (size_t)len) * 2 + 64);
    vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, args);
    b->len += (size_t)len;
}

void buf_format(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_into(b, format, args);
    va_end(args);
}

char *mem_format(const char *format, ...)
{
    struct buf b = {0};
    va_list args;
    va_start(args, format);
    format_into(&b, format, args);
    va_end(args);
    buf_add(&b, "", 0);
    return (char *)b.data;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}
