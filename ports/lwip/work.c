/* work.c - what takes its time is done within the loop, one piece between two drains of the receive ring. */
#include "ports/lwip/internal.h"

int port_work(struct port *port, struct port_work *work)
{
    work->next = NULL;
    if (port->work.last != NULL)
        port->work.last->next = work;
    else
        port->work.first = work;
    port->work.last = work;
    return 0;
}

void port_work_stop(struct port *port)
{
    port->work = (struct work_queue){NULL, NULL};
    port->worked = NULL;
}

static uint64_t now_us(const struct port *port)
{
    const struct board *board = port->board;
    return board->now_us != NULL ? board->now_us(board->ctx) : board->now_ms(board->ctx) * 1000;
}

bool work_turn(struct port *port)
{
    struct port_work *worked = port->worked;
    port->worked = NULL;
    if (worked != NULL)
        worked->done(worked);
    struct port_work *work = port->stopped ? NULL : port->work.first;
    if (work == NULL)
        return false;
    uint64_t begin = now_us(port);
    bool more = work->run(work);
    uint64_t took = now_us(port) - begin;
    if (took > port->longest_work_us)
        port->longest_work_us = took;
    if (more)
        return true;
    port->work.first = work->next;
    if (work->next == NULL)
        port->work.last = NULL;
    port->worked = work;
    return true;
}

uint64_t port_lwip_longest_work_us(const struct port *port)
{
    return port->longest_work_us;
}
