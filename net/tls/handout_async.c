/* handout_async.c - by mbedTLS's asynchronous private-key operations. */
#include "net/tls/connection.h"
#include "net/tls/handout.h"

static int on_sign(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, mbedtls_md_type_t md, const unsigned char *hash,
                size_t len)
{
    struct tls_server *s = ssl->p_bio;
    (void)cert;
    return tls_private_want_signature(&s->op, &s->pair->private_key, md, hash, len);
}

static int on_decrypt(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, const unsigned char *input, size_t len)
{
    struct tls_server *s = ssl->p_bio;
    (void)cert;
    return tls_private_want_premaster(&s->op, &s->pair->private_key, input, len);
}

static int on_resume(mbedtls_ssl_context *ssl, unsigned char *output, size_t *len, size_t cap)
{
    struct tls_server *s = ssl->p_bio;
    return tls_private_take(&s->op, output, len, cap);
}

static void on_cancel(mbedtls_ssl_context *ssl)
{
    struct tls_server *s = ssl->p_bio;
    tls_private_forget(&s->op);
}

bool tls_handout_begin(struct tls_pair *p)
{
    mbedtls_ssl_conf_async_private_cb(&p->conf, on_sign, on_decrypt, on_resume, on_cancel, NULL);
    return mbedtls_ssl_conf_own_cert(&p->conf, &p->chain, &p->key) == 0;
}

void tls_handout_end(struct tls_pair *p)
{
    (void)p;
}

int tls_handout_shake(struct tls_server *s)
{
    return s->op.state == TLS_OP_WANTED ? MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS : mbedtls_ssl_handshake(&s->ssl);
}

bool tls_handout_run(struct tls_server *s)
{
    return tls_private_run(&s->op, &s->pair->private_key);
}

void tls_handout_forget(struct tls_server *s)
{
    tls_private_forget(&s->op);
}
