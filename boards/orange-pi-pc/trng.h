/* trng.h - random numbers of the crypto engine. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_TRNG_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_TRNG_H

#include <stdbool.h>
#include <stddef.h>

#define TRNG_BYTES 512

/* False where the engine does not answer, as in QEMU. The numbers may be biased: they are to be hashed, and not to be
 * the only source. */
bool trng_read(unsigned char out[TRNG_BYTES]);

#endif
