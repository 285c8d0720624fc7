/* response_head.h - the text of response heads. A private part of the server engine. */
#ifndef STAGEBOX_NET_HTTP_RESPONSE_HEAD_H
#define STAGEBOX_NET_HTTP_RESPONSE_HEAD_H

#include "net/http/response.h"
#include "net/http/writer.h"

enum http_framing { HTTP_FRAMING_LENGTH, HTTP_FRAMING_NOTHING, HTTP_FRAMING_CHUNKED, HTTP_FRAMING_CLOSE };

/* What the engine has decided about a response. */
struct http_head_plan {
    int status;
    enum http_framing framing;
    uint64_t length;       /* of the body as it goes out */
    uint64_t range_first;  /* 206 */
    uint64_t whole;        /* 206 and 416: size of the whole */
    bool ranges;           /* says that ranges are served */
    bool with_type;        /* the content type belongs to this status */
    const char *connection; /* "close", "keep-alive", or NULL for no such line */
};

void http_put_head(struct writer *w, const struct http_response *response, const struct http_head_plan *plan);
/* A whole response of the engine's own, with a short text and Connection: close. */
void http_put_refusal(struct writer *w, int status, const char *why, bool head_only);

#endif
