/* stack.c - the life of a port, and of the one lwIP that it has. */
#include "ports/lwip/internal.h"

#include <stdlib.h>

#include "lwip/init.h"

static struct port *owner; /* lwIP's calls carry no context */

bool stack_start(struct port *port)
{
    if (owner != NULL || !memory_start())
        return false;
    owner = port;
    lwip_init();
    return true;
}

void stack_stop(struct port *port)
{
    if (owner != port)
        return;
    owner = NULL;
    memory_stop();
}

/* An inconsistency within lwIP: nothing that goes on from here can be trusted. */
void stack_broken(const char *what)
{
    if (owner != NULL)
        log_line(owner, PORT_ERROR, "lwIP: %s", what);
    abort();
}

/* Sequence numbers and port numbers that nobody can guess. */
uint32_t stack_random(void)
{
    static uint32_t fallback;
    uint32_t number;
    if (owner == NULL || owner->board->random(owner->board->ctx, &number, sizeof number) != 0)
        number = fallback += UINT32_C(2654435769); /* a board without entropy still serves plain HTTP */
    return number;
}

struct port *port_lwip_open(const struct board *board)
{
    struct port *port = calloc(1, sizeof *port);
    if (port == NULL)
        return NULL;
    port->board = board;
    if (!stack_start(port)) {
        free(port);
        return NULL;
    }
    if (arp_start(port))
        return port;
    port_lwip_close(port);
    return NULL;
}

void port_lwip_close(struct port *port)
{
    if (port == NULL)
        return;
    port_work_stop(port);
    tcp_stop(port);
    udp_stop(port);
    frames_stop(port);
    arp_stop(port);
    interface_leave(port);
    files_stop(port);
    stack_stop(port);
    free(port);
}
