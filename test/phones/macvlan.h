/* macvlan.h - a network interface for each phone: a macvlan in private mode over the parent, by rtnetlink. */
#ifndef PHONES_MACVLAN_H
#define PHONES_MACVLAN_H

#include "addr.h"

struct macvlan {
    int fd;
    int parent; /* its interface index */
    unsigned seq;
    char error[160]; /* the sentence for the last call that failed */
};

/* Opens netlink, brings the parent up and sets the namespace's switches so that each interface answers ARP only for
 * its own address. False: `error` says why. */
bool macvlan_open(struct macvlan *m, const char *parent);
void macvlan_close(struct macvlan *m);
/* Creates an interface that is down; returns its index, or -1. One of that name that is left over is removed first. */
int macvlan_add(struct macvlan *m, const char *name, const struct mac *mac);
bool macvlan_remove(struct macvlan *m, int ifindex);
bool macvlan_up(struct macvlan *m, int ifindex, bool up);
/* Adds or removes the address with its connected route. */
bool macvlan_address(struct macvlan *m, int ifindex, uint32_t ip, uint32_t mask, bool add);

#endif
