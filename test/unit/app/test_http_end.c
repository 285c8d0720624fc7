/* How connections of phones end: the end goes out with the last answer, but to who has ended before; a connection that
 * goes on has no end, and no second answer before the first has arrived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/appliance.h"
#include "test/unit/fake_port/fake_port.h"

#define PHONE UINT32_C(0xc0a80a32)
#define HEAD(version) "GET /spa504G.cfg HTTP/" version "\r\nHost: box\r\nUser-Agent: Cisco/SPA504G-7.5.5 (58BFEA110401)(CCQ101)\r\n"

static void settle(struct port *port)
{
    for (int i = 0; i < 4; i++)
        fake_turn(port);
}

static struct fake_tcp *ask(struct port *port, const char *request)
{
    struct fake_tcp *tcp = fake_tcp_open(port, 80, PHONE, 40000);
    fake_tcp_hold_acks(tcp, true);
    fake_tcp_send_text(tcp, request);
    settle(port);
    return tcp;
}

static bool is_answer(struct fake_tcp *tcp)
{
    size_t len;
    const char *text = fake_tcp_take_text(tcp, &len);
    return strncmp(text, "HTTP/1.1 200 ", 13) == 0;
}

static void ends_with_its_last_answer(struct port *port, const char *request)
{
    struct fake_tcp *tcp = ask(port, request);
    assert_int_equal(fake_tcp_state(tcp), FAKE_TCP_SHUTDOWN);
    assert_true(is_answer(tcp));
    fake_tcp_hold_acks(tcp, false);
    fake_run_until(port, port_now_ms(port) + 200);
    assert_int_equal(fake_tcp_state(tcp), FAKE_TCP_SHUTDOWN); /* it waits for the peer's end */
    fake_tcp_fin(tcp);
    settle(port);
    assert_int_equal(fake_tcp_state(tcp), FAKE_TCP_CLOSED);
}

/* With both ends closed nobody would be told of what arrives. */
static void who_ended_before_is_followed(struct port *port)
{
    struct fake_tcp *tcp = ask(port, HEAD("1.1") "Connection: close\r\n");
    fake_tcp_send_text(tcp, "\r\n");
    fake_tcp_fin(tcp);
    settle(port);
    assert_true(is_answer(tcp));
    assert_int_equal(fake_tcp_state(tcp), FAKE_TCP_OPEN);
    fake_tcp_hold_acks(tcp, false);
    fake_run_until(port, port_now_ms(port) + 200);
    assert_int_equal(fake_tcp_state(tcp), FAKE_TCP_CLOSED);
}

static void goes_on(struct port *port)
{
    struct fake_tcp *tcp = ask(port, HEAD("1.1") "\r\n");
    assert_int_equal(fake_tcp_state(tcp), FAKE_TCP_OPEN);
    assert_true(is_answer(tcp));
    fake_tcp_send_text(tcp, HEAD("1.1") "\r\n");
    settle(port);
    assert_int_equal(fake_tcp_pending(tcp), 0);
    fake_tcp_hold_acks(tcp, false);
    fake_run_until(port, port_now_ms(port) + 200);
    settle(port);
    assert_true(is_answer(tcp));
    assert_int_equal(fake_tcp_state(tcp), FAKE_TCP_OPEN);
}

static void script(struct port *port, void *ctx)
{
    (void)ctx;
    ends_with_its_last_answer(port, HEAD("1.1") "Connection: close\r\n\r\n");
    ends_with_its_last_answer(port, HEAD("1.0") "\r\n");
    who_ended_before_is_followed(port);
    goes_on(port);
}

static void test_ends(void **state)
{
    (void)state;
    struct port *port = fake_port_new();
    struct problems problems = {0};
    fake_file_text(port, "stagebox.ini", "[box]\ninterface = eth0\naddress = 192.168.10.10/24\n[dhcp]\nenabled = no\n");
    fake_script(port, script, NULL);
    struct appliance_options options = {.port = port, .file = "stagebox.ini", .problems = &problems};
    assert_int_equal(appliance_run(&options), 0);
    fake_port_free(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
