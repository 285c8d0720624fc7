/* test_log.c - what stands on stderr. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <sys/types.h>

/* stderr goes to a pipe while a test runs. */
struct catcher {
    int pipe[2], before;
};

static void start(struct catcher *c)
{
    assert_int_equal(pipe2(c->pipe, O_CLOEXEC), 0);
    fcntl(c->pipe[0], F_SETFL, O_NONBLOCK);
    c->before = dup(STDERR_FILENO);
    dup2(c->pipe[1], STDERR_FILENO);
}

static void stop(struct catcher *c)
{
    dup2(c->before, STDERR_FILENO);
    close(c->before);
    close(c->pipe[0]);
    close(c->pipe[1]);
}

static void expect(struct catcher *c, const char *text)
{
    char got[4096] = "";
    ssize_t len = read(c->pipe[0], got, sizeof got - 1);
    assert_true(len >= 0 || errno == EAGAIN);
    assert_string_equal(got, text);
}

static const struct {
    const char *why, *line, *out;
    enum port_level level;
} lines[] = {
    {"info has no prefix", "ready", "ready\n", PORT_INFO},
    {"a warning", "careful", "warning: careful\n", PORT_WARNING},
    {"an error", "wrong", "error: wrong\n", PORT_ERROR},
    {"debug is left out", "detail", "", PORT_DEBUG},
    {"one line stays one", "a\nb\rc", "a\\x0ab\\x0dc\n", PORT_INFO},
    {"no escapes for the terminal", "\033[2J\177", "\\x1b[2J\\x7f\n", PORT_INFO},
    {"nor such in UTF-8", "\302\2332J", "\\xc2\\x9b2J\n", PORT_INFO},
    {"nor in Latin-1", "\2332J \374", "\\x9b2J \\xfc\n", PORT_INFO},
    {"a character that is cut", "x\342\200", "x\\xe2\\x80\n", PORT_INFO},
    {"other letters stay", "B\303\274ro \342\200\224 \302\260", "B\303\274ro \342\200\224 \302\260\n", PORT_INFO},
};

static void test_lines(void **state)
{
    (void)state;
    struct port *port = bench_port();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct catcher c;
        start(&c);
        port_log(port, lines[i].level, lines[i].line);
        expect(&c, lines[i].out);
        stop(&c);
    }
    port_linux_close(port);
}

static void test_long_line_is_cut(void **state)
{
    (void)state;
    char line[5000], got[5000] = "";
    struct catcher c;
    struct port *port = bench_port();
    memset(line, '\n', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    start(&c);
    port_log(port, PORT_INFO, line);
    ssize_t len = read(c.pipe[0], got, sizeof got - 1);
    stop(&c);
    assert_in_range(len, 1000, 2100);
    assert_int_equal(got[len - 1], '\n');
    assert_ptr_equal(strchr(got, '\n'), got + len - 1);
    port_linux_close(port);
}

static void test_verbose(void **state)
{
    (void)state;
    struct catcher c;
    struct port_linux_options options = {.verbose = true};
    struct port *port = port_linux_open(bench_card, &options, NULL, 0);
    start(&c);
    port_log(port, PORT_DEBUG, "detail");
    expect(&c, "debug: detail\n");
    stop(&c);
    port_linux_close(port);
}

static void test_time_stamps(void **state)
{
    (void)state;
    char got[100] = "";
    int year, month, day, hour, minute, second, used = 0;
    struct catcher c;
    struct port_linux_options options = {.time_stamps = true};
    struct port *port = port_linux_open(bench_card, &options, NULL, 0);
    start(&c);
    port_log(port, PORT_WARNING, "careful");
    assert_true(read(c.pipe[0], got, sizeof got - 1) > 0);
    stop(&c);
    assert_int_equal(sscanf(got, "%d-%d-%dT%d:%d:%d%*5c warning: careful\n%n", &year, &month, &day, &hour, &minute,
                            &second, &used),
                     6);
    assert_int_equal(used, strlen(got));
    port_linux_close(port);
}

/* Under systemd, and only where stderr is what JOURNAL_STREAM names, lines begin with their level. */
static void test_journal(void **state)
{
    (void)state;
    char name[80];
    struct stat info;
    struct catcher c;
    start(&c);
    fstat(STDERR_FILENO, &info);
    snprintf(name, sizeof name, "%llu:%llu", (unsigned long long)info.st_dev, (unsigned long long)info.st_ino);
    setenv("JOURNAL_STREAM", name, 1);
    struct port *port = bench_port();
    port_log(port, PORT_WARNING, "careful");
    expect(&c, "<4>careful\n");
    port_log(port, PORT_INFO, "ready");
    expect(&c, "<6>ready\n");
    port_linux_close(port);
    setenv("JOURNAL_STREAM", "8:1", 1); /* inherited from a parent that had another stderr */
    port = bench_port();
    port_log(port, PORT_WARNING, "careful");
    expect(&c, "warning: careful\n");
    port_linux_close(port);
    unsetenv("JOURNAL_STREAM");
    stop(&c);
}

/* A reader that stops reading does not stop the box. */
static void test_slow_reader(void **state)
{
    (void)state;
    char waste[8192];
    struct catcher c;
    struct port *port = bench_port();
    start(&c);
    for (int i = 0; i < 10000; i++)
        port_log(port, PORT_INFO, "a line that nobody reads");
    uint64_t lost = port->log.lost;
    assert_true(lost > 0 && lost < 10000);
    while (read(c.pipe[0], waste, sizeof waste) > 0)
        continue;
    port_log(port, PORT_INFO, "again");
    snprintf(waste, sizeof waste, "warning: %llu lines of the log were lost: its reader was too slow\nagain\n",
             (unsigned long long)lost);
    expect(&c, waste);
    port_log(port, PORT_INFO, "told once");
    expect(&c, "told once\n");
    stop(&c);
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_long_line_is_cut),
        cmocka_unit_test(test_verbose), cmocka_unit_test(test_time_stamps),
        cmocka_unit_test(test_journal), cmocka_unit_test(test_slow_reader),
    };
    return cmocka_run_group_tests(tests, bench_make_card, bench_remove);
}
