/* lines.h - the lines of one phone, the last ones, in a ring of bytes that is the caller's: short lines take little. */
#ifndef STAGEBOX_APP_WEB_LINES_H
#define STAGEBOX_APP_WEB_LINES_H

#include "app/web/diary.h"

#define LINES_HEAD 18                               /* bytes of a line beside its text */
#define LINES_CHUNK 100                             /* bytes of a ring that lie side by side */
#define LINES_LEAST 300                             /* bytes of the smallest ring, which has room for the longest line */

struct lines {
    uint16_t first, used; /* bytes */
    uint16_t count;
};

/* In chunks, so that rings can be laid out with all their beginnings side by side. */
struct lines_ring {
    uint8_t *memory;
    size_t size;   /* bytes, a multiple of LINES_CHUNK from LINES_LEAST to 65500 */
    size_t stride; /* from a chunk to the next one */
};

/* Adds a line to a ring. The oldest make room, also where there would be more
 * than `most` lines. Its text has its NUL. */
void lines_add(struct lines *lines, const struct lines_ring *ring, size_t most, const struct diary_line *line);
/* The i-th line from the oldest; false behind the last. */
bool lines_get(const struct lines *lines, const struct lines_ring *ring, size_t i, struct diary_line *out);

#endif
