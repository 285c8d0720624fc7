/* hosted.c - the machine's files, clocks, entropy and log, by ports/linux. */
#define _POSIX_C_SOURCE 200809L
#include "boards/tap/hosted.h"

#include <time.h>

#include "ports/linux/linux.h"

#define STORES 8

static struct port *machine;
static struct port_store *stores[STORES];

bool hosted_open(const char *card_dir, bool verbose, char *why, size_t why_size)
{
    struct port_linux_options options = {.verbose = verbose, .debuggable = true};
    machine = port_linux_open(card_dir, &options, why, why_size);
    return machine != NULL;
}

void hosted_close(void)
{
    port_linux_close(machine);
    machine = NULL;
}

static const char *sentence(void *ctx)
{
    (void)ctx;
    return port_error_sentence(machine);
}

static int list(void *ctx, const char *dir, bool (*each)(void *, const struct port_file *), void *each_ctx)
{
    (void)ctx;
    return port_list(machine, dir, each, each_ctx);
}

static int file_stat(void *ctx, const char *path, struct port_file *out)
{
    (void)ctx;
    return port_stat(machine, path, out);
}

static int file_read(void *ctx, const char *path, uint64_t off, void *buf, size_t len)
{
    (void)ctx;
    return port_read(machine, path, off, buf, len);
}

static int replace(void *ctx, const char *path, const void *data, size_t len)
{
    (void)ctx;
    return port_replace(machine, path, data, len);
}

static int room(void *ctx, uint64_t *free_bytes, uint64_t *size)
{
    (void)ctx;
    return port_room(machine, free_bytes, size);
}

static int load(void *ctx, const char *path, const struct port_blob **out)
{
    (void)ctx;
    return port_blob_open(machine, path, out);
}

static void release(void *ctx, const struct port_blob *blob)
{
    (void)ctx;
    port_blob_release(machine, blob);
}

static struct port_store *of(const struct board_store *store)
{
    return (struct port_store *)(uintptr_t)store;
}

static int store_open(void *ctx, const char *path, uint64_t size, struct board_store **out)
{
    struct port_store *store = NULL;
    (void)ctx;
    int error = port_store_open(machine, path, size, &store);
    *out = (struct board_store *)(void *)store;
    for (int i = 0; error == 0 && i < STORES; i++)
        if (stores[i] == NULL) {
            stores[i] = store;
            break;
        }
    return error;
}

static uint64_t store_size(const struct board_store *store)
{
    return port_store_size(of(store));
}

static int store_read(struct board_store *store, uint64_t off, void *buf, size_t len)
{
    return port_store_read(of(store), off, buf, len);
}

static int store_write(struct board_store *store, uint64_t off, const void *data, size_t len)
{
    int error = port_store_write(of(store), off, data, len);
    while (error == 0 && !port_store_written(of(store))) /* a driver waits */
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return error;
}

static void store_sync(struct board_store *store)
{
    port_store_sync(of(store));
}

static bool store_synced(const struct board_store *store)
{
    return port_store_synced(of(store));
}

static void store_close(struct board_store *store)
{
    for (int i = 0; i < STORES; i++)
        if (stores[i] == of(store))
            stores[i] = NULL;
    port_store_close(of(store));
}

bool hosted_syncing(void)
{
    for (int i = 0; i < STORES; i++)
        if (stores[i] != NULL && !port_store_synced(stores[i]))
            return true;
    return false;
}

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return port_now_ms(machine);
}

static bool wall_ms(void *ctx, int64_t *unix_ms)
{
    (void)ctx;
    return port_wall_ms(machine, unix_ms);
}

static int set_wall_ms(void *ctx, int64_t unix_ms)
{
    (void)ctx;
    return port_set_wall_ms(machine, unix_ms);
}

static int random_bytes(void *ctx, void *buf, size_t len)
{
    (void)ctx;
    return port_random(machine, buf, len);
}

static void say(void *ctx, enum port_level level, const char *line)
{
    (void)ctx;
    port_log(machine, level, line);
}

void hosted_fill(struct board *board)
{
    static const struct board_files files = {
        .sentence = sentence, .list = list, .stat = file_stat, .read = file_read, .replace = replace,
        .room = room, .load = load, .release = release, .store_open = store_open, .store_size = store_size,
        .store_read = store_read, .store_write = store_write, .store_sync = store_sync,
        .store_synced = store_synced, .store_close = store_close};
    board->files = &files;
    board->now_ms = now_ms;
    board->wall_ms = wall_ms;
    board->set_wall_ms = set_wall_ms;
    board->random = random_bytes;
    board->log = say;
}
