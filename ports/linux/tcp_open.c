/* tcp_open.c - listening, accepting, connecting. */
#include "ports/linux/tcp.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_PER_TURN 16
#define BACKLOG 512
#define ACCEPT_RETRY_MS 100
#define TELL_FULL_MS 60000
#define DEAD_PEER_MS 60000 /* unacknowledged for so long: the phone has lost its power */
#define CONNECT_TRIES 3    /* SYNs, about 15 s */

/* Where the machine's default is BBR, which paces by a timer for each burst, that timer is half of what sending costs,
 * and of no use: the phones are one switch away. Where it is not to be had, the default stays. */
static const char congestion_control[] = "cubic";

void tcp_set_options(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_PEER_MS},
        {IPPROTO_TCP, TCP_SYNCNT, CONNECT_TRIES},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion_control, sizeof congestion_control - 1);
}

/* For connections that we make, which may be silent for long (a broker). Those that come to us have times of the app's, and
 * each would set a timer of the kernel's as it comes and as it goes. */
static void keep_alive(int fd)
{
    static const int options[][3] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                                     {IPPROTO_TCP, TCP_KEEPIDLE, 30},
                                     {IPPROTO_TCP, TCP_KEEPINTVL, 10},
                                     {IPPROTO_TCP, TCP_KEEPCNT, 3}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        setsockopt(fd, options[i][0], options[i][1], &options[i][2], sizeof options[i][2]);
}

static int bound_socket(struct port *port, uint16_t number)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = socket_address(port->interface.address, number);
    if (fd < 0)
        return -1;
    bool joined = port->interface.index != 0;
    int failed = joined ? interface_bind(port, fd) : 0; /* the machine itself may connect all the same */
    if (failed != 0 && errno == EPERM && number == 0)
        failed = 0; /* before Linux 5.7, after port_drop_rights(): the address decides alone */
    if (failed == 0 && number == 0)
        failed = setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (failed == 0 && number != 0)
        failed = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (failed == 0)
        failed = bind(fd, (const struct sockaddr *)&name, sizeof name);
    if (failed == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Connections inherit the options of their listener. */
static int listen_on(struct port *port, struct watch *watch, uint16_t number)
{
    int fd = bound_socket(port, number);
    if (fd < 0)
        return -1;
    tcp_set_options(fd);
    if (listen(fd, BACKLOG) == 0 && watch_open(port, watch, fd, EPOLLIN) == 0)
        return 0;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void set_listeners(struct port *port, uint32_t events)
{
    for (struct port_listener *l = port->tcp.listeners; l != NULL; l = l->next)
        watch_set(port, &l->watch, events);
}

void tcp_resume_listeners(struct port *port)
{
    port->tcp.full = false;
    set_listeners(port, EPOLLIN);
}

static void tell_full(struct port *port, const char *why)
{
    struct tcp_state *state = &port->tcp;
    if (state->full_told_ms != 0 && port->now_ms - state->full_told_ms < TELL_FULL_MS)
        return;
    log_line(port, PORT_WARNING, "further TCP connections have to wait: %s (of %zu)", why, state->size);
    state->full_told_ms = port->now_ms;
}

/* The next peers wait in the kernel's queue until a connection is free, or for `retry_ms`. */
static void pause_listeners(struct port *port, uint64_t retry_ms)
{
    port->tcp.full = true;
    port->tcp.retry_ms = retry_ms;
    set_listeners(port, 0);
}

/* One that only waits for its peer's end makes room. */
static void wait_for_connection(struct port *port)
{
    pause_listeners(port, UINT64_MAX);
    if (port->tcp.linger_first != NULL)
        tcp_release(port->tcp.linger_first, false);
    else
        tell_full(port, "all are in use");
}

static void accept_failed(struct port *port)
{
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
        return;
    tell_full(port, strerror(errno));
    pause_listeners(port, port->now_ms + ACCEPT_RETRY_MS);
}

static void begin(struct port_listener *listener, int fd, const struct port_peer *peer)
{
    struct port *port = listener->port;
    struct port_tcp *tcp = tcp_take(port, listener->events);
    tcp->watch.fd = fd;
    tcp->watch.parked = tcp->fresh = true;
    port->tcp.fresh[port->tcp.fresh_count++] = tcp;
    port->tcp.current = tcp;
    tcp->conn = listener->accept(listener->ctx, tcp, peer);
    port->tcp.current = NULL;
    if (tcp->conn == NULL)
        port_tcp_abort(tcp);
    else if (tcp->phase == TCP_OPEN)
        tcp_look(tcp); /* the request has often come with it */
}

static void accept_ready(struct watch *watch, uint32_t events)
{
    struct port_listener *listener = watch->owner;
    struct port *port = listener->port;
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_TURN && watch->fd >= 0; i++) {
        struct sockaddr_in name;
        socklen_t size = sizeof name;
        if (port->tcp.free == NULL) {
            wait_for_connection(port);
            return;
        }
        int fd = accept4(watch->fd, (struct sockaddr *)&name, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            accept_failed(port);
            return;
        }
        begin(listener, fd, &(struct port_peer){ntohl(name.sin_addr.s_addr), ntohs(name.sin_port)});
    }
}

static void dispose(struct watch *watch)
{
    free(watch->owner);
}

static int open_listener(struct port *port, struct port_listener *listener, uint16_t number)
{
    listener->port = port;
    listener->watch = (struct watch){.fd = -1, .ready = accept_ready, .dispose = dispose, .owner = listener};
    if (listen_on(port, &listener->watch, number) != 0)
        return fail_socket(port, "TCP", number, errno);
    return 0;
}

int port_tcp_listen(struct port *port, uint16_t number, port_accept_fn *accept, void *ctx,
                    const struct port_tcp_events *events, struct port_listener **out)
{
    int error = interface_needed(port);
    if (error == 0 && port->tcp.pool == NULL)
        error = port_reserve(port, DEFAULT_CONNECTIONS);
    if (error != 0)
        return error;
    struct port_listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL)
        return fail(port, PORT_E_FULL, "no memory for a listener");
    listener->accept = accept;
    listener->ctx = ctx;
    listener->events = events;
    error = open_listener(port, listener, number);
    if (error != 0) {
        free(listener);
        return error;
    }
    listener->next = port->tcp.listeners;
    port->tcp.listeners = listener;
    *out = listener;
    return 0;
}

