/* test_dns.c - one query in, one response out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns/server.h"

#define B(s) (const uint8_t *)(s), sizeof(s) - 1

/* id 1234, flags, counts of the four sections */
#define QUERY "\x12\x34\x01\x00\0\1\0\0\0\0\0\0"
#define QUERY_OPT "\x12\x34\x01\x00\0\1\0\0\0\0\0\1"
#define OWN "\x08StageBox\0"
#define OWN_LOCAL "\x08stagebox\x05LOCAL\0"
#define OTHER                                                                                                      \
    "\x07updates\x07"                                                                                              \
    "example\x03org\0"
#define REVERSE                                                                                                    \
    "\2"                                                                                                           \
    "10\2"                                                                                                         \
    "10\3"                                                                                                         \
    "168\3"                                                                                                        \
    "192\7in-addr\4arpa\0"
#define A "\0\1\0\1"
#define AAAA "\0\x1c\0\1"
#define PTR "\0\x0c\0\1"
#define ANY "\0\xff\0\1"
#define BOX_A "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\xa8\x0a\x0a"
#define BOX_PTR "\xc0\x0c\0\x0c\0\1\0\0\0\x3c\0\x0a\x08stagebox\0"
#define OPT "\0\0\x29\x10\0\0\0\0\0\0\0"
#define OPT_REPLY "\0\0\x29\x04\xd0\0\0\0\0\0\0"
#define RECORD "\1x\0\0\1\0\1\0\0\0\0\0\2ab"

/* id 1234, flags with their low byte's code, counts */
#define HEAD(flags, code, asked, answers, more) "\x12\x34" flags code "\0" asked "\0" answers "\0\0\0" more
#define YES HEAD("\x85", "\x80", "\1", "\1", "\0")
#define EMPTY HEAD("\x85", "\x80", "\1", "\0", "\0")
#define NONE HEAD("\x85", "\x83", "\1", "\0", "\0")

