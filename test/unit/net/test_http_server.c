/* A connection as a whole: persistence, pipelining, bodies, time, ends. */
#include "test_http_host.h"

#define N(a) (sizeof(a) / sizeof(a)[0])
#define MEM "GET /mem HTTP/1.1\r\n\r\n"

static unsigned count(const char *in, const char *what)
{
    unsigned n = 0;
    for (const char *p = in; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

static const struct {
    const char *why, *in;
    const char *events; /* C follows only when the peer ends or lingers too long */
    const char *connection;
} persistence[] = {
    {"1.1 stays", MEM, "RS", NULL},
    {"1.1 with close", "GET /mem HTTP/1.1\r\nConnection: close\r\n\r\n", "RSs", "close"},
    {"close in a list, any case", "GET /mem HTTP/1.1\r\nConnection: x, Close\r\n\r\n", "RSs", "close"},
    {"close in a second line", "GET /mem HTTP/1.1\r\nConnection: x\r\nConnection: close\r\n\r\n", "RSs", "close"},
    {"1.0 ends", "GET /mem HTTP/1.0\r\n\r\n", "RSs", "close"},
    {"1.0 with keep-alive", "GET /mem HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "RS", "keep-alive"},
    {"close wins", "GET /mem HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "RSs", "close"},
    {"the host ends it", "GET /close HTTP/1.1\r\n\r\n", "RSs", "close"},
    {"a body that the host does not want", "POST /mem HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", "RSs", "close"},
    {"a body of nothing", "POST /mem HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "RS", NULL},
    {"a body that was taken", "POST /up HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", "RES", NULL},
    {"chunks that were taken", "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "RES",
     NULL},
    {"nothing behind the end", "GET /close HTTP/1.1\r\n\r\n" MEM, "RSs", "close"},
    {"nothing behind an error", "BREW /mem HTTP/1.1\r\n\r\n" MEM, "s", "close"},
};

static void test_persistence(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(persistence); i++) {
        struct host h;
        host_open(&h);
        host_text_in(&h, persistence[i].in);
        if (strcmp(h.events, persistence[i].events) != 0)
            fail_msg("%s: %s", persistence[i].why, h.events);
        assert_int_equal(count(h.seen, "HTTP/1.1 "), 1);
        char line[60];
        snprintf(line, sizeof line, "\r\nConnection: %s\r\n",
                 persistence[i].connection ? persistence[i].connection : "");
        assert_int_equal(count(h.seen, "Connection:"), persistence[i].connection != NULL);
        assert_true(persistence[i].connection == NULL || strstr(h.seen, line) != NULL);
        host_close(&h);
    }
}

static void test_pipelining(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 5, 64, SIZE_MAX};
    const char *in = MEM "POST /up HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
                         "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"
                         "HEAD /mem HTTP/1.1\r\n\r\nGET /nowhere?q HTTP/1.1\r\n\r\n";
    for (size_t i = 0; i < N(steps); i++) {
        struct host h;
        host_open(&h);
        assert_true(host_feed(&h, in, strlen(in), steps[i]));
        assert_string_equal(h.requests, "GET /mem;POST /up;POST /up;HEAD /mem;GET /nowhere?q;");
        assert_string_equal(h.events, "RSRESRESRSRS");
        assert_int_equal(count(h.seen, "HTTP/1.1 200"), 2);
        assert_int_equal(count(h.seen, "HTTP/1.1 201"), 2);
        assert_int_equal(count(h.seen, "HTTP/1.1 404"), 1);
        assert_memory_equal(h.body, "def", 3);
        host_close(&h);
    }
}

/* A peer that asks on and on without reading: the buffer fills, then we stop reading; nothing is lost. */
static void test_pipelining_is_bounded(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.peer_room = 10;
    size_t given = 0, len = strlen(MEM);
    for (;;) {
        size_t n = http_server_input(&h.s, &MEM[given % len], len - given % len, h.now);
        given += n;
        host_run(&h);
        if (n == 0)
            break;
    }
    assert_in_range(given, HOST_IN, HOST_IN + len);
    assert_string_equal(h.events, "R");
    h.peer_room = SIZE_MAX;
    host_run(&h);
    assert_int_equal(count(h.requests, "GET /mem;"), given / len);
    host_feed(&h, &MEM[given % len], len - given % len, SIZE_MAX);
    assert_int_equal(count(h.requests, "GET /mem;"), given / len + 1);
    assert_int_equal(count(h.seen, "HTTP/1.1 200"), given / len + 1);
    host_close(&h);
}

static void test_bounded_requests(void **state)
{
    (void)state;
    struct http_limits limits = http_limits_default;
    limits.pipeline_max = 2;
    struct host h;
    host_open_sized(&h, &limits, HOST_IN, HOST_OUT);
    host_text_in(&h, MEM MEM MEM);
    assert_string_equal(h.events, "RSRSs");
    assert_int_equal(count(h.seen, "Connection: close"), 1);
    host_close(&h);
}

static void test_answer_later(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.hold = true;
    host_text_in(&h, MEM MEM);
    assert_string_equal(h.events, "R");
    assert_int_equal(http_server_deadline(&h.s), UINT64_MAX);
    h.hold = false;
    host_respond(&h);
    host_run(&h);
    assert_string_equal(h.events, "RSRS");
    host_close(&h);
}

/* -- bodies ------------------------------------------------------------------------------------ */

static void test_body_bounds(void **state)
{
    (void)state;
    for (unsigned n = 99; n <= 101; n++) {
        for (int chunked = 0; chunked < 2; chunked++) {
            struct host h;
            char in[400];
            int at =
                chunked ? snprintf(in, sizeof in,
                                   "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n%x\r\n", n - 1)
                        : snprintf(in, sizeof in, "POST /up HTTP/1.1\r\nContent-Length: %u\r\n\r\n", n);
            memset(in + at, 'x', n - (unsigned)chunked);
            strcpy(in + at + n - (unsigned)chunked, chunked ? "\r\n0\r\n\r\n" : "");
            host_open(&h);
            host_feed(&h, in, strlen(in), 10);
            assert_int_equal(host_status(&h), n <= 100 ? 201 : 413);
            assert_string_equal(h.events, n <= 100 ? "RES" : chunked ? "RLs" : "Rs");
            if (n <= 100)
                assert_int_equal(h.body_len, n);
            host_close(&h);
        }
    }
}

/* A body much longer than the buffer goes through it. */
static void test_long_body(void **state)
{
    (void)state;
    for (int chunked = 0; chunked < 2; chunked++) {
        struct host h;
        host_open_sized(&h, &http_limits_default, HTTP_IN_MIN, HTTP_OUT_MIN);
        h.body_max = 4000;
        static char body[4000];
        char *in = calloc(1, 5000);
        for (int i = 0; i < 4000; i++)
            body[i] = (char)('a' + i % 23);
        if (chunked) {
            strcpy(in, "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 4000; i += 500)
                sprintf(in + strlen(in), "1F4\r\n%.500s\r\n", body + i);
            strcat(in, "0\r\n\r\n");
        } else {
            sprintf(in, "POST /up HTTP/1.1\r\nContent-Length: 4000\r\n\r\n%.4000s", body);
        }
        assert_true(host_feed(&h, in, strlen(in), SIZE_MAX));
        assert_string_equal(h.events, "RES");
        assert_int_equal(h.body_len, 4000);
        assert_memory_equal(h.body, body, 4000);
        free(in);
        host_close(&h);
    }
}

static void test_continue(void **state)
{
    (void)state;
    static const char head[] = "PUT /up HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
    struct host h;
    host_open(&h);
    host_text_in(&h, head);
    assert_string_equal(h.seen, "HTTP/1.1 100 Continue\r\n\r\n");
    host_text_in(&h, "abc");
    assert_non_null(strstr(h.seen, "\r\n\r\nHTTP/1.1 201 Created\r\n"));
    assert_string_equal(h.events, "RES");
    host_close(&h);

    host_open(&h); /* the body is there already: no interim response */
    char both[200];
    snprintf(both, sizeof both, "%sabc", head);
    host_text_in(&h, both);
    assert_int_equal(host_status(&h), 201);
    host_close(&h);

    host_open(&h); /* refused: the final response comes instead */
    h.body_max = 2;
    host_text_in(&h, head);
    assert_int_equal(host_status(&h), 413);
    assert_int_equal(count(h.seen, "HTTP/1.1"), 1);
    host_close(&h);

    host_open(&h); /* not sent to 1.0 */
    host_text_in(&h, "PUT /up HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_int_equal(h.seen_len, 0);
    host_close(&h);
}

/* The interim response stands in the output buffer while the final one is made. */
static void test_continue_unsent(void **state)
{
    (void)state;
    for (size_t room = 0; room < 30; room++) {
        struct host h;
        host_open(&h);
        h.peer_room = room;
        host_text_in(&h, "PUT /up HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        host_text_in(&h, "abc");
        h.peer_room = SIZE_MAX;
        host_run(&h);
        assert_memory_equal(h.seen, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n", 25 + 22);
        assert_memory_equal(h.seen + h.seen_len - 20, host_text, 20);
        assert_string_equal(h.events, "RES");
        host_close(&h);
    }
}

static void test_malformed_body_is_lost(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    host_text_in(&h, "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX");
    assert_string_equal(h.events, "RLs");
    assert_int_equal(host_status(&h), 400);
    assert_int_equal(http_server_status(&h.s), 400);
    host_close(&h);
}

static void test_host_answers_in_the_middle_of_a_body(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    host_text_in(&h, "POST /up HTTP/1.1\r\nContent-Length: 50\r\n\r\nabc");
    assert_string_equal(h.events, "R");
    host_respond(&h);
    host_run(&h);
    assert_string_equal(h.events, "RSs");
    assert_int_equal(count(h.seen, "Connection: close"), 1);
    host_close(&h);
}

/* -- ends -------------------------------------------------------------------------------------- */

static void test_end_of_the_peer(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in, *events;
        int status;
    } ends[] = {
        {"before anything", "", "sC", 0},
        {"in a head", "GET /m", "sC", 0},
        {"behind a request: it is answered", MEM, "RSsC", 200},
        {"behind two", MEM MEM, "RSRSsC", 200},
        {"in a body", "POST /up HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", "RLsC", 0},
        {"behind an error", "rubbish\r\n", "sC", 400},
    };
    for (size_t i = 0; i < N(ends); i++) {
        struct host h;
        host_open(&h);
        http_server_input(&h.s, ends[i].in, strlen(ends[i].in), 0);
        http_server_eof(&h.s, 0);
        host_run(&h);
        if (strcmp(h.events, ends[i].events) != 0 || host_status(&h) != ends[i].status)
            fail_msg("%s: %s, %d", ends[i].why, h.events, host_status(&h));
        assert_int_equal(http_server_event(&h.s, 0), HTTP_CLOSE);
        assert_int_equal(http_server_deadline(&h.s), UINT64_MAX);
        host_close(&h);
    }
}

/* The sending side is shut first, and what still comes is read, so that the answer is not lost to a reset. */
static void test_linger(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    host_text_in(&h, "PUT /nowhere HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");
    assert_string_equal(h.events, "RSs");
    char junk[HOST_IN];
    memset(junk, 'j', sizeof junk);
    for (int i = 0; i < 100; i++)
        assert_int_equal(http_server_input(&h.s, junk, sizeof junk, h.now), sizeof junk);
    host_run(&h);
    assert_string_equal(h.events, "RSs");
    assert_int_equal(http_server_deadline(&h.s), http_limits_default.linger_ms);
    host_expire(&h);
    assert_string_equal(h.events, "RSsC");
    host_close(&h);
}

/* So it is while the last response is still going out. */
static void test_input_behind_the_last_request_is_dropped(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.peer_room = 0;
    host_text_in(&h, "GET /close HTTP/1.1\r\n\r\n");
    char junk[HOST_IN];
    memset(junk, 'j', sizeof junk);
    for (int i = 0; i < 3; i++)
        assert_int_equal(http_server_input(&h.s, junk, sizeof junk, h.now), sizeof junk);
    h.peer_room = SIZE_MAX;
    host_run(&h);
    assert_string_equal(h.events, "RSs");
    assert_int_equal(host_status(&h), 200);
    host_close(&h);
}

static void test_linger_waits_for_acknowledgement(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.peer_room = 0;
    host_text_in(&h, "GET /extent HTTP/1.0\r\n\r\n");
    h.peer_room = SIZE_MAX;
    http_server_eof(&h.s, 0);
    host_send(&h);
    http_server_unacked(&h.s, 9000, 0);
    host_run(&h);
    assert_string_equal(h.events, "RSs");
    assert_int_equal(http_server_deadline(&h.s), http_limits_default.send_ms);
    h.now = 30000;
    http_server_unacked(&h.s, 4000, h.now);
    host_expire(&h); /* 5000 bytes in this time are enough */
    assert_string_equal(h.events, "RSs");
    http_server_unacked(&h.s, 0, h.now);
    host_run(&h);
    assert_string_equal(h.events, "RSsC");
    host_close(&h);
}

static void test_drain(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    http_server_drain(&h.s, 0);
    host_run(&h);
    assert_string_equal(h.events, "s");
    host_close(&h);

    host_open(&h);
    h.peer_room = 50;
    host_text_in(&h, "GET /extent HTTP/1.1\r\n\r\n" MEM);
    http_server_drain(&h.s, 0);
    h.peer_room = SIZE_MAX;
    host_run(&h);
    assert_string_equal(h.events, "RSs");
    assert_int_equal(http_server_handed(&h.s), HOST_EXTENT_SIZE);
    host_close(&h);

    host_open(&h);
    host_text_in(&h, "GET /mem HT");
    http_server_drain(&h.s, 0);
    host_text_in(&h, "TP/1.1\r\n\r\n");
    assert_string_equal(h.events, "RSs");
    assert_int_equal(count(h.seen, "Connection: close"), 1);
    host_close(&h);
}

/* -- time -------------------------------------------------------------------------------------- */

static void test_idle(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    assert_int_equal(http_server_deadline(&h.s), 30000);
    http_server_expire(&h.s, 29999);
    host_run(&h);
    assert_string_equal(h.events, "");
    h.now = 20000;
    host_text_in(&h, MEM);
    assert_int_equal(http_server_deadline(&h.s), 50000);
    host_expire(&h);
    assert_string_equal(h.events, "RSs");
    assert_int_equal(count(h.seen, "HTTP/1.1"), 1); /* closed without a word */
    host_close(&h);
}

static void test_idle_begins_with_the_acknowledgement(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    host_text_in(&h, MEM);
    http_server_unacked(&h.s, 100, 0);
    http_server_unacked(&h.s, 0, 25000);
    assert_int_equal(http_server_deadline(&h.s), 55000);
    http_server_unacked(&h.s, 0, 26000);
    assert_int_equal(http_server_deadline(&h.s), 55000);
    host_close(&h);
}

/* A byte now and then does not win time. */
static void test_slow_head(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.now = 5000;
    for (const char *p = "GET /mem"; *p != '\0'; p++, h.now += 1000)
        host_feed(&h, p, 1, 1);
    assert_int_equal(http_server_deadline(&h.s), 15000);
    host_expire(&h);
    assert_int_equal(host_status(&h), 408);
    assert_string_equal(h.events, "s");
    host_close(&h);
}

/* The time of a pipelined head begins when it is its turn. */
static void test_slow_second_head(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.hold = true;
    host_text_in(&h, MEM "GET /m");
    h.now = 100000;
    h.hold = false;
    host_respond(&h);
    host_run(&h);
    assert_int_equal(http_server_deadline(&h.s), 110000);
    host_expire(&h);
    assert_int_equal(count(h.seen, "HTTP/1.1 408"), 1);
    host_close(&h);
}

static void test_slow_body(void **state)
{
    (void)state;
    struct http_limits limits = http_limits_default;
    limits.body_min = 5;
    struct host h;
    host_open_sized(&h, &limits, HOST_IN, HOST_OUT);
    host_text_in(&h, "POST /up HTTP/1.1\r\nContent-Length: 90\r\n\r\n");
    assert_int_equal(http_server_deadline(&h.s), 20000);
    host_text_in(&h, "12345");
    host_expire(&h);
    assert_string_equal(h.events, "R");
    host_text_in(&h, "1234");
    host_expire(&h);
    assert_string_equal(h.events, "RLs");
    assert_int_equal(host_status(&h), 408);
    host_close(&h);
}

/* What the host has not used yet is not the peer's fault. */
static void test_slow_host(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    host_text_in(&h, "POST /up HTTP/1.1\r\nContent-Length: 90\r\n\r\n");
    http_server_input(&h.s, "1", 1, h.now);
    h.now = http_server_deadline(&h.s);
    http_server_expire(&h.s, h.now);
    assert_int_equal(http_server_event(&h.s, h.now), HTTP_BODY);
    host_close(&h);
}

static void test_slow_reader(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.peer_room = 0;
    host_text_in(&h, "GET /extent HTTP/1.1\r\n\r\n");
    assert_int_equal(http_server_deadline(&h.s), 60000);
    h.peer_room = 4096;
    host_run(&h);
    host_expire(&h);
    assert_string_equal(h.events, "R");
    h.peer_room = 4095;
    host_run(&h);
    host_expire(&h);
    assert_string_equal(h.events, "RC");
    assert_non_null(http_server_why(&h.s));
    struct http_out out;
    assert_false(http_server_output(&h.s, &out, h.now));
    host_close(&h);
}

/* A large send buffer takes all at once: what counts is what the peer acknowledged. */
static void test_slow_reader_by_acknowledgement(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.peer_room = 9000;
    host_text_in(&h, "GET /extent HTTP/1.1\r\n\r\n");
    http_server_unacked(&h.s, 9000, 1000);
    host_expire(&h);
    assert_string_equal(h.events, "RC");
    host_close(&h);
}

static void test_waiting_producer_has_time(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.parts = "one|~~~~two";
    host_text_in(&h, "GET /produce HTTP/1.1\r\n\r\n");
    host_expire(&h);
    host_expire(&h);
    assert_string_equal(h.events, "R");
    h.now += 59999;
    h.peer_room = 0;
    host_run(&h);
    host_run(&h); /* two is made, and not taken */
    host_expire(&h);
    assert_string_equal(h.events, "RC");
    host_close(&h);
}

/* The request's text stays where it is until it is answered, whatever comes meanwhile. */
static void test_request_stays(void **state)
{
    (void)state;
    struct host h;
    host_open(&h);
    h.hold = true;
    h.body_max = 1000;
    host_text_in(&h, "POST /up?x=y HTTP/1.1\r\nUser-Agent: Cisco/SPA504G-7.3.7\r\nContent-Length: 900\r\n\r\n");
    assert_true(http_server_accept_body(&h.s, 900, 0));
    char part[90];
    memset(part, 'p', sizeof part);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(http_server_input(&h.s, part, sizeof part, 0), sizeof part);
        while (http_server_event(&h.s, 0) == HTTP_BODY)
            host_body(&h);
        assert_true(http_is(h.s.request.path, "/up"));
        assert_true(http_is(h.s.request.query, "x=y"));
        assert_true(http_is(http_request_field(&h.s.request, HTTP_FIELD_USER_AGENT), "Cisco/SPA504G-7.3.7"));
    }
    assert_int_equal(h.body_len, 900);
    host_close(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_persistence),
        cmocka_unit_test(test_pipelining),
        cmocka_unit_test(test_pipelining_is_bounded),
        cmocka_unit_test(test_bounded_requests),
        cmocka_unit_test(test_answer_later),
        cmocka_unit_test(test_body_bounds),
        cmocka_unit_test(test_long_body),
        cmocka_unit_test(test_continue),
        cmocka_unit_test(test_continue_unsent),
        cmocka_unit_test(test_malformed_body_is_lost),
        cmocka_unit_test(test_host_answers_in_the_middle_of_a_body),
        cmocka_unit_test(test_end_of_the_peer),
        cmocka_unit_test(test_linger),
        cmocka_unit_test(test_input_behind_the_last_request_is_dropped),
        cmocka_unit_test(test_linger_waits_for_acknowledgement),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_idle_begins_with_the_acknowledgement),
        cmocka_unit_test(test_slow_head),
        cmocka_unit_test(test_slow_second_head),
        cmocka_unit_test(test_slow_body),
        cmocka_unit_test(test_slow_host),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_slow_reader_by_acknowledgement),
        cmocka_unit_test(test_waiting_producer_has_time),
        cmocka_unit_test(test_request_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
