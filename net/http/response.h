/* response.h - what a host answers with; the server engine makes the bytes of it. */
#ifndef STAGEBOX_NET_HTTP_RESPONSE_H
#define STAGEBOX_NET_HTTP_RESPONSE_H

#include "net/http/text.h"

enum http_body_kind {
    HTTP_BODY_NONE,    /* Content-Length: 0 (no length line for 204) */
    HTTP_BODY_COPY,    /* a short memory body, copied during http_server_respond(); head and body
                        * together must fit the connection's output buffer */
    HTTP_BODY_MEMORY,  /* memory that stays until HTTP_SENT or HTTP_CLOSE */
    HTTP_BODY_EXTENT,  /* `length` bytes that only the host can reach: it is told which to send next */
    HTTP_BODY_PRODUCER /* made while it is sent, of unknown length */
};

/* What a producer returns besides a count of bytes. */
#define HTTP_PRODUCE_LATER 0  /* nothing now: it is asked again at the next http_server_output() */
#define HTTP_PRODUCE_END (-1) /* that was all */
#define HTTP_PRODUCE_FAIL (-2) /* the body cannot be completed: the connection is cut, so that the client sees it */
/* Writes at most `cap` (at least 128) bytes of the body into `buf`. */
typedef int http_producer_fn(void *ctx, uint8_t *buf, size_t cap);

/* One more header line. A control character in either part makes the whole response a 500. */
struct http_line {
    const char *name;
    const char *value;
};

/* Everything is read during http_server_respond() only, except a memory body and a producer's
 * context. Unset fields are zero. */
struct http_response {
    int status;
    const char *content_type;  /* NULL: no such line */
    const char *etag;          /* with its quotes, W/ in front of a weak one; NULL: none */
    int64_t last_modified_s;   /* seconds since 1970; 0: none */
    int64_t date_s;            /* the wall clock, for Date; 0 while it is not set */
    const struct http_line *lines; /* Cache-Control, Retry-After, Set-Cookie, Allow, ... */
    size_t line_count;
    bool close; /* the connection ends after this response */
    enum http_body_kind body;
    const void *memory; /* COPY, MEMORY */
    uint64_t length;    /* COPY, MEMORY, EXTENT */
    http_producer_fn *produce; /* PRODUCER */
    void *produce_ctx;
};

/* A whole 503 response with Retry-After and Connection: close, for a host that has no connection
 * left to give; its length, 0 where `cap` is below 128. */
size_t http_busy_response(char *buf, size_t cap, unsigned retry_after_s);

#endif
