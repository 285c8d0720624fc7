/* tcp_peer.c - fake TCP, the peer's end and the events between the two. */
#include "test/unit/fake_port/tcp.h"

#include <stdlib.h>
#include <string.h>

void fake_pipe_put(struct fake_pipe *pipe, const void *data, size_t len)
{
    if (len == 0)
        return;
    if (pipe->len + len > pipe->cap) {
        pipe->cap = (pipe->len + len) * 2;
        pipe->data = realloc(pipe->data, pipe->cap);
        fake_check(pipe->data != NULL, "out of memory");
    }
    memcpy(pipe->data + pipe->len, data, len);
    pipe->len += len;
}

size_t fake_pipe_get(struct fake_pipe *pipe, void *buf, size_t cap)
{
    size_t count = pipe->len < cap ? pipe->len : cap;
    if (count == 0)
        return 0;
    memcpy(buf, pipe->data, count);
    memmove(pipe->data, pipe->data + count, pipe->len - count);
    pipe->len -= count;
    return count;
}

size_t fake_tcp_room(const struct port_tcp *tcp)
{
    size_t used = tcp->hold_acks ? tcp->unacked : tcp->to_peer.len;
    return used < tcp->window ? tcp->window - used : 0;
}

size_t fake_tcp_in_use(const struct port *port)
{
    size_t count = 0;
    for (const struct port_tcp *tcp = port->tcps; tcp != NULL; tcp = tcp->next)
        count += !tcp->gone && (tcp->listener == NULL || tcp->state != FAKE_TCP_QUEUED);
    return count;
}

struct fake_tcp *fake_tcp_outgoing(struct port *port, ip4 *address, uint16_t *number)
{
    struct port_tcp *tcp = port->tcps;
    while (tcp != NULL && (tcp->listener != NULL || tcp->seen || tcp->gone))
        tcp = tcp->next;
    if (tcp == NULL)
        return NULL;
    tcp->seen = true;
    *address = tcp->peer.address;
    *number = tcp->peer.port;
    return (struct fake_tcp *)tcp;
}

void fake_tcp_establish(struct fake_tcp *peer)
{
    fake_check(peer->tcp.listener == NULL, "fake_tcp_establish() is for outgoing connections");
    peer->tcp.answered = true;
}

void fake_tcp_send(struct fake_tcp *peer, const void *data, size_t len)
{
    fake_check(!peer->tcp.fin, "the peer sends after its fake_tcp_fin()");
    fake_pipe_put(&peer->tcp.to_app, data, len);
}

void fake_tcp_send_text(struct fake_tcp *peer, const char *text)
{
    fake_tcp_send(peer, text, strlen(text));
}

void fake_tcp_read_limit(struct fake_tcp *peer, size_t bytes)
{
    peer->tcp.read_limit = bytes;
}

static void acknowledge(struct port_tcp *tcp)
{
    if (!tcp->hold_acks)
        tcp->unacked = tcp->to_peer.len;
}

size_t fake_tcp_take(struct fake_tcp *peer, void *buf, size_t cap)
{
    size_t count = fake_pipe_get(&peer->tcp.to_peer, buf, cap);
    acknowledge(&peer->tcp);
    return count;
}

const char *fake_tcp_take_text(struct fake_tcp *peer, size_t *len)
{
    struct port_tcp *tcp = &peer->tcp;
    free(tcp->taken);
    tcp->taken = fake_alloc(tcp->to_peer.len + 1);
    size_t count = fake_tcp_take(peer, tcp->taken, tcp->to_peer.len);
    if (len != NULL)
        *len = count;
    return (const char *)tcp->taken;
}

size_t fake_tcp_pending(const struct fake_tcp *peer)
{
    return peer->tcp.to_peer.len;
}

void fake_tcp_window(struct fake_tcp *peer, size_t bytes)
{
    peer->tcp.window = bytes;
}

void fake_tcp_hold_acks(struct fake_tcp *peer, bool hold)
{
    peer->tcp.hold_acks = hold;
    acknowledge(&peer->tcp);
}

void fake_tcp_fin(struct fake_tcp *peer)
{
    peer->tcp.fin = true;
}

void fake_tcp_reset(struct fake_tcp *peer)
{
    struct port_tcp *tcp = &peer->tcp;
    if (tcp->state == FAKE_TCP_QUEUED && tcp->listener != NULL)
        tcp->gone = true; /* the app never saw it */
    tcp->reset = true;
    tcp->state = FAKE_TCP_RESET;
}

