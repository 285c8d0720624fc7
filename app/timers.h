/* timers.h - every deadline of the appliance in one heap.
 *
 * The nodes lie inside the things they belong to; nothing is allocated and there is no limit on
 * their number. timer_set() and timer_clear() take O(log n) steps, the next deadline is at hand.
 * Of equal deadlines the one set first fires first. Times are port_now_ms() milliseconds.
 */
#ifndef STAGEBOX_APP_TIMERS_H
#define STAGEBOX_APP_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

struct timer;
/* Called by timers_run() with the timer already cleared: it may be set again, or its owner freed. */
typedef void timer_fn(void *ctx, struct timer *timer, uint64_t now_ms);

struct timer {
    timer_fn *fire;
    void *ctx;
    /* The heap's own. */
    struct timer *parent, *left, *right;
    uint64_t at_ms;
    uint64_t order;
    bool set;
};

struct timers {
    struct timer *root;
    size_t count;
    uint64_t order;    /* of the next timer_set() */
    uint64_t floor_ms; /* while timers_run() is at work: nothing is set before those that are due */
};

void timers_init(struct timers *timers);
/* Prepares a node, once. A set timer must be cleared before its memory is used for anything else. */
void timer_init(struct timer *timer, timer_fn *fire, void *ctx);
/* Lets the timer fire at `at_ms`, whether or not it was set before; TIMER_NEVER clears it. */
void timer_set(struct timers *timers, struct timer *timer, uint64_t at_ms);
/* Lets the timer fire at `at_ms` at the latest: one that is set for an earlier time stays, so that what is put off with
 * everything that happens costs nothing. Whoever it belongs to looks whether it is due, and sets it again. */
void timer_set_latest(struct timers *timers, struct timer *timer, uint64_t at_ms);
/* Takes the timer out; nothing happens where it is not set. */
void timer_clear(struct timers *timers, struct timer *timer);
bool timer_is_set(const struct timer *timer);
/* When it fires, TIMER_NEVER where it is not set. */
uint64_t timer_at(const struct timer *timer);
/* The earliest deadline, TIMER_NEVER where there is none. */
uint64_t timers_next(const struct timers *timers);
/* Fires every timer that is due at `now_ms`, earliest first, and returns how many. Those that are
 * set during the call wait for the next one, even if they are due: the loop always gets on. */
size_t timers_run(struct timers *timers, uint64_t now_ms);

#endif
