/* request.h - one request, as the server engine (server.h) hands it to its host. */
#ifndef STAGEBOX_NET_HTTP_REQUEST_H
#define STAGEBOX_NET_HTTP_REQUEST_H

#include "net/http/text.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_PUT, HTTP_POST, HTTP_DELETE, HTTP_METHOD_UNKNOWN };

/* "GET" and so on; "?" for HTTP_METHOD_UNKNOWN. */
const char *http_method_name(enum http_method method);

/* Header fields that are found without a search. */
enum http_field {
    HTTP_FIELD_OTHER,
    HTTP_FIELD_ACCEPT,
    HTTP_FIELD_AUTHORIZATION,
    HTTP_FIELD_CONNECTION,
    HTTP_FIELD_CONTENT_LENGTH,
    HTTP_FIELD_CONTENT_TYPE,
    HTTP_FIELD_COOKIE,
    HTTP_FIELD_EXPECT,
    HTTP_FIELD_HOST,
    HTTP_FIELD_IF_MATCH,
    HTTP_FIELD_IF_MODIFIED_SINCE,
    HTTP_FIELD_IF_NONE_MATCH,
    HTTP_FIELD_IF_RANGE,
    HTTP_FIELD_IF_UNMODIFIED_SINCE,
    HTTP_FIELD_ORIGIN,
    HTTP_FIELD_RANGE,
    HTTP_FIELD_TRANSFER_ENCODING,
    HTTP_FIELD_USER_AGENT,
    HTTP_FIELD_COUNT
};

#define HTTP_HEADERS_MAX 64 /* header lines of a request; more are answered 431 */

/* One header line, as offsets from the beginning of the request. */
struct http_header {
    uint16_t name, name_len;
    uint16_t value, value_len;
    uint8_t field; /* enum http_field */
};

/* Valid from HTTP_REQUEST until http_server_respond() returns; the text lies in the connection's
 * receive buffer. */
struct http_request {
    enum http_method method;
    unsigned minor;           /* 0 or 1: HTTP/1.0 or HTTP/1.1 (any later minor counts as 1) */
    struct http_slice path;   /* percent-decoded exactly once, without query; of an absolute-form target the
                               * path ("/" where it has none); begins with '/'. No byte below 0x20, no 0x7f;
                               * bytes from 0x80 as they came. Dots and double slashes are left as they are. */
    struct http_slice query;  /* behind the first '?', not decoded; absent without a '?' */
    bool has_body;            /* Content-Length above 0, or chunked */
    bool chunked;
    uint64_t content_length;  /* of the body; 0 where chunked */
    bool expects_continue;    /* answered by http_server_accept_body() */
    bool keep_alive;          /* what the client wishes: HTTP/1.1 without close, HTTP/1.0 with keep-alive */
    /* private */
    const char *base;
    unsigned header_count;
    struct http_header headers[HTTP_HEADERS_MAX];
    uint8_t first[HTTP_FIELD_COUNT]; /* index + 1 of the first line of that name */
};

/* The value of the first line of that name, trimmed; absent where there is none. */
struct http_slice http_request_field(const struct http_request *r, enum http_field field);
/* The same for a field that may come in several lines: *at is 0 for the first call, and false is the
 * end. */
bool http_request_next(const struct http_request *r, enum http_field field, unsigned *at, struct http_slice *value);
/* The first line of any other name, compared without case. */
struct http_slice http_request_header(const struct http_request *r, const char *name);

#endif
