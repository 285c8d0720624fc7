/* identity.h - who is asking: weighs what the wire tells about a peer.
 *
 * Contract, "Who is asking": client certificate, then lease or ARP entry of the source address, then
 * User-Agent, then the name in the path (only where nothing else identifies; it never disagrees).
 * ARP counts only without a lease. A lease or ARP entry of a MAC that is no phone's neither
 * identifies where something better does, nor disagrees with anybody. Pure.
 */
#ifndef STAGEBOX_APP_PHONES_IDENTITY_H
#define STAGEBOX_APP_PHONES_IDENTITY_H

#include "net/addr.h"

/* Each NULL where the wire did not tell. */
struct identity_evidence {
    const struct mac *certificate; /* of a device certificate whose chain holds */
    const struct mac *lease;       /* of the source address */
    const struct mac *neighbour;   /* its ARP entry */
    bool link_is_phone;            /* whichever of the two counts is a supported phone's MAC */
    const struct mac *user_agent;  /* the MAC in the User-Agent */
    bool user_agent_names_phone;   /* there is a phone's User-Agent, with or without a MAC */
    const struct mac *name;        /* the MAC in the requested name */
};

enum identity_source { IDENTITY_NOBODY, IDENTITY_CERTIFICATE, IDENTITY_LEASE, IDENTITY_NEIGHBOUR, IDENTITY_USER_AGENT,
                       IDENTITY_NAME };

struct identity {
    enum identity_source source; /* the strongest that speaks */
    struct mac mac;              /* zero where nobody tells one */
    bool doubt;                  /* two disagree */
    enum identity_source against; /* with doubt: the one that contradicts `source` */
};

struct identity identity_weigh(const struct identity_evidence *evidence);
/* "client certificate", "lease", ... for sentences. */
const char *identity_source_text(enum identity_source source);

#endif
