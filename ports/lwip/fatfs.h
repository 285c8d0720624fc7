/* fatfs.h - the files of a FAT card on a block device, for `struct board`. */
#ifndef STAGEBOX_PORTS_LWIP_FATFS_H
#define STAGEBOX_PORTS_LWIP_FATFS_H

#include "ports/lwip/board.h"

#define BLOCK_BYTES 512

/* A card of 512-byte sectors. The functions return 0, or -1 where the medium failed. */
struct block_device {
    void *ctx;
    uint32_t sectors;
    int (*read)(void *ctx, uint32_t sector, void *buf, uint32_t count);
    int (*write)(void *ctx, uint32_t sector, const void *data, uint32_t count);
    /* What was written is on the medium when it returns. */
    int (*sync)(void *ctx);
    /* Called between pieces of long reads and writes, for the watchdog; or NULL. */
    void (*alive)(void *ctx);
};

struct fatfs;
/* Mounts the first FAT partition of the card's MBR, or the card itself where it has none. `device` must outlive
 * it. NULL with one sentence in `why` where there is no memory, no FAT, or a broken medium. */
struct fatfs *fatfs_open(const struct block_device *device, char *why, size_t why_size);
/* Closes stores that are still open. NULL is allowed. */
void fatfs_close(struct fatfs *fatfs);
/* For board.files; board.files_ctx is the struct fatfs. */
extern const struct board_files fatfs_files;

#endif
