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
/* Creates an interface and brings it up: it stays so, a phone that is off has no address; returns its index, or -1. One of that name that is left over is removed first. */
int macvlan_add(struct macvlan *m, const char *name, const struct mac *mac);
/* Removes every interface that was made here, at once: one at a time takes milliseconds each. */
bool macvlan_remove_all(struct macvlan *m);
/* Puts a MAC into the interface's ARP table, for good. */
bool macvlan_neighbour(struct macvlan *m, int ifindex, uint32_t ip, const struct mac *mac);
/* Adds or removes the address with its connected route. */
bool macvlan_address(struct macvlan *m, int ifindex, uint32_t ip, uint32_t mask, bool add);

#endif
