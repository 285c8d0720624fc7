/* wire.h - the one packet socket on the parent interface: DHCP and ARP frames of every phone go out and come in here. */
#ifndef PHONES_WIRE_H
#define PHONES_WIRE_H

#include "addr.h"
#include "loop.h"

struct wire;

struct arp_seen {
    bool reply;
    struct mac sender;
    uint32_t sender_ip;
    uint32_t target_ip;
};

/* One phone's plug. The caller owns it and fills in everything but `next`. */
struct wire_port {
    struct mac mac;
    void *ctx;
    /* A BOOTP message to UDP port 68 whose chaddr is `mac`; `from` is the frame's source. NULL: not wanted. */
    void (*dhcp)(void *ctx, const uint8_t *message, size_t len, const struct mac *from, uint32_t from_ip);
    /* Any ARP packet from another MAC, while `arp_ip` is its sender or (a probe) its target. */
    void (*arp)(void *ctx, const struct arp_seen *seen);
    uint32_t arp_ip; /* 0: none */
    struct wire_port *next;
};

/* Opens the socket on the interface. NULL: errno says why. */
struct wire *wire_open(struct loop *l, int ifindex);
void wire_close(struct wire *w);
void wire_attach(struct wire *w, struct wire_port *p);
void wire_detach(struct wire *w, struct wire_port *p);
/* How many frames came in whose IP or UDP checksum was wrong. */
unsigned wire_bad_checksums(const struct wire *w);

/* Sends a UDP datagram port 68 → 67 as a whole frame; `to` is the frame's destination. */
void wire_send_dhcp(struct wire *w, const struct mac *from, const struct mac *to, uint32_t src, uint32_t dst,
                    const uint8_t *message, size_t len);
/* Broadcasts an ARP request for `target` with sender address `sender` (0: a probe, RFC 5227). */
void wire_send_arp(struct wire *w, const struct mac *from, uint32_t sender, uint32_t target);

#endif
