#include "ports/linux/write_queue.h"

#include "ports/linux/internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
    struct entry *next;
    atomic_int *failed;
    int fd;
    uint64_t off;
    size_t len;
    uint8_t bytes[];
};

struct write_queue {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct entry *first, *last;
    size_t bytes;
    unsigned put;     /* entries so far, in as few bits as every machine can count at once: it begins anew */
    atomic_uint done; /* of them */
    int event;        /* an eventfd: one is done. Waited for in milliseconds, whatever the clocks do */
    bool stop;
    void (*told)(void *ctx);
    void *ctx;
};

int write_all(int fd, uint64_t off, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t count = pwrite(fd, (const uint8_t *)data + done, len - done, (off_t)(off + done));
        if (count < 0 && errno != EINTR)
            return errno;
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* -- its thread ------------------------------------------------------------------------------- */

static void do_first(struct write_queue *q)
{
    struct entry *entry = q->first;
    q->first = entry->next;
    pthread_mutex_unlock(&q->lock);
    int error = write_all(entry->fd, entry->off, entry->bytes, entry->len);
    if (error != 0)
        atomic_store(entry->failed, error);
    pthread_mutex_lock(&q->lock);
    q->bytes -= entry->len;
    free(entry);
    atomic_fetch_add(&q->done, 1);
    pthread_cond_broadcast(&q->changed);
    bell_ring(q->event);
    q->told(q->ctx);
}

static void *work(void *arg)
{
    struct write_queue *q = arg;
    rights_of_thread();
    pthread_mutex_lock(&q->lock);
    while (q->first != NULL || !q->stop) {
        if (q->first != NULL)
            do_first(q);
        else
            pthread_cond_wait(&q->changed, &q->lock);
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

/* -- its life --------------------------------------------------------------------------------- */

struct write_queue *write_queue_open(void (*told)(void *ctx), void *ctx)
{
    struct write_queue *q = calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    q->told = told;
    q->ctx = ctx;
    q->event = bell_open();
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->changed, NULL);
    if (q->event >= 0 && pthread_create(&q->thread, NULL, work, q) == 0)
        return q;
    if (q->event >= 0)
        close(q->event);
    free(q);
    return NULL;
}

void write_queue_close(struct write_queue *q)
{
    if (q == NULL)
        return;
    pthread_mutex_lock(&q->lock);
    q->stop = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    pthread_join(q->thread, NULL);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->lock);
    close(q->event);
    free(q);
}

/* -- who puts --------------------------------------------------------------------------------- */

static void append(struct write_queue *q, struct entry *entry)
{
    pthread_mutex_lock(&q->lock);
    while (q->bytes > 0 && q->bytes + entry->len > WRITE_QUEUE_MAX)
        pthread_cond_wait(&q->changed, &q->lock);
    if (q->first != NULL)
        q->last->next = entry;
    else
        q->first = entry;
    q->last = entry;
    q->bytes += entry->len;
    q->put++;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

bool write_queue_put(struct write_queue *q, int fd, uint64_t off, const void *data, size_t len, atomic_int *failed,
                     int wait_ms)
{
    bool alone = write_queue_done(q);
    struct entry *entry = malloc(sizeof *entry + len);
    if (entry == NULL) {
        write_queue_drain(q);
        int error = write_all(fd, off, data, len);
        if (error != 0)
            atomic_store(failed, error);
        return true;
    }
    *entry = (struct entry){.failed = failed, .fd = fd, .off = off, .len = len};
    memcpy(entry->bytes, data, len);
    bell_hush(q->event);
    append(q, entry);
    if (alone)
        poll(&(struct pollfd){.fd = q->event, .events = POLLIN}, 1, wait_ms);
    return write_queue_done(q);
}

bool write_queue_done(const struct write_queue *q)
{
    return atomic_load(&q->done) == q->put;
}

void write_queue_drain(struct write_queue *q)
{
    pthread_mutex_lock(&q->lock);
    unsigned put = q->put;
    while ((int)(put - atomic_load(&q->done)) > 0)
        pthread_cond_wait(&q->changed, &q->lock);
    pthread_mutex_unlock(&q->lock);
}
