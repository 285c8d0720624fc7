/* test_store.c - the journal's files. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static bool is_synced(void *ctx)
{
    return port_store_synced(ctx);
}

static struct port_store *opened(struct port *port, const char *path, uint64_t size)
{
    struct port_store *store;
    if (port_store_open(port, path, size, &store) != 0)
        fail_msg("%s", port_error_sentence(port));
    return store;
}

static void test_written_synced_and_read_again(void **state)
{
    (void)state;
    char buf[8], path[200];
    struct stat info;
    struct port *port = bench_port();
    struct port_store *store = opened(port, "state/journal.0", 200000);
    snprintf(path, sizeof path, "%s/state/journal.0", bench_card);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 200000);
    assert_true(info.st_blocks * 512 >= 200000); /* allocated whole */
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(port_store_size(store), 200000);
    assert_int_equal(port_store_read(store, 199990, buf, 8), 8);
    assert_memory_equal(buf, "\0\0\0\0\0\0\0\0", 8);
    assert_int_equal(port_store_write(store, 512, "record", 6), 0);
    port_store_sync(store);
    assert_true(bench_run(port, is_synced, store));
    port_linux_close(port); /* closes the store */
    port = bench_port();
    store = opened(port, "STATE/Journal.0", 4096); /* at least so much: it stays as it is */
    assert_int_equal(port_store_size(store), 200000);
    assert_int_equal(port_store_read(store, 512, buf, 6), 6);
    assert_memory_equal(buf, "record", 6);
    port_store_close(store);
    store = opened(port, "state/journal.0", 300000);
    assert_int_equal(port_store_size(store), 300000);
    assert_int_equal(port_store_read(store, 512, buf, 6), 6);
    assert_memory_equal(buf, "record", 6);
    port_linux_close(port);
}

static void test_bounds(void **state)
{
    (void)state;
    char buf[10];
    struct port *port = bench_port();
    struct port_store *store = opened(port, "bounds", 1000);
    assert_int_equal(port_store_write(store, 990, "0123456789", 10), 0);
    assert_int_equal(port_store_write(store, 991, "0123456789", 10), PORT_E_TOOBIG);
    assert_string_equal(port_error_sentence(port), "bounds has only 1000 bytes");
    assert_int_equal(port_store_write(store, UINT64_MAX, "0", 1), PORT_E_TOOBIG);
    assert_int_equal(port_store_read(store, 995, buf, 10), 5);
    assert_int_equal(port_store_read(store, 1000, buf, 10), 0);
    port_linux_close(port);
}

/* What was written has reached the kernel: a kill right after loses nothing. */
static int write_and_die(void)
{
    struct port *port = bench_port();
    struct port_store *store = opened(port, "kill", 4096);
    int result = port_store_write(store, 100, "answered", 8);
    kill(getpid(), SIGKILL);
    return result;
}

static void test_kill_loses_nothing(void **state)
{
    (void)state;
    char buf[8];
    assert_int_equal(bench_in_child(write_and_die), 128);
    struct port *port = bench_port();
    assert_int_equal(port_read(port, "kill", 100, buf, 8), 8);
    assert_memory_equal(buf, "answered", 8);
    port_linux_close(port);
}

static void test_no_room(void **state)
{
    (void)state;
    struct port_store *store;
    struct port *port = bench_port();
    assert_int_equal(port_store_open(port, "huge", 1ull << 60, &store), PORT_E_SYSTEM); /* EFBIG */
    assert_int_equal(port_store_open(port, "../store", 512, &store), PORT_E_ACCESS);
    port_linux_close(port);
}

/* -- a card that fails ------------------------------------------------------------------------------- */

static int forbid(long call, int error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int sync_fails(void)
{
    if (forbid(SYS_fdatasync, EIO) != 0) /* before the worker's thread starts: it inherits the filter */
        return 100;
    struct port *port = bench_port();
    struct port_store *store = opened(port, "failing", 4096);
    if (port_store_write(store, 0, "a", 1) != 0)
        return 1;
    port_store_sync(store);
    if (!bench_run(port, is_synced, store))
        return 2;
    if (port_store_write(store, 0, "b", 1) != PORT_E_IO || strstr(port_error_sentence(port), "failing") == NULL)
        return 3;
    if (port_store_write(store, 0, "b", 1) != 0) /* told once */
        return 4;
    port_linux_close(port);
    return 0;
}

static void test_failed_sync_is_told_by_the_next_write(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(sync_fails), 0);
}

static int replace_fails(void)
{
    char buf[10];
    struct port *port = bench_port();
    if (port_replace(port, "kept", "old", 3) != 0 || forbid(SYS_fsync, EIO) != 0)
        return 100;
    if (port_replace(port, "kept", "new", 3) != PORT_E_IO)
        return 1;
    if (port_read(port, "kept", 0, buf, sizeof buf) != 3 || memcmp(buf, "old", 3) != 0)
        return 2;
    port_linux_close(port);
    return 0;
}

static void test_failed_replacement_keeps_the_old(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(replace_fails), 0);
}

/* -- a slow card ---------------------------------------------------------------------------------------- */

static bool many_turns(void *ctx)
{
    return --*(int *)ctx <= 0;
}

/* Many syncs and turns at once: neither waits for the other, and a turn follows each sync's end. */
static void test_syncs_beside_the_loop(void **state)
{
    (void)state;
    struct port *port = bench_port();
    struct port_store *a = opened(port, "a", 65536), *b = opened(port, "b", 65536);
    for (int i = 0; i < 20; i++) {
        int turns = 5;
        assert_int_equal(port_store_write(a, (uint64_t)i * 512, "a", 1), 0);
        port_store_sync(a);
        assert_int_equal(port_store_write(b, (uint64_t)i * 512, "b", 1), 0);
        port_store_sync(b);
        assert_true(bench_run(port, many_turns, &turns));
    }
    assert_true(bench_run(port, is_synced, a));
    assert_true(bench_run(port, is_synced, b));
    port_store_sync(a);
    port_store_close(a); /* waits for its sync */
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_synced_and_read_again),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_kill_loses_nothing),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_failed_sync_is_told_by_the_next_write),
        cmocka_unit_test(test_failed_replacement_keeps_the_old),
        cmocka_unit_test(test_syncs_beside_the_loop),
    };
    return cmocka_run_group_tests(tests, bench_make_card, bench_remove);
}
