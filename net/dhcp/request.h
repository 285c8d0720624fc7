/* request.h - what is done about each kind of message. The message is server->message. */
#ifndef STAGEBOX_NET_DHCP_REQUEST_H
#define STAGEBOX_NET_DHCP_REQUEST_H

#include "net/dhcp/server.h"

/* DISCOVER, REQUEST and INFORM: may be answered. DHCP_SILENT with *later: it may be tried again soon. */
enum dhcp_result dhcp_request_answer(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms,
                                     struct dhcp_reply *reply, bool *later);
/* DECLINE and RELEASE, which nothing answers. */
enum dhcp_result dhcp_request_note(struct dhcp_server *server, uint64_t now_ms);

#endif
