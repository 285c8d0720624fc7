#include "ports/linux/sender.h"

#include "ports/linux/internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define SLICE (1u << 20)   /* bytes per sendfile(): one reader with a fast link does not hold up the others */
#define STACK (128u << 10) /* touched is a tenth of it */
enum { SENDERS_MAX = 8, EVENTS = 16, ROUND_SHARE = 16, SLICES_UNTOLD = 8, FIRST_SLOTS = 64 };

/* Each socket has a thread whose epoll it is in, and that one sends to it as long as it is not behind: a thread
 * that has nothing to do takes from the others, so that none is idle while there is a socket with room. A socket is
 * told once (EPOLLONESHOT), and armed again by who has sent to it. What a thread is told is only a hint, since it
 * may be of the past: the socket has been given back meanwhile, or its number even to a new one, whose piece
 * another thread has. */
struct slot {
    struct send_piece *piece; /* NULL: nothing is to be sent to this socket */
    struct sender *home;
    bool taken, cancelled; /* taken: a thread is sending */
};
struct sender {
    struct senders *all;
    pthread_t thread;
    int epoll;
    atomic_uint load; /* pieces */
};
struct senders {
    struct sender sender[SENDERS_MAX];
    long count;   /* of their epolls */
    long started; /* of their threads */
    int any;      /* an epoll of all the epolls, and of `quit` */
    int quit;     /* a bell that rings for all threads, and is not hushed */
    atomic_bool ends;
    pthread_mutex_t mutex; /* of the slots and `over` */
    struct slot *slots;    /* by the number of the socket */
    size_t size;
    struct send_piece *over, **over_end;
    sender_fn *fn;
    struct watch watch; /* a bell: there is something in `over` */
};

static int arm(const struct sender *home, int op, int socket)
{
    struct epoll_event event = {.events = EPOLLOUT | EPOLLONESHOT, .data.fd = socket};
    return epoll_ctl(home->epoll, op, socket, &event);
}

/* With the lock held; whether the loop is to be told. The socket stays in epoll. */
static bool give_back(struct senders *all, struct slot *slot, int error)
{
    struct send_piece *piece = slot->piece;
    bool first = all->over == NULL;
    slot->piece = NULL;
    piece->error = error;
    piece->next = NULL;
    *all->over_end = piece;
    all->over_end = &piece->next;
    return first;
}

/* -- the threads -------------------------------------------------------------------------------------- */

/* NULL: there is nothing to do. */
static struct send_piece *take(struct senders *all, int socket)
{
    pthread_mutex_lock(&all->mutex);
    struct slot *slot = &all->slots[socket];
    struct send_piece *piece = slot->taken ? NULL : slot->piece;
    slot->taken = slot->taken || piece != NULL;
    pthread_mutex_unlock(&all->mutex);
    return piece;
}

/* One slice: whether nothing more is to come, and then the error. */
static bool send_slice(struct send_piece *piece, int *error)
{
    size_t sent = atomic_load_explicit(&piece->sent, memory_order_relaxed), left = piece->len - sent;
    off_t from = (off_t)(piece->off + sent);
    ssize_t count = sendfile(piece->socket, piece->copy, &from, left < SLICE ? left : SLICE);
    *error = count == 0 ? EIO : count < 0 ? errno : 0; /* a sealed copy has no end before its end */
    if (count > 0)
        atomic_store_explicit(&piece->sent, sent + (size_t)count, memory_order_release);
    return count > 0 ? (size_t)count == left : *error != EAGAIN && *error != EINTR;
}

/* Whether the loop is to be told. */
static bool serve_socket(struct senders *all, int socket)
{
    int error = 0;
    struct send_piece *piece = take(all, socket);
    if (piece == NULL)
        return false;
    bool over = send_slice(piece, &error), to_tell = false;
    pthread_mutex_lock(&all->mutex);
    struct slot *slot = &all->slots[socket];
    slot->taken = false;
    if (!over && slot->cancelled) {
        over = true;
        error = ECANCELED;
    }
    if (over)
        to_tell = give_back(all, slot, error);
    else
        arm(slot->home, EPOLL_CTL_MOD, socket); /* locked: else the loop might have closed it */
    pthread_mutex_unlock(&all->mutex);
    return to_tell;
}

