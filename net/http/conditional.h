/* conditional.h - conditional requests and byte ranges (RFC 9110 sections 13 and 14). A private part
 * of the server engine. */
#ifndef STAGEBOX_NET_HTTP_CONDITIONAL_H
#define STAGEBOX_NET_HTTP_CONDITIONAL_H

#include "net/http/request.h"

/* The status of a GET or HEAD for what has these validators (etag NULL and time 0: none): 200, 304
 * or 412, in the order of RFC 9110 section 13.2.2. */
int http_condition_status(const struct http_request *r, const char *etag, int64_t last_modified_s);

/* 206 with the bytes [*first, *first + *count) of a body of `size`; 416; or 200, for the whole: no
 * Range, not a GET, another unit, several ranges, malformed, or an If-Range that does not hold. */
int http_range_status(const struct http_request *r, const char *etag, int64_t last_modified_s, uint64_t size,
                      uint64_t *first, uint64_t *count);

#endif
