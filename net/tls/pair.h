/* pair.h - what a pair consists of. Private to net/tls/. */
#ifndef STAGEBOX_NET_TLS_PAIR_H
#define STAGEBOX_NET_TLS_PAIR_H

#include "mbedtls/ssl.h"
#include "mbedtls/ssl_cache.h"
#include "net/tls/tls.h"

struct tls_pair {
    unsigned holders;
    tls_random_fn *random;
    void *random_ctx;
    mbedtls_ssl_config conf;
    mbedtls_ssl_cache_context cache;
    mbedtls_x509_crt chain, client_ca;
    mbedtls_pk_context key; /* used by tls_server_private() alone */
};

/* The private-key operation of a handshake (RFC 5246 section 7.4.3 and 7.4.7.1). */
enum tls_operation { TLS_NOTHING, TLS_WANTED, TLS_DONE };

/* server.c: mbedTLS asks for an operation, and for its result. */
int tls_sign_start(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, mbedtls_md_type_t md, const unsigned char *hash,
                   size_t len);
int tls_decrypt_start(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, const unsigned char *input, size_t len);
int tls_resume(mbedtls_ssl_context *ssl, unsigned char *output, size_t *len, size_t cap);
void tls_cancel(mbedtls_ssl_context *ssl);

#endif
