#include "app/web/password.h"

#include <stdio.h>
#include <string.h>

#include "app/content/digest.h"
#include "mbedtls/platform_util.h"

#define BLOCK 64 /* bytes of SHA-256's input block */
#define ROUNDS_MAX 1000000
#define HASH_PREFIX "$pbkdf2-sha256$"

/* The two digests that every HMAC with one key begins with (RFC 2104). */
struct hmac {
    struct digest inner, outer;
};

static void hmac_key(struct hmac *h, const uint8_t *key, size_t len)
{
    uint8_t block[BLOCK] = {0};
    if (len > BLOCK)
        digest_sha256(key, len, block);
    else
        memcpy(block, key, len);
    for (size_t i = 0; i < BLOCK; i++)
        block[i] ^= 0x36;
    digest_start(&h->inner, DIGEST_SHA256);
    digest_add(&h->inner, block, BLOCK);
    for (size_t i = 0; i < BLOCK; i++)
        block[i] ^= 0x36 ^ 0x5c;
    digest_start(&h->outer, DIGEST_SHA256);
    digest_add(&h->outer, block, BLOCK);
    mbedtls_platform_zeroize(block, sizeof block);
}

static void hmac(const struct hmac *key, const void *data, size_t len, const void *more, size_t more_len,
                 uint8_t out[PASSWORD_KEY])
{
    struct digest d = key->inner;
    digest_add(&d, data, len);
    digest_add(&d, more, more_len);
    digest_finish(&d, out);
    d = key->outer;
    digest_add(&d, out, PASSWORD_KEY);
    digest_finish(&d, out);
}

/* RFC 8018 section 5.2; one block is all that is asked for. */
static void derive(const char *password, size_t len, const uint8_t salt[PASSWORD_SALT], uint32_t rounds,
                   uint8_t out[PASSWORD_KEY])
{
    static const uint8_t first[4] = {0, 0, 0, 1};
    uint8_t u[PASSWORD_KEY];
    struct hmac key;
    hmac_key(&key, (const uint8_t *)password, len);
    hmac(&key, salt, PASSWORD_SALT, first, sizeof first, u);
    memcpy(out, u, PASSWORD_KEY);
    for (uint32_t i = 1; i < rounds; i++) {
        hmac(&key, u, sizeof u, "", 0, u);
        for (size_t at = 0; at < PASSWORD_KEY; at++)
            out[at] ^= u[at];
    }
    mbedtls_platform_zeroize(&key, sizeof key);
    mbedtls_platform_zeroize(u, sizeof u);
}

bool password_hash(const char *password, size_t len, const uint8_t salt[PASSWORD_SALT], uint32_t rounds,
                   char out[PASSWORD_HASH_MAX])
{
    uint8_t key[PASSWORD_KEY];
    char salt_text[DIGEST_HEX_MAX], key_text[DIGEST_HEX_MAX];
    if (len == 0 || len > PASSWORD_MAX)
        return false;
    derive(password, len, salt, rounds, key);
    snprintf(out, PASSWORD_HASH_MAX, HASH_PREFIX "%u$%s$%s", (unsigned)rounds,
             digest_hex(salt, PASSWORD_SALT, salt_text), digest_hex(key, sizeof key, key_text));
    return true;
}

/* -- reading ----------------------------------------------------------------------------------------------- */

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(const char **text, uint8_t *out, size_t len, char end)
{
    for (size_t i = 0; i < len; i++, *text += 2) {
        int high = nibble((*text)[0]);
        int low = high < 0 ? -1 : nibble((*text)[1]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return *(*text)++ == end;
}

static bool read_hash(const char *text, uint32_t *rounds, uint8_t *salt, uint8_t *key)
{
    if (strncmp(text, HASH_PREFIX, sizeof HASH_PREFIX - 1) != 0)
        return false;
    text += sizeof HASH_PREFIX - 1;
    for (*rounds = 0; *text >= '0' && *text <= '9' && *rounds <= ROUNDS_MAX; text++)
        *rounds = *rounds * 10 + (uint32_t)(*text - '0');
    if (*rounds == 0 || *rounds > ROUNDS_MAX || *text++ != '$')
        return false;
    return read_hex(&text, salt, PASSWORD_SALT, '$') && read_hex(&text, key, PASSWORD_KEY, '\0');
}

static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
    unsigned difference = 0;
    for (size_t i = 0; i < len; i++)
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

bool password_fits(const char *stored, const char *password, size_t len)
{
    uint8_t salt[PASSWORD_SALT], want[PASSWORD_KEY], got[PASSWORD_KEY];
    uint32_t rounds;
    if (!stored[0] || len == 0 || len > PASSWORD_MAX)
        return false;
    if (stored[0] == '$')
        if (!read_hash(stored, &rounds, salt, want))
            return false;
    if (stored[0] != '$') { /* equal digests, so that the time tells nothing of where they differ */
        digest_sha256(stored, strlen(stored), want);
        digest_sha256(password, len, got);
    } else {
        derive(password, len, salt, rounds, got);
    }
    return same(want, got, sizeof want);
}
