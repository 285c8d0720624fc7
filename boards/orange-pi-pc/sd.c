/* sd.c - an SD card's own protocol ("SD Specifications Part 1, Physical Layer Simplified Specification", section 4). */
#include "boards/orange-pi-pc/sd.h"

#include "boards/orange-pi-pc/sd_host.h"
#include "boards/orange-pi-pc/timer.h"

#define GO_IDLE_STATE 0
#define ALL_SEND_CID 2
#define SEND_RELATIVE_ADDR 3
#define SET_BUS_WIDTH 6 /* application command */
#define SELECT_CARD 7
#define SEND_IF_COND 8
#define SEND_CSD 9
#define SET_BLOCKLEN 16
#define SD_SEND_OP_COND 41 /* application command */
#define APP_CMD 55

#define ANSWER (SD_RESPONSE | SD_CHECK_CRC)
#define LONG_ANSWER (SD_RESPONSE | SD_LONG_RESPONSE | SD_CHECK_CRC)
#define VOLTAGE_27_36 0x00ff8000u
#define HIGH_CAPACITY (UINT32_C(1) << 30)
#define POWERED_UP (UINT32_C(1) << 31)
#define CHECK_PATTERN 0x1aau /* 2.7 to 3.6 V, and 0xaa to be returned */
#define POWER_UP_US 1000000
#define TRIES 3

static struct {
    bool by_block; /* addresses count blocks, not bytes */
    bool failed;   /* a write that was taken */
} card;

static bool application_command(unsigned number, uint32_t argument, uint32_t address, unsigned flags)
{
    return sd_host_command(APP_CMD, address, ANSWER) && sd_host_command(number, argument, flags);
}

/* The card says when it is ready, and how it counts. */
static bool power_up(const char **why)
{
    sd_host_command(GO_IDLE_STATE, 0, SD_INIT);
    bool second = sd_host_command(SEND_IF_COND, CHECK_PATTERN, ANSWER) && (sd_host_response(0) & 0xff) == (CHECK_PATTERN & 0xff);
    uint64_t since = timer_us();
    do {
        if (!application_command(SD_SEND_OP_COND, VOLTAGE_27_36 | (second ? HIGH_CAPACITY : 0), 0, SD_RESPONSE)) {
            *why = "there is no SD card";
            return false;
        }
        if ((sd_host_response(0) & POWERED_UP) != 0) {
            card.by_block = (sd_host_response(0) & HIGH_CAPACITY) != 0;
            return true;
        }
    } while (!timer_over(since, POWER_UP_US));
    *why = "the SD card does not get ready";
    return false;
}

/* Section 5.3: how many blocks the card has, from its CSD of version 1 or 2. */
static uint32_t blocks_of_csd(void)
{
    uint32_t low = sd_host_response(1), middle = sd_host_response(2), high = sd_host_response(3);
    if (high >> 30 != 0)
        return ((((middle & 0x3f) << 16) | low >> 16) + 1) << 10;
    uint32_t size = (middle & 0x3ff) << 2 | low >> 30, multiplier = low >> 15 & 7, block = middle >> 16 & 15;
    return (size + 1) << (multiplier + 2 + block - 9);
}

static bool identify(uint32_t *blocks)
{
    if (!sd_host_command(ALL_SEND_CID, 0, LONG_ANSWER) || !sd_host_command(SEND_RELATIVE_ADDR, 0, ANSWER))
        return false;
    uint32_t address = sd_host_response(0) & 0xffff0000;
    if (!sd_host_command(SEND_CSD, address, LONG_ANSWER))
        return false;
    *blocks = blocks_of_csd();
    if (!sd_host_command(SELECT_CARD, address, ANSWER) ||
        (!card.by_block && !sd_host_command(SET_BLOCKLEN, SD_BLOCK, ANSWER)) ||
        !application_command(SET_BUS_WIDTH, 2, address, ANSWER))
        return false;
    sd_host_four_bits();
    return sd_host_clock(true);
}

/* -- the block device ---------------------------------------------------------------------------------------- */

static uint32_t place(uint32_t sector)
{
    return card.by_block ? sector : sector * SD_BLOCK;
}

/* The last write is over; its failure is kept for who asks. */
static void settle(void)
{
    card.failed |= !sd_host_end(NULL);
}

static bool read_some(uint32_t sector, void *buf, uint32_t count)
{
    for (int i = 0; i < TRIES; i++)
        if (sd_host_begin(place(sector), count, NULL) && sd_host_end(buf))
            return true;
    return false;
}

static int read_blocks(void *ctx, uint32_t sector, void *buf, uint32_t count)
{
    uint8_t *to = buf;
    (void)ctx;
    settle();
    while (count > 0) {
        uint32_t some = count < SD_BLOCKS_MAX ? count : SD_BLOCKS_MAX;
        if (!read_some(sector, to, some))
            return -1;
        sector += some;
        count -= some;
        to += some * SD_BLOCK;
    }
    return 0;
}

static int tell_failed(void)
{
    int result = card.failed ? -1 : 0;
    card.failed = false;
    return result;
}

static int write_blocks(void *ctx, uint32_t sector, const void *data, uint32_t count)
{
    const uint8_t *from = data;
    (void)ctx;
    while (count > 0) {
        uint32_t some = count < SD_BLOCKS_MAX ? count : SD_BLOCKS_MAX;
        settle();
        if (tell_failed() != 0 || !sd_host_begin(place(sector), some, from))
            return -1;
        sector += some;
        count -= some;
        from += some * SD_BLOCK;
    }
    return 0;
}

static int sync_card(void *ctx)
{
    (void)ctx;
    settle();
    return tell_failed();
}

static bool is_busy(void *ctx)
{
    (void)ctx;
    return sd_host_working();
}

bool sd_start(struct block_device *out, const char **why)
{
    card.failed = false;
    *why = "the SD card does not answer";
    if (!sd_host_start() || !sd_host_clock(false) || !power_up(why))
        return false;
    *why = "the SD card does not answer";
    if (!identify(&out->sectors))
        return false;
    out->read = read_blocks;
    out->write = write_blocks;
    out->sync = sync_card;
    out->busy = is_busy;
    return true;
}
