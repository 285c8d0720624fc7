/* moment.h - when something happened, on a machine that may not know the time. */
#ifndef STAGEBOX_APP_PHONES_MOMENT_H
#define STAGEBOX_APP_PHONES_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

struct moment {
    bool set;          /* it happened at all */
    bool this_run;     /* uptime_ms counts on this run's clock */
    uint64_t uptime_ms; /* port_now_ms() then; meaningless unless this_run */
    int64_t wall_ms;   /* unix milliseconds; 0 where the clock was not set */
};

/* Milliseconds from `then` to `now`; 0 where that cannot be told or would be negative. */
static inline uint64_t moment_between(struct moment then, struct moment now)
{
    if (!then.set || !now.set)
        return 0;
    if (then.this_run && now.this_run)
        return now.uptime_ms > then.uptime_ms ? now.uptime_ms - then.uptime_ms : 0;
    if (then.wall_ms > 0 && now.wall_ms > then.wall_ms)
        return (uint64_t)(now.wall_ms - then.wall_ms);
    return 0;
}

/* `a` is known to be later than `b`. What happened in this run is later than what did not. */
static inline bool moment_after(struct moment a, struct moment b)
{
    if (!a.set || !b.set || a.this_run != b.this_run)
        return a.set && (!b.set || a.this_run);
    if (a.this_run)
        return a.uptime_ms > b.uptime_ms;
    return a.wall_ms > b.wall_ms;
}

#endif
