/* hosted.h - what the machine gives beside the network: files, clocks, entropy, the log. */
#ifndef STAGEBOX_BOARDS_TAP_HOSTED_H
#define STAGEBOX_BOARDS_TAP_HOSTED_H

#include "ports/lwip/board.h"

/* Opens the folder of stagebox.ini. False with a sentence in `why`. */
bool hosted_open(const char *card_dir, bool verbose, char *why, size_t why_size);
void hosted_close(void);
/* Fills what of `board` is the machine's. */
void hosted_fill(struct board *board);
/* A sync is under way: its end is worth a turn. */
bool hosted_syncing(void);

#endif
