/* work.c - threads for what takes long: private-key operations. One a core; they start with the first piece of work,
 * after the rights are gone, and have none of their own. Without an engine for RSA (ports/port.h, port_rsa()) no
 * operation may go on beside the rest of net/tls: then there is no thread, and the loop does one piece a turn. */
#include "ports/linux/internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct work_queue {
    struct port_work *first, *last;
};
enum { THREADS_MAX = 8 };
struct work_threads {
    pthread_t threads[THREADS_MAX];
    long count;
    pthread_mutex_t mutex;
    pthread_cond_t more, idle;
    struct work_queue wanted, finished;
    unsigned busy; /* pieces that are being worked on */
    bool quit;
    struct watch watch; /* an eventfd: something is finished, or (without threads) wanted */
};

static void put(struct work_queue *queue, struct port_work *work)
{
    work->next = NULL;
    if (queue->last != NULL)
        queue->last->next = work;
    else
        queue->first = work;
    queue->last = work;
}

static struct port_work *take(struct work_queue *queue)
{
    struct port_work *work = queue->first;
    if (work != NULL)
        queue->first = work->next;
    if (queue->first == NULL)
        queue->last = NULL;
    return work;
}

static void tell(struct work_threads *w)
{
    bell_ring(w->watch.fd);
}

/* The loop's thread answers DHCP and TFTP: it comes first. On Linux this is of the calling thread alone (setpriority(2),
 * "C library/kernel differences"). */
static void stand_back(void)
{
    int ignored = setpriority(PRIO_PROCESS, 0, 10);
    (void)ignored;
}

static void *serve(void *arg)
{
    struct work_threads *w = arg;
    stand_back();
    rights_of_thread();
    pthread_mutex_lock(&w->mutex);
    while (!w->quit) {
        struct port_work *work = take(&w->wanted);
        if (work == NULL) {
            pthread_cond_wait(&w->more, &w->mutex);
            continue;
        }
        w->busy++;
        pthread_mutex_unlock(&w->mutex);
        while (work->run(work))
            ;
        pthread_mutex_lock(&w->mutex);
        put(&w->finished, work);
        w->busy--;
        pthread_cond_signal(&w->idle);
        tell(w);
    }
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

/* Without threads: one piece, and the loop comes to the others before the next. */
static void do_one(struct work_threads *w)
{
    struct port_work *work = w->wanted.first;
    if (work == NULL)
        return;
    if (!work->run(work))
        put(&w->finished, take(&w->wanted));
    if (w->wanted.first != NULL)
        tell(w);
}

/* One at a time: a callback may stop everything. */
static void on_finished(struct watch *watch, uint32_t events)
{
    struct work_threads *w = watch->owner;
    (void)events;
    bell_hush(watch->fd);
    if (w->count == 0)
        do_one(w);
    for (;;) {
        pthread_mutex_lock(&w->mutex);
        struct port_work *work = take(&w->finished);
        pthread_mutex_unlock(&w->mutex);
        if (work == NULL)
            return;
        work->done(work);
    }
}

static long threads_wanted(const struct port *port)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (port_rsa(port) == NULL)
        return 0;
    return cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : cores;
}

/* As many as can be had, but one at least where any is wanted. */
static bool start_threads(struct work_threads *w, long wanted)
{
    while (w->count < wanted && pthread_create(&w->threads[w->count], NULL, serve, w) == 0)
        w->count++;
    return wanted == 0 || w->count > 0;
}

static struct work_threads *start(struct port *port)
{
    struct work_threads *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->more, NULL);
    pthread_cond_init(&w->idle, NULL);
    w->watch.ready = on_finished;
    w->watch.owner = w;
    int fd = bell_open();
    if (fd >= 0 && watch_open(port, &w->watch, fd, EPOLLIN) == 0) {
        if (start_threads(w, threads_wanted(port)))
            return w;
        watch_close(port, &w->watch);
    } else if (fd >= 0) {
        close(fd);
    }
    free(w);
    return NULL;
}

int port_work(struct port *port, struct port_work *work)
{
    if (port->work == NULL)
        port->work = start(port);
    struct work_threads *w = port->work;
    if (w == NULL)
        return fail(port, PORT_E_SYSTEM, "no thread can be started for private-key operations: %s", strerror(errno));
    pthread_mutex_lock(&w->mutex);
    put(&w->wanted, work);
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->mutex);
    if (w->count == 0)
        tell(w);
    return 0;
}

void port_work_stop(struct port *port)
{
    struct work_threads *w = port->work;
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->mutex);
    w->wanted = (struct work_queue){NULL, NULL};
    while (w->busy > 0)
        pthread_cond_wait(&w->idle, &w->mutex);
    w->finished = (struct work_queue){NULL, NULL};
    pthread_mutex_unlock(&w->mutex);
}

void work_close(struct port *port)
{
    struct work_threads *w = port->work;
    if (w == NULL)
        return;
    port_work_stop(port);
    pthread_mutex_lock(&w->mutex);
    w->quit = true;
    pthread_cond_broadcast(&w->more);
    pthread_mutex_unlock(&w->mutex);
    while (w->count > 0)
        pthread_join(w->threads[--w->count], NULL);
    watch_close(port, &w->watch);
    pthread_cond_destroy(&w->more);
    pthread_cond_destroy(&w->idle);
    pthread_mutex_destroy(&w->mutex);
    free(w);
    port->work = NULL;
}
