/* test_rights.c - what the box can no longer do, and what it still can. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include <ifaddrs.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int capabilities(uint32_t *effective, uint32_t *permitted)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0 || data[1].permitted != 0)
        return -1;
    *effective = data[0].effective;
    *permitted = data[0].permitted;
    return 0;
}

static bool box_has_address(void)
{
    bool found = false;
    struct ifaddrs *all;
    if (getifaddrs(&all) != 0)
        return false;
    for (struct ifaddrs *a = all; a != NULL; a = a->ifa_next)
        found =
            found || (a->ifa_addr != NULL && a->ifa_addr->sa_family == AF_INET && strcmp(a->ifa_name, "box0") == 0);
    freeifaddrs(all);
    return found;
}

static void hear(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct port_udp_out out = {.dst = in->src, .dst_port = in->src_port, .head = in->data, .head_len = in->len};
    *(size_t *)ctx += n;
    port_udp_send(udp, &out, 1);
}

static bool has_heard(void *ctx)
{
    return *(size_t *)ctx > 0;
}

static int dropped(void)
{
    uint32_t effective, permitted, files = 1u << CAP_DAC_OVERRIDE, network = 1u << CAP_NET_ADMIN;
    size_t heard = 0;
    struct port_udp *udp;
    struct port_store *store;
    struct port *port = bench_joined();
    if (port_udp_open(port, 69, hear, &heard, &udp) != 0 || port_store_open(port, "journal", 4096, &store) != 0)
        return 1;
    if (port_drop_rights(port) != 0 || capabilities(&effective, &permitted) != 0)
        return 2;
    if (effective != files || permitted != (files | network)) /* the latter to take the address away */
        return 3;
    if (prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 4;
    if (socket(AF_PACKET, SOCK_RAW, 0) >= 0 || errno != EPERM)
        return 5;
    /* sockets that are open go on, and so do the card and the journal */
    if (port_store_write(store, 0, "x", 1) != 0 || port_replace(port, "state/report", "x", 1) != 0)
        return 6;
    struct port_tcp *tcp;
    struct port_tcp_events events = {0};
    if (port_tcp_connect(port, PHONE, 80, &events, NULL, &tcp) != 0) /* nudges come later */
        return 7;
    port_tcp_abort(tcp);
    port_linux_close(port);
    return box_has_address() ? 8 : 0;
}

static void test_dropped(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(dropped), 0);
}

static int dropped_with_foreign_address(void)
{
    uint32_t effective, permitted;
    struct port *port = bench_joined();
    if (port->interface.put_address || port_drop_rights(port) != 0 || capabilities(&effective, &permitted) != 0)
        return 1;
    return permitted == 1u << CAP_DAC_OVERRIDE ? 0 : 2;
}

static void test_less_where_the_address_was_there(void **state)
{
    (void)state;
    bench_sh("ip addr add 192.168.10.10/24 dev box0");
    assert_int_equal(bench_in_child(dropped_with_foreign_address), 0);
    bench_sh("ip addr del 192.168.10.10/24 dev box0");
}

/* Traffic goes on both ways after the rights have gone. */
static void serve_without_rights(struct port *port, size_t *heard)
{
    int phone = bench_phone_bound(SOCK_DGRAM, 5000);
    if (port_drop_rights(port) != 0)
        _exit(1);
    bench_send_to(phone, BOX, 69, "rrq", 3);
    if (!bench_run(port, has_heard, heard))
        _exit(2);
    char answer[10];
    _exit(recv(phone, answer, sizeof answer, 0) == 3 ? 0 : 3);
}

static int serves(void)
{
    size_t heard = 0;
    struct port_udp *udp;
    struct port *port = bench_joined();
    if (port_udp_open(port, 69, hear, &heard, &udp) != 0)
        return 4;
    serve_without_rights(port, &heard);
    return 5;
}

static void test_serves_on(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(serves), 0);
    bench_sh("ip addr flush dev box0"); /* the child left without closing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_less_where_the_address_was_there),
        cmocka_unit_test(test_serves_on),
    };
    return cmocka_run_group_tests(tests, bench_make, bench_remove);
}
