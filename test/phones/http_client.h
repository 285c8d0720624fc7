/* http_client.h - one HTTP request on one connection. Part of fetch.h: the same request, the same end. */
#ifndef PHONES_HTTP_CLIENT_H
#define PHONES_HTTP_CLIENT_H

#include "fetch.h"

struct http;

/* NULL: `*error` says why it could not even begin. */
struct http *http_start(struct station *s, const struct fetch_request *r, uint32_t ip, const struct fetch_events *e,
                        const char **error);
void http_cancel(struct http *h);

#endif
