/* test_mdns.c - name.local, as RFC 6762 asks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "net/dns/mdns.h"

#define B(s) (const uint8_t *)(s), sizeof(s) - 1
#define NAME "\x09stagebox1\x05local\0"
#define ASKS(n, k) "\0\0\0\0\0" n "\0" k "\0\0\0\0"
#define A "\0\1\0\1"
#define A_ALONE "\0\1\x80\1"
#define AAAA "\0\x1c\0\1"
#define ANY "\0\xff\0\1"
#define ADDRESS "\xc0\xa8\x0a\x0a"
#define NSEC "\xc0\x0c\0\x2f\x80\1\0\0\0\x78\0\5\xc0\x0c\0\1\x40"
#define ALL "\0\0\x84\0\0\0\0\1\0\0\0\1" NAME "\0\1\x80\1\0\0\0\x78\0\4" ADDRESS NSEC
#define GOODBYE                                                                                                    \
    "\0\0\x84\0\0\0\0\1\0\0\0\1" NAME "\0\1\x80\1\0\0\0\0\0\4" ADDRESS                                             \
    "\xc0\x0c\0\x2f\x80\1\0\0\0\0\0\5\xc0\x0c\0\1\x40"
#define KNOWS(ttl, address) "\xc0\x0c\0\1\0\1\0\0\0" ttl "\0\4" address
#define OTHER "\4mine\x05local\0"

static const struct {
    const char *why;
    const uint8_t *in;
    size_t in_len;
    uint16_t port;
    const uint8_t *out;
    size_t out_len;
    bool unicast;
} cases[] = {
    {"the address, and that there is no other", B(ASKS("\1", "\0") NAME A), 5353, B(ALL), false},
    {"any case", B(ASKS("\1", "\0") "\x09StageBox1\x05LOCAL\0" A), 5353, B(ALL), false},
    {"AAAA: NSEC says that there is none", B(ASKS("\1", "\0") NAME AAAA), 5353, B(ALL), false},
    {"any type", B(ASKS("\1", "\0") NAME ANY), 5353, B(ALL), false},
    {"alone, where that was asked for (5.4)", B(ASKS("\1", "\0") NAME A_ALONE), 5353, B(ALL), true},
    {"one of two asks for the group", B(ASKS("\2", "\0") NAME A_ALONE NAME AAAA), 5353, B(ALL), false},
    {"behind another question", B(ASKS("\2", "\0") OTHER A NAME A), 5353, B(ALL), false},
    {"it knows (7.1)", B(ASKS("\1", "\1") NAME A KNOWS("\x78", ADDRESS)), 5353, B(""), false},
    {"it will soon forget", B(ASKS("\1", "\1") NAME A KNOWS("\x3b", ADDRESS)), 5353, B(ALL), false},
    {"it knows another address", B(ASKS("\1", "\1") NAME A KNOWS("\x78", "\xc0\xa8\x0a\x0b")), 5353, B(ALL), false},
    {"old resolver: id, question, short life (6.7)", B("\x12\x34\1\0\0\1\0\0\0\0\0\0" NAME A), 40000,
     B("\x12\x34\x84\0\0\1\0\1\0\0\0\0" NAME A "\xc0\x0c\0\1\0\1\0\0\0\x0a\0\4" ADDRESS), true},
    {"old resolver, AAAA", B("\x12\x34\1\0\0\1\0\0\0\0\0\0" NAME AAAA), 40000,
     B("\x12\x34\x84\0\0\1\0\0\0\0\0\0" NAME AAAA), true},
    {"somebody else's name", B(ASKS("\1", "\0") OTHER A), 5353, B(""), false},
    {"the name without local", B(ASKS("\1", "\0") "\x09stagebox1\0" A), 5353, B(""), false},
    {"another type", B(ASKS("\1", "\0") NAME "\0\x0f\0\1"), 5353, B(""), false},
    {"another class", B(ASKS("\1", "\0") NAME "\0\1\0\3"), 5353, B(""), false},
    {"a response", B("\0\0\x84\0\0\1\0\0\0\0\0\0" NAME A), 5353, B(""), false},
    {"more questions than there are", B(ASKS("\3", "\0") NAME A), 5353, B(""), false},
};

static void questions(void **state)
{
    struct mdns mdns;
    (void)state;
    assert_true(mdns_init(&mdns, UINT32_C(0xc0a80a0a), "StageBox1"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t cut = 0; cut <= cases[i].in_len; cut++) { /* whole at last; before, no byte too far is read */
            uint8_t out[DNS_REPLY_MAX], *exact = malloc(cut ? cut : 1);
            bool unicast = false;
            memcpy(exact, cases[i].in, cut);
            size_t len = mdns_answer(&mdns, exact, cut, cases[i].port, out, sizeof out, &unicast);
            free(exact);
            if (cut < cases[i].in_len)
                continue;
            if (len != cases[i].out_len || memcmp(out, cases[i].out, len) != 0)
                fail_msg("%s: %zu bytes", cases[i].why, len);
            if (len > 0)
                assert_int_equal(unicast, cases[i].unicast);
        }
    }
}

static void announcements(void **state)
{
    struct mdns mdns;
    uint8_t out[DNS_REPLY_MAX];
    (void)state;
    assert_true(mdns_init(&mdns, UINT32_C(0xc0a80a0a), "stagebox1"));
    assert_int_equal(mdns_announce(&mdns, false, out, sizeof out), sizeof ALL - 1);
    assert_memory_equal(out, ALL, sizeof ALL - 1);
    assert_int_equal(mdns_announce(&mdns, true, out, sizeof out), sizeof GOODBYE - 1);
    assert_memory_equal(out, GOODBYE, sizeof GOODBYE - 1);
}

static void names(void **state)
{
    static const char *const wrong[] = {"",
                                        "-a",
                                        "a-",
                                        "a.b",
                                        "a b",
                                        "\xc3\xa4",
                                        "a123456789a123456789a123456789a123456789a123456789a123456789abcd"};
    struct mdns mdns;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t out[DNS_REPLY_MAX];
        bool unicast;
        assert_false(mdns_init(&mdns, 1, wrong[i]));
        assert_int_equal(mdns_answer(&mdns, B(ASKS("\1", "\0") NAME A), 5353, out, sizeof out, &unicast), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions),
        cmocka_unit_test(announcements),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
