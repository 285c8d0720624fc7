/* reply.h - puts OFFER, ACK and NAK together and says where they go. */
#ifndef STAGEBOX_NET_DHCP_REPLY_H
#define STAGEBOX_NET_DHCP_REPLY_H

#include "net/dhcp/server.h"

/* What the callbacks are told about the sender of the message in hand. */
void dhcp_reply_client(const struct dhcp_server *server, ip4 address, const struct dhcp_lease *lease,
                       struct dhcp_client *out);
/* The server identifier for the message in hand: ours, or what its relay demands (RFC 5107). */
ip4 dhcp_reply_server_id(const struct dhcp_server *server);
/* The lease time that the message in hand gets with this entry, in seconds. */
uint32_t dhcp_reply_lease_time(const struct dhcp_server *server, const struct dhcp_lease *lease, uint64_t now_ms);

/* OFFER or ACK of `address` for `seconds`; with seconds 0 the ACK of an INFORM from `address`. */
void dhcp_reply_grant(struct dhcp_server *server, enum dhcp_message_type type, ip4 address, uint32_t seconds,
                      const struct dhcp_lease *lease, uint64_t now_ms, struct dhcp_reply *reply);
void dhcp_reply_refuse(struct dhcp_server *server, const char *text, struct dhcp_reply *reply);

#endif
