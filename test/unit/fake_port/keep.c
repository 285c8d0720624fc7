/* keep.c - what the app holds open of the fake card: blobs and stores. */
#include "test/unit/fake_port/internal.h"

#include <stdlib.h>
#include <string.h>

int port_blob_open(struct port *port, const char *path, const struct port_blob **out)
{
    struct fake_file *file;
    int error = fake_planned(port, FAKE_BLOB);
    if (error == 0)
        error = fake_path_check(port, path, &file);
    if (error != 0)
        return error;
    struct fake_blob *blob = fake_alloc(sizeof *blob);
    uint8_t *data = malloc(file->content.len > 0 ? file->content.len : 1);
    fake_check(data != NULL, "out of memory");
    memcpy(data, file->content.data, file->content.len);
    blob->blob = (struct port_blob){data, file->content.len};
    blob->next = port->blobs;
    port->blobs = blob;
    *out = &blob->blob;
    return 0;
}

void port_blob_release(struct port *port, const struct port_blob *blob)
{
    struct fake_blob **at = &port->blobs;
    while (*at != NULL && &(*at)->blob != blob)
        at = &(*at)->next;
    fake_check(*at != NULL, "port_blob_release() of what is no blob, or twice");
    struct fake_blob *found = *at;
    *at = found->next;
    free((void *)(uintptr_t)found->blob.data);
    free(found);
}

size_t fake_blobs(const struct port *port)
{
    size_t count = 0;
    for (const struct fake_blob *blob = port->blobs; blob != NULL; blob = blob->next)
        count++;
    return count;
}

static int grow(struct port *port, struct fake_file *file, size_t size)
{
    size_t more = size - file->content.len;
    if (more > port->room)
        return fake_error(port, PORT_E_FULL, "the card is full");
    if (port->room != UINT64_MAX)
        port->room -= more;
    uint8_t *data = fake_alloc(size + 1);
    memcpy(data, file->content.data, file->content.len);
    free(file->content.data);
    file->content = (struct fake_bytes){data, size};
    return 0;
}

int port_store_open(struct port *port, const char *path, uint64_t size, struct port_store **out)
{
    struct fake_file *file;
    int error = fake_planned(port, FAKE_STORE_OPEN);
    if (error == 0)
        error = fake_path_check(port, path, &file);
    if (error == PORT_E_NOENT) {
        file = fake_make(port, path);
        error = 0;
    }
    if (error == 0 && file->content.len < size)
        error = grow(port, file, (size_t)size);
    if (error != 0)
        return error;
    fake_bytes_set(&file->durable, file->content.data, file->content.len);
    file->has_durable = true;
    struct port_store *store = fake_alloc(sizeof *store);
    *store = (struct port_store){.next = port->stores, .port = port, .file = file};
    port->stores = store;
    *out = store;
    return 0;
}

static void use(const struct port_store *store)
{
    fake_check(!store->closed, "a store was used after port_store_close()");
}

uint64_t port_store_size(const struct port_store *store)
{
    use(store);
    return store->file->content.len;
}

int port_store_read(struct port_store *store, uint64_t off, void *buf, size_t len)
{
    use(store);
    int error = fake_planned(store->port, FAKE_STORE_READ);
    if (error != 0)
        return error;
    const struct fake_bytes *content = &store->file->content;
    if (off >= content->len)
        return 0;
    size_t left = content->len - (size_t)off, count = len < left ? len : left;
    memcpy(buf, content->data + off, count);
    return (int)count;
}

int port_store_write(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    use(store);
    int error = fake_planned(store->port, FAKE_STORE_WRITE);
    if (error == 0 && store->failed != 0) {
        error = fake_error(store->port, (enum port_error)store->failed, "the last sync failed");
        store->failed = 0;
    }
    if (error != 0)
        return error;
    struct fake_bytes *content = &store->file->content;
    if (off > content->len || len > content->len - off)
        return fake_error(store->port, PORT_E_TOOBIG, "written beyond the end of a store");
    memcpy(content->data + off, data, len);
    store->port->seq++;
    return 0;
}

static void complete(struct port_store *store)
{
    store->outstanding = false;
    store->failed = fake_planned(store->port, FAKE_STORE_SYNC);
    if (store->failed == 0)
        fake_bytes_set(&store->file->durable, store->file->content.data, store->file->content.len);
}

void port_store_sync(struct port_store *store)
{
    use(store);
    store->outstanding = true;
    if (!store->port->hold_sync)
        complete(store);
}

void fake_store_hold_sync(struct port *port, bool hold)
{
    port->hold_sync = hold;
    for (struct port_store *store = port->stores; store != NULL && !hold; store = store->next)
        if (!store->closed && store->outstanding)
            complete(store);
}

void fake_store_hold_write(struct port *port, bool hold)
{
    port->hold_write = hold;
}

bool port_store_written(const struct port_store *store)
{
    return !store->port->hold_write;
}

bool port_store_synced(const struct port_store *store)
{
    use(store);
    return !store->outstanding;
}

void port_store_close(struct port_store *store)
{
    use(store);
    if (store->failed == 0)
        complete(store);
    store->closed = true;
}

void fake_card_forget(struct port *port)
{
    while (port->blobs != NULL)
        port_blob_release(port, &port->blobs->blob);
    while (port->stores != NULL) {
        struct port_store *store = port->stores;
        port->stores = store->next;
        free(store);
    }
}

void fake_card_free(struct port *port)
{
    while (port->files != NULL) {
        struct fake_file *file = port->files;
        port->files = file->next;
        free(file->content.data);
        free(file->durable.data);
        free(file);
    }
}
