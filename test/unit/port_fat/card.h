/* card.h - a card in memory, made by mkfs.vfat, that can refuse, lose power, and be looked at by fsck.vfat. */
#ifndef STAGEBOX_TEST_UNIT_PORT_FAT_CARD_H
#define STAGEBOX_TEST_UNIT_PORT_FAT_CARD_H

#include "ports/lwip/fatfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define CARD_PARTITION 64u /* its first sector */

struct card {
    struct block_device device;
    uint8_t *sectors;
    unsigned writes, syncs;
    unsigned writes_left; /* then power is gone: the rest is lost, without an error */
    bool broken, broken_sync, busy;
    unsigned broken_after; /* writes, where broken */
    int64_t wall_ms;
    char image[64];
};

/* A card with one FAT partition (`bits`: 12, 16, 32), and on it what mcopy made of `files`: pairs of path and content, then NULL. */
struct card *card_new(unsigned bits, const char *const *files);
/* The same card, as the next start finds it. */
void card_power_on(struct card *card);
void card_free(struct card *card);
struct fatfs *card_mount(struct card *card);
/* What fsck.vfat -n says; "" where it has nothing to say. Valid until the next call. */
const char *card_check(const struct card *card);

#endif
