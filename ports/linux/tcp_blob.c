/* tcp_blob.c - sealed copies on their way out: long pieces by a thread of sender.c, the rest on the loop. */
#include "ports/linux/blob.h"
#include "ports/linux/tcp.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

#define STEP (1u << 20) /* bytes per sendfile() on the loop: one reader with a fast link does not hold the turn */
#define TELL_MS 100     /* so often the app is told how far a piece is */

/* -- the list of connections with something that is sent, or not told ------------------------------------- */

static void put_last(struct port_tcp *tcp)
{
    struct tcp_state *state = &tcp->port->tcp;
    tcp->previous = state->sending_last;
    tcp->next = NULL;
    *(tcp->previous != NULL ? &tcp->previous->next : &state->sending_first) = tcp;
    state->sending_last = tcp;
    state->sending++;
}

static void take_out(struct port_tcp *tcp)
{
    struct tcp_state *state = &tcp->port->tcp;
    *(tcp->previous != NULL ? &tcp->previous->next : &state->sending_first) = tcp->next;
    *(tcp->next != NULL ? &tcp->next->previous : &state->sending_last) = tcp->previous;
    state->sending--;
}

/* What the socket has taken since the app was told. */
static size_t untold(const struct port_tcp *tcp)
{
    return tcp->sending ? sender_sent(&tcp->piece) - tcp->told : 0;
}

uint64_t tcp_tell(struct port *port)
{
    struct tcp_state *state = &port->tcp;
    if (state->sending == 0)
        return UINT64_MAX;
    if (state->tell_ms > port->now_ms)
        return state->tell_ms;
    for (size_t left = state->sending; left > 0 && state->sending_first != NULL; left--) {
        struct port_tcp *tcp = state->sending_first;
        take_out(tcp); /* what is called may end any of them */
        put_last(tcp);
        if (untold(tcp) > 0)
            tcp_writable(tcp);
    }
    state->tell_ms = port->now_ms + TELL_MS;
    return state->tell_ms;
}

/* -- pieces -------------------------------------------------------------------------------------------------- */

static void on_over(struct send_piece *piece)
{
    struct port_tcp *tcp = (struct port_tcp *)(void *)((char *)piece - offsetof(struct port_tcp, piece));
    blob_let_go(tcp->port, tcp->blob);
    if (tcp->phase == TCP_GONE)
        tcp_release_late(tcp);
    else if (piece->error != 0 && tcp_can_write(tcp))
        tcp_broken(tcp);
    if (tcp->phase == TCP_OPEN)
        tcp_writable(tcp);
}

static bool begin(struct port_tcp *tcp, const struct port_blob *blob, uint64_t off, size_t len)
{
    tcp->piece.socket = tcp->watch.fd;
    tcp->piece.copy = blob_fd(blob);
    tcp->piece.off = off;
    tcp->piece.len = len;
    /* After a shutdown, a close, the thread may have one yet. */
    if (len < SENDER_MIN || sender_has(&tcp->piece) || !sender_start(tcp->port, &tcp->piece, on_over))
        return false;
    if (tcp->port->tcp.sending == 0)
        tcp->port->tcp.tell_ms = port_now_ms(tcp->port) + TELL_MS;
    tcp->blob = blob_hold(blob);
    tcp->told = 0;
    tcp->sending = true;
    put_last(tcp);
    return true;
}

static int tell(struct port_tcp *tcp, size_t len)
{
    size_t count = untold(tcp);
    tcp->told += count;
    if (!sender_has(&tcp->piece)) {
        tcp->sending = false;
        take_out(tcp);
    }
    return tcp_written(tcp, (ssize_t)count, len);
}

int port_tcp_write_blob(struct port_tcp *tcp, const struct port_blob *blob, uint64_t off, size_t len)
{
    if (!tcp_can_write(tcp))
        return tcp->phase == TCP_CONNECTING ? 0 : PORT_E_CLOSED;
    if (len == 0)
        return 0;
    post_settle(tcp);
    tcp->empty = false;
    if (tcp->sending || begin(tcp, blob, off, len))
        return tell(tcp, len);
    off_t at = (off_t)off;
    return tcp_written(tcp, sendfile(tcp->watch.fd, blob_fd(blob), &at, len < STEP ? len : STEP), len);
}

void tcp_stop_sending(struct port_tcp *tcp)
{
    if (tcp->sending)
        take_out(tcp);
    tcp->sending = false;
    if (sender_has(&tcp->piece))
        sender_cancel(tcp->port, &tcp->piece);
}

size_t port_tcp_unacked(struct port_tcp *tcp)
{
    int count = 0;
    post_settle(tcp);
    size_t ahead =
        untold(tcp); /* looked at first: what a thread sends meanwhile seems unacknowledged, not arrived */
    if (ioctl(tcp->watch.fd, SIOCOUTQ, &count) != 0 || count < 0)
        return 0;
    if (tcp->shut && count > 0)
        count--; /* our FIN counts as one */
    tcp->empty = count == 0;
    return (size_t)count > ahead ? (size_t)count - ahead : 0;
}
