#include "tftp_client.h"

#include "mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RRQ = 1, DATA = 3, ACK = 4, ERROR = 5, OACK = 6 };
enum { WAIT_MS = 1500, TRIES = 6, MAX_BLOCK = 8192, GUESS = 4400000 };

struct tftp {
    struct station *station;
    struct fetch_request request;
    struct fetch_events events;
    struct watch watch;
    struct timer timer;
    uint32_t ip;
    uint16_t tid;      /* the server's; 0: not known yet */
    uint16_t expected; /* next block */
    size_t block_size;
    unsigned tries;
    bool cut_told;
    uint64_t first_byte_at;
    struct buf out; /* the last packet sent */
    struct buf in;
};

void tftp_cancel(struct tftp *t)
{
    loop_unwatch(t->station->loop, &t->watch);
    timer_stop(t->station->loop, &t->timer);
    close(t->watch.fd);
    buf_free(&t->out);
    buf_free(&t->in);
    free(t);
}

static void end(struct tftp *t, struct fetch_result r)
{
    struct fetch_events e = t->events;
    struct buf body = t->in;
    t->in = (struct buf){0};
    r.scheme = SCHEME_TFTP;
    r.ip = t->ip;
    r.first_byte_at = t->first_byte_at;
    r.body = body.data;
    r.len = body.len;
    tftp_cancel(t);
    e.done(e.ctx, &r);
    buf_free(&body);
}

static void fail(struct tftp *t, const char *error, bool unsound)
{
    struct fetch_result r = {.end = FETCH_FAILED, .unsound = unsound};
    text_copy(r.error, sizeof r.error, error);
    end(t, r);
}

static void send_to(struct tftp *t, const void *data, size_t len, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(t->ip)};
    if (station_loses(t->station))
        return;
    ssize_t n = sendto(t->watch.fd, data, len, 0, (struct sockaddr *)&a, sizeof a);
    (void)n;
}

static void transmit(struct tftp *t)
{
    send_to(t, t->out.data, t->out.len, t->tid ? t->tid : t->request.url.port);
    timer_set(t->station->loop, &t->timer, WAIT_MS);
}

static void acknowledge(struct tftp *t, uint16_t block)
{
    uint8_t ack[4] = {0, ACK};
    put16(ack + 2, block);
    buf_clear(&t->out);
    buf_add(&t->out, ack, 4);
    transmit(t);
}

static void timed_out(void *ctx)
{
    struct tftp *t = ctx;
    if (++t->tries >= TRIES)
        fail(t, "TFTP time-out", false);
    else
        transmit(t);
}

static void take_error(struct tftp *t, const uint8_t *p, size_t len)
{
    struct fetch_result r = {.end = get16(p + 2) == 1 ? FETCH_MISSING : FETCH_FAILED};
    r.head.status = -(int)get16(p + 2);
    snprintf(r.error, sizeof r.error, "TFTP error %u: %.*s", get16(p + 2), (int)strnlen((const char *)p + 4, len - 4),
             (const char *)p + 4);
    end(t, r);
}

static void take_data(struct tftp *t, const uint8_t *p, size_t len)
{
    uint16_t block = get16(p + 2);
    if (len - 4 > t->block_size) {
        fail(t, "a block larger than agreed", true);
        return;
    }
    if (block != t->expected) {
        /* Seen already: the last ACK is not sent again before its time (RFC 1123 4.2.3.1). */
        return;
    }
    if (t->first_byte_at == 0)
        t->first_byte_at = loop_now(t->station->loop);
    buf_add(&t->in, p + 4, len - 4);
    t->expected++;
    t->tries = 0;
    acknowledge(t, block);
    if (len - 4 < t->block_size) {
        end(t, (struct fetch_result){.end = FETCH_DONE});
        return;
    }
    unsigned cut = t->request.cut_percent;
    if (cut > 0 && !t->cut_told && t->events.cut != NULL && t->in.len >= (size_t)GUESS / 100 * cut) {
        t->cut_told = true;
        t->events.cut(t->events.ctx);
    }
}

static void take_oack(struct tftp *t, const uint8_t *p, size_t len)
{
    const char *name = (const char *)p + 2, *stop = (const char *)p + len;
    if (t->request.blksize == 0 || t->expected != 1 || t->in.len > 0) {
        fail(t, "an OACK that nobody asked for", true);
        return;
    }
    const char *value = memchr(name, '\0', (size_t)(stop - name));
    if (value == NULL || strcasecmp(name, "blksize") != 0 || stop[-1] != '\0' || value + 1 >= stop ||
        strtoul(value + 1, NULL, 10) > t->request.blksize || strtoul(value + 1, NULL, 10) < 8) {
        fail(t, "an OACK with something else than was asked for", true);
        return;
    }
    t->block_size = strtoul(value + 1, NULL, 10);
    acknowledge(t, 0);
}

static void take_packet(struct tftp *t, const uint8_t *p, size_t len, uint16_t port)
{
    static const uint8_t stranger[] = "\0\5\0\5unknown transfer ID";
    if (t->tid != 0 && port != t->tid) {
        send_to(t, stranger, sizeof stranger, port);
        return;
    }
    t->tid = port;
    switch (get16(p)) {
    case DATA: take_data(t, p, len); break;
    case OACK: take_oack(t, p, len); break;
    case ERROR: take_error(t, p, len); break;
    default: fail(t, "a TFTP packet of no known kind", true); break;
    }
}

static void ready(void *ctx, uint32_t events)
{
    struct tftp *t = ctx;
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    uint8_t p[MAX_BLOCK + 4];
    (void)events;
    ssize_t n = recvfrom(t->watch.fd, p, sizeof p, 0, (struct sockaddr *)&from, &from_len);
    if (n < 0) {
        if (errno != EAGAIN && errno != ECONNREFUSED)
            fail(t, strerror(errno), false);
        return;
    }
    if (n < 4 || ntohl(from.sin_addr.s_addr) != t->ip || station_loses(t->station))
        return;
    take_packet(t, p, (size_t)n, ntohs(from.sin_port));
}

static void write_request(struct tftp *t, const char *name)
{
    static const uint8_t opcode[2] = {0, RRQ};
    char size[16];
    buf_add(&t->out, opcode, 2);
    buf_add(&t->out, name, strlen(name) + 1);
    buf_add(&t->out, "octet", 6);
    if (t->request.blksize > 0) {
        snprintf(size, sizeof size, "%u", t->request.blksize);
        buf_add(&t->out, "blksize", 8);
        buf_add(&t->out, size, strlen(size) + 1);
    }
}

struct tftp *tftp_start(struct station *s, const struct fetch_request *r, uint32_t ip, const struct fetch_events *e,
                        const char **error)
{
    int fd = station_udp(s);
    if (fd < 0) {
        *error = strerror(errno);
        return NULL;
    }
    struct tftp *t = mem_new(1, sizeof *t);
    *t = (struct tftp){.station = s, .request = *r, .events = *e, .ip = ip, .expected = 1, .block_size = 512};
    t->watch = (struct watch){.fd = fd, .ready = ready, .ctx = t};
    t->timer = (struct timer){.fire = timed_out, .ctx = t};
    write_request(t, r->url.path);
    loop_watch(s->loop, &t->watch, EPOLLIN);
    transmit(t);
    return t;
}
