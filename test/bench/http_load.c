/* http_load - one file, asked for over and over by many phones at once, each with a connection and a User-Agent of
 * its own.
 *
 *     http_load ADDRESS PORT SECONDS PHONES THREADS VERSION PATH [close] [rate=N] [busy] [from=ADDRESS,...]
 *
 * VERSION is the firmware that the phones say they have. close: a connection a request. rate=N: N requests a second
 * in all, evenly, each one's delay counted from when it was due; without it each phone asks again at once. busy: a
 * 503 is counted, and not a failure. from: the phones' own addresses, which the machine must have; phone i has the i-th.
 * Prints "REQUESTS BYTES SECONDS CPU P50 P99 BUSY": answers with 200, bytes of
 * their bodies, seconds of the wall and of the processor that this program took, and the delays to the last byte in
 * microseconds. Bodies are thrown away by the kernel (MSG_TRUNC), so that the client costs little. Exit status 1
 * where an answer is none or no 200. */
#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { PHONES_MAX = 4096, THREADS_MAX = 16, EVENTS = 256, HEAD_MAX = 16384, DELAYS = 1 << 20, SKIP = 1 << 22 };

struct load {
    struct sockaddr_in server;
    double begin, until, rate;
    int phones, threads, phones_from; /* phones_from: how many have an address of their own */
    bool close, busy;
    const char *version, *path;
    uint32_t from[PHONES_MAX]; /* 0: what the machine takes */
};

enum step { STEP_IDLE, STEP_ASK, STEP_HEAD, STEP_BODY, STEP_END };

struct slot {
    int fd;
    uint32_t from;
    enum step step;
    double due;    /* when the request was to begin */
    uint64_t left; /* bytes of the body */
    size_t ask_len;
    char ask[512];
};

struct crew { /* one thread and its phones */
    const struct load *load;
    pthread_t thread;
    int epoll, first, count, next; /* next: whose turn it is, with a rate */
    struct slot *slots;
    uint64_t requests, bytes, refused;
    uint32_t *delays; /* how many took so many microseconds */
    const char *failed;
};

static void give_up(struct crew *c, const char *why)
{
    if (!c->failed)
        c->failed = why;
}

static void write_ask(const struct load *l, struct slot *slot, int number)
{
    slot->ask_len = (size_t)snprintf(slot->ask, sizeof slot->ask,
                                     "GET %s HTTP/1.1\r\nHost: box\r\nUser-Agent: Cisco/SPA504G-%s (0002FD%06X)"
                                     "(CCQ1%07X)\r\nAccept: */*\r\n%s\r\n",
                                     l->path, l->version, (unsigned)number, (unsigned)number,
                                     l->close ? "Connection: close\r\n" : "");
}

static void watch(struct crew *c, struct slot *slot, int op, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = slot};
    if (epoll_ctl(c->epoll, op, slot->fd, &event) != 0)
        give_up(c, "epoll_ctl() failed");
}

static bool take_address(const struct slot *slot)
{
    int one = 1;
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(slot->from)};
    return slot->from == 0 ||
           (setsockopt(slot->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) == 0 &&
            bind(slot->fd, (const struct sockaddr *)&own, sizeof own) == 0);
}

static void dial(struct crew *c, struct slot *slot)
{
    slot->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (slot->fd < 0 || !take_address(slot) ||
        (connect(slot->fd, (const struct sockaddr *)&c->load->server, sizeof c->load->server) != 0 &&
         errno != EINPROGRESS)) {
        give_up(c, "cannot connect");
        return;
    }
    /* On one machine it often stands by now: then this is all there is to wait for. */
    bool asked = send(slot->fd, slot->ask, slot->ask_len, MSG_NOSIGNAL) == (ssize_t)slot->ask_len;
    slot->step = asked ? STEP_HEAD : STEP_ASK;
    watch(c, slot, EPOLL_CTL_ADD, asked ? EPOLLIN | EPOLLRDHUP : EPOLLOUT);
}

static void ask(struct crew *c, struct slot *slot)
{
    if (send(slot->fd, slot->ask, slot->ask_len, MSG_NOSIGNAL) != (ssize_t)slot->ask_len)
        give_up(c, "cannot send a request");
    slot->step = STEP_HEAD;
}

static void start(struct crew *c, struct slot *slot, double due)
{
    slot->due = due;
    if (slot->fd < 0)
        dial(c, slot);
    else
        ask(c, slot);
}

