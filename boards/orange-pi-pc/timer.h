/* timer.h - time since the start, by the generic timer, and sleeping until something comes. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_TIMER_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* Measures how fast the generic timer counts: what CNTFRQ says is not always so. */
void timer_start(void);
uint64_t timer_us(void);
uint64_t timer_ms(void);
/* The counter as it is: its lowest bits are some noise. */
uint64_t timer_ticks(void);
uint32_t timer_hz(void);
void timer_delay_us(uint32_t us);
/* Waits for an interrupt of the EMAC, at most until timer_us() reaches `until_us`. */
void timer_sleep(uint64_t until_us);
/* True once `us` have passed since *since; for loops that wait for hardware. */
static inline bool timer_over(uint64_t since_us, uint32_t us)
{
    return timer_us() - since_us > us;
}

#endif
