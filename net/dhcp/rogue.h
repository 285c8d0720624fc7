/* rogue.h - other DHCP servers: looked for at start, noticed later.
 *
 * Another server is an OFFER or ACK that came from another address. What a client writes into its
 * option 54 proves nothing, nor do our own packets, nor such that a relay hands on for us.
 */
#ifndef STAGEBOX_NET_DHCP_ROGUE_H
#define STAGEBOX_NET_DHCP_ROGUE_H

#include "net/dhcp/message.h"

#define DHCP_LOOK_MS 5000       /* how long another server is looked for */
#define DHCP_LOOK_EVERY_MS 1000 /* between our DISCOVERs */

enum dhcp_rogue_policy {
    DHCP_ROGUE_GUARD, /* no answers while looking; found then: none until resumed; found later: warn */
    DHCP_ROGUE_WARN,  /* looked for beside the work; told */
    DHCP_ROGUE_IGNORE /* not looked for and not told; `authoritative = auto` still heeds one that is heard */
};

enum dhcp_guard {
    DHCP_GUARD_IDLE,    /* before dhcp_server_start() */
    DHCP_GUARD_LOOKING, /* no answers yet */
    DHCP_GUARD_HELD,    /* another server was found while looking: no answers until resumed */
    DHCP_GUARD_CLEAR    /* answering */
};

struct dhcp_rogue {
    enum dhcp_rogue_policy policy;
    enum dhcp_guard guard;
    uint64_t until_ms; /* end of the search; UINT64_MAX: none runs */
    uint64_t next_ms;  /* our next DISCOVER */
    uint32_t xid;
    bool resumed; /* the operator has decided: no more holds */
    bool seen;
    ip4 address; /* of the last one seen */
    uint64_t seen_ms;
};

void dhcp_rogue_init(struct dhcp_rogue *rogue);
/* Begins the search, unless the policy is to ignore or the operator has resumed; `xid` marks our DISCOVERs. */
void dhcp_rogue_start(struct dhcp_rogue *rogue, enum dhcp_rogue_policy policy, uint32_t xid, uint64_t now_ms);
/* A new policy while running: a search under way ends where it is not guard any more, and so does
 * a hold. */
void dhcp_rogue_set_policy(struct dhcp_rogue *rogue, enum dhcp_rogue_policy policy);
/* The operator says: answer. */
void dhcp_rogue_resume(struct dhcp_rogue *rogue);
/* A message that came from `src`: true where it proves another server than `self`, and is noted. */
bool dhcp_rogue_heard(struct dhcp_rogue *rogue, const struct dhcp_message *message, ip4 src, ip4 self,
                      uint64_t now_ms);
/* Ends the search when its time is over; true where the guard fell clear by this call. */
bool dhcp_rogue_tick(struct dhcp_rogue *rogue, uint64_t now_ms);
/* One of our DISCOVERs is due: writes it (UDP payload, from `mac`, to be broadcast to port 67) and
 * returns its length; else 0. */
size_t dhcp_rogue_discover(struct dhcp_rogue *rogue, struct mac mac, uint64_t now_ms, uint8_t *buf, size_t cap);
/* When dhcp_rogue_tick() or dhcp_rogue_discover() has something next; UINT64_MAX never. */
uint64_t dhcp_rogue_deadline(const struct dhcp_rogue *rogue);

#endif
