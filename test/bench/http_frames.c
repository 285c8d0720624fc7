/* http_frames - one file, asked for over and over by many phones at once, each with an address, a MAC and a User-Agent of
 * its own, by whole frames: the TCP is this program's own, so that it costs a fraction of what a kernel's connections do.
 *
 *     http_frames INTERFACE FIRST-ADDRESS PHONES SERVER PORT SECONDS VERSION PATH [kept]
 *
 * VERSION is the firmware that the phones say they have. Each request is a connection from a port of its own, from SYN to the
 * server's FIN and the ACK of ours; the request goes with the ACK of the handshake. kept: a connection goes on as long as the
 * server lets it. What comes is acknowledged as RFC 1122 4.2.3.2 says: every second full segment at once, less than
 * that after 40 ms at the latest. Prints "ANSWERS BYTES SECONDS CPU REPEATED": whole answers with 200, bytes of their
 * bodies, seconds of the wall and of the processor that this program took, and segments that were sent again after
 * 200 ms without an answer. Exit status 1 where an answer is none or no 200, and where more than three and one in
 * 1000 answers were sent again. */
#include "segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PHONES_MAX = 1024, PORT_MIN = 1024, HEAD_MAX = 1500, REPEATED_MAX = 3, UNDER_WAY = 256 };
static const double REPEAT_S = 0.2, ACK_S = 0.04, ANSWER_S = 10.0, SWEEP_S = 0.01;

enum step { STEP_SYN, STEP_HEAD, STEP_BODY, STEP_END, STEP_CLOSING };

struct phone {
    uint32_t address;
    uint8_t mac[6];
    uint16_t port;
    enum step step;
    uint32_t sent, heard; /* the sequence numbers that come next, ours and the server's */
    uint32_t owed;        /* bytes that are not acknowledged */
    bool known;           /* the server has acknowledged all that was sent */
    uint64_t left;        /* bytes of the body */
    double due, owed_due; /* repeat then; acknowledge then */
    size_t ask_len;
    char ask[512];
};

struct load {
    struct wire wire;
    uint32_t server;
    uint8_t server_mac[6];
    uint16_t server_port;
    bool kept;
    double now;
    uint64_t answers, bytes, repeated;
    const char *wrong;
    struct phone phones[PHONES_MAX];
    size_t count;
};

static void put(struct load *l, struct phone *p, uint8_t flags, uint32_t seq, const char *data, size_t len)
{
    segment_put(&l->wire, &(struct segment){.src = p->address,
                                            .dst = l->server,
                                            .src_port = p->port,
                                            .dst_port = l->server_port,
                                            .from_mac = p->mac,
                                            .dst_mac = l->server_mac,
                                            .seq = seq,
                                            .ack = (flags & SEGMENT_ACK) != 0 ? p->heard : 0,
                                            .flags = flags,
                                            .data = (const uint8_t *)data,
                                            .len = len});
    p->owed = 0;
}

/* What wants an acknowledgement, again after REPEAT_S. */
static void put_due(struct load *l, struct phone *p, uint8_t flags, const char *data, size_t len)
{
    put(l, p, flags, p->sent, data, len);
    p->sent += (uint32_t)len + ((flags & (SEGMENT_SYN | SEGMENT_FIN)) != 0);
    p->known = false;
    p->due = l->now + REPEAT_S;
}

static void acknowledge(struct load *l, struct phone *p)
{
    put(l, p, SEGMENT_ACK, p->sent, NULL, 0);
}

/* A port that is new for a minute, and a number that grows with the clock (RFC 9293, 3.4.1): a connection before it that
 * is in TIME-WAIT makes room. */
static void begin(struct load *l, struct phone *p)
{
    p->port = p->port < PORT_MIN || p->port == UINT16_MAX ? PORT_MIN : (uint16_t)(p->port + 1);
    p->sent = (uint32_t)(uint64_t)(l->now * 250000);
    p->step = STEP_SYN;
    put_due(l, p, SEGMENT_SYN, NULL, 0);
}

