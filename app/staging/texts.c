#include "app/staging/texts.h"

#include <stdlib.h>
#include <string.h>

#include "mbedtls/platform_util.h"

bool texts_init(struct texts *texts, size_t bytes)
{
    texts->units = bytes / TEXTS_UNIT;
    texts->memory = malloc(texts->units * TEXTS_UNIT);
    texts->taken = calloc(texts->units, 1);
    texts->next = 0;
    return texts->memory && texts->taken;
}

void texts_dispose(struct texts *texts)
{
    free(texts->memory);
    free(texts->taken);
    memset(texts, 0, sizeof *texts);
}

static size_t units_of(size_t len)
{
    return len > 0 ? (len + TEXTS_UNIT - 1) / TEXTS_UNIT : 1;
}

/* The first run of `count` free units between two places; `to` where there is none. */
static size_t find(const struct texts *texts, size_t from, size_t to, size_t count)
{
    size_t run = 0;
    for (size_t i = from; i < to; i++) {
        run = texts->taken[i] ? 0 : run + 1;
        if (run == count)
            return i + 1 - count;
    }
    return to;
}

char *texts_take(struct texts *texts, size_t len)
{
    size_t count = units_of(len), at = texts->units;
    if (count > texts->units)
        return NULL;
    at = find(texts, texts->next, texts->units, count);
    if (at == texts->units)
        at = find(texts, 0, texts->units, count);
    if (at == texts->units)
        return NULL;
    memset(texts->taken + at, 1, count);
    texts->next = at + count < texts->units ? at + count : 0;
    return texts->memory + at * TEXTS_UNIT;
}

void texts_shrink(struct texts *texts, const char *text, size_t len, size_t less)
{
    size_t at = (size_t)(text - texts->memory) / TEXTS_UNIT, kept = units_of(less);
    memset(texts->taken + at + kept, 0, units_of(len) - kept);
    if (texts->next == at + units_of(len))
        texts->next = at + kept;
}

void texts_give(struct texts *texts, const char *text, size_t len)
{
    size_t at = (size_t)(text - texts->memory);
    mbedtls_platform_zeroize(texts->memory + at, len); /* it may hold a phone's passwords */
    memset(texts->taken + at / TEXTS_UNIT, 0, units_of(len));
}
