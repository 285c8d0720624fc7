/* Spans, percent-encoding, queries, cookies, dates, status texts. */
#include "net/http/date.h"
#include "net/http/status.h"
#include "net/http/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof(a)[0])

/* A copy without a NUL behind it, ending where its allocation ends. */
static struct http_slice exact(const char *text)
{
    size_t len = strlen(text);
    char *p = malloc(len > 0 ? len : 1);
    assert_non_null(p);
    memcpy(p, text, len);
    return (struct http_slice){p, len};
}

static void drop(struct http_slice s)
{
    free((char *)(uintptr_t)s.p);
}

static const struct {
    const char *in;
    bool plus;
    const char *out; /* NULL: refused */
} escapes[] = {
    {"", false, ""},
    {"/spa504G.cfg", false, "/spa504G.cfg"},
    {"/a%20b", false, "/a b"},
    {"%2e%2E/", false, "../"},
    {"%252e", false, "%2e"}, /* once, not twice */
    {"%c0%ae", false, "\xc0\xae"},
    {"a+b", false, "a+b"},
    {"a+b%2B", true, "a b+"},
    {"%", false, NULL},
    {"%4", false, NULL},
    {"%4g", false, NULL},
    {"%g4", false, NULL},
    {"%%41", false, NULL},
    {"%00", false, NULL},
    {"a%0d%0ab", false, NULL},
    {"%7f", false, NULL},
    {"%1F", false, NULL},
    {"\t", false, NULL},
};

static void test_percent_decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(escapes); i++) {
        struct http_slice in = exact(escapes[i].in);
        char *out = malloc(in.len > 0 ? in.len : 1);
        ptrdiff_t n = http_percent_decode(in, escapes[i].plus, out);
        if (escapes[i].out == NULL) {
            if (n >= 0)
                fail_msg("'%s' was taken", escapes[i].in);
        } else if (n != (ptrdiff_t)strlen(escapes[i].out) || memcmp(out, escapes[i].out, (size_t)n) != 0) {
            fail_msg("'%s' became %d bytes", escapes[i].in, (int)n);
        }
        free(out);
        drop(in);
    }
}

static const struct {
    const char *query, *name, *value; /* NULL: false */
    size_t cap;
} queries[] = {
    {"model=504G&version=7.3.7", "version", "7.3.7", 16},
    {"model=504G&version=7.3.7", "model", "504G", 5},
    {"model=504G&version=7.3.7", "model", NULL, 4},
    {"version=7.5.6%28XU%29", "version", "7.5.6(XU)", 10},
    {"version=7.5.6%28XU%29", "version", NULL, 9},
    {"a=&b", "a", "", 1},
    {"a=&b", "b", "", 1},
    {"a=&b", "c", NULL, 8},
    {"ab=1", "a", NULL, 8},
    {"a=1&a=2", "a", "1", 8},
    {"a=%0", "a", NULL, 8},
    {"a=%00", "a", NULL, 8},
    {"", "a", NULL, 8},
    {"a=1", "a", NULL, 0},
    {"a=", "a", NULL, 0},
    {"a=x+y", "a", "x y", 8},
};

static void test_query(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(queries); i++) {
        struct http_slice query = exact(queries[i].query);
        char *out = malloc(queries[i].cap > 0 ? queries[i].cap : 1);
        bool found = http_query_get(query, queries[i].name, out, queries[i].cap);
        if (found != (queries[i].value != NULL) || (found && strcmp(out, queries[i].value) != 0))
            fail_msg("case %zu: '%s' %d", i, queries[i].query, (int)found);
        free(out);
        drop(query);
    }
    char out[4];
    assert_false(http_query_get((struct http_slice){NULL, 0}, "a", out, sizeof out));
}

