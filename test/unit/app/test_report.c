#include "app/record/report.h"
#include "test/unit/app/heard.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const uint64_t seed[2] = {5, 6};
static const int64_t noon = INT64_C(1767355445678); /* 2026-01-02T12:04:05.678Z */

static const struct report_rung rungs[] = {
    {"7.3.7", "7.5.2b", "spa50x-30x-7-5-2b.bin", 190, 1767355445678},
    {"7.5.2b", "7.6.1", "spa50x-30x-7-6-1.bin", 192, 0},
};
static struct report_row rows_of(int which)
{
    if (which == 0)
        return (struct report_row){.mac = "58bfea1104e6",
                                   .serial = "CCQ16380FYH",
                                   .model = "SPA504G",
                                   .family = "spa50x-30x",
                                   .ip = "192.168.10.50",
                                   .state = "done",
                                   .before = "7.3.7",
                                   .after = "7.6.1",
                                   .target = "7.6.1",
                                   .attempts = 2,
                                   .first_seen_ms = noon,
                                   .done_at_ms = noon + 382000,
                                   .rungs = rungs,
                                   .rung_count = 2,
                                   .inventory_row = 0};
    return (struct report_row){.serial = "CBT141900G7",
                               .state = "needs-hand",
                               .note = "=HYPERLINK(\"x\")</td><script>alert(1)</script>\xff\n",
                               .inventory_row = INVENTORY_NONE};
}

static struct inventory inventory;

static int set_up(void **state)
{
    static const char csv[] = "mac,Model,Room,Desk\n58bfea1104e6,mine,\"a,b\",@<x>\n";
    static struct heard heard;
    (void)state;
    void *block = malloc(INVENTORY_MEMORY(sizeof csv));
    *state = block;
    return inventory_read(&inventory, "phones.csv", csv, sizeof csv - 1, block, INVENTORY_MEMORY(sizeof csv), seed,
                          heard_clear(&heard))
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static struct report report_of(enum report_format format, bool logged_in)
{
    return (struct report){.format = format,
                           .name = "stage<box>",
                           .version = "0.1.0",
                           .state_id = "01ab45cf",
                           .made_ms = noon,
                           .phones = 2,
                           .done = 1,
                           .inventory = logged_in ? &inventory : NULL};
}

static const char *whole(enum report_format format, bool logged_in)
{
    static char text[32768];
    struct report report = report_of(format, logged_in);
    struct out out;
    out_window(&out, text, sizeof text - 1, 0);
    report_head(&report, &out);
    for (int i = 0; i < 2; i++) {
        struct report_row row = rows_of(i);
        report_row(&report, &row, (size_t)i, &out);
    }
    report_tail(&report, &out);
    assert_true(out_whole(&out));
    text[out_filled(&out)] = '\0';
    return text;
}

static void csv(void **state)
{
    (void)state;
    assert_string_equal(
        whole(REPORT_CSV, false),
        "mac,serial,model,family,ip,state,before,after,target,rungs,attempts,first_seen,done_at,note\r\n"
        "58bfea1104e6,CCQ16380FYH,SPA504G,spa50x-30x,192.168.10.50,done,7.3.7,7.6.1,7.6.1,"
        "\"7.3.7 > 7.5.2b in 190 s; 7.5.2b > 7.6.1 in 192 s\",2,2026-01-02T12:04:05Z,2026-01-02T12:10:27Z,\r\n"
        ",CBT141900G7,,,,needs-hand,,,,,0,,,\"'=HYPERLINK(\"\"x\"\")</td><script>alert(1)</script>\xff\n\"\r\n");
}

static void csv_for_a_logged_in_operator_is_an_inventory(void **state)
{
    (void)state;
    const char *text = whole(REPORT_CSV, true);
    assert_non_null(strstr(text, ",note,Room,Desk\r\n"));
    assert_non_null(strstr(text, "T12:10:27Z,,\"a,b\",'@<x>\r\n"));
    assert_non_null(strstr(text, "\",,\r\n"));
    struct inventory again;
    struct heard heard;
    size_t size = INVENTORY_MEMORY(strlen(text));
    void *block = malloc(size);
    assert_true(inventory_read(&again, "report.csv", text, strlen(text), block, size, seed, heard_clear(&heard)));
    assert_int_equal(again.row_count, 1);
    assert_string_equal(inventory_cell(&again, 0, inventory_column(&again, "Desk", 4)), "@<x>");
    free(block);
}

static const char *text_at(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_non_null(item);
    return cJSON_IsNull(item) ? NULL : cJSON_GetStringValue(item);
}

static void json(void **state)
{
    (void)state;
    for (int logged_in = 0; logged_in < 2; logged_in++) {
        cJSON *root = cJSON_Parse(whole(REPORT_JSON, logged_in));
        assert_non_null(root);
        cJSON *batch = cJSON_GetObjectItem(root, "batch");
        assert_string_equal(text_at(batch, "name"), "stage<box>");
        assert_string_equal(text_at(batch, "made_at"), "2026-01-02T12:04:05Z");
        cJSON *phones = cJSON_GetObjectItem(root, "phones");
        assert_int_equal(cJSON_GetArraySize(phones), 2);
        cJSON *one = cJSON_GetArrayItem(phones, 0), *two = cJSON_GetArrayItem(phones, 1);
        assert_string_equal(text_at(one, "done_at"), "2026-01-02T12:10:27Z");
        assert_int_equal(cJSON_GetObjectItem(one, "attempts")->valueint, 2);
        cJSON *history = cJSON_GetObjectItem(one, "history");
        assert_int_equal(cJSON_GetArraySize(history), 2);
        assert_string_equal(text_at(cJSON_GetArrayItem(history, 1), "file"), "spa50x-30x-7-6-1.bin");
        assert_null(text_at(cJSON_GetArrayItem(history, 1), "at"));
        assert_null(text_at(two, "mac"));
        assert_string_equal(text_at(two, "note"), "=HYPERLINK(\"x\")</td><script>alert(1)</script>\xef\xbf\xbd\n");
        cJSON *cells = cJSON_GetObjectItem(one, "inventory");
        assert_int_equal(cells != NULL, logged_in);
        if (cells) {
            assert_string_equal(text_at(cells, "Room"), "a,b");
            assert_null(cJSON_GetObjectItem(cells, "mac"));
            assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(two, "inventory")), 0);
        }
        cJSON_Delete(root);
    }
}

