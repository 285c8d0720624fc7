/* head.h - reads the head of a request line by line, strictly. A private part of server.c.
 *
 * Lines come without their line end. Each function returns 0, or the status with which the request
 * is refused and then *why, a static sentence. */
#ifndef STAGEBOX_NET_HTTP_HEAD_H
#define STAGEBOX_NET_HTTP_HEAD_H

#include "net/http/request.h"

/* Forgets the last request; `base` is where the bytes of the next begin. */
void http_head_begin(struct http_request *r, const char *base);
/* RFC 9112 section 3: 400, 501, 505. Undoes the percent-encoding of the path in place. */
int http_head_request_line(struct http_request *r, char *line, size_t len, const char **why);
/* RFC 9112 section 5, the line at base[at..at + len): 400, 413, 431. */
int http_head_field_line(struct http_request *r, size_t at, size_t len, const char **why);
/* After the empty line: body length, Expect, Connection. 400, 417, 501. */
int http_head_end(struct http_request *r, const char **why);

/* The field of that name; HTTP_FIELD_OTHER where it is not one of the enum. */
enum http_field http_field_of(struct http_slice name);

#endif
