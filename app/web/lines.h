/* lines.h - the lines of one phone, the last ones, in a ring of bytes that is the caller's: short lines take little. */
#ifndef STAGEBOX_APP_WEB_LINES_H
#define STAGEBOX_APP_WEB_LINES_H

#include "app/web/diary.h"

#define LINES_HEAD 18                               /* bytes of a line beside its text */
#define LINES_LEAST (LINES_HEAD + DIARY_LINE_MAX)   /* bytes of the smallest ring */

struct lines {
    uint16_t first, used; /* bytes */
    uint16_t count;
};

/* Adds a line to a ring of `size` bytes (LINES_LEAST to 65535). The oldest make room, also where there would be more
 * than `most` lines. Its text has its NUL. */
void lines_add(struct lines *lines, uint8_t *ring, size_t size, size_t most, const struct diary_line *line);
/* The i-th line from the oldest; false behind the last. */
bool lines_get(const struct lines *lines, const uint8_t *ring, size_t size, size_t i, struct diary_line *out);

#endif
