/* connection.h - what a pair and a connection consist of. Private to net/tls/. */
#ifndef STAGEBOX_NET_TLS_CONNECTION_H
#define STAGEBOX_NET_TLS_CONNECTION_H

#include "mbedtls/ssl.h"
#include "net/tls/private.h"
#include "net/tls/sessions.h"
#include "net/tls/tls.h"
#include "net/tls/words.h"

#define TLS_IN 4096
#define TLS_OUT (MBEDTLS_SSL_OUT_CONTENT_LEN + 4096) /* the longest flight: our chain, and what goes around it */
#define TLS_FIRST 512                                /* bytes of the peer that are kept, to tell what it offers */

struct tls_pair {
    unsigned holders;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt chain, client_ca;
    mbedtls_pk_context key;
    struct tls_private_key private_key;
    struct tls_server *turning; /* the connection whose handshake goes on now */
    struct tls_sessions sessions;
};

struct tls_server {
    struct tls_pair *pair;
    mbedtls_ssl_context ssl;
    bool open, eof, broken;
    struct tls_client client; /* of the session that is resumed, or in the end of the handshake */
    uint8_t first[TLS_FIRST];
    size_t heard;
    const char *words; /* not NULL: it has failed */
    char text[TLS_WORDS_MAX];
    struct tls_operation op;
    size_t in_len, in_at, out_len, out_at;
    uint8_t in[TLS_IN], out[TLS_OUT];
};

/* server.c: what mbedTLS calls. */
int tls_on_sign(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, mbedtls_md_type_t md, const unsigned char *hash,
                size_t len);
int tls_on_decrypt(mbedtls_ssl_context *ssl, mbedtls_x509_crt *cert, const unsigned char *input, size_t len);
int tls_on_resume(mbedtls_ssl_context *ssl, unsigned char *output, size_t *len, size_t cap);
void tls_on_cancel(mbedtls_ssl_context *ssl);
int tls_on_session_wanted(void *pair, mbedtls_ssl_session *session);
int tls_on_session_made(void *pair, const mbedtls_ssl_session *session);

/* client.c: what a client's certificate says, and what was found of its chain. */
void tls_client_read(const mbedtls_x509_crt *crt, uint32_t verify_result, struct tls_client *out);

#endif
