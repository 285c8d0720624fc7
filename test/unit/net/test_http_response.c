/* Responses: conditions, ranges, HEAD, lengths, chunks, lines of the host. */
#include "test_http_host.h"

#define N(a) (sizeof(a) / sizeof(a)[0])
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define EXACT "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

/* Of GET /mem: twenty bytes, ETag "v1", changed at EXACT. */
static const struct {
    const char *why, *lines;
    int status;
    const char *body;
} conditions[] = {
    {"nothing asked", "", 200, "0123456789abcdefghij"},
    {"the tag it has", "If-None-Match: \"v1\"\r\n", 304, ""},
    {"a weak form of it", "If-None-Match: W/\"v1\"\r\n", 304, ""},
    {"in a list", "If-None-Match: \"x,y\", \"v1\"\r\n", 304, ""},
    {"in a second line", "If-None-Match: \"x\"\r\nIf-None-Match: \"v1\"\r\n", 304, ""},
    {"any tag", "If-None-Match: *\r\n", 304, ""},
    {"another tag", "If-None-Match: \"v2\"\r\n", 200, "0123456789abcdefghij"},
    {"tag without quotes", "If-None-Match: v1\r\n", 200, "0123456789abcdefghij"},
    {"not changed since", "If-Modified-Since: " EXACT "\r\n", 304, ""},
    {"not changed since later", "If-Modified-Since: " AFTER "\r\n", 304, ""},
    {"changed since", "If-Modified-Since: " BEFORE "\r\n", 200, "0123456789abcdefghij"},
    {"since rubbish", "If-Modified-Since: yesterday\r\n", 200, "0123456789abcdefghij"},
    {"tag goes before date", "If-None-Match: \"v2\"\r\nIf-Modified-Since: " AFTER "\r\n", 200,
     "0123456789abcdefghij"},
    {"If-Match holds", "If-Match: \"v1\"\r\n", 200, "0123456789abcdefghij"},
    {"If-Match any", "If-Match: *\r\n", 200, "0123456789abcdefghij"},
    {"If-Match fails", "If-Match: \"v2\"\r\n", 412, ""},
    {"If-Match is strong", "If-Match: W/\"v1\"\r\n", 412, ""},
    {"unmodified since", "If-Unmodified-Since: " EXACT "\r\n", 200, "0123456789abcdefghij"},
    {"modified since", "If-Unmodified-Since: " BEFORE "\r\n", 412, ""},
    {"If-Match goes before its date", "If-Match: \"v1\"\r\nIf-Unmodified-Since: " BEFORE "\r\n", 200,
     "0123456789abcdefghij"},
    {"412 goes before 304", "If-Match: \"v2\"\r\nIf-None-Match: \"v1\"\r\n", 412, ""},
    {"304 after If-Match", "If-Match: \"v1\"\r\nIf-None-Match: \"v1\"\r\n", 304, ""},
    {"304 goes before a range", "If-None-Match: \"v1\"\r\nRange: bytes=0-1\r\n", 304, ""},
    {"412 goes before a range", "If-Match: \"v2\"\r\nRange: bytes=0-1\r\n", 412, ""},

    {"first bytes", "Range: bytes=0-4\r\n", 206, "01234"},
    {"one byte", "Range: bytes=19-19\r\n", 206, "j"},
    {"unit in any case", "Range: BYTES=0-0\r\n", 206, "0"},
    {"to the end", "Range: bytes=15-\r\n", 206, "fghij"},
    {"beyond the end is cut", "Range: bytes=15-99999999999999999999999\r\n", 206, "fghij"},
    {"last bytes", "Range: bytes=-3\r\n", 206, "hij"},
    {"more last bytes than there are", "Range: bytes=-300\r\n", 206, "0123456789abcdefghij"},
    {"all of it", "Range: bytes=0-\r\n", 206, "0123456789abcdefghij"},
    {"behind the end", "Range: bytes=20-\r\n", 416, ""},
    {"far behind the end", "Range: bytes=99999999999999999999999-\r\n", 416, ""},
    {"no last bytes", "Range: bytes=-0\r\n", 416, ""},
    {"backwards is malformed", "Range: bytes=5-4\r\n", 200, "0123456789abcdefghij"},
    {"no dash", "Range: bytes=5\r\n", 200, "0123456789abcdefghij"},
    {"nothing", "Range: bytes=\r\n", 200, "0123456789abcdefghij"},
    {"dash alone", "Range: bytes=-\r\n", 200, "0123456789abcdefghij"},
    {"rubbish", "Range: bytes=a-b\r\n", 200, "0123456789abcdefghij"},
    {"negative", "Range: bytes=--5\r\n", 200, "0123456789abcdefghij"},
    {"several", "Range: bytes=0-1,3-4\r\n", 200, "0123456789abcdefghij"},
    {"other unit", "Range: lines=0-1\r\n", 200, "0123456789abcdefghij"},
    {"If-Range holds", "Range: bytes=0-1\r\nIf-Range: \"v1\"\r\n", 206, "01"},
    {"If-Range is strong", "Range: bytes=0-1\r\nIf-Range: W/\"v1\"\r\n", 200, "0123456789abcdefghij"},
    {"If-Range fails", "Range: bytes=0-1\r\nIf-Range: \"v0\"\r\n", 200, "0123456789abcdefghij"},
    {"If-Range by date", "Range: bytes=0-1\r\nIf-Range: " EXACT "\r\n", 206, "01"},
    {"If-Range by another date", "Range: bytes=0-1\r\nIf-Range: " AFTER "\r\n", 200, "0123456789abcdefghij"},
    {"If-Range fails before 416", "Range: bytes=99-\r\nIf-Range: \"v0\"\r\n", 200, "0123456789abcdefghij"},
};

