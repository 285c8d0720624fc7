/* test_signals.c - signals, the supervisor, and the loop's turns. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <poll.h>
#include <sys/un.h>

struct hooked {
    struct port *port;
    int turns, reloads, stops, stop_at_turn;
    uint64_t next; /* what turn() returns, less now */
    uint64_t first_ms, last_ms;
};

static uint64_t on_turn(void *ctx, uint64_t now)
{
    struct hooked *h = ctx;
    if (h->turns++ == 0)
        h->first_ms = now;
    h->last_ms = now;
    assert_int_equal(now, port_now_ms(h->port));
    if (h->turns == h->stop_at_turn)
        port_stop(h->port);
    return h->next == UINT64_MAX ? UINT64_MAX : now + h->next;
}

static void on_reload(void *ctx)
{
    struct hooked *h = ctx;
    h->reloads++;
    kill(getpid(), SIGTERM);
}

static void on_stop(void *ctx)
{
    struct hooked *h = ctx;
    h->stops++;
    port_stop(h->port);
}

static void run(struct hooked *h)
{
    struct port_hooks hooks = {h, on_turn, on_reload, on_stop};
    assert_int_equal(port_run(h->port, &hooks), 0);
}

static void test_reload_and_stop(void **state)
{
    (void)state;
    struct hooked h = {.port = bench_port(), .next = UINT64_MAX};
    assert_int_equal(signals_take(h.port), 0);
    kill(getpid(), SIGHUP); /* waits until the loop runs */
    run(&h);
    assert_int_equal(h.reloads, 1);
    assert_int_equal(h.stops, 1);
    kill(getpid(), SIGINT);
    run(&h);
    assert_int_equal(h.stops, 2);
    port_linux_close(h.port);
}

static void test_signals_are_given_back(void **state)
{
    (void)state;
    sigset_t blocked;
    struct sigaction pipe_action;
    struct port *port = bench_port();
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGTERM)); /* a command that only reads files can be interrupted */
    assert_int_equal(signals_take(port), 0);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    assert_true(sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGHUP) && sigismember(&blocked, SIGINT));
    sigaction(SIGPIPE, NULL, &pipe_action);
    assert_ptr_equal(pipe_action.sa_handler, SIG_IGN);
    port_linux_close(port);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGTERM));
    sigaction(SIGPIPE, NULL, &pipe_action);
    assert_ptr_equal(pipe_action.sa_handler, SIG_DFL);
}

static void test_deadlines(void **state)
{
    (void)state;
    struct hooked due = {.port = bench_port(), .next = 0, .stop_at_turn = 3}, later = due;
    run(&due); /* always due: turns without waiting */
    assert_int_equal(due.turns, 3);
    later.next = 10;
    run(&later);
    assert_in_range(later.last_ms - later.first_ms, 20, 2000); /* never early */
    port_linux_close(due.port);
}

/* -- the supervisor --------------------------------------------------------------------------------- */

static int supervisor(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(name.sun_path, path, strlen(path));
    if (path[0] == '@')
        name.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
    setenv("NOTIFY_SOCKET", path, 1);
    return fd;
}

static void expect_state(int fd, const char *state)
{
    char text[200] = "";
    ssize_t len = recv(fd, text, sizeof text - 1, 0);
    assert_true(len > 0);
    assert_memory_equal(text, state, strlen(state));
    assert_int_equal(text[strlen(state)], '\n');
    assert_non_null(strstr(text, "MONOTONIC_USEC="));
}

static void test_supervisor_is_told(void **state)
{
    (void)state;
    char path[100], abstract[100];
    snprintf(path, sizeof path, "%s/notify", bench_card);
    snprintf(abstract, sizeof abstract, "@stagebox-test-%d", (int)getpid());
    const char *const names[] = {path, abstract};
    for (size_t i = 0; i < 2; i++) {
        int fd = supervisor(names[i]);
        struct hooked h = {.port = bench_port(), .next = UINT64_MAX};
        assert_int_equal(signals_take(h.port), 0);
        port_ready(h.port);
        expect_state(fd, "READY=1");
        kill(getpid(), SIGHUP);
        run(&h);
        expect_state(fd, "RELOADING=1");
        expect_state(fd, "READY=1");
        expect_state(fd, "STOPPING=1");
        port_linux_close(h.port);
        close(fd);
    }
    setenv("NOTIFY_SOCKET", "/nobody/is/there", 1);
    struct port *port = bench_port();
    port_ready(port); /* harms nobody */
    port_linux_close(port);
    unsetenv("NOTIFY_SOCKET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reload_and_stop),
        cmocka_unit_test(test_signals_are_given_back),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_supervisor_is_told),
    };
    return cmocka_run_group_tests(tests, bench_make_card, bench_remove);
}
