/* test_interface.c - joining an interface, and the sentences where something is in the way. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <ifaddrs.h>
#include <poll.h>
#include <sys/prctl.h>

#define LOCALHOST 0x7f000001u

static void expect_sentence(struct port *port, const char *format, ...)
{
    char expected[SENTENCE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(expected, sizeof expected, format, args);
    va_end(args);
    assert_string_equal(port_error_sentence(port), expected);
}

static bool has_address(const char *name, ip4 address)
{
    bool found = false;
    struct ifaddrs *all;
    assert_int_equal(getifaddrs(&all), 0);
    for (struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
        struct sockaddr_in have;
        if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_INET || strcmp(a->ifa_name, name) != 0)
            continue;
        memcpy(&have, a->ifa_addr, sizeof have);
        found = found || ntohl(have.sin_addr.s_addr) == address;
    }
    freeifaddrs(all);
    return found;
}

static void test_missing(void **state)
{
    (void)state;
    struct port *port = bench_port();
    assert_int_equal(port_interface_open(port, "box1", BOX, 24), PORT_E_NOENT);
    expect_sentence(port, "there is no interface box1: did you mean box0? This machine has lo, box0");
    assert_int_equal(port_interface_open(port, "enp3s0f1", BOX, 24), PORT_E_NOENT);
    expect_sentence(port, "there is no interface enp3s0f1: this machine has lo, box0");
    assert_int_equal(port_interface_open(port, "a-name-that-is-too-long", BOX, 24), PORT_E_NOENT);
    assert_int_equal(port_interface_open(port, "", BOX, 24), PORT_E_NOENT);
    port_linux_close(port);
}

static const struct {
    const char *a, *b;
    unsigned distance;
} names[] = {
    {"eth0", "eth0", 0}, {"eth0", "eth1", 1}, {"eth0", "eht0", 1},  {"eth0", "eth", 1},      {"eth0", "teth0", 1},
    {"", "lo", 2},       {"lo", "", 2},       {"eth0", "wlan0", 4}, {"enp3s0", "enp0s3", 2},
};

static void test_nearest(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(name_distance(names[i].a, names[i].b), names[i].distance);
}

static bool is_up(void *ctx)
{
    struct port_interface box;
    port_interface_get(ctx, &box);
    return box.up;
}

static bool is_down(void *ctx)
{
    return !is_up(ctx);
}

static void test_address_is_put_and_taken(void **state)
{
    (void)state;
    struct port_interface box;
    struct port *port = bench_port();
    bench_sh("ip link set box0 down");
    assert_false(has_address("box0", BOX));
    assert_int_equal(port_interface_open(port, "box0", BOX, 24), 0);
    assert_true(has_address("box0", BOX));
    port_interface_get(port, &box);
    assert_string_equal(box.name, "box0");
    assert_int_equal(box.address, BOX);
    assert_int_equal(box.prefix, 24);
    assert_int_equal(box.mtu, 1500);
    assert_false(mac_is_zero(box.mac));
    assert_true(bench_run(port, is_up, port)); /* it was set up */
    bench_enter(bench_phone_ns);
    bench_sh("ip link set phone0 down");
    bench_enter(bench_box_ns);
    assert_true(bench_run(port, is_down, port)); /* no carrier */
    bench_enter(bench_phone_ns);
    bench_sh("ip link set phone0 up");
    bench_enter(bench_box_ns);
    assert_int_equal(port_interface_open(port, "box0", BOX, 24), PORT_E_BUSY);
    port_linux_close(port);
    assert_false(has_address("box0", BOX));
}

static void test_address_that_is_there_stays(void **state)
{
    (void)state;
    bench_sh("ip addr add 192.168.10.10/24 dev box0");
    port_linux_close(bench_joined());
    assert_true(has_address("box0", BOX));
    bench_sh("ip addr del 192.168.10.10/24 dev box0");
}

static void test_address_is_elsewhere(void **state)
{
    (void)state;
    struct port *port = bench_port();
    assert_int_equal(port_interface_open(port, "box0", LOCALHOST, 8), PORT_E_BUSY);
    expect_sentence(port, "127.0.0.1 is on lo of this machine: take it away there, or set [box] interface = lo");
    assert_int_equal(port_interface_open(port, "lo", LOCALHOST, 8), 0);
    port_linux_close(port);
    assert_true(has_address("lo", LOCALHOST));
}

static void test_part_of_a_bridge(void **state)
{
    (void)state;
    if (system("ip link add br7 type bridge 2>/dev/null") != 0)
        skip();
    struct port *port = bench_port();
    /* /sys must be that of this network namespace */
    assert_int_equal(unshare(CLONE_NEWNS), 0);
    bench_sh("mount --make-rprivate / && mount -t sysfs sysfs /sys && ip link set box0 master br7");
    assert_int_equal(port_interface_open(port, "box0", BOX, 24), PORT_E_BUSY);
    expect_sentence(port, "box0 is a part of br7, which takes its traffic: set [box] interface = br7");
    bench_sh("ip link set box0 nomaster && ip link del br7");
    port_linux_close(port);
}

static void nothing(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    (void)ctx, (void)udp, (void)in, (void)n;
}

/* -- who holds a port --------------------------------------------------------------------------------- */

