/* time.c - the clocks, and entropy. */
#include "ports/lwip/internal.h"

#include "net/tls/rsa.h"

uint64_t port_now_ms(const struct port *port)
{
    return port->running ? port->now_ms : port->board->now_ms(port->board->ctx);
}

static bool plausible(int64_t unix_ms)
{
    return unix_ms >= (int64_t)STAGEBOX_BUILD_DAY * 86400000;
}

bool port_wall_ms(const struct port *port, int64_t *unix_ms)
{
    const struct board *board = port->board;
    int64_t wall = 0;
    if (port->clock.set)
        wall = (int64_t)board->now_ms(board->ctx) + port->clock.wall_less_monotonic;
    else if (board->wall_ms == NULL || !board->wall_ms(board->ctx, &wall))
        return false;
    if (!plausible(wall))
        return false;
    *unix_ms = wall;
    return true;
}

/* Where the board has no clock, or one that cannot be set, what the operator says holds until power goes. */
int port_set_wall_ms(struct port *port, int64_t unix_ms)
{
    const struct board *board = port->board;
    if (!plausible(unix_ms))
        return fail(port, PORT_E_SYSTEM, "that time is before this program was built: it cannot be right");
    int error = PORT_E_ACCESS;
    if (board->set_wall_ms != NULL)
        error = board->set_wall_ms(board->ctx, unix_ms);
    if (error != 0 && error != PORT_E_ACCESS)
        return of_board(port, error);
    port->clock.set = error != 0;
    port->clock.wall_less_monotonic = unix_ms - (int64_t)board->now_ms(board->ctx);
    return 0;
}

int port_random(struct port *port, void *buf, size_t len)
{
    return of_board(port, port->board->random(port->board->ctx, buf, len));
}

/* mbedTLS does it itself. */
const struct tls_rsa_engine *port_rsa(const struct port *port)
{
    (void)port;
    return NULL;
}
