/* test_udp.c - UDP through a real cable: batches, runs, MACs without ARP, overhearing. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include "ports/linux/udp.h"

struct heard {
    size_t count, batches;
    struct port_udp_in last;
    uint8_t data[2048];
    bool echo, close;
    struct port_udp *udp;
};

static void hear(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct heard *heard = ctx;
    struct port_udp_out out[PORT_UDP_BATCH];
    assert_true(n >= 1 && n <= PORT_UDP_BATCH);
    heard->count += n;
    heard->batches++;
    heard->last = in[n - 1];
    memcpy(heard->data, in[n - 1].data, in[n - 1].len);
    for (size_t i = 0; i < n; i++)
        out[i] = (struct port_udp_out){.dst = in[i].src,
                                       .dst_port = in[i].src_port,
                                       .head = in[i].data,
                                       .head_len = in[i].len / 2,
                                       .body = in[i].data + in[i].len / 2,
                                       .body_len = in[i].len - in[i].len / 2};
    if (heard->echo)
        port_udp_send(udp, out, n);
    if (heard->close)
        port_udp_close(udp);
}

/* What has arrived at the phone. */
struct arrived {
    int fd;
    size_t count, wanted;
    size_t sizes[512];
    uint8_t data[512][2048];
    struct sockaddr_in from;
};

static bool arrive(void *ctx)
{
    struct arrived *a = ctx;
    while (a->count < 512) {
        socklen_t size = sizeof a->from;
        ssize_t len = recvfrom(a->fd, a->data[a->count], 2048, 0, (struct sockaddr *)&a->from, &size);
        if (len < 0)
            break;
        a->sizes[a->count++] = (size_t)len;
    }
    return a->count >= a->wanted;
}

static bool has_heard(void *ctx)
{
    return ((struct heard *)ctx)->count > 0;
}

static struct port_udp *opened(struct port *port, uint16_t number, struct heard *heard)
{
    struct port_udp *udp;
    if (port_udp_open(port, number, hear, heard, &udp) != 0)
        fail_msg("%s", port_error_sentence(port));
    return udp;
}

static void test_echo_in_batches(void **state)
{
    (void)state;
    static struct arrived arrived;
    struct heard heard = {.echo = true};
    struct port *port = bench_joined();
    opened(port, 6900, &heard);
    arrived = (struct arrived){.fd = bench_phone_bound(SOCK_DGRAM, 5000), .wanted = 200};
    for (unsigned i = 0; i < 200; i++) {
        uint8_t datagram[300];
        memset(datagram, (int)i, sizeof datagram);
        bench_send_to(arrived.fd, BOX, 6900, datagram, 100 + i);
    }
    assert_true(bench_run(port, arrive, &arrived));
    assert_int_equal(heard.count, 200);
    assert_true(heard.batches < 20); /* together, not one by one */
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(arrived.sizes[i], 100 + i);
        assert_int_equal(arrived.data[i][99 + i], i & 255);
    }
    assert_int_equal(ntohl(arrived.from.sin_addr.s_addr), BOX);
    assert_int_equal(ntohs(arrived.from.sin_port), 6900);
    assert_int_equal(heard.last.src, PHONE);
    assert_int_equal(heard.last.dst, BOX);
    assert_int_equal(heard.last.src_port, 5000);
    close(arrived.fd);
    port_linux_close(port);
}

static const struct {
    const char *why;
    size_t count, each, last;
} runs[] = {
    {"a window of full blocks", 16, 1432, 1432},
    {"the last is shorter", 8, 1024, 10},
    {"more than one system call's segments", 140, 516, 516},
    {"an odd length", 9, 515, 1},
    {"one only", 1, 516, 516},
    {"longer than the link: in fragments", 3, 2000, 2000},
};

