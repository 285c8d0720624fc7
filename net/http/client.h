/* client.h - the little of an HTTP client that nudging a phone needs: makes one request, reads the
 * head of its response. No sockets, no clock, no heap, no hash: MD5 comes in as a function.
 *
 *     n = http_client_build(buf, sizeof buf, &request);        // 0: does not fit
 *     connect, send buf[0..n)
 *     http_client_init(&c);
 *     received bytes:  http_client_input(&c, bytes, len)       end of stream: http_client_eof(&c)
 *     HTTP_CLIENT_DONE: c.status; 401: c.basic, c.digest.there say what to answer with, on a new connection
 */
#ifndef STAGEBOX_NET_HTTP_CLIENT_H
#define STAGEBOX_NET_HTTP_CLIENT_H

#include "net/http/text.h"

/* MD5 over the parts, one after the other. */
typedef void http_md5_fn(void *ctx, const struct http_slice *parts, size_t count, uint8_t digest[16]);

/* Bytes of realm, nonce and opaque, NUL included; a challenge with longer ones is left out. */
#define HTTP_AUTH_TEXT_MAX 128

/* A Digest challenge (RFC 7616, RFC 2617) that can be answered: algorithm MD5 or MD5-sess or none. */
struct http_digest {
    bool there;
    bool stale;    /* the nonce was too old, user and password were right */
    bool sess;     /* MD5-sess */
    bool qop_auth; /* false: RFC 2069, no qop */
    bool algorithm_named; /* it is repeated in the answer then */
    char realm[HTTP_AUTH_TEXT_MAX];
    char nonce[HTTP_AUTH_TEXT_MAX];
    char opaque[HTTP_AUTH_TEXT_MAX];
    bool has_opaque;
};

enum http_auth { HTTP_AUTH_NONE, HTTP_AUTH_BASIC, HTTP_AUTH_DIGEST };

struct http_client_request {
    const char *method; /* "GET" */
    const char *target; /* "/admin/resync?http://192.168.10.10/spa504G.cfg": goes out as it is */
    const char *host;   /* for the Host line */
    const char *user_agent; /* NULL: none */
    enum http_auth auth;
    const char *user, *password;
    /* HTTP_AUTH_DIGEST: */
    const struct http_digest *digest;
    const char *cnonce;   /* hex text, fresh and random */
    uint32_t nonce_count; /* from 1, for each use of the nonce */
    http_md5_fn *md5;
    void *md5_ctx;
};

/* Writes an HTTP/1.1 request without a body and with Connection: close. Its length; 0 where it does
 * not fit, the target does not begin with '/', or a part has spaces or control characters that
 * would break it. */
size_t http_client_build(char *buf, size_t cap, const struct http_client_request *request);

enum http_client_state {
    HTTP_CLIENT_HEAD, /* more bytes are needed */
    HTTP_CLIENT_BODY, /* the head is read; the body is passed over */
    HTTP_CLIENT_DONE,
    HTTP_CLIENT_BAD /* not an HTTP/1 response, too long, or cut in its head */
};

#define HTTP_CLIENT_LINE_MAX 1024 /* bytes of a line of the head */
#define HTTP_CLIENT_HEAD_MAX 8192 /* bytes of the whole head */
#define HTTP_CLIENT_BODY_MAX 262144 /* bytes of body passed over before the response counts as done */

struct http_client {
    enum http_client_state state;
    int status;    /* 100..599 once the head is read; interim 1xx responses are passed over */
    bool basic;    /* a Basic challenge was there */
    struct http_digest digest;
    /* private: */
    uint64_t body_left;
    bool until_close, first_line_read;
    uint32_t head_len;
    uint32_t line_len;
    char line[HTTP_CLIENT_LINE_MAX];
};

void http_client_init(struct http_client *c);
enum http_client_state http_client_input(struct http_client *c, const void *bytes, size_t len);
/* The peer's end: DONE where the head was whole, else BAD. */
enum http_client_state http_client_eof(struct http_client *c);

/* Reads the value of one WWW-Authenticate line (RFC 9110 section 11.6.1; several challenges may
 * stand in it); sets *basic and *digest for what it finds, leaves them as they are otherwise. */
void http_challenges(struct http_slice value, bool *basic, struct http_digest *digest);

#endif
