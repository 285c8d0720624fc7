/* fatfs_replace.c - a file anew: written beside the old one, then their entries in the folder change places. */
#include "ports/lwip/fatfs_internal.h"

#include <stdio.h>
#include <string.h>

/* Of an entry of 32 bytes: upper half of the first cluster, time, date, lower half, size. All that says which
 * content the name has. */
#define CONTENT_AT 20
#define CONTENT_BYTES 12

/* Where an entry stands. */
struct entry {
    uint32_t sector;
    size_t at;
    DWORD cluster;
};

static void note_entry(const struct fatfs *fatfs, const FIL *file, struct entry *out)
{
    out->sector = file->dir_sect;
    out->at = (size_t)(file->dir_ptr - fatfs->volume.win) + CONTENT_AT;
    out->cluster = file->obj.sclust;
}

static FRESULT find_entry(struct fatfs *fatfs, const char *path, struct entry *out)
{
    FIL file;
    FRESULT result = f_open(&fatfs->volume, &file, path, FA_READ);
    if (result != FR_OK)
        return result;
    note_entry(fatfs, &file, out);
    return f_close(&file);
}

/* Reads an entry's content, or writes it with that of its whole sector. */
static int content(struct fatfs *fatfs, const struct entry *entry, uint8_t read[CONTENT_BYTES], const uint8_t *write)
{
    const struct block_device *device = fatfs->device;
    uint8_t sector[BLOCK_BYTES];
    if (device->read(device->ctx, entry->sector, sector, 1) != 0)
        return -1;
    if (write == NULL) {
        memcpy(read, sector + entry->at, CONTENT_BYTES);
        return 0;
    }
    memcpy(sector + entry->at, write, CONTENT_BYTES);
    return device->write(device->ctx, entry->sector, sector, 1);
}

static int swap_in_sector(struct fatfs *fatfs, const struct entry *a, const struct entry *b)
{
    const struct block_device *device = fatfs->device;
    uint8_t sector[BLOCK_BYTES], kept[CONTENT_BYTES];
    if (device->read(device->ctx, a->sector, sector, 1) != 0)
        return -1;
    memcpy(kept, sector + a->at, CONTENT_BYTES);
    memcpy(sector + a->at, sector + b->at, CONTENT_BYTES);
    memcpy(sector + b->at, kept, CONTENT_BYTES);
    return device->write(device->ctx, a->sector, sector, 1);
}

/* In an order in which no moment has two names for one content. */
static int swap_apart(struct fatfs *fatfs, const struct entry *temporary, const struct entry *file)
{
    static const uint8_t nothing[CONTENT_BYTES];
    uint8_t fresh[CONTENT_BYTES], old[CONTENT_BYTES];
    return content(fatfs, temporary, fresh, NULL) != 0 || content(fatfs, file, old, NULL) != 0 ||
                   content(fatfs, temporary, NULL, nothing) != 0 || content(fatfs, file, NULL, fresh) != 0 ||
                   content(fatfs, temporary, NULL, old) != 0
               ? -1
               : 0;
}

static FRESULT exchange(struct fatfs *fatfs, const struct entry *temporary, const struct entry *file)
{
    const struct block_device *device = fatfs->device;
    int error = temporary->sector == file->sector ? swap_in_sector(fatfs, temporary, file)
                                                  : swap_apart(fatfs, temporary, file);
    fatfs->volume.winsect = UINT32_MAX; /* FatFs's window may show the folder as it was */
    return error == 0 && device->sync(device->ctx) == 0 ? FR_OK : FR_DISK_ERR;
}

/* -- what a power cut left ---------------------------------------------------------------------------- */

struct search {
    struct fatfs *fatfs;
    const char *folder;
    DWORD cluster;
    bool found;
};