void port_listener_close(struct port_listener *listener)
{
    struct port *port = listener->port;
    struct port_listener **at = &port->tcp.listeners;
    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
    watch_close(port, &listener->watch);
    watch_bury(port, &listener->watch);
}

/* An outgoing connection's socket, in progress; -1 with errno. */
static int connecting_socket(struct port *port, ip4 address, uint16_t number, bool own_routes)
{
    int fd = own_routes ? socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : bound_socket(port, 0);
    struct sockaddr_in to = socket_address(address, number);
    if (fd < 0)
        return -1;
    tcp_set_options(fd);
    keep_alive(fd);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int start_connecting(struct port *port, ip4 address, uint16_t number, bool own_routes,
                            const struct port_tcp_events *events, void *conn, struct port_tcp **out)
{
    char text[IP4_TEXT_MAX];
    int error = port->tcp.pool == NULL ? port_reserve(port, DEFAULT_CONNECTIONS) : 0;
    if (error != 0)
        return error;
    struct port_tcp *tcp = tcp_take(port, events);
    if (tcp == NULL)
        return fail(port, PORT_E_FULL, "all %zu TCP connections are in use", port->tcp.size);
    tcp->phase = TCP_CONNECTING;
    tcp->conn = conn;
    int fd = connecting_socket(port, address, number, own_routes);
    if (fd >= 0 && watch_open(port, &tcp->watch, fd, EPOLLOUT) == 0) {
        *out = tcp;
        return 0;
    }
    error = errno;
    if (fd >= 0)
        close(fd);
    tcp_release(tcp, false);
    return fail(port, error_of(error), "%s port %u cannot be reached: %s", ip4_format(address, text), number,
                strerror(error));
}

int port_tcp_connect(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                     void *conn, struct port_tcp **out)
{
    return start_connecting(port, address, number, false, events, conn, out);
}

int port_tcp_connect_out(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                         void *conn, struct port_tcp **out)
{
    return start_connecting(port, address, number, true, events, conn, out);
}
