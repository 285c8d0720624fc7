/* One TFTP transfer, datagram by datagram, on a virtual clock. */
#include "net/tftp/transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define B(s) s, sizeof(s) - 1
#define N(a) (sizeof(a) / sizeof(a)[0])

static const struct tftp_limits limits = {
    .blksize = 1468, .window = 16, .retry_ms = 1000, .retry_max_ms = 8000, .give_up_ms = 60000};

static uint8_t source[70000];

static void start_with(struct tftp_xfer *x, const char *rrq, size_t len, const void *data, uint64_t size, uint64_t now,
                       const struct tftp_limits *bounds)
{
    struct tftp_request req;
    assert_int_equal(tftp_request_parse((const uint8_t *)rrq, len, &req), TFTP_REQUEST_READ);
    tftp_start(x, &req, (const uint8_t *)rrq, len, bounds, data, size, now);
}

static void start(struct tftp_xfer *x, const char *rrq, size_t len, uint64_t size)
{
    for (size_t i = 0; i < sizeof source; i++)
        source[i] = (uint8_t)(i * 7 + i / 256);
    start_with(x, rrq, len, source, size, 0, &limits);
}

/* The next datagram, joined; 0 where there is none. */
static size_t get(struct tftp_xfer *x, uint8_t *buf, uint64_t now)
{
    struct tftp_out out;
    if (!tftp_output(x, &out, now))
        return 0;
    memcpy(buf, out.head, out.head_len);
    if (out.body_len > 0)
        memcpy(buf + out.head_len, out.body, out.body_len);
    return (size_t)out.head_len + out.body_len;
}

static void ack(struct tftp_xfer *x, unsigned block, uint64_t now)
{
    uint8_t pkt[4] = {0, TFTP_ACK, (uint8_t)(block >> 8), (uint8_t)block};
    tftp_input(x, pkt, sizeof pkt, now);
}

static void expect_data(struct tftp_xfer *x, unsigned block, size_t off, size_t len, uint64_t now)
{
    uint8_t buf[1600];
    assert_int_equal(get(x, buf, now), len + 4);
    assert_int_equal(buf[1], TFTP_DATA);
    assert_int_equal(buf[2] << 8 | buf[3], block);
    assert_memory_equal(buf + 4, source + off, len);
}

static void expect_nothing(struct tftp_xfer *x, uint64_t now)
{
    uint8_t buf[1600];
    assert_int_equal(get(x, buf, now), 0);
}

static const struct {
    const char *why;
    const char *rrq;
    size_t rrq_len;
    const char *first; /* the first datagram's beginning; DATA: its head only */
    size_t first_len;
    size_t total;
} openings[] = {
    {"no options: DATA 1", B("\0\1f\0octet\0"), B("\0\3\0\1"), 516},
    {"blksize echoed, nothing behind the last NUL", B("\0\1f\0octet\0blksize\0"
                                                      "1428\0"),
     B("\0\6blksize\0"
       "1428\0"),
     15},
    {"blksize above the link's is lowered", B("\0\1f\0octet\0blksize\0"
                                              "8192\0"),
     B("\0\6blksize\0"
       "1468\0"),
     15},
    {"blksize below 8 is ignored: DATA 1, no OACK", B("\0\1f\0octet\0blksize\0"
                                                      "7\0"),
     B("\0\3\0\1"), 516},
    {"tsize is the size", B("\0\1f\0octet\0tsize\0"
                            "0\0"),
     B("\0\6tsize\0"
       "1000\0"),
     13},
    {"timeout is echoed", B("\0\1f\0octet\0timeout\0"
                            "5\0"),
     B("\0\6timeout\0"
       "5\0"),
     12},
    {"windowsize above ours is lowered", B("\0\1f\0octet\0windowsize\0"
                                           "64\0"),
     B("\0\6windowsize\0"
       "16\0"),
     16},
    {"only what was asked for and accepted, in the client's order and spelling",
     B("\0\1f\0octet\0TSize\0"
       "0\0x\0y\0BLKSIZE\0"
       "512\0"),
     B("\0\6TSize\0"
       "1000\0BLKSIZE\0"
       "512\0"),
     25},
    {"netascii refuses tsize and windowsize", B("\0\1f\0netascii\0tsize\0"
                                                "0\0windowsize\0"
                                                "4\0"),
     B("\0\3\0\1"), 516},
    {"netascii bounds blksize by 512", B("\0\1f\0netascii\0blksize\0"
                                         "1428\0"),
     B("\0\6blksize\0"
       "512\0"),
     14},
};