static const struct {
    const char *why;
    bool capture;
    const uint8_t *in;
    size_t in_len;
    const uint8_t *out;
    size_t out_len;
    const char *asked;
    enum dns_found found;
} cases[] = {
    {"own name, its spelling kept", 0, B(QUERY OWN A), B(YES OWN A BOX_A), "StageBox", DNS_FOUND_OWN},
    {"own name .local", 0, B(QUERY OWN_LOCAL A), B(YES OWN_LOCAL A BOX_A), "stagebox.LOCAL", DNS_FOUND_OWN},
    {"any type", 0, B(QUERY OWN ANY), B(YES OWN ANY BOX_A), "StageBox", DNS_FOUND_OWN},
    {"any class", 0, B(QUERY OWN "\0\1\0\xff"), B(YES OWN "\0\1\0\xff" BOX_A), "StageBox", DNS_FOUND_OWN},
    {"another class", 0, B(QUERY OWN "\0\1\0\3"), B(HEAD("\x81", "\x85", "\1", "\0", "\0") OWN "\0\1\0\3"),
     "StageBox", DNS_FOUND_ERROR},
    {"no IPv6: no data", 0, B(QUERY OWN AAAA), B(EMPTY OWN AAAA), "StageBox", DNS_FOUND_OWN},
    {"a name of the certificate", 0,
     B(QUERY "\x04"
             "prov\7example\3com\0" A),
     B(YES "\x04"
           "prov\7example\3com\0" A BOX_A),
     "prov.example.com", DNS_FOUND_OWN},
    {"a star in the certificate", 0, B(QUERY "\1x\4wild\7example\0" A), B(YES "\1x\4wild\7example\0" A BOX_A),
     "x.wild.example", DNS_FOUND_OWN},
    {"a star is one label only", 0, B(QUERY "\1y\1x\4wild\7example\0" A), B(NONE "\1y\1x\4wild\7example\0" A),
     "y.x.wild.example", DNS_FOUND_NOTHING},
    {"and not none", 0, B(QUERY "\4wild\7example\0" A), B(NONE "\4wild\7example\0" A), "wild.example",
     DNS_FOUND_NOTHING},
    {"a foreign name", 0, B(QUERY OTHER A), B(NONE OTHER A), "updates.example.org", DNS_FOUND_NOTHING},
    {"a foreign name, captured", 1, B(QUERY OTHER A), B(YES OTHER A BOX_A), "updates.example.org",
     DNS_FOUND_CAPTURED},
    {"captured, but no IPv6", 1, B(QUERY OTHER AAAA), B(EMPTY OTHER AAAA), "updates.example.org",
     DNS_FOUND_CAPTURED},
    {"an own name stays own", 1, B(QUERY OWN A), B(YES OWN A BOX_A), "StageBox", DNS_FOUND_OWN},
    {"the address turned round", 0, B(QUERY REVERSE PTR), B(YES REVERSE PTR BOX_PTR), "10.10.168.192.in-addr.arpa",
     DNS_FOUND_OWN},
    {"another type of it", 0, B(QUERY REVERSE A), B(EMPTY REVERSE A), "10.10.168.192.in-addr.arpa", DNS_FOUND_OWN},
    {"another address turned round", 0,
     B(QUERY "\2"
             "11\2"
             "10\3"
             "168\3"
             "192\7in-addr\4arpa\0" PTR),
     B(NONE "\2"
            "11\2"
            "10\3"
            "168\3"
            "192\7in-addr\4arpa\0" PTR),
     "11.10.168.192.in-addr.arpa", DNS_FOUND_NOTHING},
    {"the root", 0, B(QUERY "\0" A), B(NONE "\0" A), ".", DNS_FOUND_NOTHING},
    {"odd bytes are told escaped and are nobody's name", 0, B(QUERY "\7a.b\\\1\xff \0" A),
     B(NONE "\7a.b\\\1\xff \0" A), "a\\046b\\092\\001\\255\\032", DNS_FOUND_NOTHING},
    {"a dot in a label makes no own name", 0, B(QUERY "\x0estagebox.local\0" A), B(NONE "\x0estagebox.local\0" A),
     "stagebox\\046local", DNS_FOUND_NOTHING},
    {"no recursion wanted, checking disabled", 0, B("\x12\x34\0\x10\0\1\0\0\0\0\0\0" OWN A),
     B(HEAD("\x84", "\x90", "\1", "\1", "\0") OWN A BOX_A), "StageBox", DNS_FOUND_OWN},
    {"bytes behind the query", 0, B(QUERY OWN A "junk"), B(YES OWN A BOX_A), "StageBox", DNS_FOUND_OWN},
    /* RFC 6891 */
    {"EDNS", 0, B(QUERY_OPT OWN A OPT), B(HEAD("\x85", "\x80", "\1", "\1", "\1") OWN A BOX_A OPT_REPLY), "StageBox",
     DNS_FOUND_OWN},
    {"EDNS with an option and DO", 0, B(QUERY_OPT OWN A "\0\0\x29\x10\0\0\0\x80\0\0\4\0\x0a\0\0"),
     B(HEAD("\x85", "\x80", "\1", "\1", "\1") OWN A BOX_A "\0\0\x29\x04\xd0\0\0\x80\0\0\0"), "StageBox",
     DNS_FOUND_OWN},
    {"EDNS 1", 0, B(QUERY_OPT OWN A "\0\0\x29\x10\0\0\1\0\0\0\0"),
     B(HEAD("\x81", "\x80", "\1", "\0", "\1") OWN A "\0\0\x29\x04\xd0\1\0\0\0\0\0"), "StageBox", DNS_FOUND_ERROR},
    {"EDNS behind other records", 0, B("\x12\x34\1\0\0\1\0\1\0\1\0\2" OWN A RECORD RECORD RECORD OPT),
     B(HEAD("\x85", "\x80", "\1", "\1", "\1") OWN A BOX_A OPT_REPLY), "StageBox", DNS_FOUND_OWN},
    {"EDNS twice", 0, B("\x12\x34\1\0\0\1\0\0\0\0\0\2" OWN A OPT OPT),
     B(HEAD("\x81", "\x81", "\1", "\0", "\1") OWN A OPT_REPLY), "StageBox", DNS_FOUND_ERROR},
    {"EDNS with a name", 0, B(QUERY_OPT OWN A "\1x\0\0\x29\x10\0\0\0\0\0\0\0"),
     B(HEAD("\x81", "\x81", "\1", "\0", "\0") OWN A), "StageBox", DNS_FOUND_ERROR},
    {"a record whose name is a pointer", 0, B(QUERY_OPT OWN A "\xc0\x0c\0\1\0\1\0\0\0\0\0\0"), B(YES OWN A BOX_A),
     "StageBox", DNS_FOUND_OWN},
    {"a record that is not there", 0, B(QUERY_OPT OWN A), B(HEAD("\x81", "\x81", "\1", "\0", "\0") OWN A),
     "StageBox", DNS_FOUND_ERROR},
    {"a record longer than the query", 0, B(QUERY_OPT OWN A "\0\0\x29\x10\0\0\0\0\0\0\1"),
     B(HEAD("\x81", "\x81", "\1", "\0", "\0") OWN A), "StageBox", DNS_FOUND_ERROR},
    /* what is no query of ours */
    {"a response", 0, B("\x12\x34\x81\0\0\1\0\0\0\0\0\0" OWN A), B(""), "", DNS_FOUND_ERROR},
    {"shorter than a header", 0, B("\x12\x34\x01\0\0\1\0\0\0\0\0"), B(""), "", DNS_FOUND_ERROR},
    {"another opcode", 0, B("\x12\x34\x29\0\0\1\0\0\0\0\0\0" OWN A), B(HEAD("\xa9", "\x84", "\0", "\0", "\0")), "",
     DNS_FOUND_ERROR},
    {"no question", 0, B("\x12\x34\1\0\0\0\0\0\0\0\0\0"), B(HEAD("\x81", "\x81", "\0", "\0", "\0")), "",
     DNS_FOUND_ERROR},
    {"two questions", 0, B("\x12\x34\1\0\0\2\0\0\0\0\0\0" OWN A OWN A), B(HEAD("\x81", "\x81", "\0", "\0", "\0")),
     "", DNS_FOUND_ERROR},
    {"a pointer in the question", 0, B(QUERY "\xc0\x0c" A), B(HEAD("\x81", "\x81", "\0", "\0", "\0")), "",
     DNS_FOUND_ERROR},
    {"a pointer behind a label", 0, B(QUERY "\1a\xc0\x0c" A), B(HEAD("\x81", "\x81", "\0", "\0", "\0")), "",
     DNS_FOUND_ERROR},
    {"a label of 64", 0,
     B(QUERY "\x40"
             "1234567812345678123456781234567812345678123456781234567812345678\0" A),
     B(HEAD("\x81", "\x81", "\0", "\0", "\0")), "", DNS_FOUND_ERROR},
    {"the question ends in its name", 0, B(QUERY "\x08stage"), B(HEAD("\x81", "\x81", "\0", "\0", "\0")), "",
     DNS_FOUND_ERROR},
    {"the question ends in its class", 0, B(QUERY OWN "\0\1\0"), B(HEAD("\x81", "\x81", "\0", "\0", "\0")), "",
     DNS_FOUND_ERROR},
};

