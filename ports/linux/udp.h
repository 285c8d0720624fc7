/* udp.h - what sending, receiving and overhearing share. */
#ifndef STAGEBOX_PORTS_LINUX_UDP_H
#define STAGEBOX_PORTS_LINUX_UDP_H

#include "ports/linux/internal.h"

#include <sys/socket.h>
#include <sys/uio.h>

#define UDP_DATAGRAM_MAX 9216 /* longer ones are no phone's: dropped */
#define UDP_HEADERS 28        /* IPv4 without options, and UDP */
#define UDP_ETHERNET 14
#define UDP_HEAD_COPIED 16 /* bytes at most */
#define UDP_COPIED_MAX 1514 /* bytes of a whole frame */

struct port_udp {
    struct watch watch;
    struct watch broadcast; /* where `watch` could be bound to the box's address only */
    struct port *port;
    uint16_t number;
    bool overhears;
    port_udp_fn *fn;
    void *ctx;
    struct port_udp *next_free;
};

/* The arguments of one recvmmsg() or sendmmsg(); one for all endpoints, since callbacks are never nested
 * but a callback may send: so receiving and sending have their own. */
struct udp_batch {
    struct {
        struct mmsghdr messages[PORT_UDP_BATCH];
        struct iovec spans[PORT_UDP_BATCH];
        struct sockaddr_storage from[PORT_UDP_BATCH];
        _Alignas(struct cmsghdr) uint8_t control[PORT_UDP_BATCH][64];
        struct port_udp_in in[PORT_UDP_BATCH];
        uint8_t data[PORT_UDP_BATCH][UDP_DATAGRAM_MAX];
    } receive;
    struct {
        struct mmsghdr messages[PORT_UDP_BATCH];
        size_t datagrams[PORT_UDP_BATCH]; /* how many of them a message carries */
        struct iovec spans[PORT_UDP_BATCH * 3];
        struct sockaddr_storage to[PORT_UDP_BATCH];
        _Alignas(struct cmsghdr) uint8_t control[PORT_UDP_BATCH][64];
        uint8_t headers[PORT_UDP_BATCH][UDP_ETHERNET + UDP_HEADERS + UDP_HEAD_COPIED];
    } send;
};

/* udp.c: receives a batch; the number of messages, with room for `from` and control set up. */
int udp_receive(struct port *port, int fd);
void udp_dropped(struct port *port, size_t datagrams, int reason);

/* udp_send.c, udp_raw.c: n is at most PORT_UDP_BATCH. */
void udp_send_plain(struct port_udp *udp, const struct port_udp_out *out, size_t n);
void udp_send_raw(struct port_udp *udp, const struct port_udp_out *out, size_t n);

/* udp_raw.c: reads an IPv4 packet of `len` bytes: true if it is a whole UDP datagram to port `number`. */
bool udp_raw_parse(const uint8_t *packet, size_t len, uint16_t number, struct port_udp_in *in);
/* Whether the UDP checksum of such a packet is right, or none. */
bool udp_raw_sound(const uint8_t *packet);
/* Writes the IPv4 and UDP header of a datagram. */
void udp_raw_header(uint8_t header[UDP_HEADERS], ip4 src, uint16_t src_port, uint16_t id,
                    const struct port_udp_out *out);
int udp_raw_open(struct port *port);
/* The packet socket that overhears; -1 with errno. */
int udp_overhear_open(struct port *port, uint16_t number);
void udp_overhear_ready(struct watch *watch, uint32_t events);
struct sockaddr_ll;
/* Not our own, and nothing of the trunk's other VLANs, which the kernel marks as somebody else's. */
bool udp_of_this_network(const struct sockaddr_ll *from);

/* udp_ring.c: takes the port into the ring where there can be one; else it goes on as it is. */
void udp_ring_add(struct port_udp *udp);
void udp_ring_remove(const struct port_udp *udp);
/* A packet socket bound to the interface, for whole Ethernet frames; -1 where there is none. */
int udp_ring_fd(const struct port *port);
void udp_ring_close(struct port *port);

#endif
