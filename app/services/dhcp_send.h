/* dhcp_send.h - sends the answers of the DHCP service; what tells of a lease not before the journal has it. A private part
 * of that service. */
#ifndef STAGEBOX_APP_SERVICES_DHCP_SEND_H
#define STAGEBOX_APP_SERVICES_DHCP_SEND_H

#include "app/staging/staging.h"
#include "config/settings.h"
#include "net/dhcp/server.h"

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
#define DHCP_SEND_MAX 16 /* answers that are sent together */

/* Zeroed, then the first three are the caller's to set: everything is lent. */
struct dhcp_sender {
    struct port_udp *udp; /* port 67; NULL: not open yet, and nothing may be sent */
    struct staging *staging;
    const struct settings_box *box;
    struct dhcp_reply *held; /* ACKs that wait for the journal; NULL: none ever had to */
    size_t held_count;
};

/* Commits what staging and the leases have put, and sends `n` answers, DHCP_SEND_MAX at most; *replies is used up. While the
 * card is busy ACKs are kept back, up to 64; a client whose ACK finds no room gets none, and asks again. */
void dhcp_send(struct dhcp_sender *sender, struct dhcp_reply *replies, size_t n);
/* Sends those that have waited, if they may go now. */
void dhcp_send_held(struct dhcp_sender *sender);
void dhcp_sender_dispose(struct dhcp_sender *sender);

#endif
