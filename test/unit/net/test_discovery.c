/* What phones tell their switch: CDP, LLDP-MED, VLAN tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "net/discovery/discovery.h"

#define PHONE 0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6

/* As a SPA508G sends it: device id, platform, version text (phones.md 3). */
static const uint8_t cdp[] = {
    0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc, PHONE, 0x00, 93, /* length */
    0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20,  0x00,     /* LLC, SNAP */
    2,    180,  0x12, 0x34,                              /* version, ttl, checksum */
    0,    1,    0,    19,   'S',  'I',  'P',   '5',  '8', 'B', 'F', 'E', 'A', '1', '1', '0', '4',
    'E',  '6',  0,    3,    0,    10,   'P',   'o',  'r', 't', ' ', '1', 0,   5,   0,   10,  '7',
    '.',  '4',  '.',  '9',  'c',  0,    6,     0,    26,  'C', 'i', 's', 'c', 'o', ' ', 'I', 'P',
    ' ',  'P',  'h',  'o',  'n',  'e',  ' ',   'S',  'P', 'A', '5', '0', '8', 'G', 0,   4,   0,
    8,    0,    0,    4,    0x90, 0,    14,    0,    8,   0,   0,   0,   0, /* capabilities, and what is none of
                                                                               ours */
    'p',  'a',  'd'};

static const uint8_t lldp[] = {0x01,
                               0x80,
                               0xc2,
                               0x00,
                               0x00,
                               0x0e,
                               PHONE,
                               0x88,
                               0xcc,
                               1 << 1,
                               6,
                               5,
                               1,
                               192,
                               168,
                               10,
                               50, /* chassis: an address */
                               2 << 1,
                               7,
                               3,
                               PHONE, /* port: a MAC */
                               3 << 1,
                               2,
                               0,
                               180, /* ttl */
                               (uint8_t)(127 << 1),
                               9,
                               0x00,
                               0x12,
                               0xbb,
                               6,
                               '1',
                               '.',
                               '0',
                               '.',
                               '2',
                               (uint8_t)(127 << 1),
                               9,
                               0x00,
                               0x12,
                               0xbb,
                               7,
                               '7',
                               '.',
                               '5',
                               '.',
                               '5',
                               (uint8_t)(127 << 1),
                               15,
                               0x00,
                               0x12,
                               0xbb,
                               8,
                               'C',
                               'C',
                               'Q',
                               '1',
                               '6',
                               '3',
                               '8',
                               '0',
                               'F',
                               'Y',
                               'H',
                               (uint8_t)(127 << 1),
                               11,
                               0x00,
                               0x12,
                               0xbb,
                               10,
                               'S',
                               'P',
                               'A',
                               '5',
                               '0',
                               '4',
                               'G',
                               (uint8_t)(127 << 1),
                               5,
                               0x00,
                               0x80,
                               0xc2,
                               1,
                               0, /* IEEE 802.1 */
                               0,
                               0,
                               'p',
                               'a',
                               'd'};

typedef bool parse_fn(const uint8_t *frame, size_t len, struct discovery *out);

static bool parse_copy(parse_fn *parse, const uint8_t *frame, size_t len, struct discovery *out)
{
    uint8_t *exact = malloc(len ? len : 1); /* ASan sees what reads past it */
    memcpy(exact, frame, len);
    bool ok = parse(exact, len, out);
    free(exact);
    return ok;
}

static void cdp_names_the_phone(void **state)
{
    struct discovery d;
    (void)state;
    assert_true(parse_copy(cdp_parse, cdp, sizeof cdp, &d));
    assert_true(d.has_mac);
    assert_memory_equal(d.mac.b, ((uint8_t[]){PHONE}), 6);
    assert_memory_equal(d.source.b, d.mac.b, 6);
    assert_string_equal(d.platform, "Cisco IP Phone SPA508G");
    assert_string_equal(d.version, "7.4.9c");
    assert_string_equal(d.serial, "");
}

static void lldp_med_names_the_phone(void **state)
{
    struct discovery d;
    (void)state;
    assert_true(parse_copy(lldp_parse, lldp, sizeof lldp, &d));
    assert_true(d.has_mac);
    assert_memory_equal(d.mac.b, ((uint8_t[]){PHONE}), 6);
    assert_string_equal(d.platform, "SPA504G");
    assert_string_equal(d.version, "7.5.5"); /* the software's, not the loader's */
    assert_string_equal(d.serial, "CCQ16380FYH");
}

static void cut_frames_are_nothing(void **state)
{
    struct discovery d;
    (void)state;
    for (size_t len = 0; len < sizeof cdp - 3; len++)
        assert_false(parse_copy(cdp_parse, cdp, len, &d));
    for (size_t len = 0; len < sizeof lldp - 4; len++)
        assert_false(parse_copy(lldp_parse, lldp, len, &d));
    assert_false(parse_copy(cdp_parse, lldp, sizeof lldp, &d));
    assert_false(parse_copy(lldp_parse, cdp, sizeof cdp, &d));
}

/* Every byte changed to every value: nothing is read past the end, and texts stay texts. */
static void damaged_frames_harm_nobody(void **state)
{
    (void)state;
    for (int which = 0; which < 2; which++) {
        size_t len = which ? sizeof lldp : sizeof cdp;
        uint8_t *frame = malloc(len);
        for (size_t at = 12; at < len; at++) {
            for (unsigned value = 0; value < 256; value++) {
                struct discovery d;
                memcpy(frame, which ? lldp : cdp, len);
                frame[at] = (uint8_t)value;
                if (!(which ? lldp_parse : cdp_parse)(frame, len, &d))
                    continue;
                for (const char *c = d.platform; *c; c++)
                    assert_true(*c >= ' ' && *c <= '~');
                assert_true(strlen(d.version) < DISCOVERY_TEXT_MAX);
            }
        }
        free(frame);
    }
}

static void tags(void **state)
{
    static const struct {
        uint8_t type[4];
        unsigned vlan;
    } cases[] = {{{0x81, 0x00, 0x00, 0x64}, 100}, {{0x81, 0x00, 0xe0, 0x64}, 100}, {{0x81, 0x00, 0x0f, 0xfe}, 4094},
                 {{0x81, 0x00, 0xe0, 0x00}, 0},   {{0x81, 0x00, 0x0f, 0xff}, 0},   {{0x08, 0x06, 0x00, 0x64}, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *frame = calloc(1, 18);
        memcpy(frame + 12, cases[i].type, 4);
        assert_int_equal(vlan_of(frame, 18), cases[i].vlan);
        assert_int_equal(vlan_of(frame, 17), 0);
        free(frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cdp_names_the_phone),
        cmocka_unit_test(lldp_med_names_the_phone),
        cmocka_unit_test(cut_frames_are_nothing),
        cmocka_unit_test(damaged_frames_harm_nobody),
        cmocka_unit_test(tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