static void test_cookie(void **state)
{
    (void)state;
    static const struct {
        const char *header, *name, *value;
    } cases[] = {
        {"session=abc", "session", "abc"},
        {"a=1; session=abc; b=2", "session", "abc"},
        {"a=1;session=abc", "session", "abc"},
        {"xsession=abc", "session", NULL},
        {"session", "session", NULL},
        {"session=", "session", ""},
        {"", "session", NULL},
        {"sessions=abc", "session", NULL},
    };
    for (size_t i = 0; i < N(cases); i++) {
        struct http_slice header = exact(cases[i].header);
        struct http_slice value = http_cookie(header, cases[i].name);
        assert_int_equal(value.p != NULL, cases[i].value != NULL);
        if (value.p != NULL)
            assert_true(http_is(value, cases[i].value));
        drop(header);
    }
}

static void test_lists(void **state)
{
    (void)state;
    struct http_slice whole = exact(" a, ,\"x,y\" ,W/\"q\\\"z\",b"), list = whole, element;
    static const char *const want[] = {"a", "\"x,y\"", "W/\"q\\\"z\"", "b"};
    for (size_t i = 0; i < N(want); i++) {
        assert_true(http_next_element(&list, &element));
        assert_true(http_is(element, want[i]));
    }
    assert_false(http_next_element(&list, &element));
    drop(whole);
    whole = list = exact("\"never ends, \\");
    assert_true(http_next_element(&list, &element));
    assert_int_equal(element.len, 14);
    drop(whole);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool good;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"", false, 0},
        {"-1", false, 0},
        {"18446744073709551616", false, 0},
        {"+1", false, 0},
        {"1 ", false, 0},
        {"0x10", false, 0},
        {"1,1", false, 0},
        {"99999999999999999999999", false, 0},
    };
    for (size_t i = 0; i < N(cases); i++) {
        uint64_t value = 0;
        assert_int_equal(http_number(http_slice(cases[i].in), &value), cases[i].good);
        assert_true(!cases[i].good || value == cases[i].value);
    }
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
        bool own; /* as we write it */
    } good[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777, true},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777, false},
        {"Sun Nov  6 08:49:37 1994", 784111777, false},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0, true},
        {"Tue, 29 Feb 2000 23:59:59 GMT", 951868799, true},
        {"Wed, 01 Mar 2000 00:00:00 GMT", 951868800, true},
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800, false},
        {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648, true},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799, true},
        {"Wednesday, 15-Jul-26 12:00:00 GMT", 1784116800, false},
    };
    for (size_t i = 0; i < N(good); i++) {
        int64_t t = -1;
        char text[HTTP_DATE_MAX];
        struct http_slice s = exact(good[i].text);
        assert_true(http_date_parse(s, &t));
        assert_int_equal(t, good[i].unix_s);
        if (good[i].own)
            assert_string_equal(http_date_format(t, text), good[i].text);
        for (size_t cut = 0; cut < s.len; cut++) {
            char *part = malloc(cut > 0 ? cut : 1);
            memcpy(part, s.p, cut);
            assert_false(http_date_parse((struct http_slice){part, cut}, &t));
            free(part);
        }
        drop(s);
    }
}

static void test_bad_dates(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "0",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Tue, 29 Feb 2100 00:00:00 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
    };
    for (size_t i = 0; i < N(bad); i++) {
        int64_t t;
        if (http_date_parse(http_slice(bad[i]), &t))
            fail_msg("taken: %s", bad[i]);
    }
    char text[HTTP_DATE_MAX];
    assert_string_equal(http_date_format(-5, text), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_string_equal(http_date_format(INT64_MAX, text), "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void test_reasons(void **state)
{
    (void)state;
    assert_string_equal(http_reason(404), "Not Found");
    assert_string_equal(http_reason(505), "HTTP Version Not Supported");
    assert_string_equal(http_reason(299), "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent_decode), cmocka_unit_test(test_query),   cmocka_unit_test(test_cookie),
        cmocka_unit_test(test_lists),          cmocka_unit_test(test_numbers), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_bad_dates),      cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
