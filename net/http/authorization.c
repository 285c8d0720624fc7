#include "net/http/authorization.h"

#include <string.h>

/* -- Basic ------------------------------------------------------------------------------------ */

/* Base64 of what comes byte by byte. */
struct base64 {
    struct writer *w;
    uint32_t bits;
    unsigned count;
};

static void base64_out(struct base64 *b, unsigned digits)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned i = 0; i < 4; i++)
        put_bytes(b->w, i < digits ? &alphabet[b->bits >> (18 - 6 * i) & 63] : "=", 1);
    b->bits = b->count = 0;
}

static void base64_put(struct base64 *b, const char *text)
{
    for (; *text != '\0'; text++) {
        b->bits |= (uint32_t)(unsigned char)*text << (16 - 8 * b->count);
        if (++b->count == 3)
            base64_out(b, 4);
    }
}

static void put_basic(struct writer *w, const struct http_client_request *r)
{
    struct base64 b = {.w = w};
    if (strchr(r->user, ':') != NULL)
        w->bad = true;
    put_text(w, "Authorization: Basic ");
    base64_put(&b, r->user);
    base64_put(&b, ":");
    base64_put(&b, r->password);
    if (b.count > 0)
        base64_out(&b, b.count + 1);
    put_text(w, "\r\n");
}

/* -- Digest ----------------------------------------------------------------------------------- */

#define HASH_TEXT 33

static void hash(const struct http_client_request *r, const struct http_slice *parts, size_t count,
                 char out[HASH_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[16];
    r->md5(r->md5_ctx, parts, count, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[HASH_TEXT - 1] = '\0';
}

static void nonce_count_text(uint32_t count, char out[9])
{
    for (int i = 7; i >= 0; i--, count >>= 4)
        out[i] = "0123456789abcdef"[count & 15];
    out[8] = '\0';
}

static void hash_a1(const struct http_client_request *r, char out[HASH_TEXT])
{
    const struct http_slice colon = {":", 1};
    const struct http_slice a1[] = {http_slice(r->user), colon, http_slice(r->digest->realm), colon,
                                    http_slice(r->password)};
    hash(r, a1, 5, out);
    if (!r->digest->sess)
        return;
    const struct http_slice sess[] = {http_slice(out), colon, http_slice(r->digest->nonce), colon,
                                      http_slice(r->cnonce)};
    char again[HASH_TEXT];
    hash(r, sess, 5, again);
    memcpy(out, again, HASH_TEXT);
}

static void response_of(const struct http_client_request *r, const char *nc, char out[HASH_TEXT])
{
    const struct http_slice colon = {":", 1};
    char a1[HASH_TEXT], a2[HASH_TEXT];
    hash_a1(r, a1);
    const struct http_slice second[] = {http_slice(r->method), colon, http_slice(r->target)};
    hash(r, second, 3, a2);
    const struct http_slice with_qop[] = {http_slice(a1),
                                          colon,
                                          http_slice(r->digest->nonce),
                                          colon,
                                          http_slice(nc),
                                          colon,
                                          http_slice(r->cnonce),
                                          colon,
                                          {"auth", 4},
                                          colon,
                                          http_slice(a2)};
    const struct http_slice without[] = {http_slice(a1), colon, http_slice(r->digest->nonce), colon,
                                         http_slice(a2)};
    if (r->digest->qop_auth)
        hash(r, with_qop, 11, out);
    else
        hash(r, without, 5, out);
}

/* `name="text"`, with quotes and back-slashes escaped. */
static void put_quoted(struct writer *w, const char *name, const char *text)
{
    put_text(w, name);
    put_text(w, "=\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            put_text(w, "\\");
        const char one[2] = {*text, '\0'};
        put_checked(w, one);
    }
    put_text(w, "\"");
}

static void put_digest(struct writer *w, const struct http_client_request *r)
{
    char nc[9], response[HASH_TEXT];
    const struct http_digest *d = r->digest;
    nonce_count_text(r->nonce_count, nc);
    response_of(r, nc, response);
    put_text(w, "Authorization: Digest ");
    put_quoted(w, "username", r->user);
    put_quoted(w, ", realm", d->realm);
    put_quoted(w, ", nonce", d->nonce);
    put_quoted(w, ", uri", r->target);
    put_quoted(w, ", response", response);
    if (d->algorithm_named)
        put_text(w, d->sess ? ", algorithm=MD5-sess" : ", algorithm=MD5");
    if (d->qop_auth) {
        put_text(w, ", qop=auth, nc=");
        put_text(w, nc);
    }
    if (d->qop_auth || d->sess)
        put_quoted(w, ", cnonce", r->cnonce);
    if (d->has_opaque)
        put_quoted(w, ", opaque", d->opaque);
    put_text(w, "\r\n");
}

void http_put_authorization(struct writer *w, const struct http_client_request *request)
{
    if (request->auth == HTTP_AUTH_BASIC)
        put_basic(w, request);
    if (request->auth == HTTP_AUTH_DIGEST)
        put_digest(w, request);
}
