/* bench.h - a bench for tests of the Linux port: a network namespace of its own with the box's end of a cable
 * ("box0", 192.168.10.10/24), and a second one with the phone's end ("phone0", 192.168.10.50/24). Needs ip(8). */
#ifndef STAGEBOX_TEST_PORT_LINUX_BENCH_H
#define STAGEBOX_TEST_PORT_LINUX_BENCH_H

#include "ports/linux/internal.h"
#include "ports/linux/linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define BOX 0xc0a80a0au   /* 192.168.10.10 */
#define PHONE 0xc0a80a32u /* 192.168.10.50 */
#define MAYBE_UNUSED __attribute__((unused))

static int bench_box_ns = -1, bench_phone_ns = -1;
static char bench_card[64];

static inline void bench_sh(const char *command)
{
    if (system(command) != 0) {
        fprintf(stderr, "failed: %s\n", command);
        abort();
    }
}

static inline void bench_write(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* Whoever is not root becomes root of a user namespace. */
static inline void bench_become_root(void)
{
    char map[40];
    uid_t user = geteuid();
    gid_t group = getegid();
    if (user == 0)
        return;
    assert_int_equal(unshare(CLONE_NEWUSER), 0);
    bench_write("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", (unsigned)user);
    bench_write("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %u 1", (unsigned)group);
    bench_write("/proc/self/gid_map", map);
}

static inline int bench_new_ns(void)
{
    assert_int_equal(unshare(CLONE_NEWNET), 0);
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static inline void bench_enter(int ns)
{
    assert_int_equal(setns(ns, CLONE_NEWNET), 0);
}

/* Group set-ups for cmocka: an empty card only, or the whole bench. */
static MAYBE_UNUSED int bench_make_card(void **state)
{
    (void)state;
    snprintf(bench_card, sizeof bench_card, "/tmp/stagebox-test-XXXXXX");
    return mkdtemp(bench_card) == NULL;
}

static MAYBE_UNUSED int bench_make(void **state)
{
    char command[200];
    (void)state;
    bench_become_root();
    bench_box_ns = bench_new_ns();
    bench_phone_ns = bench_new_ns();
    bench_sh("ip link set lo up");
    bench_enter(bench_box_ns);
    snprintf(command, sizeof command,
             "ip link set lo up && ip link add box0 type veth peer name phone0 netns /proc/%d/fd/%d && "
             "ip link set box0 up",
             (int)getpid(), bench_phone_ns);
    fcntl(bench_phone_ns, F_SETFD, 0);
    bench_sh(command);
    bench_enter(bench_phone_ns);
    bench_sh("ip link set phone0 address 58:bf:ea:11:04:e6 && ip addr add 192.168.10.50/24 dev phone0 && "
             "ip link set phone0 up");
    bench_enter(bench_box_ns);
    return bench_make_card(state);
}

static MAYBE_UNUSED int bench_remove(void **state)
{
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", bench_card);
    bench_sh(command);
    return 0;
}

static inline struct port *bench_port(void)
{
    char why[SENTENCE_MAX];
    struct port *port = port_linux_open(bench_card, NULL, why, sizeof why);
    assert_non_null(port);
    return port;
}

/* A port that has joined box0. */
static MAYBE_UNUSED struct port *bench_joined(void)
{
    struct port *port = bench_port();
    if (port_interface_open(port, "box0", BOX, 24) != 0)
        fail_msg("%s", port_error_sentence(port));
    return port;
}

/* A socket of the phone's side, non-blocking. */
static MAYBE_UNUSED int bench_phone_socket(int family, int type, int protocol)
{
    bench_enter(bench_phone_ns);
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    bench_enter(bench_box_ns);
    assert_true(fd >= 0);
    return fd;
}

/* The same bound to a UDP or TCP port of the phone; broadcasts allowed. */
static MAYBE_UNUSED int bench_phone_bound(int type, uint16_t number)
{
    int on = 1, fd = bench_phone_socket(AF_INET, type, 0);
    struct sockaddr_in name = socket_address(INADDR_ANY, number);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "phone0", 7), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

/* A TCP connection of the phone's to the box. */
static MAYBE_UNUSED int bench_phone_connects(uint16_t number)
{
    int fd = bench_phone_bound(SOCK_STREAM, 0);
    struct sockaddr_in to = socket_address(BOX, number);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        assert_int_equal(errno, EINPROGRESS);
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    assert_int_equal(poll(&ready, 1, 5000), 1);
    return fd;
}

static MAYBE_UNUSED void bench_phone_resets(int fd)
{
    struct linger hard = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
}

/* Everything that arrives at the phone of one EtherType. */
static MAYBE_UNUSED int bench_phone_frames(uint16_t ethertype)
{
    int fd = bench_phone_socket(AF_PACKET, SOCK_RAW, htons(ethertype));
    bench_enter(bench_phone_ns);
    struct sockaddr_ll name = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ethertype), .sll_ifindex = (int)if_nametoindex("phone0")};
    bench_enter(bench_box_ns);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

static MAYBE_UNUSED void bench_send_to(int fd, ip4 address, uint16_t number, const void *data, size_t len)
{
    struct sockaddr_in to = socket_address(address, number);
    assert_int_equal(sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof to), len);
}

/* Turns of the loop until `done` says so; fails after 10 s. */
struct bench_wait {
    struct port *port;
    bool (*done)(void *ctx);
    void *ctx;
    uint64_t limit;
    bool timed_out;
};

static inline uint64_t bench_turn(void *ctx, uint64_t now)
{
    struct bench_wait *wait = ctx;
    wait->timed_out = now > wait->limit;
    if (wait->timed_out || wait->done(wait->ctx))
        port_stop(wait->port);
    return now + 1;
}

static inline void bench_no_hook(void *ctx)
{
    (void)ctx;
}

static MAYBE_UNUSED bool bench_run(struct port *port, bool (*done)(void *ctx), void *ctx)
{
    struct bench_wait wait = {port, done, ctx, port_now_ms(port) + 10000, false};
    struct port_hooks hooks = {&wait, bench_turn, bench_no_hook, bench_no_hook};
    assert_int_equal(port_run(port, &hooks), 0);
    return !wait.timed_out;
}

/* A few turns, for what must not happen. */
static inline bool bench_count_down(void *ctx)
{
    return --*(int *)ctx <= 0;
}

static MAYBE_UNUSED void bench_idle(struct port *port)
{
    int turns = 20;
    assert_true(bench_run(port, bench_count_down, &turns));
}

/* Runs `body` in a child, for what cannot be undone (rights, filters); its exit status. */
static MAYBE_UNUSED int bench_in_child(int (*body)(void))
{
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#endif
