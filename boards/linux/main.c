/* The hosted program on the kernel's own network. */
#include "boards/hosted/program.h"
#include "ports/linux/linux.h"

static struct port *open_port(void *ctx, const char *card_dir, bool verbose, char *why, size_t why_size)
{
    (void)ctx;
#ifdef __SANITIZE_ADDRESS__
    const bool debuggable = true;
#else
    const bool debuggable = false;
#endif
#ifdef STAGEBOX_COVERAGE
    const bool unconfined = true;
#else
    const bool unconfined = false;
#endif
    struct port_linux_options options = {.verbose = verbose, .debuggable = debuggable, .unconfined = unconfined};
    return port_linux_open(card_dir, &options, why, why_size);
}

static void close_port(void *ctx, struct port *port)
{
    (void)ctx;
    port_linux_close(port);
}

int main(int argc, char **argv)
{
    return program_main(argc, argv, &(struct program_port){NULL, open_port, close_port});
}
