/* tap.h - a struct board whose network is a TAP device. */
#ifndef STAGEBOX_BOARDS_TAP_TAP_H
#define STAGEBOX_BOARDS_TAP_TAP_H

#include "ports/lwip/board.h"

/* Fills the network's part of `board`, and who wishes something: SIGTERM, SIGINT, SIGHUP. */
void tap_fill(struct board *board);
void tap_close(void);

#endif
