/* test_clock.c - time and entropy. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <time.h>

#define YEAR_2100_MS 4102444800000

static void test_monotonic(void **state)
{
    (void)state;
    struct port *port = bench_port();
    uint64_t before = port_now_ms(port);
    assert_true(before > 0);
    assert_true(port_now_ms(port) >= before);
    port_linux_close(port);
}

static void test_wall(void **state)
{
    (void)state;
    int64_t ms = 0;
    struct port *port = bench_port();
    bool set = port_wall_ms(port, &ms);
    port_linux_close(port);
    if (!set)
        skip(); /* this machine's own clock is not set */
    assert_in_range(ms / 1000, time(NULL) - 1, time(NULL) + 1);
}

/* Without the right to set the system's clock, the box keeps its own; and a time that cannot be is refused. */
static int set_own(void)
{
    int64_t ms = 0, system = (int64_t)time(NULL) * 1000;
    struct port *port = bench_port();
    rights_drop(false, false);
    if (port_set_wall_ms(port, 1000000000000) != PORT_E_SYSTEM) /* 2001 */
        return 1;
    if (port_set_wall_ms(port, YEAR_2100_MS) != 0)
        return 2;
    if (!port_wall_ms(port, &ms) || ms < YEAR_2100_MS || ms > YEAR_2100_MS + 5000)
        return 3;
    if ((int64_t)time(NULL) * 1000 > system + 60000)
        return 4;                           /* the system's clock has changed */
    port->clock.system_when_set -= 3600000; /* as if somebody had set the system's clock since */
    bool set = port_wall_ms(port, &ms);
    if (set && ms >= YEAR_2100_MS)
        return 5;
    port_linux_close(port);
    return 0;
}

static void test_set_without_the_right(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(set_own), 0);
}

static void test_random(void **state)
{
    (void)state;
    uint8_t a[300] = {0}, b[300] = {0};
    unsigned zeros = 0;
    struct port *port = bench_port();
    assert_int_equal(port_random(port, a, sizeof a), 0);
    assert_int_equal(port_random(port, b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
    for (size_t i = 0; i < sizeof a; i++)
        zeros += a[i] == 0;
    assert_in_range(zeros, 0, 20); /* filled to its end */
    port_linux_close(port);
}

/* Deadlines in every order, one after the other. */
static const unsigned ahead_ms[] = {30, 60, 10, 45, 5, 5, 80};
struct deadlines {
    struct port *port;
    uint64_t due;
    size_t met;
};

static uint64_t next_deadline(void *ctx, uint64_t now)
{
    struct deadlines *d = ctx;
    if (now < d->due)
        return d->due; /* a turn before the time is allowed */
    assert_in_range(now - d->due, 0, 1000);
    if (d->met == sizeof ahead_ms / sizeof *ahead_ms) {
        port_stop(d->port);
        return UINT64_MAX;
    }
    d->due = now + ahead_ms[d->met++];
    return d->due;
}

static void test_deadlines(void **state)
{
    (void)state;
    struct port *port = bench_port();
    struct deadlines d = {port, port_now_ms(port), 0};
    struct port_hooks hooks = {&d, next_deadline, bench_no_hook, bench_no_hook};
    alarm(20); /* a loop that sleeps for ever fails, too */
    assert_int_equal(port_run(port, &hooks), 0);
    alarm(0);
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_monotonic),
        cmocka_unit_test(test_wall),
        cmocka_unit_test(test_set_without_the_right),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_deadlines),
    };
    return cmocka_run_group_tests(tests, bench_make_card, bench_remove);
}
