/* entropy.h - random bytes, from a seed on the card that is never used twice.
 *
 * Linux leaves the H3's generator out because its numbers fail statistical tests, so it is stirred in where it answers,
 * but does not count. What counts is state/seed: 32 bytes at least, put there by whoever made the card. At each start
 * it is stirred together with the generator, the chip's number, the clock and the counter's noise; the next seed is
 * on the card before the first byte is given out.
 */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_ENTROPY_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_ENTROPY_H

#include "ports/lwip/board.h"

#define ENTROPY_SEED "state/seed"
#define ENTROPY_SEED_MIN 32 /* bytes */

/* Takes the seed of the card, once. True where there was one, and it could be renewed. */
bool entropy_start(const struct board_files *files, void *files_ctx);
/* 0, or PORT_E_SYSTEM: there is no seed. */
int entropy_random(void *buf, size_t len);
const char *entropy_sentence(void);

#endif
