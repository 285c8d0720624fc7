/* private.h - the private-key operation of one handshake: what is needed, and what came of it. Private to net/tls/.
 *
 * RFC 5246 sections 7.4.3 (a signature) and 7.4.7.1 (decryption of the premaster secret). The operation holds all that
 * it works on, and with an engine the key is only read: then it may run in any thread. Without one it is done in pieces.
 */
#ifndef STAGEBOX_NET_TLS_PRIVATE_H
#define STAGEBOX_NET_TLS_PRIVATE_H

#include "mbedtls/rsa.h"
#include "mbedtls/ssl.h"
#include "net/tls/rsa.h"
#include "net/tls/steps.h"

struct tls_private_key {
    const struct tls_rsa_engine *engine; /* NULL: steps.h, and never two at a time */
    void *loaded;                        /* the engine's */
    mbedtls_rsa_context *rsa;            /* of the pair's key */
    size_t len;                          /* bytes of the modulus */
    tls_random_fn *random;
    void *random_ctx;
};

enum tls_operation_state { TLS_OP_NONE, TLS_OP_WANTED, TLS_OP_DONE };

#define TLS_PREMASTER 48

struct tls_operation {
    enum tls_operation_state state;
    bool signs;
    int result;
    struct tls_steps *steps; /* as far as they have come; NULL with an engine */
    size_t out_len;
    uint8_t in[TLS_RSA_MAX]; /* whole, as long as the modulus: a padded digest, or what the client encrypted */
    uint8_t out[TLS_RSA_MAX];
};

/* False where the engine does not take the key, or the key is too long or not RSA. */
bool tls_private_load(struct tls_private_key *key, const struct tls_rsa_engine *engine, mbedtls_pk_context *pk);
void tls_private_drop(struct tls_private_key *key);

/* Prepares the operation: 0, or an error of mbedTLS. */
int tls_private_want_signature(struct tls_operation *op, const struct tls_private_key *key, mbedtls_md_type_t md,
                               const uint8_t *hash, size_t len);
int tls_private_want_premaster(struct tls_operation *op, const struct tls_private_key *key, const uint8_t *in,
                               size_t len);
/* Does a piece of it; true where there is more to do. A premaster secret that was padded wrongly is no failure, in the same time: it becomes one whose version
 * is no client's, which mbedTLS replaces by a random one. */
bool tls_private_run(struct tls_operation *op, const struct tls_private_key *key);
/* Wipes it, whatever it has come to; not while it runs. */
void tls_private_forget(struct tls_operation *op);
/* Hands the result over and wipes it: 0, or an error of mbedTLS (ASYNC_IN_PROGRESS: not done yet). */
int tls_private_take(struct tls_operation *op, uint8_t *out, size_t *len, size_t cap);

#endif
