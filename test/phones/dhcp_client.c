#include "dhcp_client.h"

#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum state { STOPPED, SELECTING, REQUESTING, REBOOTING, PROBING, BOUND, RENEWING, REBINDING };
enum { PROBES = 2, PROBE_MS = 250, LAST_PROBE_MS = 500, DECLINE_WAIT_MS = 3000, FIRST_RETRY_MS = 1000, MAX_RETRY_MS = 8000 };

static const struct mac everyone = {{255, 255, 255, 255, 255, 255}};

struct dhcp_client {
    struct station *station;
    struct dhcp_events events;
    struct dhcp_manners manners;
    struct wire_port port;
    enum state state;
    uint32_t xid;
    uint64_t began;         /* of this exchange, for secs */
    unsigned tries;         /* of the message that waits for its answer */
    unsigned probes;        /* still to send */
    struct dhcp_reply offer; /* taken, or offered */
    bool has_lease;
    bool informing;
    struct mac server_mac;
    uint64_t lease_start;
    struct timer retry; /* next transmission, probe, or state change */
    struct timer end;   /* of the lease, in real time */
};

static void begin_discover(struct dhcp_client *c);

static uint64_t now(const struct dhcp_client *c)
{
    return loop_now(c->station->loop);
}

static void wait_ms(struct dhcp_client *c, uint64_t ms)
{
    timer_set(c->station->loop, &c->retry, ms);
}

static void note(struct dhcp_client *c, const char *what, uint32_t ip)
{
    c->events.note(c->events.ctx, what, ip ? ip_format(ip).s : "");
}

static struct dhcp_request message_for(const struct dhcp_client *c, enum dhcp_type type)
{
    const struct dhcp_manners *m = &c->manners;
    struct dhcp_request r = {.type = type, .xid = c->xid, .mac = c->station->mac, .broadcast = m->broadcast};
    r.secs = (uint16_t)((now(c) - c->began) / 1000);
    r.client_id = m->client_id;
    r.client_id_len = m->client_id_len;
    r.vendor_class = m->vendor_class;
    r.host_name = m->host_name;
    r.wanted = m->wanted;
    r.wanted_len = m->wanted_len;
    return r;
}

static void transmit(struct dhcp_client *c, const struct dhcp_request *r, const struct mac *to, uint32_t dst)
{
    uint8_t message[576];
    size_t len = dhcp_write(r, message);
    if (!station_loses(c->station))
        wire_send_dhcp(c->station->wire, &c->station->mac, to, r->ciaddr, dst, message, len);
}

static void send_for_state(struct dhcp_client *c)
{
    struct dhcp_request r = message_for(c, c->state == SELECTING ? DHCP_DISCOVER : DHCP_REQUEST);
    if (c->state == REQUESTING)
        r.server = c->offer.server;
    if (c->state == REQUESTING || c->state == REBOOTING)
        r.requested = c->offer.yiaddr;
    if (c->state == RENEWING || c->state == REBINDING) {
        r.ciaddr = c->offer.yiaddr;
        r.broadcast = false;
    }
    bool unicast = c->state == RENEWING;
    transmit(c, &r, unicast ? &c->server_mac : &everyone, unicast ? c->offer.server : 0xffffffffu);
}

/* RFC 2131 4.1: doubling delays with a random part, shorter than the RFC's since a test waits for them. */
static void send_and_wait(struct dhcp_client *c)
{
    if (c->tries > 0)
        note(c, "again", 0);
    send_for_state(c);
    uint64_t delay = (uint64_t)FIRST_RETRY_MS << (c->tries < 4 ? c->tries : 4);
    c->tries++;
    wait_ms(c, (delay > MAX_RETRY_MS ? MAX_RETRY_MS : delay) + rng_below(&c->station->rng, 300));
}

static void enter(struct dhcp_client *c, enum state state)
{
    c->state = state;
    c->tries = 0;
    send_and_wait(c);
}