/* How many sockets a thread takes at once: one of a few, so that it keeps none from another thread that is idle; of
 * many, more, since asking for each by itself costs. */
static int round_size(const struct sender *s)
{
    unsigned share = atomic_load_explicit(&s->load, memory_order_relaxed) / ROUND_SHARE;
    return share < 1 ? 1 : share > EVENTS ? EVENTS : (int)share;
}

/* What has room: of its own, else of another's. */
static int find_work(struct sender *s, struct epoll_event *events)
{
    struct senders *all = s->all;
    int count = epoll_wait(s->epoll, events, round_size(s), 0);
    for (long i = 0; i < all->count && count <= 0; i++)
        if (&all->sender[i] != s)
            count = epoll_wait(all->sender[i].epoll, events, 1, 0);
    return count;
}

static void wait_for_work(struct senders *all)
{
    struct epoll_event event;
    epoll_wait(all->any, &event, 1, -1);
}

/* What is over is told when there is nothing to send, or has not been told for some slices: the loop is woken once
 * for all of it. */
static void *serve(void *arg)
{
    struct sender *s = arg;
    struct senders *all = s->all;
    struct epoll_event events[EVENTS];
    bool to_tell = false;
    int slices = 0;
    int ignored = setpriority(PRIO_PROCESS, 0, 2); /* of this thread alone: the loop comes first, if not by much */
    (void)ignored;
    rights_of_thread();
    while (!atomic_load_explicit(&all->ends, memory_order_relaxed)) {
        int count = find_work(s, events);
        for (int i = 0; i < count; i++)
            to_tell = serve_socket(all, events[i].data.fd) || to_tell;
        slices = to_tell ? slices + count : 0;
        if (to_tell && (count <= 0 || slices >= SLICES_UNTOLD)) {
            bell_ring(all->watch.fd);
            to_tell = false;
        }
        if (count <= 0)
            wait_for_work(all);
    }
    return NULL;
}

/* -- the loop's side ------------------------------------------------------------------------------------ */

static struct send_piece *next_over(struct senders *all)
{
    pthread_mutex_lock(&all->mutex);
    struct send_piece *piece = all->over;
    if (piece != NULL)
        all->over = piece->next;
    if (all->over == NULL)
        all->over_end = &all->over;
    pthread_mutex_unlock(&all->mutex);
    return piece;
}

static void on_over(struct watch *watch, uint32_t events)
{
    struct senders *all = watch->owner;
    struct send_piece *piece;
    (void)events;
    bell_hush(watch->fd);
    while ((piece = next_over(all)) != NULL) { /* one at a time: a callback may cancel others */
        piece->lent = false;
        atomic_fetch_sub_explicit(&all->slots[piece->socket].home->load, 1, memory_order_relaxed);
        all->fn(piece);
    }
}

/* One core is better left to the loop. */
static long threads_wanted(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 2 ? 0 : cores > SENDERS_MAX ? SENDERS_MAX : cores;
}

