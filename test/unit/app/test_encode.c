#include "app/record/encode.h"
#include "app/record/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void put_all(struct encoder *e)
{
    encode_u8(e, 0xfe);
    encode_u16(e, 0x1234);
    encode_u32(e, 0x89abcdef);
    encode_u64(e, 0x0123456789abcdefu);
    encode_i64(e, -2);
    encode_bool(e, true);
    encode_text(e, "SPA504G");
    encode_bytes(e, "xyz", 3);
}

static void get_all(struct decoder *d, bool sound)
{
    char text[8], bytes[3];
    uint8_t u8 = decode_u8(d);
    uint16_t u16 = decode_u16(d);
    uint32_t u32 = decode_u32(d);
    uint64_t u64 = decode_u64(d);
    int64_t i64 = decode_i64(d);
    bool yes = decode_bool(d);
    decode_text(d, text, sizeof text);
    decode_bytes(d, bytes, sizeof bytes);
    assert_int_equal(decoder_done(d), sound);
    if (!sound)
        return;
    assert_int_equal(u8, 0xfe);
    assert_int_equal(u16, 0x1234);
    assert_int_equal(u32, 0x89abcdef);
    assert_true(u64 == 0x0123456789abcdefu);
    assert_true(i64 == -2);
    assert_true(yes);
    assert_string_equal(text, "SPA504G");
    assert_memory_equal(bytes, "xyz", 3);
}

static void there_and_back_little_endian(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0xfe, 0x34, 0x12, 0xef, 0xcd, 0xab, 0x89, 0xef, 0xcd, 0xab, 0x89, 0x67,
                                       0x45, 0x23, 0x01, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
                                       7,    0,    'S',  'P',  'A',  '5',  '0',  '4',  'G',  'x',  'y',  'z'};
    uint8_t out[sizeof expected];
    struct encoder e;
    struct decoder d;
    encoder_init(&e, out, sizeof out);
    put_all(&e);
    assert_false(e.failed);
    assert_int_equal(e.len, sizeof expected);
    assert_memory_equal(out, expected, sizeof expected);
    decoder_init(&d, out, sizeof out);
    get_all(&d, true);
}

static void too_little_room_and_too_few_bytes_stick(void **state)
{
    (void)state;
    uint8_t whole[36];
    struct encoder e;
    encoder_init(&e, whole, sizeof whole);
    put_all(&e);
    for (size_t n = 0; n < sizeof whole; n++) {
        uint8_t *tight = malloc(n > 0 ? n : 1);
        struct decoder d;
        encoder_init(&e, tight, n);
        put_all(&e);
        assert_true(e.failed);
        memcpy(tight, whole, n);
        decoder_init(&d, tight, n);
        get_all(&d, false);
        free(tight);
    }
}

static void what_makes_no_sense_fails(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *in;
        size_t len;
        size_t cap;
        bool ok;
    } texts[] = {
        {"fits with its NUL", "\3\0abc", 5, 4, true},
        {"one byte too long", "\3\0abc", 5, 3, false},
        {"NUL inside", "\3\0a\0c", 5, 8, false},
        {"longer than the record", "\4\0abc", 5, 8, false},
        {"empty", "\0\0", 2, 1, true},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char out[8] = "?";
        struct decoder d;
        decoder_init(&d, texts[i].in, texts[i].len);
        decode_text(&d, out, texts[i].cap);
        if (decoder_done(&d) != texts[i].ok || (!texts[i].ok && out[0] != '\0'))
            fail_msg("%s", texts[i].why);
    }
    struct decoder d;
    decoder_init(&d, "\2", 1);
    assert_false(decode_bool(&d));
    assert_true(d.failed);
    decoder_init(&d, "\1\1", 2);
    decode_bool(&d);
    assert_false(decoder_done(&d)); /* something is left */
}

static void tombstones(void **state)
{
    (void)state;
    struct record_gone gone = {RECORD_LEASE, 4, {192, 168, 10, 50}}, back;
    uint8_t out[8];
    assert_int_equal(record_gone_put(&gone, out, sizeof out), 6);
    assert_true(record_gone_get(&back, out, 6));
    assert_int_equal(back.type, RECORD_LEASE);
    assert_int_equal(back.key_len, 4);
    assert_memory_equal(back.key, gone.key, 4);
    for (size_t n = 0; n < 6; n++) {
        assert_int_equal(record_gone_put(&gone, out, n), 0);
        assert_false(record_gone_get(&back, out, n));
    }
    gone.key_len = RECORD_KEY_MAX + 1;
    assert_int_equal(record_gone_put(&gone, out, sizeof out), 0);
    assert_false(record_gone_get(&back, "\3\377", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back_little_endian),
        cmocka_unit_test(too_little_room_and_too_few_bytes_stick),
        cmocka_unit_test(what_makes_no_sense_fails),
        cmocka_unit_test(tombstones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