static void send_run(struct port_udp *udp, size_t count, size_t each, size_t last)
{
    static uint8_t heads[256][4], body[2048];
    static struct port_udp_out out[256];
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < count; i++) {
        size_t len = i == count - 1 ? last : each, head = len < 4 ? len : 4;
        heads[i][0] = heads[i][1] = (uint8_t)i;
        out[i] = (struct port_udp_out){.dst = PHONE,
                                       .dst_port = 5000,
                                       .head = heads[i],
                                       .head_len = head,
                                       .body = body + i,
                                       .body_len = len - head};
    }
    port_udp_send(udp, out, count);
}

static void check_run(const struct arrived *arrived, size_t count, size_t each, size_t last)
{
    assert_int_equal(arrived->count, count);
    for (size_t i = 0; i < count; i++) {
        size_t len = i == count - 1 ? last : each;
        assert_int_equal(arrived->sizes[i], len);
        assert_int_equal(arrived->data[i][0], i & 255);
        for (size_t j = 4; j < len; j++)
            assert_int_equal(arrived->data[i][j], (uint8_t)((i + j - 4) * 7));
    }
}

static void try_runs(struct port *port, bool refused)
{
    static struct arrived arrived;
    struct heard heard = {0};
    struct port_udp *udp = opened(port, 0, &heard);
    int fd = bench_phone_bound(SOCK_DGRAM, 5000), buffer = 4 << 20, no_check = refused;
    assert_int_equal(setsockopt(udp->watch.fd, SOL_SOCKET, SO_NO_CHECK, &no_check, sizeof no_check), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    assert_true(port_udp_number(udp) != 0);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        print_message("run: %s\n", runs[i].why);
        arrived.fd = fd;
        arrived.count = 0;
        arrived.wanted = runs[i].count;
        send_run(udp, runs[i].count, runs[i].each, runs[i].last);
        if (i == 0) /* in one message, or in as many as datagrams */
            assert_int_equal(port->udp.batch->send.datagrams[0], refused ? 1 : runs[i].count);
        assert_true(bench_run(port, arrive, &arrived));
        check_run(&arrived, runs[i].count, runs[i].each, runs[i].last);
    }
    close(fd);
}

static void test_runs_as_one(void **state)
{
    (void)state;
    struct port *port = bench_joined();
    try_runs(port, false);
    assert_false(port->udp.no_gso); /* this kernel can: all went out segmented */
    assert_int_equal(port->udp.dropped, 0);
    port_linux_close(port);
}

/* Datagrams to one peer whose lengths do not make one run. */
static void test_mixed_lengths(void **state)
{
    (void)state;
    static const size_t lengths[] = {100, 40, 40, 100, 100, 101, 1, 0, 1};
    static struct arrived arrived;
    static const uint8_t body[128];
    enum { COUNT = sizeof lengths / sizeof lengths[0] };
    struct heard heard = {0};
    struct port_udp_out out[COUNT];
    struct port *port = bench_joined();
    struct port_udp *udp = opened(port, 0, &heard);
    arrived = (struct arrived){.fd = bench_phone_bound(SOCK_DGRAM, 5000), .wanted = COUNT};
    for (size_t i = 0; i < COUNT; i++)
        out[i] = (struct port_udp_out){.dst = PHONE, .dst_port = 5000, .body = body, .body_len = lengths[i]};
    port_udp_send(udp, out, COUNT);
    assert_true(bench_run(port, arrive, &arrived));
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(arrived.sizes[i], lengths[i]);
    close(arrived.fd);
    port_linux_close(port);
}

/* The kernel refuses to segment what has no checksum: here because the socket says so. */
static void test_runs_where_segmentation_fails(void **state)
{
    (void)state;
    struct port *port = bench_joined();
    try_runs(port, true);
    assert_true(port->udp.no_gso);
    assert_int_equal(port->udp.dropped, 0);
    port_linux_close(port);
}

