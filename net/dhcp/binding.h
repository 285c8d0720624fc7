/* binding.h - what can happen to an address. Every change of a binding goes through here, so that
 * table, journal and events agree. */
#ifndef STAGEBOX_NET_DHCP_BINDING_H
#define STAGEBOX_NET_DHCP_BINDING_H

#include "net/dhcp/server.h"

#define DHCP_OFFER_MS 15000       /* how long an offer is kept */
#define DHCP_OFFER_YOUNG_MS 1000  /* so long nobody takes it away */
#define DHCP_QUARANTINE_MS 600000 /* of declined addresses and of those seen in use */

/* The client has been offered the address. */
void dhcp_binding_offer(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms);
/* It is the client's for `seconds` from now; unless it gave up what it had (`anew`), not shorter than before. */
void dhcp_binding_bind(struct dhcp_server *server, struct dhcp_lease *lease, uint32_t seconds, bool anew,
                       uint64_t now_ms);
/* The client gave it back. */
void dhcp_binding_release(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms);
/* The client did not take the offer: back into the stock, or remembered where it once was its own. */
void dhcp_binding_withdraw(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms);
/* The client says that somebody else has the address. */
void dhcp_binding_decline(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms);
/* ARP says that `holder` has it. */
void dhcp_binding_conflict(struct dhcp_server *server, struct dhcp_lease *lease, struct mac holder,
                           uint64_t now_ms);
/* The client goes, the entry stays; the caller gives it a client or state next. */
void dhcp_binding_oust(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms);
/* Entry and client go. */
void dhcp_binding_forget(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms);
/* The time of an entry that is not PROBING has come. */
void dhcp_binding_due(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms);
/* What the journal says; see dhcp_server_restore(). */
bool dhcp_binding_restore(struct dhcp_server *server, const struct dhcp_lease_record *record, uint64_t now_ms);

#endif
