/* clock.h - the phones' own time, which runs `factor` times as fast as the real one; and their dice. */
#ifndef PHONES_CLOCK_H
#define PHONES_CLOCK_H

#include <stdint.h>

struct sim_clock {
    double factor;      /* 1: real time */
    uint64_t origin_ms; /* loop_now() when the phones' time was 0 */
};

/* Real milliseconds that `seconds` of the phones' time take. */
uint64_t clock_real_ms(const struct sim_clock *c, double seconds);
/* Seconds of the phones' time since the start. */
double clock_seconds(const struct sim_clock *c, uint64_t now_ms);

/* splitmix64: the same seed throws the same dice. */
struct rng {
    uint64_t state;
};
uint64_t rng_next(struct rng *r);
/* 0 … below-1; 0 if `below` is 0. */
uint32_t rng_below(struct rng *r, uint32_t below);

#endif