static void test_broadcasts(void **state)
{
    (void)state;
    static struct arrived arrived;
    struct heard heard = {0};
    struct port *port = bench_joined();
    struct port_udp *udp = opened(port, 67, &heard);
    arrived = (struct arrived){.fd = bench_phone_bound(SOCK_DGRAM, 68), .wanted = 1};
    bench_send_to(arrived.fd, INADDR_BROADCAST, 67, "discover", 8);
    assert_true(bench_run(port, has_heard, &heard));
    assert_int_equal(heard.last.dst, INADDR_BROADCAST);
    heard.count = 0;
    bench_send_to(arrived.fd, 0xc0a80affu, 67, "discover", 8);
    assert_true(bench_run(port, has_heard, &heard));
    assert_int_equal(heard.last.dst, 0xc0a80affu);
    struct port_udp_out out = {.dst = INADDR_BROADCAST, .dst_port = 68, .head = "offer", .head_len = 5};
    port_udp_send(udp, &out, 1); /* there is no default route: the interface decides */
    assert_true(bench_run(port, arrive, &arrived));
    assert_memory_equal(arrived.data[0], "offer", 5);
    assert_int_equal(ntohl(arrived.from.sin_addr.s_addr), BOX);
    close(arrived.fd);
    port_linux_close(port);
}

/* Each phone's answer in a frame of its own, although all have one length and one destination. */
static void test_broadcasts_stay_apart(void **state)
{
    (void)state;
    static struct arrived frames;
    static const char *const words[] = {"offer 1", "offer 2", "offer 3"};
    struct heard heard = {0};
    struct port *port = bench_joined();
    struct port_udp *udp = opened(port, 67, &heard);
    struct port_udp_out out[3];
    frames = (struct arrived){.fd = bench_phone_frames(ETHERTYPE_IP), .wanted = 3};
    for (size_t i = 0; i < 3; i++)
        out[i] = (struct port_udp_out){.dst = INADDR_BROADCAST, .dst_port = 68, .head = words[i], .head_len = 7};
    port_udp_send(udp, out, 3);
    assert_true(bench_run(port, arrive, &frames));
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(frames.data[i] + 14 + 28, words[i], 7);
    close(frames.fd);
    port_linux_close(port);
}

/* The answer to a phone that has no address yet: the frame goes to its MAC, and nobody was asked by ARP. */
static void test_to_a_mac(void **state)
{
    (void)state;
    static struct arrived frames;
    static const struct mac phone = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}}, other = {{0x58, 0xbf, 0xea, 1, 2, 3}};
    struct heard heard = {0};
    struct port_interface box;
    struct port *port = bench_joined();
    struct port_udp *udp = opened(port, 67, &heard);
    frames = (struct arrived){.fd = bench_phone_frames(ETHERTYPE_IP), .wanted = 2};
    struct port_udp_out out[2] = {
        {.dst = 0xc0a80a99u,
         .dst_port = 68,
         .dst_mac = &phone,
         .head = "abc",
         .head_len = 3,
         .body = "defg",
         .body_len = 4},
        {.dst = 0xc0a80a98u, .dst_port = 68, .dst_mac = &other, .head = "offer", .head_len = 5},
    };
    port_udp_send(udp, out, 2);
    assert_true(bench_run(port, arrive, &frames));
    port_interface_get(port, &box);
    assert_memory_equal(frames.data[0], phone.b, 6);
    assert_memory_equal(frames.data[0] + 6, box.mac.b, 6);
    assert_memory_equal(frames.data[1], other.b, 6);
    struct port_udp_in in;
    assert_true(udp_raw_parse(frames.data[0] + 14, frames.sizes[0] - 14, 68, &in));
    assert_int_equal(in.src, BOX);
    assert_int_equal(in.dst, 0xc0a80a99u);
    assert_int_equal(in.src_port, 67);
    assert_int_equal(in.len, 7);
    assert_memory_equal(in.data, "abcdefg", 7);
    close(frames.fd);
    port_linux_close(port);
}

