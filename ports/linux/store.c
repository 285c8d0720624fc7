/* store.c - files of fixed size for the journal, synced by a thread of their own. */
#include "ports/linux/card.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct port_store {
    struct port *port;
    int fd;
    uint64_t size;
    char path[PATH_MAX];
    /* under the worker's lock */
    bool wanted, syncing; /* a sync has been asked for; one is going on */
    int failed;           /* errno of the last sync, for the next write */
    struct port_store *next;
};

/* Takes over fdatasync(), which may wait a second for a card. */
struct sync_worker {
    struct watch watch; /* an eventfd: a sync has ended */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;
    struct port_store *stores;
};

/* -- the worker's thread ---------------------------------------------------------------------- */

static struct port_store *next_wanted(struct sync_worker *worker)
{
    for (struct port_store *store = worker->stores; store != NULL; store = store->next)
        if (store->wanted)
            return store;
    return NULL;
}

static void sync_one(struct sync_worker *worker, struct port_store *store)
{
    uint64_t one = 1;
    store->wanted = false;
    store->syncing = true;
    pthread_mutex_unlock(&worker->lock);
    int error = fdatasync(store->fd) == 0 ? 0 : errno;
    pthread_mutex_lock(&worker->lock);
    store->syncing = false;
    if (error != 0)
        store->failed = error;
    pthread_cond_broadcast(&worker->changed);
    ssize_t told = write(worker->watch.fd, &one, sizeof one);
    (void)told;
}

