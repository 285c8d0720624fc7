/* Requests as bytes: which are taken and what is read from them, and which are refused with what. */
#include "test_http_host.h"

#define N(a) (sizeof(a) / sizeof(a)[0])
#define G "GET /mem HTTP/1.1\r\n"
#define P "POST /up HTTP/1.1\r\n"

static const struct {
    const char *why, *in;
    int status;
    const char *request; /* as the host saw it; "" where it saw none */
} cases[] = {
    {"plain 1.1", "GET /mem HTTP/1.1\r\nHost: box\r\n\r\n", 200, "GET /mem;"},
    {"plain 1.0, no Host", "GET /mem HTTP/1.0\r\n\r\n", 200, "GET /mem;"},
    {"1.1 without Host, as old phones ask", G "\r\n", 200, "GET /mem;"},
    {"bare LF, as people send", "GET /mem HTTP/1.0\n\n", 200, "GET /mem;"},
    {"empty lines before", "\r\n\n\r\n" G "\r\n", 200, "GET /mem;"},
    {"a later 1.x", "GET /mem HTTP/1.7\r\n\r\n", 200, "GET /mem;"},
    {"query", "GET /mem?a=%41&b HTTP/1.1\r\n\r\n", 200, "GET /mem?a=%41&b;"},
    {"empty query", "GET /mem? HTTP/1.1\r\n\r\n", 200, "GET /mem?;"},
    {"two question marks", "GET /mem?a?b HTTP/1.1\r\n\r\n", 200, "GET /mem?a?b;"},
    {"decoded once", "GET /%6dem HTTP/1.1\r\n\r\n", 200, "GET /mem;"},
    {"decoded once and not twice", "GET /%256dem HTTP/1.1\r\n\r\n", 404, "GET /%6dem;"},
    {"dots and slashes are the host's affair", "GET //a/%2e%2e/..%5cb HTTP/1.1\r\n\r\n", 404, "GET //a/../..\\b;"},
    {"an escaped question mark is no query", "GET /a%3fb HTTP/1.1\r\n\r\n", 404, "GET /a?b;"},
    {"absolute form", "GET http://192.168.10.10:80/mem?x HTTP/1.1\r\n\r\n", 200, "GET /mem?x;"},
    {"absolute form, any case, https", "GET HTTPS://box/mem HTTP/1.1\r\n\r\n", 200, "GET /mem;"},
    {"absolute form without path", "GET http://box HTTP/1.1\r\n\r\n", 404, "GET /;"},
    {"absolute form without path, with query", "GET http://box?x HTTP/1.1\r\n\r\n", 404, "GET /?x;"},
    {"other methods", "DELETE /mem HTTP/1.1\r\n\r\n", 200, "DELETE /mem;"},
    {"the host's 405", "PUT /method HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405, "PUT /method;"},
    {"header values of any kind", G "X: \t a\tb \xff \r\nEmpty:\r\n\r\n", 200, "GET /mem;"},

    {"HTTP/0.9", "GET /mem\r\n", 400, ""},
    {"HTTP/0.9 spelled out", "GET /mem HTTP/0.9\r\n", 505, ""},
    {"HTTP/2.0", "GET /mem HTTP/2.0\r\n", 505, ""},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, ""},
    {"version of three digits", "GET /mem HTTP/1.10\r\n", 400, ""},
    {"version of two digits in front", "GET /mem HTTP/11.1\r\n", 400, ""},
    {"version in lower case", "GET /mem http/1.1\r\n", 400, ""},
    {"version with a space behind", "GET /mem HTTP/1.1 \r\n", 400, ""},
    {"unknown method", "BREW /mem HTTP/1.1\r\n", 501, ""},
    {"method in lower case", "get /mem HTTP/1.1\r\n", 501, ""},
    {"OPTIONS", "OPTIONS * HTTP/1.1\r\n", 501, ""},
    {"CONNECT", "CONNECT box:443 HTTP/1.1\r\n", 501, ""},
    {"TRACE", "TRACE /mem HTTP/1.1\r\n", 501, ""},
    {"method that is no token", "G\"T /mem HTTP/1.1\r\n", 400, ""},
    {"space first", " GET /mem HTTP/1.1\r\n", 400, ""},
    {"two spaces", "GET  /mem HTTP/1.1\r\n", 400, ""},
    {"tab for a space", "GET\t/mem HTTP/1.1\r\n", 400, ""},
    {"space in the path", "GET /m em HTTP/1.1\r\n", 400, ""},
    {"no target", "GET HTTP/1.1\r\n", 400, ""},
    {"relative target", "GET mem HTTP/1.1\r\n", 400, ""},
    {"asterisk", "GET * HTTP/1.1\r\n", 400, ""},
    {"other scheme", "GET ftp://box/mem HTTP/1.1\r\n", 400, ""},
    {"absolute form without host", "GET http:///mem HTTP/1.1\r\n", 400, ""},
    {"scheme alone", "GET http:// HTTP/1.1\r\n", 400, ""},
    {"fragment", "GET /mem#x HTTP/1.1\r\n", 400, ""},
    {"%00", "GET /mem%00.bin HTTP/1.1\r\n", 400, ""},
    {"%0d", "GET /mem%0d HTTP/1.1\r\n", 400, ""},
    {"cut escape", "GET /mem%4 HTTP/1.1\r\n", 400, ""},
    {"bad escape", "GET /mem%zz HTTP/1.1\r\n", 400, ""},
    {"control character in the target", "GET /me\1m HTTP/1.1\r\n", 400, ""},
    {"bare CR in the request line", "GET /mem\rX HTTP/1.1\r\n", 400, ""},
    {"a TLS hello on the plain port", "\x16\x03\x01\x02", 400, ""},
    {"too many empty lines", "\r\n\r\n\r\n\r\n\r\n", 400, ""},

    {"bare CR in a header", G "A: b\rc\r\n", 400, ""},
    {"CR CR LF", G "A: b\r\r\n", 400, ""},
    {"folded line", G "A: b\r\n c\r\n", 400, ""},
    {"folded with a tab", G "A: b\r\n\tc\r\n", 400, ""},
    {"space before the first header", G " A: b\r\n", 400, ""},
    {"space before the colon", G "A : b\r\n", 400, ""},
    {"tab before the colon", G "A\t: b\r\n", 400, ""},
    {"no colon", G "A\r\n", 400, ""},
    {"no name", G ": b\r\n", 400, ""},
    {"name that is no token", G "A(b): c\r\n", 400, ""},
    {"control character in a value", G "A: b\1\r\n", 400, ""},
    {"DEL in a value", G "A: b\x7f\r\n", 400, ""},
    {"two Hosts", G "Host: a\r\nhost: a\r\n", 400, ""},

    {"length", P "Content-Length: 3\r\n\r\nabc", 201, "POST /up;"},
    {"length 0", P "Content-Length: 0\r\n\r\n", 201, "POST /up;"},
    {"length with zeros in front", P "Content-Length: 003\r\n\r\nabc", 201, "POST /up;"},
    {"lengths that differ", P "Content-Length: 3\r\nContent-Length: 4\r\n", 400, ""},
    {"lengths that agree", P "Content-Length: 3\r\nContent-Length: 3\r\n", 400, ""},
    {"a list of lengths", P "Content-Length: 3, 3\r\n", 400, ""},
    {"signed length", P "Content-Length: +3\r\n", 400, ""},
    {"negative length", P "Content-Length: -3\r\n", 400, ""},
    {"hex length", P "Content-Length: 0x3\r\n", 400, ""},
    {"empty length", P "Content-Length:\r\n", 400, ""},
    {"length beyond 64 bits", P "Content-Length: 99999999999999999999\r\n", 413, ""},
    {"length above the host's bound", P "Content-Length: 101\r\n\r\n", 413, "POST /up;"},

    {"chunked", P "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 201, "POST /up;"},
    {"chunked in any case", P "Transfer-Encoding: , Chunked\r\n\r\n0\r\n\r\n", 201, "POST /up;"},
    {"both", P "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, ""},
    {"both, the other way", P "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400, ""},
    {"both, length 0", P "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", 400, ""},
    {"in 1.0", "POST /up HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, ""},
    {"chunked twice", P "Transfer-Encoding: chunked, chunked\r\n\r\n", 400, ""},
    {"chunked in two lines", P "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, ""},
    {"chunked not last", P "Transfer-Encoding: chunked, gzip\r\n\r\n", 400, ""},
    {"empty coding", P "Transfer-Encoding:\r\n\r\n", 400, ""},
    {"unknown coding", P "Transfer-Encoding: gzip\r\n\r\n", 501, ""},
    {"unknown before chunked", P "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, ""},
    {"identity", P "Transfer-Encoding: identity\r\n\r\n", 501, ""},
    {"quoted", P "Transfer-Encoding: \"chunked\"\r\n\r\n", 501, ""},
    {"with a vertical tab",
     P "Transfer-Encoding: \x0b"
       "chunked\r\n\r\n",
     400, ""},
    {"unknown expectation", P "Expect: cake\r\nContent-Length: 3\r\n\r\n", 417, ""},
    {"expectation of 1.0 is ignored", "POST /up HTTP/1.0\r\nExpect: cake\r\nContent-Length: 1\r\n\r\na", 201,
     "POST /up;"},

    {"chunk size without digits", P "Transfer-Encoding: chunked\r\n\r\n\r\n", 400, "POST /up;"},
    {"chunk size of rubbish", P "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400, "POST /up;"},
    {"chunk size with 0x", P "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n", 400, "POST /up;"},
    {"chunk size with a space behind", P "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n", 400, "POST /up;"},
    {"chunk size negative", P "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400, "POST /up;"},
    {"chunk size ended by LF", P "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n", 400, "POST /up;"},
    {"chunk size ended by CR", P "Transfer-Encoding: chunked\r\n\r\n3\rabc\r\n", 400, "POST /up;"},
    {"chunk size of 16 digits", P "Transfer-Encoding: chunked\r\n\r\n0000000000000003\r\nabc\r\n", 400,
     "POST /up;"},
    {"chunk data too long", P "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 400, "POST /up;"},
    {"chunk data ended by LF", P "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n", 400, "POST /up;"},
    {"chunks above the host's bound",
     P "Transfer-Encoding: chunked\r\n\r\n40\r\n"
       "0123456789012345678901234567890123456789012345678901234567890123\r\n40\r\n",
     413, "POST /up;"},
    {"one huge chunk", P "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", 413, "POST /up;"},
    {"extension", P "Transfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0;x\r\n\r\n", 201, "POST /up;"},
    {"LF in an extension", P "Transfer-Encoding: chunked\r\n\r\n3;a\nabc\r\n", 400, "POST /up;"},
    {"trailer", P "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nC: d\r\n\r\n", 201, "POST /up;"},
    {"LF in a trailer", P "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n", 400, "POST /up;"},
    {"folded trailer", P "Transfer-Encoding: chunked\r\n\r\n0\r\n A: b\r\n\r\n", 400, "POST /up;"},
    {"trailer ended by LF", P "Transfer-Encoding: chunked\r\n\r\n0\r\n\n", 400, "POST /up;"},
};

static void check(size_t i, const struct host *h, size_t step)
{
    if (host_status(h) != cases[i].status || strcmp(h->requests, cases[i].request) != 0)
        fail_msg("%s, by %zu: %d, saw '%s' (%s)", cases[i].why, step, host_status(h), h->requests,
                 http_server_why(&h->s) != NULL ? http_server_why(&h->s) : "");
    bool by_engine = cases[i].status >= 400 && cases[i].status != 404 && cases[i].status != 405;
    assert_int_equal(http_server_why(&h->s) != NULL, by_engine);
    if (by_engine)
        assert_non_null(strstr(h->seen, "\r\nConnection: close\r\n"));
}

static void test_cases_whole_and_by_pieces(void **state)
{
    (void)state;
    static const size_t steps[] = {SIZE_MAX, 1, 2, 3, 7};
    for (size_t i = 0; i < N(cases); i++) {
        for (size_t k = 0; k < N(steps); k++) {
            struct host h;
            host_open(&h);
            host_feed(&h, cases[i].in, strlen(cases[i].in), steps[k]);
            check(i, &h, steps[k]);
            host_close(&h);
        }
    }
}

static void test_cases_cut_once_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        size_t len = strlen(cases[i].in);
        for (size_t cut = 1; cut < len; cut++) {
            struct host h;
            host_open(&h);
            host_feed(&h, cases[i].in, cut, SIZE_MAX);
            host_feed(&h, cases[i].in + cut, len - cut, SIZE_MAX);
            check(i, &h, cut);
            host_close(&h);
        }
    }
}

/* A good request that ends too early is never answered with its resource. */
static void test_cases_ended_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        if (cases[i].status >= 400)
            continue;
        size_t len = strlen(cases[i].in);
        for (size_t cut = 0; cut < len; cut++) {
            struct host h;
            host_open(&h);
            host_feed(&h, cases[i].in, cut, SIZE_MAX);
            http_server_eof(&h.s, 0);
            host_run(&h);
            if (host_status(&h) != 0)
                fail_msg("%s, ended at %zu: %d", cases[i].why, cut, host_status(&h));
            assert_int_equal(h.events[strlen(h.events) - 1], 'C');
            host_close(&h);
        }
    }
}

static void test_every_field_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum http_field field;
    } names[] = {
        {"Accept", HTTP_FIELD_ACCEPT},
        {"AUTHORIZATION", HTTP_FIELD_AUTHORIZATION},
        {"connection", HTTP_FIELD_CONNECTION},
        {"Content-Type", HTTP_FIELD_CONTENT_TYPE},
        {"Cookie", HTTP_FIELD_COOKIE},
        {"Host", HTTP_FIELD_HOST},
        {"If-Match", HTTP_FIELD_IF_MATCH},
        {"If-Modified-Since", HTTP_FIELD_IF_MODIFIED_SINCE},
        {"If-None-Match", HTTP_FIELD_IF_NONE_MATCH},
        {"If-Range", HTTP_FIELD_IF_RANGE},
        {"If-Unmodified-Since", HTTP_FIELD_IF_UNMODIFIED_SINCE},
        {"Origin", HTTP_FIELD_ORIGIN},
        {"Range", HTTP_FIELD_RANGE},
        {"User-Agent", HTTP_FIELD_USER_AGENT},
        {"Content-Length", HTTP_FIELD_CONTENT_LENGTH},
    };
    for (size_t i = 0; i < N(names); i++) {
        struct host h;
        char text[200];
        snprintf(text, sizeof text, "GET /mem HTTP/1.1\r\nX-Stagebox: 1\r\n%s:  %zu \t\r\nAge: 3\r\n\r\n",
                 names[i].name, i + 10);
        host_open(&h);
        h.hold = true;
        host_text_in(&h, text);
        assert_string_equal(h.events, "R");
        char value[8];
        snprintf(value, sizeof value, "%zu", i + 10);
        assert_true(http_is(http_request_field(&h.s.request, names[i].field), value));
        assert_true(http_is(http_request_header(&h.s.request, names[i].name), value));
        assert_true(http_is(http_request_header(&h.s.request, "x-stagebox"), "1"));
        assert_null(http_request_header(&h.s.request, "x-stage").p);
        for (int f = HTTP_FIELD_OTHER + 1; f < HTTP_FIELD_COUNT; f++)
            if ((enum http_field)f != names[i].field)
                assert_null(http_request_field(&h.s.request, (enum http_field)f).p);
        host_close(&h);
    }
}

static void test_repeated_fields(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.hold = true;
    host_text_in(&h, G "Cookie: a=1\r\nX: y\r\ncookie: b=2\r\n\r\n");
    struct http_slice value;
    unsigned at = 0;
    assert_true(http_request_next(&h.s.request, HTTP_FIELD_COOKIE, &at, &value));
    assert_true(http_is(value, "a=1"));
    assert_true(http_request_next(&h.s.request, HTTP_FIELD_COOKIE, &at, &value));
    assert_true(http_is(value, "b=2"));
    assert_false(http_request_next(&h.s.request, HTTP_FIELD_COOKIE, &at, &value));
    at = 0;
    assert_false(http_request_next(&h.s.request, HTTP_FIELD_HOST, &at, &value));
    host_close(&h);
}

/* A request line of exactly `len` bytes without its end. */
static void request_line(char *to, size_t len)
{
    memset(to, 'a', len);
    memcpy(to, "GET /", 5);
    memcpy(to + len - 9, " HTTP/1.1", 9);
    to[len] = '\0';
}

static int status_of(const char *text, const struct http_limits *limits, size_t step)
{
    struct host h;
    host_open_sized(&h, limits, HOST_IN, HOST_OUT);
    host_feed(&h, text, strlen(text), step);
    int status = host_status(&h);
    host_close(&h);
    return status;
}

static void test_bound_of_the_request_line(void **state)
{
    (void)state;
    struct http_limits limits = http_limits_default;
    limits.line_max = 300;
    char text[400];
    for (size_t step = 1; step <= 400; step += 133) {
        for (size_t len = 299; len <= 301; len++) {
            request_line(text, len);
            strcat(text, "\r\n\r\n");
            assert_int_equal(status_of(text, &limits, step), len <= 300 ? 404 : 414);
        }
        memset(text, 'a', 399); /* no end in sight */
        text[399] = '\0';
        assert_int_equal(status_of(text, &limits, step), 414);
        text[301] = '\0';
        assert_int_equal(status_of(text, &limits, step), 414);
        text[300] = '\0';
        assert_int_equal(status_of(text, &limits, step), 0);
    }
}

static void test_bound_of_the_head(void **state)
{
    (void)state;
    const size_t max = HOST_IN - HOST_IN / 4;
    for (size_t step = 1; step <= 3000; step += 2999) {
        for (size_t total = max - 1; total <= max + 1; total++) {
            char *text = calloc(1, total + 1);
            strcpy(text, G "A: ");
            memset(text + strlen(text), 'x', total - strlen(text) - 4);
            strcat(text, "\r\n\r\n");
            assert_int_equal(strlen(text), total);
            assert_int_equal(status_of(text, &http_limits_default, step), total <= max ? 200 : 431);
            free(text);
        }
        char *text = calloc(1, HOST_IN + 1);
        memset(text, 'x', HOST_IN);
        memcpy(text, G "A: ", strlen(G) + 3);
        assert_int_equal(status_of(text, &http_limits_default, step), 431); /* no end in sight */
        memset(text, 'x', HOST_IN);
        assert_int_equal(status_of(text, &http_limits_default, step), 414);
        free(text);
    }
}

static void test_bound_of_the_header_count(void **state)
{
    (void)state;
    for (unsigned n = HTTP_HEADERS_MAX; n <= HTTP_HEADERS_MAX + 1; n++) {
        char text[1000] = G;
        for (unsigned i = 0; i < n; i++)
            strcat(text, "A: b\r\n");
        strcat(text, "\r\n");
        assert_int_equal(status_of(text, &http_limits_default, SIZE_MAX), n <= HTTP_HEADERS_MAX ? 200 : 431);
    }
}

static void test_bounds_of_extensions_and_trailers(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        size_t max;
    } bounds[] = {
        {P "Transfer-Encoding: chunked\r\n\r\n3;", "\r\nabc\r\n0\r\n\r\n", 256},
        {P "Transfer-Encoding: chunked\r\n\r\n0\r\nA", "\r\n\r\n", 2048},
    };
    for (size_t i = 0; i < N(bounds); i++) {
        for (size_t n = bounds[i].max; n <= bounds[i].max + 1; n++) {
            char *text = calloc(1, 4096);
            strcpy(text, bounds[i].before);
            memset(text + strlen(text), 'e', n);
            strcat(text, bounds[i].after);
            assert_int_equal(status_of(text, &http_limits_default, 500), n == bounds[i].max ? 201 : 400);
            free(text);
        }
    }
}

/* The bound is of one chunk's extension, not of all. */
static void test_extensions_of_many_chunks(void **state)
{
    (void)state;
    char text[2000] = P "Transfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 4; i++) {
        strcat(text, "1;");
        memset(text + strlen(text), 'e', 200);
        strcat(text, "\r\na\r\n");
    }
    strcat(text, "0\r\n\r\n");
    assert_int_equal(status_of(text, &http_limits_default, 100), 201);
}

/* An answer to HEAD has no body, even the engine's own; and it says what was wrong. */
static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *in, *why;
        bool body;
    } refused[] = {
        {"HEAD /mem HTTP/1.1\r\nA : b\r\n", "a header line without a proper name", false},
        {"GET /mem HTTP/1.1\r\nA : b\r\n", "a header line without a proper name", true},
        {"GET /mem HTTP/1.1\r\nA: b\r\n c: d\r\n", "a folded header line", true},
    };
    for (size_t i = 0; i < N(refused); i++) {
        struct host h;
        host_open(&h);
        host_feed(&h, refused[i].in, strlen(refused[i].in), SIZE_MAX);
        assert_string_equal(http_server_why(&h.s), refused[i].why);
        const char *length = strstr(h.seen, "Content-Length: "), *end = strstr(h.seen, "\r\n\r\n");
        assert_non_null(length);
        assert_non_null(end);
        assert_int_equal(strlen(end + 4), refused[i].body ? atoi(length + 16) : 0);
        assert_true(atoi(length + 16) > 0);
        host_close(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases_whole_and_by_pieces),
        cmocka_unit_test(test_cases_cut_once_everywhere),
        cmocka_unit_test(test_cases_ended_everywhere),
        cmocka_unit_test(test_every_field_is_found),
        cmocka_unit_test(test_repeated_fields),
        cmocka_unit_test(test_bound_of_the_request_line),
        cmocka_unit_test(test_bound_of_the_head),
        cmocka_unit_test(test_bound_of_the_header_count),
        cmocka_unit_test(test_bounds_of_extensions_and_trailers),
        cmocka_unit_test(test_extensions_of_many_chunks),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
