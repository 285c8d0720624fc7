/* Dashboards are told in slices, one in each turn: however many look, a phone waits for one slice at most, and everybody is
 * told all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/appliance.h"
#include "test/unit/fake_port/fake_port.h"

#define OPERATOR UINT32_C(0xc0a80a02)
#define PHONE UINT32_C(0xc0a80a32)
#define SLICE 8192 /* the output buffer of a connection */

enum { LOOKERS = 3, PHONES = 60, TURNS = 200 };

static void settle(struct port *port)
{
    for (int i = 0; i < 4; i++)
        fake_turn(port);
}

static struct fake_tcp *ask(struct port *port, unsigned number)
{
    char text[160];
    struct fake_tcp *tcp = fake_tcp_open(port, 80, PHONE + number, 40000);
    snprintf(text, sizeof text, "GET /spa504G.cfg HTTP/1.0\r\nUser-Agent: Cisco/SPA504G-7.5.5 (58BFEA1104%02X)(CCQ1%02X)\r\n\r\n",
             number, number);
    fake_tcp_send_text(tcp, text);
    return tcp;
}

static size_t waiting(struct fake_tcp *const tcp[LOOKERS])
{
    size_t sum = 0;
    for (int i = 0; i < LOOKERS; i++)
        sum += fake_tcp_pending(tcp[i]);
    return sum;
}

static void a_slice_a_turn(struct port *port, void *ctx)
{
    struct fake_tcp *looker[LOOKERS];
    (void)ctx;
    for (unsigned i = 0; i < PHONES; i++) {
        ask(port, i);
        settle(port);
    }
    for (unsigned i = 0; i < LOOKERS; i++) {
        looker[i] = fake_tcp_open(port, 80, OPERATOR, (uint16_t)(50000 + i));
        fake_tcp_window(looker[i], 1 << 20);
        fake_tcp_send_text(looker[i], "GET /api/v1/events HTTP/1.1\r\nHost: box\r\n\r\n");
    }
    fake_turn(port);
    fake_turn(port); /* the heads, and what each is told first, go out together */
    size_t before = waiting(looker);
    struct fake_tcp *phone = ask(port, PHONES);
    for (int turn = 0; turn < TURNS; turn++) {
        fake_turn(port);
        assert_true(waiting(looker) <= before + SLICE);
        if (turn == 2)
            assert_true(fake_tcp_pending(phone) > 0 && waiting(looker) < (LOOKERS + 3) * SLICE);
        before = waiting(looker);
    }
    for (int i = 0; i < LOOKERS; i++) {
        size_t len;
        const char *text = fake_tcp_take_text(looker[i], &len);
        assert_true(len > 3 * SLICE); /* else this shows nothing */
        assert_non_null(strstr(text, "event: summary"));
        assert_non_null(strstr(text, "58bfea11043c")); /* the last phone */
    }
}

static void test_lookers(void **state)
{
    (void)state;
    struct port *port = fake_port_new();
    struct problems problems = {0};
    fake_file_text(port, "stagebox.ini",
                   "[box]\ninterface = eth0\naddress = 192.168.10.10/24\n[dhcp]\nenabled = no\n[web]\nenabled = yes\n");
    fake_script(port, a_slice_a_turn, NULL);
    struct appliance_options options = {.port = port, .file = "stagebox.ini", .problems = &problems};
    assert_int_equal(appliance_run(&options), 0);
    fake_port_free(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lookers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
