/* authorization.h - the Authorization line of a client's request. A private part of client.c. */
#ifndef STAGEBOX_NET_HTTP_AUTHORIZATION_H
#define STAGEBOX_NET_HTTP_AUTHORIZATION_H

#include "net/http/client.h"
#include "net/http/writer.h"

/* Basic (RFC 7617), Digest (RFC 7616, RFC 2617), or nothing. */
void http_put_authorization(struct writer *w, const struct http_client_request *request);

#endif
