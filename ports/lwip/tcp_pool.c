/* tcp_pool.c - the pool of connections, and who uses which blob. */
#include "ports/lwip/tcp.h"

#include <stdlib.h>

#include "lwip/priv/tcp_priv.h"

#define SPARE 8 /* control blocks */

int port_reserve(struct port *port, size_t connections)
{
    struct connections *state = &port->tcp;
    if (state->pool != NULL)
        return fail(port, PORT_E_BUSY, "the connections' pool has been made already");
    state->pool = calloc(connections, sizeof *state->pool);
    state->buffers = malloc(connections * TCP_WND);
    if (state->pool == NULL || state->buffers == NULL || !memory_add_connections(connections)) {
        free(state->pool);
        free(state->buffers);
        state->pool = NULL;
        state->buffers = NULL;
        return fail(port, PORT_E_FULL, "no memory for %zu connections: lower [limits] connections", connections);
    }
    state->size = connections;
    for (size_t i = connections; i-- > 0;) {
        state->pool[i].next = state->free;
        state->free = &state->pool[i];
    }
    return 0;
}

struct port_tcp *tcp_take(struct port *port, const struct port_tcp_events *events)
{
    struct connections *state = &port->tcp;
    struct port_tcp *tcp = state->free;
    if (tcp == NULL)
        return NULL;
    state->free = tcp->next;
    *tcp = (struct port_tcp){.port = port, .events = events, .want_read = true};
    tcp->received = state->buffers + (size_t)(tcp - state->pool) * TCP_WND;
    return tcp;
}

void tcp_release(struct port_tcp *tcp)
{
    struct connections *state = &tcp->port->tcp;
    tcp->phase = TCP_FREE;
    tcp->next = state->free;
    state->free = tcp;
}

bool tcp_uses_blob(const struct port *port, const struct port_blob *blob)
{
    for (size_t i = 0; i < port->tcp.size; i++) {
        const struct port_tcp *tcp = &port->tcp.pool[i];
        if (tcp->phase == TCP_FREE || tcp->pcb == NULL || tcp->unacked == 0)
            continue;
        for (int k = 0; k < BLOBS; k++)
            if (tcp->blobs[k] == blob)
                return true;
    }
    return false;
}

static size_t embryonic(void)
{
    size_t count = 0;
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next)
        count += pcb->state == SYN_RCVD;
    return count;
}

/* One that only waits for its peer's end makes room. */
static bool end_lingering(struct port *port)
{
    for (size_t i = 0; i < port->tcp.size; i++) {
        struct port_tcp *tcp = &port->tcp.pool[i];
        if (tcp->phase == TCP_LINGERING && tcp->unacked == 0) {
            tcp_detach(tcp);
            tcp_release(tcp);
            return true;
        }
    }
    return false;
}

static void tell_full(struct port *port)
{
    struct connections *state = &port->tcp;
    if (state->full_told_ms != 0 && port->now_ms - state->full_told_ms < TELL_MS)
        return;
    log_line(port, PORT_WARNING, "further TCP connections have to wait: all %zu are in use", state->size);
    state->full_told_ms = port->now_ms;
}

bool tcp_has_room(struct port *port)
{
    size_t needed = port->tcp.pool != NULL ? embryonic() + 1 : 0, left = 0;
    for (const struct port_tcp *tcp = port->tcp.free; tcp != NULL && left < needed; tcp = tcp->next)
        left++;
    if (left >= needed || end_lingering(port))
        return true;
    tell_full(port);
    return false;
}

/* Connections that are over and only wait for stray segments (TIME-WAIT) make room, the oldest first. */
void tcp_spare(void)
{
    while (tcp_tw_pcbs != NULL && memory_control_blocks_left() < SPARE) {
        struct tcp_pcb *oldest = tcp_tw_pcbs;
        while (oldest->next != NULL)
            oldest = oldest->next;
        tcp_abort(oldest);
    }
}

/* lwIP would answer what belongs to the last connection, until TIME-WAIT is over (RFC 9293 section 3.6.1 lets it reopen);
 * a phone that has booted takes the same port numbers again. */
void tcp_reopen(ip4 peer, uint16_t peer_port, uint16_t own_port)
{
    struct tcp_pcb *pcb = tcp_tw_pcbs;
    while (pcb != NULL && (pcb->remote_ip.addr != lwip_htonl(peer) || pcb->remote_port != peer_port ||
                           pcb->local_port != own_port))
        pcb = pcb->next;
    if (pcb != NULL)
        tcp_abort(pcb);
}

bool tcp_busy(const struct port *port)
{
    (void)port;
    return tcp_active_pcbs != NULL || tcp_tw_pcbs != NULL;
}

void tcp_stop(struct port *port)
{
    while (port->tcp.listeners != NULL)
        port_listener_close(port->tcp.listeners);
    for (size_t i = 0; i < port->tcp.size; i++)
        if (port->tcp.pool[i].phase != TCP_FREE)
            tcp_forget(&port->tcp.pool[i]);
    while (tcp_active_pcbs != NULL)
        tcp_abort(tcp_active_pcbs);
    while (tcp_tw_pcbs != NULL)
        tcp_abort(tcp_tw_pcbs);
    free(port->tcp.pool);
    free(port->tcp.buffers);
    port->tcp = (struct connections){.pool = NULL};
}
