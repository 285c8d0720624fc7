/* store.c - files of fixed size for the journal, synced by a thread of their own.
 *
 * A write goes to the kernel at once, by the loop. While a sync is under way, and for a while after a write that took
 * long, a second thread does it: ext4 may hold up a writer until its own journal is on the card, and the loop must not
 * stand still as long. It waits for a moment all the same, so that what follows the write seldom has to. */
#include "ports/linux/card.h"
#include "ports/linux/write_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WRITE_WAIT_MS 20      /* so long the loop waits for a write */
#define WRITE_SLOW_MS 20      /* a write that took so long... */
#define WRITE_WARY_MS 60000   /* ...is not done by the loop again before */

struct port_store {
    struct port *port;
    int fd;
    uint64_t size;
    char path[PATH_MAX];
    /* under the worker's lock */
    bool wanted, syncing; /* a sync has been asked for; one is going on */
    struct port_store *next;

    atomic_int failed; /* errno of the last sync, or of a write that was not waited for, for the next write */
};

/* Takes over fdatasync(), which may wait a second for a card. */
struct sync_worker {
    struct watch watch; /* an eventfd: a sync has ended */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;
    struct port_store *stores;

    struct write_queue *writes;
    atomic_uint syncs;   /* asked for and not over */
    uint64_t wary_ms;    /* the loop does not write before */
};

/* -- the worker's thread ---------------------------------------------------------------------- */

static struct port_store *next_wanted(struct sync_worker *worker)
{
    for (struct port_store *store = worker->stores; store != NULL; store = store->next)
        if (store->wanted)
            return store;
    return NULL;
}

/* A turn follows. */
static void tell_loop(void *ctx)
{
    const struct sync_worker *worker = ctx;
    bell_ring(worker->watch.fd);
}

static void sync_one(struct sync_worker *worker, struct port_store *store)
{
    store->wanted = false;
    store->syncing = true;
    pthread_mutex_unlock(&worker->lock);
    write_queue_drain(worker->writes); /* what was written before is part of it */
    int error = fdatasync(store->fd) == 0 ? 0 : errno;
    atomic_fetch_sub(&worker->syncs, 1);
    if (error != 0)
        atomic_store(&store->failed, error);
    pthread_mutex_lock(&worker->lock);
    store->syncing = false;
    pthread_cond_broadcast(&worker->changed);
    tell_loop(worker);
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
    (void)events;
    bell_hush(watch->fd); /* nothing more to do: the turn that follows asks port_store_synced() */
}

static void dispose(struct watch *watch)
{
    (void)watch;
}

static int start_threads(struct sync_worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
    worker->writes = write_queue_open(tell_loop, worker);
    int error = worker->writes != NULL ? pthread_create(&worker->thread, NULL, work, worker) : EAGAIN;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        write_queue_close(worker->writes);
    return error;
}

static int start_worker(struct port *port)
{
    if (port->worker != NULL)
        return 0;
    struct sync_worker *worker = calloc(1, sizeof *worker);
    int fd = bell_open();
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
    int error = start_threads(worker);
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
    write_queue_close(worker->writes);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    watch_close(port, &worker->watch);
    free(worker);
    port->worker = NULL;
}

/* -- stores ---------------------------------------------------------------------------------------- */

/* Really writes zeros, so that no later write has to allocate, or to change what describes the file. */
static int grow(int fd, uint64_t from, uint64_t to)
{
    static uint8_t zeros[4096]; /* nobody writes there; a constant would take as much of the program */
    int error = posix_fallocate(fd, (off_t)from, (off_t)(to - from));
    if (error != 0 && error != EOPNOTSUPP && error != EINVAL)
        return error;
    for (uint64_t at = from; at < to;) {
        size_t len = to - at < sizeof zeros ? (size_t)(to - at) : sizeof zeros;
        error = write_all(fd, at, zeros, len);
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

static int write_now(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    uint64_t begun = clock_monotonic_ms();
    int error = write_all(store->fd, off, data, len);
    uint64_t now = clock_monotonic_ms();
    if (now - begun >= WRITE_SLOW_MS)
        store->port->worker->wary_ms = now + WRITE_WARY_MS;
    return error;
}

static int write_beside(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    struct write_queue *writes = store->port->worker->writes;
    if (!write_queue_put(writes, store->fd, off, data, len, &store->failed, WRITE_WAIT_MS))
        return 0;
    return atomic_exchange(&store->failed, 0);
}

int port_store_write(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    if (off > store->size || len > store->size - off)
        return fail(store->port, PORT_E_TOOBIG, "%.200s has only %llu bytes", store->path,
                    (unsigned long long)store->size);
    const struct sync_worker *worker = store->port->worker;
    int error = atomic_exchange(&store->failed, 0);
    bool busy = !write_queue_done(worker->writes) || atomic_load(&worker->syncs) > 0 || clock_monotonic_ms() < worker->wary_ms;
    if (error == 0)
        error = busy ? write_beside(store, off, data, len) : write_now(store, off, data, len);
    return error == 0 ? 0 : card_fail(store->port, store->path, error);
}

bool port_store_written(const struct port_store *store)
{
    return write_queue_done(store->port->worker->writes);
}

void port_store_sync(struct port_store *store)
{
    struct sync_worker *worker = store->port->worker;
    pthread_mutex_lock(&worker->lock);
    if (!store->wanted)
        atomic_fetch_add(&worker->syncs, 1);
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
    if (store->wanted)
        atomic_fetch_sub(&worker->syncs, 1);
    pthread_mutex_unlock(&worker->lock);
    write_queue_drain(worker->writes);
    fdatasync(store->fd);
    close(store->fd);
    free(store);
}