static void *work(void *arg)
{
    struct sync_worker *worker = arg;
    rights_of_thread();
    pthread_mutex_lock(&worker->lock);
    while (!worker->stop) {
        struct port_store *store = next_wanted(worker);
        if (store != NULL)
            sync_one(worker, store);
        else
            pthread_cond_wait(&worker->changed, &worker->lock);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

/* -- its life, seen from the loop ---------------------------------------------------------------- */

static void sync_ended(struct watch *watch, uint32_t events)
{
    uint64_t count; /* nothing more to do: the turn that follows asks port_store_synced() */
    (void)events;
    ssize_t got = read(watch->fd, &count, sizeof count);
    (void)got;
}

static void dispose(struct watch *watch)
{
    (void)watch;
}

static int start_thread(struct sync_worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
    int error = pthread_create(&worker->thread, NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static int start_worker(struct port *port)
{
    if (port->worker != NULL)
        return 0;
    struct sync_worker *worker = calloc(1, sizeof *worker);
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (worker != NULL)
        worker->watch = (struct watch){.fd = -1, .ready = sync_ended, .dispose = dispose, .owner = worker};
    if (worker == NULL || fd < 0 || watch_open(port, &worker->watch, fd, EPOLLIN) != 0) {
        if (fd >= 0)
            close(fd);
        free(worker);
        return fail(port, PORT_E_FULL, "no memory for the journal's thread");
    }
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    int error = start_thread(worker);
    if (error != 0) {
        watch_close(port, &worker->watch);
        free(worker);
        return fail(port, PORT_E_FULL, "the journal's thread cannot be started: %s", strerror(error));
    }
    port->worker = worker;
    return 0;
}

void stores_stop(struct port *port)
{
    struct sync_worker *worker = port->worker;
    if (worker == NULL)
        return;
    while (worker->stores != NULL)
        port_store_close(worker->stores);
    pthread_mutex_lock(&worker->lock);
    worker->stop = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    watch_close(port, &worker->watch);
    free(worker);
    port->worker = NULL;
}

/* -- stores ---------------------------------------------------------------------------------------- */

static int write_at(int fd, uint64_t off, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t count = pwrite(fd, (const uint8_t *)data + done, len - done, (off_t)(off + done));
        if (count < 0 && errno != EINTR)
            return errno;
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* Really writes zeros, so that no later write has to allocate, or to change what describes the file. */
static int grow(int fd, uint64_t from, uint64_t to)
{
    static uint8_t zeros[4096]; /* nobody writes there; a constant would take as much of the program */
    int error = posix_fallocate(fd, (off_t)from, (off_t)(to - from));
    if (error != 0 && error != EOPNOTSUPP && error != EINVAL)
        return error;
    for (uint64_t at = from; at < to;) {
        size_t len = to - at < sizeof zeros ? (size_t)(to - at) : sizeof zeros;
        error = write_at(fd, at, zeros, len);
        if (error != 0)
            return error;
        at += len;
    }
    return fsync(fd) == 0 ? 0 : errno;
}

static void sync_folder(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* The open file with at least `size` bytes, and its size; an fd or an error. */
static int open_file(struct port *port, const char *path, uint64_t *size)
{
    struct card_place place;
    struct stat info;
    int fd = card_find(port, path, true, &place);
    if (fd != 0)
        return fd;
    fd = card_open(port, &place, path, O_RDWR | O_CREAT, &info);
    if (fd >= 0 && (uint64_t)info.st_size < *size) {
        card_give_to_owner(place.dir, fd);
        int error = grow(fd, (uint64_t)info.st_size, *size);
        sync_folder(place.dir);
        if (error != 0) {
            close(fd);
            fd = card_fail(port, path, error);
        }
    } else if (fd >= 0) {
        *size = (uint64_t)info.st_size;
    }
    card_leave(&place);
    return fd;
}

int port_store_open(struct port *port, const char *path, uint64_t size, struct port_store **out)
{
    int error = start_worker(port);
    if (error != 0)
        return error;
    int fd = open_file(port, path, &size);
    if (fd < 0)
        return fd;
    struct port_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        close(fd);
        return fail(port, PORT_E_FULL, "no memory for %.200s", path);
    }
    store->port = port;
    store->fd = fd;
    store->size = size;
    strncpy(store->path, path, sizeof store->path - 1);
    struct sync_worker *worker = port->worker;
    pthread_mutex_lock(&worker->lock);
    store->next = worker->stores;
    worker->stores = store;
    pthread_mutex_unlock(&worker->lock);
    *out = store;
    return 0;
}

uint64_t port_store_size(const struct port_store *store)
{
    return store->size;
}

int port_store_read(struct port_store *store, uint64_t off, void *buf, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = pread(store->fd, (uint8_t *)buf + done, len - done, (off_t)(off + done));
        if (count < 0 && errno != EINTR)
            return card_fail(store->port, store->path, errno);
        if (count == 0)
            break;
        done += count > 0 ? (size_t)count : 0;
    }
    return (int)done;
}

/* The failure of the last sync, once. */
static int take_failure(struct port_store *store)
{
    struct sync_worker *worker = store->port->worker;
    pthread_mutex_lock(&worker->lock);
    int failed = store->failed;
    store->failed = 0;
    pthread_mutex_unlock(&worker->lock);
    return failed;
}

int port_store_write(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    if (off > store->size || len > store->size - off)
        return fail(store->port, PORT_E_TOOBIG, "%.200s has only %llu bytes", store->path,
                    (unsigned long long)store->size);
    int error = take_failure(store);
    if (error == 0)
        error = write_at(store->fd, off, data, len);
    return error == 0 ? 0 : card_fail(store->port, store->path, error);
}

void port_store_sync(struct port_store *store)
{
    struct sync_worker *worker = store->port->worker;
    pthread_mutex_lock(&worker->lock);
    store->wanted = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

bool port_store_synced(const struct port_store *store)
{
    struct sync_worker *worker = store->port->worker;
    pthread_mutex_lock(&worker->lock);
    bool synced = !store->wanted && !store->syncing;
    pthread_mutex_unlock(&worker->lock);
    return synced;
}

void port_store_close(struct port_store *store)
{
    struct sync_worker *worker = store->port->worker;
    pthread_mutex_lock(&worker->lock);
    while (store->syncing)
        pthread_cond_wait(&worker->changed, &worker->lock);
    struct port_store **at = &worker->stores;
    while (*at != store)
        at = &(*at)->next;
    *at = store->next;
    pthread_mutex_unlock(&worker->lock);
    fdatasync(store->fd);
    close(store->fd);
    free(store);
}
