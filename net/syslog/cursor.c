#include "net/syslog/cursor.h"

#include <string.h>

void cursor_skip(struct cursor *cursor, size_t n)
{
    cursor->at += n;
    cursor->left -= n;
}

static bool starts(const struct cursor *cursor, const char *text)
{
    size_t len = strlen(text);
    return cursor->left >= len && memcmp(cursor->at, text, len) == 0;
}

bool cursor_take(struct cursor *cursor, const char *text)
{
    if (!starts(cursor, text))
        return false;
    cursor_skip(cursor, strlen(text));
    return true;
}

void cursor_blanks(struct cursor *cursor)
{
    while (cursor_take(cursor, " "))
        ;
}

struct span cursor_before(const struct cursor *cursor, const char *text)
{
    struct cursor at = *cursor;
    while (at.left > 0 && !starts(&at, text))
        cursor_skip(&at, 1);
    return (struct span){cursor->at, cursor->left - at.left};
}

struct span cursor_word(struct cursor *cursor)
{
    struct span word = cursor_before(cursor, " ");
    cursor_skip(cursor, word.len);
    cursor_take(cursor, " ");
    return word;
}

bool cursor_find(struct cursor *cursor, const char *text)
{
    struct span before = cursor_before(cursor, text);
    if (before.len == cursor->left)
        return false;
    cursor_skip(cursor, before.len + strlen(text));
    return true;
}

void span_copy(struct span span, char *out, size_t cap)
{
    size_t len = span.len < cap ? span.len : cap - 1;
    memcpy(out, span.at, len);
    out[len] = '\0';
}