static bool has_cluster(void *ctx, const struct port_file *file)
{
    struct search *search = ctx;
    struct entry entry;
    char path[FAT_PATH_MAX + PORT_NAME_MAX];
    if (file->not_a_file)
        return true;
    snprintf(path, sizeof path, "%s%s%s", search->folder, search->folder[0] != '\0' ? "/" : "", file->name);
    search->found = find_entry(search->fatfs, path, &entry) == FR_OK && entry.cluster == search->cluster;
    return !search->found;
}

/* Power went while a temporary file got its name: it is the other name of a content that is in use, and must not take
 * its clusters with it. */
static int defuse(struct fatfs *fatfs, const char *folder, const char *temporary)
{
    static const uint8_t nothing[CONTENT_BYTES];
    struct entry entry;
    if (find_entry(fatfs, temporary, &entry) != FR_OK || entry.cluster == 0)
        return 0;
    struct search search = {.fatfs = fatfs, .folder = folder, .cluster = entry.cluster};
    int listed = fat_list(fatfs, folder, has_cluster, &search);
    if (listed < 0 || !search.found)
        return listed < 0 ? listed : 0;
    int error = content(fatfs, &entry, NULL, nothing);
    fatfs->volume.winsect = UINT32_MAX;
    return error == 0 ? 0 : fat_result(fatfs, FR_DISK_ERR, temporary);
}

/* -- replacing ------------------------------------------------------------------------------------------ */

/* The file beside, whole and on the medium. */
static int write_beside(struct fatfs *fatfs, const char *temporary, const char *path, const void *data, size_t len,
                        struct entry *out)
{
    FIL file;
    FRESULT result = f_open(&fatfs->volume, &file, temporary, FA_WRITE | FA_CREATE_ALWAYS);
    if (result != FR_OK)
        return fat_result(fatfs, result, path);
    int error = fat_write_all(fatfs, &file, data, len, path);
    note_entry(fatfs, &file, out);
    result = f_close(&file);
    return error != 0 ? error : fat_result(fatfs, result, path);
}

static FRESULT give_name(struct fatfs *fatfs, const char *temporary, const char *path, const struct entry *fresh)
{
    struct entry old;
    FRESULT result = find_entry(fatfs, path, &old);
    if (result == FR_NO_FILE)
        return f_rename(&fatfs->volume, temporary, path);
    if (result == FR_OK)
        result = exchange(fatfs, fresh, &old);
    if (result == FR_OK)
        result = f_unlink(&fatfs->volume, temporary);
    return result;
}

/* Whether there may be a file of that name. */
static int allowed(struct fatfs *fatfs, const char *path)
{
    FILINFO info;
    FRESULT result = path[0] != '\0' ? f_stat(&fatfs->volume, path, &info) : FR_EXIST;
    if (result == FR_OK && (info.fattrib & (AM_DIR | AM_RDO)) != 0)
        result = (info.fattrib & AM_DIR) != 0 ? FR_EXIST : FR_DENIED;
    return result == FR_NO_FILE || result == FR_NO_PATH ? 0 : fat_result(fatfs, result, path);
}

int fat_replace(void *ctx, const char *path, const void *data, size_t len)
{
    struct fatfs *fatfs = ctx;
    char own[FAT_PATH_MAX], folder[FAT_PATH_MAX] = "", temporary[FAT_PATH_MAX + sizeof FAT_TEMPORARY];
    struct entry fresh;
    int error = fat_path(fatfs, path, own);
    if (error == 0)
        error = allowed(fatfs, own);
    if (error == 0)
        error = fat_make_folders(fatfs, own);
    if (error != 0)
        return error;
    const char *slash = strrchr(own, '/');
    if (slash != NULL)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - own), own);
    snprintf(temporary, sizeof temporary, "%s%s" FAT_TEMPORARY, folder, slash != NULL ? "/" : "");
    error = defuse(fatfs, folder, temporary);
    if (error == 0)
        error = write_beside(fatfs, temporary, path, data != NULL ? data : "", len, &fresh);
    if (error != 0) {
        f_unlink(&fatfs->volume, temporary);
        return error;
    }
    return fat_result(fatfs, give_name(fatfs, temporary, own, &fresh), path);
}
