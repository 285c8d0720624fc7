/* What an answer tells is in the journal before the answer leaves: a kill right behind it loses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/appliance.h"
#include "test/unit/fake_port/fake_port.h"

#define PHONE UINT32_C(0xc0a80a32) /* 192.168.10.50 */
#define BOX UINT32_C(0xc0a80a0a)

static const uint8_t phone_mac[6] = {0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6};

/* A BOOTREQUEST of the phone; option 53 and, where not 0, 50. */
static size_t request_of(uint8_t *pkt, uint8_t type, ip4 wanted)
{
    static const uint8_t cookie[] = {99, 130, 83, 99};
    memset(pkt, 0, 300);
    pkt[0] = pkt[1] = 1;
    pkt[2] = 6;
    memcpy(pkt + 28, phone_mac, 6);
    memcpy(pkt + 236, cookie, 4);
    uint8_t *o = pkt + 240;
    *o++ = 53, *o++ = 1, *o++ = type;
    if (wanted) {
        *o++ = 50, *o++ = 4;
        for (int shift = 24; shift >= 0; shift -= 8)
            *o++ = (uint8_t)(wanted >> shift);
    }
    *o = 255;
    return 300;
}

/* The last thing that the box did was to send this, and something was written before. */
static void check_order(const struct port *port, uint64_t before, uint64_t sent)
{
    assert_true(sent >= before + 2);
    assert_int_equal(sent, fake_seq(port));
}

static void send_dhcp(struct port *port, uint8_t type, ip4 wanted)
{
    uint8_t pkt[300];
    struct fake_datagram in = {.dst = UINT32_MAX, .src_port = 68, .dst_port = 67};
    size_t len = request_of(pkt, type, wanted);
    assert_true(fake_udp_in(port, &in, pkt, len));
}

static void lease_then_profile(struct port *port, void *ctx)
{
    struct fake_datagram sent = {0};
    (void)ctx;
    send_dhcp(port, 1, 0);
    fake_run_until(port, fake_now(port) + 3000);
    while (fake_udp_take(port, &sent))
        ;
    uint64_t before = fake_seq(port);
    send_dhcp(port, 3, PHONE);
    fake_turn(port);
    uint64_t ack = 0;
    while (fake_udp_take(port, &sent))
        if (sent.dst_port == 68)
            ack = sent.seq;
    check_order(port, before, ack);

    before = fake_seq(port);
    struct fake_tcp *tcp = fake_tcp_open(port, 80, PHONE, 40000);
    fake_tcp_send_text(
        tcp, "GET /58bfea1104e6.xml HTTP/1.0\r\nUser-Agent: Cisco/SPA504G-7.5.5 (58BFEA1104E6)(CCQ1)\r\n\r\n");
    fake_turn(port); /* accepts */
    fake_turn(port); /* reads and answers */
    assert_true(fake_tcp_pending(tcp) > 0);
    assert_true(fake_tcp_seq(tcp) >= before + 2); /* the journal, then the answer */
    size_t len;
    assert_non_null(strstr(fake_tcp_take_text(tcp, &len), "200 OK"));
}

/* Messages to the phone's port 68 of this type since it was asked last. */
static unsigned answers(struct port *port, uint8_t type)
{
    struct fake_datagram sent = {0};
    unsigned count = 0;
    while (fake_udp_take(port, &sent))
        count += sent.dst_port == 68 && sent.data[242] == type;
    return count;
}

static unsigned first_blocks(struct port *port)
{
    struct fake_datagram sent = {0};
    unsigned count = 0;
    while (fake_udp_take(port, &sent))
        count += sent.dst_port == 40001;
    return count;
}

/* The card is busy, what was written is not with the kernel: what tells of it waits, and goes out when it is. */
static void busy_card(struct port *port, void *ctx)
{
    static const char file_request[] = "\0\1ring.dict\0octet";
    struct fake_datagram file = {.src = PHONE, .dst = BOX, .src_port = 40001, .dst_port = 69};
    (void)ctx;
    fake_turn(port);
    answers(port, 0);
    fake_store_hold_write(port, true);
    send_dhcp(port, 1, 0);
    fake_run_until(port, fake_now(port) + 3000);
    assert_true(answers(port, 2) > 0); /* an offer is no promise */
    send_dhcp(port, 3, PHONE);
    fake_turn(port);
    assert_int_equal(answers(port, 5), 0);
    assert_true(fake_udp_in(port, &file, file_request, sizeof file_request));
    struct fake_tcp *tcp = fake_tcp_open(port, 80, PHONE, 40000);
    fake_tcp_send_text(tcp, "GET /58bfea1104e6.xml HTTP/1.0\r\n\r\n");
    for (int i = 0; i < 4; i++)
        fake_turn(port);
    assert_int_equal(first_blocks(port), 0);
    assert_int_equal(fake_tcp_pending(tcp), 0);

    fake_store_hold_write(port, false);
    fake_turn(port);
    assert_int_equal(answers(port, 5), 1);
    fake_turn(port);
    assert_true(fake_tcp_pending(tcp) > 0);
    fake_run_until(port, fake_now(port) + 3000); /* the transfer says it again */
    assert_true(first_blocks(port) > 0);
}

static void in_house(void (*script)(struct port *port, void *ctx))
{
    struct port *port = fake_port_new();
    struct problems problems = {0};
    fake_file_text(port, "stagebox.ini",
                   "[box]\ninterface = eth0\naddress = 192.168.10.10/24\n"
                   "[dhcp]\npool = 192.168.10.50-192.168.10.60\nrogue = ignore\n");
    fake_file_text(port, "files/ring.dict", "some words");
    fake_script(port, script, NULL);
    struct appliance_options options = {.port = port, .file = "stagebox.ini", .problems = &problems};
    assert_int_equal(appliance_run(&options), 0);
    fake_port_free(port);
}

static void test_services(void **state)
{
    (void)state;
    in_house(lease_then_profile);
}

static void test_a_busy_card(void **state)
{
    (void)state;
    in_house(busy_card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_services), cmocka_unit_test(test_a_busy_card)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
