#include "ports/linux/sender.h"

#include "ports/linux/internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define SLICE (1u << 20)   /* bytes per sendfile(): one reader with a fast link does not hold up the others */
#define STACK (128u << 10) /* touched is a tenth of it */
enum { SENDERS_MAX = 8, EVENTS = 16 };

struct sender {
    struct senders *all;
    pthread_t thread;
    int epoll, wake;          /* wake: a bell: something is in the inbox */
    unsigned load;            /* pieces; the loop's */
    bool to_tell; /* something was given back in this round: the loop is woken once, behind all of it */
    struct send_piece *inbox; /* new or cancelled */
};
struct senders {
    struct sender sender[SENDERS_MAX];
    long count;
    pthread_mutex_t mutex; /* of the inboxes, `over`, and the pieces' flags */
    struct send_piece *over, **over_end;
    sender_fn *fn;
    bool quit;
    struct watch watch; /* a bell: there is something in `over` */
};

/* -- the thread --------------------------------------------------------------------------------------- */

/* With the lock held. */
static void unlist(struct sender *s, struct send_piece *piece)
{
    struct send_piece **at = &s->inbox;
    while (*at != piece)
        at = &(*at)->next;
    *at = piece->next;
    piece->listed = false;
}

/* From here on it is the loop's. */
static void give_back(struct sender *s, struct send_piece *piece, int error)
{
    if (piece->heard)
        epoll_ctl(s->epoll, EPOLL_CTL_DEL, piece->socket, NULL);
    pthread_mutex_lock(&s->all->mutex);
    if (piece->listed) /* cancelled, and over before that was read */
        unlist(s, piece);
    piece->error = error;
    piece->over = true;
    piece->next = NULL;
    s->to_tell = s->to_tell || s->all->over == NULL;
    *s->all->over_end = piece;
    s->all->over_end = &piece->next;
    pthread_mutex_unlock(&s->all->mutex);
}

static void send_slice(struct sender *s, struct send_piece *piece)
{
    size_t sent = atomic_load_explicit(&piece->sent, memory_order_relaxed), left = piece->len - sent;
    off_t from = (off_t)(piece->off + sent);
    if (atomic_load_explicit(&piece->cancelled, memory_order_relaxed))
        return; /* it is in the inbox */
    ssize_t count = sendfile(piece->socket, piece->copy, &from, left < SLICE ? left : SLICE);
    if (count > 0)
        atomic_store_explicit(&piece->sent, sent + (size_t)count, memory_order_release);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        give_back(s, piece, count == 0 ? EIO : errno); /* a sealed copy has no end before its end */
    else if (count > 0 && (size_t)count == left)
        give_back(s, piece, 0);
}

static void begin(struct sender *s, struct send_piece *piece)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = piece};
    if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, piece->socket, &event) != 0) {
        give_back(s, piece, errno);
        return;
    }
    piece->heard = true;
}

static bool take_inbox(struct sender *s)
{
    bell_hush(s->wake);
    for (;;) {
        pthread_mutex_lock(&s->all->mutex);
        bool quit = s->all->quit;
        struct send_piece *piece = s->inbox;
        if (piece != NULL)
            unlist(s, piece);
        pthread_mutex_unlock(&s->all->mutex);
        if (quit || piece == NULL)
            return !quit;
        if (atomic_load_explicit(&piece->cancelled, memory_order_relaxed))
            give_back(s, piece, ECANCELED);
        else
            begin(s, piece);
    }
}

static void *serve(void *arg)
{
    struct sender *s = arg;
    struct epoll_event events[EVENTS];
    bool go_on = true;
    int ignored = setpriority(PRIO_PROCESS, 0, 2); /* of this thread alone: the loop comes first, if not by much */
    (void)ignored;
    rights_of_thread();
    while (go_on) {
        bool mail = false;
        int count = epoll_wait(s->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                mail = true;
            else
                send_slice(s, events[i].data.ptr);
        }
        if (mail)
            go_on = take_inbox(s);
        if (s->to_tell)
            bell_ring(s->all->watch.fd);
        s->to_tell = false;
    }
    return NULL;
}

/* -- the loop's side ------------------------------------------------------------------------------------ */

