/* test_udp_ring.c - ports of many peers: what comes is taken from the shared memory, answers go back to the MAC. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include "ports/linux/udp.h"

static const struct mac phone = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}};

struct heard {
    size_t count, batches, wanted;
    size_t by_port[2];
    struct port_udp *ports[2];
    bool mac_known;
};

/* Answers each with its own bytes, from the port that it came to, to the MAC that it came from. */
static void echo(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct heard *heard = ctx;
    struct port_udp_out out[PORT_UDP_BATCH];
    heard->batches++;
    heard->mac_known = true;
    for (size_t i = 0; i < n; i++) {
        heard->count++;
        heard->by_port[in[i].udp == heard->ports[1]]++;
        heard->mac_known &= in[i].src_mac != NULL && mac_equal(*in[i].src_mac, phone);
        assert_int_equal(in[i].src, PHONE);
        assert_int_equal(in[i].dst, BOX);
        out[i] = (struct port_udp_out){.udp = in[i].udp,
                                       .dst = in[i].src,
                                       .dst_port = in[i].src_port,
                                       .dst_mac = in[i].src_mac,
                                       .head = in[i].data,
                                       .head_len = in[i].len};
    }
    port_udp_send(udp, out, n);
}

static bool has_heard(void *ctx)
{
    const struct heard *heard = ctx;
    return heard->count >= heard->wanted;
}

static struct port *opened(struct heard *heard)
{
    struct port *port = bench_joined();
    *heard = (struct heard){.wanted = 1};
    for (int i = 0; i < 2; i++)
        if (port_udp_open_many(port, echo, heard, &heard->ports[i]) != 0)
            fail_msg("%s", port_error_sentence(port));
    return port;
}

/* Sends `count` datagrams, waits for as many echoes, each from the port it was sent to. */
static void echoes(struct port *port, struct heard *heard, size_t count)
{
    int fd = bench_phone_bound(SOCK_DGRAM, 5000);
    size_t from[2] = {0};
    heard->wanted = heard->count + count;
    for (size_t i = 0; i < count; i++)
        bench_send_to(fd, BOX, port_udp_number(heard->ports[i % 2]), "acknowledged", 3 + i % 9);
    assert_true(bench_run(port, has_heard, heard));
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_in name;
        socklen_t size = sizeof name;
        char data[20];
        ssize_t len = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&name, &size);
        assert_int_equal(len, 3 + i % 9); /* the phone's kernel has checked its checksum */
        assert_memory_equal(data, "acknowledged", (size_t)len);
        from[ntohs(name.sin_port) == port_udp_number(heard->ports[1])]++;
    }
    assert_int_equal(from[0], count - count / 2);
    assert_int_equal(from[1], count / 2);
    close(fd);
}

static void test_back_to_the_mac(void **state)
{
    (void)state;
    struct heard heard;
    struct port *port = opened(&heard);
    assert_non_null(port->udp.ring);
    echoes(port, &heard, 60);
    assert_true(heard.mac_known);
    assert_true(heard.batches < 10); /* those of both ports together */
    assert_int_equal(heard.by_port[0], 30);
    port_linux_close(port);
}

struct length {
    size_t head, body;
    bool arrives;
};

/* Alone, and as the second of two. */
static void test_every_length(void **state)
{
    (void)state;
    static const struct length cases[] = {
        {0, 0, true},    {4, 0, true},    {4, 512, true},  {600, 1, true},
        {4, 1468, true}, {0, 1472, true}, {4, 1469, false} /* more than a frame */};
    struct heard heard;
    struct port *port = opened(&heard);
    int fd = bench_phone_bound(SOCK_DGRAM, 5000);
    uint8_t bytes[1500], got[1600];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    for (size_t i = 0, dropped = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        const struct length *l = &cases[i / 2];
        struct port_udp_out out[2] = {
            {.dst = PHONE, .dst_port = 5000, .dst_mac = &phone, .head = bytes, .head_len = 1},
            {.dst = PHONE,
             .dst_port = 5000,
             .dst_mac = &phone,
             .head = bytes,
             .head_len = l->head,
             .body = bytes + l->head,
             .body_len = l->body}};
        port_udp_send(heard.ports[0], i % 2 == 0 ? &out[1] : &out[0], 1 + i % 2);
        if (i % 2 == 1)
            assert_int_equal(recv(fd, got, sizeof got, 0), 1);
        dropped += !l->arrives;
        assert_int_equal(port->udp.dropped, dropped);
        if (!l->arrives)
            continue;
        assert_int_equal(recv(fd, got, sizeof got, 0), l->head + l->body);
        assert_memory_equal(got, bytes, l->head + l->body);
    }
    close(fd);
    port_linux_close(port);
}