static void test_openings(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(openings); i++) {
        struct tftp_xfer x;
        uint8_t buf[1600];
        start(&x, openings[i].rrq, openings[i].rrq_len, 1000);
        assert_int_equal(tftp_deadline(&x), 0);
        size_t n = get(&x, buf, 0);
        if (n != openings[i].total || memcmp(buf, openings[i].first, openings[i].first_len) != 0)
            fail_msg("%s: %zu bytes, opcode %d", openings[i].why, n, buf[1]);
        expect_nothing(&x, 0);
        assert_int_equal(tftp_deadline(&x), openings[i].first[1] == 6 && strstr(openings[i].why, "timeout") ? 5000 : 1000);
    }
}

static void test_oack_of_longest_values_fits(void **state)
{
    (void)state;
    static const char rrq[] = "\0\1f\0octet\0blksize\0"
                              "65464\0tsize\0"
                              "0\0timeout\0"
                              "255\0windowsize\0"
                              "32768\0";
    const struct tftp_limits wide = {65464, 32768, 1000, 8000, 60000};
    struct tftp_xfer x;
    uint8_t buf[1600];
    start_with(&x, B(rrq), source, UINT64_MAX - 1, 0, &wide);
    assert_int_equal(get(&x, buf, 0), 2 + 14 + 27 + 12 + 17);
    assert_string_equal((char *)buf + 2 + 14, "tsize");
    assert_string_equal((char *)buf + 2 + 14 + 6, "18446744073709551614");
}

static void test_lockstep(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        unsigned blocks;
    } files[] = {{0, 1}, {1, 1}, {511, 1}, {512, 2}, {513, 2}, {1024, 3}, {70000, 137}};
    for (size_t i = 0; i < N(files); i++) {
        struct tftp_xfer x;
        start(&x, B("\0\1f\0octet\0"), files[i].size);
        for (unsigned b = 1; b <= files[i].blocks; b++) {
            size_t off = (b - 1) * 512u;
            assert_int_equal(tftp_acked(&x), off);
            expect_data(&x, b, off, files[i].size - off < 512 ? files[i].size - off : 512, b);
            expect_nothing(&x, b);
            assert_int_equal(tftp_result(&x), TFTP_RUNNING);
            ack(&x, b, b);
        }
        assert_int_equal(tftp_result(&x), TFTP_DONE);
        assert_int_equal(tftp_acked(&x), files[i].size);
        assert_int_equal(tftp_deadline(&x), UINT64_MAX);
        assert_int_equal(tftp_resent(&x), 0);
        expect_nothing(&x, 1000000);
    }
}

static void test_empty_source_may_be_null(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start_with(&x, B("\0\1f\0octet\0"), NULL, 0, 0, &limits);
    expect_data(&x, 1, 0, 0, 0);
    ack(&x, 1, 0);
    assert_int_equal(tftp_result(&x), TFTP_DONE);
}

static void test_oack_waits_for_ack_0(void **state)
{
    (void)state;
    struct tftp_xfer x;
    uint8_t buf[1600];
    start(&x, B("\0\1f\0octet\0blksize\0"
                "1000\0"),
          1500);
    assert_true(get(&x, buf, 0) > 0);
    ack(&x, 1, 0);
    expect_nothing(&x, 0);
    ack(&x, 0, 0);
    expect_data(&x, 1, 0, 1000, 0);
    ack(&x, 0, 0);
    expect_nothing(&x, 0);
    ack(&x, 1, 0);
    expect_data(&x, 2, 1000, 500, 0);
    ack(&x, 2, 0);
    assert_int_equal(tftp_result(&x), TFTP_DONE);
}

static void test_repetition_backs_off_and_ends(void **state)
{
    (void)state;
    static const uint64_t at[] = {1000, 3000, 7000, 15000, 23000, 31000, 39000, 47000, 55000};
    struct tftp_xfer x;
    start(&x, B("\0\1f\0octet\0"), 600);
    expect_data(&x, 1, 0, 512, 0);
    for (size_t i = 0; i < N(at); i++) {
        assert_int_equal(tftp_deadline(&x), at[i]);
        expect_nothing(&x, at[i] - 1);
        expect_data(&x, 1, 0, 512, at[i]);
    }
    expect_nothing(&x, 63000);
    assert_int_equal(tftp_result(&x), TFTP_GAVE_UP);
    assert_int_equal(tftp_acked(&x), 0);
    assert_int_equal(tftp_resent(&x), N(at));
    assert_int_equal(tftp_deadline(&x), UINT64_MAX);
}

