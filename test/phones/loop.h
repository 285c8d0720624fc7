/* loop.h - an epoll loop with timers. One thread; callbacks may start and stop anything, their own part too. */
#ifndef PHONES_LOOP_H
#define PHONES_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/* A file descriptor under watch; the caller owns struct and descriptor. Zeroed is not watched. */
struct watch {
    void (*ready)(void *ctx, uint32_t events); /* EPOLL* bits */
    void *ctx;
    int fd;
    bool on;
};

/* A single shot; the caller owns it. Zeroed but for fire and ctx is not armed. */
struct timer {
    void (*fire)(void *ctx);
    void *ctx;
    uint64_t due;
    size_t slot; /* place in the heap + 1; 0: not armed */
};

struct loop *loop_new(void);
void loop_free(struct loop *l);
/* Monotonic milliseconds of real time, as of the start of this turn. */
uint64_t loop_now(const struct loop *l);
/* Runs until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* Watches w->fd for `events`; again with other events to change them. The program ends if the kernel refuses. */
void loop_watch(struct loop *l, struct watch *w, uint32_t events);
/* Forgets it; events of this turn not yet told are dropped. Does not close. */
void loop_unwatch(struct loop *l, struct watch *w);

/* (Re)arms the timer to fire once, `ms` of real time from now. */
void timer_set(struct loop *l, struct timer *t, uint64_t ms);
void timer_stop(struct loop *l, struct timer *t);
bool timer_armed(const struct timer *t);

#endif
