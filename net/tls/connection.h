/* connection.h - what a pair and a connection consist of. Private to net/tls/. */
#ifndef STAGEBOX_NET_TLS_CONNECTION_H
#define STAGEBOX_NET_TLS_CONNECTION_H

#include "mbedtls/ssl.h"
#include "net/tls/private.h"
#include "net/tls/sessions.h"
#include "net/tls/tls.h"
#include "net/tls/words.h"

#define TLS_IN 4096
#define TLS_RECORD 8192             /* what we send at once, a chain of certificates included */
#define TLS_OUT (TLS_RECORD + 4096) /* the longest flight: our chain, and what goes around it */
_Static_assert(TLS_CHAIN_MAX <= TLS_RECORD && TLS_CHAIN_MAX <= MBEDTLS_SSL_OUT_CONTENT_LEN, "a chain is one record");
#define TLS_FIRST 512                                /* bytes of the peer that are kept, to tell what it offers */

struct tls_pair {
    unsigned holders;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt chain, client_ca;
    mbedtls_pk_context key, way; /* way: mbedTLS's to private_key (handout_step.c) */
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
    struct tls_operation op; /* of handout_async.c */
    bool stepped;            /* of handout_step.c: the step is done, */
    int step_error;          /* ...and this is what came of it */
    size_t in_len, in_at, out_len, out_at;
    uint8_t in[TLS_IN], out[TLS_OUT];
};

/* server.c: what mbedTLS calls. */
int tls_on_session_wanted(void *pair, mbedtls_ssl_session *session);
int tls_on_session_made(void *pair, const mbedtls_ssl_session *session);

/* client.c: what a client's certificate says, and what was found of its chain. */
void tls_client_read(const mbedtls_x509_crt *crt, uint32_t verify_result, struct tls_client *out);

#endif
