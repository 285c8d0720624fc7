/* probe.h - keeps a stock of addresses that ARP has shown to be free, so that no client waits.
 *
 * A probe is three requests of RFC 5227 in 0.8 s; a server that offers, and whose client looks again by itself,
 * need not take the seven seconds of section 1.1. Up to 64 run at a time. When the pool has no fresh address left,
 * those whose leases ran out longest ago are probed, and keep remembering their clients. What has
 * lain in stock for ten minutes is probed anew.
 */
#ifndef STAGEBOX_NET_DHCP_PROBE_H
#define STAGEBOX_NET_DHCP_PROBE_H

#include "net/dhcp/server.h"

#define DHCP_PROBES 3
#define DHCP_PROBE_EVERY_MS 200
#define DHCP_PROBE_WAIT_MS 400 /* after the last one */
#define DHCP_PROBES_AT_ONCE 64
#define DHCP_STOCK_FRESH_MS 600000
#define DHCP_SEEN_REST_MS 60000 /* an expired address whose client was still seen there */

/* Addresses that are in stock, or will be unless somebody answers. */
uint32_t dhcp_probe_stock(const struct dhcp_server *server);
/* Nothing is known of the addresses in stock: they were probed without a link. */
void dhcp_probe_again(struct dhcp_server *server, uint64_t now_ms);
/* Begins what should be probed now. */
void dhcp_probe_refill(struct dhcp_server *server, uint64_t now_ms);
/* The next step of a PROBING entry that is due: true where `frame` is to be sent. */
bool dhcp_probe_step(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms,
                     uint8_t frame[ARP_FRAME_LEN]);
/* What an ARP packet says about our addresses. */
void dhcp_probe_heard(struct dhcp_server *server, const struct arp_packet *packet, uint64_t now_ms);
/* When dhcp_probe_refill() has something to begin; UINT64_MAX never. Running probes are in the table's heap. */
uint64_t dhcp_probe_deadline(const struct dhcp_server *server);

#endif