/* A child with a name of its own that holds a port until its pipe is closed. */
static pid_t hold(int family, int type, uint16_t number, int *leash)
{
    int ready[2], end[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(end), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct sockaddr_in6 name6 = {.sin6_family = AF_INET6, .sin6_port = htons(number)};
        struct sockaddr_in name = socket_address(INADDR_ANY, number);
        const struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&name : (struct sockaddr *)&name6;
        int fd = socket(family, type, 0);
        prctl(PR_SET_NAME, "dns mask (x)");
        close(end[1]);
        if (bind(fd, address, family == AF_INET ? sizeof name : sizeof name6) != 0 ||
            (type == SOCK_STREAM && listen(fd, 1) != 0) || write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(end[0], &byte, 1) < 0);
    }
    close(end[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    *leash = end[1];
    return pid;
}

static void let_go(pid_t pid, int leash)
{
    int status;
    close(leash);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void *no_peer(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    (void)ctx, (void)tcp, (void)peer;
    return NULL;
}

static void test_udp_port_is_held(void **state)
{
    (void)state;
    int leash;
    struct port_udp *udp;
    struct port *port = bench_joined();
    pid_t pid = hold(AF_INET, SOCK_DGRAM, 69, &leash);
    assert_int_equal(port_udp_open(port, 69, nothing, NULL, &udp), PORT_E_BUSY);
    expect_sentence(port, "UDP port 69 on box0 is held by dns mask (x) (pid %d): stop that program first",
                    (int)pid);
    let_go(pid, leash);
    assert_int_equal(port_udp_open(port, 69, nothing, NULL, &udp), 0);
    assert_int_equal(port_udp_open(port, 69, nothing, NULL, &udp), PORT_E_BUSY);
    expect_sentence(port, "UDP port 69 is in use by this program already");
    port_linux_close(port);
}

static void test_tcp_port_is_held_by_ipv6(void **state)
{
    (void)state;
    int leash;
    struct port_listener *listener;
    struct port_tcp_events events = {0};
    struct port *port = bench_joined();
    pid_t pid = hold(AF_INET6, SOCK_STREAM, 80, &leash); /* of both families, as servers do */
    assert_int_equal(port_tcp_listen(port, 80, no_peer, NULL, &events, &listener), PORT_E_BUSY);
    expect_sentence(port, "TCP port 80 on box0 is held by dns mask (x) (pid %d): stop that program first",
                    (int)pid);
    let_go(pid, leash);
    assert_int_equal(port_tcp_listen(port, 80, no_peer, NULL, &events, &listener), 0);
    port_linux_close(port);
}

/* -- rights ------------------------------------------------------------------------------------------- */

static int unprivileged(void)
{
    struct port_udp *udp;
    struct port_frames *frames;
    struct port_listener *listener;
    struct port_tcp_events events = {0};
    struct port *port = bench_port(), *joined = bench_joined();
    rights_drop(false, false);
    if (port_interface_open(port, "box0", BOX + 1, 24) != PORT_E_ACCESS ||
        strstr(port_error_sentence(port), "no right to put 192.168.10.11/24 on box0: run as root") == NULL ||
        strstr(port_error_sentence(port), "CAP_NET_ADMIN") == NULL)
        return 1;
    if (port_udp_open(joined, 69, nothing, NULL, &udp) != PORT_E_ACCESS ||
        strstr(port_error_sentence(joined), "CAP_NET_BIND_SERVICE") == NULL)
        return 2;
    if (port_tcp_listen(joined, 80, no_peer, NULL, &events, &listener) != PORT_E_ACCESS ||
        strstr(port_error_sentence(joined), "no right to TCP port 80 on box0") == NULL)
        return 3;
    if (port_frames_open(joined, 0x0806, NULL, NULL, &frames) != PORT_E_ACCESS ||
        port_udp_overhear(joined, 68, nothing, NULL, &udp) != PORT_E_ACCESS ||
        strstr(port_error_sentence(joined), "CAP_NET_RAW") == NULL)
        return 4;
    return 0;
}

static void test_without_rights(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(unprivileged), 0);
    bench_sh("ip addr flush dev box0");
}

/* -- neighbours ----------------------------------------------------------------------------------------- */

static void test_neighbour(void **state)
{
    (void)state;
    struct mac mac = {{0}};
    struct port *port = bench_joined();
    assert_false(port_neighbour(port, PHONE + 9, &mac));
    bench_sh("ip neigh add 192.168.10.77 lladdr 58:bf:ea:00:00:01 dev box0");
    assert_true(port_neighbour(port, BOX + 67, &mac));
    assert_int_equal(mac.b[0], 0x58);
    assert_int_equal(mac.b[5], 0x01);
    bench_sh("ip neigh replace 192.168.10.77 dev box0 nud failed || true");
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_address_is_put_and_taken),
        cmocka_unit_test(test_address_that_is_there_stays),
        cmocka_unit_test(test_address_is_elsewhere),
        cmocka_unit_test(test_udp_port_is_held),
        cmocka_unit_test(test_tcp_port_is_held_by_ipv6),
        cmocka_unit_test(test_without_rights),
        cmocka_unit_test(test_neighbour),
        cmocka_unit_test(test_part_of_a_bridge), /* last: it changes what /sys is */
    };
    return cmocka_run_group_tests(tests, bench_make, bench_remove);
}
