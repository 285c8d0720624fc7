#include "net/tls/private.h"

#include <string.h>

#include "mbedtls/oid.h"
#include "mbedtls/platform_util.h"

/* -- the key ---------------------------------------------------------------------------------------- */

static bool load(struct tls_private_key *key)
{
    uint8_t numbers[5][TLS_RSA_MAX];
    size_t len = key->len;
    if (mbedtls_rsa_export_raw(key->rsa, numbers[0], len, numbers[1], len, numbers[2], len, numbers[3], len, numbers[4],
                               len) == 0) {
        struct tls_rsa_numbers all = {.n = {numbers[0], len},
                                      .p = {numbers[1], len},
                                      .q = {numbers[2], len},
                                      .d = {numbers[3], len},
                                      .e = {numbers[4], len}};
        key->loaded = key->engine->load(&all);
    }
    mbedtls_platform_zeroize(numbers, sizeof numbers);
    return key->loaded != NULL;
}

bool tls_private_load(struct tls_private_key *key, const struct tls_rsa_engine *engine, mbedtls_pk_context *pk)
{
    if (mbedtls_pk_get_type(pk) != MBEDTLS_PK_RSA)
        return false;
    key->engine = engine;
    key->rsa = mbedtls_pk_rsa(*pk);
    key->len = mbedtls_rsa_get_len(key->rsa);
    if (key->len > TLS_RSA_MAX)
        return false;
    return engine == NULL ? tls_steps_prepare(key->rsa, key->random, key->random_ctx) : load(key);
}

void tls_private_drop(struct tls_private_key *key)
{
    if (key->engine)
        key->engine->drop(key->loaded);
    key->loaded = NULL;
}

/* -- what is wanted --------------------------------------------------------------------------------- */

/* DigestInfo up to the digest itself (RFC 8017 section 9.2, note 1); the length, 0 for the bare digests of TLS before
 * 1.2 (RFC 4346 section 7.4.3). */
static size_t digest_info(mbedtls_md_type_t md, size_t hash_len, uint8_t out[32])
{
    const char *oid;
    size_t len;
    if (mbedtls_oid_get_oid_by_md(md, &oid, &len) != 0 || len > 20)
        return 0;
    const uint8_t begin[] = {0x30, (uint8_t)(8 + len + hash_len), 0x30, (uint8_t)(4 + len), 0x06, (uint8_t)len};
    const uint8_t end[] = {0x05, 0x00, 0x04, (uint8_t)hash_len};
    memcpy(out, begin, sizeof begin);
    memcpy(out + sizeof begin, oid, len);
    memcpy(out + sizeof begin + len, end, sizeof end);
    return sizeof begin + len + sizeof end;
}

int tls_private_want_signature(struct tls_operation *op, const struct tls_private_key *key, mbedtls_md_type_t md,
                               const uint8_t *hash, size_t len)
{
    uint8_t info[32];
    size_t info_len = md == MBEDTLS_MD_NONE ? 0 : digest_info(md, len, info);
    if ((md != MBEDTLS_MD_NONE && info_len == 0) || len > 64 || key->len < info_len + len + 11)
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    size_t digest = key->len - len;
    memset(op->in, 0xff, key->len);
    op->in[0] = 0;
    op->in[1] = 1;
    op->in[digest - info_len - 1] = 0;
    memcpy(op->in + digest - info_len, info, info_len);
    memcpy(op->in + digest, hash, len);
    op->signs = true;
    op->state = TLS_OP_WANTED;
    return 0;
}

int tls_private_want_premaster(struct tls_operation *op, const struct tls_private_key *key, const uint8_t *in,
                               size_t len)
{
    if (len != key->len || len < TLS_PREMASTER + 11)
        return MBEDTLS_ERR_SSL_BAD_HS_CLIENT_KEY_EXCHANGE;
    memcpy(op->in, in, len);
    op->signs = false;
    op->state = TLS_OP_WANTED;
    return 0;
}

/* -- doing it ---------------------------------------------------------------------------------------- */

/* 0xff where x is 0, else 0, without a branch. */
static uint8_t is_zero(unsigned x)
{
    return (uint8_t)(((x - 1) & ~x) >> 24);
}

/* 0, 2, at least eight bytes that are not 0, 0, the secret (RFC 8017 section 7.2.2). It is always TLS_PREMASTER bytes
 * long, so where it begins is no secret. */
static void unpad(struct tls_operation *op, size_t len)
{
    size_t begin = len - TLS_PREMASTER;
    unsigned bad = op->out[0] | (op->out[1] ^ 2u) | op->out[begin - 1];
    for (size_t i = 2; i < begin - 1; i++)
        bad |= is_zero(op->out[i]);
    memmove(op->out, op->out + begin, TLS_PREMASTER);
    op->out[0] |= (uint8_t)~is_zero(bad);
    op->out_len = TLS_PREMASTER;
}

/* 1 where there is more to do; the result else. */
static int run_piece(struct tls_operation *op, const struct tls_private_key *key)
{
    if (key->engine)
        return key->engine->power(key->loaded, op->in, op->out, key->len, key->random, key->random_ctx);
    if (!op->steps)
        return (op->steps = tls_steps_begin(key->rsa, op->in)) ? 1 : -1;
    return tls_steps_run(op->steps, op->out);
}

bool tls_private_run(struct tls_operation *op, const struct tls_private_key *key)
{
    op->result = run_piece(op, key);
    if (op->result > 0)
        return true;
    op->out_len = key->len;
    if (!op->signs)
        unpad(op, key->len);
    op->state = TLS_OP_DONE;
    return false;
}

void tls_private_forget(struct tls_operation *op)
{
    tls_steps_end(op->steps);
    mbedtls_platform_zeroize(op, sizeof *op);
}

int tls_private_take(struct tls_operation *op, uint8_t *out, size_t *len, size_t cap)
{
    if (op->state != TLS_OP_DONE)
        return MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS;
    int result = op->result != 0 ? MBEDTLS_ERR_SSL_HW_ACCEL_FAILED : 0;
    if (op->out_len > cap)
        result = MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    if (result == 0) {
        memcpy(out, op->out, op->out_len);
        *len = op->out_len;
    }
    tls_private_forget(op);
    return result;
}
