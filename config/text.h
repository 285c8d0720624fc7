/* text.h - comparing names as people write them: without case, and roughly. */
#ifndef STAGEBOX_CONFIG_TEXT_H
#define STAGEBOX_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* ASCII lower case; other bytes as they are, whatever the locale. */
static inline char text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
/* Equal without case. */
bool text_same(const char *a, const char *b);
/* Copies into `to` of `cap` bytes and fills the rest with zeros. False, and nothing copied, where
 * it does not fit with its NUL. */
bool text_copy(char *to, size_t cap, const char *from);
/* Copies what of `from` fits into `to` of `cap` bytes (at least 1) with its NUL. Its length there. */
size_t text_cut(char *to, size_t cap, const char *from);

#define TEXT_DISTANCE_MAX 40 /* names longer than this are far from everything */
/* How many letters have to be added, left out, changed or swapped with their neighbour to make `b`
 * of `a`, without case. */
size_t text_distance(const char *a, const char *b);
/* Whether `known` is near enough to `written` to be what was meant. */
bool text_near(const char *written, const char *known);

#endif
