/* udp.c - UDP endpoints on lwIP's, and overhearing. */
#include "ports/lwip/internal.h"

#include <stdlib.h>
#include <string.h>

#include "lwip/ip4.h"
#include "lwip/udp.h"

#define MDNS_PORT 5353
#define GROUPS 14 /* the first four bits of 224.0.0.0/4 */

struct port_udp {
    struct port *port;
    struct udp_pcb *pcb; /* NULL: overhears */
    uint16_t number;
    port_udp_fn *fn;
    void *ctx;
    bool closed; /* within a callback: freed at the turn's end */
    struct port_udp *next;
};

static int take(struct port *port, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    int error = interface_needed(port);
    if (error != 0)
        return error;
    *out = port->udp_count < UDP_ENDPOINTS ? calloc(1, sizeof **out) : NULL;
    if (*out == NULL)
        return fail(port, PORT_E_FULL, "all %d UDP ports are in use", UDP_ENDPOINTS);
    **out = (struct port_udp){.port = port, .fn = fn, .ctx = ctx, .next = port->udp};
    return 0;
}

static void enter(struct port_udp *udp, struct port_udp **out)
{
    udp->port->udp = udp;
    udp->port->udp_count++;
    *out = udp;
}

/* The datagram lies in one piece: interface.c made it so. */
static void received(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t from_port)
{
    struct port_udp *udp = arg;
    (void)pcb;
    struct port_udp_in in = {.udp = udp,
                             .src = lwip_ntohl(from->addr),
                             .dst = lwip_ntohl(ip4_current_dest_addr()->addr),
                             .src_port = from_port,
                             .data = p->payload,
                             .len = p->len};
    if (!udp->closed && (in.dst >> 28 != GROUPS || udp->number == MDNS_PORT))
        udp->fn(udp->ctx, udp, &in, 1);
    pbuf_free(p);
}

int port_udp_open(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    struct port_udp *udp;
    int error = take(port, fn, ctx, &udp);
    if (error != 0)
        return error;
    udp->pcb = udp_new();
    err_t bound = udp->pcb != NULL ? udp_bind(udp->pcb, IP_ADDR_ANY, number) : ERR_MEM;
    if (bound != ERR_OK) {
        if (udp->pcb != NULL)
            udp_remove(udp->pcb);
        free(udp);
        return fail(port, bound == ERR_USE ? PORT_E_BUSY : PORT_E_FULL, "UDP port %u is %s", number,
                    bound == ERR_USE ? "open already" : "one more than there is memory for");
    }
    udp->number = udp->pcb->local_port;
    if (number == MDNS_PORT)
        udp->pcb->ttl = 255; /* RFC 6762 section 11 */
    udp_recv(udp->pcb, received, udp);
    enter(udp, out);
    return 0;
}

int port_udp_open_many(struct port *port, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    return port_udp_open(port, 0, fn, ctx, out);
}

int port_udp_overhear(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    struct port_udp *udp;
    int error = take(port, fn, ctx, &udp);
    if (error != 0)
        return error;
    udp->number = number;
    enter(udp, out);
    return 0;
}

/* A whole UDP datagram in an IPv4 packet; its checksum is not looked at. */
static bool parse(const uint8_t *packet, size_t len, uint16_t *number, struct port_udp_in *in)
{
    if (len < IP_HLEN || packet[0] >> 4 != 4 || packet[9] != IP_PROTO_UDP || (get16(packet + 6) & 0x3fff) != 0)
        return false;
    size_t head = (size_t)(packet[0] & 15) * 4, total = get16(packet + 2);
    if (head < IP_HLEN || total > len || total < head + UDP_HLEN)
        return false;
    const uint8_t *udp = packet + head;
    size_t udp_len = get16(udp + 4);
    if (udp_len < UDP_HLEN || udp_len > total - head)
        return false;
    *number = get16(udp + 2);
    *in = (struct port_udp_in){.src = get32(packet + 12),
                               .dst = get32(packet + 16),
                               .src_port = get16(udp),
                               .data = udp + UDP_HLEN,
                               .len = udp_len - UDP_HLEN};
    return true;
}

void udp_sweep(struct port *port)
{
    for (struct port_udp **at = &port->udp; *at != NULL;) {
        struct port_udp *udp = *at;
        if (udp->closed) {
            *at = udp->next;
            port->udp_count--;
            free(udp);
        } else {
            at = &udp->next;
        }
    }
}

void udp_overheard(struct port *port, const uint8_t *frame, size_t len)
{
    struct port_udp_in in;
    struct mac mac;
    uint16_t number;
    if (!parse(frame + ETHER_HEADER, len - ETHER_HEADER, &number, &in))
        return;
    memcpy(mac.b, frame + sizeof mac.b, sizeof mac.b); /* behind the one it goes to */
    in.src_mac = &mac;
    for (struct port_udp *udp = port->udp; udp != NULL; udp = udp->next)
        if (udp->pcb == NULL && !udp->closed && udp->number == number) {
            in.udp = udp;
            udp->fn(udp->ctx, udp, &in, 1);
        }
}

uint16_t port_udp_number(const struct port_udp *udp)
{
    return udp->number;
}

static struct pbuf *refer(const void *data, size_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_REF);
    if (p != NULL)
        p->payload = (void *)(uintptr_t)data; /* only read */
    return p;
}

/* The datagram as references to the caller's memory; NULL where there is no pool left. */
static struct pbuf *datagram(const struct port_udp_out *out)
{
    struct pbuf *head = refer(out->head, out->head_len);
    struct pbuf *body = head != NULL && out->body_len > 0 ? refer(out->body, out->body_len) : NULL;
    if (body != NULL) {
        pbuf_cat(head, body);
    } else if (head != NULL && out->body_len > 0) {
        pbuf_free(head);
        return NULL;
    }
    return head;
}

static void send_one(struct port_udp *udp, const struct port_udp_out *out)
{
    struct interface *i = &udp->port->interface;
    ip_addr_t to = {lwip_htonl(out->dst)};
    if (out->head_len + out->body_len > UINT16_MAX - UDP_HLEN - IP_HLEN)
        return;
    struct pbuf *p = datagram(out);
    if (p == NULL) {
        i->send_drops++;
        return;
    }
    i->force = out->dst_mac;
    if (udp_sendto_if(udp->pcb, p, &to, out->dst_port, &i->netif) == ERR_MEM)
        i->send_drops++;
    i->force = NULL;
    pbuf_free(p);
}

void port_udp_send(struct port_udp *udp, const struct port_udp_out *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct port_udp *from = out[i].udp != NULL ? out[i].udp : udp;
        if (from->pcb != NULL && !from->closed)
            send_one(from, &out[i]);
    }
}

void port_udp_close(struct port_udp *udp)
{
    if (udp->pcb != NULL && !udp->closed)
        udp_remove(udp->pcb);
    udp->closed = true;
    if (!udp->port->running)
        udp_sweep(udp->port);
}

void udp_stop(struct port *port)
{
    while (port->udp != NULL) {
        port_udp_close(port->udp);
        udp_sweep(port);
    }
}
