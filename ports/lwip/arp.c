/* arp.c - ARP (RFC 826) and the neighbour table. Only who speaks to the box gets an entry; who is in it already is
 * believed when it says that its MAC has changed. */
#include "ports/lwip/internal.h"

#include <stdlib.h>
#include <string.h>

#define ARP_LENGTH 28
#define ARP_REQUEST 1
#define ARP_REPLY 2
#define ASK_AGAIN_MS 1000
#define ASK_TIMES 3
#define FRESH_MS 60000   /* used without asking */
#define GOOD_MS 600000 /* used, but asked for again */

static const struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

bool arp_start(struct port *port)
{
    struct neighbours *table = &port->neighbours;
    size_t count = port->board->neighbours != 0 ? port->board->neighbours : NEIGHBOURS;
    table->pool = calloc(count, sizeof *table->pool);
    table->buckets = malloc(count * sizeof *table->buckets);
    if (table->pool == NULL || table->buckets == NULL)
        return false;
    table->count = (uint16_t)count;
    memset(table->buckets, 0xff, count * sizeof *table->buckets);
    return true;
}

static uint16_t *bucket_of(struct neighbours *table, ip4 address)
{
    return &table->buckets[(uint64_t)(address * UINT32_C(2654435769)) * table->count >> 32];
}

static struct neighbour *find(struct neighbours *table, ip4 address)
{
    for (uint16_t i = *bucket_of(table, address); i != NO_NEIGHBOUR; i = table->pool[i].next)
        if (table->pool[i].address == address)
            return &table->pool[i];
    return NULL;
}

static void drop_waiting(struct neighbour *n)
{
    if (n->waiting != NULL)
        pbuf_free(n->waiting);
    n->waiting = NULL;
}

static void forget(struct neighbours *table, struct neighbour *n)
{
    uint16_t *at = bucket_of(table, n->address), i = (uint16_t)(n - table->pool);
    while (*at != i)
        at = &table->pool[*at].next;
    *at = n->next;
    drop_waiting(n);
    if (!n->known)
        table->unresolved--;
    *n = (struct neighbour){.address = 0};
}

/* The table is full: the oldest of a few makes room, one after the other over time. */
static struct neighbour *make_room(struct neighbours *table)
{
    struct neighbour *oldest = NULL;
    for (int i = 0; i < 16; i++) {
        struct neighbour *n = &table->pool[table->victim];
        table->victim = (uint16_t)((table->victim + 1) % table->count);
        if (oldest == NULL || n->heard_ms < oldest->heard_ms)
            oldest = n;
    }
    if (oldest->address != 0)
        forget(table, oldest);
    return oldest;
}

static struct neighbour *enter(struct port *port, ip4 address)
{
    struct neighbours *table = &port->neighbours;
    struct neighbour *n = table->used < table->count ? &table->pool[table->used++] : make_room(table);
    uint16_t *bucket = bucket_of(table, address);
    *n = (struct neighbour){.address = address, .heard_ms = port_now_ms(port), .next = *bucket};
    *bucket = (uint16_t)(n - table->pool);
    table->unresolved++;
    return n;
}

/* The MAC addresses of ARP itself are those of the frame. */
static void send(struct port *port, uint16_t operation, const struct mac *to, ip4 target)
{
    const struct port_interface *is = &port->interface.is;
    uint8_t frame[ETHER_HEADER + ARP_LENGTH] = {[12] = 8, [13] = 6, [15] = 1, [16] = 8, [18] = 6, [19] = 4};
    uint8_t *arp = frame + ETHER_HEADER;
    memcpy(frame, to->b, 6);
    memcpy(frame + 6, is->mac.b, 6);
    arp[7] = (uint8_t)operation;
    memcpy(arp + 8, is->mac.b, 6);
    for (int i = 0; i < 4; i++) {
        arp[14 + i] = (uint8_t)(is->address >> (24 - 8 * i));
        arp[24 + i] = (uint8_t)(target >> (24 - 8 * i));
    }
    if (operation == ARP_REPLY)
        memcpy(arp + 18, to->b, 6);
    interface_send_frame(port, frame, sizeof frame);
}