static void hang_up(struct slot *slot)
{
    close(slot->fd);
    slot->fd = -1;
}

static void answered(struct crew *c, struct slot *slot)
{
    double us = (wire_now() - slot->due) * 1e6;
    c->delays[us < DELAYS - 1 ? (unsigned)us : DELAYS - 1]++;
    c->requests++;
}

static void rest(struct crew *c, struct slot *slot)
{
    slot->step = STEP_IDLE;
    if (c->load->rate <= 0 && wire_now() < c->load->until)
        start(c, slot, wire_now());
}

static void whole(struct crew *c, struct slot *slot)
{
    answered(c, slot);
    if (c->load->close)
        slot->step = STEP_END;
    else
        rest(c, slot);
}

/* Reads "HTTP/1.1 200 …", finds the length; what follows the head is of the body. */
static void take_head(struct crew *c, struct slot *slot, char *head, size_t len)
{
    head[len] = '\0';
    char *end = strstr(head, "\r\n\r\n"), *length = strcasestr(head, "\r\nContent-Length:");
    bool busy = strncmp(head, "HTTP/1.1 503", 12) == 0;
    if (!end || !length || length > end || (strncmp(head, "HTTP/1.1 200", 12) != 0 && !(busy && c->load->busy))) {
        give_up(c, "an answer that is no 200 with its length");
        return;
    }
    if (busy) {
        c->refused++;
        hang_up(slot);
        rest(c, slot);
        return;
    }
    uint64_t body = strtoull(length + 17, NULL, 10), here = len - (size_t)(end + 4 - head);
    slot->left = body - here;
    c->bytes += here;
    slot->step = STEP_BODY;
    if (here > body)
        give_up(c, "more bytes than were announced");
    else if (slot->left == 0)
        whole(c, slot);
}

static void readable(struct crew *c, struct slot *slot)
{
    char head[HEAD_MAX + 1];
    bool in_head = slot->step == STEP_HEAD;
    size_t cap = slot->step != STEP_BODY ? HEAD_MAX : slot->left < SKIP ? (size_t)slot->left : SKIP;
    ssize_t n = recv(slot->fd, in_head ? head : NULL, cap, in_head ? 0 : MSG_TRUNC);
    if (n < 0 && errno == EAGAIN)
        return;
    if (slot->step == STEP_END && n == 0) {
        hang_up(slot);
        rest(c, slot);
    } else if (n <= 0 || slot->step == STEP_END || slot->step == STEP_IDLE) {
        give_up(c, "a connection that ended too early, or went on too long");
    } else if (in_head) {
        take_head(c, slot, head, (size_t)n);
    } else {
        c->bytes += (uint64_t)n;
        slot->left -= (uint64_t)n;
        if (slot->left == 0)
            whole(c, slot);
    }
}

static void serve(struct crew *c, struct slot *slot, uint32_t events)
{
    if (slot->step == STEP_ASK) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
            give_up(c, "a connection was refused");
            return;
        }
        watch(c, slot, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
        ask(c, slot);
        return;
    }
    while (!c->failed && slot->fd >= 0 && slot->step >= STEP_HEAD) {
        enum step before = slot->step;
        if (before == STEP_END && (events & EPOLLRDHUP) != 0) { /* its end is there, nothing else may be */
            hang_up(slot);
            rest(c, slot);
            return;
        }
        readable(c, slot);
        /* A body that follows its head, and an end that follows a body, have often come with it. */
        if (slot->step <= before || (slot->step == STEP_END && (events & EPOLLRDHUP) == 0))
            break;
    }
}

/* Begins what is due; gives how long nothing will be, in seconds. */
static double keep_rate(struct crew *c)
{
    const struct load *l = c->load;
    for (;;) {
        int number = c->first + c->next % c->count;
        double due = l->begin + ((double)(c->next / c->count) * l->phones + number) / l->rate,
               wait = due - wire_now();
        struct slot *slot = &c->slots[c->next % c->count];
        if (wait > 0 || due > l->until)
            return wait;
        c->next++;
        if (slot->step == STEP_IDLE)
            start(c, slot, due);
        else
            give_up(c, "an answer that takes longer than a whole round of the phones");
    }
}

