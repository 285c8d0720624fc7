/* test_confine.c - what the program can still touch: files, system calls, copies of its memory. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

static char outside[] = "/tmp/stagebox-outside-XXXXXX";

static struct port *port_without_rights(const char *read_before)
{
    char byte;
    struct port *port = bench_joined();
    if (read_before != NULL && port_read(port, read_before, 0, &byte, 1) != 1)
        _exit(100);
    if (port_drop_rights(port) != 0)
        _exit(101);
    return port;
}

static const char *in_outside(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", outside, name);
    return path;
}

static bool refused(int result, int error)
{
    return result < 0 && errno == error;
}

static int files(void)
{
    char byte;
    struct port *port = port_without_rights(in_outside("link"));
    if (!refused(open("/etc/passwd", O_RDONLY), EACCES))
        return 1;
    if (!refused(open("/tmp/stagebox-not-here", O_CREAT | O_WRONLY, 0600), EACCES))
        return 2;
    if (port_replace(port, "state/one", "1", 1) != 0 || port_read(port, "state/one", 0, &byte, 1) != 1)
        return 3;
    /* The file that a setting named is a link: its own folder counts. */
    if (port_read(port, in_outside("link"), 0, &byte, 1) != 1)
        return 4;
    if (!refused(open(in_outside("real/key"), O_WRONLY), EACCES))
        return 5;
    if (port_read(port, in_outside("other"), 0, &byte, 1) != PORT_E_ACCESS)
        return 6;
    return strstr(port_error_sentence(port), "was not read at start: start stagebox again") ? 0 : 7;
}

static void test_files(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(files), 0);
}

static int nothing_known_of_outside(void)
{
    char byte;
    struct port *port = port_without_rights(NULL);
    return port_read(port, in_outside("link"), 0, &byte, 1) == PORT_E_ACCESS ? 0 : 1;
}

static void test_files_outside_are_noted(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(nothing_known_of_outside), 0);
}

static int calls(void)
{
    char *none[] = {NULL};
    struct port *port = port_without_rights(NULL);
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return 1;
    if (!refused(execve("/bin/true", none, none), EPERM))
        return 2;
    if (!refused(fork(), EPERM))
        return 3;
    if (!refused(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM))
        return 4;
    if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED || errno != EPERM)
        return 5;
    if (!refused(socket(AF_INET6, SOCK_DGRAM, 0), EPERM) || !refused(socket(AF_PACKET, SOCK_RAW, 0), EPERM))
        return 6;
    if (!refused((int)ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM))
        return 7;
    if (socket(AF_INET, SOCK_DGRAM, 0) < 0)
        return 8;
    return port != NULL ? 0 : 9;
}

static void test_calls(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(calls), 0);
}

static void *try_in_thread(void *arg)
{
    int *found = arg;
    rights_of_thread();
    *found = refused(open(bench_card, O_RDONLY | O_DIRECTORY), EACCES) ? 0 : 1;
    return NULL;
}

static int threads(void)
{
    pthread_t thread;
    int found = 2;
    struct port *port = port_without_rights(NULL); /* a thread can be started afterwards, too */
    if (port == NULL || pthread_create(&thread, NULL, try_in_thread, &found) != 0)
        return 3;
    pthread_join(thread, NULL);
    int card = open(bench_card, O_RDONLY | O_DIRECTORY);
    return found != 0 ? found : card >= 0 ? 0 : 4;
}

static void test_threads_have_no_files(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(threads), 0);
}

static int memory(void)
{
    struct rlimit core;
    struct port_linux_options options = {.debuggable = false};
    char why[200];
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 || port_linux_open(bench_card, &options, why, sizeof why) == NULL)
        return 1;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0)
        return 2;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 3;
}

static void test_no_core_file(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(memory), 0);
}

static int make(void **state)
{
    if (mkdtemp(outside) == NULL || mkdir(in_outside("real"), 0700) != 0)
        return -1;
    bench_write(in_outside("real/key"), "key");
    bench_write(in_outside("other"), "other");
    return symlink("real/key", in_outside("link")) == 0 ? bench_make(state) : -1;
}

static int take_away(void **state)
{
    static const char *const files_made[] = {"link", "other", "real/key"};
    for (size_t i = 0; i < sizeof files_made / sizeof *files_made; i++)
        unlink(in_outside(files_made[i]));
    rmdir(in_outside("real"));
    rmdir(outside);
    return bench_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),        cmocka_unit_test(test_files_outside_are_noted),
        cmocka_unit_test(test_calls),        cmocka_unit_test(test_threads_have_no_files),
        cmocka_unit_test(test_no_core_file),
    };
    return cmocka_run_group_tests(tests, make, take_away);
}