/* The phone's kernel drops a datagram with a wrong checksum: this one arrives at its socket. */
static void test_checksum_is_right(void **state)
{
    (void)state;
    static struct arrived arrived;
    static const struct mac phone = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}};
    struct heard heard = {0};
    struct port *port = bench_joined();
    struct port_udp *udp = opened(port, 67, &heard);
    arrived = (struct arrived){.fd = bench_phone_bound(SOCK_DGRAM, 68), .wanted = 3};
    struct port_udp_out out[3] = {
        {.dst = PHONE,
         .dst_port = 68,
         .dst_mac = &phone,
         .head = "odd",
         .head_len = 3,
         .body = "even",
         .body_len = 4},
        {.dst = PHONE,
         .dst_port = 68,
         .dst_mac = &phone,
         .head = "odd",
         .head_len = 3,
         .body = "odd",
         .body_len = 3},
        {.dst = PHONE, .dst_port = 68, .dst_mac = &phone},
    };
    port_udp_send(udp, out, 3);
    assert_true(bench_run(port, arrive, &arrived));
    assert_int_equal(arrived.sizes[0], 7);
    assert_memory_equal(arrived.data[1], "oddodd", 6);
    assert_int_equal(arrived.sizes[2], 0);
    close(arrived.fd);
    port_linux_close(port);
}

static void test_mac_without_the_right(void **state)
{
    (void)state;
    static struct arrived arrived;
    static const struct mac phone = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}};
    struct heard heard = {0};
    struct port *port = bench_joined();
    struct port_udp *udp = opened(port, 67, &heard);
    close(port->udp.raw);
    port->udp.raw = -1; /* as without CAP_NET_RAW */
    arrived = (struct arrived){.fd = bench_phone_bound(SOCK_DGRAM, 68), .wanted = 1};
    struct port_udp_out out = {
        .dst = 0xc0a80a99u, .dst_port = 68, .dst_mac = &phone, .head = "offer", .head_len = 5};
    port_udp_send(udp, &out, 1);
    assert_true(bench_run(port, arrive, &arrived)); /* by broadcast, RFC 2131 section 4.1 */
    close(arrived.fd);
    port_linux_close(port);
}

static void test_overhear(void **state)
{
    (void)state;
    struct heard heard = {0}, own = {0};
    struct port_udp *udp, *server;
    struct port *port = bench_joined();
    assert_int_equal(port_udp_overhear(port, 68, hear, &heard, &udp), 0);
    assert_int_equal(port_udp_number(udp), 68);
    server = opened(port, 67, &own);
    int rogue = bench_phone_bound(SOCK_DGRAM, 67);
    struct port_udp_out out = {.dst = INADDR_BROADCAST, .dst_port = 68, .head = "ours", .head_len = 4};
    port_udp_send(server, &out, 1);
    bench_send_to(rogue, INADDR_BROADCAST, 69, "another port", 12);
    bench_send_to(rogue, INADDR_BROADCAST, 68, "rogue", 5);
    assert_true(bench_run(port, has_heard, &heard));
    bench_idle(port);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.last.src, PHONE);
    assert_int_equal(heard.last.src_port, 67);
    assert_int_equal(heard.last.dst, INADDR_BROADCAST);
    assert_memory_equal(heard.data, "rogue", 5);
    close(rogue);
    port_linux_close(port);
}

/* A DHCP server of another VLAN on the same trunk is nobody's rival. */
static void test_overhears_no_other_network(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct port_udp *udp;
    uint8_t frame[18 + UDP_HEADERS + 4] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 0x81, 0, 0, 10, 8, 0};
    struct port_udp_out offer = {.dst = INADDR_BROADCAST, .dst_port = 68, .head = "vlan", .head_len = 4};
    struct port *port = bench_joined();
    assert_int_equal(port_udp_overhear(port, 68, hear, &heard, &udp), 0);
    int phone = bench_phone_frames(ETHERTYPE_ARP), rogue = bench_phone_bound(SOCK_DGRAM, 67);
    udp_raw_header(frame + 18, PHONE, 67, 1, &offer);
    memcpy(frame + 18 + UDP_HEADERS, "vlan", 4);
    assert_int_equal(send(phone, frame, sizeof frame, 0), sizeof frame);
    bench_send_to(rogue, INADDR_BROADCAST, 68, "here", 4);
    assert_true(bench_run(port, has_heard, &heard));
    bench_idle(port);
    assert_int_equal(heard.count, 1);
    assert_memory_equal(heard.data, "here", 4);
    close(phone);
    close(rogue);
    port_linux_close(port);
}

