/* test_write_queue.c - writes in their order, beside whoever asked for them. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include "ports/linux/write_queue.h"

static atomic_uint told;

static void tell(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&told, 1);
}

static int open_file(int flags)
{
    char path[200];
    snprintf(path, sizeof path, "%s/queue", bench_card);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

/* The last of many at one place is what stays, and drain() waits for all. */
static void test_in_order(void **state)
{
    (void)state;
    static uint8_t block[64 << 10], found[64 << 10]; /* together more than may wait */
    atomic_int failed = 0;
    int fd = open_file(O_RDWR | O_CREAT);
    struct write_queue *q = write_queue_open(tell, NULL);
    assert_non_null(q);
    assert_true(write_queue_done(q));
    for (unsigned i = 0; i < 64; i++) {
        memset(block, (int)i, sizeof block);
        write_queue_put(q, fd, i % 2 * sizeof block, block, sizeof block, &failed, 0);
    }
    write_queue_drain(q);
    assert_true(write_queue_done(q));
    assert_int_equal(atomic_load(&told), 64);
    assert_int_equal(atomic_load(&failed), 0);
    assert_int_equal(pread(fd, found, sizeof found, sizeof found), sizeof found);
    assert_memory_equal(found, block, sizeof found);
    write_queue_close(q);
    close(fd);
}

/* One alone is waited for. */
static void test_waits_for_one(void **state)
{
    (void)state;
    atomic_int failed = 0;
    char found[4];
    int fd = open_file(O_RDWR | O_CREAT);
    struct write_queue *q = write_queue_open(tell, NULL);
    assert_true(write_queue_put(q, fd, 7, "word", 4, &failed, 10000));
    assert_int_equal(pread(fd, found, 4, 7), 4);
    assert_memory_equal(found, "word", 4);
    write_queue_close(q);
    close(fd);
}

static void test_failure_is_kept(void **state)
{
    (void)state;
    atomic_int failed = 0;
    int fd = open_file(O_RDONLY | O_CREAT);
    struct write_queue *q = write_queue_open(tell, NULL);
    write_queue_put(q, fd, 0, "word", 4, &failed, 10000);
    write_queue_close(q); /* waits */
    assert_int_equal(atomic_load(&failed), EBADF);
    close(fd);
    write_queue_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_waits_for_one),
        cmocka_unit_test(test_failure_is_kept),
    };
    return cmocka_run_group_tests(tests, bench_make_card, bench_remove);
}
