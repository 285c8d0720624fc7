#include "app/content/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S(s) s, sizeof(s) - 1

/* Every field as "LINE:value", "|" behind each, "/" behind the last of a record; "!LINE" for an error. */
static void fields(const char *text, size_t len, char separator, char *out, size_t cap)
{
    char *copy = malloc(len > 0 ? len : 1);
    struct csv_scan scan;
    struct csv_field field;
    size_t at = 0;
    memcpy(copy, text, len);
    csv_scan_init(&scan, copy, len, separator);
    out[0] = '\0';
    for (;;) {
        enum csv_event event = csv_next(&scan, &field);
        if (event == CSV_END)
            break;
        if (event != CSV_FIELD) {
            snprintf(out + at, cap - at, "!%d", field.line);
            assert_int_equal(csv_next(&scan, &field), CSV_END);
            break;
        }
        char value[64];
        size_t n = csv_copy(&field, value, sizeof value);
        assert_true(n <= field.len);
        at += (size_t)snprintf(out + at, cap - at, "%d:%.*s%s", field.line, (int)n, value, field.last ? "/" : "|");
    }
    free(copy);
}

static void reading(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"nothing", S(""), ""},
        {"one field", S("a"), "1:a/"},
        {"LF, CRLF, CR", S("a\nb\r\nc\rd"), "1:a/2:b/3:c/4:d/"},
        {"no line end at the end", S("a,b\nc,d"), "1:a|1:b/2:c|2:d/"},
        {"empty fields", S(",\n,"), "1:|1:/2:|2:/"},
        {"empty lines are none", S("\n\na\n\n\r\nb\n\n"), "3:a/6:b/"},
        {"byte order mark",
         S("\xef\xbb\xbf"
           "a,b"),
         "1:a|1:b/"},
        {"quoted separator and quote", S("\"a,b\",\"c\"\"d\""), "1:a,b|1:c\"d/"},
        {"quoted line end", S("\"a\r\nb\",c\nd"), "1:a\r\nb|2:c/3:d/"},
        {"quoted nothing", S("\"\",\"\"\n"), "1:|1:/"},
        {"quote inside a plain field", S("a\"b,c"), "1:a\"b|1:c/"},
        {"blanks are kept", S(" a , b "), "1: a |1: b /"},
        {"semicolons", S("a;b,c;d\n1;2,3;4"), "1:a|1:b,c|1:d/2:1|2:2,3|2:4/"},
        {"tabs", S("a\tb\n1\t2;3"), "1:a|1:b/2:1|2:2;3/"},
        {"separators in quotes do not count", S("\"a;;;;\",b\n1,2"), "1:a;;;;|1:b/2:1|2:2/"},
        {"a hint of the spreadsheet's", S("sep=;\r\na;b"), "2:a|2:b/"},
        {"a hint and nothing else", S("sep=;"), ""},
        {"quote never ends", S("a\n\"b\nc"), "1:a/!2"},
        {"a lone quote", S("\""), "!1"},
        {"something behind the quote", S("\"a\"b,c"), "!1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[512];
        fields(cases[i].in, cases[i].len, 0, out, sizeof out);
        if (strcmp(out, cases[i].out) != 0)
            fail_msg("%s: %s", cases[i].why, out);
    }
    char out[64];
    fields(S("a;b,c"), ',', out, sizeof out);
    assert_string_equal(out, "1:a;b|1:c/");
}

static void values_are_cut_to_what_is_lent(void **state)
{
    (void)state;
    struct csv_scan scan;
    struct csv_field field;
    char small[2];
    csv_scan_init(&scan, S("\"a\"\"bc\""), 0);
    csv_next(&scan, &field);
    assert_int_equal(csv_copy(&field, small, sizeof small), 4);
    assert_memory_equal(small, "a\"", 2);
}

/* What is written is read back, but for the apostrophe that keeps spreadsheets from computing. */
static void writing(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"plain", S("SPA504G"), "SPA504G"},
        {"blank", S("a b"), "a b"},
        {"empty", S(""), ""},
        {"comma", S("a,b"), "\"a,b\""},
        {"semicolon, for spreadsheets that split there", S("a;b"), "\"a;b\""},
        {"quote", S("a\"b"), "\"a\"\"b\""},
        {"line end", S("a\nb"), "\"a\nb\""},
        {"formula", S("=1+1"), "'=1+1"},
        {"formula with a quote", S("=cmd|' /C calc'!\"A0\""), "\"'=cmd|' /C calc'!\"\"A0\"\"\""},
        {"plus, minus, at", S("+49"), "'+49"},
        {"minus", S("-1"), "'-1"},
        {"at", S("@SUM(A1)"), "'@SUM(A1)"},
        {"tab", S("\t=1"), "\"'\t=1\""},
        {"carriage return", S("\r=1"), "\"'\r=1\""},
        {"an apostrophe before a formula", S("'=1"), "''=1"},
        {"an apostrophe before anything else", S("'tis"), "'tis"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buf[128];
        struct out out;
        out_window(&out, buf, sizeof buf, 0);
        csv_write(&out, cases[i].in, cases[i].len);
        if (out_filled(&out) != strlen(cases[i].out) || memcmp(buf, cases[i].out, out_filled(&out)) != 0)
            fail_msg("%s: %.*s", cases[i].why, (int)out_filled(&out), buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),
        cmocka_unit_test(values_are_cut_to_what_is_lent),
        cmocka_unit_test(writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
