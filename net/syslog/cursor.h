/* cursor.h - walking through a text of known length; for the parts of net/syslog. */
#ifndef STAGEBOX_NET_SYSLOG_CURSOR_H
#define STAGEBOX_NET_SYSLOG_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

struct cursor {
    const char *at;
    size_t left;
};

/* A run of bytes of the text. */
struct span {
    const char *at;
    size_t len;
};

void cursor_skip(struct cursor *cursor, size_t n);
/* Takes `text` away if it stands next. */
bool cursor_take(struct cursor *cursor, const char *text);
void cursor_blanks(struct cursor *cursor);
/* Takes what stands before the next blank, and one blank behind it. */
struct span cursor_word(struct cursor *cursor);
/* What stands before the next `text`, or up to the end; takes nothing. */
struct span cursor_before(const struct cursor *cursor, const char *text);
/* Takes everything up to the first `text` and that itself. False, and nothing taken, where it is
 * not there. */
bool cursor_find(struct cursor *cursor, const char *text);
/* Copies into `out` of `cap` bytes with a NUL, cut where it does not fit. */
void span_copy(struct span span, char *out, size_t cap);

#endif
