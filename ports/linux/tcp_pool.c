/* tcp_pool.c - the pool of connections, and those that wait for their peer's end. */
#include "ports/linux/tcp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define LINGER_MS 5000
#define LINGER_READ 65536 /* bytes thrown away per turn */
#define OTHER_FILES (UDP_ENDPOINTS + 128)

static void raise_file_limit(size_t connections)
{
    struct rlimit limit;
    rlim_t wanted = connections + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int port_reserve(struct port *port, size_t connections)
{
    struct tcp_state *state = &port->tcp;
    if (state->pool != NULL)
        return fail(port, PORT_E_BUSY, "the connections' pool has been made already");
    state->pool = calloc(connections, sizeof *state->pool);
    state->fresh = calloc(connections, sizeof *state->fresh);
    if (state->pool == NULL || state->fresh == NULL)
        return fail(port, PORT_E_FULL, "no memory for %zu connections", connections);
    state->size = connections;
    for (size_t i = connections; i-- > 0;) {
        state->pool[i].watch.fd = -1;
        state->pool[i].next = state->free;
        state->free = &state->pool[i];
    }
    raise_file_limit(connections);
    return 0;
}

static void dispose(struct watch *watch)
{
    struct port_tcp *tcp = watch->owner;
    struct tcp_state *state = &tcp->port->tcp;
    tcp->next = state->free;
    state->free = tcp;
    if (state->full)
        tcp_resume_listeners(tcp->port);
}

struct port_tcp *tcp_take(struct port *port, const struct port_tcp_events *events)
{
    struct tcp_state *state = &port->tcp;
    struct port_tcp *tcp = state->free;
    if (tcp == NULL)
        return NULL;
    state->free = tcp->next;
    *tcp = (struct port_tcp){.port = port, .events = events, .phase = TCP_OPEN, .want_read = true, .empty = true};
    tcp->watch = (struct watch){.fd = -1, .ready = tcp_ready, .dispose = dispose, .owner = tcp};
    return tcp;
}

static void unlink_lingering(struct port_tcp *tcp)
{
    struct tcp_state *state = &tcp->port->tcp;
    *(tcp->previous != NULL ? &tcp->previous->next : &state->linger_first) = tcp->next;
    *(tcp->next != NULL ? &tcp->next->previous : &state->linger_last) = tcp->previous;
}

static void close_socket(struct port_tcp *tcp)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    if (tcp->reset && tcp->watch.fd >= 0)
        setsockopt(tcp->watch.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    watch_close(tcp->port, &tcp->watch);
    watch_bury(tcp->port, &tcp->watch);
}

void tcp_release(struct port_tcp *tcp, bool reset)
{
    if (tcp->phase == TCP_LINGERING)
        unlink_lingering(tcp);
    tcp->phase = TCP_GONE;
    post_settle(tcp);
    tcp->reset = reset;
    tcp_stop_sending(tcp);
    if (!sender_has(&tcp->piece)) {
        close_socket(tcp);
        return;
    }
    watch_park(tcp->port, &tcp->watch);
    tcp->watch.fd = -1; /* no event of this turn is for it any more; the thread has it in its piece */
}

void tcp_release_late(struct port_tcp *tcp)
{
    tcp->watch.fd = tcp->piece.socket;
    close_socket(tcp);
}

static void linger_ready(struct watch *watch, uint32_t events)
{
    struct port_tcp *tcp = watch->owner;
    ssize_t count = recv(watch->fd, NULL, LINGER_READ, MSG_DONTWAIT | MSG_TRUNC); /* tcp(7): thrown away */
    if (count == 0 || (events & (EPOLLERR | EPOLLHUP)) != 0)
        tcp_release(tcp, false);
}

void tcp_start_linger(struct port_tcp *tcp)
{
    struct tcp_state *state = &tcp->port->tcp;
    tcp_stop_sending(tcp);
    post_settle(tcp);
    shutdown(tcp->watch.fd, SHUT_WR);
    tcp->phase = TCP_LINGERING;
    tcp->linger_until = port_now_ms(tcp->port) + LINGER_MS;
    tcp->previous = state->linger_last;
    tcp->next = NULL;
    *(state->linger_last != NULL ? &state->linger_last->next : &state->linger_first) = tcp;
    state->linger_last = tcp;
    tcp->watch.ready = linger_ready;
    watch_set(tcp->port, &tcp->watch, EPOLLIN);
    if (state->full)
        tcp_resume_listeners(tcp->port);
}

uint64_t tcp_linger(struct port *port)
{
    struct tcp_state *state = &port->tcp;
    while (state->linger_first != NULL && state->linger_first->linger_until <= port->now_ms)
        tcp_release(state->linger_first, false); /* the kernel still sends what was taken */
    if (state->full && state->retry_ms <= port->now_ms)
        tcp_resume_listeners(port);
    uint64_t next = tcp_tell(port);
    if (state->full && state->retry_ms < next)
        next = state->retry_ms;
    if (state->linger_first != NULL && state->linger_first->linger_until < next)
        next = state->linger_first->linger_until;
    return next;
}

void tcp_stop(struct port *port)
{
    struct tcp_state *state = &port->tcp;
    while (state->listeners != NULL)
        port_listener_close(state->listeners);
    for (size_t i = 0; i < state->size; i++) {
        struct port_tcp *tcp = &state->pool[i];
        if (sender_has(&tcp->piece)) /* its thread has ended */
            tcp->watch.fd = tcp->piece.socket;
        watch_close(port, &tcp->watch);
    }
    free(state->pool);
    free(state->fresh);
    state->pool = NULL;
    state->fresh = NULL;
}
