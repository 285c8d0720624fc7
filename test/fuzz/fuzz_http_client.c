/* A hostile HTTP server, as the nudger's client sees it; what it challenges with is then answered. */
#include "net/http/client.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_hash(void *ctx, const struct http_slice *parts, size_t count, uint8_t digest[16])
{
    (void)ctx;
    memset(digest, 0, 16);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i].len; k++)
            digest[k % 16] ^= (uint8_t)parts[i].p[k];
}

/* What is built from foreign text has the lines that we meant and no more. */
static void answer(const struct http_client *c, enum http_auth auth)
{
    char buf[2000];
    struct http_client_request r = {.method = "GET",
                                    .target = "/admin/resync?x",
                                    .host = "h",
                                    .user_agent = "stagebox",
                                    .auth = auth,
                                    .user = "admin",
                                    .password = "secret",
                                    .digest = &c->digest,
                                    .cnonce = "0a4f113b",
                                    .nonce_count = 1,
                                    .md5 = no_hash};
    size_t n = http_client_build(buf, sizeof buf, &r), lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += buf[i] == '\n' || buf[i] == '\r';
    if (n > 0 && lines != 12)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_client *c = malloc(sizeof *c);
    if (size == 0 || c == NULL) {
        free(c);
        return 0;
    }
    size_t step = data[0] + 1u, left = size - 1;
    const uint8_t *at = data + 1;
    http_client_init(c);
    while (left > 0) {
        size_t n = left < step ? left : step;
        uint8_t *piece = malloc(n);
        if (piece != NULL) {
            memcpy(piece, at, n);
            http_client_input(c, piece, n);
        }
        free(piece);
        at += n;
        left -= n;
    }
    http_client_eof(c);
    if (c->state != HTTP_CLIENT_DONE && c->state != HTTP_CLIENT_BAD)
        abort();
    if (c->digest.there)
        answer(c, HTTP_AUTH_DIGEST);
    if (c->basic)
        answer(c, HTTP_AUTH_BASIC);
    free(c);
    return 0;
}
