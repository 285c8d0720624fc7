#include "clock.h"

uint64_t clock_real_ms(const struct sim_clock *c, double seconds)
{
    return seconds <= 0 ? 0 : (uint64_t)(seconds * 1000.0 / c->factor);
}

double clock_seconds(const struct sim_clock *c, uint64_t now_ms)
{
    return (double)(now_ms - c->origin_ms) / 1000.0 * c->factor;
}

uint64_t rng_next(struct rng *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t rng_below(struct rng *r, uint32_t below)
{
    return below == 0 ? 0 : (uint32_t)(rng_next(r) >> 32) % below;
}
