/* appliance.h - makes the parts, joins them to a port, and runs. */
#ifndef STAGEBOX_APP_APPLIANCE_H
#define STAGEBOX_APP_APPLIANCE_H

#include "config/problem.h"
#include "ports/port.h"

struct appliance_options {
    struct port *port;
    const char *file;      /* the settings file, a path on the card */
    const char *interface; /* instead of [box] interface; NULL: none */
    struct problems *problems; /* where what is wrong at the start goes */
    /* Nobody sits at a shell: with errors in the settings it comes up with DHCP and the dashboard, shows what `check`
     * says, and gives no phone anything. A reload then ends it, with 0, and it may be run anew. */
    bool no_shell;
    /* Where it has a console: gets the batch as lines now and then; or NULL. */
    void (*show)(void *ctx, const char *line);
    void *show_ctx;
};

/* Runs until the port is told to stop. 0: stopped cleanly; 1: it could not start (the reasons are in
 * `problems`, or on the port's log). */
int appliance_run(const struct appliance_options *options);

#endif
