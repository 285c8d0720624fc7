/* power.h - x^e mod m a piece at a time, in a time that depends on the numbers' lengths alone. Private to net/tls/.
 *
 * Montgomery multiplication and windows of four bits (Handbook of Applied Cryptography, 14.36 and 14.82); the whole
 * table is read for each window.
 */
#ifndef STAGEBOX_NET_TLS_POWER_H
#define STAGEBOX_NET_TLS_POWER_H

#include <stdbool.h>
#include <stddef.h>

#include "mbedtls/bignum.h"

/* Products of two limbs in one piece: about 1.3 million instructions of a 32-bit ARM. */
#define TLS_POWER_PIECE (1u << 18)

struct tls_power {
    const mbedtls_mpi *modulus, *exponent;
    size_t limbs; /* of the modulus */
    size_t left;  /* windows of the exponent that are to come */
    mbedtls_mpi_uint inverse; /* -1 / modulus, of the lowest limb */
    mbedtls_mpi_uint *memory; /* mbedTLS's; NULL: nothing is under way */
    mbedtls_mpi_uint *value, *table, *scratch; /* within it */
};

/* x^e mod m, from now on: m odd, x below m, `rr` R^2 mod m for m's own number of limbs. m and e must stay. 0, or an error
 * of mbedTLS: no memory. */
int tls_power_begin(struct tls_power *power, const mbedtls_mpi *x, const mbedtls_mpi *e, const mbedtls_mpi *m,
                    const mbedtls_mpi *rr);
/* One piece; true where there is more to do. */
bool tls_power_step(struct tls_power *power);
/* The result, after the last piece; then tls_power_end(). 0, or an error of mbedTLS. */
int tls_power_take(struct tls_power *power, mbedtls_mpi *out);
/* Wipes and frees; harmless where nothing is under way. */
void tls_power_end(struct tls_power *power);

#endif