static void new_exchange(struct dhcp_client *c)
{
    c->xid = (uint32_t)rng_next(&c->station->rng);
    c->began = now(c);
}

static void begin_discover(struct dhcp_client *c)
{
    new_exchange(c);
    enter(c, SELECTING);
}

static void lose_lease(struct dhcp_client *c, const char *why)
{
    bool had = c->has_lease;
    c->has_lease = false;
    c->port.arp_ip = 0;
    timer_stop(c->station->loop, &c->end);
    if (had)
        c->events.lost(c->events.ctx, why);
}

static void send_inform(struct dhcp_client *c)
{
    new_exchange(c);
    c->informing = true;
    struct dhcp_request r = message_for(c, DHCP_INFORM);
    r.ciaddr = c->offer.yiaddr;
    r.broadcast = false;
    transmit(c, &r, &everyone, 0xffffffffu);
}

/* T1 and T2 in the phones' time, the default halves and seven eighths where the server names none. */
static uint64_t term_ms(const struct dhcp_client *c, uint32_t term, uint32_t otherwise)
{
    double ms = (term ? term : otherwise) * 1000.0 / c->manners.clock_factor;
    return ms < 1000 ? 1000 : (uint64_t)ms;
}

static void enter_bound(struct dhcp_client *c)
{
    bool fresh = !c->has_lease;
    c->state = BOUND;
    c->has_lease = true;
    c->port.arp_ip = c->offer.yiaddr;
    wait_ms(c, term_ms(c, c->offer.t1_s, c->offer.lease_s / 2));
    uint64_t left = (uint64_t)c->offer.lease_s * 1000;
    timer_set(c->station->loop, &c->end, left < 1000 ? 1000 : left);
    if (fresh)
        c->events.bound(c->events.ctx, &c->offer);
    if (fresh && c->manners.inform && c->state == BOUND)
        send_inform(c);
}

static void send_probe(struct dhcp_client *c)
{
    c->probes--;
    wire_send_arp(c->station->wire, &c->station->mac, 0, c->offer.yiaddr);
    wait_ms(c, c->probes ? PROBE_MS : LAST_PROBE_MS);
}

static void begin_probing(struct dhcp_client *c)
{
    c->state = PROBING;
    c->port.arp_ip = c->offer.yiaddr;
    c->probes = PROBES;
    send_probe(c);
}

static void decline(struct dhcp_client *c)
{
    note(c, "decline", c->offer.yiaddr);
    new_exchange(c);
    struct dhcp_request r = message_for(c, DHCP_DECLINE);
    r.requested = c->offer.yiaddr;
    r.server = c->offer.server;
    transmit(c, &r, &everyone, 0xffffffffu);
    lose_lease(c, "someone else has the address");
    c->port.arp_ip = 0;
    c->state = SELECTING;
    c->tries = 0;
    wait_ms(c, DECLINE_WAIT_MS);
}

static void saw_arp(void *ctx, const struct arp_seen *seen)
{
    struct dhcp_client *c = ctx;
    bool taken = seen->sender_ip == c->offer.yiaddr || (c->state == PROBING && !seen->reply && seen->sender_ip == 0);
    if (taken && (c->state == PROBING || c->has_lease))
        decline(c);
}

static void timed_out(void *ctx)
{
    struct dhcp_client *c = ctx;
    switch (c->state) {
    case PROBING:
        if (c->probes > 0)
            send_probe(c);
        else
            enter_bound(c);
        break;
    case BOUND:
        new_exchange(c);
        enter(c, RENEWING);
        break;
    case RENEWING:
        if (c->tries >= 3)
            enter(c, REBINDING);
        else
            send_and_wait(c);
        break;
    case REQUESTING:
    case REBOOTING:
        if (c->tries >= 4)
            begin_discover(c);
        else
            send_and_wait(c);
        break;
    case SELECTING:
    case REBINDING: send_and_wait(c); break;
    case STOPPED: break;
    }
}

static void lease_ended(void *ctx)
{
    struct dhcp_client *c = ctx;
    lose_lease(c, "the lease has ended");
    begin_discover(c);
}

