/* bad_cable.c - carries Ethernet frames between two interfaces, and does to them what bad cables and switches do.
 * netem(8) would do, but not every kernel has it.
 *
 * bad_cable IFACE IFACE [loss=PERCENT] [duplicate=PERCENT] [reorder=PERCENT] [corrupt=PERCENT] [delay=MS]
 * [jitter=MS] [seed=N]
 *
 * loss       the frame is gone
 * duplicate  it comes twice
 * reorder    it comes 5 ms later than it should, so that others overtake it
 * corrupt    one bit of an IPv4 packet is turned over; ARP, which has no checksum, is left alone
 * delay      it comes so much later, give or take `jitter`
 *
 * On stdout "ready" once frames pass, and on SIGTERM what was done.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 1600, ROOM = 8192, HEADER = 14, REORDER_US = 5000, BURST = 64 };

enum fault { LOSS, DUPLICATE, REORDER, CORRUPT, DELAY, JITTER, SEED, FAULTS };
static const char *const names[FAULTS] = {"loss", "duplicate", "reorder", "corrupt", "delay", "jitter", "seed"};

struct frame {
    uint64_t due_us, number;
    int to;
    size_t len;
    uint8_t data[FRAME];
};

struct cable {
    int ends[2];
    double amount[FAULTS];
    uint64_t dice, count, done[FAULTS];
    struct frame *frames;
    struct frame *heap[ROOM], *unused[ROOM]; /* heap[0] is due first */
    size_t waiting, free;
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static void fail(const char *what)
{
    fprintf(stderr, "bad_cable: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* splitmix64 */
static uint64_t draw(struct cable *c)
{
    uint64_t z = c->dice += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool happens(struct cable *c, enum fault fault)
{
    bool yes = (double)(draw(c) % 1000000) < c->amount[fault] * 10000;
    c->done[fault] += yes;
    return yes;
}

static bool before(const struct frame *a, const struct frame *b)
{
    return a->due_us < b->due_us || (a->due_us == b->due_us && a->number < b->number);
}

static void push(struct cable *c, struct frame *frame)
{
    size_t at = c->waiting++;
    for (; at > 0 && before(frame, c->heap[(at - 1) / 2]); at = (at - 1) / 2)
        c->heap[at] = c->heap[(at - 1) / 2];
    c->heap[at] = frame;
}

static struct frame *pop(struct cable *c)
{
    struct frame *first = c->heap[0], *last = c->heap[--c->waiting];
    size_t at = 0;
    for (size_t child; (child = at * 2 + 1) < c->waiting; at = child) {
        if (child + 1 < c->waiting && before(c->heap[child + 1], c->heap[child]))
            child++;
        if (before(last, c->heap[child]))
            break;
        c->heap[at] = c->heap[child];
    }
    c->heap[at] = last;
    return first;
}

static uint64_t lateness(struct cable *c)
{
    double us = c->amount[DELAY] * 1000;
    if (c->amount[JITTER] > 0)
        us += c->amount[JITTER] * ((double)(draw(c) % 2001) - 1000);
    if (happens(c, REORDER))
        us += REORDER_US;
    return us > 0 ? (uint64_t)us : 0;
}

static void carry(struct cable *c, const uint8_t *data, size_t len, int to)
{
    if (c->free == 0)
        return; /* longer than any switch's queue */
    struct frame *frame = c->unused[--c->free];
    frame->due_us = now_us() + lateness(c);
    frame->number = c->count++;
    frame->to = to;
    frame->len = len;
    memcpy(frame->data, data, len);
    if (len > HEADER && data[12] == 0x08 && data[13] == 0x00 && happens(c, CORRUPT)) {
        uint64_t bit = draw(c) % ((len - HEADER) * 8);
        frame->data[HEADER + bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    push(c, frame);
}

static void take(struct cable *c, int from)
{
    uint8_t data[FRAME];
    for (int i = 0; i < BURST; i++) {
        ssize_t len = recv(c->ends[from], data, sizeof data, MSG_DONTWAIT | MSG_TRUNC);
        if (len < 0)
            return;
        if (len > FRAME) {
            fprintf(stderr, "bad_cable: a frame of %zd bytes: segmentation offload is on\n", len);
            exit(1);
        }
        if (happens(c, LOSS))
            continue;
        carry(c, data, (size_t)len, 1 - from);
        if (happens(c, DUPLICATE))
            carry(c, data, (size_t)len, 1 - from);
    }
}

static void deliver(struct cable *c)
{
    uint64_t now = now_us();
    while (c->waiting > 0 && c->heap[0]->due_us <= now) {
        struct frame *frame = pop(c);
        ssize_t n = send(c->ends[frame->to], frame->data, frame->len, 0);
        (void)n; /* the other end is down */
        c->unused[c->free++] = frame;
    }
}

static int attach(const char *name)
{
    struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    struct packet_mreq all = {.mr_type = PACKET_MR_PROMISC};
    int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1, room = 8 << 20;
    a.sll_ifindex = all.mr_ifindex = (int)if_nametoindex(name);
    if (fd < 0 || a.sll_ifindex == 0)
        fail(name);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) != 0 ||
        bind(fd, (struct sockaddr *)&a, sizeof a) != 0)
        fail(name);
    return fd;
}

static void read_amount(struct cable *c, const char *word)
{
    size_t len = strcspn(word, "=");
    for (int i = 0; i < FAULTS; i++)
        if (strlen(names[i]) == len && memcmp(names[i], word, len) == 0 && word[len] == '=') {
            c->amount[i] = strtod(word + len + 1, NULL);
            return;
        }
    fprintf(stderr, "bad_cable: what is %s?\n", word);
    exit(2);
}

static void run(struct cable *c)
{
    struct pollfd ends[2] = {{.fd = c->ends[0], .events = POLLIN}, {.fd = c->ends[1], .events = POLLIN}};
    while (!stopped) {
        struct timespec wait = {.tv_sec = 1};
        if (c->waiting > 0) {
            uint64_t now = now_us(), due = c->heap[0]->due_us;
            uint64_t left = due > now ? due - now : 0;
            wait = (struct timespec){.tv_sec = (time_t)(left / 1000000), .tv_nsec = (long)(left % 1000000) * 1000};
        }
        if (ppoll(ends, 2, &wait, NULL) > 0)
            for (int i = 0; i < 2; i++)
                if (ends[i].revents != 0)
                    take(c, i);
        deliver(c);
    }
}

int main(int argc, char **argv)
{
    static struct cable c = {.amount[SEED] = 1};
    if (argc < 3) {
        fprintf(stderr, "usage: bad_cable IFACE IFACE [FAULT=AMOUNT]…\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        read_amount(&c, argv[i]);
    c.dice = (uint64_t)c.amount[SEED];
    c.frames = calloc(ROOM, sizeof *c.frames);
    if (c.frames == NULL)
        fail("frames");
    for (size_t i = 0; i < ROOM; i++)
        c.unused[c.free++] = &c.frames[i];
    for (int i = 0; i < 2; i++)
        c.ends[i] = attach(argv[1 + i]);
    signal(SIGTERM, stop);
    puts("ready");
    fflush(stdout);
    run(&c);
    printf("%llu carried", (unsigned long long)c.count);
    for (int i = 0; i <= CORRUPT; i++)
        printf(", %s %llu", names[i], (unsigned long long)c.done[i]);
    puts("");
    free(c.frames);
    return 0;
}
