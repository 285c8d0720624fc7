/* fatfs_store.c - files of fixed size. Where their sectors are is looked up once; writing goes there directly. */
#include "ports/lwip/fatfs_internal.h"

#include <stdlib.h>
#include <string.h>

#define EXTENTS 64 /* pieces that a store may lie in */

struct extent {
    uint32_t sector, count;
};
struct board_store {
    struct fatfs *fatfs;
    uint64_t size;
    char path[FAT_PATH_MAX];
    bool wanted, failed; /* a sync; the last one did */
    unsigned extents;
    struct extent extent[EXTENTS];
    struct board_store *next;
};

/* -- opening ------------------------------------------------------------------------------------------ */

/* A new file gets its clusters in one piece, if there is one. From the first cluster on: behind the last one that was
 * given, f_expand() would run over the table's end. */
static void in_one_piece(struct fatfs *fatfs, FIL *file, uint64_t size)
{
    fatfs->volume.last_clst = 0;
    if (f_size(file) == 0)
        f_expand(file, (FSIZE_t)size, 1);
}

/* What could not be had whole is given back. */
static void shrink(FIL *file, uint64_t size)
{
    if (f_lseek(file, (FSIZE_t)size) == FR_OK)
        f_truncate(file);
}

/* Appends zeros up to `size`, and writes zeros into clusters that hold an old file's bytes. */
static int grow(struct fatfs *fatfs, FIL *file, uint64_t size, const char *path)
{
    uint64_t from = f_size(file);
    if (from >= size)
        return 0;
    in_one_piece(fatfs, file, size);
    int error = fat_result(fatfs, f_lseek(file, (FSIZE_t)from), path);
    if (error == 0)
        error = fat_write_all(fatfs, file, NULL, (size_t)(size - from), path);
    if (error != 0)
        shrink(file, from);
    return error;
}

/* FatFs's map: its length, then clusters and first cluster of each piece, then 0. */
static int map(struct board_store *store, FIL *file)
{
    DWORD table[2 * EXTENTS + 2] = {2 * EXTENTS + 2};
    const FATFS *volume = &store->fatfs->volume;
    file->cltbl = table;
    FRESULT result = f_lseek(file, CREATE_LINKMAP);
    file->cltbl = NULL;
    if (result != FR_OK)
        return fat_result(store->fatfs, result, store->path);
    for (const DWORD *at = table + 1; at[0] != 0; at += 2)
        store->extent[store->extents++] = (struct extent){volume->database + (at[1] - 2) * volume->csize, at[0] * volume->csize};
    store->size = f_size(file);
    return 0;
}

static int open_and_map(struct board_store *store, uint64_t size)
{
    struct fatfs *fatfs = store->fatfs;
    FIL file;
    int error = fat_make_folders(fatfs, store->path);
    if (error != 0)
        return error;
    FRESULT result = f_open(&fatfs->volume, &file, store->path, FA_READ | FA_WRITE | FA_OPEN_ALWAYS);
    if (result != FR_OK)
        return fat_result(fatfs, result, store->path);
    error = grow(fatfs, &file, size, store->path);
    result = f_close(&file);
    if (error != 0 || result != FR_OK)
        return error != 0 ? error : fat_result(fatfs, result, store->path);
    result = f_open(&fatfs->volume, &file, store->path, FA_READ);
    if (result != FR_OK)
        return fat_result(fatfs, result, store->path);
    error = map(store, &file);
    f_close(&file);
    return error;
}

int fat_store_open(void *ctx, const char *path, uint64_t size, struct board_store **out)
{
    struct fatfs *fatfs = ctx;
    struct board_store *store = calloc(1, sizeof *store);
    if (store == NULL || size > INT32_MAX) {
        free(store);
        return fat_fail(fatfs, PORT_E_FULL, "no memory for %.200s", path);
    }
    store->fatfs = fatfs;
    int error = fat_path(fatfs, path, store->path);
    if (error == 0)
        error = open_and_map(store, size);
    if (error != 0) {
        free(store);
        return error;
    }
    store->next = fatfs->stores;
    fatfs->stores = store;
    *out = store;
    return 0;
}

uint64_t fat_store_size(const struct board_store *store)
{
    return store->size;
}

void fat_store_close(struct board_store *store)
{
    struct board_store **at = &store->fatfs->stores;
    while (*at != store)
        at = &(*at)->next;
    *at = store->next;
    if (store->wanted)
        store->fatfs->device->sync(store->fatfs->device->ctx);
    free(store);
}

