#include <stdlib.h>
#include <string.h>

#include "mbedtls/oid.h"
#include "net/tls/identity.h"
#include "net/tls/pair.h"
#include "net/tls/words.h"

#define IN_MAX 4096
#define OUT_MAX (MBEDTLS_SSL_OUT_CONTENT_LEN + 512) /* a whole record and what goes around it */
#define KEY_MAX 1024                                /* bytes of a signature or what is decrypted */

struct operation {
    enum tls_operation state;
    bool signs;
    mbedtls_md_type_t md;
    unsigned char in[KEY_MAX], out[KEY_MAX];
    size_t in_len, out_len;
    int result;
};

struct tls_server {
    struct tls_pair *pair;
    mbedtls_ssl_context ssl;
    bool open, eof, broken;
    uint8_t first[3]; /* bytes of the peer, to tell what it speaks */
    size_t heard;
    const char *words; /* not NULL: it has failed */
    char text[TLS_WORDS_MAX];
    struct operation op;
    size_t in_len, in_at, out_len, out_at;
    uint8_t in[IN_MAX], out[OUT_MAX];
};

/* -- bytes of the wire --------------------------------------------------------------------------- */

static int on_send(void *ctx, const unsigned char *data, size_t len)
{
    struct tls_server *s = ctx;
    if (s->out_at > 0) {
        memmove(s->out, s->out + s->out_at, s->out_len - s->out_at);
        s->out_len -= s->out_at;
        s->out_at = 0;
    }
    size_t n = OUT_MAX - s->out_len < len ? OUT_MAX - s->out_len : len;
    if (n == 0)
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    memcpy(s->out + s->out_len, data, n);
    s->out_len += n;
    return (int)n;
}

static int on_receive(void *ctx, unsigned char *data, size_t len)
{
    struct tls_server *s = ctx;
    size_t n = s->in_len - s->in_at < len ? s->in_len - s->in_at : len;
    if (n == 0)
        return s->eof ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(data, s->in + s->in_at, n);
    s->in_at += n;
    return (int)n;
}

uint8_t *tls_server_room(struct tls_server *s, size_t *cap)
{
    if (s->in_at > 0) {
        memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
        s->in_len -= s->in_at;
        s->in_at = 0;
    }
    *cap = IN_MAX - s->in_len;
    return s->in + s->in_len;
}

void tls_server_took(struct tls_server *s, size_t len)
{
    for (size_t i = 0; i < len && s->heard + i < sizeof s->first; i++)
        s->first[s->heard + i] = s->in[s->in_len + i];
    s->heard += len;
    s->in_len += len;
}

void tls_server_eof(struct tls_server *s)
{
    s->eof = true;
}

const uint8_t *tls_server_out(const struct tls_server *s, size_t *len)
{
    *len = s->out_len - s->out_at;
    return *len > 0 ? s->out + s->out_at : NULL;
}

void tls_server_sent(struct tls_server *s, size_t len)
{
    s->out_at += len;
}

/* -- the private operation -------------------------------------------------------------------------- */

static int want(mbedtls_ssl_context *ssl, bool signs, mbedtls_md_type_t md, const unsigned char *in, size_t len)
{
    struct tls_server *s = ssl->p_bio;
    if (len > KEY_MAX)
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    memcpy(s->op.in, in, len);
    s->op.in_len = len;
    s->op.signs = signs;
    s->op.md = md;
    s->op.state = TLS_WANTED;
    return 0;
}

int tls_sign_start(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, mbedtls_md_type_t md, const unsigned char *hash,
                   size_t len)
{
    (void)cert;
    return want(ssl, true, md, hash, len);
}

int tls_decrypt_start(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, const unsigned char *input, size_t len)
{
    (void)cert;
    return want(ssl, false, MBEDTLS_MD_NONE, input, len);
}

int tls_resume(mbedtls_ssl_context *ssl, unsigned char *output, size_t *len, size_t cap)
{
    struct tls_server *s = ssl->p_bio;
    struct operation *op = &s->op;
    if (op->state != TLS_DONE)
        return MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS;
    op->state = TLS_NOTHING;
    int result = op->result;
    if (result == 0 && op->out_len > cap)
        result = MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    if (result == 0) {
        memcpy(output, op->out, op->out_len);
        *len = op->out_len;
    }
    memset(op->out, 0, sizeof op->out);
    return result;
}

void tls_cancel(mbedtls_ssl_context *ssl)
{
    struct tls_server *s = ssl->p_bio;
    s->op.state = TLS_NOTHING;
}

void tls_server_private(struct tls_server *s)
{
    struct operation *op = &s->op;
    struct tls_pair *p = s->pair;
    op->out_len = 0;
    op->result = op->signs ? mbedtls_pk_sign(&p->key, op->md, op->in, op->in_len, op->out, &op->out_len, p->random,
                                             p->random_ctx)
                           : mbedtls_pk_decrypt(&p->key, op->in, op->in_len, op->out, &op->out_len, sizeof op->out,
                                                p->random, p->random_ctx);
    op->state = TLS_DONE;
}