static void test_progress_resets_the_wait(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start(&x, B("\0\1f\0octet\0"), 1100);
    expect_data(&x, 1, 0, 512, 0);
    expect_data(&x, 1, 0, 512, 1000);
    expect_data(&x, 1, 0, 512, 3000);
    ack(&x, 1, 3500);
    expect_data(&x, 2, 512, 512, 3500);
    assert_int_equal(tftp_deadline(&x), 4500);
}

static void test_long_timeout_option_is_tried_twice(void **state)
{
    (void)state;
    struct tftp_xfer x;
    uint8_t buf[1600];
    start(&x, B("\0\1f\0octet\0timeout\0"
                "255\0"),
          600);
    assert_true(get(&x, buf, 0) > 0);
    assert_int_equal(tftp_deadline(&x), 255000);
    assert_true(get(&x, buf, 255000) > 0);
    expect_nothing(&x, 510000);
    assert_int_equal(tftp_result(&x), TFTP_GAVE_UP);
}

static void test_sorcerers_apprentice(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start(&x, B("\0\1f\0octet\0"), 3000);
    expect_data(&x, 1, 0, 512, 0);
    expect_data(&x, 1, 0, 512, 1000);
    ack(&x, 1, 1001);
    expect_data(&x, 2, 512, 512, 1001);
    ack(&x, 1, 1002);
    expect_nothing(&x, 1002);
    ack(&x, 2, 1003);
    expect_data(&x, 3, 1024, 512, 1003);
    ack(&x, 2, 1003);
    ack(&x, 1, 1003);
    expect_nothing(&x, 1003);
    assert_int_equal(tftp_deadline(&x), 2003);
}

static void test_foreign_acks(void **state)
{
    (void)state;
    static const unsigned wrong[] = {0, 2, 3, 255, 256, 32768, 65535};
    struct tftp_xfer x;
    start(&x, B("\0\1f\0octet\0"), 3000);
    expect_data(&x, 1, 0, 512, 0);
    for (size_t i = 0; i < N(wrong); i++) {
        ack(&x, wrong[i], 1);
        expect_nothing(&x, 1);
    }
    assert_int_equal(tftp_acked(&x), 0);
}

static void test_an_ack_before_anything_was_sent(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start(&x, B("\0\1f\0octet\0"), 3000);
    ack(&x, 1, 0);
    assert_int_equal(tftp_acked(&x), 0);
    expect_data(&x, 1, 0, 512, 0);
}

static void test_bad_input_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t len;
    } bad[] = {{B("")},       {B("\0")},        {B("\0\4\0")},   {B("\0\0\0\1")}, {B("\0\7\0\1")},
               {B("\4\4\0\1")}, {B("\0\3\0\1abc")}, {B("\0\6a\0b\0")}, {B("\0\1f\0octet\0")}};
    struct tftp_xfer x;
    start(&x, B("\0\1f\0octet\0"), 3000);
    expect_data(&x, 1, 0, 512, 0);
    for (size_t i = 0; i < N(bad); i++) {
        uint8_t *pkt = malloc(bad[i].len > 0 ? bad[i].len : 1);
        memcpy(pkt, bad[i].in, bad[i].len);
        tftp_input(&x, pkt, bad[i].len, 1);
        free(pkt);
        expect_nothing(&x, 1);
    }
    assert_int_equal(tftp_bad(&x), N(bad));
    ack(&x, 1, 1);
    expect_data(&x, 2, 512, 512, 1);
}

static void test_error_of_the_peer_ends(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start(&x, B("\0\1f\0octet\0"), 3000);
    expect_data(&x, 1, 0, 512, 0);
    uint8_t *pkt = malloc(10);
    memcpy(pkt, "\0\5\0\3full\x1b!", 10); /* no NUL at its end, a control character in it */
    tftp_input(&x, pkt, 10, 1);
    free(pkt);
    assert_int_equal(tftp_result(&x), TFTP_PEER_ERROR);
    assert_int_equal(tftp_peer_code(&x), 3);
    assert_string_equal(tftp_peer_text(&x), "full?!");
    ack(&x, 1, 1);
    expect_nothing(&x, 5000);
    assert_int_equal(tftp_result(&x), TFTP_PEER_ERROR);
}

