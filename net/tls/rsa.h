/* rsa.h - the RSA private-key operation of a machine that has something faster than mbedTLS for it.
 *
 * Raw RSA only (RFC 8017 sections 5.1.2 and 5.2.1): padding is done by net/tls. All numbers are big-endian.
 */
#ifndef STAGEBOX_NET_TLS_RSA_H
#define STAGEBOX_NET_TLS_RSA_H

#include <stddef.h>
#include <stdint.h>

#include "net/tls/tls.h"

#define TLS_RSA_MAX 1024 /* bytes of a modulus: 8192 bits */

/* Instructions that one call of tls_server_private() takes at most without an engine, with RSA 2048 on a 32-bit ARM. */
#define TLS_PRIVATE_PIECE 2700000u

struct tls_rsa_number {
    const uint8_t *data; /* valid during the call that it is given to */
    size_t len;
};
struct tls_rsa_numbers {
    struct tls_rsa_number n, e, d, p, q;
};

struct tls_rsa_engine {
    /* What power() needs of a key. NULL where the numbers are no RSA key, or there is no memory. */
    void *(*load)(const struct tls_rsa_numbers *numbers);
    /* out = in^d mod n. `len` is n's length in bytes, of both. Several threads may do this with one key at a time:
     * the key is only read. The input is blinded with numbers from `random` and the result checked with the
     * public key, so that neither time nor a fault of the machine tells of the key. 0; negative where `in` is not
     * below n, there is no randomness or memory, or the check failed: `out` says nothing then. */
    int (*power)(const void *key, const uint8_t *in, uint8_t *out, size_t len, tls_random_fn *random, void *random_ctx);
    /* Wipes and frees it; NULL is harmless. */
    void (*drop)(void *key);
};

#endif
