/* turn.c - the fake loop. */
#include "test/unit/fake_port/internal.h"

void fake_script(struct port *port, void (*script)(struct port *port, void *ctx), void *ctx)
{
    port->script = script;
    port->script_ctx = ctx;
}

void fake_hooks(struct port *port, const struct port_hooks *hooks)
{
    port->hooks = *hooks;
    port->hooked = true;
}

int port_run(struct port *port, const struct port_hooks *hooks)
{
    fake_check(!port->in_callback, "port_run() from inside a callback");
    fake_hooks(port, hooks);
    if (port->script != NULL)
        port->script(port, port->script_ctx);
    return 0;
}

static void call_turn_hook(struct port *port)
{
    if (port->hooked && port->hooks.turn != NULL && !port->stopped)
        port->deadline = port->hooks.turn(port->hooks.ctx, port->now);
}

uint64_t fake_turn(struct port *port)
{
    fake_check(!port->in_callback, "fake_turn() from inside a callback");
    port->in_callback = true;
    fake_udp_turn(port);
    fake_frames_turn(port);
    fake_tcp_turn(port);
    fake_work_turn(port);
    call_turn_hook(port);
    port->in_callback = false;
    return port->deadline;
}

void fake_settle(struct port *port)
{
    for (int turns = 0; turns < 10000; turns++) {
        fake_turn(port);
        if (port->stopped || (port->deadline > port->now && !fake_udp_waiting(port) && !fake_frames_waiting(port) &&
                              !fake_tcp_waiting(port) && !fake_work_waiting(port)))
            return;
    }
    fake_die("no rest after 10000 turns: something is left unread, or a deadline is always due");
}

void fake_run_until(struct port *port, uint64_t now_ms)
{
    fake_settle(port);
    while (port->deadline <= now_ms && !port->stopped) {
        fake_set_now(port, port->deadline);
        fake_settle(port);
    }
    fake_set_now(port, now_ms);
    fake_settle(port);
}

static void signal_hook(struct port *port, void (*hook)(void *ctx))
{
    fake_check(!port->in_callback, "signal from inside a callback");
    fake_check(port->hooked && hook != NULL, "signal without a hook for it");
    port->in_callback = true;
    hook(port->hooks.ctx);
    port->in_callback = false;
    fake_turn(port);
}

void fake_signal_reload(struct port *port)
{
    signal_hook(port, port->hooks.reload);
}

void fake_signal_stop(struct port *port)
{
    signal_hook(port, port->hooks.stop);
}

void port_stop(struct port *port)
{
    port->stopped = true;
}

void port_ready(struct port *port)
{
    port->ready = true;
}

int port_drop_rights(struct port *port)
{
    int error = fake_planned(port, FAKE_DROP_RIGHTS);
    if (error == 0)
        port->dropped = true;
    return error;
}

bool fake_stopped(const struct port *port)
{
    return port->stopped;
}

bool fake_ready(const struct port *port)
{
    return port->ready;
}

bool fake_rights_dropped(const struct port *port)
{
    return port->dropped;
}
