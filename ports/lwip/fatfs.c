/* fatfs.c - the life of a mounted card, sentences, paths. */
#include "ports/lwip/fatfs_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/lwip/fatfs_disk.h"

int fat_fail(struct fatfs *fatfs, enum port_error error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(fatfs->sentence, sizeof fatfs->sentence, format, args);
    va_end(args);
    return (int)error;
}

int fat_result(struct fatfs *fatfs, FRESULT result, const char *path)
{
    switch (result) {
    case FR_OK:
        return 0;
    case FR_NO_FILE:
    case FR_NO_PATH:
    case FR_INVALID_NAME:
        return fat_fail(fatfs, PORT_E_NOENT, "%.200s is not there", path);
    case FR_DENIED:
        return fat_fail(fatfs, PORT_E_ACCESS, "%.200s is a folder, is marked read-only, or its folder is full", path);
    case FR_EXIST:
        return fat_fail(fatfs, PORT_E_ACCESS, "%.200s is a folder: only files are replaced", path);
    case FR_DISK_ERR:
        return fat_fail(fatfs, PORT_E_IO, "%.200s: the card failed: save its files and take another one", path);
    case FR_INT_ERR:
        return fat_fail(fatfs, PORT_E_IO, "%.200s: the card's file system is damaged: check it with fsck.vfat", path);
    case FR_NOT_ENOUGH_CORE:
        return fat_fail(fatfs, PORT_E_SYSTEM, "%.200s lies in too many pieces: copy it away and back", path);
    default:
        return fat_fail(fatfs, PORT_E_SYSTEM, "%.200s: FatFs says %d", path, (int)result);
    }
}

int fat_path(struct fatfs *fatfs, const char *path, char out[FAT_PATH_MAX])
{
    size_t used = 0;
    for (const char *at = path; *at != '\0';) {
        size_t len = strcspn(at, "/");
        if (len == 2 && memcmp(at, "..", 2) == 0)
            return fat_fail(fatfs, PORT_E_ACCESS, "%.200s leads out of the card's folder", path);
        if (used + len + 2 > FAT_PATH_MAX || memchr(at, '\\', len) != NULL || memchr(at, ':', len) != NULL)
            return fat_result(fatfs, FR_NO_FILE, path);
        if (len > 0 && !(len == 1 && *at == '.')) {
            if (used > 0)
                out[used++] = '/';
            memcpy(out + used, at, len);
            used += len;
        }
        at += len + (at[len] == '/');
    }
    out[used] = '\0';
    return 0;
}

void fat_alive(const struct fatfs *fatfs)
{
    if (fatfs->device->alive != NULL)
        fatfs->device->alive(fatfs->device->ctx);
}

int fat_make_folders(struct fatfs *fatfs, const char *path)
{
    char folder[FAT_PATH_MAX];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        FRESULT result = f_mkdir(&fatfs->volume, folder);
        if (result != FR_OK && result != FR_EXIST)
            return fat_result(fatfs, result, folder);
    }
    return 0;
}

int fat_write_all(struct fatfs *fatfs, FIL *file, const void *data, size_t len, const char *path)
{
    static const uint8_t zeros[4096];
    UINT wrote;
    for (size_t done = 0; done < len; done += wrote) {
        size_t piece = len - done, most = data != NULL ? FAT_PIECE : sizeof zeros;
        if (piece > most)
            piece = most;
        FRESULT result = f_write(file, data != NULL ? (const uint8_t *)data + done : zeros, (UINT)piece, &wrote);
        if (result != FR_OK)
            return fat_result(fatfs, result, path);
        if (wrote < piece)
            return fat_fail(fatfs, PORT_E_FULL, "no room for %.200s: the card is full", path);
        fat_alive(fatfs);
    }
    return 0;
}

/* -- its life --------------------------------------------------------------------------------------- */

struct fatfs *fatfs_open(const struct block_device *device, char *why, size_t why_size)
{
    struct fatfs *fatfs = calloc(1, sizeof *fatfs);
    if (fatfs == NULL) {
        snprintf(why, why_size, "no memory for the card");
        return NULL;
    }
    fatfs->device = device;
    fatfs->volume.drv = (void *)(uintptr_t)device;
    FRESULT result = f_mount(&fatfs->volume);
    if (result != FR_OK) {
        snprintf(why, why_size, result == FR_DISK_ERR ? "the card cannot be read: take another one"
                                                      : "the card has no FAT partition: format it with FAT32");
        free(fatfs);
        return NULL;
    }
    fat_disk_use(device);
    return fatfs;
}

void fatfs_close(struct fatfs *fatfs)
{
    if (fatfs == NULL)
        return;
    while (fatfs->stores != NULL)
        fat_store_close(fatfs->stores);
    fatfs->device->sync(fatfs->device->ctx);
    f_umount(&fatfs->volume);
    fat_disk_use(NULL);
    free(fatfs);
}

size_t fatfs_loaded(const struct fatfs *fatfs)
{
    return fatfs->loaded;
}

static const char *sentence(void *ctx)
{
    return ((const struct fatfs *)ctx)->sentence;
}

const struct board_files fatfs_files = {
    .sentence = sentence, .list = fat_list, .stat = fat_stat, .read = fat_read, .replace = fat_replace,
    .room = fat_room, .load = fat_load, .release = fat_release, .store_open = fat_store_open,
    .store_size = fat_store_size, .store_read = fat_store_read, .store_write = fat_store_write,
    .store_sync = fat_store_sync, .store_synced = fat_store_synced, .store_close = fat_store_close,
    .step = fat_step};
