/* loop.c - epoll, level-triggered, and the turn. */
#include "ports/linux/internal.h"
#include "ports/linux/post.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int loop_open(struct port *port)
{
    port->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (port->epoll < 0)
        return -1;
    alarm_open(port);
    return 0;
}

void loop_close(struct port *port)
{
    if (port->epoll >= 0) {
        watch_close(port, &port->alarm.watch);
        close(port->epoll);
    }
    port->epoll = -1;
}

static int control(struct port *port, int op, struct watch *watch)
{
    struct epoll_event event = {.events = watch->events, .data.ptr = watch};
    return epoll_ctl(port->epoll, op, watch->fd, &event);
}

int watch_open(struct port *port, struct watch *watch, int fd, uint32_t events)
{
    watch->fd = fd;
    watch->events = events;
    watch->parked = false;
    if (control(port, EPOLL_CTL_ADD, watch) == 0)
        return 0;
    watch->fd = -1;
    return -1;
}

void watch_set(struct port *port, struct watch *watch, uint32_t events)
{
    if (watch->fd < 0 || (watch->events == events && !watch->parked))
        return;
    watch->events = events;
    control(port, watch->parked ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, watch);
    watch->parked = false;
}

void watch_park(struct port *port, struct watch *watch)
{
    if (watch->fd >= 0 && !watch->parked)
        control(port, EPOLL_CTL_DEL, watch);
    watch->parked = true;
}

void watch_close(struct port *port, struct watch *watch)
{
    (void)port;
    if (watch->fd >= 0)
        close(watch->fd); /* leaves epoll by that */
    watch->fd = -1;
}

void watch_bury(struct port *port, struct watch *watch)
{
    if (!port->dispatching) {
        watch->dispose(watch);
        return;
    }
    watch->next_buried = port->buried;
    port->buried = watch;
}

static void dispose_buried(struct port *port)
{
    while (port->buried != NULL) {
        struct watch *watch = port->buried;
        port->buried = watch->next_buried;
        watch->dispose(watch);
    }
}

static void dispatch(struct port *port, const struct epoll_event *events, int count)
{
    port->dispatching = true;
    for (int i = 0; i < count && !port->stopped; i++) {
        struct watch *watch = events[i].data.ptr;
        if (watch->fd >= 0) /* else an earlier event of this turn closed it */
            watch->ready(watch, events[i].events);
    }
    port->dispatching = false;
    dispose_buried(port);
}

static void serve_signals(struct port *port, const struct port_hooks *hooks)
{
    struct signals *signals = &port->signals;
    if (signals->reload && !port->stopped) {
        signals->reload = false;
        notify_supervisor("RELOADING=1");
        hooks->reload(hooks->ctx);
        notify_supervisor("READY=1");
    }
    if (signals->stop && !port->stopped) {
        signals->stop = false;
        hooks->stop(hooks->ctx);
    }
}

static int turn(struct port *port, const struct port_hooks *hooks, uint64_t *deadline)
{
    struct epoll_event events[EVENTS_PER_TURN];
    log_flush(port);
    int count = epoll_wait(port->epoll, events, EVENTS_PER_TURN, alarm_wait_ms(port, *deadline));
    if (count < 0 && errno != EINTR)
        return fail(port, PORT_E_SYSTEM, "the event loop failed: %s", strerror(errno));
    clock_turn(port);
    dispatch(port, events, count);
    serve_signals(port, hooks);
    uint64_t linger = tcp_linger(port);
    udp_tell_drops(port);
    if (port->stopped)
        return 0;
    *deadline = hooks->turn(hooks->ctx, port->now_ms);
    tcp_settle(port);
    if (posts_flush(port, count <= 0))
        *deadline = port->now_ms;
    if (linger < *deadline)
        *deadline = linger;
    return 0;
}

int port_run(struct port *port, const struct port_hooks *hooks)
{
    uint64_t deadline = 0;
    int error = signals_take(port);
    if (error != 0)
        return error;
    clock_turn(port);
    port->running = true;
    while (error == 0 && !port->stopped)
        error = turn(port, hooks, &deadline);
    port->running = false;
    log_flush(port);
    port->stopped = false; /* a test may run it again */
    return error;
}

void port_stop(struct port *port)
{
    if (!port->stopped)
        notify_supervisor("STOPPING=1");
    port->stopped = true;
}

void port_ready(struct port *port)
{
    (void)port;
    notify_supervisor("READY=1");
}
