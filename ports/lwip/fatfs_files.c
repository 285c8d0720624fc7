/* fatfs_files.c - listing, reading and loading files. */
#include "ports/lwip/fatfs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/lwip/fatfs_disk.h"

#define SECTOR BLOCK_BYTES

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

/* A new content has other clusters: replace() writes it beside the old one. */
static void describe(const FILINFO *info, DWORD cluster, struct port_file *out)
{
    snprintf(out->name, sizeof out->name, "%.*s", PORT_NAME_MAX - 1, info->fname);
    out->size = info->fsize;
    out->stamp = mix(mix(mix(info->fsize, cluster), info->fdate), info->ftime);
    out->modified_s = fat_seconds(info->fdate, info->ftime);
    out->not_a_file = false;
}

static FRESULT first_cluster(struct fatfs *fatfs, const char *path, DWORD *cluster)
{
    FIL file;
    FRESULT result = f_open(&fatfs->volume, &file, path, FA_READ);
    *cluster = result == FR_OK ? file.obj.sclust : 0;
    if (result == FR_OK)
        f_close(&file);
    return result;
}

static bool listed(const FILINFO *info)
{
    return strlen(info->fname) < PORT_NAME_MAX && strcmp(info->fname, FAT_TEMPORARY) != 0;
}

static FRESULT look(struct fatfs *fatfs, const char *path, const FILINFO *info, struct port_file *out)
{
    DWORD cluster;
    if ((info->fattrib & AM_DIR) != 0) {
        strcpy(out->name, info->fname);
        return FR_OK;
    }
    FRESULT result = first_cluster(fatfs, path, &cluster);
    if (result == FR_OK)
        describe(info, cluster, out);
    return result;
}

int fat_list(void *ctx, const char *dir, bool (*each)(void *each_ctx, const struct port_file *file), void *each_ctx)
{
    struct fatfs *fatfs = ctx;
    char path[FAT_PATH_MAX], name[FAT_PATH_MAX + 256];
    FF_DIR folder;
    FILINFO info;
    int count = 0, error = fat_path(fatfs, dir, path);
    if (error != 0)
        return error;
    FRESULT result = f_opendir(&fatfs->volume, &folder, path);
    while (result == FR_OK && (result = f_readdir(&folder, &info)) == FR_OK && info.fname[0] != '\0') {
        struct port_file file = {.not_a_file = true};
        if (!listed(&info))
            continue;
        snprintf(name, sizeof name, "%s%s%s", path, path[0] != '\0' ? "/" : "", info.fname);
        result = look(fatfs, name, &info, &file);
        if (result != FR_OK)
            break;
        count++;
        if (!each(each_ctx, &file))
            break;
    }
    return result == FR_OK ? count : fat_result(fatfs, result, dir);
}

static int no_file(struct fatfs *fatfs, const char *path)
{
    return fat_fail(fatfs, PORT_E_ACCESS, "%.200s is no regular file", path);
}

int fat_stat(void *ctx, const char *path, struct port_file *out)
{
    struct fatfs *fatfs = ctx;
    char own[FAT_PATH_MAX];
    FILINFO info;
    DWORD cluster;
    int error = fat_path(fatfs, path, own);
    if (error != 0)
        return error;
    if (own[0] == '\0')
        return no_file(fatfs, path);
    FRESULT result = f_stat(&fatfs->volume, own, &info);
    if (result == FR_OK && (info.fattrib & AM_DIR) != 0)
        return no_file(fatfs, path);
    if (result == FR_OK)
        result = first_cluster(fatfs, own, &cluster);
    if (result != FR_OK)
        return fat_result(fatfs, result, path);
    describe(&info, cluster, out);
    return 0;
}

/* 0 and the file, open; a folder is none. */
static int open_file(struct fatfs *fatfs, const char *path, FIL *file)
{
    char own[FAT_PATH_MAX];
    FILINFO info;
    int error = fat_path(fatfs, path, own);
    if (error != 0)
        return error;
    if (own[0] == '\0')
        return no_file(fatfs, path);
    FRESULT result = f_open(&fatfs->volume, file, own, FA_READ);
    if (result == FR_NO_FILE && f_stat(&fatfs->volume, own, &info) == FR_OK)
        return no_file(fatfs, path);
    return fat_result(fatfs, result, path);
}

/* Reads up to `len` bytes from the file's place, piece by piece. */
static int read_all(struct fatfs *fatfs, FIL *file, void *buf, size_t len, const char *path)
{
    size_t done = 0;
    UINT got = 1;
    while (done < len && got > 0) {
        size_t piece = len - done < FAT_PIECE ? len - done : FAT_PIECE;
        FRESULT result = f_read(file, (uint8_t *)buf + done, (UINT)piece, &got);
        if (result != FR_OK)
            return fat_result(fatfs, result, path);
        done += got;
        fat_alive(fatfs);
    }
    return (int)done;
}

int fat_read(void *ctx, const char *path, uint64_t off, void *buf, size_t len)
{
    struct fatfs *fatfs = ctx;
    FIL file;
    int error = open_file(fatfs, path, &file);
    if (error != 0)
        return error;
    int result = 0;
    if (off < f_size(&file)) {
        result = fat_result(fatfs, f_lseek(&file, (FSIZE_t)off), path);
        if (result == 0)
            result = read_all(fatfs, &file, buf, len < INT32_MAX ? len : INT32_MAX, path);
    }
    f_close(&file);
    return result;
}

int fat_room(void *ctx, uint64_t *free_bytes, uint64_t *size)
{
    struct fatfs *fatfs = ctx;
    DWORD clusters;
    FRESULT result = f_getfree(&fatfs->volume, &clusters);
    if (result != FR_OK)
        return fat_result(fatfs, result, "the card");
    uint64_t cluster = (uint64_t)fatfs->volume.csize * SECTOR;
    *free_bytes = clusters * cluster;
    *size = (fatfs->volume.n_fatent - 2) * cluster;
    return 0;
}

/* -- whole files in memory ---------------------------------------------------------------------------- */

struct fat_blob {
    struct port_blob blob; /* first, so that the port's pointer is ours */
    uint8_t data[];
};

int fat_load(void *ctx, const char *path, const struct port_blob **out)
{
    struct fatfs *fatfs = ctx;
    FIL file;
    int result = open_file(fatfs, path, &file);
    if (result != 0)
        return result;
    size_t size = f_size(&file);
    struct fat_blob *blob = size < INT32_MAX ? malloc(sizeof *blob + size) : NULL;
    if (blob == NULL) {
        f_close(&file);
        return fat_fail(fatfs, PORT_E_FULL, "no memory for the %zu KB of %.200s", size / 1024, path);
    }
    result = read_all(fatfs, &file, blob->data, size, path);
    f_close(&file);
    if (result >= 0 && (size_t)result < size)
        result = fat_result(fatfs, FR_INT_ERR, path);
    if (result < 0) {
        free(blob);
        return result;
    }
    blob->blob = (struct port_blob){blob->data, size};
    fatfs->loaded += size;
    *out = &blob->blob;
    return 0;
}

void fat_release(void *ctx, const struct port_blob *blob)
{
    struct fatfs *fatfs = ctx;
    fatfs->loaded -= (size_t)blob->size;
    free((void *)(uintptr_t)blob);
}