static bool watch_too(const struct senders *all, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return fd >= 0 && epoll_ctl(all->any, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Its epoll; a thread may not be had for it, and others serve it then. */
static bool open_one(struct senders *all, struct sender *s)
{
    s->all = all;
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (watch_too(all, s->epoll))
        return true;
    if (s->epoll >= 0)
        close(s->epoll);
    return false;
}

/* All there is to read is there before the first thread. */
static void start_threads(struct senders *all)
{
    pthread_attr_t attributes;
    if (!watch_too(all, all->quit) || pthread_attr_init(&attributes) != 0)
        return;
    for (long wanted = threads_wanted(); all->count < wanted && open_one(all, &all->sender[all->count]);)
        all->count++;
    pthread_attr_setstacksize(&attributes, STACK);
    for (struct sender *s = all->sender; s < &all->sender[all->count]; s++, all->started++)
        if (pthread_create(&s->thread, &attributes, serve, s) != 0)
            break;
    pthread_attr_destroy(&attributes);
}

static struct senders *start(struct port *port, sender_fn *fn)
{
    struct senders *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    pthread_mutex_init(&all->mutex, NULL);
    all->over_end = &all->over;
    all->fn = fn;
    all->any = epoll_create1(EPOLL_CLOEXEC);
    all->quit = bell_open();
    all->watch = (struct watch){.fd = -1, .ready = on_over, .owner = all};
    int fd = bell_open();
    if (fd >= 0 && watch_open(port, &all->watch, fd, EPOLLIN) == 0)
        start_threads(all);
    else if (fd >= 0)
        close(fd);
    return all;
}

/* For this socket's slot. */
static bool make_room(struct senders *all, int socket)
{
    size_t size = all->size < FIRST_SLOTS ? FIRST_SLOTS : all->size;
    while (size <= (size_t)socket)
        size *= 2;
    if (size == all->size)
        return true;
    pthread_mutex_lock(&all->mutex);
    struct slot *slots = realloc(all->slots, size * sizeof *slots);
    if (slots != NULL) {
        memset(slots + all->size, 0, (size - all->size) * sizeof *slots);
        all->slots = slots;
        all->size = size;
    }
    pthread_mutex_unlock(&all->mutex);
    return slots != NULL;
}

static struct sender *choose(struct senders *all)
{
    struct sender *best = &all->sender[0];
    for (long i = 1; i < all->count; i++)
        if (atomic_load(&all->sender[i].load) < atomic_load(&best->load))
            best = &all->sender[i];
    return best;
}

bool sender_start(struct port *port, struct send_piece *piece, sender_fn *fn)
{
    if (port->senders == NULL)
        port->senders = start(port, fn);
    struct senders *all = port->senders;
    if (all == NULL || all->started == 0 || !make_room(all, piece->socket))
        return false;
    struct sender *home = choose(all);
    atomic_fetch_add_explicit(&home->load, 1, memory_order_relaxed);
    piece->lent = true;
    piece->error = 0;
    atomic_store_explicit(&piece->sent, 0, memory_order_relaxed);
    pthread_mutex_lock(&all->mutex);
    all->slots[piece->socket] = (struct slot){.piece = piece, .home = home};
    pthread_mutex_unlock(&all->mutex);
    /* A connection's second piece may find its socket there. */
    if (arm(home, EPOLL_CTL_MOD, piece->socket) != 0 && arm(home, EPOLL_CTL_ADD, piece->socket) != 0)
        sender_cancel(port, piece);
    return true;
}

bool sender_has(const struct send_piece *piece)
{
    return piece->lent;
}

size_t sender_sent(const struct send_piece *piece)
{
    return atomic_load_explicit(&piece->sent, memory_order_acquire);
}

void sender_cancel(struct port *port, struct send_piece *piece)
{
    struct senders *all = port->senders;
    pthread_mutex_lock(&all->mutex);
    struct slot *slot = &all->slots[piece->socket];
    slot->cancelled = true;
    if (slot->piece != NULL && !slot->taken) {
        give_back(all, slot, ECANCELED);
        bell_ring(all->watch.fd);
    }
    pthread_mutex_unlock(&all->mutex);
}

void senders_stop(struct port *port)
{
    struct senders *all = port->senders;
    if (all == NULL)
        return;
    atomic_store(&all->ends, true);
    if (all->quit >= 0)
        bell_ring(all->quit);
    for (long i = 0; i < all->started; i++)
        pthread_join(all->sender[i].thread, NULL);
    for (long i = 0; i < all->count; i++)
        close(all->sender[i].epoll);
    if (all->any >= 0)
        close(all->any);
    if (all->quit >= 0)
        close(all->quit);
    watch_close(port, &all->watch);
    pthread_mutex_destroy(&all->mutex);
    free(all->slots);
    free(all);
    port->senders = NULL;
}
