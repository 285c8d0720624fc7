/* test_text.c - names without case, distances, and the parts of values. */
#include "config/reading.h"

#include "config/scan.h"
#include "config/text.h"

static void same_without_case(void **state)
{
    (void)state;
    assert_true(text_same("Option66", "oPTION66"));
    assert_true(text_same("", ""));
    assert_false(text_same("lease", "leas"));
    assert_false(text_same("leas", "lease"));
    assert_false(text_same("[", "{"));
}

static void copies_what_fits(void **state)
{
    (void)state;
    char out[4] = {1, 1, 1, 1};
    assert_false(text_copy(out, sizeof out, "four"));
    assert_int_equal(out[0], 1);
    assert_true(text_copy(out, sizeof out, "a"));
    assert_memory_equal(out, "a\0\0\0", 4);
    assert_int_equal(text_cut(out, sizeof out, "four"), 3);
    assert_string_equal(out, "fou");
    assert_int_equal(text_cut(out, sizeof out, "a"), 1);
    assert_string_equal(out, "a");
}

static void distances(void **state)
{
    (void)state;
    static const struct {
        const char *why, *a, *b;
        size_t distance;
    } cases[] = {
        {"equal but for case", "LEASE", "lease", 0},
        {"one left out", "leas", "lease", 1},
        {"one added", "leasee", "lease", 1},
        {"one changed", "leate", "lease", 1},
        {"two swapped", "laese", "lease", 1},
        {"nothing in common", "abc", "xyz", 3},
        {"empty", "", "tftp", 4},
        {"swapped and one more", "ldease", "lease", 1},
        {"two words", "canry", "canary", 1},
        {"longest", "0123456789012345678901234567890123456789", "", 40},
        {"too long to compare", "01234567890123456789012345678901234567890", "x", 41},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (text_distance(cases[i].a, cases[i].b) != cases[i].distance ||
            text_distance(cases[i].b, cases[i].a) != cases[i].distance)
            fail_msg("%s: %zu", cases[i].why, text_distance(cases[i].a, cases[i].b));
    }
}

static void nearness(void **state)
{
    (void)state;
    assert_true(text_near("leese", "lease"));
    assert_true(text_near("dhpc", "dhcp"));
    assert_false(text_near("to", "via"));
    assert_false(text_near("pool", "lease"));
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool sound;
        uint32_t seconds;
    } cases[] = {
        {"30s", true, 30},
        {"5m", true, 300},
        {"1H", true, 3600},
        {"2d", true, 172800},
        {"0s", true, 0},
        {"4294967295s", true, UINT32_MAX},
        {"180", false, 0},
        {"s", false, 0},
        {"", false, 0},
        {"1.5h", false, 0},
        {"-1s", false, 0},
        {"1w", false, 0},
        {"4294967296s", false, 0},
        {"71582789m", false, 0},
        {"5 m", false, 0},
        {"99999999999999999999s", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t seconds = 0;
        if (scan_duration(cases[i].text, &seconds) != cases[i].sound || seconds != cases[i].seconds)
            fail_msg("%s: %lu", cases[i].text, (unsigned long)seconds);
    }
}

static void durations_back(void **state)
{
    (void)state;
    char out[SCAN_DURATION_MAX];
    assert_string_equal(scan_duration_text(0, out), "0s");
    assert_string_equal(scan_duration_text(90, out), "90s");
    assert_string_equal(scan_duration_text(600, out), "10m");
    assert_string_equal(scan_duration_text(86400, out), "1d");
    assert_string_equal(scan_duration_text(UINT32_MAX, out), "4294967295s");
}

static void hex(void **state)
{
    (void)state;
    uint8_t out[3];
    assert_int_equal(scan_hex("01:fF-a0", out, 3), 3);
    assert_memory_equal(out, "\x01\xff\xa0", 3);
    assert_int_equal(scan_hex("01ff", out, 3), 2);
    assert_int_equal(scan_hex("01ff02a1", out, 3), 0);
    assert_int_equal(scan_hex("", out, 3), 0);
    assert_int_equal(scan_hex("0", out, 3), 0);
    assert_int_equal(scan_hex("01:", out, 3), 0);
    assert_int_equal(scan_hex("01::02", out, 3), 0);
    assert_int_equal(scan_hex(":01", out, 3), 0);
    assert_int_equal(scan_hex("0g", out, 3), 0);
}

static void lists(void **state)
{
    (void)state;
    const char *list = " a b ,,c\t, ";
    const char *item;
    size_t len;
    assert_true(scan_item(&list, &item, &len));
    assert_int_equal(len, 3);
    assert_memory_equal(item, "a b", 3);
    assert_true(scan_item(&list, &item, &len));
    assert_int_equal(len, 1);
    assert_memory_equal(item, "c", 1);
    assert_false(scan_item(&list, &item, &len));
    assert_false(scan_item(&list, &item, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_without_case),
        cmocka_unit_test(copies_what_fits),
        cmocka_unit_test(distances),
        cmocka_unit_test(nearness),
        cmocka_unit_test(durations),
        cmocka_unit_test(durations_back),
        cmocka_unit_test(hex),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
