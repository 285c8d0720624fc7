/* A box without a shell: with errors in the settings it shows them, serves its dashboard, and gives no phone anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "app/appliance.h"
#include "test/unit/fake_port/fake_port.h"

#define PHONE UINT32_C(0xc0a80a32) /* 192.168.10.50 */

static const char *ask(struct port *port, const char *path, const char *agent)
{
    char request[300];
    size_t len;
    static uint16_t number = 40000;
    struct fake_tcp *tcp = fake_tcp_open(port, 80, PHONE, number++);
    strcpy(request, "GET ");
    strcat(strcat(strcat(strcat(strcat(request, path), " HTTP/1.0\r\nUser-Agent: "), agent), "\r\n"), "\r\n");
    fake_tcp_send_text(tcp, request);
    for (int i = 0; i < 4; i++)
        fake_turn(port);
    return fake_tcp_take_text(tcp, &len);
}

static void look(struct port *port, void *ctx)
{
    (void)ctx;
    assert_non_null(strstr(ask(port, "/healthz", "curl"), " 200 "));
    const char *summary = ask(port, "/api/v1/summary", "curl");
    assert_non_null(strstr(summary, "The card has errors"));
    assert_non_null(strstr(summary, "stagebox.ini:4: error: "));
    static const char *const paths[] = {"/58bfea1104e6.xml", "/spa504G.cfg", "/spa.bin", "/anything"};
    for (unsigned i = 0; i < 4; i++)
        assert_non_null(strstr(ask(port, paths[i], "Cisco/SPA504G-7.5.5 (58BFEA1104E6)(CCQ1)"), " 503 "));
}

static int run(bool no_shell, void (*script)(struct port *port, void *ctx))
{
    struct port *port = fake_port_new();
    struct problems problems = {0};
    fake_file_text(port, "stagebox.ini",
                   "[box]\ninterface = eth0\naddress = 192.168.10.10/24\nadress = 1\n[dhcp]\nrogue = ignore\n");
    fake_script(port, script, NULL);
    struct appliance_options options = {
        .port = port, .file = "stagebox.ini", .problems = &problems, .no_shell = no_shell};
    int status = appliance_run(&options);
    assert_int_equal(problems.errors, 1);
    fake_port_free(port);
    return status;
}

static void test_errors(void **state)
{
    (void)state;
    assert_int_equal(run(true, look), 0);
}

static void never(struct port *port, void *ctx)
{
    (void)port;
    (void)ctx;
    fail_msg("it runs");
}

static void test_with_a_shell(void **state)
{
    (void)state;
    assert_int_equal(run(false, never), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_errors), cmocka_unit_test(test_with_a_shell)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
