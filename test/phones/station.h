/* station.h - where a phone stands in the network: its interface, its address, and how bad its cable is. */
#ifndef PHONES_STATION_H
#define PHONES_STATION_H

#include "addr.h"
#include "clock.h"
#include "delays.h"
#include "loop.h"
#include "wire.h"

struct station {
    struct loop *loop;
    struct wire *wire;
    struct delays *first_bytes; /* of all phones */
    struct rng rng;
    struct mac mac;
    char ifname[16];
    int ifindex;
    uint32_t ip;   /* 0: none yet */
    uint32_t mask; /* of that address */
    uint32_t dns;  /* 0: none */
    unsigned loss; /* percent of datagrams that this phone's own clients drop */
};

/* Non-blocking sockets, bound to the phone's interface and address. -1: errno says why. */
int station_udp(const struct station *s);
int station_tcp(const struct station *s);
int station_listen(const struct station *s, uint16_t port);
/* Closes a TCP socket without a word, as a phone does that loses its power. */
void station_drop(int fd);
/* True: this datagram is to be lost. */
bool station_loses(struct station *s);

#endif