/* A long note in characters of several bytes comes through whole, wherever its parts are cut. */
static void json_keeps_characters_whole(void **state)
{
    (void)state;
    char note[400] = "", buf[4096];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(note, 'x', shift);
        note[shift] = '\0';
        for (int i = 0; i < 90; i++)
            strcat(note, "\xf0\x9f\x93\x9e");
        struct report report = report_of(REPORT_JSON, false);
        struct report_row row = {.note = note, .inventory_row = INVENTORY_NONE};
        struct out out;
        out_window(&out, buf, sizeof buf - 1, 0);
        report_row(&report, &row, 0, &out);
        buf[out_filled(&out)] = '\0';
        cJSON *phone = cJSON_Parse(buf);
        assert_string_equal(text_at(phone, "note"), note);
        cJSON_Delete(phone);
    }
}

static void html(void **state)
{
    (void)state;
    const char *text = whole(REPORT_HTML, false);
    assert_non_null(strstr(text, "<h1>Batch report: stage&lt;box&gt;</h1>"));
    assert_non_null(strstr(text, "1 of 2 phones are done. Made at 2026-01-02T12:04:05Z."));
    assert_non_null(strstr(text, "<td class=\"mac\">58bfea1104e6</td>"));
    assert_non_null(strstr(text, "7.3.7 &gt; 7.5.2b in 190 s; 7.5.2b &gt; 7.6.1 in 192 s"));
    assert_null(strstr(text, "<script"));
    assert_non_null(strstr(text, "Signature"));
    assert_null(strstr(text, "Room"));
    assert_non_null(strstr(text, "</html>\n"));
    text = whole(REPORT_HTML, true);
    assert_non_null(strstr(text, "<th>Model</th><th class=\"own\">Room</th><th class=\"own\">Desk</th><th>State</th>"));
    assert_non_null(strstr(text, "<td class=\"own\">a,b</td><td class=\"own\">@&lt;x&gt;</td><td>"));
}

static void nobody_sees_columns_unasked(void **state)
{
    (void)state;
    for (enum report_format format = REPORT_CSV; format <= REPORT_HTML; format++) {
        const char *text = whole(format, false);
        assert_null(strstr(text, "Room"));
        assert_null(strstr(text, "a,b"));
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, ""},
        {-5, ""},
        {1, "1970-01-01T00:00:00Z"},
        {INT64_C(951782399999), "2000-02-28T23:59:59Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00Z"},
        {INT64_C(1709251199000), "2024-02-29T23:59:59Z"},
        {INT64_C(1767225600000), "2026-01-01T00:00:00Z"},
        {INT64_C(4107542400000), "2100-03-01T00:00:00Z"},
        {INT64_C(253402300799999), "9999-12-31T23:59:59Z"},
        {INT64_C(253402300800000), ""},
        {INT64_MAX, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[REPORT_TIME_MAX];
        assert_string_equal(report_time(cases[i].ms, out), cases[i].text);
    }
}

static void formats(void **state)
{
    (void)state;
    enum report_format format = REPORT_CSV;
    assert_true(report_format_parse("HTML", &format));
    assert_int_equal(format, REPORT_HTML);
    assert_false(report_format_parse("pdf", &format));
    assert_string_equal(report_content_type(REPORT_JSON), "application/json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv),   cmocka_unit_test(csv_for_a_logged_in_operator_is_an_inventory),
        cmocka_unit_test(json),  cmocka_unit_test(json_keeps_characters_whole),
        cmocka_unit_test(html),  cmocka_unit_test(nobody_sees_columns_unasked),
        cmocka_unit_test(times), cmocka_unit_test(formats),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
