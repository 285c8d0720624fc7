/* lines.h - a text file as lines, however it was saved.
 *
 * LF, CR LF and CR end a line, a UTF-8 byte order mark is left out. Comments are cut off as inih
 * reads them: a line that starts with ; or #, and whatever follows a ; that stands behind a blank.
 * So a long comment never makes a line too long. Blanks at both ends are cut too, because inih
 * would take an indented line for the continuation of the one above.
 */
#ifndef STAGEBOX_CONFIG_LINES_H
#define STAGEBOX_CONFIG_LINES_H

#include "config/settings.h"

enum lines_state {
    LINES_LINE,    /* a line, possibly empty */
    LINES_LONG,    /* more than cap - 1 characters */
    LINES_CONTROL, /* it holds a control character: see `control` */
    LINES_END,
    LINES_UTF16,  /* the file begins with a UTF-16 byte order mark; nothing more is read */
    LINES_FAILED, /* the medium failed; nothing more is read */
};

struct lines {
    settings_reader *read;
    void *ctx;
    int number;  /* of the line that lines_next() gave last, from 1 */
    int control; /* the first control character in it, -1: none */
    bool ended;
    bool failed;
    bool begun;
    size_t at;
    size_t len;
    unsigned char bytes[256];
};

void lines_init(struct lines *lines, settings_reader *read, void *ctx);
/* The next line, NUL-terminated in `out`; `cap` at least 1. The text is "" for all but LINES_LINE. */
enum lines_state lines_next(struct lines *lines, char *out, size_t cap);

#endif
