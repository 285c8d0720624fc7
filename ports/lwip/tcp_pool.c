/* tcp_pool.c - the pool of connections, and who uses which blob. */
#include "ports/lwip/tcp.h"

#include <stdlib.h>

#include "lwip/priv/tcp_priv.h"

#define SPARE 8 /* control blocks */

/* Those that are closing read nothing: that is what two fifths of them are for (app/appliance.c). */
static bool make(struct connections *state, size_t connections)
{
    size_t rings = connections - connections * 2 / 5;
    state->pool = calloc(connections, sizeof *state->pool);
    state->rings = malloc(rings * TCP_WND);
    state->free_rings = malloc(rings * sizeof *state->free_rings);
    if (state->pool == NULL || state->rings == NULL || state->free_rings == NULL || !memory_add_connections(connections))
        return false;
    for (size_t i = 0; i < rings; i++)
        state->free_rings[i] = i;
    state->free_ring_count = rings;
    state->size = connections;
    return true;
}

static void dispose(struct connections *state)
{
    free(state->pool);
    free(state->rings);
    free(state->free_rings);
    *state = (struct connections){.pool = NULL};
}

int port_reserve(struct port *port, size_t connections)
{
    struct connections *state = &port->tcp;
    if (state->pool != NULL)
        return fail(port, PORT_E_BUSY, "the connections' pool has been made already");
    if (!make(state, connections)) {
        dispose(state);
        return fail(port, PORT_E_FULL, "no memory for %zu connections: lower [limits] connections", connections);
    }
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
    if (tcp == NULL || state->free_ring_count == 0)
        return NULL;
    state->free = tcp->next;
    *tcp = (struct port_tcp){.port = port, .events = events, .want_read = true};
    tcp->received = state->rings + state->free_rings[--state->free_ring_count] * TCP_WND;
    return tcp;
}

void tcp_stop_reading(struct port_tcp *tcp)
{
    struct connections *state = &tcp->port->tcp;
    if (tcp->received != NULL)
        state->free_rings[state->free_ring_count++] = (size_t)(tcp->received - state->rings) / TCP_WND;
    tcp->received = NULL;
    tcp->received_len = 0;
}

void tcp_release(struct port_tcp *tcp)
{
    struct connections *state = &tcp->port->tcp;
    tcp_stop_reading(tcp);
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
    bool rings = port->tcp.free_ring_count >= needed;
    if (rings && (left >= needed || end_lingering(port)))
        return true;
    tell_full(port);
    return false;
}

/* lwIP frees one in TIME-WAIT without a word: whoever has it yet, because the app has not read its end, is told here. */
static void end_waiting(struct tcp_pcb *pcb)
{
    struct port_tcp *tcp = pcb->callback_arg;
    if (tcp != NULL) {
        tcp->pcb = NULL;
        tcp->peer_done = true;
    }
    tcp_abort(pcb);
}

/* Connections that are over and only wait for stray segments (TIME-WAIT) make room, the oldest first. */
void tcp_spare(void)
{
    while (tcp_tw_pcbs != NULL && memory_control_blocks_left() < SPARE) {
        struct tcp_pcb *oldest = tcp_tw_pcbs;
        while (oldest->next != NULL)
            oldest = oldest->next;
        end_waiting(oldest);
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
        end_waiting(pcb);
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
    dispose(&port->tcp);
}
