/* The operator's requests, as bytes over TCP: who may change what. Contract 7. */
#include "test/unit/app/web_bench.h"

#include "app/web/session.h"

#define ACT "/api/v1/phones/58bfea1104e6/"

static void nobody_changes_anything(void **state)
{
    static const char *const paths[] = {ACT "nudge", ACT "retry", ACT "ignore", ACT "forget", "/api/v1/batch/pause",
                                        "/api/v1/batch/resume"};
    struct bench *b = *state;
    b->more = "X-Stagebox: 1\r\n";
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        b->cookie[0] = '\0';
        assert_int_equal(request(b, "POST", paths[i], ""), 401);
        strcpy(b->cookie, "stagebox=00000000000000000000000000000000");
        assert_int_equal(request(b, "POST", paths[i], ""), 401);
    }
    assert_non_null(house_phone(b->house));
    assert_false(house_phone(b->house)->ignored);
    assert_false(staging_paused(b->house->staging));
    assert_int_equal(b->resumed, 0);
}

static void another_site_changes_nothing(void **state)
{
    struct bench *b = *state;
    log_in(b);
    b->more = NULL;
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 403);
    b->more = "X-Stagebox: 1\r\nOrigin: http://evil.example\r\n";
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 403);
    b->more = "X-Stagebox: 1\r\nOrigin: null\r\n";
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 403);
    assert_false(staging_paused(b->house->staging));
    b->more = "X-Stagebox: 1\r\nOrigin: http://box\r\n";
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 202);
    b->more = "Origin: http://evil.example\r\n";
    assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("right")), 403);
}

static void the_operator_acts(void **state)
{
    struct bench *b = *state;
    log_in(b);
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 202);
    assert_true(staging_paused(b->house->staging));
    assert_int_equal(request(b, "POST", "/api/v1/batch/resume", ""), 202);
    assert_false(staging_paused(b->house->staging));
    assert_int_equal(b->resumed, 1);
    assert_int_equal(request(b, "POST", ACT "nudge", ""), 409); /* nobody here sends nudges */
    assert_int_equal(request(b, "POST", ACT "ignore", ""), 202);
    assert_int_equal(request(b, "POST", ACT "ignore", ""), 409);
    assert_int_equal(request(b, "POST", ACT "retry", ""), 202);
    assert_false(house_phone(b->house)->ignored);
    assert_int_equal(request(b, "POST", ACT "explode", ""), 404);
    assert_int_equal(request(b, "POST", "/api/v1/phones/58bfea000000/retry", ""), 404);
    assert_int_equal(request(b, "GET", ACT "retry", ""), 405);
    assert_int_equal(request(b, "POST", ACT "forget", ""), 202);
    assert_int_equal(request(b, "GET", "/api/v1/phones/58bfea1104e6", ""), 404);
}

static void ignored_outlives_a_restart(void **state)
{
    struct bench *b = *state;
    log_in(b);
    assert_int_equal(request(b, "POST", ACT "ignore", ""), 202);
    http_service_close(b->http);
    b->http = NULL;
    house_restart(b->house);
    assert_true(house_phone(b->house)->ignored);
}

static void logging_out_ends_it(void **state)
{
    struct bench *b = *state;
    log_in(b);
    assert_int_equal(request(b, "DELETE", "/api/v1/session", ""), 204);
    assert_non_null(strstr(b->text, "Max-Age=0"));
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 401);
    assert_int_equal(request(b, "DELETE", "/api/v1/session", ""), 401);
}

static void another_password_ends_it(void **state)
{
    struct bench *b = *state;
    log_in(b);
    house_read(b->house, "[web]\npassword = other\n");
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 401);
    house_read(b->house, "[web]\npassword = right\n");
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 401);
}

/* Twelve hours without a request end it; a request begins them anew. */
static void an_idle_session_ends(void **state)
{
    struct bench *b = *state;
    log_in(b);
    for (int i = 0; i < 2; i++) {
        fake_set_now(b->house->port, fake_now(b->house->port) + SESSION_IDLE_MS - 1000);
        assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 202);
    }
    fake_set_now(b->house->port, fake_now(b->house->port) + SESSION_IDLE_MS);
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 401);
}