/* -- the handshake ----------------------------------------------------------------------------------- */

static enum tls_state fail(struct tls_server *s, int error)
{
    struct tls_failure f = {
        .error = error,
        .alert = error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE ? s->ssl.in_msg[1] : -1,
        .after_certificate = s->ssl.state > MBEDTLS_SSL_SERVER_HELLO_DONE,
        .heard = s->heard,
        .first = {s->first[0], s->first[1], s->first[2]},
    };
    s->words = tls_words(&f, s->text);
    return TLS_FAILED;
}

enum tls_state tls_server_turn(struct tls_server *s)
{
    if (s->words)
        return TLS_FAILED;
    if (s->open)
        return TLS_OPEN;
    if (s->op.state == TLS_WANTED)
        return TLS_PRIVATE;
    int error = mbedtls_ssl_handshake(&s->ssl);
    if (error == 0) {
        s->open = true;
        return TLS_OPEN;
    }
    if (error == MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS)
        return TLS_PRIVATE;
    if (error == MBEDTLS_ERR_SSL_WANT_READ || error == MBEDTLS_ERR_SSL_WANT_WRITE)
        return TLS_WAIT;
    return fail(s, error);
}

/* -- open ---------------------------------------------------------------------------------------------- */

int tls_server_read(struct tls_server *s, void *buf, size_t cap)
{
    if (s->broken || cap == 0)
        return s->broken ? -1 : 0;
    int n = mbedtls_ssl_read(&s->ssl, buf, cap);
    if (n > 0)
        return n;
    if (n == MBEDTLS_ERR_SSL_WANT_READ || n == MBEDTLS_ERR_SSL_WANT_WRITE)
        return 0;
    s->broken = true;
    return -1;
}

int tls_server_write(struct tls_server *s, const void *data, size_t len)
{
    if (s->out_len > s->out_at || len == 0) /* a record at a time: none is ever cut by a full buffer */
        return 0;
    int n = mbedtls_ssl_write(&s->ssl, data, len);
    return n > 0 ? n : 0;
}

void tls_server_close(struct tls_server *s)
{
    if (s->open)
        mbedtls_ssl_close_notify(&s->ssl);
}

bool tls_server_heard(const struct tls_server *s)
{
    return s->heard > 0;
}

const char *tls_server_words(const struct tls_server *s)
{
    return s->words ? s->words : "";
}

const char *tls_server_version(const struct tls_server *s)
{
    return s->open ? mbedtls_ssl_get_version(&s->ssl) : "";
}

const char *tls_server_cipher(const struct tls_server *s)
{
    return s->open ? mbedtls_ssl_get_ciphersuite(&s->ssl) : "";
}

static const mbedtls_x509_name *part(const mbedtls_x509_name *name, const char *oid, size_t oid_len)
{
    while (name && !(name->oid.len == oid_len && memcmp(name->oid.p, oid, oid_len) == 0))
        name = name->next;
    return name;
}

void tls_server_client(const struct tls_server *s, struct tls_client *out)
{
    /* Dates and uses of certificates that were made for phones long ago do not count. */
    const uint32_t ignored = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_KEY_USAGE |
                             MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_NS_CERT_TYPE;
    memset(out, 0, sizeof *out);
    const mbedtls_x509_crt *crt = s->open ? mbedtls_ssl_get_peer_cert(&s->ssl) : NULL;
    if (!crt)
        return;
    out->shown = true;
    out->believed = (mbedtls_ssl_get_verify_result(&s->ssl) & ~ignored) == 0;
    const mbedtls_x509_name *cn = part(&crt->subject, MBEDTLS_OID_AT_CN, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN));
    const mbedtls_x509_name *st = part(&crt->subject, MBEDTLS_OID_AT_STATE, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_STATE));
    out->has_mac = tls_identity(cn ? (const char *)cn->val.p : NULL, cn ? cn->val.len : 0,
                                st ? (const char *)st->val.p : NULL, st ? st->val.len : 0, &out->mac);
}

/* -- life ------------------------------------------------------------------------------------------------ */

struct tls_server *tls_server_new(struct tls_pair *pair)
{
    struct tls_server *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    mbedtls_ssl_init(&s->ssl);
    if (mbedtls_ssl_setup(&s->ssl, &pair->conf) != 0) {
        mbedtls_ssl_free(&s->ssl);
        free(s);
        return NULL;
    }
    s->pair = pair;
    tls_pair_hold(pair);
    mbedtls_ssl_set_bio(&s->ssl, s, on_send, on_receive, NULL);
    return s;
}

void tls_server_end(struct tls_server *s)
{
    if (!s)
        return;
    mbedtls_ssl_free(&s->ssl);
    tls_pair_release(s->pair);
    memset(s->op.out, 0, sizeof s->op.out);
    free(s);
}