static void *work(void *ctx)
{
    struct crew *c = ctx;
    struct epoll_event events[EVENTS];
    for (int i = 0; i < c->count && c->load->rate <= 0; i++)
        start(c, &c->slots[i], wire_now());
    while (!c->failed && wire_now() < c->load->until) {
        double wait = c->load->rate > 0 ? keep_rate(c) : 0.1;
        wait = wait < 0 ? 0 : wait > 0.1 ? 0.1 : wait;
        struct timespec most = {0, (long)(wait * 1e9)};
        int count = epoll_pwait2(c->epoll, events, EVENTS, &most, NULL);
        for (int i = 0; i < count && !c->failed; i++)
            serve(c, events[i].data.ptr, events[i].events);
    }
    return NULL;
}

static bool hire(struct crew *c, const struct load *l, int number)
{
    *c = (struct crew){.load = l, .first = l->phones * number / l->threads};
    c->count = l->phones * (number + 1) / l->threads - c->first;
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->slots = calloc((size_t)c->count, sizeof *c->slots);
    c->delays = calloc(DELAYS, sizeof *c->delays);
    if (c->epoll < 0 || !c->slots || !c->delays)
        return false;
    for (int i = 0; i < c->count; i++) {
        c->slots[i].fd = -1;
        c->slots[i].from = l->from[c->first + i];
        write_ask(l, &c->slots[i], c->first + i + 1);
    }
    return true;
}

/* The delay that so large a part of the answers did not exceed. */
static unsigned percentile(const struct crew *crews, int threads, uint64_t requests, double part)
{
    uint64_t seen = 0;
    for (unsigned us = 0; us < DELAYS; us++) {
        for (int i = 0; i < threads; i++)
            seen += crews[i].delays[us];
        if ((double)seen >= part * (double)requests)
            return us;
    }
    return DELAYS;
}

static int go(struct load *l, double seconds)
{
    static struct crew crews[THREADS_MAX];
    uint64_t requests = 0, bytes = 0, refused = 0;
    const char *failed = NULL;
    for (int i = 0; i < l->threads; i++)
        if (!hire(&crews[i], l, i))
            return 1;
    l->begin = wire_now();
    l->until = l->begin + seconds;
    for (int i = 0; i < l->threads; i++)
        if (pthread_create(&crews[i].thread, NULL, work, &crews[i]) != 0)
            return 1;
    for (int i = 0; i < l->threads; i++) {
        pthread_join(crews[i].thread, NULL);
        requests += crews[i].requests;
        bytes += crews[i].bytes;
        refused += crews[i].refused;
        failed = failed ? failed : crews[i].failed;
    }
    double wall = wire_now() - l->begin;
    printf("%llu %llu %.3f %.3f %u %u %llu\n", (unsigned long long)requests, (unsigned long long)bytes, wall,
           wire_cpu(), percentile(crews, l->threads, requests, 0.5), percentile(crews, l->threads, requests, 0.99),
           (unsigned long long)refused);
    if (failed)
        fprintf(stderr, "http_load: %s\n", failed);
    return failed || bytes == 0;
}

static void take_addresses(struct load *l, char *list)
{
    char *rest = NULL;
    for (char *word = strtok_r(list, ",", &rest); word && l->phones_from < PHONES_MAX; word = strtok_r(NULL, ",", &rest))
        l->from[l->phones_from++] = wire_address(word);
}

static bool option(struct load *l, char *word)
{
    if (strcmp(word, "close") == 0)
        l->close = true;
    else if (strcmp(word, "busy") == 0)
        l->busy = true;
    else if (strncmp(word, "rate=", 5) == 0)
        l->rate = atof(word + 5);
    else if (strncmp(word, "from=", 5) == 0)
        take_addresses(l, word + 5);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    static struct load l = {.server.sin_family = AF_INET};
    bool good = argc >= 8;
    for (int i = 8; i < argc; i++)
        good = option(&l, argv[i]) && good;
    if (good) {
        l.server.sin_addr.s_addr = htonl(wire_address(argv[1]));
        l.server.sin_port = htons((uint16_t)atoi(argv[2]));
        l.phones = atoi(argv[4]);
        l.threads = atoi(argv[5]);
        l.version = argv[6];
        l.path = argv[7];
    }
    if (!good || l.phones < 1 || l.phones > PHONES_MAX || l.threads < 1 || l.threads > THREADS_MAX ||
        l.threads > l.phones) {
        fprintf(stderr,
                "usage: http_load ADDRESS PORT SECONDS PHONES THREADS VERSION PATH [close] [rate=N] [busy] "
                "[from=ADDRESS,...]\n");
        return 2;
    }
    return go(&l, atof(argv[3]));
}
