/* A binary heap whose nodes are linked instead of lying in an array. The tree is complete: the bits of
 * a node's number (root 1, children 2n and 2n+1), from the second highest down, are the way to it. */
#include "app/timers.h"

void timers_init(struct timers *timers)
{
    *timers = (struct timers){0};
}

void timer_init(struct timer *timer, timer_fn *fire, void *ctx)
{
    *timer = (struct timer){.fire = fire, .ctx = ctx};
}

bool timer_is_set(const struct timer *timer)
{
    return timer->set;
}

uint64_t timer_at(const struct timer *timer)
{
    return timer->set ? timer->at_ms : TIMER_NEVER;
}

uint64_t timers_next(const struct timers *timers)
{
    return timers->root ? timers->root->at_ms : TIMER_NEVER;
}

static bool before(const struct timer *a, const struct timer *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

/* The link that leads to node `number`, and the node that holds the link. */
static struct timer **link_of(struct timers *timers, size_t number, struct timer **parent)
{
    size_t bit = 1;
    while (bit <= number / 2)
        bit *= 2;
    struct timer **link = &timers->root;
    *parent = NULL;
    while (bit /= 2) {
        *parent = *link;
        link = number & bit ? &(*link)->right : &(*link)->left;
    }
    return link;
}

static struct timer **link_to(struct timers *timers, const struct timer *t)
{
    if (!t->parent)
        return &timers->root;
    return t->parent->left == t ? &t->parent->left : &t->parent->right;
}

static void adopt(struct timer *t)
{
    if (t->left)
        t->left->parent = t;
    if (t->right)
        t->right->parent = t;
}

/* Lets `child` change places with its parent. */
static void swap_up(struct timers *timers, struct timer *child)
{
    struct timer *parent = child->parent;
    struct timer old = *child;
    *link_to(timers, parent) = child;
    child->parent = parent->parent;
    if (parent->left == child) {
        child->left = parent;
        child->right = parent->right;
    } else {
        child->left = parent->left;
        child->right = parent;
    }
    parent->left = old.left;
    parent->right = old.right;
    adopt(child);
    adopt(parent);
}

static void sift(struct timers *timers, struct timer *t)
{
    while (t->parent && before(t, t->parent))
        swap_up(timers, t);
    for (;;) {
        struct timer *least = t->left;
        if (t->right && before(t->right, least))
            least = t->right;
        if (!least || !before(least, t))
            return;
        swap_up(timers, least);
    }
}

void timer_clear(struct timers *timers, struct timer *timer)
{
    if (!timer->set)
        return;
    struct timer *parent;
    struct timer **link = link_of(timers, timers->count, &parent);
    struct timer *last = *link;
    *link = NULL;
    timers->count--;
    timer->set = false;
    if (last != timer) {
        last->parent = timer->parent;
        last->left = timer->left;
        last->right = timer->right;
        *link_to(timers, timer) = last;
        adopt(last);
        sift(timers, last);
    }
    timer->parent = timer->left = timer->right = NULL;
}

void timer_set(struct timers *timers, struct timer *timer, uint64_t at_ms)
{
    timer_clear(timers, timer);
    if (at_ms == TIMER_NEVER)
        return;
    timer->at_ms = at_ms > timers->floor_ms ? at_ms : timers->floor_ms;
    timer->order = timers->order++;
    timer->set = true;
    timer->left = timer->right = NULL;
    timers->count++;
    struct timer **link = link_of(timers, timers->count, &timer->parent);
    *link = timer;
    sift(timers, timer);
}

void timer_set_latest(struct timers *timers, struct timer *timer, uint64_t at_ms)
{
    if (at_ms < timer_at(timer))
        timer_set(timers, timer, at_ms);
}

size_t timers_run(struct timers *timers, uint64_t now_ms)
{
    uint64_t end = timers->order;
    size_t fired = 0;
    timers->floor_ms = now_ms;
    while (timers->root && timers->root->at_ms <= now_ms && timers->root->order < end) {
        struct timer *t = timers->root;
        timer_clear(timers, t);
        fired++;
        t->fire(t->ctx, t, now_ms);
    }
    timers->floor_ms = 0;
    return fired;
}