/* More than there are slots, one round after the other. */
static void test_round_and_round(void **state)
{
    (void)state;
    struct heard heard;
    struct port *port = opened(&heard);
    for (int i = 0; i < 25; i++)
        echoes(port, &heard, 60);
    echoes(port, &heard, 200); /* several batches for one event */
    assert_int_equal(heard.count, 1700);
    assert_int_equal(port->udp.dropped, 0);
    port_linux_close(port);
}

static void send_frame(int fd, const struct mac *to, ip4 src, ip4 dst, uint16_t number, int spoil)
{
    static const uint8_t data[600];
    struct port_udp_out out = {.dst = dst, .dst_port = number, .head = data, .head_len = spoil == 600 ? 600 : 4};
    uint8_t frame[14 + UDP_HEADERS + 600] = {0};
    memcpy(frame, to->b, 6);
    memcpy(frame + 6, phone.b, 6);
    frame[12] = 8;
    udp_raw_header(frame + 14, src, 5000, 1, &out);
    if (spoil > 0 && spoil < 600)
        frame[14 + spoil] ^= 1;
    assert_int_equal(send(fd, frame, 14 + UDP_HEADERS + out.head_len, 0), 14 + UDP_HEADERS + out.head_len);
}

/* One that is taken follows each that is not, so that it is known when to look. */
static void test_what_is_not_taken(void **state)
{
    (void)state;
    struct heard heard;
    struct port_interface box;
    struct port *port = opened(&heard);
    uint16_t number = port_udp_number(heard.ports[0]);
    int fd = bench_phone_frames(ETHERTYPE_IP);
    port_interface_get(port, &box);
    const struct {
        const char *why;
        ip4 dst;
        uint16_t number;
        int spoil; /* a byte of the packet, or 600: the length */
    } cases[] = {{"a wrong UDP checksum", BOX, number, 26},
                 {"a byte changed on its way", BOX, number, 29},
                 {"another machine's address", BOX + 1, number, 0},
                 {"a broadcast", 0xc0a80aff, number, 0},
                 {"another port", BOX, 9, 0},
                 {"a fragment", BOX, number, 7},
                 {"TCP", BOX, number, 9},
                 {"longer than a slot", BOX, number, 600}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("%s\n", cases[i].why);
        heard.count = 0;
        send_frame(fd, &box.mac, PHONE, cases[i].dst, cases[i].number, cases[i].spoil);
        send_frame(fd, &box.mac, PHONE, BOX, number, 0);
        assert_true(bench_run(port, has_heard, &heard));
        bench_idle(port);
        assert_int_equal(heard.count, 1);
    }
    close(fd);
    port_linux_close(port);
}

static void test_cable_out_and_in(void **state)
{
    (void)state;
    struct heard heard;
    struct port *port = opened(&heard);
    bench_sh("ip link set box0 down");
    bench_idle(port);
    bench_sh("ip link set box0 up");
    echoes(port, &heard, 4);
    assert_true(heard.mac_known);
    port_linux_close(port);
}

/* Without the right to packet sockets the ports are as any others. */
static void test_without_a_ring(void **state)
{
    (void)state;
    struct heard heard;
    struct port *port = bench_joined();
    port->interface.loopback = true; /* no ring there */
    heard = (struct heard){0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(port_udp_open_many(port, echo, &heard, &heard.ports[i]), 0);
    assert_null(port->udp.ring);
    for (int i = 0; i < 20; i++)
        echoes(port, &heard, 1);
    assert_false(heard.mac_known);
    port_linux_close(port);
}

static void test_closed_port_is_quiet(void **state)
{
    (void)state;
    struct heard heard;
    struct port *port = opened(&heard);
    int fd = bench_phone_bound(SOCK_DGRAM, 5000);
    uint16_t closed = port_udp_number(heard.ports[0]);
    port_udp_close(heard.ports[0]);
    bench_send_to(fd, BOX, closed, "late", 4);
    bench_send_to(fd, BOX, port_udp_number(heard.ports[1]), "fine", 4);
    assert_true(bench_run(port, has_heard, &heard));
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.by_port[1], 1);
    close(fd);
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back_to_the_mac),      cmocka_unit_test(test_round_and_round),
        cmocka_unit_test(test_every_length),         cmocka_unit_test(test_what_is_not_taken),
        cmocka_unit_test(test_cable_out_and_in),     cmocka_unit_test(test_without_a_ring),
        cmocka_unit_test(test_closed_port_is_quiet),
    };
    return cmocka_run_group_tests(tests, bench_make, bench_remove);
}
