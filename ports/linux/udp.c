/* udp.c - UDP endpoints: opening, receiving, closing. */
#include "ports/linux/control.h"
#include "ports/linux/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECEIVE_BUFFER (1 << 20) /* the requests of 500 phones that get power at once */
#define SEND_BUFFER (4 << 20)
#define TELL_DROPS_MS 10000
#define MDNS_PORT 5353
#define MDNS_GROUP UINT32_C(0xe00000fb)

struct sockaddr_in socket_address(ip4 address, uint16_t number)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(number), .sin_addr.s_addr = htonl(address)};
}

int udp_start(struct port *port)
{
    struct udp_state *state = &port->udp;
    state->pool = calloc(UDP_ENDPOINTS, sizeof *state->pool);
    state->batch = calloc(1, sizeof *state->batch);
    if (state->pool == NULL || state->batch == NULL)
        return fail(port, PORT_E_FULL, "no memory for %d UDP ports", UDP_ENDPOINTS);
    for (int i = UDP_ENDPOINTS - 1; i >= 0; i--) {
        struct port_udp *udp = &state->pool[i];
        udp->watch.fd = udp->broadcast.fd = -1;
        udp->next_free = state->free;
        state->free = udp;
    }
    return udp_raw_open(port);
}

void udp_stop(struct port *port)
{
    struct udp_state *state = &port->udp;
    udp_ring_close(port);
    for (int i = 0; state->pool != NULL && i < UDP_ENDPOINTS; i++) {
        watch_close(port, &state->pool[i].watch);
        watch_close(port, &state->pool[i].broadcast);
    }
    if (state->raw >= 0)
        close(state->raw);
    state->raw = -1;
    free(state->pool);
    free(state->batch);
    state->pool = NULL;
    state->batch = NULL;
}

void udp_dropped(struct port *port, size_t datagrams, int reason)
{
    port->udp.dropped += datagrams;
    port->udp.drop_reason = reason;
}

void udp_tell_drops(struct port *port)
{
    struct udp_state *state = &port->udp;
    if (state->dropped == state->dropped_before ||
        (state->drop_told_ms != 0 && port->now_ms - state->drop_told_ms < TELL_DROPS_MS))
        return;
    log_line(port, PORT_WARNING, "UDP datagrams that could not be sent: %llu (%s)",
             (unsigned long long)(state->dropped - state->dropped_before), strerror(state->drop_reason));
    state->dropped_before = state->dropped;
    state->drop_told_ms = port->now_ms;
}

int udp_receive(struct port *port, int fd)
{
    struct udp_batch *batch = port->udp.batch;
    for (int i = 0; i < PORT_UDP_BATCH; i++) {
        batch->receive.spans[i] = (struct iovec){batch->receive.data[i], UDP_DATAGRAM_MAX};
        batch->receive.messages[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->receive.from[i],
            .msg_namelen = sizeof batch->receive.from[i],
            .msg_iov = &batch->receive.spans[i],
            .msg_iovlen = 1,
            .msg_control = batch->receive.control[i],
            .msg_controllen = sizeof batch->receive.control[i],
        };
    }
    return recvmmsg(fd, batch->receive.messages, PORT_UDP_BATCH, MSG_DONTWAIT, NULL);
}

/* Where the datagram was sent to; false where the kernel does not say. (That it came by the box's interface is
 * what SO_BINDTODEVICE sees to.) */
static bool destination(struct msghdr *message, ip4 *out)
{
    for (struct cmsghdr *c = control_next(message, NULL); c != NULL; c = control_next(message, c)) {
        struct in_pktinfo info;
        if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
            continue;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        *out = ntohl(info.ipi_addr.s_addr);
        return true;
    }
    return false;
}

static bool read_message(struct port *port, int i, struct port_udp_in *in)
{
    struct udp_batch *batch = port->udp.batch;
    struct mmsghdr *message = &batch->receive.messages[i];
    struct sockaddr_in from;
    memcpy(&from, &batch->receive.from[i], sizeof from);
    in->src_mac = NULL;
    in->src = ntohl(from.sin_addr.s_addr);
    in->src_port = ntohs(from.sin_port);
    in->data = batch->receive.data[i];
    in->len = message->msg_len;
    return (message->msg_hdr.msg_flags & MSG_TRUNC) == 0 && destination(&message->msg_hdr, &in->dst);
}

static void receive_ready(struct watch *watch, uint32_t events)
{
    struct port_udp *udp = watch->owner;
    struct port *port = udp->port;
    (void)events;
    int count = udp_receive(port, watch->fd);
    size_t n = 0;
    for (int i = 0; i < count; i++)
        if (read_message(port, i, &port->udp.batch->receive.in[n]))
            port->udp.batch->receive.in[n++].udp = udp;
    if (n > 0)
        udp->fn(udp->ctx, udp, port->udp.batch->receive.in, n);
}

