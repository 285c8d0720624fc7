/* test_mqtt.c - packets of MQTT 3.1.1 as bytes; sections of the OASIS standard in brackets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/mqtt/mqtt.h"

#define B(s) (const uint8_t *)(s), sizeof(s) - 1

static void same_bytes(const uint8_t *got, size_t len, const uint8_t *want, size_t want_len)
{
    assert_int_equal(len, want_len);
    assert_memory_equal(got, want, len);
}

static void test_connect(void **state)
{
    (void)state;
    uint8_t buf[200];
    struct mqtt_connect c = {.client_id = "box", .will_topic = "t", .will = "offline", .keep_alive_s = 15};
    size_t len = mqtt_put_connect(buf, sizeof buf, &c);
    same_bytes(buf, len,
               B("\x10\x1b"
                 "\0\4MQTT"
                 "\4"
                 "\x26"
                 "\0\x0f"
                 "\0\3box"
                 "\0\1t"
                 "\0\7offline"));
    c.user = "u";
    c.password = "pw";
    len = mqtt_put_connect(buf, sizeof buf, &c);
    same_bytes(buf, len,
               B("\x10\x22"
                 "\0\4MQTT"
                 "\4"
                 "\xe6"
                 "\0\x0f"
                 "\0\3box"
                 "\0\1t"
                 "\0\7offline"
                 "\0\1u"
                 "\0\2pw"));
    c = (struct mqtt_connect){.client_id = "", .password = "alone"}; /* is not sent [3.1.2.9] */
    len = mqtt_put_connect(buf, sizeof buf, &c);
    same_bytes(buf, len,
               B("\x10\x0c"
                 "\0\4MQTT"
                 "\4"
                 "\2"
                 "\0\0"
                 "\0\0"));
}

static void test_publish(void **state)
{
    (void)state;
    uint8_t buf[400];
    static const char payload[130] = "x";
    same_bytes(buf, mqtt_put_publish(buf, sizeof buf, "a/b", "hi", 2, true),
               B("\x31\7"
                 "\0\3a/b"
                 "hi"));
    same_bytes(buf, mqtt_put_publish(buf, sizeof buf, "a/b", NULL, 0, true),
               B("\x31\5"
                 "\0\3a/b"));
    same_bytes(buf, mqtt_put_publish(buf, sizeof buf, "a/b", "", 0, false),
               B("\x30\5"
                 "\0\3a/b"));
    size_t len = mqtt_put_publish(buf, sizeof buf, "a/b", payload, sizeof payload, true);
    assert_int_equal(len, 3 + 5 + 130);
    assert_memory_equal(buf, "\x31\x87\x01\0\3a/bx", 9); /* the length in two bytes [2.2.3] */
}

static void test_small_packets(void **state)
{
    (void)state;
    uint8_t buf[64];
    same_bytes(buf, mqtt_put_subscribe(buf, sizeof buf, 1, "a/+"),
               B("\x82\x08"
                 "\0\1"
                 "\0\3a/+"
                 "\0"));
    same_bytes(buf, mqtt_put_unsubscribe(buf, sizeof buf, 2, "a/+"),
               B("\xa2\7"
                 "\0\2"
                 "\0\3a/+"));
    same_bytes(buf, mqtt_put_ping(buf, sizeof buf), B("\xc0\0"));
    same_bytes(buf, mqtt_put_disconnect(buf, sizeof buf), B("\xe0\0"));
}

/* With one byte less than it needs, nothing is written. */
static void test_no_room(void **state)
{
    (void)state;
    struct mqtt_connect c = {.client_id = "box", .will_topic = "t", .will = "w", .user = "u", .password = "p"};
    for (size_t cap = 0; cap < 40; cap++) {
        uint8_t *buf = malloc(cap > 0 ? cap : 1);
        size_t connect = mqtt_put_connect(buf, cap, &c),
               publish = mqtt_put_publish(buf, cap, "topic", "data", 4, true);
        assert_int_equal(connect, cap >= 29 ? 29 : 0);
        assert_int_equal(publish, cap >= 13 ? 13 : 0);
        assert_int_equal(mqtt_put_subscribe(buf, cap, 1, "f"), cap >= 8 ? 8 : 0);
        assert_int_equal(mqtt_put_ping(buf, cap), cap >= 2 ? 2 : 0);
        free(buf);
    }
}

static void test_text_too_long(void **state)
{
    (void)state;
    size_t cap = 70000;
    char *topic = malloc(cap);
    uint8_t *buf = malloc(2 * cap);
    memset(topic, 'a', cap);
    topic[UINT16_MAX] = '\0';
    assert_int_equal(mqtt_put_publish(buf, 2 * cap, topic, "", 0, true), 4 + 2 + UINT16_MAX);
    topic[UINT16_MAX] = 'a';
    topic[UINT16_MAX + 1] = '\0';
    assert_int_equal(mqtt_put_publish(buf, 2 * cap, topic, "", 0, true), 0);
    free(buf);
    free(topic);
}

#define A62 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A64 "aa" A62
#define LONG A64 A64 A64 A62 /* 254 bytes */

