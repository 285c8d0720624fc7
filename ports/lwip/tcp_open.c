/* tcp_open.c - listening, accepting, connecting. */
#include "ports/lwip/tcp.h"

#include <stdlib.h>

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct port_listener *listener = arg;
    if (pcb == NULL || error != ERR_OK || listener == NULL)
        return ERR_VAL;
    struct port_tcp *tcp = tcp_take(listener->port, listener->events);
    if (tcp == NULL)
        return ERR_MEM;
    tcp->listener = listener;
    tcp->phase = TCP_ACCEPTED;
    tcp_attach(tcp, pcb);
    return ERR_OK;
}

static int refused(struct port *port, uint16_t number, err_t error)
{
    if (error == ERR_USE)
        return fail(port, PORT_E_BUSY, "TCP port %u is open already", number);
    return fail(port, PORT_E_FULL, "no memory for a listener on TCP port %u", number);
}

/* Binds and listens; ERR_OK, and the listening pcb. */
static err_t open_pcb(const struct port *port, uint16_t number, struct tcp_pcb **out)
{
    ip_addr_t own = *netif_ip_addr4(&port->interface.netif);
    struct tcp_pcb *pcb = tcp_new();
    err_t error = pcb != NULL ? tcp_bind(pcb, &own, number) : ERR_MEM;
    if (error == ERR_OK)
        *out = tcp_listen_with_backlog_and_err(pcb, TCP_DEFAULT_LISTEN_BACKLOG, &error);
    if (error != ERR_OK && pcb != NULL)
        tcp_abort(pcb);
    return error;
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
    *listener = (struct port_listener){.port = port, .accept = accept, .ctx = ctx, .events = events};
    err_t opened = open_pcb(port, number, &listener->pcb);
    if (opened != ERR_OK) {
        free(listener);
        return refused(port, number, opened);
    }
    tcp_arg(listener->pcb, listener);
    tcp_accept(listener->pcb, on_accept);
    listener->next = port->tcp.listeners;
    port->tcp.listeners = listener;
    *out = listener;
    return 0;
}

/* Those that it took and the app has not seen yet go with it. */
void port_listener_close(struct port_listener *listener)
{
    struct port *port = listener->port;
    struct port_listener **at = &port->tcp.listeners;
    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
    for (size_t i = 0; i < port->tcp.size; i++) {
        struct port_tcp *tcp = &port->tcp.pool[i];
        if (tcp->phase != TCP_ACCEPTED || tcp->listener != listener)
            continue;
        tcp_reset(tcp);
        tcp_release(tcp);
    }
    tcp_close(listener->pcb);
    free(listener);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct port_tcp *tcp = arg;
    (void)pcb;
    (void)error; /* always ERR_OK */
    tcp->established = true;
    return ERR_OK;
}

static err_t start_connecting(struct port_tcp *tcp, ip4 address, uint16_t number)
{
    ip_addr_t own = *netif_ip_addr4(&tcp->port->interface.netif), to = {lwip_htonl(address)};
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL)
        return ERR_MEM;
    tcp_attach(tcp, pcb);
    err_t error = tcp_bind(pcb, &own, 0);
    if (error == ERR_OK)
        error = tcp_connect(pcb, &to, number, on_connected);
    if (error != ERR_OK)
        tcp_reset(tcp);
    return error;
}

int port_tcp_connect(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                     void *conn, struct port_tcp **out)
{
    char text[IP4_TEXT_MAX];
    int error = interface_needed(port);
    if (error == 0 && port->tcp.pool == NULL)
        error = port_reserve(port, DEFAULT_CONNECTIONS);
    if (error != 0)
        return error;
    struct port_tcp *tcp = tcp_take(port, events);
    if (tcp == NULL)
        return fail(port, PORT_E_FULL, "all %zu TCP connections are in use", port->tcp.size);
    tcp->phase = TCP_CONNECTING;
    tcp->conn = conn;
    if (start_connecting(tcp, address, number) == ERR_OK) {
        *out = tcp;
        return 0;
    }
    tcp_release(tcp);
    return fail(port, PORT_E_FULL, "%s port %u cannot be reached: lwIP has no memory", ip4_format(address, text), number);
}

/* The staging VLAN is all that there is. */
int port_tcp_connect_out(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                         void *conn, struct port_tcp **out)
{
    return port_tcp_connect(port, address, number, events, conn, out);
}
