/* The hosted program on lwIP and a TAP device. */
#include <stdio.h>

#include "boards/hosted/program.h"
#include "boards/tap/hosted.h"
#include "boards/tap/tap.h"
#include "ports/lwip/lwip.h"

static struct port *open_port(void *ctx, const char *card_dir, bool verbose, char *why, size_t why_size)
{
    if (!hosted_open(card_dir, verbose, why, why_size))
        return NULL;
    struct board *board = ctx;
    hosted_fill(board);
    tap_fill(board);
    struct port *port = port_lwip_open(board);
    if (!port) {
        snprintf(why, why_size, "no memory");
        hosted_close();
    }
    return port;
}

static void close_port(void *ctx, struct port *port)
{
    (void)ctx;
    port_lwip_close(port);
    tap_close();
    hosted_close();
}

int main(int argc, char **argv)
{
    struct board board = {.ctx = NULL};
    return program_main(argc, argv, &(struct program_port){&board, open_port, close_port});
}
