/* tcp.c - fake TCP, the app's end. */
#include "test/unit/fake_port/tcp.h"

#include <stdlib.h>
#include <string.h>

static struct port_listener *find(const struct port *port, uint16_t number)
{
    for (struct port_listener *listener = port->listeners; listener != NULL; listener = listener->next)
        if (!listener->closed && listener->number == number)
            return listener;
    return NULL;
}

bool fake_tcp_is_open(const struct port *port, uint16_t number)
{
    return find(port, number) != NULL;
}

int port_reserve(struct port *port, size_t connections)
{
    int error = fake_planned(port, FAKE_RESERVE);
    if (error == 0)
        port->connections = connections;
    return error;
}

int port_tcp_listen(struct port *port, uint16_t number, port_accept_fn *accept, void *ctx,
                    const struct port_tcp_events *events, struct port_listener **out)
{
    int error = fake_planned(port, FAKE_LISTEN);
    if (error != 0)
        return error;
    if (find(port, number) != NULL)
        return fake_error(port, PORT_E_BUSY, "that TCP port is held by this program");
    struct port_listener *listener = fake_alloc(sizeof *listener);
    *listener = (struct port_listener){port->listeners, port, number, false, accept, ctx, events};
    port->listeners = listener;
    *out = listener;
    return 0;
}

void port_listener_close(struct port_listener *listener)
{
    fake_check(!listener->closed, "port_listener_close() twice");
    listener->closed = true;
}

struct port_tcp *fake_tcp_new(struct port *port)
{
    struct port_tcp *tcp = fake_alloc(sizeof *tcp);
    tcp->port = port;
    tcp->window = 65536;
    tcp->want_read = true;
    struct port_tcp **end = &port->tcps;
    while (*end != NULL)
        end = &(*end)->next;
    *end = tcp;
    return tcp;
}

struct fake_tcp *fake_tcp_open(struct port *port, uint16_t number, ip4 peer, uint16_t peer_port)
{
    struct port_listener *listener = find(port, number);
    if (listener == NULL)
        return NULL;
    struct port_tcp *tcp = fake_tcp_new(port);
    tcp->listener = listener;
    tcp->events = listener->events;
    tcp->peer = (struct port_peer){peer, peer_port};
    return (struct fake_tcp *)tcp;
}

int port_tcp_connect(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                     void *conn, struct port_tcp **out)
{
    int error = fake_planned(port, FAKE_CONNECT);
    if (error != 0)
        return error;
    if (fake_tcp_in_use(port) >= port->connections)
        return fake_error(port, PORT_E_FULL, "all connections are in use");
    struct port_tcp *tcp = fake_tcp_new(port);
    tcp->events = events;
    tcp->conn = conn;
    tcp->peer = (struct port_peer){address, number};
    *out = tcp;
    return 0;
}

int port_tcp_connect_out(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                         void *conn, struct port_tcp **out)
{
    return port_tcp_connect(port, address, number, events, conn, out);
}

static bool dead(const struct port_tcp *tcp)
{
    fake_check(!tcp->gone, "a connection was used after it had ended or been closed");
    return tcp->reset || tcp->state == FAKE_TCP_QUEUED;
}

int port_tcp_read(struct port_tcp *tcp, void *buf, size_t cap)
{
    if (dead(tcp))
        return tcp->reset ? PORT_E_CLOSED : 0;
    if (tcp->read_limit > 0 && cap > tcp->read_limit)
        cap = tcp->read_limit;
    size_t count = fake_pipe_get(&tcp->to_app, buf, cap);
    if (count == 0 && cap > 0 && tcp->fin) {
        tcp->eof_read = true;
        return PORT_E_CLOSED;
    }
    return (int)count;
}

void port_tcp_want_read(struct port_tcp *tcp, bool want)
{
    dead(tcp);
    tcp->want_read = want;
}

static int write_bytes(struct port_tcp *tcp, const void *data, size_t len)
{
    if (dead(tcp))
        return tcp->reset ? PORT_E_CLOSED : 0;
    fake_check(!tcp->shutdown, "written after port_tcp_shutdown()");
    size_t room = fake_tcp_room(tcp), count = len < room ? len : room;
    if (count < len)
        tcp->want_write = true;
    if (count == 0)
        return 0;
    tcp->port->seq++;
    if (tcp->to_peer.len == 0)
        tcp->seq = tcp->port->seq;
    fake_pipe_put(&tcp->to_peer, data, count);
    tcp->unacked += count;
    return (int)count;
}

int port_tcp_write(struct port_tcp *tcp, const void *data, size_t len, bool more)
{
    (void)more;
    return write_bytes(tcp, data, len);
}

int port_tcp_write_blob(struct port_tcp *tcp, const struct port_blob *blob, uint64_t off, size_t len)
{
    fake_check(off <= blob->size && len <= blob->size - off, "written from beyond the end of a blob");
    return write_bytes(tcp, blob->data + off, len);
}

size_t port_tcp_unacked(struct port_tcp *tcp)
{
    dead(tcp);
    return tcp->unacked;
}

void port_tcp_shutdown(struct port_tcp *tcp)
{
    dead(tcp);
    tcp->shutdown = true;
    if (tcp->state == FAKE_TCP_OPEN)
        tcp->state = FAKE_TCP_SHUTDOWN;
}

static void leave(struct port_tcp *tcp, enum fake_tcp_state state)
{
    dead(tcp);
    tcp->gone = true;
    tcp->state = tcp->reset ? FAKE_TCP_RESET : state;
}

void port_tcp_close(struct port_tcp *tcp)
{
    leave(tcp, FAKE_TCP_CLOSED);
}

void port_tcp_abort(struct port_tcp *tcp)
{
    leave(tcp, FAKE_TCP_RESET);
}