static void guessing_is_slowed(void **state)
{
    struct bench *b = *state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("wrong")), 401);
    assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("right")), 429);
    assert_non_null(strstr(b->text, "Retry-After: 60\r\n"));
    b->from = OPERATOR + 1;
    assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("right")), 204);
    b->from = OPERATOR;
    fake_set_now(b->house->port, fake_now(b->house->port) + 60000);
    assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("right")), 204);
}

static void odd_logins(void **state)
{
    struct bench *b = *state;
    char big[2048];
    memset(big, ' ', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(request(b, "POST", "/api/v1/session", ""), 400);
    assert_int_equal(request(b, "POST", "/api/v1/session", "{\"password\":7}"), 400);
    assert_int_equal(request(b, "POST", "/api/v1/session", "{\"password\""), 400);
    assert_int_equal(request(b, "POST", "/api/v1/session", big), 413);
    assert_int_equal(request(b, "PUT", "/api/v1/session", LOGIN("right")), 405);
    for (int i = 0; i < 10; i++) /* none of them keeps its place */
        assert_int_equal(request(b, "POST", "/api/v1/session", "{}"), 400);
}

static void without_a_password_nobody_gets_in(void **state)
{
    struct bench *b = *state;
    assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("")), 403);
    assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("x")), 403);
    assert_int_equal(request(b, "POST", "/api/v1/batch/pause", ""), 401);
}

/* What a viewer was told in the next 300 ms. */
static const char *told(struct bench *b, struct fake_tcp *tcp)
{
    size_t len;
    fake_set_now(b->house->port, fake_now(b->house->port) + 300);
    timers_run(&b->house->timers, fake_now(b->house->port));
    fake_settle(b->house->port);
    return fake_tcp_take_text(tcp, &len);
}

static struct fake_tcp *view(struct bench *b)
{
    struct fake_tcp *tcp = fake_tcp_open(b->house->port, 80, b->from, ++b->port);
    fake_tcp_send_text(tcp, "GET /api/v1/events HTTP/1.1\r\n\r\n");
    fake_settle(b->house->port);
    return tcp;
}

static void viewers_are_told(void **state)
{
    struct bench *b = *state;
    struct fake_tcp *tcp = view(b);
    const char *text = told(b, tcp);
    assert_non_null(strstr(text, "event: reset\n"));
    assert_non_null(strstr(text, "event: phone\ndata: {\"mac\":\"58bfea1104e6\""));
    assert_non_null(strstr(text, "event: summary\n"));
    assert_null(strstr(told(b, tcp), "event: phone"));
    house_phone(b->house)->attempts = 3;
    events_changed(b->events, 0);
    events_changed(b->events, 0);
    text = strstr(told(b, tcp), "event: phone");
    assert_non_null(text);
    assert_non_null(strstr(text, "\"attempts\":3"));
    assert_null(strstr(text + 1, "event: phone")); /* told once */
    events_said(b->events, house_phone(b->house), PORT_INFO, "a\nline <b>");
    assert_non_null(strstr(told(b, tcp), "event: log\n"));
    events_gone(b->events, house_phone(b->house));
    assert_non_null(strstr(told(b, tcp), "event: gone\ndata: {\"mac\":\"58bfea1104e6\"}\n\n"));
}

static const char *seen_anew(struct bench *b)
{
    static char text[16384];
    size_t len;
    struct fake_tcp *tcp = view(b);
    snprintf(text, sizeof text, "%s", fake_tcp_take_text(tcp, &len));
    fake_tcp_reset(tcp);
    fake_settle(b->house->port);
    return text;
}

