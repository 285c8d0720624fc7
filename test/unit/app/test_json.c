#include "app/web/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

static void write_all(struct json *j)
{
    json_object(j);
    json_key_text(j, "mac", "58bfea1104e6");
    json_key_text(j, "serial", NULL);
    json_key_u64(j, "attempts", UINT64_MAX);
    json_key_bool(j, "yes", true);
    json_key_null(j, "note");
    json_key(j, "rungs");
    json_array(j);
    json_text(j, "7.5.2b");
    json_array(j);
    json_array_end(j);
    json_object(j);
    json_object_end(j);
    json_i64(j, INT64_MIN);
    json_double(j, 0.25);
    json_bool(j, false);
    json_array_end(j);
    json_key(j, "progress");
    json_double(j, 1.0 / 3);
    json_object_end(j);
}

static const char whole[] =
    "{\"mac\":\"58bfea1104e6\",\"serial\":null,\"attempts\":18446744073709551615,\"yes\":true,\"note\":null,"
    "\"rungs\":[\"7.5.2b\",[],{},-9223372036854775808,0.25,false],\"progress\":0.333333}";

static void commas_and_nesting(void **state)
{
    (void)state;
    char buf[512];
    struct json j;
    json_init(&j, buf, sizeof buf);
    write_all(&j);
    assert_true(json_done(&j));
    assert_int_equal(j.len, sizeof whole - 1);
    assert_memory_equal(buf, whole, j.len);
}

static void every_smaller_buffer_overflows(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < sizeof whole - 1; cap++) {
        char *buf = malloc(cap > 0 ? cap : 1);
        struct json j;
        json_init(&j, buf, cap);
        write_all(&j);
        assert_true(j.overflow);
        assert_false(json_done(&j));
        assert_true(j.len <= cap);
        free(buf);
    }
}

#define S(s) s, sizeof(s) - 1

static void hostile_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"quotes and backslash", S("a\"b\\c"), "\"a\\\"b\\\\c\""},
        {"controls", S("\n\r\t\b\x1f\0\x7f"), "\"\\n\\r\\t\\u0008\\u001f\\u0000\\u007f\""},
        {"no tag in a page", S("</script>"), "\"\\u003c/script>\""},
        {"UTF-8 stays", S("J\xc3\xb6rg \xf0\x9f\x93\x9e"), "\"J\xc3\xb6rg \xf0\x9f\x93\x9e\""},
        {"lone continuation", S("\x80z"), "\"\xef\xbf\xbdz\""},
        {"cut sequence", S("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"overlong slash", S("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"surrogate", S("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"beyond Unicode", S("\xf5\x80\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"empty", S(""), "\"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buf[128], *in = malloc(cases[i].len > 0 ? cases[i].len : 1);
        struct json j;
        memcpy(in, cases[i].in, cases[i].len);
        json_init(&j, buf, sizeof buf);
        json_text_len(&j, in, cases[i].len);
        if (j.len != strlen(cases[i].out) || memcmp(buf, cases[i].out, j.len) != 0)
            fail_msg("%s: %.*s", cases[i].why, (int)j.len, buf);
        free(in);
    }
}

static void numbers_that_json_does_not_know(void **state)
{
    (void)state;
    char buf[64];
    struct json j;
    json_init(&j, buf, sizeof buf);
    json_array(&j);
    json_double(&j, NAN);
    json_double(&j, INFINITY);
    json_double(&j, 1e300);
    json_array_end(&j);
    assert_memory_equal(buf, "[null,null,1e+300]", j.len);
}

static void misuse_is_an_overflow(void **state)
{
    (void)state;
    char buf[256];
    struct json j;
    json_init(&j, buf, sizeof buf);
    json_array_end(&j);
    assert_true(j.overflow);
    json_init(&j, buf, sizeof buf);
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        json_array(&j);
    assert_false(j.overflow);
    json_array(&j);
    assert_true(j.overflow);
}

/* Elements written one at a time into a small buffer come out as one document. */
static void in_pieces(void **state)
{
    (void)state;
    char buf[24], all[512] = "";
    struct json j;
    json_init(&j, buf, sizeof buf);
    json_array(&j);
    for (int i = 0; i < 20; i++) {
        struct json before = j;
        json_object(&j);
        json_key_u64(&j, "n", (uint64_t)i);
        json_object_end(&j);
        if (j.overflow) {
            j = before;
            strncat(all, buf, j.len);
            json_taken(&j);
            i--;
        }
    }
    json_array_end(&j);
    strncat(all, buf, j.len);
    assert_true(json_done(&j));
    assert_int_equal(strncmp(all, "[{\"n\":0},{\"n\":1},{\"n\":2},", 25), 0);
    assert_string_equal(all + strlen(all) - 18, "{\"n\":18},{\"n\":19}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_nesting),    cmocka_unit_test(every_smaller_buffer_overflows),
        cmocka_unit_test(hostile_bytes),         cmocka_unit_test(numbers_that_json_does_not_know),
        cmocka_unit_test(misuse_is_an_overflow), cmocka_unit_test(in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