static const char *body_of(const struct host *h)
{
    const char *end = strstr(h->seen, "\r\n\r\n");
    return end != NULL ? end + 4 : "?";
}

static void ask(struct host *h, const char *method, const char *path, const char *lines)
{
    char text[700];
    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\n%s\r\n", method, path, lines);
    host_open(h);
    host_text_in(h, text);
}

static void expect_line(const struct host *h, const char *line, bool there)
{
    char want[200];
    snprintf(want, sizeof want, "\r\n%s\r\n", line);
    if ((strstr(h->seen, want) != NULL) != there)
        fail_msg("'%s' %s in: %s", line, there ? "is not" : "is", h->seen);
}

static void all_conditions(const char *path)
{
    for (size_t i = 0; i < N(conditions); i++) {
        struct host h;
        char length[40];
        ask(&h, "GET", path, conditions[i].lines);
        if (host_status(&h) != conditions[i].status || strcmp(body_of(&h), conditions[i].body) != 0)
            fail_msg("%s: %s", conditions[i].why, h.seen);
        snprintf(length, sizeof length, "Content-Length: %zu", strlen(conditions[i].body));
        expect_line(&h, length, conditions[i].status != 304);
        if (conditions[i].status == 304)
            assert_null(strstr(h.seen, "Content-"));
        expect_line(&h, "ETag: " HOST_ETAG, true);
        assert_int_equal(http_server_status(&h.s), conditions[i].status);
        assert_int_equal(http_server_handed(&h.s), strlen(conditions[i].body));
        assert_int_equal(http_server_length(&h.s), strlen(conditions[i].body));
        assert_string_equal(h.events, "RS"); /* and the connection stays */
        host_close(&h);
    }
}

static void test_conditions(void **state)
{
    (void)state;
    all_conditions("/mem");
    all_conditions("/room");
}

