/* test_work.c - what takes long is done beside the loop: port_work(). */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <stdatomic.h>
#include <time.h>

/* Lasts until the loop has come round a few times, or five seconds. */
struct piece {
    struct port_work work;
    atomic_uint *turns;
    bool beside, done;
};

static bool run(struct port_work *work)
{
    struct piece *piece = (struct piece *)(void *)work;
    unsigned begun = atomic_load(piece->turns);
    for (int i = 0; i < 5000 && !piece->beside; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        piece->beside = atomic_load(piece->turns) >= begun + 3;
    }
    return false;
}

static void done(struct port_work *work)
{
    ((struct piece *)(void *)work)->done = true;
}

struct bench {
    atomic_uint turns;
    struct piece piece;
};

static bool is_done(void *ctx)
{
    struct bench *b = ctx;
    atomic_fetch_add(&b->turns, 1);
    return b->piece.done;
}

static void test_the_loop_goes_on_meanwhile(void **state)
{
    (void)state;
    static struct bench b;
    struct port *port = bench_port();
    assert_non_null(port_rsa(port)); /* with an engine for RSA there are threads */
    b.piece = (struct piece){.work = {.run = run, .done = done}, .turns = &b.turns};
    assert_int_equal(port_work(port, &b.piece.work), 0);
    assert_true(bench_run(port, is_done, &b));
    assert_true(b.piece.beside);
    port_linux_close(port);
}

/* What has begun is waited for, nothing is told any more, and the port closes. */
static void test_stopped_in_the_middle(void **state)
{
    (void)state;
    static struct bench b;
    struct port *port = bench_port();
    b.piece = (struct piece){.work = {.run = run, .done = done}, .turns = &b.turns};
    atomic_store(&b.turns, 0);
    assert_int_equal(port_work(port, &b.piece.work), 0);
    atomic_store(&b.turns, 1000);
    port_work_stop(port);
    assert_false(b.piece.done);
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loop_goes_on_meanwhile),
        cmocka_unit_test(test_stopped_in_the_middle),
    };
    return cmocka_run_group_tests(tests, bench_make_card, bench_remove);
}
