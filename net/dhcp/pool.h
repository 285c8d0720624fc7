/* pool.h - which addresses there are to give, and which one a client gets. */
#ifndef STAGEBOX_NET_DHCP_POOL_H
#define STAGEBOX_NET_DHCP_POOL_H

#include "net/dhcp/server.h"

/* The address is a host's of the subnet, and not the box's. */
bool dhcp_pool_on_link(const struct dhcp_server *server, ip4 address);
/* The address may be given to anybody: of the pool, and kept for nobody. */
bool dhcp_pool_has(const struct dhcp_server *server, ip4 address);
/* Addresses from the first to the last of the pool. */
uint32_t dhcp_pool_size(const struct dhcp_server *server);
/* What is known of the client: by its MAC, else by its identifier (see server.h). */
struct dhcp_lease *dhcp_pool_client(const struct dhcp_server *server, struct mac mac, struct dhcp_bytes id);
/* The client's fixed address where it can have it now; else 0. */
ip4 dhcp_pool_fixed(const struct dhcp_server *server, struct mac mac);
/* Nobody else holds the address, has been offered it or has been seen there, and this client may have it:
 * its fixed one, or one of the pool. */
bool dhcp_pool_free_for(const struct dhcp_server *server, ip4 address, struct mac mac);
/* The client may go on using the address that it holds, although the pool may have changed. */
bool dhcp_pool_may_keep(const struct dhcp_server *server, const struct dhcp_lease *lease, struct mac mac);
/* Clients were turned away of late: addresses are given sparingly. */
bool dhcp_pool_wanted(const struct dhcp_server *server, uint64_t now_ms);
/* ...and this client is to leave them to others. */
bool dhcp_pool_yields(const struct dhcp_server *server, struct mac mac, uint64_t now_ms);
/* The client is turned away, and told as `kind`: POOL_EMPTY or TABLE_FULL. */
void dhcp_pool_turn_away(struct dhcp_server *server, enum dhcp_event_kind kind, struct mac mac, ip4 address,
                         uint64_t now_ms);
/* Makes the entry of a free address this client's, whoever is remembered there; what it had before is
 * forgotten. NULL where there is no entry left for a client. */
struct dhcp_lease *dhcp_pool_take(struct dhcp_server *server, ip4 address, struct mac mac, struct dhcp_bytes id,
                                  uint64_t now_ms);
/* Chooses what to offer (RFC 2131 4.3.1): the fixed address, what it has or had, what it asks for, the next of
 * the stock. The entry is the client's when this returns, except a bound one that is still under its former
 * MAC. NULL and *result: DHCP_SILENT when it can be tried again soon, DHCP_E_POOL when not. */
struct dhcp_lease *dhcp_pool_choose(struct dhcp_server *server, struct mac mac, struct dhcp_bytes id, ip4 wish,
                                    uint64_t now_ms, enum dhcp_result *result);

#endif