/* HEAD: what GET would have sent, without the body. RFC 9110 section 14.2: no ranges. */
static void test_head_equals_get(void **state)
{
    (void)state;
    static const char *const paths[] = {"/mem",       "/room",    "/copy",   "/extent", "/empty",
                                        "/nocontent", "/nowhere", "/method", "/produce"};
    for (size_t i = 0; i < N(paths); i++) {
        struct host get, head;
        ask(&get, "GET", paths[i], "");
        ask(&head, "HEAD", paths[i], "");
        size_t len = (size_t)(body_of(&get) - get.seen);
        assert_int_equal(head.seen_len, len);
        assert_memory_equal(head.seen, get.seen, len);
        assert_string_equal(head.events, "RS");
        host_close(&get);
        host_close(&head);
    }
    for (size_t i = 0; i < N(conditions); i++) {
        struct host h;
        ask(&h, "HEAD", "/mem", conditions[i].lines);
        int status = conditions[i].status == 206 || conditions[i].status == 416 ? 200 : conditions[i].status;
        assert_int_equal(host_status(&h), status);
        assert_string_equal(body_of(&h), "");
        host_close(&h);
    }
}

static void test_content_range(void **state)
{
    (void)state;
    struct host h;
    ask(&h, "GET", "/mem", "Range: bytes=-3\r\n");
    expect_line(&h, "Content-Range: bytes 17-19/20", true);
    expect_line(&h, "Content-Type: text/plain", true);
    expect_line(&h, "Accept-Ranges: bytes", true);
    host_close(&h);
    ask(&h, "GET", "/mem", "Range: bytes=20-\r\n");
    expect_line(&h, "Content-Range: bytes */20", true);
    expect_line(&h, "Content-Length: 0", true);
    expect_line(&h, "Content-Type: text/plain", false);
    host_close(&h);
    ask(&h, "GET", "/empty", "Range: bytes=0-\r\n");
    expect_line(&h, "Content-Range: bytes */0", true);
    host_close(&h);
    ask(&h, "GET", "/empty", "Range: bytes=-5\r\n");
    assert_int_equal(host_status(&h), 200);
    host_close(&h);
}

static void test_whole_head(void **state)
{
    (void)state;
    struct host h;
    ask(&h, "GET", "/mem", "");
    assert_string_equal(h.seen, "HTTP/1.1 200 OK\r\n"
                                "Content-Type: text/plain\r\n"
                                "Content-Length: 20\r\n"
                                "Accept-Ranges: bytes\r\n"
                                "Last-Modified: " EXACT "\r\n"
                                "ETag: \"v1\"\r\n"
                                "\r\n"
                                "0123456789abcdefghij");
    host_close(&h);
    ask(&h, "PUT", "/method", "");
    expect_line(&h, "Allow: GET, HEAD", true);
    expect_line(&h, "Content-Length: 20", true);
    host_close(&h);
    ask(&h, "GET", "/nocontent", "");
    assert_string_equal(h.seen, "HTTP/1.1 204 No Content\r\n\r\n");
    host_close(&h);
    ask(&h, "GET", "/nowhere", "");
    assert_string_equal(h.seen, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    host_close(&h);
}

/* Conditions are for a 200 to GET and HEAD only. */
static void test_no_conditions_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *lines;
        int status;
    } others[] = {
        {"DELETE", "/mem", "If-None-Match: \"v1\"\r\n", 200},
        {"PUT", "/up", "If-None-Match: *\r\n", 201},
        {"GET", "/nowhere", "If-None-Match: *\r\n", 404},
        {"GET", "/nowhere", "Range: bytes=0-1\r\n", 404},
        {"GET", "/nocontent", "If-Match: \"v2\"\r\n", 204},
        {"GET", "/copy", "If-Modified-Since: " AFTER "\r\n", 200},
        {"GET", "/copy", "If-Unmodified-Since: " BEFORE "\r\n", 200},
        {"GET", "/copy", "If-Match: \"v1\"\r\n", 412},
        {"GET", "/produce", "Range: bytes=0-1\r\n", 200},
    };
    for (size_t i = 0; i < N(others); i++) {
        struct host h;
        ask(&h, others[i].method, others[i].path, others[i].lines);
        assert_int_equal(host_status(&h), others[i].status);
        host_close(&h);
    }
}

