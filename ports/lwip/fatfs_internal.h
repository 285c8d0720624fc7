/* fatfs_internal.h - what the files of the FAT card share. */
#ifndef STAGEBOX_PORTS_LWIP_FATFS_INTERNAL_H
#define STAGEBOX_PORTS_LWIP_FATFS_INTERNAL_H

#include "ports/lwip/fatfs.h"

#include "ff.h"

#define FAT_PATH_MAX 260 /* bytes of a path on the card, with its NUL */
#define FAT_PIECE (64 * 1024) /* bytes read or written between two looks at the watchdog */
#define FAT_TEMPORARY "STAGEBOX.NEW" /* the file beside the one that is replaced */

struct fatfs {
    const struct block_device *device;
    FATFS volume;
    struct board_store *stores;
    size_t loaded; /* bytes */
    char sentence[320];
};

/* -- fatfs.c -------------------------------------------------------------------------------------- */

/* Keeps the sentence and returns the error. */
int fat_fail(struct fatfs *fatfs, enum port_error error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same for what FatFs says of `path`; 0 for FR_OK. */
int fat_result(struct fatfs *fatfs, FRESULT result, const char *path);
/* The path as FatFs takes it: names with one '/' between, none at its ends. 0, PORT_E_ACCESS where it leads out, or
 * PORT_E_NOENT where no card has such a long one. */
int fat_path(struct fatfs *fatfs, const char *path, char out[FAT_PATH_MAX]);
void fat_alive(const struct fatfs *fatfs);
/* Makes the folders that `path` goes through. */
int fat_make_folders(struct fatfs *fatfs, const char *path);
/* Writes `len` bytes at the file's place, piece by piece; zeros where `data` is NULL. */
int fat_write_all(struct fatfs *fatfs, FIL *file, const void *data, size_t len, const char *path);

/* -- fatfs_files.c, fatfs_replace.c, fatfs_store.c: the functions of struct board_files -------------- */

int fat_list(void *ctx, const char *dir, bool (*each)(void *each_ctx, const struct port_file *file), void *each_ctx);
int fat_stat(void *ctx, const char *path, struct port_file *out);
int fat_read(void *ctx, const char *path, uint64_t off, void *buf, size_t len);
int fat_room(void *ctx, uint64_t *free_bytes, uint64_t *size);
int fat_load(void *ctx, const char *path, const struct port_blob **out);
void fat_release(void *ctx, const struct port_blob *blob);
int fat_replace(void *ctx, const char *path, const void *data, size_t len);
int fat_store_open(void *ctx, const char *path, uint64_t size, struct board_store **out);
uint64_t fat_store_size(const struct board_store *store);
int fat_store_read(struct board_store *store, uint64_t off, void *buf, size_t len);
int fat_store_write(struct board_store *store, uint64_t off, const void *data, size_t len);
void fat_store_sync(struct board_store *store);
bool fat_store_synced(const struct board_store *store);
void fat_store_close(struct board_store *store);
bool fat_step(void *ctx);

#endif
