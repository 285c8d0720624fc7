/* texts.h - room for the texts of answers on their way: one block, made at start, that is given out piece by piece. */
#ifndef STAGEBOX_APP_STAGING_TEXTS_H
#define STAGEBOX_APP_STAGING_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXTS_UNIT 256 /* bytes: pieces are multiples of it */

struct texts {
    char *memory;
    uint8_t *taken; /* a byte a unit */
    size_t units;
    size_t next; /* where the search goes on */
};

/* False where there is no memory; texts_dispose() may be called all the same. */
bool texts_init(struct texts *texts, size_t bytes);
void texts_dispose(struct texts *texts);
/* Room for `len` bytes (at least 1); NULL where there is none in one piece. */
char *texts_take(struct texts *texts, size_t len);
/* Keeps only the first `less` of `len` bytes. */
void texts_shrink(struct texts *texts, const char *text, size_t len, size_t less);
/* Gives it back; `len` as it was taken, or as it was shrunk to. */
void texts_give(struct texts *texts, const char *text, size_t len);

#endif
