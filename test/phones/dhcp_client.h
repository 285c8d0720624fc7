/* dhcp_client.h - one phone's DHCP client: RFC 2131 4.4, with ARP probes of its own. The lease's terms are shortened by
 * the phones' clock (a client may always renew early); its end is the real one. */
#ifndef PHONES_DHCP_CLIENT_H
#define PHONES_DHCP_CLIENT_H

#include "dhcp_message.h"
#include "station.h"

struct dhcp_client;

/* What a phone's firmware is like; fixed between dhcp_start() and dhcp_stop(). */
struct dhcp_manners {
    char vendor_class[64];
    char host_name[32];
    uint8_t client_id[64];
    size_t client_id_len;
    uint8_t wanted[32];
    size_t wanted_len;
    bool broadcast;
    bool arp_check;
    bool inform; /* asks again with an INFORM once it has its address */
    double clock_factor;
};

struct dhcp_events {
    void *ctx;
    /* The address may be used from now on. Called again after a renewal that changed something else than the term. */
    void (*bound)(void *ctx, const struct dhcp_reply *lease);
    /* It may not be used any more: a NAK, the end of the lease, or someone else who has it. */
    void (*lost)(void *ctx, const char *why);
    /* Something worth a line: "offer", "nak", "decline", "again" (not answered in time, so sent once more) …, with its detail. */
    void (*note)(void *ctx, const char *what, const char *detail);
};

struct dhcp_client *dhcp_new(struct station *s, const struct dhcp_events *events);
void dhcp_free(struct dhcp_client *c);
/* Begins anew: with INIT-REBOOT for `known` if it is not 0, else with a DISCOVER. */
void dhcp_start(struct dhcp_client *c, const struct dhcp_manners *m, uint32_t known);
/* The phone is off: not a packet more, and no farewell. */
void dhcp_stop(struct dhcp_client *c);
/* Sends a RELEASE if there is a lease, and stops. */
void dhcp_release(struct dhcp_client *c);
/* The MAC that the last ACK came from. */
const struct mac *dhcp_server_mac(const struct dhcp_client *c);
/* The lease in force, NULL if there is none. */
const struct dhcp_reply *dhcp_lease(const struct dhcp_client *c);

#endif
