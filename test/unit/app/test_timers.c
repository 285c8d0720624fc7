#include "app/timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MANY 300

struct fired {
    struct timers timers;
    struct timer timer[MANY];
    int order[MANY * 4];
    int count;
    uint64_t again_ms; /* a fired timer is set to this; TIMER_NEVER: not */
};

static void fire(void *ctx, struct timer *timer, uint64_t now_ms)
{
    struct fired *f = ctx;
    (void)now_ms;
    assert_false(timer_is_set(timer));
    f->order[f->count++] = (int)(timer - f->timer);
    timer_set(&f->timers, timer, f->again_ms);
}

static void init(struct fired *f)
{
    timers_init(&f->timers);
    for (int i = 0; i < MANY; i++)
        timer_init(&f->timer[i], fire, f);
    f->count = 0;
    f->again_ms = TIMER_NEVER;
}

static void earliest_first_and_equal_ones_in_order(void **state)
{
    (void)state;
    static struct fired f;
    init(&f);
    assert_true(timers_next(&f.timers) == TIMER_NEVER);
    timer_set(&f.timers, &f.timer[0], 30);
    timer_set(&f.timers, &f.timer[1], 10);
    timer_set(&f.timers, &f.timer[2], 20);
    timer_set(&f.timers, &f.timer[3], 10);
    timer_set(&f.timers, &f.timer[4], 31);
    assert_int_equal(timers_next(&f.timers), 10);
    assert_int_equal(timers_run(&f.timers, 9), 0);
    assert_int_equal(timers_run(&f.timers, 30), 4);
    assert_int_equal(timers_next(&f.timers), 31);
    const int expected[] = {1, 3, 2, 0};
    assert_memory_equal(f.order, expected, sizeof expected);
    assert_true(timer_at(&f.timer[0]) == TIMER_NEVER);
    assert_int_equal(timer_at(&f.timer[4]), 31);
}

static void setting_again_moves_and_never_clears(void **state)
{
    (void)state;
    static struct fired f;
    init(&f);
    timer_set(&f.timers, &f.timer[0], 10);
    timer_set(&f.timers, &f.timer[0], 50);
    assert_int_equal(f.timers.count, 1);
    assert_int_equal(timers_next(&f.timers), 50);
    timer_set(&f.timers, &f.timer[0], TIMER_NEVER);
    assert_int_equal(f.timers.count, 0);
    timer_clear(&f.timers, &f.timer[0]);
    assert_int_equal(timers_run(&f.timers, 100), 0);
}

static void a_timer_set_while_running_waits_and_starves_nobody(void **state)
{
    (void)state;
    static struct fired f;
    init(&f);
    for (int i = 0; i < 5; i++)
        timer_set(&f.timers, &f.timer[i], 10);
    f.again_ms = 0; /* long past */
    assert_int_equal(timers_run(&f.timers, 10), 5);
    assert_int_equal(f.timers.count, 5);
    assert_int_equal(timers_run(&f.timers, 10), 5);
    f.again_ms = TIMER_NEVER;
    assert_int_equal(timers_run(&f.timers, 10), 5);
    assert_int_equal(f.timers.count, 0);
}

static void clear_another(void *ctx, struct timer *timer, uint64_t now_ms)
{
    struct fired *f = ctx;
    (void)now_ms;
    f->count++;
    for (int i = 0; i < 3; i++) {
        if (&f->timer[i] != timer)
            timer_clear(&f->timers, &f->timer[i]);
    }
}

static void a_due_timer_may_be_cleared_by_another(void **state)
{
    (void)state;
    static struct fired f;
    init(&f);
    for (int i = 0; i < 3; i++) {
        timer_init(&f.timer[i], clear_another, &f);
        timer_set(&f.timers, &f.timer[i], 5);
    }
    assert_int_equal(timers_run(&f.timers, 5), 1);
    assert_int_equal(f.count, 1);
}

static size_t check(const struct timer *t, const struct timer *parent)
{
    if (!t)
        return 0;
    assert_ptr_equal(t->parent, parent);
    if (parent)
        assert_true(parent->at_ms < t->at_ms || (parent->at_ms == t->at_ms && parent->order < t->order));
    return 1 + check(t->left, t) + check(t->right, t);
}

static void the_latest_only_moves_forward(void **state)
{
    (void)state;
    static struct fired f;
    init(&f);
    timer_set_latest(&f.timers, &f.timer[0], 50);
    timer_set_latest(&f.timers, &f.timer[0], 80);
    timer_set_latest(&f.timers, &f.timer[0], TIMER_NEVER);
    assert_true(timer_at(&f.timer[0]) == 50);
    timer_set_latest(&f.timers, &f.timer[0], 20);
    assert_true(timer_at(&f.timer[0]) == 20);
}

/* Thousands of random changes against a plain array; the heap is whole after each. */
static void against_a_plain_list(void **state)
{
    (void)state;
    static struct fired f;
    uint64_t at[MANY];
    init(&f);
    for (int i = 0; i < MANY; i++)
        at[i] = TIMER_NEVER;
    srand(1);
    for (int round = 0; round < 20000; round++) {
        int i = rand() % MANY;
        uint64_t when = rand() % 3 == 0 ? TIMER_NEVER : (uint64_t)(rand() % 500);
        timer_set(&f.timers, &f.timer[i], when);
        at[i] = when;
        if (round % 16 == 0) {
            uint64_t least = TIMER_NEVER;
            size_t count = 0;
            for (int k = 0; k < MANY; k++) {
                least = at[k] < least ? at[k] : least;
                count += at[k] != TIMER_NEVER;
            }
            assert_true(timers_next(&f.timers) == least);
            assert_int_equal(check(f.timers.root, NULL), count);
            assert_int_equal(f.timers.count, count);
        }
    }
    size_t count = f.timers.count;
    assert_int_equal(timers_run(&f.timers, 1000), count);
    for (int i = 1; i < f.count; i++)
        assert_true(at[f.order[i - 1]] <= at[f.order[i]]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(earliest_first_and_equal_ones_in_order),
        cmocka_unit_test(setting_again_moves_and_never_clears),
        cmocka_unit_test(a_timer_set_while_running_waits_and_starves_nobody),
        cmocka_unit_test(a_due_timer_may_be_cleared_by_another),
        cmocka_unit_test(the_latest_only_moves_forward),
        cmocka_unit_test(against_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
