/* test_post.c - short answers to many phones at once, by a thread and the loop, while connections end in every way. Built a
 * second time with ThreadSanitizer (test_post_threads). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "port_linux/bench.h"

#include "ports/linux/tcp.h"

enum { PHONES = 48, ROUNDS = 25, ASKS = 3, LONG = 8192, LEN_MAX = 9000 };

/* What the app does behind its last answer, in the same breath or some turns later. */
enum fate { FATE_KEEP, FATE_SHUTDOWN, FATE_CLOSE, FATE_ABORT, FATE_LOOK, FATE_MORE, FATES };

struct phone {
    /* its own side */
    int fd;
    size_t got;
    bool wrong, over;
    /* the app's */
    struct port_tcp *tcp;
    size_t len; /* of each answer */
    unsigned answered;
    enum fate fate;
    int turns;  /* until it is met; -1: it was */
    bool ended; /* its connection */
};
struct trial {
    struct port *port;
    struct phone phones[PHONES];
    int accepted;
    unsigned posted; /* answers */
};

static uint8_t pattern[LEN_MAX];

static int make_all(void **state)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 31 + (i >> 8));
    return bench_make(state);
}

static unsigned pick(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

/* -- the phone's side --------------------------------------------------------------------------------- */

static void ask(struct phone *phone)
{
    phone->over = send(phone->fd, "GET", 3, MSG_NOSIGNAL) != 3;
}

/* Asks again for each whole answer, as long as the app has not had enough. */
static void take(struct phone *phone)
{
    uint8_t buf[LEN_MAX];
    size_t at = phone->got % phone->len;
    ssize_t count = recv(phone->fd, buf, phone->len - at, MSG_DONTWAIT);
    if (count <= 0) {
        phone->over = count == 0 || errno != EAGAIN;
        return;
    }
    bool more = phone->got >= ASKS * phone->len && count == 1 && buf[0] == '!';
    phone->wrong = phone->wrong || (!more && memcmp(buf, pattern + at, (size_t)count) != 0);
    phone->got += (size_t)count;
    if (phone->got % phone->len == 0 && phone->got < ASKS * phone->len)
        ask(phone);
}

/* -- the app's side ------------------------------------------------------------------------------------- */

static void meet_fate(struct phone *phone)
{
    enum fate fate = phone->fate;
    phone->turns = -1;
    phone->ended = fate == FATE_CLOSE || fate == FATE_ABORT;
    if (fate == FATE_SHUTDOWN)
        port_tcp_shutdown(phone->tcp);
    else if (fate == FATE_CLOSE)
        port_tcp_close(phone->tcp);
    else if (fate == FATE_ABORT)
        port_tcp_abort(phone->tcp);
    else if (fate == FATE_LOOK)
        assert_true(port_tcp_unacked(phone->tcp) <= phone->len);
    else if (fate == FATE_MORE)
        assert_int_equal(port_tcp_write(phone->tcp, "!", 1, false), 1);
}

struct side {
    struct trial *trial;
    struct phone *phone;
};
static struct side sides[PHONES];

static void on_readable(void *conn)
{
    struct side *side = conn;
    struct phone *phone = side->phone;
    char buf[16];
    int count = port_tcp_read(phone->tcp, buf, sizeof buf);
    if (count < 0) {
        phone->ended = true;
        port_tcp_close(phone->tcp);
    }
    if (count <= 0)
        return;
    bool arrived = port_tcp_unacked(phone->tcp) == 0;
    assert_int_equal(port_tcp_write(phone->tcp, pattern, phone->len, false), phone->len);
    if (phone->tcp->post != NULL)
        assert_true(arrived && phone->len <= LONG);
    side->trial->posted += phone->tcp->post != NULL;
    if (++phone->answered == ASKS && phone->turns == 0)
        meet_fate(phone);
}

static void on_writable(void *conn)
{
    (void)conn;
    fail_msg("an empty socket did not take an answer");
}

static void on_ended(void *conn, enum port_end why)
{
    struct side *side = conn;
    (void)why;
    assert_false(side->phone->ended);
    side->phone->ended = true;
}

static const struct port_tcp_events events = {on_readable, on_writable, on_ended, NULL};

static void *on_accept(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    struct trial *trial = ctx;
    (void)peer;
    int i = trial->accepted++;
    trial->phones[i].tcp = tcp;
    sides[i] = (struct side){trial, &trial->phones[i]};
    return &sides[i];
}

static bool all_answered(void *ctx)
{
    struct trial *trial = ctx;
    bool over = true;
    for (int i = 0; i < PHONES; i++) {
        struct phone *phone = &trial->phones[i];
        if (!phone->over)
            take(phone);
        if (phone->answered == ASKS && !phone->ended && phone->turns > 0 && --phone->turns == 0)
            meet_fate(phone);
        bool cut = phone->fate == FATE_ABORT; /* what was on its way is lost */
        over = over && phone->answered == ASKS && phone->turns <= 0 &&
               (phone->over || (!cut && phone->got >= ASKS * phone->len));
    }
    return over;
}

/* -- tests ------------------------------------------------------------------------------------------------ */

static void listening(struct trial *trial)
{
    struct port_listener *listener;
    trial->port = bench_joined();
    assert_int_equal(port_reserve(trial->port, 2 * PHONES), 0);
    if (port_tcp_listen(trial->port, 8080, on_accept, trial, &events, &listener) != 0)
        fail_msg("%s", port_error_sentence(trial->port));
}

/* A connection is accepted in the order in which it was made. */
static void prepare(struct trial *trial, unsigned *seed)
{
    trial->accepted = 0;
    for (int i = 0; i < PHONES; i++) {
        struct phone *phone = &trial->phones[i];
        *phone = (struct phone){.fd = bench_phone_connects(8080), .len = 1 + pick(seed, LEN_MAX - 1)};
        phone->fate = (enum fate)pick(seed, FATES);
        phone->turns = (int)pick(seed, 3);
        ask(phone);
    }
}

static void check(const struct phone *phone)
{
    assert_false(phone->wrong);
    if (phone->fate != FATE_ABORT)
        assert_true(phone->got >= ASKS * phone->len);
    if (phone->fate == FATE_SHUTDOWN && phone->over)
        assert_int_equal(phone->got, ASKS * phone->len);
}

static bool all_is_free(void *ctx)
{
    const struct port *port = ((struct trial *)ctx)->port;
    size_t count = 0;
    for (const struct port_tcp *tcp = port->tcp.free; tcp != NULL; tcp = tcp->next)
        count++;
    return count == port->tcp.size;
}

/* Every answer arrives whole, once and in order, whoever sent it and whatever follows it; only an abort may cut one. */
static void test_crowd(void **state)
{
    (void)state;
    static struct trial trial;
    unsigned seed = 7;
    listening(&trial);
    for (unsigned number = 0; number < ROUNDS; number++) {
        prepare(&trial, &seed);
        assert_true(bench_run(trial.port, all_answered, &trial));
        for (int i = 0; i < PHONES; i++) {
            check(&trial.phones[i]);
            close(trial.phones[i].fd);
        }
        assert_true(bench_run(trial.port, all_is_free, &trial));
    }
    assert_true(sysconf(_SC_NPROCESSORS_ONLN) < 2 || trial.posted > ROUNDS * PHONES / 2);
    port_linux_close(trial.port);
}

static bool end_of_all(void *ctx)
{
    struct trial *trial = ctx;
    bool over = true;
    for (int i = 0; i < PHONES; i++) {
        if (!trial->phones[i].over)
            take(&trial->phones[i]);
        over = over && trial->phones[i].over;
    }
    return over;
}

/* The end goes out behind the answer, never before it; the port may be closed with answers on their way. */
static void test_ends(void **state)
{
    (void)state;
    static struct trial trial;
    unsigned seed = 3;
    listening(&trial);
    prepare(&trial, &seed);
    for (int i = 0; i < PHONES; i++) {
        trial.phones[i].fate = FATE_SHUTDOWN;
        trial.phones[i].turns = 0;
    }
    assert_true(bench_run(trial.port, end_of_all, &trial));
    for (int i = 0; i < PHONES; i++) {
        assert_int_equal(trial.phones[i].got, ASKS * trial.phones[i].len);
        close(trial.phones[i].fd);
    }
    assert_true(bench_run(trial.port, all_is_free, &trial));
    prepare(&trial, &seed);
    bench_idle(trial.port);
    port_linux_close(trial.port);
    for (int i = 0; i < PHONES; i++)
        close(trial.phones[i].fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, make_all, bench_remove);
}
