/* tell.h - how the engine's parts reach the host's callbacks. */
#ifndef STAGEBOX_NET_DHCP_TELL_H
#define STAGEBOX_NET_DHCP_TELL_H

#include "net/dhcp/server.h"

#define DHCP_TELL_EVERY_MS 10000

/* Counts the event and hands it on; of the kinds that anybody on the network can cause at will only
 * one in DHCP_TELL_EVERY_MS, with the number of those kept back. */
void dhcp_tell(struct dhcp_server *server, struct dhcp_event event, uint64_t now_ms);
/* The usual one: a client and an address. */
void dhcp_tell_client(struct dhcp_server *server, enum dhcp_event_kind kind, struct mac mac, ip4 address,
                      uint64_t now_ms);
/* Hands a change of the entry to the journal. */
void dhcp_tell_record(struct dhcp_server *server, const struct dhcp_lease *lease, enum dhcp_record_state state,
                      uint64_t now_ms);
/* The same as a struct. */
void dhcp_fill_record(const struct dhcp_lease *lease, enum dhcp_record_state state, uint64_t now_ms,
                      struct dhcp_lease_record *out);

#endif
