/* sd_host.h - the H3's SD/MMC host controller 0: clock, commands, transfers of blocks by its own DMA. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_SD_HOST_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_SD_HOST_H

#include <stdbool.h>
#include <stdint.h>

#define SD_BLOCK 512u
#define SD_BLOCKS_MAX 16u /* of one transfer */

/* Flags of a command beside its number. */
enum sd_flags {
    SD_RESPONSE = 1 << 6,
    SD_LONG_RESPONSE = 1 << 7,
    SD_CHECK_CRC = 1 << 8,
    SD_DATA = 1 << 9,
    SD_WRITE = 1 << 10,
    SD_AUTO_STOP = 1 << 12,
    SD_WAIT = 1 << 13,  /* for the data line */
    SD_INIT = 1 << 15,  /* 80 clocks before it */
};

bool sd_host_start(void);
/* 400 kHz for the first words, or 24 MHz. */
bool sd_host_clock(bool fast);
void sd_host_four_bits(void);
bool sd_host_command(unsigned number, uint32_t argument, unsigned flags);
/* The n-th word of the last response, the lowest first. */
uint32_t sd_host_response(unsigned n);

/* Begins to move up to SD_BLOCKS_MAX blocks; a write takes the data now. `argument`: where on the card. */
bool sd_host_begin(uint32_t argument, uint32_t blocks, const void *data);
/* Whether sd_host_end() would wait. */
bool sd_host_working(void);
/* Waits for the end; a read's blocks go to `buf`. True where nothing had begun, too. */
bool sd_host_end(void *buf);

#endif
