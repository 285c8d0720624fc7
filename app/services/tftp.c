#include "app/services/tftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/hash.h"
#include "net/tftp/transfer.h"

#define TFTP_PORT 69
#define TIDS 8 /* ports that transfers share; a peer's next transfer gets another one than its last */
#define TFTP_OVERHEAD 32 /* IP, UDP and TFTP headers of a block */

struct session {
    struct session *next_free;
    struct hash_node by_peer;
    uint8_t peer[6]; /* address and port: the key */
    ip4 address;
    uint16_t number;
    struct port_udp *tid;
    struct mac mac; /* where its last datagram came from; not used where has_mac is not set */
    bool has_mac;
    struct staging_delivery *delivery;
    uint64_t acked;
    struct tftp_xfer xfer;
    struct timer timer;
    struct tftp_service *service;
    bool running;
    bool touched; /* stands in the list of the batch in hand */
};

struct tftp_service {
    struct tftp_service_options o;
    struct tftp_limits limits;
    struct port_udp *server;
    struct port_udp *tid[TIDS];
    unsigned next_tid;
    struct session *sessions;
    struct session *free;
    size_t load;
    struct hash by_peer;
    struct hash_node **buckets;
    /* datagrams on their way out */
    struct tftp_out pending[PORT_UDP_BATCH];
    struct port_udp_out out[PORT_UDP_BATCH];
    bool begins[PORT_UDP_BATCH]; /* of each: it answers a request, which is in the journal */
    size_t out_count;
};

static bool same_peer(const struct hash_node *node, const void *key, size_t len)
{
    return memcmp(HASH_OWNER(node, const struct session, by_peer)->peer, key, len) == 0;
}

static void peer_key(ip4 address, uint16_t number, uint8_t key[6])
{
    for (int i = 0; i < 4; i++)
        key[i] = (uint8_t)(address >> (24 - 8 * i));
    key[4] = (uint8_t)(number >> 8);
    key[5] = (uint8_t)number;
}

static struct session *find(const struct tftp_service *t, ip4 address, uint16_t number)
{
    uint8_t key[6];
    peer_key(address, number, key);
    struct hash_node *node = hash_find(&t->by_peer, key, sizeof key);
    return node ? HASH_OWNER(node, struct session, by_peer) : NULL;
}

/* -- sending ------------------------------------------------------------------------------------------- */

/* First answers are left out: the transfers repeat them. */
static void leave_out_first(struct tftp_service *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->out_count; i++)
        if (!t->begins[i])
            t->out[kept++] = t->out[i];
    t->out_count = kept;
}

static void flush(struct tftp_service *t)
{
    if (t->out_count == 0)
        return;
    staging_commit(t->o.staging);
    if (staging_behind(t->o.staging))
        leave_out_first(t);
    if (t->out_count > 0)
        port_udp_send(t->tid[0], t->out, t->out_count);
    t->out_count = 0;
}

static void end(struct session *x)
{
    struct tftp_service *t = x->service;
    enum tftp_result result = tftp_result(&x->xfer);
    if (x->delivery)
        staging_end(t->o.staging, x->delivery, result == TFTP_DONE);
    x->delivery = NULL;
    x->running = false;
    timer_clear(t->o.timers, &x->timer);
    hash_remove(&t->by_peer, &x->by_peer);
    x->next_free = t->free;
    t->free = x;
    t->load--;
}

/* The timer is moved only when it must be earlier: a transfer that runs well never touches it. */
static void watch(struct session *x)
{
    uint64_t deadline = tftp_deadline(&x->xfer);
    if (deadline < timer_at(&x->timer))
        timer_set(x->service->o.timers, &x->timer, deadline);
}

/* Puts what the transfer has to send among the datagrams on their way out. A single one, as in lock-step, goes straight
 * to where its acknowledgement came from; a window goes the way that the port can take in one piece. */