static void add(struct dns_server *server, const char *name)
{
    assert_true(dns_server_add(server, name));
}

static void set_up(struct dns_server *server, bool capture)
{
    dns_server_init(server, 0xc0a80a0a, capture);
    add(server, "stagebox");
    add(server, "stagebox.local");
    add(server, "Prov.Example.COM.");
    add(server, "*.wild.example");
}

/* The query in memory of exactly its size, so that reading behind it is seen. */
static size_t answer(const struct dns_server *server, const uint8_t *in, size_t len, uint8_t *out,
                     struct dns_asked *asked)
{
    uint8_t *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, in, len);
    size_t got = dns_server_answer(server, exact, len, out, DNS_REPLY_MAX, asked);
    free(exact);
    return got;
}

static void answers(void **state)
{
    (void)state;
    static struct dns_server server;
    struct dns_asked asked;
    uint8_t out[DNS_REPLY_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_up(&server, cases[i].capture);
        size_t len = answer(&server, cases[i].in, cases[i].in_len, out, &asked);
        if (len != cases[i].out_len || memcmp(out, cases[i].out, len) != 0)
            fail_msg("%s: another response, of %zu bytes", cases[i].why, len);
        if (strcmp(asked.name, cases[i].asked) != 0 || asked.found != cases[i].found)
            fail_msg("%s: asked %s, found %d", cases[i].why, asked.name, (int)asked.found);
    }
}

