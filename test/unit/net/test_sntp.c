/* test_sntp.c - one request in, one reply out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/sntp/server.h"

static size_t ask(uint8_t first, size_t len, bool set, int64_t unix_ms, uint8_t out[SNTP_REPLY_LEN])
{
    uint8_t *request = calloc(1, len ? len : 1);
    assert_non_null(request);
    for (size_t i = 0; i < len; i++)
        request[i] = (uint8_t)i;
    if (len > 0)
        request[0] = first;
    size_t got = sntp_server_answer(&(struct sntp_clock){set, unix_ms}, request, len, out);
    free(request);
    return got;
}

/* Leap indicator, version and mode as asked and answered; 0: silence. */
static void modes_and_versions(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t asked, answered;
    } cases[] = {
        {"client, version 4", 0x23, 0x24},
        {"client, version 3", 0x1b, 0x1c},
        {"client, version 1", 0x0b, 0x0c},
        {"its clock is not set: LI 3", 0xe3, 0x24},
        {"symmetric active, version 3", 0x19, 0x1a},
        {"version 0", 0x03, 0},
        {"version 5", 0x2b, 0},
        {"version 7", 0x3b, 0},
        {"a server", 0x24, 0},
        {"symmetric passive", 0x1a, 0},
        {"broadcast", 0x25, 0},
        {"control message", 0x26, 0},
        {"private", 0x27, 0},
        {"reserved", 0x20, 0},
    };
    uint8_t out[SNTP_REPLY_LEN];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = ask(cases[i].asked, 48, true, 1000, out);
        if (len != (cases[i].answered ? SNTP_REPLY_LEN : 0u) || (len && out[0] != cases[i].answered))
            fail_msg("%s: %zu", cases[i].why, len);
    }
}

static void silence(void **state)
{
    (void)state;
    uint8_t out[SNTP_REPLY_LEN];
    assert_int_equal(ask(0x23, 48, false, 1700000000000, out), 0);
    assert_int_equal(ask(0x23, 48, true, -2208988800001, out), 0);
    assert_int_equal(ask(0x23, 48, true, INT64_MAX, out), 0);
    assert_int_equal(ask(0x23, 48, true, INT64_MIN, out), 0);
    for (size_t len = 0; len < 48; len++)
        assert_int_equal(ask(0x23, len, true, 1700000000000, out), 0);
    for (size_t len = 48; len < 80; len++)
        assert_int_equal(ask(0x23, len, true, 1700000000000, out), SNTP_REPLY_LEN);
}

static void whole_reply(void **state)
{
    (void)state;
    static const uint8_t reply[SNTP_REPLY_LEN] = {
        0x24, 5,    2,    0xf6,                   /* LI 0, version 4, server; stratum, poll, precision */
        0,    0,    0,    0,                      /* root delay */
        0,    0,    0x19, 0x99,                   /* root dispersion, 0.1 s */
        127,  127,  1,    0,                      /* reference id: local clock */
        0xea, 0xec, 0xe6, 0x14, 0,    0,  0,  0,  /* reference time: the second */
        40,   41,   42,   43,   44,   45, 46, 47, /* originate: the client's transmit time */
        0xea, 0xec, 0xe6, 0x14, 0x80, 0,  0,  0,  /* receive time */
        0xea, 0xec, 0xe6, 0x14, 0x80, 0,  0,  0,  /* transmit time */
    };
    uint8_t out[SNTP_REPLY_LEN];
    /* 2024-11-23 23:39:00.5 UTC */
    assert_int_equal(ask(0x23, 48, true, 1732405140500, out), SNTP_REPLY_LEN);
    assert_memory_equal(out, reply, SNTP_REPLY_LEN);
}

/* RFC 5905 6: seconds roll over in 2036; all zeros would mean "no time". */
static void eras(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t unix_ms;
        uint8_t time[8];
    } cases[] = {
        {"1900", -2208988800000, {0, 0, 0, 0, 0, 0, 0, 1}},
        {"1970", 0, {0x83, 0xaa, 0x7e, 0x80, 0, 0, 0, 0}},
        {"a millisecond later", 1, {0x83, 0xaa, 0x7e, 0x80, 0, 0x41, 0x89, 0x37}},
        {"the last of era 0", 2085978495999, {0xff, 0xff, 0xff, 0xff, 0xff, 0xbe, 0x76, 0xc8}},
        {"the first of era 1", 2085978496000, {0, 0, 0, 0, 0, 0, 0, 1}},
        {"and the next", 2085978497000, {0, 0, 0, 1, 0, 0, 0, 0}},
    };
    uint8_t out[SNTP_REPLY_LEN];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ask(0x23, 48, true, cases[i].unix_ms, out), SNTP_REPLY_LEN);
        if (memcmp(out + 40, cases[i].time, 8) != 0)
            fail_msg("%s: %02x%02x%02x%02x %02x%02x%02x%02x", cases[i].why, out[40], out[41], out[42], out[43],
                     out[44], out[45], out[46], out[47]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_and_versions),
        cmocka_unit_test(silence),
        cmocka_unit_test(whole_reply),
        cmocka_unit_test(eras),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