static void test_long_error_text_is_cut(void **state)
{
    (void)state;
    struct tftp_xfer x;
    uint8_t pkt[600] = {0, TFTP_ERROR, 1, 0};
    memset(pkt + 4, 'e', sizeof pkt - 4);
    start(&x, B("\0\1f\0octet\0"), 3000);
    tftp_input(&x, pkt, sizeof pkt, 0);
    assert_int_equal(strlen(tftp_peer_text(&x)), TFTP_PEER_TEXT_MAX - 1);
    assert_int_equal(tftp_peer_code(&x), 256);
}

#define WINDOW_4                                                                                                       \
    "\0\1f\0octet\0windowsize\0"                                                                                       \
    "4\0"

static void start_window(struct tftp_xfer *x, size_t size)
{
    uint8_t buf[1600];
    start(x, B(WINDOW_4), size);
    assert_true(get(x, buf, 0) > 0);
    ack(x, 0, 0);
}

static void expect_blocks(struct tftp_xfer *x, unsigned from, unsigned to, uint64_t now)
{
    for (unsigned b = from; b <= to; b++)
        expect_data(x, b, (b - 1) * 512u, 512, now);
    expect_nothing(x, now);
}

static void test_window(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start_window(&x, 512 * 9 + 1);
    expect_blocks(&x, 1, 4, 0);
    ack(&x, 4, 1);
    expect_blocks(&x, 5, 8, 1);
    ack(&x, 6, 2); /* 7 was lost: go on behind 6 */
    assert_int_equal(tftp_acked(&x), 6 * 512);
    expect_data(&x, 7, 6 * 512, 512, 2);
    assert_int_equal(tftp_deadline(&x), 0);
    ack(&x, 8, 2); /* the first 8 had been only late */
    expect_data(&x, 9, 8 * 512, 512, 3);
    expect_data(&x, 10, 9 * 512, 1, 3);
    expect_nothing(&x, 3);
    assert_int_equal(tftp_deadline(&x), 1003);
    assert_int_equal(tftp_resent(&x), 1);
    ack(&x, 10, 4);
    assert_int_equal(tftp_result(&x), TFTP_DONE);
}

static void test_window_repeated_after_the_wait(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start_window(&x, 512 * 20);
    expect_blocks(&x, 1, 4, 0);
    expect_blocks(&x, 1, 4, 1000);
    ack(&x, 4, 1001);
    expect_blocks(&x, 5, 8, 1001);
}

static void test_window_repeated_ack(void **state)
{
    (void)state;
    struct tftp_xfer x;
    start_window(&x, 512 * 40);
    expect_blocks(&x, 1, 4, 0);
    ack(&x, 4, 10);
    ack(&x, 4, 10); /* before the window went out: means nothing */
    expect_blocks(&x, 5, 8, 10);
    assert_int_equal(tftp_deadline(&x), 1010);
    ack(&x, 4, 11); /* 5 was lost, or the network doubled the ACK */
    expect_nothing(&x, 11);
    assert_int_equal(tftp_deadline(&x), 11 + TFTP_HURRY_MS);
    expect_blocks(&x, 5, 8, 31);
    ack(&x, 4, 32); /* only once */
    expect_nothing(&x, 60);
    assert_int_equal(tftp_deadline(&x), 2031);
    ack(&x, 8, 61);
    expect_blocks(&x, 9, 12, 61);
}

static void test_same_request_again(void **state)
{
    (void)state;
    static const char rrq[] = "\0\1f\0octet\0", other[] = "\0\1g\0octet\0";
    struct tftp_xfer x;
    start(&x, B(rrq), 3000);
    assert_false(tftp_is_repeat(&x, (const uint8_t *)other, sizeof other - 1, 0));
    expect_data(&x, 1, 0, 512, 0);
    assert_true(tftp_is_repeat(&x, (const uint8_t *)rrq, sizeof rrq - 1, 50));
    expect_nothing(&x, 50); /* too soon to be a client's own repetition */
    assert_true(tftp_is_repeat(&x, (const uint8_t *)rrq, sizeof rrq - 1, 500));
    expect_data(&x, 1, 0, 512, 500);
    assert_true(tftp_is_repeat(&x, (const uint8_t *)rrq, sizeof rrq - 1, 501));
    expect_nothing(&x, 501);
    ack(&x, 1, 600);
    assert_true(tftp_is_repeat(&x, (const uint8_t *)rrq, sizeof rrq - 1, 999));
    expect_data(&x, 2, 512, 512, 999);
    assert_false(tftp_is_repeat(&x, (const uint8_t *)rrq, sizeof rrq - 1, 1000)); /* the phone starts anew */
}

