/* dhcp_message.h - RFC 2131 messages as a phone writes and reads them. */
#ifndef PHONES_DHCP_MESSAGE_H
#define PHONES_DHCP_MESSAGE_H

#include "addr.h"

enum dhcp_type {
    DHCP_DISCOVER = 1,
    DHCP_OFFER,
    DHCP_REQUEST,
    DHCP_DECLINE,
    DHCP_ACK,
    DHCP_NAK,
    DHCP_RELEASE,
    DHCP_INFORM
};

enum { DHCP_URL_SIZE = 512, DHCP_LIST_SIZE = 4 };

/* What the server said; 0 or "" where it did not. */
struct dhcp_reply {
    enum dhcp_type type;
    uint32_t xid, yiaddr, siaddr;
    uint32_t server, mask, router, dns, ntp;
    uint32_t lease_s, t1_s, t2_s;
    char option66[DHCP_URL_SIZE];
    char option159[DHCP_URL_SIZE];
    char option160[DHCP_URL_SIZE];
    uint32_t option150[DHCP_LIST_SIZE]; /* TFTP servers, ended by 0 */
};

/* Reads a BOOTREPLY; options split over several (RFC 3396) are joined, `file` and `sname` are read where option 52
 * says so. False: it is not one, or an option runs past its end. */
bool dhcp_read(const uint8_t *message, size_t len, struct dhcp_reply *out);

struct dhcp_request {
    enum dhcp_type type;
    uint32_t xid;
    uint16_t secs;
    bool broadcast;
    struct mac mac;
    uint32_t ciaddr;
    uint32_t requested; /* option 50; 0: none */
    uint32_t server;    /* option 54; 0: none */
    const uint8_t *client_id;
    size_t client_id_len; /* option 61; 0: none */
    const char *vendor_class; /* option 60; "": none */
    const char *host_name;    /* option 12; "": none */
    const uint8_t *wanted;
    size_t wanted_len; /* option 55; 0: none */
};

/* Writes the message, padded to 300 bytes as BOOTP asks. `out` has room for 576. Returns its length. */
size_t dhcp_write(const struct dhcp_request *r, uint8_t *out);

#endif
