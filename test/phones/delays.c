#include "delays.h"

#include "mem.h"

#include <stdlib.h>

void delays_add(struct delays *d, uint64_t ms)
{
    if (d->count == d->room) {
        d->room = d->room * 2 + 256;
        d->ms = mem_grow(d->ms, d->room * sizeof *d->ms);
    }
    d->ms[d->count++] = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

uint32_t delays_percentile(struct delays *d, unsigned percent)
{
    if (d->count == 0)
        return 0;
    qsort(d->ms, d->count, sizeof *d->ms, compare);
    size_t at = (d->count * percent + 99) / 100;
    return d->ms[at > 0 ? at - 1 : 0];
}

void delays_free(struct delays *d)
{
    free(d->ms);
}
