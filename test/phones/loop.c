#include "loop.h"

#include "mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256 };

struct loop {
    int fd;
    bool stopped;
    uint64_t now;
    struct timer **heap; /* heap[0] is due first */
    size_t heap_len, heap_cap;
    struct epoll_event batch[BATCH];
    int batch_len, batch_at;
};

static uint64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

struct loop *loop_new(void)
{
    struct loop *l = mem_new(1, sizeof *l);
    l->fd = epoll_create1(EPOLL_CLOEXEC);
    if (l->fd < 0) {
        perror("phones: epoll");
        exit(2);
    }
    l->now = monotonic_ms();
    return l;
}

void loop_free(struct loop *l)
{
    close(l->fd);
    free(l->heap);
    free(l);
}

uint64_t loop_now(const struct loop *l)
{
    return l->now;
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
}

void loop_watch(struct loop *l, struct watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = w};
    if (epoll_ctl(l->fd, w->on ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &e) != 0) {
        perror("phones: epoll_ctl");
        exit(2);
    }
    w->on = true;
}

void loop_unwatch(struct loop *l, struct watch *w)
{
    if (!w->on)
        return;
    epoll_ctl(l->fd, EPOLL_CTL_DEL, w->fd, NULL);
    w->on = false;
    for (int i = l->batch_at; i < l->batch_len; i++)
        if (l->batch[i].data.ptr == w)
            l->batch[i].data.ptr = NULL;
}

static void place(struct loop *l, struct timer *t, size_t at)
{
    l->heap[at] = t;
    t->slot = at + 1;
}

static void sift_up(struct loop *l, struct timer *t, size_t at)
{
    while (at > 0 && l->heap[(at - 1) / 2]->due > t->due) {
        place(l, l->heap[(at - 1) / 2], at);
        at = (at - 1) / 2;
    }
    place(l, t, at);
}

static void sift_down(struct loop *l, struct timer *t, size_t at)
{
    for (;;) {
        size_t child = at * 2 + 1;
        if (child + 1 < l->heap_len && l->heap[child + 1]->due < l->heap[child]->due)
            child++;
        if (child >= l->heap_len || l->heap[child]->due >= t->due)
            break;
        place(l, l->heap[child], at);
        at = child;
    }
    place(l, t, at);
}

void timer_stop(struct loop *l, struct timer *t)
{
    if (t->slot == 0)
        return;
    size_t at = t->slot - 1;
    struct timer *last = l->heap[--l->heap_len];
    t->slot = 0;
    if (last == t)
        return;
    if (at > 0 && l->heap[(at - 1) / 2]->due > last->due)
        sift_up(l, last, at);
    else
        sift_down(l, last, at);
}

void timer_set(struct loop *l, struct timer *t, uint64_t ms)
{
    timer_stop(l, t);
    t->due = l->now + ms;
    if (l->heap_len == l->heap_cap) {
        l->heap_cap = l->heap_cap ? l->heap_cap * 2 : 64;
        l->heap = mem_grow(l->heap, l->heap_cap * sizeof(struct timer *));
    }
    sift_up(l, t, l->heap_len++);
}

bool timer_armed(const struct timer *t)
{
    return t->slot != 0;
}

static int wait_ms(const struct loop *l)
{
    if (l->heap_len == 0)
        return -1;
    uint64_t due = l->heap[0]->due;
    if (due <= l->now)
        return 0;
    return due - l->now > 60000 ? 60000 : (int)(due - l->now);
}

static void fire_due(struct loop *l)
{
    while (!l->stopped && l->heap_len > 0 && l->heap[0]->due <= l->now) {
        struct timer *t = l->heap[0];
        timer_stop(l, t);
        t->fire(t->ctx);
    }
}

void loop_run(struct loop *l)
{
    l->stopped = false;
    while (!l->stopped) {
        l->batch_len = epoll_wait(l->fd, l->batch, BATCH, wait_ms(l));
        if (l->batch_len < 0 && errno != EINTR) {
            perror("phones: epoll_wait");
            exit(2);
        }
        l->now = monotonic_ms();
        for (l->batch_at = 0; l->batch_at < l->batch_len && !l->stopped;) {
            struct epoll_event *e = &l->batch[l->batch_at++];
            struct watch *w = e->data.ptr;
            if (w != NULL)
                w->ready(w->ctx, e->events);
        }
        l->batch_len = l->batch_at = 0;
        fire_due(l);
    }
}