static void ask(struct port *port, struct neighbour *n)
{
    uint64_t now = port_now_ms(port);
    if (n->asked_ms != 0 && now - n->asked_ms < ASK_AGAIN_MS)
        return;
    n->asked_ms = now;
    if (n->asked < UINT8_MAX)
        n->asked++;
    send(port, ARP_REQUEST, n->known && n->asked < ASK_TIMES ? &n->mac : &everybody, n->address);
}

static void learn(struct port *port, struct neighbour *n, const uint8_t *mac)
{
    struct pbuf *waiting = n->waiting;
    if (!n->known)
        port->neighbours.unresolved--;
    n->known = true;
    n->asked = 0;
    n->heard_ms = port_now_ms(port);
    memcpy(n->mac.b, mac, 6);
    n->waiting = NULL;
    if (waiting != NULL) {
        interface_send(port, waiting, &n->mac);
        pbuf_free(waiting);
    }
}

void arp_input(struct port *port, const uint8_t *frame, size_t len)
{
    static const uint8_t ethernet_ip[6] = {0, 1, 8, 0, 6, 4};
    const uint8_t *arp = frame + ETHER_HEADER;
    if (len < ETHER_HEADER + ARP_LENGTH || memcmp(arp, ethernet_ip, sizeof ethernet_ip) != 0)
        return;
    ip4 sender = get32(arp + 14), target = get32(arp + 24), own = port->interface.is.address;
    bool for_us = target == own;
    if ((arp[8] & 1) != 0 || sender == own) /* a group is nobody; a conflict is dhcp's to tell */
        return;
    struct neighbour *n = sender != 0 ? find(&port->neighbours, sender) : NULL;
    if (n == NULL && for_us && sender != 0)
        n = enter(port, sender);
    if (n != NULL)
        learn(port, n, arp + 8);
    if (for_us && get16(arp + 6) == ARP_REQUEST) {
        struct mac asker;
        memcpy(asker.b, arp + 8, 6);
        send(port, ARP_REPLY, &asker, sender);
    }
}

err_t arp_output(struct port *port, struct pbuf *packet, ip4 to)
{
    uint64_t now = port_now_ms(port);
    struct neighbour *n = find(&port->neighbours, to);
    if (n == NULL)
        n = enter(port, to);
    if (n->known && now - n->heard_ms < GOOD_MS) {
        if (now - n->heard_ms >= FRESH_MS)
            ask(port, n);
        return interface_send(port, packet, &n->mac);
    }
    drop_waiting(n);
    n->waiting = pbuf_clone(PBUF_LINK, PBUF_RAM, packet);
    ask(port, n);
    return ERR_OK;
}

void arp_tick(struct port *port)
{
    struct neighbours *table = &port->neighbours;
    if (table->unresolved == 0)
        return;
    for (uint16_t i = 0; i < table->used; i++) {
        struct neighbour *n = &table->pool[i];
        if (n->address == 0 || n->waiting == NULL)
            continue;
        if (n->asked >= ASK_TIMES) {
            drop_waiting(n);
            n->asked = 0;
        } else {
            ask(port, n);
        }
    }
}

void arp_stop(struct port *port)
{
    for (uint16_t i = 0; i < port->neighbours.used; i++)
        drop_waiting(&port->neighbours.pool[i]);
    free(port->neighbours.pool);
    free(port->neighbours.buckets);
    port->neighbours = (struct neighbours){.pool = NULL};
}

bool port_neighbour(struct port *port, ip4 address, struct mac *out)
{
    const struct neighbour *n = find(&port->neighbours, address);
    if (n == NULL || !n->known || port_now_ms(port) - n->heard_ms >= GOOD_MS)
        return false;
    *out = n->mac;
    return true;
}
