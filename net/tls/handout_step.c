/* handout_step.c - by steps of the handshake. */
#include "mbedtls/aes.h"
#include "net/tls/connection.h"
#include "net/tls/handout.h"

/* -- the pair's key, within a step ---------------------------------------------------------------------- */

static int finish(struct tls_operation *op, const struct tls_private_key *key, uint8_t *out, size_t *len, size_t cap)
{
    while (tls_private_run(op, key))
        ;
    return tls_private_take(op, out, len, cap);
}

static int on_sign(void *ctx, tls_random_fn *random, void *random_ctx, int mode, mbedtls_md_type_t md, unsigned len,
                   const unsigned char *hash, unsigned char *out)
{
    const struct tls_private_key *key = ctx;
    struct tls_operation op = {0};
    size_t out_len;
    (void)random; /* the key has its own */
    (void)random_ctx;
    (void)mode;
    int error = tls_private_want_signature(&op, key, md, hash, len);
    return error ? error : finish(&op, key, out, &out_len, key->len);
}

static int on_decrypt(void *ctx, int mode, size_t *len, const unsigned char *in, unsigned char *out, size_t cap)
{
    const struct tls_private_key *key = ctx;
    struct tls_operation op = {0};
    (void)mode;
    int error = tls_private_want_premaster(&op, key, in, key->len);
    return error ? error : finish(&op, key, out, len, cap);
}

static size_t on_length(void *ctx)
{
    const struct tls_private_key *key = ctx;
    return key->len;
}

/* mbedTLS makes AES's tables when they are first needed, which is not to be in several threads at once. */
static bool make_tables(void)
{
    static const uint8_t key[16];
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    bool made = mbedtls_aes_setkey_enc(&aes, key, 8 * sizeof key) == 0;
    mbedtls_aes_free(&aes);
    return made;
}

bool tls_handout_begin(struct tls_pair *p)
{
    mbedtls_pk_init(&p->way);
    return make_tables() && mbedtls_pk_setup_rsa_alt(&p->way, &p->private_key, on_decrypt, on_sign, on_length) == 0 &&
           mbedtls_ssl_conf_own_cert(&p->conf, &p->chain, &p->way) == 0;
}

void tls_handout_end(struct tls_pair *p)
{
    mbedtls_pk_free(&p->way);
}

/* -- steps ---------------------------------------------------------------------------------------------- */

/* Whether a handshake message's whole record is there: of what mbedTLS has begun to take, and of what it has not. */
static bool has_handshake_record(const struct tls_server *s)
{
    enum { HEAD = 5 };
    uint8_t head[HEAD];
    size_t taken = s->ssl.in_left, have = taken + s->in_len - s->in_at;
    if (have < HEAD)
        return false;
    for (size_t i = 0; i < HEAD; i++)
        head[i] = i < taken ? s->ssl.in_hdr[i] : s->in[s->in_at + i - taken];
    return head[0] == MBEDTLS_SSL_MSG_HANDSHAKE && have >= HEAD + (size_t)(head[3] << 8 | head[4]);
}

static bool is_ephemeral(const struct tls_server *s)
{
    const mbedtls_ssl_ciphersuite_t *suite = mbedtls_ssl_ciphersuite_from_id(s->ssl.session_negotiate->ciphersuite);
    return suite && suite->key_exchange != MBEDTLS_KEY_EXCHANGE_RSA;
}

/* Whether the next step makes a key for this connection and signs it, or finds the secret by either kind of key. */
static bool is_private(const struct tls_server *s)
{
    switch (s->ssl.state) {
    case MBEDTLS_SSL_SERVER_KEY_EXCHANGE:
        return is_ephemeral(s);
    case MBEDTLS_SSL_CLIENT_KEY_EXCHANGE:
        return mbedtls_ssl_check_pending(&s->ssl) || has_handshake_record(s);
    default:
        return false;
    }
}

int tls_handout_shake(struct tls_server *s)
{
    int error = s->stepped ? s->step_error : 0;
    s->stepped = false;
    while (error == 0 && s->ssl.state != MBEDTLS_SSL_HANDSHAKE_OVER)
        error = is_private(s) ? MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS : mbedtls_ssl_handshake_step(&s->ssl);
    return error;
}

bool tls_handout_run(struct tls_server *s)
{
    s->step_error = mbedtls_ssl_handshake_step(&s->ssl);
    s->stepped = true;
    return false;
}

void tls_handout_forget(struct tls_server *s)
{
    s->stepped = false;
}
