/* interface.c - the Ethernet interface: frames in and out. */
#include "ports/lwip/internal.h"

#include <stdio.h>
#include <string.h>

#include "lwip/ip4.h"
#include "lwip/udp.h"

#define SPANS 8 /* of a frame: its header, and an IP packet's parts */
#define PROTOCOL_TCP 6
#define TCP_FLAGS_AT 13
#define TCP_SYN_ALONE 0x02
#define ALL_SYSTEMS UINT32_C(0xe0000001)
#define MDNS_GROUP UINT32_C(0xe00000fb)

int interface_needed(struct port *port)
{
    if (port->interface.joined)
        return 0;
    return fail(port, PORT_E_SYSTEM, "no interface has been joined");
}

/* -- out ------------------------------------------------------------------------------------------- */

static bool sent(struct port *port, const struct board_span *spans, size_t n)
{
    bool taken = port->board->send(port->board->ctx, spans, n);
    if (!taken)
        port->interface.send_drops++;
    return taken;
}

bool interface_send_frame(struct port *port, const void *frame, size_t len)
{
    return sent(port, &(struct board_span){frame, len}, 1);
}

err_t interface_send(struct port *port, const struct pbuf *packet, const struct mac *to)
{
    uint8_t header[ETHER_HEADER] = {[12] = 8};
    struct board_span spans[SPANS] = {{header, sizeof header}};
    size_t n = 1;
    memcpy(header, to->b, 6);
    memcpy(header + 6, port->interface.is.mac.b, 6);
    for (const struct pbuf *part = packet; part != NULL; part = part->next) {
        if (n == SPANS)
            return ERR_BUF;
        spans[n++] = (struct board_span){part->payload, part->len};
    }
    return sent(port, spans, n) ? ERR_OK : ERR_IF;
}

static bool is_broadcast(const struct port_interface *is, ip4 to)
{
    return to == UINT32_MAX || (is->prefix < 31 && to == (is->address | ~ip4_mask(is->prefix)));
}

static err_t output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *next_hop)
{
    struct port *port = netif->state;
    ip4 to = lwip_ntohl(next_hop->addr);
    struct mac group = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    if (port->interface.force != NULL)
        return interface_send(port, packet, port->interface.force);
    if (is_broadcast(&port->interface.is, to))
        return interface_send(port, packet, &group);
    if (to >> 28 != 14)
        return arp_output(port, packet, to);
    group = (struct mac){{1, 0, 0x5e, (uint8_t)(to >> 16 & 0x7f), (uint8_t)(to >> 8), (uint8_t)to}};
    return interface_send(port, packet, &group); /* RFC 1112 section 6.4 */
}

/* -- in -------------------------------------------------------------------------------------------- */

/* What lwIP shall not see: groups that we are not in, and a first word for which there is no room now. */
static bool wanted(struct port *port, const uint8_t *packet, size_t len)
{
    if (len < IP_HLEN)
        return false;
    ip4 to = get32(packet + 16);
    if (to >> 28 == 14 && to != ALL_SYSTEMS && to != MDNS_GROUP)
        return false;
    size_t head = (size_t)(packet[0] & 15) * 4;
    if (packet[9] != PROTOCOL_TCP || len < head + TCP_FLAGS_AT + 1)
        return true;
    if ((packet[head + TCP_FLAGS_AT] & 0x17) != TCP_SYN_ALONE)
        return true;
    tcp_reopen(get32(packet + 12), get16(packet + head), get16(packet + head + 2));
    return tcp_has_room(port);
}

static void packet_input(struct port *port, const uint8_t *packet, size_t len)
{
    if (!wanted(port, packet, len))
        return;
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);
    if (p == NULL) {
        port->interface.receive_drops++;
        return;
    }
    memcpy(p->payload, packet, len);
    ip4_input(p, &port->interface.netif);
}