static void test_extent(void **state)
{
    (void)state;
    struct host h;
    ask(&h, "GET", "/extent", "");
    const char *body = body_of(&h);
    assert_int_equal(h.seen_len - (size_t)(body - h.seen), HOST_EXTENT_SIZE);
    for (size_t i = 0; i < HOST_EXTENT_SIZE; i++)
        assert_int_equal(body[i], extent_byte(i));
    host_close(&h);
    ask(&h, "GET", "/extent", "Range: bytes=9990-\r\n");
    assert_string_equal(body_of(&h), "GHIJKLMNOP");
    assert_int_equal(http_server_handed(&h.s), 10);
    host_close(&h);
}

/* The peer takes a few bytes at a time: nothing is lost, doubled or told too early. */
static void test_every_piece(void **state)
{
    (void)state;
    static const char *const paths[] = {"/mem", "/copy", "/extent", "/produce"};
    for (size_t i = 0; i < N(paths); i++) {
        struct host whole;
        ask(&whole, "GET", paths[i], "");
        for (size_t step = 1; step < 300; step = step * 3 + 1) {
            struct host h;
            char text[100];
            host_open(&h);
            h.peer_room = 0;
            h.parts = "";
            snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n\r\n", paths[i]);
            host_text_in(&h, text);
            while (h.seen_len < whole.seen_len) {
                assert_string_equal(h.events, "R");
                h.peer_room = step;
                host_run(&h);
            }
            assert_string_equal(h.events, "RS");
            assert_memory_equal(h.seen, whole.seen, whole.seen_len);
            host_close(&h);
        }
        host_close(&whole);
    }
}

static void test_handed_counts_body_bytes(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.peer_room = 0;
    host_text_in(&h, "GET /extent HTTP/1.1\r\n\r\n");
    struct http_out out;
    assert_true(http_server_output(&h.s, &out, 0));
    assert_true(out.more); /* the head, then the extent */
    assert_int_equal(out.kind, HTTP_OUT_MEMORY);
    http_server_sent(&h.s, out.len, 0);
    assert_int_equal(http_server_handed(&h.s), 0);
    assert_true(http_server_output(&h.s, &out, 0));
    assert_int_equal(out.kind, HTTP_OUT_EXTENT);
    assert_int_equal(out.off, 0);
    assert_int_equal(out.len, HOST_EXTENT_SIZE);
    assert_false(out.more);
    http_server_sent(&h.s, 777, 0);
    assert_int_equal(http_server_handed(&h.s), 777);
    assert_true(http_server_output(&h.s, &out, 0));
    assert_int_equal(out.off, 777);
    assert_int_equal(http_server_length(&h.s), HOST_EXTENT_SIZE);
    host_close(&h);
}

static void test_producer_chunks(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.parts = "one|~~two|0123456789abcdefg";
    host_text_in(&h, "GET /produce HTTP/1.1\r\n\r\n");
    assert_string_equal(h.events, "R");
    assert_string_equal(body_of(&h), "3\r\none\r\n");
    expect_line(&h, "Transfer-Encoding: chunked", true);
    assert_null(strstr(h.seen, "Content-Length"));
    assert_int_equal(http_server_handed(&h.s), 3);
    assert_int_equal(http_server_length(&h.s), UINT64_MAX);
    host_run(&h);
    assert_string_equal(body_of(&h), "3\r\none\r\n3\r\ntwo\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n");
    assert_string_equal(h.events, "RS");
    assert_int_equal(http_server_handed(&h.s), 23);
    host_text_in(&h, "GET /mem HTTP/1.1\r\n\r\n"); /* the connection stays */
    assert_string_equal(h.events, "RSRS");
    host_close(&h);
}