/* -- sectors -------------------------------------------------------------------------------------------- */

/* The sector that holds the store's n-th one; how many follow it in one piece, in *run. */
static uint32_t sector_of(const struct board_store *store, uint32_t n, uint32_t *run)
{
    const struct extent *at = store->extent;
    while (n >= at->count) {
        n -= at->count;
        at++;
    }
    *run = at->count - n;
    return at->sector + n;
}

/* A part of one sector: read, and where `data` is given changed and written back. */
static int part(struct board_store *store, uint64_t off, void *buf, const void *data, size_t len)
{
    const struct block_device *device = store->fatfs->device;
    uint8_t whole[BLOCK_BYTES];
    uint32_t run, sector = sector_of(store, (uint32_t)(off / BLOCK_BYTES), &run);
    if (device->read(device->ctx, sector, whole, 1) != 0)
        return -1;
    if (data == NULL) {
        memcpy(buf, whole + off % BLOCK_BYTES, len);
        return 0;
    }
    memcpy(whole + off % BLOCK_BYTES, data, len);
    return device->write(device->ctx, sector, whole, 1);
}

static int sectors(struct board_store *store, uint64_t off, void *buf, const void *data, size_t len)
{
    const struct block_device *device = store->fatfs->device;
    uint32_t run, sector = sector_of(store, (uint32_t)(off / BLOCK_BYTES), &run);
    uint32_t count = (uint32_t)(len / BLOCK_BYTES);
    return data != NULL ? device->write(device->ctx, sector, data, count) : device->read(device->ctx, sector, buf, count);
}

/* How many bytes from `off` on can be moved at once. */
static size_t piece(const struct board_store *store, uint64_t off, size_t len)
{
    size_t in_sector = (size_t)(off % BLOCK_BYTES);
    uint32_t run;
    if (in_sector != 0 || len < BLOCK_BYTES)
        return len < BLOCK_BYTES - in_sector ? len : BLOCK_BYTES - in_sector;
    sector_of(store, (uint32_t)(off / BLOCK_BYTES), &run);
    uint64_t most = (uint64_t)run * BLOCK_BYTES;
    len -= len % BLOCK_BYTES;
    return len < most ? len : (size_t)most;
}

/* Reads into `buf`, or writes `data` where that is not NULL. */
static int move(struct board_store *store, uint64_t off, void *buf, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        size_t now = piece(store, off + done, len - done);
        uint8_t *to = buf != NULL ? (uint8_t *)buf + done : NULL;
        const uint8_t *from = data != NULL ? (const uint8_t *)data + done : NULL;
        bool whole = (off + done) % BLOCK_BYTES == 0 && now % BLOCK_BYTES == 0;
        if ((whole ? sectors : part)(store, off + done, to, from, now) != 0)
            return fat_result(store->fatfs, FR_DISK_ERR, store->path);
        done += now;
    }
    return 0;
}

int fat_store_read(struct board_store *store, uint64_t off, void *buf, size_t len)
{
    if (off >= store->size)
        return 0;
    if (len > store->size - off)
        len = (size_t)(store->size - off);
    int error = move(store, off, buf, NULL, len);
    return error != 0 ? error : (int)len;
}

int fat_store_write(struct board_store *store, uint64_t off, const void *data, size_t len)
{
    if (off > store->size || len > store->size - off)
        return fat_fail(store->fatfs, PORT_E_TOOBIG, "%.200s has only %llu bytes", store->path,
                        (unsigned long long)store->size);
    if (store->failed) {
        store->failed = false;
        return fat_result(store->fatfs, FR_DISK_ERR, store->path);
    }
    return move(store, off, NULL, data, len);
}

/* -- syncing -------------------------------------------------------------------------------------------- */

void fat_store_sync(struct board_store *store)
{
    store->wanted = true;
}

bool fat_store_synced(const struct board_store *store)
{
    return !store->wanted;
}

bool fat_step(void *ctx)
{
    struct fatfs *fatfs = ctx;
    const struct block_device *device = fatfs->device;
    bool wanted = false;
    for (const struct board_store *store = fatfs->stores; store != NULL; store = store->next)
        wanted |= store->wanted;
    if (!wanted)
        return false;
    if (device->busy != NULL && device->busy(device->ctx))
        return true;
    bool failed = device->sync(device->ctx) != 0;
    for (struct board_store *store = fatfs->stores; store != NULL; store = store->next) {
        store->failed |= store->wanted && failed;
        store->wanted = false;
    }
    return false;
}
