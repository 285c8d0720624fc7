/* mdns.h - a responder for one name.local (RFC 6762): questions in, answers out. No sockets, no clock, no heap.
 *
 * It announces and answers A, says by NSEC that there is nothing else, keeps still where the asker knows already,
 * and answers old resolvers in their own way (6.7). It does not probe (8.1): the name is fixed.
 */
#ifndef STAGEBOX_NET_DNS_MDNS_H
#define STAGEBOX_NET_DNS_MDNS_H

#include "net/dns/server.h"

#define MDNS_PORT 5353
#define MDNS_GROUP UINT32_C(0xe00000fb) /* 224.0.0.251 */
#define MDNS_TTL_S 120
#define MDNS_LEGACY_TTL_S 10

struct mdns {
    ip4 address;
    char name[DNS_NAME_MAX]; /* lower case, with .local */
};

/* False where `name` (without .local) is no host name: letters, digits and hyphens, at most 63. */
bool mdns_init(struct mdns *mdns, ip4 address, const char *name);

/* Answers a datagram. The answer's length, 0 for silence; `cap` at least DNS_REPLY_MAX. *unicast: it goes to the
 * asker alone, else to the group. */
size_t mdns_answer(const struct mdns *mdns, const uint8_t *query, size_t len, uint16_t from_port, uint8_t *out,
                   size_t cap, bool *unicast);
/* What is told unasked: that the name is there, twice, a second apart (8.3); or that it goes (10.1). */
size_t mdns_announce(const struct mdns *mdns, bool goes, uint8_t *out, size_t cap);

#endif
