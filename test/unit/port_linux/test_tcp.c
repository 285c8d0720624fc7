/* test_tcp.c - TCP through a real cable: back-pressure, blobs, every way to end. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include "ports/linux/tcp.h"

#include <netinet/tcp.h>

#define BLOB_SIZE (5u * 1024 * 1024 + 13)

/* The app's side of one connection. */
struct side {
    struct port_tcp *tcp;
    struct port_peer peer;
    int accepted, readable, writable, ended, connected, eof;
    enum port_end why;
    char got[4096];
    size_t got_len;
    bool echo, refuse, deaf; /* refuse: accept returns NULL; deaf: never reads */
    bool close_when_read, abort_when_read;
    const struct port_blob *blob;
    uint64_t off;
};

static void send_blob(struct side *side)
{
    while (side->off < side->blob->size) {
        int count = port_tcp_write_blob(side->tcp, side->blob, side->off, (size_t)(side->blob->size - side->off));
        if (count <= 0)
            return;
        side->off += (uint64_t)count;
    }
    port_tcp_close(side->tcp);
}

static void on_readable(void *conn)
{
    struct side *side = conn;
    side->readable++;
    if (side->deaf)
        return;
    int count = port_tcp_read(side->tcp, side->got + side->got_len, sizeof side->got - side->got_len);
    if (count == PORT_E_CLOSED) {
        side->eof++;
        return;
    }
    side->got_len += (size_t)count;
    if (side->echo)
        port_tcp_write(side->tcp, side->got + side->got_len - count, (size_t)count, false);
    if (side->blob != NULL && side->off == 0)
        send_blob(side);
    else if (side->close_when_read)
        port_tcp_close(side->tcp);
    else if (side->abort_when_read)
        port_tcp_abort(side->tcp);
}

static void on_writable(void *conn)
{
    struct side *side = conn;
    side->writable++;
    if (side->blob != NULL)
        send_blob(side);
}

static void on_ended(void *conn, enum port_end why)
{
    struct side *side = conn;
    side->ended++;
    side->why = why;
}

static void on_connected(void *conn)
{
    ((struct side *)conn)->connected++;
}

static const struct port_tcp_events events = {on_readable, on_writable, on_ended, on_connected};

static void *on_accept(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    struct side *side = ctx;
    side->accepted++;
    side->tcp = tcp;
    side->peer = *peer;
    return side->refuse ? NULL : side;
}

static struct port_listener *listening(struct port *port, uint16_t number, struct side *side)
{
    struct port_listener *listener;
    if (port_tcp_listen(port, number, on_accept, side, &events, &listener) != 0)
        fail_msg("%s", port_error_sentence(port));
    return listener;
}