/* Cut anywhere, a query is answered with an error, with silence, or (behind its question) in full. */
static void cut_anywhere(void **state)
{
    (void)state;
    static const uint8_t whole[] = QUERY_OPT OWN A OPT;
    static struct dns_server server;
    struct dns_asked asked;
    uint8_t out[DNS_REPLY_MAX];
    set_up(&server, false);
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        size_t got = answer(&server, whole, len, out, &asked);
        assert_int_equal(asked.found, DNS_FOUND_ERROR);
        assert_true(got == 0 ? len < 12 : (out[3] & 15) == 1);
    }
    assert_int_equal(dns_server_answer(&server, whole, sizeof whole - 1, out, DNS_REPLY_MAX - 1, &asked), 0);
}

/* The longest name there is: 255 bytes on the wire, every one of them escaped; and one byte more. */
static void longest_name(void **state)
{
    (void)state;
    static struct dns_server server;
    struct dns_asked asked;
    uint8_t in[12 + 256 + 4] = QUERY, out[DNS_REPLY_MAX];
    set_up(&server, true);
    for (size_t over = 0; over < 2; over++) {
        size_t at = 12;
        for (size_t left = 254 + over; left > 0;) {
            size_t label = left > 64 ? 63 : left - 1;
            in[at++] = (uint8_t)label;
            memset(in + at, 0xff, label);
            at += label;
            left -= label + 1;
        }
        memcpy(in + at, "\0\0\1\0\1", 5);
        size_t got = answer(&server, in, at + 5, out, &asked);
        assert_int_equal(asked.found, over ? DNS_FOUND_ERROR : DNS_FOUND_CAPTURED);
        assert_int_equal(got, over ? 12 : at + 5 + 16);
        assert_int_equal(strlen(asked.name), over ? 0 : 4 * 250 + 3);
    }
}

static void names_that_can_be_added(void **state)
{
    (void)state;
    static struct dns_server server;
    static const struct {
        const char *name;
        bool added;
        unsigned count;
    } names[] = {
        {"stagebox", true, 1},
        {"STAGEBOX.", true, 1},
        {"192.168.10.10", true, 1},
        {"a_b-c.d", true, 2},
        {"*.a.b", true, 3},
        {"", false, 3},
        {".", false, 3},
        {"a..b", false, 3},
        {".a", false, 3},
        {"*", false, 3},
        {"a.*.b", false, 3},
        {"a b", false, 3},
        {"caf\xc3\xa9", false, 3},
        {"1234567812345678123456781234567812345678123456781234567812345678", false, 3},
        {"123456781234567812345678123456781234567812345678123456781234567", true, 4},
    };
    dns_server_init(&server, 1, false);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (dns_server_add(&server, names[i].name) != names[i].added || server.count != names[i].count)
            fail_msg("%s: %u", names[i].name, server.count);
}

static void full_of_names(void **state)
{
    (void)state;
    static struct dns_server server;
    struct dns_asked asked;
    uint8_t out[DNS_REPLY_MAX];
    char name[8];
    dns_server_init(&server, 1, false);
    for (unsigned i = 0; i < DNS_NAMES; i++) {
        snprintf(name, sizeof name, "n%02u", i);
        add(&server, name);
    }
    assert_false(dns_server_add(&server, "more"));
    assert_true(dns_server_add(&server, "N63"));
    assert_int_equal(answer(&server, B(QUERY "\3n63\0" A), out, &asked), 12 + 9 + 16);
    assert_int_equal(answer(&server, B(QUERY "\4more\0" A), out, &asked), 12 + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),       cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(longest_name),  cmocka_unit_test(names_that_can_be_added),
        cmocka_unit_test(full_of_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