/* Some program of the machine holds the port on an address of its own: the interface's is still free. */
static void test_beside_another_address(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct port *port = bench_joined();
    int other = socket(AF_INET, SOCK_DGRAM, 0), phone = bench_phone_bound(SOCK_DGRAM, 5000);
    struct sockaddr_in name = socket_address(INADDR_LOOPBACK, 53);
    assert_int_equal(bind(other, (struct sockaddr *)&name, sizeof name), 0);
    opened(port, 53, &heard);
    bench_send_to(phone, BOX, 53, "unicast", 7);
    assert_true(bench_run(port, has_heard, &heard));
    heard.count = 0;
    bench_send_to(phone, INADDR_BROADCAST, 53, "broadcast", 9);
    assert_true(bench_run(port, has_heard, &heard));
    assert_int_equal(heard.last.dst, INADDR_BROADCAST);
    close(other);
    close(phone);
    port_linux_close(port);
}

static void test_closed_in_its_callback(void **state)
{
    (void)state;
    struct heard heard = {.close = true, .echo = true};
    struct port *port = bench_joined();
    opened(port, 6900, &heard);
    int phone = bench_phone_bound(SOCK_DGRAM, 5000);
    for (int i = 0; i < 3 * PORT_UDP_BATCH; i++)
        bench_send_to(phone, BOX, 6900, "x", 1);
    assert_true(bench_run(port, has_heard, &heard));
    bench_idle(port);
    assert_int_equal(heard.batches, 1);
    opened(port, 6900, &heard); /* free again */
    close(phone);
    port_linux_close(port);
}

static void test_pool(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct port_udp *udp[UDP_ENDPOINTS], *more;
    struct port *port = bench_joined();
    for (int i = 0; i < UDP_ENDPOINTS; i++)
        udp[i] = opened(port, 0, &heard);
    assert_int_equal(port_udp_open(port, 0, hear, &heard, &more), PORT_E_FULL);
    port_udp_close(udp[7]);
    assert_int_equal(port_udp_open(port, 0, hear, &heard, &more), 0);
    port_linux_close(port);
}

static void test_impossible_is_dropped_and_counted(void **state)
{
    (void)state;
    static struct arrived arrived;
    static const uint8_t long_one[65508];
    struct heard heard = {0};
    struct port *port = bench_joined();
    struct port_udp *udp = opened(port, 0, &heard);
    arrived = (struct arrived){.fd = bench_phone_bound(SOCK_DGRAM, 5000), .wanted = 2};
    struct port_udp_out out[3] = {
        {.dst = PHONE, .dst_port = 5000, .head = "one", .head_len = 3},
        {.dst = PHONE, .dst_port = 5000, .head = long_one, .head_len = sizeof long_one},
        {.dst = PHONE, .dst_port = 5000, .head = "three", .head_len = 5},
    };
    port_udp_send(udp, out, 3);
    assert_true(bench_run(port, arrive, &arrived));
    assert_memory_equal(arrived.data[1], "three", 5);
    assert_int_equal(port->udp.dropped, 1);
    close(arrived.fd);
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_in_batches),
        cmocka_unit_test(test_runs_as_one),
        cmocka_unit_test(test_mixed_lengths),
        cmocka_unit_test(test_runs_where_segmentation_fails),
        cmocka_unit_test(test_broadcasts),
        cmocka_unit_test(test_broadcasts_stay_apart),
        cmocka_unit_test(test_to_a_mac),
        cmocka_unit_test(test_checksum_is_right),
        cmocka_unit_test(test_mac_without_the_right),
        cmocka_unit_test(test_overhear),
        cmocka_unit_test(test_overhears_no_other_network),
        cmocka_unit_test(test_beside_another_address),
        cmocka_unit_test(test_closed_in_its_callback),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_impossible_is_dropped_and_counted),
    };
    return cmocka_run_group_tests(tests, bench_make, bench_remove);
}
