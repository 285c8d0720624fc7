/* tcp.c - a connection: its events, reading, writing, closing. */
#include "ports/lwip/tcp.h"

#include <string.h>

#define LINGER_MS 5000
#define TURN_MS 5 /* handshakes of many peers are not done in one turn: others' packets wait for its end */
#define COPIES_MAX (4 * TCP_MSS) /* bytes of copies that one connection may have under way */
#define SEGMENTS_OF_COPIES 24

/* -- the app's callbacks --------------------------------------------------------------------------- */

static void end(struct port_tcp *tcp, enum port_end why)
{
    void *conn = tcp->conn;
    const struct port_tcp_events *events = tcp->events;
    if (why == PORT_END_RESET)
        tcp_reset(tcp);
    else
        tcp_detach(tcp);
    tcp->phase = TCP_CONNECTING; /* calls of the app from within find nothing to do */
    events->ended(conn, why);
    tcp_release(tcp);
}

static void begin(struct port_tcp *tcp)
{
    const struct port_listener *listener = tcp->listener;
    if (tcp->pcb == NULL) {
        tcp_release(tcp);
        return;
    }
    struct port_peer peer = {lwip_ntohl(tcp->pcb->remote_ip.addr), tcp->pcb->remote_port};
    tcp->phase = TCP_OPEN;
    void *conn = listener->accept(listener->ctx, tcp, &peer);
    if (tcp->phase != TCP_OPEN)
        return;
    tcp->conn = conn;
    if (conn == NULL)
        port_tcp_abort(tcp);
}

static void serve_connecting(struct port_tcp *tcp)
{
    if (tcp->reset || tcp->pcb == NULL) {
        end(tcp, PORT_END_RESET);
    } else if (tcp->established) {
        tcp->phase = TCP_OPEN;
        tcp->events->connected(tcp->conn);
    }
}

static bool readable(const struct port_tcp *tcp)
{
    return tcp->want_read && !tcp->eof_read && (tcp->received_len > 0 || tcp->peer_done);
}

static void serve_open(struct port_tcp *tcp)
{
    if (tcp->reset) {
        end(tcp, PORT_END_RESET);
        return;
    }
    if (readable(tcp))
        tcp->events->readable(tcp->conn);
    if (tcp->phase == TCP_OPEN && tcp->want_write && tcp->room && tcp->pcb != NULL) {
        tcp->want_write = tcp->room = false;
        tcp->events->writable(tcp->conn);
    }
    if (tcp->phase == TCP_OPEN && tcp->eof_read && tcp_is_over(tcp))
        end(tcp, PORT_END_PEER);
}

static void serve_lingering(struct port_tcp *tcp)
{
    bool late = tcp->linger_until <= tcp->port->now_ms;
    if (!tcp_is_over(tcp) && !(late && tcp->unacked == 0))
        return;
    tcp_detach(tcp);
    tcp_release(tcp);
}

static void serve(struct port_tcp *tcp)
{
    if (tcp->phase == TCP_ACCEPTED)
        begin(tcp);
    else if (tcp->phase == TCP_CONNECTING)
        serve_connecting(tcp);
    if (tcp->phase == TCP_OPEN)
        serve_open(tcp);
    else if (tcp->phase == TCP_LINGERING)
        serve_lingering(tcp);
}

void tcp_serve(struct port *port)
{
    struct connections *state = &port->tcp;
    state->again = false;
    for (size_t i = 0; i < state->size && !port->stopped; i++) {
        struct port_tcp *tcp = &state->pool[state->serving];
        state->serving = (state->serving + 1) % state->size;
        if (tcp->phase == TCP_FREE)
            continue;
        serve(tcp);
        state->again |= tcp->phase == TCP_OPEN && (readable(tcp) || tcp->reset);
        if (port->board->now_ms(port->board->ctx) - port->now_ms >= TURN_MS) {
            state->again = true;
            return;
        }
    }
}

/* -- reading ------------------------------------------------------------------------------------------ */

int port_tcp_read(struct port_tcp *tcp, void *buf, size_t cap)
{
    if (tcp->phase == TCP_CONNECTING && !tcp->reset)
        return 0;
    if (tcp->phase != TCP_OPEN || tcp->reset || tcp->eof_read)
        return PORT_E_CLOSED;
    size_t len = cap < tcp->received_len ? cap : tcp->received_len;
    size_t first = len < TCP_WND - tcp->received_at ? len : TCP_WND - tcp->received_at;
    if (len == 0 && (cap == 0 || !tcp->peer_done))
        return 0;
    if (len == 0) {
        tcp->eof_read = true;
        return PORT_E_CLOSED;
    }
    memcpy(buf, tcp->received + tcp->received_at, first);
    memcpy((uint8_t *)buf + first, tcp->received, len - first);
    tcp_consumed(tcp, len);
    return (int)len;
}

