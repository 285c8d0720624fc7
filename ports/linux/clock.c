/* clock.c - the time since boot, the wall clock, and entropy. */
#include "ports/linux/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* NTP slews by less; a larger move of the system's clock means that somebody set it. */
#define CLOCK_MOVED_MS 2000

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t clock_monotonic_ms(void)
{
    return (uint64_t)read_ms(CLOCK_MONOTONIC);
}

uint64_t port_now_ms(const struct port *port)
{
    return port->running ? port->now_ms : clock_monotonic_ms();
}

/* What the operator said holds until somebody sets the system's clock. */
static bool own_clock_holds(const struct own_clock *own, int64_t system)
{
    int64_t moved = system - own->system_when_set;
    return own->set && moved > -CLOCK_MOVED_MS && moved < CLOCK_MOVED_MS;
}

static int64_t read_wall_ms(const struct port *port)
{
    int64_t monotonic = read_ms(CLOCK_MONOTONIC), wall = read_ms(CLOCK_REALTIME);
    if (own_clock_holds(&port->clock, wall - monotonic))
        wall = monotonic + port->clock.wall_less_monotonic;
    return wall;
}

void clock_turn(struct port *port)
{
    port->now_ms = clock_monotonic_ms();
    port->clock.wall_ms = read_wall_ms(port);
}

bool port_wall_ms(const struct port *port, int64_t *unix_ms)
{
    int64_t wall = port->running ? port->clock.wall_ms : read_wall_ms(port);
    if (wall < (int64_t)STAGEBOX_BUILD_DAY * 86400000)
        return false;
    *unix_ms = wall;
    return true;
}

static void set_own_clock(struct port *port, int64_t unix_ms)
{
    int64_t monotonic = read_ms(CLOCK_MONOTONIC);
    port->clock.set = true;
    port->clock.wall_less_monotonic = unix_ms - monotonic;
    port->clock.system_when_set = read_ms(CLOCK_REALTIME) - monotonic;
}

int port_set_wall_ms(struct port *port, int64_t unix_ms)
{
    struct timespec t = {.tv_sec = (time_t)(unix_ms / 1000), .tv_nsec = (long)(unix_ms % 1000) * 1000000};
    if (unix_ms < (int64_t)STAGEBOX_BUILD_DAY * 86400000)
        return fail(port, PORT_E_SYSTEM, "that time is before this program was built: it cannot be right");
    port->clock.set = false;
    int error = clock_settime(CLOCK_REALTIME, &t) == 0 ? 0 : errno;
    if (error == EPERM)
        set_own_clock(port, unix_ms);
    port->clock.wall_ms = read_wall_ms(port);
    if (error == 0 || error == EPERM)
        return 0;
    return fail(port, PORT_E_SYSTEM, "the clock cannot be set: %s", strerror(error));
}

int port_random(struct port *port, void *buf, size_t len)
{
    uint8_t *at = buf;
    while (len > 0) {
        ssize_t count = getrandom(at, len, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail(port, PORT_E_SYSTEM, "the system gives no random bytes: %s", strerror(errno));
        at += count;
        len -= (size_t)count;
    }
    return 0;
}
