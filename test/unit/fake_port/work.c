/* work.c - work is done in the turn after it was asked for, unless it is held. */
#include "test/unit/fake_port/internal.h"

int port_work(struct port *port, struct port_work *work)
{
    struct port_work **end = &port->work;
    int error = fake_planned(port, FAKE_WORK);
    if (error != 0)
        return error;
    while (*end != NULL)
        end = &(*end)->next;
    work->next = NULL;
    *end = work;
    return 0;
}

void port_work_stop(struct port *port)
{
    port->work = NULL;
}

void fake_work_hold(struct port *port, bool hold)
{
    port->work_held = hold;
}

bool fake_work_waiting(const struct port *port)
{
    return port->work != NULL && !port->work_held;
}

void fake_work_turn(struct port *port)
{
    struct port_work *work = port->work;
    if (work == NULL || port->work_held)
        return;
    if (work->run(work))
        return;
    port->work = work->next;
    work->done(work);
}
