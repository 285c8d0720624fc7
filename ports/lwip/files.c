/* files.c - the card, as the board gives it. */
#include "ports/lwip/internal.h"

#include <stdlib.h>

struct tracked_blob {
    const struct port_blob *blob;
    bool released; /* by the app, but a connection still sends from it */
    struct tracked_blob *next;
};
struct port_store {
    struct port *port;
    struct board_store *store;
    struct port_store *next;
};

static const struct board_files *files_of(const struct port *port)
{
    return port->board->files;
}

int port_list(struct port *port, const char *dir, bool (*each)(void *ctx, const struct port_file *file), void *ctx)
{
    return of_files(port, files_of(port)->list(port->board->files_ctx, dir, each, ctx));
}

int port_stat(struct port *port, const char *path, struct port_file *out)
{
    return of_files(port, files_of(port)->stat(port->board->files_ctx, path, out));
}

int port_read(struct port *port, const char *path, uint64_t off, void *buf, size_t len)
{
    return of_files(port, files_of(port)->read(port->board->files_ctx, path, off, buf, len));
}

int port_replace(struct port *port, const char *path, const void *data, size_t len)
{
    return of_files(port, files_of(port)->replace(port->board->files_ctx, path, data, len));
}

int port_room(struct port *port, uint64_t *free_bytes, uint64_t *size)
{
    return of_files(port, files_of(port)->room(port->board->files_ctx, free_bytes, size));
}

/* -- blobs ------------------------------------------------------------------------------------------ */

int port_blob_open(struct port *port, const char *path, const struct port_blob **out)
{
    struct tracked_blob *tracked = calloc(1, sizeof *tracked);
    if (tracked == NULL)
        return fail(port, PORT_E_FULL, "no memory for %.200s", path);
    int error = of_files(port, files_of(port)->load(port->board->files_ctx, path, &tracked->blob));
    if (error != 0) {
        free(tracked);
        return error;
    }
    tracked->next = port->blobs;
    port->blobs = tracked;
    *out = tracked->blob;
    return 0;
}

static void give_back(struct port *port, struct tracked_blob **at)
{
    struct tracked_blob *tracked = *at;
    *at = tracked->next;
    files_of(port)->release(port->board->files_ctx, tracked->blob);
    free(tracked);
}

void blobs_sweep(struct port *port)
{
    for (struct tracked_blob **at = &port->blobs; *at != NULL;) {
        if ((*at)->released && !tcp_uses_blob(port, (*at)->blob))
            give_back(port, at);
        else
            at = &(*at)->next;
    }
}

void port_blob_release(struct port *port, const struct port_blob *blob)
{
    for (struct tracked_blob *tracked = port->blobs; tracked != NULL; tracked = tracked->next)
        if (tracked->blob == blob)
            tracked->released = true;
    blobs_sweep(port);
}

/* -- stores ------------------------------------------------------------------------------------------- */

int port_store_open(struct port *port, const char *path, uint64_t size, struct port_store **out)
{
    struct port_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return fail(port, PORT_E_FULL, "no memory for %.200s", path);
    int error = of_files(port, files_of(port)->store_open(port->board->files_ctx, path, size, &store->store));
    if (error != 0) {
        free(store);
        return error;
    }
    store->port = port;
    store->next = port->stores;
    port->stores = store;
    *out = store;
    return 0;
}

uint64_t port_store_size(const struct port_store *store)
{
    return files_of(store->port)->store_size(store->store);
}

int port_store_read(struct port_store *store, uint64_t off, void *buf, size_t len)
{
    return of_files(store->port, files_of(store->port)->store_read(store->store, off, buf, len));
}

int port_store_write(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    return of_files(store->port, files_of(store->port)->store_write(store->store, off, data, len));
}

bool port_store_written(const struct port_store *store)
{
    (void)store; /* a driver has it when store_write() returns */
    return true;
}

void port_store_sync(struct port_store *store)
{
    files_of(store->port)->store_sync(store->store);
}

bool port_store_synced(const struct port_store *store)
{
    return files_of(store->port)->store_synced(store->store);
}

void port_store_close(struct port_store *store)
{
    struct port_store **at = &store->port->stores;
    while (*at != store)
        at = &(*at)->next;
    *at = store->next;
    files_of(store->port)->store_close(store->store);
    free(store);
}

void files_stop(struct port *port)
{
    while (port->stores != NULL)
        port_store_close(port->stores);
    while (port->blobs != NULL)
        give_back(port, &port->blobs);
}
