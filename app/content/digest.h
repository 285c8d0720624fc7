/* digest.h - MD5 and SHA-256. MD5 only because the vendor's image header and HTTP Digest use it. */
#ifndef STAGEBOX_APP_CONTENT_DIGEST_H
#define STAGEBOX_APP_CONTENT_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_MD5_SIZE 16
#define DIGEST_SHA256_SIZE 32
#define DIGEST_HEX_MAX 65 /* hex text of the longest digest and its NUL */

enum digest_kind { DIGEST_MD5, DIGEST_SHA256 };

/* A digest in the making; the caller owns it, nothing need be freed. */
struct digest {
    enum digest_kind kind;
    union {
        uint64_t align;
        uint8_t space[160];
    } state;
};

void digest_start(struct digest *digest, enum digest_kind kind);
void digest_add(struct digest *digest, const void *data, size_t len);
/* Writes the 16 or 32 bytes; the digest is used up then. */
void digest_finish(struct digest *digest, uint8_t *out);
/* All of it at once. */
void digest_md5(const void *data, size_t len, uint8_t out[DIGEST_MD5_SIZE]);
void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256_SIZE]);
/* Lower-case hex with its NUL; len <= DIGEST_SHA256_SIZE; returns `out`. */
char *digest_hex(const uint8_t *bytes, size_t len, char out[DIGEST_HEX_MAX]);

#endif