/* A frame without a tag. */
static void plain_input(struct port *port, const uint8_t *frame, size_t len)
{
    uint16_t type = get16(frame + 12);
    if (type <= 1500)
        type = 4; /* a length: 802.2 */
    frames_input(port, type, frame, len);
    if (type == ETHER_ARP)
        arp_input(port, frame, len);
    if (type != ETHER_IP)
        return;
    udp_overheard(port, frame, len);
    packet_input(port, frame + ETHER_HEADER, len - ETHER_HEADER);
}

/* A tag with VLAN 0 is none: it only gives a priority (802.1Q). */
static void tagged_input(struct port *port, uint8_t *frame, size_t len)
{
    frames_input(port, ETHER_VLAN, frame, len);
    if (len < ETHER_HEADER + ETHER_TAG || (get16(frame + 14) & 0xfff) != 0)
        return;
    memmove(frame + ETHER_TAG, frame, 12);
    plain_input(port, frame + ETHER_TAG, len - ETHER_TAG);
}

static void input(struct port *port, uint8_t *frame, size_t len)
{
    const uint8_t *own = port->interface.is.mac.b;
    if (len < ETHER_HEADER || ((frame[0] & 1) == 0 && memcmp(frame, own, 6) != 0) || memcmp(frame + 6, own, 6) == 0)
        return;
    if (get16(frame + 12) == ETHER_VLAN)
        tagged_input(port, frame, len);
    else
        plain_input(port, frame, len);
}

bool interface_drain(struct port *port)
{
    const struct board *board = port->board;
    _Alignas(8) uint8_t frame[BOARD_FRAME_MAX + 2];
    if (!port->interface.joined)
        return false;
    for (size_t i = 0; i < board->ring && !port->stopped; i++) {
        size_t len = board->receive(board->ctx, frame, sizeof frame);
        if (len == 0)
            return false;
        input(port, frame, len);
    }
    return true;
}

void interface_tell_drops(struct port *port)
{
    struct interface *i = &port->interface;
    uint64_t drops = i->send_drops + i->receive_drops;
    if (drops == i->told_drops || (i->told_ms != 0 && port->now_ms - i->told_ms < TELL_MS))
        return;
    log_line(port, PORT_WARNING, "frames that could not be sent: %llu, or taken: %llu, since the start",
             (unsigned long long)i->send_drops, (unsigned long long)i->receive_drops);
    i->told_drops = drops;
    i->told_ms = port->now_ms;
}

/* -- its life -------------------------------------------------------------------------------------- */

static err_t start_netif(struct netif *netif)
{
    struct port *port = netif->state;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = (u16_t)port->interface.is.mtu;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP;
    netif->output = output;
    return ERR_OK;
}

static err_t no_input(struct pbuf *p, struct netif *netif)
{
    (void)netif;
    pbuf_free(p);
    return ERR_OK;
}

int port_interface_open(struct port *port, const char *name, ip4 address, unsigned prefix)
{
    struct interface *i = &port->interface;
    struct board_net net = {.mtu = 0};
    if (i->joined)
        return fail(port, PORT_E_BUSY, "%s has been joined already", i->is.name);
    int error = of_board(port, port->board->net_open(port->board->ctx, name, &net));
    if (error != 0)
        return error;
    i->is = (struct port_interface){.mac = net.mac, .address = address, .prefix = prefix, .mtu = net.mtu};
    snprintf(i->is.name, sizeof i->is.name, "%s", name);
    ip4_addr_t own = {lwip_htonl(address)}, mask = {lwip_htonl(ip4_mask(prefix))}, router = {0};
    if (netif_add(&i->netif, &own, &mask, &router, port, start_netif, no_input) == NULL)
        return fail(port, PORT_E_SYSTEM, "lwIP does not take the interface %s", name);
    netif_set_default(&i->netif);
    netif_set_up(&i->netif);
    i->joined = true;
    return 0;
}

void interface_leave(struct port *port)
{
    if (port->interface.joined)
        netif_remove(&port->interface.netif);
    port->interface.joined = false;
}

void port_interface_get(const struct port *port, struct port_interface *out)
{
    *out = port->interface.is;
    out->up = port->interface.joined && port->board->link_up(port->board->ctx);
}