static void pump(struct session *x, uint64_t now)
{
    struct tftp_service *t = x->service;
    size_t count = 0;
    while (tftp_output(&x->xfer, &t->pending[t->out_count], now)) {
        struct tftp_out *p = &t->pending[t->out_count];
        t->begins[t->out_count] = tftp_acked(&x->xfer) == 0;
        t->out[t->out_count++] = (struct port_udp_out){.udp = x->tid,
                                                       .dst = x->address,
                                                       .dst_port = x->number,
                                                       .head = p->head,
                                                       .head_len = p->head_len,
                                                       .body = p->body,
                                                       .body_len = p->body_len};
        count++;
        if (t->out_count == PORT_UDP_BATCH)
            flush(t);
    }
    if (count == 1 && t->out_count > 0 && x->has_mac)
        t->out[t->out_count - 1].dst_mac = &x->mac;
}

/* After every event: progress, end, and the next deadline. */
static void settle(struct session *x)
{
    uint64_t acked = tftp_acked(&x->xfer);
    if (acked != x->acked)
        staging_progress(x->service->o.staging, x->delivery, acked);
    x->acked = acked;
    if (tftp_result(&x->xfer) != TFTP_RUNNING)
        end(x);
    else
        watch(x);
}

static void on_timer(void *ctx, struct timer *timer, uint64_t now)
{
    struct session *x = ctx;
    (void)timer;
    x->has_mac = false; /* it may be that nobody is there any more */
    pump(x, now);
    flush(x->service);
    settle(x);
}

/* -- requests ------------------------------------------------------------------------------------------ */

static void send_error(struct tftp_service *t, const struct port_udp_in *in, const uint8_t *pkt, size_t len)
{
    struct port_udp_out out = {.dst = in->src, .dst_port = in->src_port, .head = pkt, .head_len = len};
    if (len > 0)
        port_udp_send(t->tid[t->next_tid++ % TIDS], &out, 1);
}

static void refuse(struct tftp_service *t, const struct port_udp_in *in, enum tftp_error_code code, const char *text)
{
    uint8_t pkt[TFTP_ERROR_MAX];
    staging_commit(t->o.staging);
    send_error(t, in, pkt, tftp_error_build(pkt, code, text));
}

static void begin(struct tftp_service *t, const struct port_udp_in *in, const struct tftp_request *request,
                  const struct staging_answer *answer)
{
    struct session *x = t->free;
    uint64_t now = port_now_ms(t->o.port);
    t->free = x->next_free;
    t->load++;
    x->address = in->src;
    x->number = in->src_port;
    x->tid = t->tid[t->next_tid++ % TIDS];
    x->has_mac = false;
    x->delivery = answer->delivery;
    x->acked = 0;
    x->running = true;
    peer_key(in->src, in->src_port, x->peer);
    hash_insert(&t->by_peer, &x->by_peer, x->peer, sizeof x->peer);
    tftp_start(&x->xfer, request, in->data, in->len, &t->limits, answer->data, answer->size, now);
    pump(x, now);
    flush(t);
    settle(x);
}

/* All places are taken: the peer that has been silent longest gives its own up. False: all of them answer. */
static bool make_way(struct tftp_service *t)
{
    uint64_t now = port_now_ms(t->o.port), longest = 0;
    struct session *victim = NULL;
    for (size_t i = 0; i < t->o.transfers; i++) {
        struct session *x = &t->sessions[i];
        uint64_t silent = x->running ? tftp_silent_ms(&x->xfer, now) : 0;
        if (silent > longest) {
            longest = silent;
            victim = x;
        }
    }
    if (victim)
        end(victim);
    return victim != NULL;
}

static void on_read_request(struct tftp_service *t, const struct port_udp_in *in, const struct tftp_request *request)
{
    struct staging_answer answer;
    struct staging_request ask = {
        .carrier = CARRIER_TFTP, .address = in->src, .path = request->name, .path_len = request->name_len};
    if (!t->free && !make_way(t)) {
        refuse(t, in, TFTP_ERR_OTHER, "busy: try again");
        staging_warn_passing(t->o.staging, "tftp", "As many TFTP transfers as [limits] tftp allows are under way.");
        return;
    }
    staging_ask(t->o.staging, &ask, &answer);
    if (answer.kind == STAGING_NOT_FOUND)
        refuse(t, in, TFTP_ERR_NOT_FOUND, "not found");
    else if (answer.kind == STAGING_BUSY)
        refuse(t, in, TFTP_ERR_OTHER, "busy: try again");
    else
        begin(t, in, request, &answer);
}

