/* Two engines talk through memory: our transfer and a client written for the test. The n-th
 * datagram is lost, for every n; one in n is lost; every n-th is doubled; files over 32 MB make the
 * block numbers run over. */
#include "net/tftp/transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A receiver as RFC 1350 and RFC 7440 describe it, with a timer of its own. */
struct client {
    uint64_t expected; /* next block */
    uint64_t got;      /* bytes */
    uint64_t since_ack;
    uint64_t window;
    uint64_t wake;
    uint64_t data_seen;
    const uint8_t *want;
    uint64_t size;
    size_t blksize;
    bool oack, done, acks_due, wrong;
    uint8_t ack[4];
};

static void client_ack(struct client *c, uint64_t now)
{
    uint64_t block = c->expected - 1;
    c->ack[0] = 0;
    c->ack[1] = TFTP_ACK;
    c->ack[2] = (uint8_t)(block >> 8);
    c->ack[3] = (uint8_t)block;
    c->acks_due = true;
    c->since_ack = 0;
    c->wake = now + 1700;
}

static void client_data(struct client *c, const struct tftp_out *out, uint64_t now)
{
    unsigned number = (unsigned)(out->head[2] << 8 | out->head[3]);
    c->data_seen++;
    if (number != (uint16_t)c->expected) {
        if (c->since_ack > 0 || c->window > 1)
            client_ack(c, now); /* a gap, or old data: says where we are */
        else if (number == (uint16_t)(c->expected - 1))
            client_ack(c, now);
        return;
    }
    if (c->got + out->body_len > c->size ||
        (out->body_len > 0 && memcmp(out->body, c->want + c->got, out->body_len) != 0)) {
        c->wrong = true;
        return;
    }
    c->got += out->body_len;
    c->expected++;
    c->done = out->body_len < c->blksize;
    if (++c->since_ack == c->window || c->done)
        client_ack(c, now);
}

static void client_input(struct client *c, const struct tftp_out *out, uint64_t now)
{
    if (out->head[1] == TFTP_OACK) {
        if (c->expected == 1 && c->got == 0)
            client_ack(c, now);
        return;
    }
    if (out->head[1] == TFTP_DATA)
        client_data(c, out, now);
}

struct wire {
    uint64_t lost;    /* the lost-th datagram of either way, once */
    uint64_t rate;    /* one in so many is lost, by chance */
    uint64_t doubled; /* every doubled-th arrives twice; 0 in any of them: never */
    uint64_t count;
    uint32_t chance;
};

static int copies(struct wire *w)
{
    w->count++;
    w->chance = w->chance * 1664525u + 1013904223u;
    if (w->count == w->lost || (w->rate > 0 && (w->chance >> 8) % w->rate == 0))
        return 0;
    return w->doubled > 0 && w->count % w->doubled == 0 ? 2 : 1;
}

static void carry_acks(struct client *c, struct tftp_xfer *x, struct wire *w, uint64_t now)
{
    if (!c->acks_due)
        return;
    c->acks_due = false;
    for (int n = copies(w); n > 0; n--)
        tftp_input(x, c->ack, sizeof c->ack, now);
}

/* Runs until the transfer has ended; returns the virtual time it took. */
static uint64_t converse(struct client *c, struct tftp_xfer *x, struct wire *w)
{
    uint64_t now = 0;
    struct tftp_out out;
    while (tftp_result(x) == TFTP_RUNNING && !c->wrong && now < 3600000) {
        bool moved = false;
        while (tftp_output(x, &out, now)) {
            moved = true;
            for (int n = copies(w); n > 0; n--) {
                client_input(c, &out, now);
                carry_acks(c, x, w, now);
            }
        }
        if (moved)
            continue;
        uint64_t next = tftp_deadline(x);
        if (next > c->wake)
            next = c->wake;
        now = next > now ? next : now + 1;
        if (now >= c->wake && !c->done && c->expected > 1) {
            client_ack(c, now);
            carry_acks(c, x, w, now);
        }
    }
    return now;
}

static const struct tftp_limits limits = {
    .blksize = 1468, .window = 64, .retry_ms = 1000, .retry_max_ms = 8000, .give_up_ms = 60000};

static void begin(struct client *c, struct tftp_xfer *x, const char *options, size_t options_len, size_t blksize,
                  uint64_t window, const uint8_t *data, uint64_t size)
{
    uint8_t rrq[128] = "\0\1f\0octet";
    struct tftp_request req;
    memcpy(rrq + 10, options, options_len);
    assert_int_equal(tftp_request_parse(rrq, 10 + options_len, &req), TFTP_REQUEST_READ);
    tftp_start(x, &req, rrq, 10 + options_len, &limits, data, size, 0);
    *c = (struct client){.expected = 1, .want = data, .size = size, .blksize = blksize, .window = window, .wake = 1700};
}

