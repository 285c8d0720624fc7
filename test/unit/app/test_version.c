#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/phones/version.h"

/* The text in a block of exactly its size, so that ASan sees a read past it. */
static bool parse_exact(bool (*parse)(const char *, size_t, struct version *), const char *text,
                        struct version *out)
{
    size_t len = strlen(text);
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool ok = parse(copy, len, out);
    free(copy);
    return ok;
}

static struct version v(const char *text)
{
    struct version version = {{0}, 0, ""};
    if (!version_parse(text, strlen(text), &version))
        fail_msg("%s cannot be read", text);
    return version;
}

static const struct {
    const char *why, *text, *out; /* out NULL: cannot be read */
} texts[] = {
    {"plain", "7.6.1", "7.6.1"},
    {"a letter", "7.5.2b", "7.5.2b"},
    {"a letter in upper case is the same letter", "7.5.2B", "7.5.2b"},
    {"restricted cryptography", "7.5.6(XU)", "7.5.6(XU)"},
    {"... in lower case means the same", "7.5.6(xu)", "7.5.6(XU)"},
    {"... as file names have it", "7.5.6-xu", "7.5.6(XU)"},
    {"engineering special", "7.6.1(ES_RC01)", "7.6.1(ES_RC01)"},
    {"a number in brackets", "7.5.7(6)", "7.5.7(6)"},
    {"legacy", "6.1.5(a)", "6.1.5(a)"},
    {"525 bluetooth", "7.6.2e-bt", "7.6.2e-bt"},
    {"bluetooth in upper case", "7.6.2e-BT", "7.6.2e-bt"},
    {"letter s", "7.5.7s", "7.5.7s"},
    {"letter and bracket", "7.4.9c(XU)", "7.4.9c(XU)"},
    {"an ATA's", "1.4.1(002)", "1.4.1(002)"},
    {"large numbers", "9999.9999.9999z", "9999.9999.9999z"},
    {"empty", "", NULL},
    {"two numbers", "7.5", NULL},
    {"four numbers", "7.5.2.1", NULL},
    {"a dot before the letter: meaning unknown", "7.6.2.a", NULL},
    {"two letters", "7.5.2bc", NULL},
    {"a digit behind the letter", "7.5.2b1", NULL},
    {"bracket not closed", "7.5.6(XU", NULL},
    {"bracket empty", "7.5.6()", NULL},
    {"something behind the bracket", "7.5.6(XU)a", NULL},
    {"two brackets", "7.5.6(XU)(XU)", NULL},
    {"bracket within the bracket", "7.5.6((XU))", NULL},
    {"a hyphen and one letter is a slip", "7.5.2-b", NULL},
    {"a hyphen and nothing", "7.5.2-", NULL},
    {"a hyphen and a number is a file's form", "7.5.7-6", NULL},
    {"blank before", " 7.5.2", NULL},
    {"blank behind", "7.5.2 ", NULL},
    {"five digits", "7.5.10000", NULL},
    {"leading zero", "7.05.2", NULL},
    {"nothing is no version", "0.0.0", NULL},
    {"minus", "-7.5.2", NULL},
    {"hyphens are a file's form", "7-5-2b", NULL},
    {"suffix too long", "7.5.2(ABCDEFGHIJKLM)", NULL},
    {"the longest suffix", "7.5.2(ABCDEFGHIJK)", "7.5.2(ABCDEFGHIJK)"},
    {"blank in the bracket", "7.5.2(X U)", NULL},
    {"UTF-8", "7.5.2\xc3\xa4", NULL},
};

static void reads_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct version version = {{1, 2, 3}, 'x', "-y"};
        char text[VERSION_TEXT_MAX];
        bool ok = parse_exact(version_parse, texts[i].text, &version);
        if (ok != (texts[i].out != NULL))
            fail_msg("%s: \"%s\"", texts[i].why, texts[i].text);
        assert_string_equal(version_format(&version, text), ok ? texts[i].out : "1.2.3x-y");
    }
}

static const struct {
    const char *why, *text, *out;
    const char *back; /* as written again; NULL: as it was */
} parts[] = {
    {"plain", "7-6-1", "7.6.1", NULL},
    {"a letter", "7-5-2b", "7.5.2b", NULL},
    {"a letter in upper case", "7-5-2B", "7.5.2b", "7-5-2b"},
    {"XU", "7-5-6-XU", "7.5.6(XU)", NULL},
    {"XU on a FAT card", "7-5-6-xu", "7.5.6(XU)", "7-5-6-XU"},
    {"bluetooth keeps its hyphen", "7-6-2e-bt", "7.6.2e-bt", NULL},
    {"engineering special", "7-6-1-ES_RC01", "7.6.1(ES_RC01)", NULL},
    {"a number", "7-5-7-6", "7.5.7(6)", NULL},
    {"a bracket as it is", "7-5-6(XU)", "7.5.6(XU)", "7-5-6-XU"},
    {"one letter behind a hyphen may be a misspelt 7-5-2b", "7-5-2-b", NULL, NULL},
    {"no separator before XU", "7-5-6XU", NULL, NULL},
    {"dots", "7.5.2b", NULL, NULL},
    {"two suffixes", "7-6-2e-bt-XU", NULL, NULL},
    {"empty", "", NULL, NULL},
    {"words", "custom", NULL, NULL},
    {"words behind", "7-5-2b-copy (2)", NULL, NULL},
};