static void test_handed_counts_whole_chunks(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.parts = "one|four";
    h.peer_room = 0;
    host_text_in(&h, "GET /produce HTTP/1.1\r\n\r\n");
    struct http_out out;
    assert_true(http_server_output(&h.s, &out, 0));
    http_server_sent(&h.s, out.len, 0); /* the head */
    for (size_t handed = 0; handed <= 3; handed += 3) {
        assert_true(http_server_output(&h.s, &out, 0));
        http_server_sent(&h.s, out.len - 1, 0);
        assert_int_equal(http_server_handed(&h.s), handed);
        http_server_sent(&h.s, 1, 0);
    }
    assert_int_equal(http_server_handed(&h.s), 7);
    host_close(&h);
}

static void test_producer_fills_the_buffer(void **state)
{
    (void)state;
    for (unsigned minor = 0; minor < 2; minor++) {
        struct host h;
        char parts[HOST_OUT + 1], text[100];
        size_t n = HOST_OUT - (minor == 1 ? 8 : 0);
        memset(parts, 'p', n);
        parts[n] = '\0';
        host_open(&h);
        h.parts = parts;
        snprintf(text, sizeof text, "GET /produce HTTP/1.%u\r\n\r\n", minor);
        host_text_in(&h, text);
        assert_int_equal(strlen(body_of(&h)), minor == 1 ? n + 3 + 4 + 5 : n);
        assert_int_equal(strspn(strchr(body_of(&h), 'p'), "p"), n);
        host_close(&h);
    }
}

static void test_producer_of_1_0_ends_by_close(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.parts = "one|two";
    host_text_in(&h, "GET /produce HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_string_equal(body_of(&h), "onetwo");
    expect_line(&h, "Connection: close", true);
    assert_null(strstr(h.seen, "Transfer-Encoding"));
    assert_string_equal(h.events, "RSs");
    host_close(&h);
}

static void test_producer_that_fails_cuts_the_connection(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.parts = "one|!";
    host_text_in(&h, "GET /produce HTTP/1.1\r\n\r\n");
    assert_string_equal(body_of(&h), "3\r\none\r\n");
    assert_string_equal(h.events, "RC");
    assert_non_null(http_server_why(&h.s));
    host_close(&h);
}

static void test_lines_of_the_host_are_checked(void **state)
{
    (void)state;
    static const struct {
        struct http_line line;
        const char *type, *etag;
        bool good;
    } cases[] = {
        {{"Cache-Control", "no-store"}, NULL, NULL, true},
        {{"X", "a\tb"}, NULL, NULL, false},
        {{"X", "a\r\nSet-Cookie: b"}, NULL, NULL, false},
        {{"X: y", "z"}, NULL, NULL, false},
        {{"", "z"}, NULL, NULL, false},
        {{"X", ""}, "a\nb", NULL, false},
        {{"X", ""}, NULL, "\"\r\"", false},
        {{"X", ""}, "text/html", "\"a\"", true},
    };
    for (size_t i = 0; i < N(cases); i++) {
        struct host h;
        host_open(&h);
        h.hold = true;
        host_text_in(&h, "GET /x HTTP/1.1\r\n\r\n");
        struct http_response r = {.status = 200, .content_type = cases[i].type, .etag = cases[i].etag};
        r.lines = &cases[i].line;
        r.line_count = 1;
        r.body = HTTP_BODY_MEMORY;
        r.memory = host_text;
        r.length = 3;
        assert_int_equal(http_server_respond(&h.s, &r, 0), cases[i].good);
        host_run(&h);
        assert_int_equal(host_status(&h), cases[i].good ? 200 : 500);
        assert_null(strstr(h.seen, "Set-Cookie"));
        assert_string_equal(h.events, cases[i].good ? "RS" : "RSs");
        host_close(&h);
    }
}

static void test_copy_must_fit_and_memory_need_not(void **state)
{
    (void)state;
    static char big[HOST_OUT];
    memset(big, 'b', sizeof big);
    const size_t head = strlen("HTTP/1.1 404 Not Found\r\nContent-Length: 9xx\r\n\r\n");
    for (int memory = 0; memory < 2; memory++) {
        for (size_t over = 0; over < 2; over++) {
            struct host h;
            host_open(&h);
            h.hold = true;
            host_text_in(&h, "GET /x HTTP/1.1\r\n\r\n");
            struct http_response r = {.status = 404, .memory = big, .length = HOST_OUT - head + over};
            r.body = memory ? HTTP_BODY_MEMORY : HTTP_BODY_COPY;
            assert_int_equal(http_server_respond(&h.s, &r, 0), memory || over == 0);
            host_run(&h);
            if (memory || over == 0)
                assert_int_equal(strlen(body_of(&h)), HOST_OUT - head + over);
            else
                assert_int_equal(host_status(&h), 500);
            assert_int_equal(http_server_event(&h.s, 0), HTTP_WAIT);
            host_close(&h);
        }
    }
}

static void goes_out_with_its_head(const char *ask)
{
    struct host h;
    struct http_out out;
    host_open(&h);
    h.peer_room = 0;
    host_text_in(&h, ask);
    assert_true(http_server_output(&h.s, &out, 0));
    assert_false(out.more);
    size_t all = out.len;
    http_server_sent(&h.s, all - 5, 0);
    assert_int_equal(http_server_handed(&h.s), 15);
    assert_true(http_server_output(&h.s, &out, 0));
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.data, "fghij", 5);
    http_server_sent(&h.s, 5, 0);
    assert_false(http_server_output(&h.s, &out, 0));
    host_close(&h);
}

