/* test_sender.c - long pieces that threads send, while connections end in every way at every moment. Built a second
 * time with ThreadSanitizer (test_sender_threads). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "port_linux/bench.h"

#include "ports/linux/tcp.h"

#include <dirent.h>
#include <pthread.h>

#define SIZE (3u * 1024 * 1024 + 77)
enum { VISITS = 6, ROUNDS = 20, PERIOD = 65521, CHUNK = 65536 };

static uint8_t pattern[PERIOD + CHUNK];

/* The next CHUNK bytes of a content, from `at` on. */
static const uint8_t *bytes_of(unsigned content, size_t at)
{
    return pattern + (at + content * 977u) % PERIOD;
}

static int make_all(void **state)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i % PERIOD * 7 + (i % PERIOD >> 8) * 5);
    return bench_make(state);
}

/* -- the phone's side, a thread of its own ---------------------------------------------------------------- */

enum way { WAY_READ, WAY_CLOSE, WAY_RESET }; /* to the end, or this after `until` bytes */
struct visit {
    int fd;
    enum way way;
    size_t until, got;
    unsigned content;
    bool wrong, over;
};

static void take(struct visit *visit, uint8_t *buf, size_t cap)
{
    ssize_t count = recv(visit->fd, buf, cap, MSG_DONTWAIT);
    if (count > 0 && memcmp(buf, bytes_of(visit->content, visit->got), (size_t)count) != 0)
        visit->wrong = true;
    visit->got += count > 0 ? (size_t)count : 0;
    visit->over =
        count == 0 || (count < 0 && errno != EAGAIN) || (visit->way != WAY_READ && visit->got >= visit->until);
    if (!visit->over)
        return;
    if (visit->way == WAY_RESET)
        bench_phone_resets(visit->fd);
    else
        close(visit->fd);
    visit->fd = -1;
}

struct phones {
    struct visit visits[VISITS];
    atomic_bool over;
};

static void *be_phones(void *arg)
{
    struct phones *phones = arg;
    struct visit *visits = phones->visits;
    static uint8_t buf[CHUNK];
    for (;;) {
        struct pollfd polls[VISITS];
        bool over = true;
        for (int i = 0; i < VISITS; i++) {
            polls[i] = (struct pollfd){.fd = visits[i].fd, .events = POLLIN};
            over = over && visits[i].over;
        }
        if (over || poll(polls, VISITS, 10000) <= 0)
            break;
        for (int i = 0; i < VISITS; i++)
            if (polls[i].revents != 0)
                take(&visits[i], buf, sizeof buf);
    }
    atomic_store(&phones->over, true);
    return NULL;
}

/* -- the app's side ---------------------------------------------------------------------------------------- */

enum fate { FATE_FINISH, FATE_CLOSE, FATE_ABORT, FATE_SHUTDOWN };
struct side {
    struct port_tcp *tcp;
    const struct port_blob *blob; /* NULL: released */
    uint64_t off;
    enum fate fate;
    int turns; /* until then */
    int told;  /* how often it was told of room */
    bool asked, ended;
};
struct trial {
    struct port *port;
    struct side sides[VISITS];
    struct phones phones;
    int accepted;
};

static void let_go(struct side *side)
{
    port_blob_release(side->tcp->port, side->blob);
    side->blob = NULL;
}

static void send_on(struct side *side)
{
    while (side->off < SIZE) {
        int count = port_tcp_write_blob(side->tcp, side->blob, side->off, (size_t)(SIZE - side->off));
        if (count <= 0)
            return;
        side->off += (uint64_t)count;
    }
    assert_int_equal(side->off, SIZE);
    if (side->fate != FATE_FINISH)
        return;
    port_tcp_close(side->tcp);
    side->ended = true;
    let_go(side);
}

static void on_readable(void *conn)
{
    struct side *side = conn;
    char buf[16];
    if (port_tcp_read(side->tcp, buf, sizeof buf) <= 0 || side->asked)
        return;
    side->asked = true;
    send_on(side);
}

static void on_writable(void *conn)
{
    struct side *side = conn;
    side->told++;
    send_on(side);
}