static const struct {
    const char *options;
    size_t len;
    size_t blksize;
    uint64_t window;
} forms[] = {
    {"", 0, 512, 1},
    {"blksize\0"
     "1000\0",
     13, 1000, 1},
    {"windowsize\0"
     "4\0",
     13, 512, 4},
    {"windowsize\0"
     "16\0blksize\0"
     "256\0",
     26, 256, 16},
};

static void check_whole(const struct client *c, const struct tftp_xfer *x, size_t form, const struct wire *w)
{
    if (tftp_result(x) != TFTP_DONE || c->wrong || c->got != c->size || tftp_acked(x) != c->size)
        fail_msg("form %zu, lost %d, rate %d, doubled %d: result %d, %d of %d bytes", form, (int)w->lost, (int)w->rate,
                 (int)w->doubled, (int)tftp_result(x), (int)c->got, (int)c->size);
}

static uint8_t *pattern(size_t size)
{
    uint8_t *data = malloc(size);
    assert_non_null(data);
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
    return data;
}

/* One conversation of 24 blocks; the time it took. */
static uint64_t lossy(size_t form, struct wire w)
{
    enum { SIZE = 512 * 24 };
    struct client c;
    struct tftp_xfer x;
    uint8_t *data = pattern(SIZE);
    begin(&c, &x, forms[form].options, forms[form].len, forms[form].blksize, forms[form].window, data, SIZE);
    uint64_t took = converse(&c, &x, &w);
    /* The very last ACK may be lost each time: the client has all and is gone, we cannot know. */
    if (tftp_result(&x) != TFTP_GAVE_UP || !c.done || c.got != SIZE)
        check_whole(&c, &x, form, &w);
    free(data);
    return took;
}

static void test_each_datagram_lost_once(void **state)
{
    (void)state;
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++)
        for (uint64_t nth = 1; nth < 120; nth++)
            assert_in_range(lossy(form, (struct wire){.lost = nth}), 0, 1000); /* one wait mends it */
}

static void test_one_in_n_lost(void **state)
{
    (void)state;
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++)
        for (uint64_t rate = 4; rate < 60; rate++)
            for (uint32_t seed = 1; seed < 6; seed++)
                lossy(form, (struct wire){.rate = rate, .chance = seed * 7919});
}

static void test_every_nth_doubled(void **state)
{
    (void)state;
    enum { SIZE = 512 * 200 + 5 };
    uint8_t *data = pattern(SIZE);
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++) {
        for (uint64_t nth = 1; nth < 60; nth++) {
            struct client c;
            struct tftp_xfer x;
            struct wire w = {.doubled = nth};
            begin(&c, &x, forms[form].options, forms[form].len, forms[form].blksize, forms[form].window, data, SIZE);
            uint64_t took = converse(&c, &x, &w);
            check_whole(&c, &x, form, &w);
            /* The wire doubles; the server itself never does. */
            assert_int_equal(tftp_resent(&x), 0);
            assert_in_range(took, 0, 100);
        }
    }
    free(data);
}

/* Block numbers run over at 65535, to 0, twice. */
static void test_rollover(void **state)
{
    (void)state;
    const uint64_t size = 512ull * 131080;
    uint8_t *data = pattern(size);
    for (int with_losses = 0; with_losses < 2; with_losses++) {
        for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form += 2) {
            struct client c;
            struct tftp_xfer x;
            struct wire w = {.rate = with_losses ? 9973 : 0};
            begin(&c, &x, forms[form].options, forms[form].len, forms[form].blksize, forms[form].window, data, size);
            converse(&c, &x, &w);
            check_whole(&c, &x, form, &w);
            assert_true(c.expected > 131072);
        }
    }
    free(data);
}

static void test_the_number_after_65535_is_0(void **state)
{
    (void)state;
    const uint64_t size = 512ull * 65540;
    uint8_t *data = pattern(size);
    struct client c;
    struct tftp_xfer x;
    struct tftp_out out;
    begin(&c, &x, "", 0, 512, 1, data, size);
    for (uint32_t block = 1; block <= 65541; block++) {
        assert_true(tftp_output(&x, &out, 0));
        assert_int_equal(out.head[2] << 8 | out.head[3], block & 0xffff);
        assert_ptr_equal(out.body, data + (block - 1) * 512ull); /* no copy */
        uint8_t ack[4] = {0, TFTP_ACK, (uint8_t)(block >> 8), (uint8_t)block};
        tftp_input(&x, ack, 4, 0);
    }
    assert_int_equal(out.body_len, 0);
    assert_int_equal(tftp_result(&x), TFTP_DONE);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_datagram_lost_once),
        cmocka_unit_test(test_one_in_n_lost),
        cmocka_unit_test(test_every_nth_doubled),
        cmocka_unit_test(test_rollover),
        cmocka_unit_test(test_the_number_after_65535_is_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