void port_tcp_want_read(struct port_tcp *tcp, bool want)
{
    tcp->want_read = want;
}

/* -- writing ------------------------------------------------------------------------------------------ */

static bool writable(const struct port_tcp *tcp)
{
    return tcp->phase == TCP_OPEN && tcp->pcb != NULL && !tcp->reset && !tcp->shut;
}

/* lwIP takes all or nothing: less is asked for until it does. The count. */
static size_t put(struct port_tcp *tcp, const void *data, size_t len, uint8_t flags)
{
    while (len > 0 && tcp_write(tcp->pcb, data, (u16_t)len, flags) != ERR_OK)
        len = len > TCP_MSS ? len / 2 : 0;
    tcp->unacked += len;
    return len;
}

static size_t room(const struct port_tcp *tcp)
{
    size_t left = tcp_sndbuf(tcp->pcb);
    return tcp_sndqueuelen(tcp->pcb) + 4 < TCP_SND_QUEUELEN ? left : 0;
}

/* What was taken goes out now, unless more follows. With nothing under way no acknowledgement will tell of room, but
 * other connections' will: the next turn tries again. */
static int taken(struct port_tcp *tcp, size_t count, size_t len, bool more)
{
    if (!more || count < len)
        tcp_output(tcp->pcb);
    if (count < len) {
        tcp->want_write = true;
        tcp->room = tcp->unacked == 0;
    }
    return (int)count;
}

int port_tcp_write(struct port_tcp *tcp, const void *data, size_t len, bool more)
{
    if (!writable(tcp))
        return tcp->phase == TCP_CONNECTING && !tcp->reset ? 0 : PORT_E_CLOSED;
    size_t left = room(tcp), copies = tcp->copied < COPIES_MAX ? COPIES_MAX - tcp->copied : 0;
    if (tcp_sndqueuelen(tcp->pcb) >= SEGMENTS_OF_COPIES)
        copies = 0;
    left = copies < left ? copies : left;
    size_t count = put(tcp, data, len < left ? len : left, (uint8_t)(TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0)));
    tcp->copied += count;
    return taken(tcp, count, len, more);
}

/* False where the connection sends from too many already. */
static bool note_blob(struct port_tcp *tcp, const struct port_blob *blob)
{
    for (int i = 0; i < BLOBS; i++) {
        if (tcp->blobs[i] == NULL)
            tcp->blobs[i] = blob;
        if (tcp->blobs[i] == blob)
            return true;
    }
    return false;
}

int port_tcp_write_blob(struct port_tcp *tcp, const struct port_blob *blob, uint64_t off, size_t len)
{
    if (!writable(tcp))
        return tcp->phase == TCP_CONNECTING && !tcp->reset ? 0 : PORT_E_CLOSED;
    size_t left = note_blob(tcp, blob) ? room(tcp) : 0;
    size_t count = put(tcp, blob->data + off, len < left ? len : left, 0);
    return taken(tcp, count, len, false);
}

size_t port_tcp_unacked(struct port_tcp *tcp)
{
    return tcp->pcb != NULL ? tcp->unacked : 0;
}

/* -- closing ------------------------------------------------------------------------------------------- */

void port_tcp_shutdown(struct port_tcp *tcp)
{
    if (!writable(tcp))
        return;
    tcp->shut = true;
    tcp_shutdown(tcp->pcb, 0, 1);
}

/* Unread bytes would make lwIP reset the connection, and with it what the peer has not read yet. */
void port_tcp_close(struct port_tcp *tcp)
{
    if (tcp->phase != TCP_OPEN || tcp->reset || tcp->pcb == NULL) {
        port_tcp_abort(tcp);
        return;
    }
    tcp_consumed(tcp, tcp->received_len);
    tcp_stop_reading(tcp);
    port_tcp_shutdown(tcp);
    tcp->phase = TCP_LINGERING;
    tcp->linger_until = port_now_ms(tcp->port) + LINGER_MS;
}

void port_tcp_abort(struct port_tcp *tcp)
{
    if (tcp->phase == TCP_FREE)
        return;
    tcp_reset(tcp);
    tcp_release(tcp);
}