enum fake_tcp_state fake_tcp_state(const struct fake_tcp *peer)
{
    return peer->tcp.state;
}

uint64_t fake_tcp_seq(const struct fake_tcp *peer)
{
    return peer->tcp.to_peer.len > 0 ? peer->tcp.seq : 0;
}

static bool acceptable(const struct port_tcp *tcp)
{
    return tcp->state == FAKE_TCP_QUEUED && tcp->listener != NULL && !tcp->gone && !tcp->reset &&
           (tcp->listener->closed || fake_tcp_in_use(tcp->port) < tcp->port->connections);
}

static bool established(const struct port_tcp *tcp)
{
    return tcp->state == FAKE_TCP_QUEUED && tcp->listener == NULL && tcp->answered;
}

static bool alive(const struct port_tcp *tcp)
{
    return tcp->state == FAKE_TCP_OPEN || tcp->state == FAKE_TCP_SHUTDOWN;
}

static bool readable(const struct port_tcp *tcp)
{
    return alive(tcp) && tcp->want_read && (tcp->to_app.len > 0 || (tcp->fin && !tcp->eof_read));
}

static bool writable(const struct port_tcp *tcp)
{
    return alive(tcp) && tcp->want_write && fake_tcp_room(tcp) > 0;
}

static bool ended(const struct port_tcp *tcp)
{
    return tcp->reset || (tcp->state == FAKE_TCP_SHUTDOWN && tcp->eof_read && tcp->to_peer.len == 0);
}

static void call_accept(struct port_tcp *tcp)
{
    tcp->state = FAKE_TCP_OPEN;
    tcp->conn = NULL;
    if (!tcp->listener->closed)
        tcp->conn = tcp->listener->accept(tcp->listener->ctx, tcp, &tcp->peer);
    if (tcp->gone || tcp->conn != NULL)
        return;
    tcp->state = FAKE_TCP_RESET;
    tcp->gone = true;
}

static void call_ended(struct port_tcp *tcp)
{
    if (!tcp->reset)
        tcp->state = FAKE_TCP_CLOSED;
    tcp->events->ended(tcp->conn, tcp->reset ? PORT_END_RESET : PORT_END_PEER);
    tcp->gone = true;
}

static void serve(struct port_tcp *tcp)
{
    if (acceptable(tcp))
        call_accept(tcp);
    if (!tcp->gone && !tcp->reset && established(tcp)) {
        tcp->state = tcp->shutdown ? FAKE_TCP_SHUTDOWN : FAKE_TCP_OPEN;
        tcp->events->connected(tcp->conn);
    }
    if (!tcp->gone && readable(tcp))
        tcp->events->readable(tcp->conn);
    if (!tcp->gone && writable(tcp)) {
        tcp->want_write = false;
        tcp->events->writable(tcp->conn);
    }
    if (!tcp->gone && ended(tcp))
        call_ended(tcp);
}

void fake_tcp_turn(struct port *port)
{
    for (struct port_tcp *tcp = port->tcps; tcp != NULL; tcp = tcp->next)
        if (!tcp->gone)
            serve(tcp);
}

bool fake_tcp_waiting(const struct port *port)
{
    for (const struct port_tcp *tcp = port->tcps; tcp != NULL; tcp = tcp->next)
        if (!tcp->gone && (acceptable(tcp) || established(tcp) || readable(tcp) || writable(tcp) || ended(tcp)))
            return true;
    return false;
}

/* What the app had not closed is reset; the peers' ends stay. */
void fake_tcp_forget(struct port *port)
{
    for (struct port_tcp *tcp = port->tcps; tcp != NULL; tcp = tcp->next) {
        if (!tcp->gone)
            tcp->state = FAKE_TCP_RESET;
        tcp->gone = true;
        tcp->listener = NULL;
    }
    while (port->listeners != NULL) {
        struct port_listener *listener = port->listeners;
        port->listeners = listener->next;
        free(listener);
    }
}

void fake_tcp_free(struct port *port)
{
    while (port->tcps != NULL) {
        struct port_tcp *tcp = port->tcps;
        port->tcps = tcp->next;
        free(tcp->to_app.data);
        free(tcp->to_peer.data);
        free(tcp->taken);
        free(tcp);
    }
}
