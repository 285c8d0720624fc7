/* metrics.h - the box in numbers, as Prometheus reads them (text format 0.0.4). */
#ifndef STAGEBOX_APP_WEB_METRICS_H
#define STAGEBOX_APP_WEB_METRICS_H

#include "app/out.h"
#include "app/staging/staging.h"

/* What is in use of a pool of [limits]. */
struct metrics_pool {
    const char *name; /* "connections", as in [limits] */
    size_t used, limit;
};

struct metrics {
    const struct staging *staging;
    uint64_t now_ms;
    bool ready, clock_set;
    size_t viewers, sessions, warnings;
    const struct metrics_pool *pools;
    size_t pool_count;
};

#define METRICS_MAX 16384 /* bytes that are enough */
void metrics_write(const struct metrics *metrics, struct out *out);

#endif