/* A phone's JSON is made once for all viewers, and anew when something changed. */
static void phones_are_written_once(void **state)
{
    struct bench *b = *state;
    struct phone *phone = house_phone(b->house);
    phone->attempts = 3;
    events_changed(b->events, 0);
    assert_non_null(strstr(seen_anew(b), "\"attempts\":3"));
    phone->attempts = 4; /* behind the back */
    assert_non_null(strstr(seen_anew(b), "\"attempts\":3"));
    events_progressed(b->events, 0);
    assert_non_null(strstr(seen_anew(b), "\"attempts\":4"));
    phone->attempts = 5;
    phone->generation++; /* another phone in its place */
    assert_non_null(strstr(seen_anew(b), "\"attempts\":5"));
}

/* One count of all phones serves all viewers, once a second. */
static void the_summary_is_shared(void **state)
{
    struct bench *b = *state;
    struct fake_tcp *one = view(b), *two = view(b);
    size_t len;
    const char *text = strstr(fake_tcp_take_text(one, &len), "event: summary");
    assert_non_null(text);
    assert_non_null(strstr(text, "\"paused\":false"));
    assert_null(strstr(text + 1, "event: summary"));
    assert_non_null(strstr(fake_tcp_take_text(two, &len), "event: summary"));
    staging_pause(b->house->staging, true);
    fake_tcp_reset(two);
    fake_settle(b->house->port);
    two = view(b);
    assert_non_null(strstr(fake_tcp_take_text(two, &len), "\"paused\":false")); /* of this second */
    assert_null(strstr(told(b, one), "event: summary"));
    for (int i = 0; i < 3; i++)
        text = told(b, one);
    assert_non_null(strstr(text, "\"paused\":true"));
    assert_non_null(strstr(fake_tcp_take_text(two, &len), "\"paused\":true"));
}

/* As /metrics counts them. */
static int viewers(struct bench *b)
{
    static const char name[] = "\nstagebox_viewers ";
    assert_int_equal(request(b, "GET", "/metrics", ""), 200);
    assert_true(has(b, name));
    return atoi(strstr(b->text, name) + sizeof name - 1);
}

static void viewers_are_bounded_and_make_room(void **state)
{
    struct bench *b = *state;
    struct fake_tcp *one = view(b);
    view(b);
    assert_int_equal(request(b, "GET", "/api/v1/events", ""), 503);
    assert_int_equal(viewers(b), 2);
    fake_tcp_reset(one);
    fake_settle(b->house->port);
    assert_int_equal(viewers(b), 1);
    struct viewer *other = events_join(b->events); /* who tells an MQTT broker */
    assert_non_null(other);
    assert_int_equal(viewers(b), 1);
    events_leave(other);
}

/* HTTP/1.0 knows no chunks: a list ends with the connection. */
static void lists_end_without_chunks(void **state)
{
    static const char *const paths[] = {"/api/v1/phones", "/report.csv", "/api/v1/summary"};
    struct bench *b = *state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char line[100];
        size_t len;
        struct fake_tcp *tcp = fake_tcp_open(b->house->port, 80, b->from, ++b->port);
        snprintf(line, sizeof line, "GET %s HTTP/1.0\r\n\r\n", paths[i]);
        fake_tcp_send_text(tcp, line);
        fake_settle(b->house->port);
        const char *text = fake_tcp_take_text(tcp, &len);
        assert_non_null(strstr(text, i < 2 ? "58bfea1104e6" : "\"phones\":1"));
        assert_null(strstr(text, "chunked"));
        assert_int_not_equal(fake_tcp_state(tcp), FAKE_TCP_OPEN);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_changes_anything),
        TEST(another_site_changes_nothing),
        TEST(the_operator_acts),
        TEST(ignored_outlives_a_restart),
        TEST(logging_out_ends_it),
        TEST(another_password_ends_it),
        TEST(an_idle_session_ends),
        TEST(guessing_is_slowed),
        TEST(odd_logins),
        TEST(lists_end_without_chunks),
        TEST(viewers_are_told),
        TEST(phones_are_written_once),
        TEST(the_summary_is_shared),
        TEST(viewers_are_bounded_and_make_room),
        cmocka_unit_test_setup_teardown(without_a_password_nobody_gets_in, setup_without, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
