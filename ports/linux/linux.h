/* linux.h - makes a struct port of a Linux system. All else is ports/port.h. */
#ifndef STAGEBOX_PORTS_LINUX_LINUX_H
#define STAGEBOX_PORTS_LINUX_LINUX_H

#include "ports/port.h"

struct port_linux_options {
    bool verbose;     /* PORT_DEBUG lines are written too */
    bool debuggable;  /* core files, debuggers and sanitizers are not shut out */
    bool unconfined;  /* rights go, but Landlock and seccomp stay off: for a program that writes what it has measured */
    bool time_stamps; /* lines begin with the time; needless under systemd, which keeps its own */
};

/* Opens the folder `card_dir` (that of stagebox.ini) and takes the clock: all that commands like
 * `check` need. Sockets, signals and the interface are left alone until port_interface_open() or
 * port_run(). `options` may be NULL. NULL on failure, with one sentence in `why` (if why_size > 0).
 * SIGHUP, SIGINT and SIGTERM belong to the port from port_interface_open() or port_run() to
 * port_linux_close(), and SIGPIPE is ignored. */
struct port *port_linux_open(const char *card_dir, const struct port_linux_options *options, char *why,
                             size_t why_size);
/* Closes everything the port still holds, in order: connections with what they had taken, stores with
 * a last sync, blobs; takes the address away if port_interface_open() had put it there. NULL is allowed. */
void port_linux_close(struct port *port);

#endif
