#include "app/content/digest.h"

#include <string.h>

#include <mbedtls/md5.h>
#include <mbedtls/sha256.h>

_Static_assert(sizeof(mbedtls_md5_context) <= sizeof(((struct digest *)0)->state), "room for MD5");
_Static_assert(sizeof(mbedtls_sha256_context) <= sizeof(((struct digest *)0)->state), "room for SHA-256");

/* The library's software implementations cannot fail, so what its functions return is not asked. */

static mbedtls_md5_context *md5_of(struct digest *digest)
{
    return (mbedtls_md5_context *)(void *)&digest->state;
}

static mbedtls_sha256_context *sha256_of(struct digest *digest)
{
    return (mbedtls_sha256_context *)(void *)&digest->state;
}

void digest_start(struct digest *digest, enum digest_kind kind)
{
    digest->kind = kind;
    if (kind == DIGEST_MD5) {
        mbedtls_md5_init(md5_of(digest));
        (void)mbedtls_md5_starts_ret(md5_of(digest));
    } else {
        mbedtls_sha256_init(sha256_of(digest));
        (void)mbedtls_sha256_starts_ret(sha256_of(digest), 0);
    }
}

void digest_add(struct digest *digest, const void *data, size_t len)
{
    if (digest->kind == DIGEST_MD5)
        (void)mbedtls_md5_update_ret(md5_of(digest), data, len);
    else
        (void)mbedtls_sha256_update_ret(sha256_of(digest), data, len);
}

void digest_finish(struct digest *digest, uint8_t *out)
{
    uint8_t bytes[DIGEST_SHA256_SIZE];
    if (digest->kind == DIGEST_MD5) {
        (void)mbedtls_md5_finish_ret(md5_of(digest), bytes);
        mbedtls_md5_free(md5_of(digest));
        memcpy(out, bytes, DIGEST_MD5_SIZE);
    } else {
        (void)mbedtls_sha256_finish_ret(sha256_of(digest), bytes);
        mbedtls_sha256_free(sha256_of(digest));
        memcpy(out, bytes, DIGEST_SHA256_SIZE);
    }
}

static void at_once(enum digest_kind kind, const void *data, size_t len, uint8_t out[DIGEST_SHA256_SIZE])
{
    struct digest digest;
    digest_start(&digest, kind);
    digest_add(&digest, data, len);
    digest_finish(&digest, out);
}

void digest_md5(const void *data, size_t len, uint8_t out[DIGEST_MD5_SIZE])
{
    uint8_t bytes[DIGEST_SHA256_SIZE];
    at_once(DIGEST_MD5, data, len, bytes);
    memcpy(out, bytes, DIGEST_MD5_SIZE);
}

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256_SIZE])
{
    at_once(DIGEST_SHA256, data, len, out);
}

char *digest_hex(const uint8_t *bytes, size_t len, char out[DIGEST_HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
    return out;
}
