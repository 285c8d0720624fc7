/* arp.h - ARP on Ethernet (RFC 826) and the probe of RFC 5227, as whole frames.
 *
 * Frames start with the destination MAC, as ports/port.h sends and receives them. Nothing here
 * keeps state; when and how often to probe is decided by the caller (net/dhcp/probe.h).
 */
#ifndef STAGEBOX_NET_ARP_ARP_H
#define STAGEBOX_NET_ARP_ARP_H

#include "net/addr.h"

#define ARP_ETHERTYPE 0x0806
#define ARP_FRAME_LEN 60 /* what arp_build() writes: the shortest Ethernet frame, without its checksum */
#define ARP_FRAME_MIN 42 /* what arp_parse() needs: headers and packet without padding */

enum arp_operation { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_packet {
    enum arp_operation operation;
    struct mac sender;
    ip4 sender_ip; /* 0 in a probe: the sender claims no address yet */
    struct mac target;
    ip4 target_ip;
};

/* Reads a frame of `len` bytes that starts with the destination MAC. False for anything that is not
 * a request or reply between Ethernet and IPv4 (RFC 826), for a frame that is cut, and where the
 * sender MAC is zero or a group address. Bytes behind the packet (padding) are ignored. */
bool arp_parse(const uint8_t *frame, size_t len, struct arp_packet *out);

/* Writes `packet` as a frame to `to`, sender MAC as the frame's source, padded with zeros. */
void arp_build(uint8_t frame[ARP_FRAME_LEN], struct mac to, const struct arp_packet *packet);

/* Writes a probe (RFC 5227 1.1): a broadcast request by `sender` for `address` with sender address 0,
 * so that nobody's ARP cache changes. */
void arp_build_probe(uint8_t frame[ARP_FRAME_LEN], struct mac sender, ip4 address);

/* The frame shows that somebody other than `self` uses `address` or is about to: its sender address
 * is `address`, or it is another's probe for it (RFC 5227 2.1.1). */
bool arp_conflicts(const struct arp_packet *packet, struct mac self, ip4 address);

#endif