static void take_offer(struct dhcp_client *c, const struct dhcp_reply *r)
{
    if (c->state != SELECTING || r->yiaddr == 0 || r->server == 0)
        return;
    c->offer = *r;
    note(c, "offer", r->yiaddr);
    enter(c, REQUESTING);
}

static void take_ack(struct dhcp_client *c, const struct dhcp_reply *r, const struct mac *from)
{
    if (c->informing && c->state == BOUND) {
        c->informing = false;
        c->events.note(c->events.ctx, "informed", r->option66);
        return;
    }
    if (c->state < REQUESTING || c->state == PROBING || c->state == BOUND || r->yiaddr == 0 || r->lease_s == 0)
        return;
    bool again = c->state >= RENEWING;
    if (again && r->yiaddr != c->offer.yiaddr)
        lose_lease(c, "renewed to another address");
    c->offer = *r;
    c->server_mac = *from;
    note(c, again ? "renewed" : "ack", r->yiaddr);
    if (c->manners.arp_check && !again)
        begin_probing(c);
    else
        enter_bound(c);
}

static void take_nak(struct dhcp_client *c)
{
    if (c->state != REQUESTING && c->state != REBOOTING && c->state != RENEWING && c->state != REBINDING)
        return;
    note(c, "nak", c->offer.yiaddr);
    lose_lease(c, "the server took it back (NAK)");
    begin_discover(c);
}

static void received(void *ctx, const uint8_t *message, size_t len, const struct mac *from, uint32_t from_ip)
{
    struct dhcp_client *c = ctx;
    struct dhcp_reply r;
    (void)from_ip;
    if (c->state == STOPPED || station_loses(c->station) || !dhcp_read(message, len, &r) || r.xid != c->xid)
        return;
    if (r.type == DHCP_OFFER)
        take_offer(c, &r);
    else if (r.type == DHCP_ACK)
        take_ack(c, &r, from);
    else if (r.type == DHCP_NAK)
        take_nak(c);
}

struct dhcp_client *dhcp_new(struct station *s, const struct dhcp_events *events)
{
    struct dhcp_client *c = mem_new(1, sizeof *c);
    c->station = s;
    c->events = *events;
    c->port = (struct wire_port){.mac = s->mac, .ctx = c, .dhcp = received, .arp = saw_arp};
    c->retry = (struct timer){.fire = timed_out, .ctx = c};
    c->end = (struct timer){.fire = lease_ended, .ctx = c};
    wire_attach(s->wire, &c->port);
    return c;
}

void dhcp_free(struct dhcp_client *c)
{
    dhcp_stop(c);
    wire_detach(c->station->wire, &c->port);
    free(c);
}

void dhcp_start(struct dhcp_client *c, const struct dhcp_manners *m, uint32_t known)
{
    dhcp_stop(c);
    c->manners = *m;
    if (known == 0) {
        begin_discover(c);
        return;
    }
    new_exchange(c);
    c->offer = (struct dhcp_reply){.yiaddr = known};
    enter(c, REBOOTING);
}

void dhcp_stop(struct dhcp_client *c)
{
    timer_stop(c->station->loop, &c->retry);
    timer_stop(c->station->loop, &c->end);
    c->state = STOPPED;
    c->has_lease = c->informing = false;
    c->port.arp_ip = 0;
}

void dhcp_release(struct dhcp_client *c)
{
    if (c->has_lease) {
        new_exchange(c);
        struct dhcp_request r = message_for(c, DHCP_RELEASE);
        r.ciaddr = c->offer.yiaddr;
        r.server = c->offer.server;
        transmit(c, &r, &c->server_mac, c->offer.server);
    }
    dhcp_stop(c);
}

const struct dhcp_reply *dhcp_lease(const struct dhcp_client *c)
{
    return c->has_lease ? &c->offer : NULL;
}

const struct mac *dhcp_server_mac(const struct dhcp_client *c)
{
    return &c->server_mac;
}
