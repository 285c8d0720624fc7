#include "ports/linux/post.h"

#include "ports/linux/tcp.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STACK (64u << 10)
enum {
    LEN_MAX = 8192, /* bytes of one; a profile with its head is half of that */
    POSTS = 64,
    CROWD = 8, /* so many answers in the turn before: others are likely in this one */
    WAKE = 4   /* for less the thread is left asleep */
};

enum post_state { POST_QUEUED, POST_SENDING, POST_SENT };
struct post {
    struct port_tcp *tcp; /* NULL: it is not interested any more */
    int socket;
    bool last;
    enum post_state state;
    size_t len;
    unsigned char data[LEN_MAX];
};
/* A ring: `put` counts what was put, `out` what the thread may see of it, `taken` what somebody has begun to send, `freed` what
 * is over. */
struct posts {
    pthread_t thread;
    pthread_mutex_t mutex; /* of `out`, `taken`, the states and what follows */
    pthread_cond_t work, sent;
    bool asleep, awaited, quit;
    unsigned put, out, taken, freed;
    unsigned turn; /* what had been put when the last turn ended */
    unsigned answers, answers_before; /* in this turn, and the turn before */
    bool none;                        /* no thread: one core only, or none to be had */
    struct post post[POSTS];
};

/* With nobody else at it. */
static void transmit(struct post *post)
{
    ssize_t count = send(post->socket, post->data, post->len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count != (ssize_t)post->len) /* the kernel has no memory, or the connection has ended: the loop hears of it */
        shutdown(post->socket, SHUT_RDWR);
    else if (post->last)
        shutdown(post->socket, SHUT_WR);
    explicit_bzero(post->data, post->len); /* may have held passwords */
}

/* With the lock held: the next of those that were put before `end`. NULL: none is waiting. */
static struct post *take(struct posts *posts, unsigned end)
{
    while ((int)(end - posts->taken) > 0) {
        struct post *post = &posts->post[posts->taken++ % POSTS];
        if (post->state == POST_QUEUED) {
            post->state = POST_SENDING;
            return post;
        }
    }
    return NULL;
}

static void *serve(void *arg)
{
    struct posts *posts = arg;
    rights_of_thread();
    pthread_mutex_lock(&posts->mutex);
    while (!posts->quit) {
        struct post *post = take(posts, posts->out);
        if (post == NULL) {
            posts->asleep = true;
            pthread_cond_wait(&posts->work, &posts->mutex);
            posts->asleep = false;
            continue;
        }
        pthread_mutex_unlock(&posts->mutex);
        transmit(post);
        pthread_mutex_lock(&posts->mutex);
        post->state = POST_SENT;
        if (posts->awaited)
            pthread_cond_signal(&posts->sent);
    }
    pthread_mutex_unlock(&posts->mutex);
    return NULL;
}

static bool start_thread(struct posts *posts)
{
    pthread_attr_t attributes;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, STACK);
    bool started = pthread_create(&posts->thread, &attributes, serve, posts) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

static struct posts *start(void)
{
    struct posts *posts = calloc(1, sizeof *posts);
    if (posts == NULL)
        return NULL;
    pthread_mutex_init(&posts->mutex, NULL);
    pthread_cond_init(&posts->work, NULL);
    pthread_cond_init(&posts->sent, NULL);
    posts->none = !start_thread(posts);
    return posts;
}

/* The thread may send what was put. With the lock held. */
static void let_out(struct posts *posts)
{
    posts->out = posts->put;
    if (posts->asleep && posts->out - posts->taken >= WAKE)
        pthread_cond_signal(&posts->work);
}

/* With what the thread has at most left over. */
static void free_sent(struct posts *posts)
{
    pthread_mutex_lock(&posts->mutex);
    for (; posts->freed != posts->taken; posts->freed++) {
        struct post *post = &posts->post[posts->freed % POSTS];
        if (post->state != POST_SENT)
            break;
        if (post->tcp != NULL)
            post->tcp->post = NULL;
        post->tcp = NULL;
    }
    pthread_mutex_unlock(&posts->mutex);
}

bool post_put(struct port_tcp *tcp, const void *data, size_t len)
{
    struct port *port = tcp->port;
    if (port->posts == NULL)
        port->posts = start();
    struct posts *posts = port->posts;
    if (posts == NULL || posts->none)
        return false;
    if (posts->answers++ + posts->answers_before < CROWD || len > LEN_MAX)
        return false;
    if (posts->put - posts->freed == POSTS)
        free_sent(posts);
    if (posts->put - posts->freed == POSTS)
        return false;
    if (posts->put - posts->out >= WAKE) { /* what came before is whole */
        pthread_mutex_lock(&posts->mutex);
        let_out(posts);
        pthread_mutex_unlock(&posts->mutex);
    }
    struct post *post = &posts->post[posts->put++ % POSTS];
    post->tcp = tcp;
    post->socket = tcp->watch.fd;
    post->last = false;
    post->state = POST_QUEUED;
    post->len = len;
    memcpy(post->data, data, len);
    tcp->post = post;
    return true;
}

bool post_end(struct port_tcp *tcp)
{
    struct posts *posts = tcp->port->posts;
    if (tcp->post == NULL || posts->out == posts->put || tcp->post != &posts->post[(posts->put - 1) % POSTS])
        return false;
    tcp->post->last = true;
    return true;
}

void post_settle(struct port_tcp *tcp)
{
    struct post *post = tcp->post;
    if (post == NULL)
        return;
    struct posts *posts = tcp->port->posts;
    pthread_mutex_lock(&posts->mutex);
    bool own = post->state == POST_QUEUED;
    if (own)
        post->state = POST_SENDING;
    posts->awaited = true;
    while (!own && post->state != POST_SENT)
        pthread_cond_wait(&posts->sent, &posts->mutex);
    posts->awaited = false;
    pthread_mutex_unlock(&posts->mutex);
    if (own) {
        transmit(post);
        pthread_mutex_lock(&posts->mutex);
        post->state = POST_SENT;
        pthread_mutex_unlock(&posts->mutex);
    }
    post->tcp = NULL;
    tcp->post = NULL;
}

bool posts_flush(struct port *port, bool idle)
{
    struct posts *posts = port->posts;
    if (posts == NULL)
        return false;
    posts->answers_before = posts->answers;
    posts->answers = 0;
    if (posts->put == posts->freed)
        return false;
    pthread_mutex_lock(&posts->mutex);
    let_out(posts);
    unsigned end = idle ? posts->put : posts->turn;
    for (struct post *post; (post = take(posts, end)) != NULL; post->state = POST_SENT) {
        pthread_mutex_unlock(&posts->mutex);
        transmit(post);
        pthread_mutex_lock(&posts->mutex);
    }
    posts->turn = posts->put;
    bool more = posts->taken != posts->put;
    pthread_mutex_unlock(&posts->mutex);
    free_sent(posts);
    return more;
}

void posts_stop(struct port *port)
{
    struct posts *posts = port->posts;
    if (posts == NULL)
        return;
    posts_flush(port, true);
    pthread_mutex_lock(&posts->mutex);
    posts->quit = true;
    pthread_cond_signal(&posts->work);
    pthread_mutex_unlock(&posts->mutex);
    if (!posts->none)
        pthread_join(posts->thread, NULL);
    free_sent(posts);
    pthread_cond_destroy(&posts->work);
    pthread_cond_destroy(&posts->sent);
    pthread_mutex_destroy(&posts->mutex);
    free(posts);
    port->posts = NULL;
}
