#include "dns_client.h"

#include "mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 3, WAIT_MS = 1000, HEADER = 12 };

struct dns_query {
    struct station *station;
    struct watch watch;
    struct timer timer;
    dns_done *done;
    void *ctx;
    unsigned tries;
    size_t len;
    uint8_t packet[300];
};

void dns_cancel(struct dns_query *q)
{
    loop_unwatch(q->station->loop, &q->watch);
    timer_stop(q->station->loop, &q->timer);
    close(q->watch.fd);
    free(q);
}

static void end(struct dns_query *q, uint32_t ip, const char *why)
{
    dns_done *done = q->done;
    void *ctx = q->ctx;
    dns_cancel(q);
    done(ctx, ip, why);
}

static void transmit(struct dns_query *q)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(q->station->dns)};
    if (!station_loses(q->station)) {
        ssize_t n = sendto(q->watch.fd, q->packet, q->len, 0, (struct sockaddr *)&a, sizeof a);
        (void)n;
    }
    q->tries++;
    timer_set(q->station->loop, &q->timer, WAIT_MS);
}

static void timed_out(void *ctx)
{
    struct dns_query *q = ctx;
    if (q->tries >= TRIES)
        end(q, 0, "no answer from the name server");
    else
        transmit(q);
}

/* The offset behind a name, or `len` if it is broken. */
static size_t skip_name(const uint8_t *p, size_t len, size_t at)
{
    while (at < len && p[at] != 0) {
        if (p[at] >= 0xc0)
            return at + 2 < len ? at + 2 : len;
        at += 1u + p[at];
    }
    return at < len ? at + 1 : len;
}

static uint32_t first_address(const uint8_t *p, size_t len)
{
    unsigned questions = get16(p + 4), answers = get16(p + 6);
    size_t at = HEADER;
    while (questions-- > 0)
        at = skip_name(p, len, at) + 4;
    while (answers-- > 0) {
        at = skip_name(p, len, at);
        if (at + 10 > len)
            return 0;
        size_t n = get16(p + at + 8);
        if (get16(p + at) == 1 && get16(p + at + 2) == 1 && n == 4 && at + 14 <= len)
            return get32(p + at + 10);
        at += 10 + n;
    }
    return 0;
}

static void ready(void *ctx, uint32_t events)
{
    struct dns_query *q = ctx;
    uint8_t p[1500];
    (void)events;
    ssize_t n = recv(q->watch.fd, p, sizeof p, 0);
    if (n < HEADER || memcmp(p, q->packet, 2) != 0 || (p[2] & 0x80) == 0 || station_loses(q->station))
        return;
    unsigned code = p[3] & 15;
    uint32_t ip = code == 0 ? first_address(p, (size_t)n) : 0;
    end(q, ip, code == 3 ? "no such name" : code != 0 ? "the name server refuses" : "the name has no address");
}

static size_t write_name(uint8_t *at, const char *name)
{
    size_t used = 0;
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        if (n == 0 || n > 63)
            return 0;
        at[used++] = (uint8_t)n;
        memcpy(at + used, name, n);
        used += n;
        name += n + (name[n] == '.');
    }
    at[used++] = 0;
    return used;
}

struct dns_query *dns_ask(struct station *s, const char *name, dns_done *done, void *ctx)
{
    int fd = s->dns == 0 || strlen(name) > 250 ? -1 : station_udp(s);
    if (fd < 0)
        return NULL;
    struct dns_query *q = mem_new(1, sizeof *q);
    *q = (struct dns_query){.station = s, .done = done, .ctx = ctx};
    q->watch = (struct watch){.fd = fd, .ready = ready, .ctx = q};
    q->timer = (struct timer){.fire = timed_out, .ctx = q};
    put16(q->packet, (uint16_t)rng_next(&s->rng));
    q->packet[2] = 1; /* recursion desired */
    q->packet[5] = 1; /* one question */
    size_t n = write_name(q->packet + HEADER, name);
    loop_watch(s->loop, &q->watch, EPOLLIN);
    if (n == 0) {
        dns_cancel(q);
        return NULL;
    }
    put16(q->packet + HEADER + n, 1);
    put16(q->packet + HEADER + n + 2, 1);
    q->len = HEADER + n + 4;
    transmit(q);
    return q;
}