static void phone_sends(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* -- what a test waits for ------------------------------------------------------------------------- */

static bool was_accepted(void *ctx)
{
    return ((struct side *)ctx)->accepted > 0;
}
static bool has_read(void *ctx)
{
    return ((struct side *)ctx)->got_len > 0;
}
static bool has_ended(void *ctx)
{
    return ((struct side *)ctx)->ended > 0;
}
static bool has_eof(void *ctx)
{
    return ((struct side *)ctx)->eof > 0;
}
static bool has_connected(void *ctx)
{
    struct side *side = ctx;
    return side->connected > 0 || side->ended > 0;
}

static bool some_sent(void *ctx)
{
    return ((struct side *)ctx)->off > 0;
}

struct phone {
    int fd, error;
    size_t len, wanted, step;
    uint8_t *data;
    bool eof;
};

/* Reads until `wanted` bytes or, with 0, until the end; at most `step` bytes a turn. */
static bool phone_reads(void *ctx)
{
    struct phone *phone = ctx;
    size_t left = phone->step;
    while (left > 0 && !phone->eof && phone->error == 0) {
        ssize_t count = recv(phone->fd, phone->data + phone->len, left, 0);
        if (count < 0 && errno == EAGAIN)
            break;
        phone->error = count < 0 ? errno : 0;
        phone->eof = count == 0;
        phone->len += count > 0 ? (size_t)count : 0;
        left -= count > 0 ? (size_t)count : 0;
    }
    return phone->eof || phone->error != 0 || (phone->wanted > 0 && phone->len >= phone->wanted);
}

/* -- tests ------------------------------------------------------------------------------------------- */

static void test_echo_and_both_ends_close(void **state)
{
    (void)state;
    uint8_t buf[64];
    struct side side = {.echo = true};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    assert_int_equal(side.peer.address, PHONE);
    phone_sends(fd, "hello");
    struct phone phone = {.fd = fd, .wanted = 5, .step = 64, .data = buf};
    assert_true(bench_run(port, phone_reads, &phone));
    assert_memory_equal(buf, "hello", 5);
    shutdown(fd, SHUT_WR);
    assert_true(bench_run(port, has_eof, &side));
    int before = side.readable;
    bench_idle(port); /* the end is told once */
    assert_int_equal(side.readable, before);
    assert_int_equal(side.ended, 0);
    assert_int_equal(port_tcp_write(side.tcp, "bye", 3, false), 3); /* half closed: we may still write */
    port_tcp_shutdown(side.tcp);
    assert_true(bench_run(port, has_ended, &side));
    assert_int_equal(side.why, PORT_END_PEER);
    close(fd);
    port_linux_close(port);
}

static const struct port_blob *some_blob(struct port *port)
{
    const struct port_blob *blob;
    char path[100];
    uint8_t *data = malloc(BLOB_SIZE);
    snprintf(path, sizeof path, "%s/image.bin", bench_card);
    for (uint32_t i = 0; i < BLOB_SIZE; i++)
        data[i] = (uint8_t)((i * 2654435761u) >> 24);
    FILE *file = fopen(path, "w");
    assert_int_equal(fwrite(data, 1, BLOB_SIZE, file), BLOB_SIZE);
    fclose(file);
    free(data);
    assert_int_equal(port_blob_open(port, "IMAGE.BIN", &blob), 0);
    assert_int_equal(blob->size, BLOB_SIZE);
    return blob;
}

/* A phone that reads slowly: the box is told when it may go on, and every byte arrives. */
static void test_blob_with_back_pressure(void **state)
{
    (void)state;
    struct side side = {0};
    struct port *port = bench_joined();
    side.blob = some_blob(port);
    listening(port, 8080, &side);
    int fd = bench_phone_bound(SOCK_STREAM, 0), small = 8192;
    struct sockaddr_in to = socket_address(BOX, 8080);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    connect(fd, (struct sockaddr *)&to, sizeof to);
    assert_true(bench_run(port, was_accepted, &side));
    phone_sends(fd, "GET");
    assert_true(bench_run(port, some_sent, &side));
    bench_idle(port);
    assert_true(side.off < BLOB_SIZE); /* full */
    assert_true(port_tcp_unacked(side.tcp) > 0);
    struct phone phone = {.fd = fd, .step = 100000, .data = malloc(BLOB_SIZE + 1)};
    assert_true(bench_run(port, phone_reads, &phone));
    assert_true(phone.eof);
    assert_true(side.writable > 1);
    assert_int_equal(phone.len, BLOB_SIZE);
    assert_memory_equal(phone.data, side.blob->data, BLOB_SIZE);
    free(phone.data);
    close(fd);
    port_linux_close(port);
}

static bool all_acked(void *ctx)
{
    return port_tcp_unacked(((struct side *)ctx)->tcp) == 0;
}

static void test_unacked(void **state)
{
    (void)state;
    uint8_t buf[64];
    struct side side = {0};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    bench_sh("ip link set box0 down"); /* nothing arrives */
    assert_int_equal(port_tcp_write(side.tcp, "progress", 8, true), 8);
    assert_int_equal(port_tcp_write(side.tcp, "!", 1, false), 1);
    assert_int_equal(port_tcp_unacked(side.tcp), 9);
    port_tcp_shutdown(side.tcp);
    assert_int_equal(port_tcp_unacked(side.tcp), 9);
    bench_sh("ip link set box0 up");
    assert_true(bench_run(port, all_acked, &side));
    struct phone phone = {.fd = fd, .step = 64, .data = buf};
    assert_true(bench_run(port, phone_reads, &phone));
    assert_int_equal(phone.len, 9);
    close(fd);
    port_linux_close(port);
}

static void test_reset_by_the_phone(void **state)
{
    (void)state;
    struct side side = {0};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    bench_phone_resets(fd);
    assert_true(bench_run(port, has_ended, &side));
    assert_int_equal(side.why, PORT_END_RESET);
    assert_int_equal(side.ended, 1);
    bench_idle(port);
    assert_int_equal(side.ended, 1);
    port_linux_close(port);
}

/* The reset is first noticed by a write: that says CLOSED, and ended() still follows, once. */
static void test_reset_noticed_by_a_write(void **state)
{
    (void)state;
    struct side side = {.deaf = true};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    int before = side.readable; /* it is looked at once when it is accepted */
    port_tcp_want_read(side.tcp, false);
    phone_sends(fd, "unread");
    bench_idle(port);
    assert_int_equal(side.readable, before);
    bench_phone_resets(fd);
    struct pollfd gone = {.fd = side.tcp->watch.fd};
    assert_int_equal(poll(&gone, 1, 5000), 1);
    assert_int_equal(port_tcp_write(side.tcp, "x", 1, false), PORT_E_CLOSED);
    assert_int_equal(port_tcp_write(side.tcp, "x", 1, false), PORT_E_CLOSED);
    assert_true(bench_run(port, has_ended, &side));
    assert_int_equal(side.why, PORT_END_RESET);
    port_linux_close(port);
}

/* Both directions are closed while the app does not read: no event spins, and nothing is lost. */
static void test_closed_while_not_reading(void **state)
{
    (void)state;
    struct side side = {0};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    int before = side.readable; /* it is looked at once when it is accepted */
    port_tcp_want_read(side.tcp, false);
    port_tcp_shutdown(side.tcp);
    phone_sends(fd, "last words");
    shutdown(fd, SHUT_WR);
    bench_idle(port);
    assert_int_equal(side.readable, before);
    assert_int_equal(side.ended, 0);
    assert_true(side.tcp->watch.parked);
    port_tcp_want_read(side.tcp, true);
    assert_true(bench_run(port, has_ended, &side));
    assert_int_equal(side.got_len, 10);
    assert_int_equal(side.eof, 1);
    assert_int_equal(side.why, PORT_END_PEER);
    close(fd);
    port_linux_close(port);
}

/* Closed with request bytes unread: the phone must get the answer, not a reset that wipes it out. */
static void test_close_with_unread_bytes(void **state)
{
    (void)state;
    uint8_t buf[64];
    struct side side = {.deaf = true};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    phone_sends(fd, "a body that is too large");
    assert_int_equal(port_tcp_write(side.tcp, "413", 3, false), 3);
    port_tcp_close(side.tcp);
    phone_sends(fd, "and more of it");
    bench_idle(port);
    phone_sends(fd, "and more of it");
    struct phone phone = {.fd = fd, .step = 64, .data = buf};
    assert_true(bench_run(port, phone_reads, &phone));
    assert_int_equal(phone.error, 0);
    assert_memory_equal(buf, "413", 3);
    assert_non_null(port->tcp.linger_first);
    close(fd);
    bench_idle(port);
    assert_null(port->tcp.linger_first); /* the phone has ended: the connection is free */
    assert_int_equal(side.ended, 0);
    port_linux_close(port);
}

static void test_close_and_abort_in_callbacks(void **state)
{
    (void)state;
    uint8_t buf[64];
    struct side polite = {.close_when_read = true}, rude = {.abort_when_read = true}, never = {.refuse = true};
    struct port *port = bench_joined();
    listening(port, 8080, &polite);
    listening(port, 8081, &rude);
    listening(port, 8082, &never);
    const struct {
        uint16_t number;
        int error;
    } cases[] = {{8080, 0}, {8081, ECONNRESET}, {8082, ECONNRESET}};
    for (size_t i = 0; i < 3; i++) {
        int fd = bench_phone_connects(cases[i].number);
        send(fd, "x", 1, MSG_NOSIGNAL);
        struct phone phone = {.fd = fd, .step = 64, .data = buf};
        assert_true(bench_run(port, phone_reads, &phone));
        assert_int_equal(phone.error, cases[i].error);
        close(fd);
    }
    assert_int_equal(polite.ended + rude.ended + never.ended, 0);
    port_linux_close(port);
}

static void test_full_pool_makes_them_wait(void **state)
{
    (void)state;
    struct side side = {0};
    struct port *port = bench_joined();
    assert_int_equal(port_reserve(port, 1), 0);
    assert_int_equal(port_reserve(port, 1), PORT_E_BUSY);
    listening(port, 8080, &side);
    int first = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    struct port_tcp *held = side.tcp, *more;
    int second = bench_phone_connects(8080); /* the kernel answers: it waits in the queue */
    bench_idle(port);
    assert_int_equal(side.accepted, 1);
    assert_int_equal(port_tcp_connect(port, PHONE, 80, &events, &side, &more), PORT_E_FULL);
    port_tcp_close(held); /* only waits for its peer's end now, and so makes room */
    bench_idle(port);
    assert_int_equal(side.accepted, 2); /* at once, not when the wait is over */
    close(first);
    close(second);
    port_linux_close(port);
}

static void test_many_at_once(void **state)
{
    (void)state;
    enum { MANY = 100 };
    struct side side = {.echo = true};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd[MANY];
    for (int i = 0; i < MANY; i++)
        fd[i] = bench_phone_connects(8080);
    for (int turns = 0; side.accepted < MANY && turns < 100; turns++)
        bench_idle(port);
    assert_int_equal(side.accepted, MANY);
    for (int i = 0; i < MANY; i++)
        i % 2 == 0 ? bench_phone_resets(fd[i]) : (void)close(fd[i]);
    for (int turns = 0; side.ended < MANY / 2 && turns < 100; turns++)
        bench_idle(port);
    assert_int_equal(side.ended, MANY / 2);
    port_linux_close(port);
}

/* Two connections have something to say in the same turn; the first to be heard closes the other. */
struct rival {
    struct port_tcp *tcp;
    struct rival *other;
    int *heard;
};

static void silence_other(void *conn)
{
    struct rival *rival = conn;
    char byte;
    if (port_tcp_read(rival->tcp, &byte, 1) == 0)
        return;
    ++*rival->heard;
    port_tcp_abort(rival->other->tcp);
}

static void *accept_rival(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    struct rival *rivals = ctx, *rival = &rivals[rivals[0].tcp != NULL];
    (void)peer;
    rival->tcp = tcp;
    return rival;
}

static bool both_there(void *ctx)
{
    return ((struct rival *)ctx)[1].tcp != NULL;
}

static void test_closed_by_another_in_the_same_turn(void **state)
{
    (void)state;
    static const struct port_tcp_events rival_events = {silence_other, on_writable, on_ended, NULL};
    int heard = 0;
    struct rival rivals[2] = {{NULL, &rivals[1], &heard}, {NULL, &rivals[0], &heard}};
    struct port_listener *listener;
    struct port *port = bench_joined();
    assert_int_equal(port_tcp_listen(port, 8080, accept_rival, rivals, &rival_events, &listener), 0);
    int first = bench_phone_connects(8080), second = bench_phone_connects(8080);
    assert_true(bench_run(port, both_there, rivals));
    phone_sends(first, "x");
    phone_sends(second, "y");
    struct pollfd ready[2] = {{rivals[0].tcp->watch.fd, POLLIN, 0}, {rivals[1].tcp->watch.fd, POLLIN, 0}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(poll(&ready[i], 1, 5000), 1);
    bench_idle(port);
    assert_int_equal(heard, 1);
    close(first);
    close(second);
    port_linux_close(port);
}

static int option_of(const struct port_tcp *tcp, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(tcp->watch.fd, level, name, &value, &size), 0);
    return value;
}

static void test_connect(void **state)
{
    (void)state;
    uint8_t buf[64];
    struct side side = {0};
    struct port *port = bench_joined();
    int listener = bench_phone_bound(SOCK_STREAM, 80);
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(port_tcp_connect(port, PHONE, 80, &events, &side, &side.tcp), 0);
    assert_int_equal(port_tcp_write(side.tcp, "early", 5, false), 0);
    assert_int_equal(side.connected, 0); /* never from inside the call */
    assert_true(bench_run(port, has_connected, &side));
    assert_int_equal(side.connected, 1);
    assert_int_equal(port_tcp_write(side.tcp, "GET /admin/resync", 17, false), 17);
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(ntohl(from.sin_addr.s_addr), BOX);
    struct phone phone = {.fd = fd, .wanted = 17, .step = 64, .data = buf};
    assert_true(bench_run(port, phone_reads, &phone));
    phone_sends(fd, "200");
    assert_true(bench_run(port, has_read, &side));
    assert_int_equal(option_of(side.tcp, SOL_SOCKET, SO_KEEPALIVE), 1); /* whoever is asked may be silent for long */
    close(fd);
    close(listener);
    port_linux_close(port);
}

static void test_connect_refused(void **state)
{
    (void)state;
    struct side side = {0};
    struct port *port = bench_joined();
    assert_int_equal(port_tcp_connect(port, PHONE, 81, &events, &side, &side.tcp), 0);
    assert_true(bench_run(port, has_connected, &side));
    assert_int_equal(side.connected, 0);
    assert_int_equal(side.why, PORT_END_RESET);
    port_linux_close(port);
}

static void test_the_box_asks_itself(void **state)
{
    (void)state;
    uint8_t buf[64];
    struct side side = {.echo = true};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = socket_address(BOX, 8080);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    phone_sends(fd, "status");
    struct phone phone = {.fd = fd, .wanted = 6, .step = 64, .data = buf};
    assert_true(bench_run(port, phone_reads, &phone));
    close(fd);
    port_linux_close(port);
}

static void test_options_are_inherited(void **state)
{
    (void)state;
    struct side side = {0};
    struct port *port = bench_joined();
    listening(port, 8080, &side);
    int fd = bench_phone_connects(8080);
    assert_true(bench_run(port, was_accepted, &side));
    const int names[][3] = {
        {IPPROTO_TCP, TCP_NODELAY, 1}, {SOL_SOCKET, SO_KEEPALIVE, 0}, {IPPROTO_TCP, TCP_USER_TIMEOUT, 60000}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(option_of(side.tcp, names[i][0], names[i][1]), names[i][2]);
    close(fd);
    port_linux_close(port);
}

static void test_needs_the_interface(void **state)
{
    (void)state;
    struct side side = {0};
    struct port_listener *listener;
    struct port *port = bench_port();
    assert_int_equal(port_tcp_listen(port, 80, on_accept, &side, &events, &listener), PORT_E_SYSTEM);
    assert_int_equal(port_tcp_connect(port, PHONE, 80, &events, &side, &side.tcp), PORT_E_SYSTEM);
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_and_both_ends_close),
        cmocka_unit_test(test_blob_with_back_pressure),
        cmocka_unit_test(test_unacked),
        cmocka_unit_test(test_reset_by_the_phone),
        cmocka_unit_test(test_reset_noticed_by_a_write),
        cmocka_unit_test(test_closed_while_not_reading),
        cmocka_unit_test(test_close_with_unread_bytes),
        cmocka_unit_test(test_close_and_abort_in_callbacks),
        cmocka_unit_test(test_full_pool_makes_them_wait),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_closed_by_another_in_the_same_turn),
        cmocka_unit_test(test_connect),
        cmocka_unit_test(test_connect_refused),
        cmocka_unit_test(test_the_box_asks_itself),
        cmocka_unit_test(test_options_are_inherited),
        cmocka_unit_test(test_needs_the_interface),
    };
    return cmocka_run_group_tests(tests, bench_make, bench_remove);
}
