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
    /* Has taken the data when it returns; a failure behind that is told by the next write or sync. */
    int (*write)(void *ctx, uint32_t sector, const void *data, uint32_t count);
    /* What was written is on the medium when it returns. */
    int (*sync)(void *ctx);
    /* The medium is at work: sync() would wait. Or NULL: it never has to. */
    bool (*busy)(void *ctx);
    /* The wall clock, for the dates of files, as `struct board` has it; or NULL. */
    bool (*wall_ms)(void *ctx, int64_t *unix_ms);
    /* Called between pieces of long reads and writes, for the watchdog; or NULL. */
    void (*alive)(void *ctx);
};

struct fatfs;
/* Mounts the first FAT partition of the card's MBR, or the card itself where it has none. `device` must outlive
 * it. One card at a time: FatFs's buffers are the program's. NULL with one sentence in `why` where there is no memory, no FAT, or a broken medium. */
struct fatfs *fatfs_open(const struct block_device *device, char *why, size_t why_size);
/* Closes stores that are still open. NULL is allowed. */
void fatfs_close(struct fatfs *fatfs);
/* Bytes that loaded files take at present. */
size_t fatfs_loaded(const struct fatfs *fatfs);
/* For board.files; board.files_ctx is the struct fatfs.
 *
 * Names compare without case and are UTF-8; absolute paths begin at the card's root, as all others do. A store lies in
 * sectors that are looked up when it is opened: writing to it changes neither the allocation table nor a folder.
 * replace() writes a file beside the old one and then changes the folder's entry with the write of one sector; power
 * that goes just then may leave clusters that belong to nobody (fsck.vfat takes them back), never a file with
 * something else in it. */
extern const struct board_files fatfs_files;

#endif