static void test_same_request_after_the_end(void **state)
{
    (void)state;
    static const char rrq[] = "\0\1f\0octet\0";
    struct tftp_xfer x;
    start(&x, B(rrq), 100);
    expect_data(&x, 1, 0, 100, 0);
    ack(&x, 1, 0);
    assert_false(tftp_is_repeat(&x, (const uint8_t *)rrq, sizeof rrq - 1, 1));
}

static const struct {
    const char *why, *in;
    size_t in_len;
    const char *out;
    size_t out_len;
} texts[] = {
    {"empty", B(""), B("")},
    {"LF", B("a\nb\n"), B("a\r\nb\r\n")},
    {"CR", B("a\rb"), B("a\r\0b")},
    {"CR LF is two bytes of the file", B("a\r\n"), B("a\r\0\r\n")},
    {"NUL and bytes above 127 pass", B("\0\xff\n"), B("\0\xff\r\n")},
};

static void test_netascii(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(texts); i++) {
        struct tftp_xfer x;
        uint8_t buf[1600];
        start_with(&x, B("\0\1f\0netascii\0"), texts[i].in, texts[i].in_len, 0, &limits);
        assert_int_equal(get(&x, buf, 0), texts[i].out_len + 4);
        assert_memory_equal(buf + 4, texts[i].out, texts[i].out_len);
        ack(&x, 1, 0);
        assert_int_equal(tftp_result(&x), TFTP_DONE);
        assert_int_equal(tftp_acked(&x), texts[i].in_len);
    }
}

/* 511 plain bytes, then LF: the pair is cut by the block's end. */
static void test_netascii_pair_over_the_edge(void **state)
{
    (void)state;
    struct tftp_xfer x;
    uint8_t text[512], buf[1600];
    memset(text, 'a', sizeof text);
    text[511] = '\n';
    start_with(&x, B("\0\1f\0netascii\0"), text, sizeof text, 0, &limits);
    assert_int_equal(get(&x, buf, 0), 516);
    assert_int_equal(buf[515], '\r');
    memset(buf, 0, sizeof buf);
    assert_int_equal(get(&x, buf, 1000), 516); /* repeated: the same again */
    assert_int_equal(buf[515], '\r');
    assert_int_equal(tftp_acked(&x), 0);
    ack(&x, 1, 1000);
    assert_int_equal(get(&x, buf, 1000), 5);
    assert_int_equal(buf[4], '\n');
    ack(&x, 2, 1000);
    assert_int_equal(tftp_result(&x), TFTP_DONE);
}

static void test_netascii_full_last_block_is_followed_by_an_empty_one(void **state)
{
    (void)state;
    struct tftp_xfer x;
    uint8_t text[256], buf[1600];
    memset(text, '\n', sizeof text);
    start_with(&x, B("\0\1f\0netascii\0"), text, sizeof text, 0, &limits);
    assert_int_equal(get(&x, buf, 0), 516);
    ack(&x, 1, 0);
    assert_int_equal(get(&x, buf, 0), 4);
    ack(&x, 2, 0);
    assert_int_equal(tftp_result(&x), TFTP_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_openings),
        cmocka_unit_test(test_oack_of_longest_values_fits),
        cmocka_unit_test(test_lockstep),
        cmocka_unit_test(test_empty_source_may_be_null),
        cmocka_unit_test(test_oack_waits_for_ack_0),
        cmocka_unit_test(test_repetition_backs_off_and_ends),
        cmocka_unit_test(test_progress_resets_the_wait),
        cmocka_unit_test(test_long_timeout_option_is_tried_twice),
        cmocka_unit_test(test_sorcerers_apprentice),
        cmocka_unit_test(test_foreign_acks),
        cmocka_unit_test(test_an_ack_before_anything_was_sent),
        cmocka_unit_test(test_bad_input_is_counted),
        cmocka_unit_test(test_error_of_the_peer_ends),
        cmocka_unit_test(test_long_error_text_is_cut),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_window_repeated_after_the_wait),
        cmocka_unit_test(test_window_repeated_ack),
        cmocka_unit_test(test_same_request_again),
        cmocka_unit_test(test_same_request_after_the_end),
        cmocka_unit_test(test_netascii),
        cmocka_unit_test(test_netascii_pair_over_the_edge),
        cmocka_unit_test(test_netascii_full_last_block_is_followed_by_an_empty_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
