/* program.h - stagebox as a program of an operating system: its arguments, the place of the settings, the terminal.
 */
#ifndef STAGEBOX_BOARDS_HOSTED_PROGRAM_H
#define STAGEBOX_BOARDS_HOSTED_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "ports/port.h"

/* How the program comes to its port. */
struct program_port {
    void *ctx;
    /* Opens the port on the folder of stagebox.ini; the caller closes it. NULL with one sentence in `why`. */
    struct port *(*open)(void *ctx, const char *card_dir, bool verbose, char *why, size_t why_size);
    void (*close)(void *ctx, struct port *port);
};

/* All of main(): gives the exit status of contract 2. */
int program_main(int argc, char **argv, const struct program_port *port);

#endif