static void on_ended(void *conn, enum port_end why)
{
    struct side *side = conn;
    (void)why;
    assert_false(side->ended);
    side->ended = true;
    let_go(side);
}

static const struct port_tcp_events events = {on_readable, on_writable, on_ended, NULL};

static void *on_accept(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    struct trial *trial = ctx;
    struct side *side = &trial->sides[trial->accepted++];
    (void)peer;
    side->tcp = tcp;
    return side;
}

/* The copy is released in the same breath: that a thread may have it yet is the port's affair. */
static void meet_fate(struct side *side)
{
    if (side->fate == FATE_SHUTDOWN)
        port_tcp_shutdown(side->tcp);
    if (side->fate == FATE_ABORT)
        port_tcp_abort(side->tcp);
    else
        port_tcp_close(side->tcp);
    side->ended = true;
    let_go(side);
}

static bool round_over(void *ctx)
{
    struct trial *trial = ctx;
    bool over = atomic_load(&trial->phones.over);
    for (int i = 0; i < VISITS; i++) {
        struct side *side = &trial->sides[i];
        if (side->asked && !side->ended && side->fate != FATE_FINISH && side->turns-- <= 0)
            meet_fate(side);
        over = over && side->ended;
    }
    return over;
}

static bool all_is_free(void *ctx)
{
    const struct port *port = ((struct trial *)ctx)->port;
    size_t count = 0;
    for (const struct port_tcp *tcp = port->tcp.free; tcp != NULL; tcp = tcp->next)
        count++;
    return count == port->tcp.size && port->blobs == NULL;
}

static const struct port_blob *blob_of(struct port *port, unsigned content)
{
    const struct port_blob *blob;
    char path[100];
    snprintf(path, sizeof path, "%s/piece.bin", bench_card);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    for (size_t at = 0; at < SIZE; at += CHUNK) {
        size_t len = SIZE - at < CHUNK ? SIZE - at : CHUNK;
        assert_int_equal(write(file, bytes_of(content, at), len), len);
    }
    close(file);
    assert_int_equal(port_blob_open(port, "piece.bin", &blob), 0);
    return blob;
}

static int phone_asks(uint16_t number)
{
    int fd = bench_phone_connects(number);
    assert_int_equal(send(fd, "GET", 3, MSG_NOSIGNAL), 3);
    return fd;
}

