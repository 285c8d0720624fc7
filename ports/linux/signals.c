/* signals.c - SIGHUP, SIGINT and SIGTERM as events of the loop. */
#include "ports/linux/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void ready(struct watch *watch, uint32_t events)
{
    (void)events;
    struct port *port = watch->owner;
    struct signalfd_siginfo info;
    while (read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            port->signals.reload = true;
        else
            port->signals.stop = true;
    }
}

static void dispose(struct watch *watch)
{
    (void)watch;
}

int signals_take(struct port *port)
{
    struct signals *signals = &port->signals;
    sigset_t set;
    if (signals->taken)
        return 0;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    signals->watch = (struct watch){.fd = -1, .ready = ready, .dispose = dispose, .owner = port};
    if (fd < 0 || watch_open(port, &signals->watch, fd, EPOLLIN) != 0) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return fail(port, PORT_E_SYSTEM, "signals cannot be received: %s", strerror(error));
    }
    pthread_sigmask(SIG_BLOCK, &set, &signals->old_mask);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, &signals->old_pipe); /* sendfile() has no MSG_NOSIGNAL */
    signals->taken = true;
    return 0;
}

void signals_give_back(struct port *port)
{
    struct signals *signals = &port->signals;
    if (!signals->taken)
        return;
    watch_close(port, &signals->watch);
    sigaction(SIGPIPE, &signals->old_pipe, NULL);
    pthread_sigmask(SIG_SETMASK, &signals->old_mask, NULL);
    signals->taken = false;
}