static const struct {
    const char *why;
    const uint8_t *in;
    size_t in_len;
    enum mqtt_event last;
    const char *topic;
    bool empty;
    int code;
} read_cases[] = {
    {"accepted", B("\x20\2\0\0"), MQTT_ACCEPTED, "", false, 0},
    {"refused: password", B("\x20\2\0\4"), MQTT_REFUSED, "", false, 4},
    {"session present is no error", B("\x20\2\1\0"), MQTT_ACCEPTED, "", false, 0},
    {"CONNACK of three bytes", B("\x20\3\0\0\0"), MQTT_BAD, "", false, 0},
    {"CONNACK of one byte", B("\x20\1\0"), MQTT_BAD, "", false, 0},
    {"CONNACK with another flag", B("\x20\2\2\0"), MQTT_BAD, "", false, 0},
    {"pong", B("\xd0\0"), MQTT_PONG, "", false, 0},
    {"SUBACK says nothing of interest", B("\x90\3\0\1\0"), MQTT_OTHER, "", false, 0},
    {"a message", B("\x31\7\0\3a/bhi"), MQTT_MESSAGE, "a/b", false, 0},
    {"an empty one", B("\x31\5\0\3a/b"), MQTT_MESSAGE, "a/b", true, 0},
    {"QoS 1 has an identifier, which is no payload", B("\x33\7\0\3a/b\0\1"), MQTT_MESSAGE, "a/b", true, 0},
    {"QoS 1 without its identifier", B("\x33\6\0\3a/b\0"), MQTT_BAD, "", false, 0},
    {"a topic past the end", B("\x31\5\0\4a/b"), MQTT_BAD, "", false, 0},
    {"no topic", B("\x31\2\0\0"), MQTT_BAD, "", false, 0},
    {"a message of one byte", B("\x31\1\0"), MQTT_BAD, "", false, 0},
    {"a length of five bytes", B("\x31\x80\x80\x80\x80\1"), MQTT_BAD, "", false, 0},
    {"what speaks HTTP", B("HTTP/1.1 400 Bad Request\r\n"), MQTT_BAD, "", false, 0},
    {"a packet that only clients send", B("\xc0\0"), MQTT_BAD, "", false, 0},
    {"PUBACK of nothing", B("\x40\2\0\1"), MQTT_BAD, "", false, 0},
    {"pong with a flag", B("\xd1\0"), MQTT_BAD, "", false, 0},
    {"QoS 3", B("\x36\7\0\3a/b\0\1"), MQTT_BAD, "", false, 0},
    {"two packets in one piece", B("\xd0\0\x31\5\0\3a/b"), MQTT_MESSAGE, "a/b", true, 0},
    {"a topic that fills what is looked at", B("\x31\x80\2\0\xfe" LONG), MQTT_MESSAGE, LONG, true, 0},
    {"a longer one is skipped", B("\x31\x81\2\0\xff" LONG "b"), MQTT_MESSAGE, "", true, 0},
};

static enum mqtt_event feed(struct mqtt_reader *r, const uint8_t *in, size_t len, size_t piece)
{
    enum mqtt_event last = MQTT_MORE;
    for (size_t at = 0; at < len;) {
        size_t used, n = len - at < piece ? len - at : piece;
        uint8_t *copy = malloc(n); /* a byte past the piece would be seen */
        memcpy(copy, in + at, n);
        enum mqtt_event event = mqtt_read(r, copy, n, &used);
        free(copy);
        if (event != MQTT_MORE)
            last = event;
        if (event == MQTT_BAD)
            break;
        assert_true(used > 0 && used <= n);
        at += used;
    }
    return last;
}

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof read_cases / sizeof *read_cases; i++)
        for (size_t piece = 1; piece <= read_cases[i].in_len; piece++) {
            struct mqtt_reader *r = malloc(sizeof *r);
            mqtt_reader_init(r);
            enum mqtt_event last = feed(r, read_cases[i].in, read_cases[i].in_len, piece);
            if (last != read_cases[i].last)
                fail_msg("%s, in pieces of %zu: %d", read_cases[i].why, piece, last);
            if (last == MQTT_MESSAGE) {
                assert_string_equal(r->topic, read_cases[i].topic);
                assert_int_equal(r->empty, read_cases[i].empty);
            }
            assert_int_equal(r->code, read_cases[i].code);
            free(r);
        }
}

static void test_bad_sticks(void **state)
{
    (void)state;
    struct mqtt_reader r;
    size_t used;
    mqtt_reader_init(&r);
    assert_int_equal(feed(&r, B("\x20\1\0"), 3), MQTT_BAD);
    assert_int_equal(mqtt_read(&r, B("\xd0\0"), &used), MQTT_BAD);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(mqtt_refusal_text(4), "user or password are wrong");
    assert_non_null(strstr(mqtt_refusal_text(200), "does not know"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect),       cmocka_unit_test(test_publish),
        cmocka_unit_test(test_small_packets), cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_text_too_long), cmocka_unit_test(test_read),
        cmocka_unit_test(test_bad_sticks),    cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
