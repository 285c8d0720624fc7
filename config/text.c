#include "config/text.h"

#include <string.h>

bool text_same(const char *a, const char *b)
{
    while (*a && text_lower(*a) == text_lower(*b)) {
        a++;
        b++;
    }
    return text_lower(*a) == text_lower(*b);
}

bool text_copy(char *to, size_t cap, const char *from)
{
    size_t len = strlen(from);
    if (len >= cap)
        return false;
    memcpy(to, from, len);
    memset(to + len, 0, cap - len);
    return true;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t text_cut(char *to, size_t cap, const char *from)
{
    size_t len = least(strlen(from), cap - 1);
    memcpy(to, from, len);
    to[len] = '\0';
    return len;
}

/* One row of the table of distances: from the first `i` letters of a to every beginning of b. */
static void distance_row(const char *a, size_t i, const char *b, size_t b_len, size_t row[3][TEXT_DISTANCE_MAX + 1])
{
    row[2][0] = i;
    for (size_t j = 1; j <= b_len; j++) {
        bool same = text_lower(a[i - 1]) == text_lower(b[j - 1]);
        size_t best = least(row[1][j], row[2][j - 1]) + 1;
        best = least(best, row[1][j - 1] + (same ? 0 : 1));
        bool swapped = i > 1 && j > 1 && text_lower(a[i - 1]) == text_lower(b[j - 2]) &&
                       text_lower(a[i - 2]) == text_lower(b[j - 1]);
        row[2][j] = swapped ? least(best, row[0][j - 2] + 1) : best;
    }
}

size_t text_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > TEXT_DISTANCE_MAX || b_len > TEXT_DISTANCE_MAX)
        return a_len > b_len ? a_len : b_len;
    size_t row[3][TEXT_DISTANCE_MAX + 1] = {{0}};
    for (size_t j = 0; j <= b_len; j++)
        row[1][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        distance_row(a, i, b, b_len, row);
        memcpy(row[0], row[1], sizeof row[0]);
        memcpy(row[1], row[2], sizeof row[1]);
    }
    return row[1][b_len];
}

bool text_near(const char *written, const char *known)
{
    size_t len = strlen(known);
    return text_distance(written, known) <= (len < 4 ? 1 : len < 8 ? 2 : 3);
}
