/* emac.h - Ethernet: frames by two rings of descriptors. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_EMAC_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_EMAC_H

#include "ports/lwip/board.h"

/* Frames that the receive ring holds, and how long it takes to fill it with full-sized ones at 100 Mbit/s: 1518 bytes with 20
 * of preamble and gap each. */
#define EMAC_RING 96
#define EMAC_RING_US (EMAC_RING * UINT32_C(123))

/* False where the hardware does not answer. */
bool emac_start(struct mac *out);
bool emac_link_up(void);
/* As `struct board` wants them. */
size_t emac_receive(void *frame, size_t cap);
bool emac_send(const struct board_span *parts, size_t n);
/* Sleeps until a frame is there, at most until timer_us() reaches `until_us`. */
void emac_wait(uint64_t until_us);
/* How often the ring was full. */
uint32_t emac_overruns(void);

#endif
