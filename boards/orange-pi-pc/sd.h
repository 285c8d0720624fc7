/* sd.h - the SD card in the slot, as a block device. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_SD_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_SD_H

#include "ports/lwip/fatfs.h"

/* Finds a card and fills `out`'s functions. False with one sentence in *why where there is none, or it does not
 * answer; it may be called again. A write is taken and goes on beside the program: what comes next waits for it. */
bool sd_start(struct block_device *out, const char **why);

#endif