static unsigned pick(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static int open_files(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

/* -- tests --------------------------------------------------------------------------------------------------- */

static struct port_listener *listening(struct trial *trial)
{
    struct port_listener *listener;
    trial->port = bench_joined();
    assert_int_equal(port_reserve(trial->port, 2 * VISITS), 0);
    if (port_tcp_listen(trial->port, 8080, on_accept, trial, &events, &listener) != 0)
        fail_msg("%s", port_error_sentence(trial->port));
    return listener;
}

static void prepare(struct trial *trial, unsigned number, unsigned *seed)
{
    struct visit *visits = trial->phones.visits;
    trial->accepted = 0;
    atomic_store(&trial->phones.over, false);
    for (int i = 0; i < VISITS; i++) {
        unsigned content = number * VISITS + (unsigned)i;
        trial->sides[i] = (struct side){.blob = blob_of(trial->port, content), .turns = (int)pick(seed, 6)};
        trial->sides[i].fate = pick(seed, 2) == 0 ? FATE_FINISH : (enum fate)pick(seed, 4);
        visits[i] = (struct visit){.content = content, .until = pick(seed, SIZE), .fd = phone_asks(8080)};
        visits[i].way = pick(seed, 2) == 0 ? WAY_READ : (enum way)pick(seed, 3);
    }
}

/* Half of all pieces arrive whole and in order; the others are cut by the phone, by the box, or by both, at any
 * moment. What arrives is of the connection's own copy, whatever else was opened and closed meanwhile. */
static void test_every_end(void **state)
{
    (void)state;
    static struct trial trial;
    const struct visit *visits = trial.phones.visits;
    unsigned seed = 20, whole = 0;
    listening(&trial);
    for (unsigned number = 0; number < ROUNDS; number++) {
        pthread_t phones;
        prepare(&trial, number, &seed);
        assert_int_equal(pthread_create(&phones, NULL, be_phones, &trial.phones), 0);
        assert_true(bench_run(trial.port, round_over, &trial));
        pthread_join(phones, NULL);
        for (int i = 0; i < VISITS; i++) {
            assert_true(visits[i].over);
            assert_false(visits[i].wrong);
            if (visits[i].way == WAY_READ && trial.sides[i].fate == FATE_FINISH)
                assert_int_equal(visits[i].got, SIZE);
            whole += visits[i].got == SIZE;
        }
        assert_true(bench_run(trial.port, all_is_free, &trial));
    }
    assert_true(whole > ROUNDS);
    port_linux_close(trial.port);
}

static bool some_taken(void *ctx)
{
    return ((struct trial *)ctx)->sides[0].off > 0;
}

/* One phone asks and then reads nothing. */
static int begin_stalled(struct trial *trial)
{
    trial->accepted = 0;
    trial->sides[0] = (struct side){.blob = blob_of(trial->port, 1), .fate = FATE_ABORT};
    int fd = phone_asks(8080);
    assert_true(bench_run(trial->port, some_taken, trial));
    assert_true(sender_has(&trial->sides[0].tcp->piece));
    return fd;
}

static bool acknowledged(void *ctx)
{
    const struct side *side = &((struct trial *)ctx)->sides[0];
    return port_tcp_unacked(side->tcp) < side->off;
}

/* A phone that stands still: the app knows how far it is, the thread waits, and an end is an end at once. */
static void test_stalled(void **state)
{
    (void)state;
    static struct trial trial;
    listening(&trial);
    int fd = begin_stalled(&trial);
    struct side *side = &trial.sides[0];
    assert_true(bench_run(trial.port, acknowledged, &trial));
    bench_idle(trial.port);
    assert_true(side->off < SIZE);
    assert_int_equal(port_tcp_write(side->tcp, "no", 2, false), 0); /* nothing gets between */
    const struct port_blob *old = side->blob;
    meet_fate(side);
    assert_ptr_equal(trial.port->blobs, old); /* released, and kept for the thread */
    assert_true(bench_run(trial.port, all_is_free, &trial));
    close(fd);
    port_linux_close(trial.port);
}

static bool read_on(void *ctx)
{
    static uint8_t buf[4096];
    struct trial *trial = ctx;
    ssize_t count = recv(trial->accepted, buf, sizeof buf, MSG_DONTWAIT);
    assert_true(count != 0);
    return trial->sides[0].told >= 4;
}

/* A slow phone, some MB a second: the app is told now and then, not at the end only. */
static void test_progress_is_told(void **state)
{
    (void)state;
    static struct trial trial;
    listening(&trial);
    int fd = begin_stalled(&trial);
    trial.accepted = fd; /* for read_on() */
    assert_true(bench_run(trial.port, read_on, &trial));
    assert_true(trial.sides[0].off < SIZE);
    port_tcp_abort(trial.sides[0].tcp);
    let_go(&trial.sides[0]);
    assert_true(bench_run(trial.port, all_is_free, &trial));
    close(fd);
    port_linux_close(trial.port);
}

static bool one_asked(void *ctx)
{
    return ((struct trial *)ctx)->sides[0].asked;
}

/* The port ends with pieces on their way: no thread, descriptor or byte of memory stays. */
static void test_closed_with_pieces(void **state)
{
    (void)state;
    static struct trial trial;
    int before = open_files();
    for (int i = 0; i < 5; i++) {
        trial = (struct trial){0};
        listening(&trial);
        trial.sides[0] = (struct side){.blob = blob_of(trial.port, 1)};
        int fd = phone_asks(8080);
        assert_true(bench_run(trial.port, one_asked, &trial));
        if (i % 2 == 0)
            port_tcp_abort(trial.sides[0].tcp);
        port_linux_close(trial.port);
        close(fd);
    }
    assert_int_equal(open_files(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_end),
        cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_progress_is_told),
        cmocka_unit_test(test_closed_with_pieces),
    };
    return cmocka_run_group_tests(tests, make_all, bench_remove);
}