static void reads_file_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct version version = {{0}, 0, ""};
        char text[VERSION_TEXT_MAX];
        bool ok = parse_exact(version_parse_file_part, parts[i].text, &version);
        if (ok != (parts[i].out != NULL))
            fail_msg("%s: \"%s\"", parts[i].why, parts[i].text);
        if (!ok)
            continue;
        assert_string_equal(version_format(&version, text), parts[i].out);
        assert_string_equal(version_format_file_part(&version, text),
                            parts[i].back ? parts[i].back : parts[i].text);
    }
}

/* phones.md 1.3, each newer than the one before it. */
static void order_is_that_of_the_vendor(void **state)
{
    static const char *const order[] = {"5.1.8",  "6.1.5",  "7.1.3a", "7.3.7",  "7.4.3a", "7.4.4",  "7.4.8",
                                        "7.4.8a", "7.4.9",  "7.4.9a", "7.4.9c", "7.5.2",  "7.5.2b", "7.5.5",
                                        "7.5.6",  "7.5.6a", "7.5.7",  "7.5.7s", "7.6.1",  "7.6.2",  "7.6.2a",
                                        "7.6.2e", "7.6.2g", "7.6.10", "7.10.1", "10.0.0"};
    (void)state;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (size_t j = 0; j < sizeof order / sizeof *order; j++) {
            struct version a = v(order[i]), b = v(order[j]);
            assert_int_equal(version_compare(&a, &b), (i > j) - (i < j));
        }
}

static void suffixes_have_no_weight(void **state)
{
    struct version plain = v("7.5.6"), xu = v("7.5.6(XU)"), other = v("7.5.6(6)"), bt = v("7.5.6-bt"),
                   next = v("7.5.6a");
    (void)state;
    assert_int_equal(version_compare(&plain, &xu), 0);
    assert_int_equal(version_compare(&xu, &other), 0);
    assert_int_equal(version_compare(&xu, &bt), 0);
    assert_int_equal(version_compare(&xu, &next), -1);
    assert_true(version_is_xu(&xu));
    assert_false(version_is_xu(&plain));
    assert_false(version_is_xu(&other));
    assert_false(version_same_suffix(&plain, &xu));
    assert_true(version_same_suffix(&xu, &xu));
}

static const struct {
    const char *expr, *version;
    bool match;
} matches[] = {
    {"*", "7.5.6", true},           {"*", "7.5.6(XU)", true},       {"*(XU)", "7.5.6(XU)", true},
    {"*(xu)", "7.4.1(XU)", true},   {"*(XU)", "7.5.6", false},      {"*(XU)", "7.5.6(6)", false},
    {"*(6)", "7.5.7(6)", true},     {">7.5.2b", "7.5.2b", false},   {">7.5.2b", "7.5.2c", true},
    {">7.5.2b", "7.5.2", false},    {">=7.5.2b", "7.5.2b", true},   {">=7.5.2b", "7.5.2a", false},
    {"<7.5.2b", "7.5.2b", false},   {"<7.5.2b", "7.5.2", true},     {"<=7.5.2b", "7.5.2b", true},
    {"<=7.5.2b", "7.5.5", false},   {"7.5.6", "7.5.6", true},       {"=7.5.6", "7.5.6", true},
    {"7.5.6", "7.5.6(XU)", true},   {"7.5.6(XU)", "7.5.6", false},  {"7.5.6(XU)", "7.5.6(XU)", true},
    {"7.5.6", "7.5.6a", false},     {">7.5.6(XU)", "7.5.6", false}, {">=7.5.6(XU)", "7.5.6", true},
    {" >= 7.5.2b ", "7.6.1", true}, {"= 7.6.1", "7.6.1", true},     {"7.6.2e-bt", "7.6.2e", false},
};

static void expressions_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct version_expr expr;
        struct version version = v(matches[i].version);
        if (!version_expr_parse(matches[i].expr, strlen(matches[i].expr), &expr))
            fail_msg("%s cannot be read", matches[i].expr);
        if (version_expr_match(&expr, &version) != matches[i].match)
            fail_msg("%s against %s", matches[i].expr, matches[i].version);
    }
}

static void expressions_are_written_again(void **state)
{
    static const char *const round[] = {"*", "*(XU)", ">7.5.2b", ">=7.5.2b", "<7.5.2b", "<=7.5.2b", "7.5.6(XU)"};
    (void)state;
    for (size_t i = 0; i < sizeof round / sizeof *round; i++) {
        struct version_expr expr;
        char text[VERSION_EXPR_TEXT_MAX];
        assert_true(version_expr_parse(round[i], strlen(round[i]), &expr));
        assert_string_equal(version_expr_format(&expr, text), round[i]);
    }
}

static void bad_expressions_are_refused(void **state)
{
    static const char *const bad[] = {
        "",      " ",   ">",  ">=",  "=>7.5.2",  "!=7.5.2", "*7.5.2", "*XU",
        "*(",    "*()", "**", "7.5", ">7.5.2b,", ">>7.5.2", "=*(XU)", "*(ABCDEFGHIJKLMNOPQRST)",
        "7.5.2*"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct version_expr expr = {.op = VERSION_NEWER};
        size_t len = strlen(bad[i]);
        char *copy = malloc(len > 0 ? len : 1);
        assert_non_null(copy);
        memcpy(copy, bad[i], len);
        if (version_expr_parse(copy, len, &expr))
            fail_msg("\"%s\" was read", bad[i]);
        assert_int_equal(expr.op, VERSION_NEWER);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_versions),
        cmocka_unit_test(reads_file_parts),
        cmocka_unit_test(order_is_that_of_the_vendor),
        cmocka_unit_test(suffixes_have_no_weight),
        cmocka_unit_test(expressions_match),
        cmocka_unit_test(expressions_are_written_again),
        cmocka_unit_test(bad_expressions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
