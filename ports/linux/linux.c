/* linux.c - the life of a port. */
#include "ports/linux/internal.h"
#include "ports/linux/post.h"
#include "ports/linux/sender.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct port *say(struct port *port, char *why, size_t why_size, const char *what, int error)
{
    if (why_size > 0)
        snprintf(why, why_size, "%s: %s", what, strerror(error));
    port_linux_close(port);
    return NULL;
}

struct port *port_linux_open(const char *card_dir, const struct port_linux_options *options, char *why,
                             size_t why_size)
{
    struct port *port = calloc(1, sizeof *port);
    if (port == NULL)
        return say(NULL, why, why_size, "no memory", errno);
    port->card = port->epoll = port->udp.raw = -1;
    port->signals.watch.fd = -1;
    port->log.journal = log_is_journal();
    if (options != NULL)
        port->options = *options;
    if (!port->options.debuggable)
        confine_memory();
    port->card_name = strdup(card_dir);
    port->card = open(card_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (port->card < 0 || port->card_name == NULL)
        return say(port, why, why_size, card_dir, errno);
    if (loop_open(port) != 0)
        return say(port, why, why_size, "the event loop cannot be made", errno);
    return port;
}

void port_linux_close(struct port *port)
{
    if (port == NULL)
        return;
    work_close(port);
    senders_stop(port);
    posts_stop(port);
    tcp_stop(port);
    udp_stop(port);
    frames_stop(port);
    stores_stop(port);
    blobs_stop(port);
    interface_leave(port);
    signals_give_back(port);
    loop_close(port);
    confine_forget(&port->outside);
    if (port->card >= 0)
        close(port->card);
    free(port->card_name);
    free(port);
}