static void on_over(struct watch *watch, uint32_t events)
{
    struct senders *all = watch->owner;
    (void)events;
    bell_hush(watch->fd);
    for (;;) { /* one at a time: a callback may cancel others */
        pthread_mutex_lock(&all->mutex);
        struct send_piece *piece = all->over;
        if (piece != NULL)
            all->over = piece->next;
        if (all->over == NULL)
            all->over_end = &all->over;
        pthread_mutex_unlock(&all->mutex);
        if (piece == NULL)
            return;
        piece->sender->load--;
        piece->sender = NULL;
        all->fn(piece);
    }
}

static void close_sender(struct sender *s)
{
    if (s->epoll >= 0)
        close(s->epoll);
    if (s->wake >= 0)
        close(s->wake);
}

static bool start_one(struct senders *all, struct sender *s)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    pthread_attr_t attributes;
    s->all = all;
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->wake = bell_open();
    if (s->epoll < 0 || s->wake < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &event) != 0 ||
        pthread_attr_init(&attributes) != 0) {
        close_sender(s);
        return false;
    }
    pthread_attr_setstacksize(&attributes, STACK);
    bool started = pthread_create(&s->thread, &attributes, serve, s) == 0;
    pthread_attr_destroy(&attributes);
    if (!started)
        close_sender(s);
    return started;
}

/* One core is better left to the loop. */
static long threads_wanted(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 2 ? 0 : cores > SENDERS_MAX ? SENDERS_MAX : cores;
}

static struct senders *start(struct port *port, sender_fn *fn)
{
    struct senders *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    pthread_mutex_init(&all->mutex, NULL);
    all->over_end = &all->over;
    all->fn = fn;
    all->watch.ready = on_over;
    all->watch.owner = all;
    int fd = bell_open();
    if (fd >= 0 && watch_open(port, &all->watch, fd, EPOLLIN) != 0)
        close(fd);
    else
        for (long wanted = fd >= 0 ? threads_wanted() : 0; all->count < wanted; all->count++)
            if (!start_one(all, &all->sender[all->count]))
                break;
    return all;
}

static struct sender *choose(struct senders *all)
{
    struct sender *best = &all->sender[0];
    for (long i = 1; i < all->count; i++)
        if (all->sender[i].load < best->load)
            best = &all->sender[i];
    return best;
}

/* With the lock held. */
static void list(struct sender *s, struct send_piece *piece)
{
    piece->listed = true;
    piece->next = s->inbox;
    s->inbox = piece;
    bell_ring(s->wake);
}

bool sender_start(struct port *port, struct send_piece *piece, sender_fn *fn)
{
    if (port->senders == NULL)
        port->senders = start(port, fn);
    struct senders *all = port->senders;
    if (all == NULL || all->count == 0)
        return false;
    struct sender *s = choose(all);
    s->load++;
    piece->sender = s;
    piece->error = 0;
    piece->heard = piece->over = false;
    atomic_store_explicit(&piece->sent, 0, memory_order_relaxed);
    atomic_store_explicit(&piece->cancelled, false, memory_order_relaxed);
    pthread_mutex_lock(&all->mutex);
    list(s, piece);
    pthread_mutex_unlock(&all->mutex);
    return true;
}

bool sender_has(const struct send_piece *piece)
{
    return piece->sender != NULL;
}

size_t sender_sent(const struct send_piece *piece)
{
    return atomic_load_explicit(&piece->sent, memory_order_acquire);
}

void sender_cancel(struct port *port, struct send_piece *piece)
{
    struct senders *all = port->senders;
    pthread_mutex_lock(&all->mutex);
    atomic_store_explicit(&piece->cancelled, true, memory_order_relaxed);
    if (!piece->over && !piece->listed)
        list(piece->sender, piece);
    pthread_mutex_unlock(&all->mutex);
}

void senders_stop(struct port *port)
{
    struct senders *all = port->senders;
    if (all == NULL)
        return;
    pthread_mutex_lock(&all->mutex);
    all->quit = true;
    for (long i = 0; i < all->count; i++)
        bell_ring(all->sender[i].wake);
    pthread_mutex_unlock(&all->mutex);
    for (long i = 0; i < all->count; i++) {
        pthread_join(all->sender[i].thread, NULL);
        close_sender(&all->sender[i]);
    }
    watch_close(port, &all->watch);
    pthread_mutex_destroy(&all->mutex);
    free(all);
    port->senders = NULL;
}
