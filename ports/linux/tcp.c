/* tcp.c - a connection: its events, reading, writing, closing. */
#include "ports/linux/tcp.h"

#include <errno.h>
#include <sys/socket.h>

static uint32_t interest(const struct port_tcp *tcp)
{
    if (tcp->phase == TCP_CONNECTING)
        return EPOLLOUT;
    bool own_write = tcp->want_write && !sender_has(&tcp->piece);
    return (tcp->want_read && !tcp->eof_read ? (uint32_t)EPOLLIN : 0) | (own_write ? (uint32_t)EPOLLOUT : 0);
}

void tcp_update(struct port_tcp *tcp)
{
    /* During its own event the interest is set once, at the end. A parked one stays so until it is to read. */
    if (tcp->port->tcp.current == tcp || tcp->fresh || (tcp->watch.parked && interest(tcp) == 0))
        return;
    watch_set(tcp->port, &tcp->watch, interest(tcp));
}

static void end(struct port_tcp *tcp, enum port_end why)
{
    tcp->phase = TCP_GONE;
    tcp->events->ended(tcp->conn, why);
    tcp_release(tcp, why == PORT_END_RESET);
}

static void connected(struct port_tcp *tcp)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(tcp->watch.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        end(tcp, PORT_END_RESET);
        return;
    }
    tcp->phase = TCP_OPEN;
    tcp->events->connected(tcp->conn);
}

/* Both directions are closed. What the peer sent before may still have to be read. */
static void hung_up(struct port_tcp *tcp)
{
    if (tcp->broken)
        end(tcp, PORT_END_RESET);
    else if (tcp->eof_read)
        end(tcp, sender_has(&tcp->piece) ? PORT_END_RESET : PORT_END_PEER);
    else if (!tcp->want_read)
        watch_park(tcp->port, &tcp->watch);
}

static void serve(struct port_tcp *tcp, uint32_t events)
{
    if ((events & EPOLLERR) != 0) {
        end(tcp, PORT_END_RESET);
        return;
    }
    if ((events & EPOLLIN) != 0 && tcp->want_read && !tcp->eof_read)
        tcp->events->readable(tcp->conn);
    if (tcp->phase == TCP_OPEN && (events & EPOLLOUT) != 0 && tcp->want_write && !sender_has(&tcp->piece)) {
        tcp->want_write = false;
        tcp->events->writable(tcp->conn);
    }
    if (tcp->phase == TCP_OPEN && (events & EPOLLHUP) != 0)
        hung_up(tcp);
}

void tcp_ready(struct watch *watch, uint32_t events)
{
    struct port_tcp *tcp = watch->owner;
    struct port *port = tcp->port;
    port->tcp.current = tcp;
    if (tcp->phase == TCP_CONNECTING)
        connected(tcp);
    else
        serve(tcp, events);
    port->tcp.current = NULL;
    if (tcp->phase == TCP_OPEN && !watch->parked)
        tcp_update(tcp);
}

void tcp_look(struct port_tcp *tcp)
{
    struct port *port = tcp->port;
    port->tcp.current = tcp;
    if (tcp->want_read && !tcp->eof_read)
        tcp->events->readable(tcp->conn);
    port->tcp.current = NULL;
}

void tcp_writable(struct port_tcp *tcp)
{
    struct port *port = tcp->port;
    port->tcp.current = tcp;
    if (tcp->want_write) {
        tcp->want_write = false;
        tcp->events->writable(tcp->conn);
    }
    port->tcp.current = NULL;
    if (tcp->phase == TCP_OPEN)
        tcp_update(tcp);
}

void tcp_settle(struct port *port)
{
    struct tcp_state *state = &port->tcp;
    for (size_t i = 0; i < state->fresh_count; i++) {
        struct port_tcp *tcp = state->fresh[i];
        bool waits = tcp->fresh && tcp->phase == TCP_OPEN;
        tcp->fresh = false;
        if (waits)
            tcp_update(tcp);
    }
    state->fresh_count = 0;
}

int tcp_broken(struct port_tcp *tcp)
{
    tcp->broken = true;
    if (tcp->watch.parked)
        watch_set(tcp->port, &tcp->watch, interest(tcp)); /* for the hang-up, which ends it */
    return PORT_E_CLOSED;
}

int port_tcp_read(struct port_tcp *tcp, void *buf, size_t cap)
{
    if (tcp->phase != TCP_OPEN || tcp->eof_read || tcp->broken)
        return tcp->phase == TCP_CONNECTING ? 0 : PORT_E_CLOSED;
    ssize_t count = recv(tcp->watch.fd, buf, cap < INT32_MAX ? cap : INT32_MAX, MSG_DONTWAIT);
    if (count > 0 || cap == 0)
        return (int)count;
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (count < 0)
        return tcp_broken(tcp);
    tcp->eof_read = true;
    tcp_update(tcp);
    return PORT_E_CLOSED;
}

void port_tcp_want_read(struct port_tcp *tcp, bool want)
{
    tcp->want_read = want;
    if (tcp->phase == TCP_OPEN)
        tcp_update(tcp);
}

bool tcp_can_write(const struct port_tcp *tcp)
{
    return tcp->phase == TCP_OPEN && !tcp->broken && !tcp->shut;
}

int tcp_written(struct port_tcp *tcp, ssize_t count, size_t len)
{
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        return tcp_broken(tcp);
    if (count < 0)
        count = 0;
    if ((size_t)count < len && !tcp->want_write) {
        tcp->want_write = true;
        tcp_update(tcp);
    }
    return (int)count;
}

int port_tcp_write(struct port_tcp *tcp, const void *data, size_t len, bool more)
{
    if (!tcp_can_write(tcp))
        return tcp->phase == TCP_CONNECTING ? 0 : PORT_E_CLOSED;
    if (len == 0 || sender_has(&tcp->piece))
        return tcp_written(tcp, 0, len);
    post_settle(tcp);
    bool empty = tcp->empty;
    tcp->empty = false;
    if (empty && !more && post_put(tcp, data, len))
        return (int)len;
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    return tcp_written(tcp, send(tcp->watch.fd, data, len < INT32_MAX ? len : INT32_MAX, flags), len);
}

void port_tcp_shutdown(struct port_tcp *tcp)
{
    if (!tcp_can_write(tcp))
        return;
    tcp->shut = true;
    tcp->want_write = false;
    tcp_stop_sending(tcp);
    if (!post_end(tcp)) {
        post_settle(tcp);
        shutdown(tcp->watch.fd, SHUT_WR);
    }
    tcp_update(tcp);
}

void port_tcp_close(struct port_tcp *tcp)
{
    if (tcp->phase == TCP_GONE || tcp->phase == TCP_LINGERING)
        return;
    if (tcp->phase == TCP_OPEN && !tcp->eof_read && !tcp->broken)
        tcp_start_linger(tcp);
    else
        tcp_release(tcp, false);
}

void port_tcp_abort(struct port_tcp *tcp)
{
    if (tcp->phase != TCP_GONE)
        tcp_release(tcp, true);
}
