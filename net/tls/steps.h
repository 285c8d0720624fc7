/* steps.h - the RSA private-key operation a piece at a time, with mbedTLS's numbers. Private to net/tls/.
 *
 * For machines without an engine (rsa.h), whose one thread has to look at the network in between. RFC 8017 section
 * 5.1.2, 2b (the Chinese remainder theorem), blinded, and checked with the public key.
 */
#ifndef STAGEBOX_NET_TLS_STEPS_H
#define STAGEBOX_NET_TLS_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "mbedtls/rsa.h"
#include "net/tls/power.h"

struct tls_steps;

/* Before the first operation with a key: makes what all have in common (mbedTLS's blinding numbers and R^2 of n, p and
 * q, which it keeps in the key). Takes as long as a whole operation. False where there is no randomness or memory, or
 * the key is wrong. */
bool tls_steps_prepare(mbedtls_rsa_context *rsa, int (*random)(void *ctx, unsigned char *out, size_t len), void *ctx);
/* in^d mod n from now on; `in` is as long as the modulus. The key changes with each operation: only one at a time. NULL
 * where there is no memory or `in` is not below n. */
struct tls_steps *tls_steps_begin(mbedtls_rsa_context *rsa, const uint8_t *in);
/* One piece: 1 where there is more to do; 0 where `out`, as long as the modulus, is the result; negative where there is no
 * memory or the check failed: `out` is not touched. */
int tls_steps_run(struct tls_steps *steps, uint8_t *out);
/* The power that is under way: for tests. */
const struct tls_power *tls_steps_power(const struct tls_steps *steps);
/* Wipes and frees it, whatever it has come to; NULL is harmless. */
void tls_steps_end(struct tls_steps *steps);

#endif