static void test_small_memory_goes_out_with_its_head(void **state)
{
    (void)state;
    goes_out_with_its_head("GET /mem HTTP/1.1\r\n\r\n");
    goes_out_with_its_head("GET /room HTTP/1.1\r\n\r\n");
}

static void test_date_line(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.hold = true;
    host_text_in(&h, "GET /x HTTP/1.1\r\n\r\n");
    http_server_respond(&h.s, &(struct http_response){.status = 404, .date_s = HOST_TIME}, 0);
    host_run(&h);
    expect_line(&h, "Date: " EXACT, true);
    host_close(&h);
}

static void test_busy(void **state)
{
    (void)state;
    char buf[128];
    size_t n = http_busy_response(buf, sizeof buf, 4294967295u);
    assert_true(n > 0);
    assert_memory_equal(buf, "HTTP/1.1 503 Service Unavailable\r\n", 34);
    assert_memory_equal(buf + n - 4, "\r\n\r\n", 4);
    assert_int_equal(http_busy_response(buf, 127, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_head_equals_get),
        cmocka_unit_test(test_content_range),
        cmocka_unit_test(test_whole_head),
        cmocka_unit_test(test_no_conditions_elsewhere),
        cmocka_unit_test(test_extent),
        cmocka_unit_test(test_every_piece),
        cmocka_unit_test(test_handed_counts_body_bytes),
        cmocka_unit_test(test_producer_chunks),
        cmocka_unit_test(test_handed_counts_whole_chunks),
        cmocka_unit_test(test_producer_fills_the_buffer),
        cmocka_unit_test(test_producer_of_1_0_ends_by_close),
        cmocka_unit_test(test_producer_that_fails_cuts_the_connection),
        cmocka_unit_test(test_lines_of_the_host_are_checked),
        cmocka_unit_test(test_copy_must_fit_and_memory_need_not),
        cmocka_unit_test(test_small_memory_goes_out_with_its_head),
        cmocka_unit_test(test_date_line),
        cmocka_unit_test(test_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
