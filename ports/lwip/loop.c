/* loop.c - the turn: what has come, timers, callbacks, one piece of work, the app. */
#include "ports/lwip/internal.h"

#include "lwip/priv/tcp_priv.h"

#define ARP_TICK_MS 1000

static void tick(struct port *port)
{
    uint64_t late = (port->now_ms - port->tcp_ms) / TCP_TMR_INTERVAL;
    if (late > 0)
        port->tcp_ms += late * TCP_TMR_INTERVAL;
    if (late > 8)
        late = 8; /* after a long piece of work peers are not given up in a row */
    while (late-- > 0)
        tcp_tmr();
    if (port->now_ms - port->arp_ms < ARP_TICK_MS)
        return;
    port->arp_ms = port->now_ms;
    arp_tick(port);
    interface_tell_drops(port);
}

static void serve_wishes(struct port *port, const struct port_hooks *hooks)
{
    const struct board *board = port->board;
    unsigned wishes = board->wishes != NULL ? board->wishes(board->ctx) : 0;
    if ((wishes & BOARD_RELOAD) != 0 && !port->stopped)
        hooks->reload(hooks->ctx);
    if ((wishes & BOARD_STOP) != 0 && !port->stopped)
        hooks->stop(hooks->ctx);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How long the board may wait for frames. */
static uint64_t next_tick(const struct port *port, uint64_t deadline)
{
    if (tcp_busy(port))
        deadline = earlier(deadline, port->tcp_ms + TCP_TMR_INTERVAL);
    if (port->neighbours.unresolved > 0)
        deadline = earlier(deadline, port->arp_ms + ARP_TICK_MS);
    return deadline;
}

static void turn(struct port *port, const struct port_hooks *hooks, uint64_t *deadline)
{
    const struct board *board = port->board;
    if (*deadline > port->now_ms)
        board->wait(board->ctx, *deadline);
    port->now_ms = board->now_ms(board->ctx);
    bool more = interface_drain(port);
    tick(port);
    tcp_serve(port);
    tcp_spare();
    blobs_sweep(port);
    udp_sweep(port);
    more |= work_turn(port);
    if (board->files->step != NULL)
        more |= board->files->step(board->files_ctx);
    serve_wishes(port, hooks);
    if (board->alive != NULL)
        board->alive(board->ctx);
    if (port->stopped)
        return;
    *deadline = next_tick(port, hooks->turn(hooks->ctx, port->now_ms));
    if (more || port->tcp.again)
        *deadline = 0;
}

int port_run(struct port *port, const struct port_hooks *hooks)
{
    uint64_t deadline = 0;
    port->now_ms = port->board->now_ms(port->board->ctx);
    port->tcp_ms = port->arp_ms = port->now_ms;
    port->running = true;
    while (!port->stopped)
        turn(port, hooks, &deadline);
    port->running = false;
    port->stopped = false; /* a test may run it again */
    return 0;
}

void port_stop(struct port *port)
{
    port->stopped = true;
}

void port_ready(struct port *port)
{
    if (port->board->ready != NULL)
        port->board->ready(port->board->ctx);
}

/* There is nobody who could take any. */
int port_drop_rights(struct port *port)
{
    (void)port;
    return 0;
}
