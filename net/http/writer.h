/* writer.h - puts text into a buffer of fixed size and remembers if it did not fit. A private part
 * of this folder. */
#ifndef STAGEBOX_NET_HTTP_WRITER_H
#define STAGEBOX_NET_HTTP_WRITER_H

#include "net/http/text.h"

struct writer {
    char *p;
    size_t cap;
    size_t len;
    bool bad; /* did not fit, or was not fit to be written */
};

void put_bytes(struct writer *w, const void *bytes, size_t len);
void put_text(struct writer *w, const char *text);
void put_number(struct writer *w, uint64_t value);
/* The text of somebody else: a control character spoils the whole. */
void put_checked(struct writer *w, const char *text);
/* "Name: value" and the line's end, both parts checked. */
void put_line(struct writer *w, const char *name, const char *value);

#endif