static void set_buffer(int fd, int forced, int allowed, int bytes)
{
    if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes) != 0)
        setsockopt(fd, SOL_SOCKET, allowed, &bytes, sizeof bytes);
}

/* A socket bound to address and number; -1 with errno. */
static int bound_socket(const struct port *port, ip4 address, uint16_t number)
{
    int on = 1, no_df = IP_PMTUDISC_OMIT; /* forged "fragmentation needed" counts for nothing */
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = socket_address(address, number);
    if (fd < 0)
        return -1;
    if (interface_bind(port, fd) != 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &no_df, sizeof no_df);
    set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER);
    set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
    return fd;
}

static void dispose(struct watch *watch)
{
    struct port_udp *udp = watch->owner;
    struct udp_state *state = &udp->port->udp;
    udp->next_free = state->free;
    state->free = udp;
}

static void dispose_nothing(struct watch *watch)
{
    (void)watch;
}

static struct port_udp *take(struct port *port, port_udp_fn *fn, void *ctx)
{
    struct port_udp *udp = port->udp.free;
    if (udp == NULL)
        return NULL;
    port->udp.free = udp->next_free;
    *udp = (struct port_udp){.port = port, .fn = fn, .ctx = ctx};
    udp->watch = (struct watch){.fd = -1, .ready = receive_ready, .dispose = dispose, .owner = udp};
    udp->broadcast = (struct watch){.fd = -1, .ready = receive_ready, .dispose = dispose_nothing, .owner = udp};
    return udp;
}

static int add_socket(struct port *port, struct watch *watch, int fd)
{
    if (fd < 0)
        return -1;
    if (watch_open(port, watch, fd, EPOLLIN) == 0)
        return 0;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Somebody holds the port on one of the machine's other addresses only: then ours, and the broadcast
 * address beside it, are still free. */
static int open_pair(struct port *port, struct port_udp *udp, uint16_t number)
{
    if (add_socket(port, &udp->watch, bound_socket(port, port->interface.address, number)) != 0)
        return -1;
    return add_socket(port, &udp->broadcast, bound_socket(port, INADDR_BROADCAST, number));
}

/* mDNS (RFC 6762): its group is joined, and nothing that was forwarded is believed or sent. */
static void join_mdns(const struct port *port, int fd)
{
    int ttl = 255, off = 0;
    struct ip_mreqn group = {.imr_multiaddr.s_addr = htonl(MDNS_GROUP), .imr_ifindex = (int)port->interface.index};
    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group);
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl);
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof off);
}

static int open_sockets(struct port *port, struct port_udp *udp, uint16_t number)
{
    if (add_socket(port, &udp->watch, bound_socket(port, INADDR_ANY, number)) == 0)
        return 0;
    return errno == EADDRINUSE && number != 0 ? open_pair(port, udp, number) : -1;
}

static uint16_t number_of(int fd)
{
    struct sockaddr_in name = {0};
    socklen_t size = sizeof name;
    getsockname(fd, (struct sockaddr *)&name, &size);
    return ntohs(name.sin_port);
}

int port_udp_open(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    int error = interface_needed(port);
    if (error != 0)
        return error;
    struct port_udp *udp = take(port, fn, ctx);
    if (udp == NULL)
        return fail(port, PORT_E_FULL, "all %d UDP ports are in use", UDP_ENDPOINTS);
    if (open_sockets(port, udp, number) != 0) {
        error = errno;
        port_udp_close(udp);
        return fail_socket(port, "UDP", number, error);
    }
    udp->number = number_of(udp->watch.fd);
    if (number == MDNS_PORT)
        join_mdns(port, udp->watch.fd);
    *out = udp;
    return 0;
}

int port_udp_open_many(struct port *port, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    int error = port_udp_open(port, 0, fn, ctx, out);
    if (error == 0)
        udp_ring_add(*out);
    return error;
}

int port_udp_overhear(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out)
{
    int error = interface_needed(port);
    if (error != 0)
        return error;
    struct port_udp *udp = take(port, fn, ctx);
    if (udp == NULL)
        return fail(port, PORT_E_FULL, "all %d UDP ports are in use", UDP_ENDPOINTS);
    udp->watch.ready = udp_overhear_ready;
    udp->overhears = true;
    udp->number = number;
    if (add_socket(port, &udp->watch, udp_overhear_open(port, number)) != 0) {
        error = errno;
        port_udp_close(udp);
        return fail_socket(port, "packet", number, error);
    }
    *out = udp;
    return 0;
}

uint16_t port_udp_number(const struct port_udp *udp)
{
    return udp->number;
}

void port_udp_close(struct port_udp *udp)
{
    udp_ring_remove(udp);
    watch_close(udp->port, &udp->watch);
    watch_close(udp->port, &udp->broadcast);
    watch_bury(udp->port, &udp->watch);
}