static void on_request(struct tftp_service *t, const struct port_udp_in *in)
{
    struct session *old = find(t, in->src, in->src_port);
    struct tftp_request request;
    uint8_t pkt[TFTP_ERROR_MAX];
    if (old && tftp_is_repeat(&old->xfer, in->data, in->len, port_now_ms(t->o.port))) {
        watch(old);
        return;
    }
    enum tftp_request_result result = tftp_request_parse(in->data, in->len, &request);
    if (result != TFTP_REQUEST_READ) {
        send_error(t, in, pkt, tftp_request_refusal(result, pkt));
        return;
    }
    if (old)
        end(old);
    on_read_request(t, in, &request);
}

static void on_requests(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    (void)udp;
    for (size_t i = 0; i < n; i++)
        on_request(ctx, &in[i]);
}

/* -- transfers ----------------------------------------------------------------------------------------- */

static void on_transfers(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct tftp_service *t = ctx;
    struct session *touched[PORT_UDP_BATCH];
    size_t count = 0;
    uint64_t now = port_now_ms(t->o.port);
    (void)udp;
    for (size_t i = 0; i < n; i++) {
        struct session *x = find(t, in[i].src, in[i].src_port);
        if (!x || x->tid != in[i].udp)
            continue;
        x->has_mac = in[i].src_mac != NULL;
        if (x->has_mac)
            x->mac = *in[i].src_mac;
        tftp_input(&x->xfer, in[i].data, in[i].len, now);
        pump(x, now);
        if (!x->touched)
            touched[count++] = x;
        x->touched = true;
    }
    flush(t);
    for (size_t i = 0; i < count; i++) {
        touched[i]->touched = false;
        settle(touched[i]);
    }
}

/* -- life ---------------------------------------------------------------------------------------------- */

static bool make_pool(struct tftp_service *t)
{
    size_t n = hash_buckets(t->o.transfers);
    t->sessions = calloc(t->o.transfers, sizeof *t->sessions);
    t->buckets = calloc(n, sizeof(struct hash_node *));
    if (!t->sessions || !t->buckets)
        return false;
    hash_init(&t->by_peer, t->buckets, n, t->o.seed, same_peer);
    for (size_t i = t->o.transfers; i-- > 0;) {
        struct session *x = &t->sessions[i];
        x->service = t;
        x->next_free = t->free;
        timer_init(&x->timer, on_timer, x);
        t->free = x;
    }
    return true;
}

static bool open_ports(struct tftp_service *t)
{
    for (unsigned i = 0; i < TIDS; i++)
        if (port_udp_open_many(t->o.port, on_transfers, t, &t->tid[i]) < 0)
            return false;
    return port_udp_open(t->o.port, TFTP_PORT, on_requests, t, &t->server) == 0;
}

struct tftp_service *tftp_service_open(const struct tftp_service_options *options)
{
    struct tftp_service *t = calloc(1, sizeof *t);
    struct port_interface interface;
    if (!t)
        return NULL;
    t->o = *options;
    port_interface_get(options->port, &interface);
    t->limits = (struct tftp_limits){
        .blksize = (uint16_t)(interface.mtu - TFTP_OVERHEAD),
        .window = 64,
        .retry_ms = 1000,
        .retry_max_ms = 8000,
        .give_up_ms = 60000,
    };
    if (!make_pool(t) || !open_ports(t)) {
        tftp_service_close(t);
        return NULL;
    }
    return t;
}

size_t tftp_service_load(const struct tftp_service *t)
{
    return t->load;
}

void tftp_service_close(struct tftp_service *t)
{
    if (!t)
        return;
    for (size_t i = 0; t->sessions && i < t->o.transfers; i++)
        if (t->sessions[i].running)
            end(&t->sessions[i]);
    for (unsigned i = 0; i < TIDS; i++)
        if (t->tid[i])
            port_udp_close(t->tid[i]);
    if (t->server)
        port_udp_close(t->server);
    free(t->sessions);
    free(t->buckets);
    free(t);
}
