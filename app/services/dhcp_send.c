#include "app/services/dhcp_send.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX 64
#define DHCP_CHADDR_AT 28 /* RFC 2131 section 2 */
#define DHCP_TYPE_AT 242  /* the engine puts option 53 first */

/* Where the answer goes to the client itself, its frame goes to the MAC that asked: a phone that renews
 * need not be looked for by ARP, and one that does not answer ARP yet is reached all the same. */
static const struct mac *frame_to(const struct dhcp_sender *s, const struct dhcp_reply *r, struct mac *chaddr)
{
    ip4 mask = ip4_mask(s->box->prefix);
    if (r->to_mac)
        return &r->mac;
    if (r->port != DHCP_CLIENT_PORT || (r->dst & mask) != (s->box->address & mask) || (r->dst | mask) == UINT32_MAX)
        return NULL;
    memcpy(chaddr->b, r->buf + DHCP_CHADDR_AT, sizeof chaddr->b);
    return chaddr;
}

static void send_now(struct dhcp_sender *s, const struct dhcp_reply *replies, size_t n)
{
    struct port_udp_out out[DHCP_SEND_MAX];
    struct mac chaddr[DHCP_SEND_MAX];
    for (size_t i = 0; i < n; i++) {
        const struct dhcp_reply *r = &replies[i];
        out[i] = (struct port_udp_out){
            .dst = r->dst, .dst_port = r->port, .dst_mac = frame_to(s, r, &chaddr[i]), .head = r->buf, .head_len = r->len};
    }
    port_udp_send(s->udp, out, n);
}

/* An ACK is what the journal must have before. */
static bool tells_of_a_lease(const struct dhcp_reply *r)
{
    return r->buf[DHCP_TYPE_AT] == DHCP_ACK;
}

static void hold(struct dhcp_sender *s, const struct dhcp_reply *r)
{
    if (!s->held)
        s->held = calloc(HELD_MAX, sizeof *s->held);
    if (s->held && s->held_count < HELD_MAX)
        s->held[s->held_count++] = *r;
}

void dhcp_send_held(struct dhcp_sender *s)
{
    if (s->held_count == 0 || staging_behind(s->staging))
        return;
    for (size_t at = 0; at < s->held_count; at += DHCP_SEND_MAX)
        send_now(s, s->held + at, s->held_count - at < DHCP_SEND_MAX ? s->held_count - at : DHCP_SEND_MAX);
    s->held_count = 0;
}

/* Holds those back that must wait, and moves the others to the front: how many these are. */
static size_t hold_back(struct dhcp_sender *s, struct dhcp_reply *replies, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (tells_of_a_lease(&replies[i]))
            hold(s, &replies[i]);
        else
            replies[kept++] = replies[i];
    }
    return kept;
}

void dhcp_send(struct dhcp_sender *s, struct dhcp_reply *replies, size_t n)
{
    if (n == 0)
        return;
    staging_commit(s->staging);
    if (staging_behind(s->staging))
        n = hold_back(s, replies, n);
    else
        dhcp_send_held(s);
    if (n > 0)
        send_now(s, replies, n);
}

void dhcp_sender_dispose(struct dhcp_sender *s)
{
    free(s->held);
}