static void ask(struct load *l, struct phone *p)
{
    p->step = STEP_HEAD;
    put_due(l, p, SEGMENT_ACK | SEGMENT_PSH, p->ask, p->ask_len);
}

static void hang_up(struct load *l, struct phone *p)
{
    p->step = STEP_CLOSING;
    put_due(l, p, SEGMENT_ACK | SEGMENT_FIN, NULL, 0);
}

static void whole(struct load *l, struct phone *p)
{
    l->answers++;
    p->step = STEP_END;
    if (l->kept)
        ask(l, p);
}

/* Reads "HTTP/1.1 200 …" and the length: how long the head is, 0 where that is no answer. */
static size_t take_head(struct load *l, struct phone *p, const struct segment *s)
{
    char head[HEAD_MAX + 1];
    size_t len = s->here < HEAD_MAX ? s->here : HEAD_MAX;
    memcpy(head, s->data, len);
    head[len] = '\0';
    char *end = strstr(head, "\r\n\r\n"), *length = strcasestr(head, "\r\nContent-Length:");
    if (!end || !length || length > end || strncmp(head, "HTTP/1.1 200", 12) != 0) {
        l->wrong = "an answer that is no 200 with its length in the first segment";
        return 0;
    }
    p->left = strtoull(length + 17, NULL, 10);
    p->step = STEP_BODY;
    return (size_t)(end + 4 - head);
}

static void take_data(struct load *l, struct phone *p, const struct segment *s)
{
    size_t head = p->step == STEP_HEAD ? take_head(l, p, s) : 0, body = s->len - head;
    if (l->wrong)
        return;
    if (p->step != STEP_BODY || body > p->left) {
        l->wrong = "more bytes than were announced";
        return;
    }
    p->heard += (uint32_t)s->len;
    if (p->owed == 0)
        p->owed_due = l->now + ACK_S;
    p->owed += (uint32_t)s->len;
    p->left -= body;
    l->bytes += body;
    if (p->left == 0)
        whole(l, p);
}

static void take_end(struct load *l, struct phone *p)
{
    /* A kept connection may end between two answers. */
    if (p->step != STEP_END && !(l->kept && p->step == STEP_HEAD)) {
        l->wrong = "a connection that ended too early";
        return;
    }
    p->heard++;
    hang_up(l, p);
}

static void take_answer(struct load *l, struct phone *p, const struct segment *s)
{
    bool end = (s->flags & SEGMENT_FIN) != 0;
    if (s->seq != p->heard) { /* something is missing, or came twice */
        if (s->len > 0 || end || (s->flags & SEGMENT_SYN) != 0)
            acknowledge(l, p);
        return;
    }
    p->due = l->now + (p->known ? ANSWER_S : REPEAT_S);
    if (s->len > 0)
        take_data(l, p, s);
    if (!l->wrong && end)
        take_end(l, p);
    else if (p->owed > SEGMENT_MSS)
        acknowledge(l, p);
}

static void take_segment(struct load *l, struct phone *p, const struct segment *s)
{
    bool current = (s->flags & SEGMENT_ACK) != 0 && s->ack == p->sent;
    p->known |= current;
    if ((s->flags & SEGMENT_RST) != 0) {
        l->wrong = "a connection was refused or reset";
    } else if (p->step == STEP_SYN) {
        if (!current || (s->flags & SEGMENT_SYN) == 0)
            return;
        p->heard = s->seq + 1;
        ask(l, p);
    } else if (p->step != STEP_CLOSING) {
        take_answer(l, p, s);
    } else if (current) {
        begin(l, p);
    }
}

static void take_frame(void *ctx, unsigned i)
{
    struct load *l = ctx;
    struct segment s;
    if (l->wrong || !segment_read(&l->wire, i, &s) || s.src != l->server || s.src_port != l->server_port)
        return;
    uint32_t which = s.dst - l->wire.first;
    if (which < l->count && s.dst_port == l->phones[which].port)
        take_segment(l, &l->phones[which], &s);
}

static void repeat(struct load *l, struct phone *p)
{
    l->repeated++;
    p->sent -= p->step == STEP_HEAD ? (uint32_t)p->ask_len : 1;
    if (p->step == STEP_SYN)
        put_due(l, p, SEGMENT_SYN, NULL, 0);
    else if (p->step == STEP_HEAD)
        ask(l, p);
    else
        hang_up(l, p);
}

/* False where something was wrong. */
static bool do_what_is_due(void *ctx)
{
    struct load *l = ctx;
    l->now = wire_now();
    for (size_t i = 0; i < l->count; i++) {
        struct phone *p = &l->phones[i];
        if (p->due <= l->now && (p->known || p->step == STEP_BODY || p->step == STEP_END))
            l->wrong = "an answer that did not come, or not to its end";
        else if (p->due <= l->now)
            repeat(l, p);
        else if (p->owed > 0 && p->owed_due <= l->now)
            acknowledge(l, p);
    }
    return l->wrong == NULL;
}

/* So that no server goes on with connections that nobody has. */
static void say_goodbye(struct load *l)
{
    for (size_t i = 0; i < l->count; i++)
        put(l, &l->phones[i], SEGMENT_RST | SEGMENT_ACK, l->phones[i].sent, NULL, 0);
    wire_flush(&l->wire);
}

static int go(struct load *l, double seconds)
{
    double cpu = wire_cpu();
    struct wire_turns turns = {
        .seconds = seconds, .sweep_s = SWEEP_S, .take_frame = take_frame, .sweep = do_what_is_due, .ctx = l};
    l->now = wire_now();
    for (size_t i = 0; i < l->count; i++)
        begin(l, &l->phones[i]);
    double took = wire_loop(&l->wire, &turns, NULL);
    cpu = wire_cpu() - cpu;
    say_goodbye(l);
    if (!l->wrong && l->repeated > REPEATED_MAX + l->answers / 1000)
        l->wrong = "too many segments had to be sent again";
    printf("%llu %llu %.3f %.3f %llu\n", (unsigned long long)l->answers, (unsigned long long)l->bytes, took, cpu,
           (unsigned long long)l->repeated);
    if (l->wrong)
        fprintf(stderr, "http_frames: %s\n", l->wrong);
    return l->wrong || l->answers == 0;
}

/* Each phone as it is between two programs: of the ports that come next, few have been used by the one before. */
static void make_phone(const struct load *l, struct phone *p, const char *version, const char *path)
{
    p->address = l->wire.first + (uint32_t)(p - l->phones);
    p->port = (uint16_t)(PORT_MIN + (uint64_t)(wire_now() * 1000) % (UINT16_MAX - PORT_MIN));
    wire_mac(p->address, p->mac);
    unsigned number = p->address & 0xffffff;
    p->ask_len = (size_t)snprintf(p->ask, sizeof p->ask,
                                  "GET %s HTTP/1.1\r\nHost: box\r\nUser-Agent: Cisco/SPA504G-%s (0002FD%06X)"
                                  "(CCQ1%07X)\r\nAccept: */*\r\n%s\r\n",
                                  path, version, number, number, l->kept ? "" : "Connection: close\r\n");
}

int main(int argc, char **argv)
{
    static struct load l;
    l.kept = argc == 10 && strcmp(argv[9], "kept") == 0;
    l.count = argc == 9 || l.kept ? strtoul(argv[3], NULL, 10) : 0;
    if (l.count < 1 || l.count > PHONES_MAX || strlen(argv[7]) + strlen(argv[8]) > 300) {
        fprintf(stderr, "usage: http_frames INTERFACE FIRST-ADDRESS PHONES SERVER PORT SECONDS VERSION PATH [kept]\n");
        return 2;
    }
    wire_open(&l.wire, argv[1], wire_address(argv[2]), (uint32_t)l.count, UNDER_WAY);
    l.server = wire_address(argv[4]);
    l.server_port = (uint16_t)atoi(argv[5]);
    for (size_t i = 0; i < l.count; i++)
        make_phone(&l, &l.phones[i], argv[7], argv[8]);
    wire_resolve(&l.wire, l.server, l.server_mac);
    return go(&l, strtod(argv[6], NULL));
}
