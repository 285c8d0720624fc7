/* What there is to read of the box: reports, check, plan. Contract 7. */
#include "test/unit/app/web_bench.h"

#include "app/box_warnings.h"

#define SECRET "sesame-9153"

static int setup_listed(void **state)
{
    int error = setup_with(state, "[web]\npassword = right\n");
    struct bench *b = *state;
    fake_file_text(b->house->port, "phones.csv", "mac,extension,sip_password\n58:bf:ea:11:04:e6,4711," SECRET "\n");
    house_read(b->house, "[web]\npassword = right\n");
    assert_int_equal(b->house->heard.problems.errors, 0);
    return error;
}

/* contract: columns of phones.csv only for a logged-in operator */
static void the_report_keeps_the_inventory_to_itself(void **state)
{
    static const struct {
        const char *path, *type, *phone;
    } reports[] = {{"/report.csv", "text/csv", "\r\n58bfea1104e6,"},
                   {"/report.json", "application/json", "{\"mac\":\"58bfea1104e6\""},
                   {"/report.html", "text/html", "58bfea1104e6"}};
    struct bench *b = *state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(request(b, "GET", reports[i].path, ""), 200);
        assert_true(has(b, reports[i].type));
        assert_true(has(b, reports[i].phone));
        assert_true(has(b, "Cache-Control: no-store"));
        assert_false(has(b, SECRET));
        assert_false(has(b, "extension"));
        strcpy(b->cookie, "stagebox=00000000000000000000000000000000");
        assert_int_equal(request(b, "GET", reports[i].path, ""), 200);
        assert_false(has(b, SECRET));
        b->cookie[0] = '\0';
        assert_int_equal(request(b, "POST", reports[i].path, ""), 405);
    }
    log_in(b);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(request(b, "GET", reports[i].path, ""), 200);
        assert_true(has(b, "4711"));
        bool for_paper = i == 2; /* which lies about: it leaves the passwords out */
        assert_int_equal(has(b, SECRET), !for_paper);
    }
}

/* A report of many phones is in the order of their MACs, and longer than any piece of it. */
static void the_report_is_whole_and_in_order(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 60; i > 0; i--) {
        const char class[] = "Cisco SPA504G";
        struct staging_lease lease = {.mac = {{0x58, 0xbf, 0xea, 0, 0, (uint8_t)(i * 3)}},
                                      .address = HOUSE_PHONE + i,
                                      .fresh = true,
                                      .vendor_class = class,
                                      .vendor_class_len = sizeof class - 1,
                                      .host_name = ""};
        staging_leased(b->house->staging, &lease);
    }
    assert_int_equal(request(b, "GET", "/report.csv", ""), 200);
    const char *line = strstr(b->text, "\r\n\r\n") + 4, *before = "";
    unsigned rows = 0;
    for (line = strstr(line, "58bfea"); line; line = strstr(line + 6, "58bfea"), rows++) {
        assert_true(strncmp(before, line, 12) < 0);
        before = line;
    }
    assert_int_equal(rows, 61);
    assert_true(has(b, "\r\n0\r\n\r\n")); /* the last chunk */
}

/* contract 4: answers to phones always have Content-Length, are never chunked */
static void nothing_long_is_for_phones(void **state)
{
    static const char *const paths[] = {"/report.csv", "/report.json", "/report.html", "/api/v1/phones",
                                        "/api/v1/events"};
    struct bench *b = *state;
    b->more = "User-Agent: " HOUSE_AGENT("7.5.5") "\r\n";
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(request(b, "GET", paths[i], ""), 404);
        assert_true(has(b, "Content-Length: 0\r\n"));
    }
    assert_int_equal(request(b, "GET", "/api/v1/summary", ""), 200);
    assert_false(has(b, "chunked"));
}

/* A cell that is longer than a stream's piece. */
static void a_long_row_is_whole(void **state)
{
    struct bench *b = *state;
    static char csv[30000];
    int len = snprintf(csv, sizeof csv, "mac,story\n58bfea1104e6,");
    memset(csv + len, '~', 20000);
    strcpy(csv + len + 20000, "END\n");
    fake_file_text(b->house->port, "phones.csv", csv);
    house_read(b->house, "[web]\npassword = right\n");
    log_in(b);
    assert_int_equal(request(b, "GET", "/report.csv", ""), 200);
    assert_true(has(b, "~END\r\n"));
    size_t count = 0;
    for (const char *c = strstr(b->text, "\r\n\r\n"); *c; c++)
        count += *c == '~';
    assert_int_equal(count, 20000);
}

static void check_is_for_operators(void **state)
{
    struct bench *b = *state;
    assert_int_equal(request(b, "GET", "/api/v1/check", ""), 401);
    strcpy(b->cookie, "stagebox=00000000000000000000000000000000");
    assert_int_equal(request(b, "GET", "/api/v1/check", ""), 401);
    assert_false(has(b, "problems"));
}

static void check_looks_at_the_card_as_it_is_now(void **state)
{
    struct bench *b = *state;
    log_in(b);
    assert_int_equal(request(b, "GET", "/api/v1/check", ""), 200);
    assert_true(has(b, "\"errors\":0"));
    size_t blobs = fake_blobs(b->house->port);
    fake_file_text(b->house->port, "stagebox.ini",
                   "[box]\ninterface = eth0\naddress = 192.168.10.10/24\n[upgrade]\nresync = soon\n");
    fake_file_text(b->house->port, "firmware/spa50x-30x-7-5-6.bin", "no image at all");
    assert_int_equal(request(b, "GET", "/api/v1/check", ""), 200);
    assert_true(has(b, "{\"file\":\"stagebox.ini\",\"line\":5,\"level\":\"error\",\"text\":\""));
    assert_true(has(b, "{\"file\":\"firmware/spa50x-30x-7-5-6.bin\",\"line\":null,\"level\":\"error\""));
    assert_true(has(b, "\"errors\":2"));
    assert_int_equal(fake_blobs(b->house->port), blobs); /* nothing is kept of it, and nothing taken away */
    assert_int_equal(b->house->settings->upgrade.resync_s, 180);
    assert_int_equal(request(b, "GET", "/spa51x-7-5-7.bin", ""), 200);
    assert_true(has(b, "an image of the 51x family"));
}

static void more_problems_than_fit_are_counted(void **state)
{
    struct bench *b = *state;
    log_in(b);
    static char ini[120000];
    size_t len = (size_t)snprintf(ini, sizeof ini, "[box]\ninterface = eth0\naddress = 192.168.10.10/24\n");
    for (unsigned i = 0; i < 2000; i++)
        len += (size_t)snprintf(ini + len, sizeof ini - len, "colour%u = a rather long value\n", i);
    fake_file_text(b->house->port, "stagebox.ini", ini);
    assert_int_equal(request(b, "GET", "/api/v1/check", ""), 200);
    assert_true(has(b, "],\"errors\":2000,\"warnings\":"));
    assert_false(has(b, "\"left_out\":0}"));
    assert_int_equal(b->text[strlen(b->text) - 1], '}');
}

static void a_plan_is_for_everybody(void **state)
{
    static const struct {
        const char *query;
        int status;
        const char *part;
    } cases[] = {
        {"?model=SPA514G&version=7.5.5", 200,
         "\"rungs\":[{\"from\":\"7.5.5\",\"to\":\"7.5.7\",\"file\":\"spa51x-7-5-7.bin\"}],\"problem\":null}"},
        {"?version=7.5.7&model=514g", 200, "\"rungs\":[],\"problem\":null}"},
        {"?model=SPA999&version=7.5.7", 200, "\"rungs\":[],\"problem\":\""},
        {"?model=SPA514G&version=new", 400, "{\"error\":\""},
        {"?model=SPA514G", 400, "{\"error\":\""},
        {"", 400, "{\"error\":\""},
        {"?model=%3Cscript%3E&version=7.5.7", 200, "\"model\":\"\\u003cscript>\""},
    };
    struct bench *b = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[128];
        snprintf(path, sizeof path, "/api/v1/plan%s", cases[i].query);
        assert_int_equal(request(b, "GET", path, ""), cases[i].status);
        if (!has(b, cases[i].part))
            fail_msg("%s: %s", path, b->text);
    }
}

#define PHONE "/api/v1/phones/58bfea1104e6"

static void a_phone_has_its_time_line(void **state)
{
    struct bench *b = *state;
    fake_set_wall(b->house->port, true, INT64_C(1795514400000));
    events_said(b->events, house_phone(b->house), PORT_INFO, "DHCP: 192.168.10.50");
    events_said(b->events, house_phone(b->house), PORT_DEBUG, "syslog: user 4711 registered");
    events_said(b->events, NULL, PORT_INFO, "the batch goes on");
    assert_int_equal(request(b, "GET", PHONE "/timeline", ""), 200);
    assert_true(has(b,
                    "\"timeline\":[{\"at\":\"2026-11-24T10:00:00Z\",\"at_uptime_s\":0,\"level\":\"info\",\"text\":"
                    "\"DHCP: 192.168.10.50\"}]}"));
    log_in(b);
    assert_int_equal(request(b, "GET", PHONE "/timeline", ""), 200);
    assert_true(has(b, "\"level\":\"debug\",\"text\":\"syslog: user 4711 registered\"}]}"));
    char long_line[400];
    memset(long_line, '"', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\0';
    for (unsigned i = 0; i < 100; i++) {
        events_said(b->events, house_phone(b->house), PORT_WARNING, long_line);
        events_said(b->events, house_phone(b->house), PORT_DEBUG, "\x01\x01\x01\x01\x01\x01");
    }
    assert_int_equal(request(b, "GET", PHONE "/timeline", ""), 200);
    assert_int_equal(b->text[strlen(b->text) - 1], '}');
    assert_int_equal(request(b, "POST", PHONE "/timeline", ""), 405);
    assert_int_equal(request(b, "GET", "/api/v1/phones/58bfea000000/timeline", ""), 404);
}

/* Every uptime has the same zero: the box's start. */
static void uptimes_agree(void **state)
{
    struct bench *b = *state;
    fake_set_now(b->house->port, fake_now(b->house->port) + 5000);
    house_ask(b->house, CARRIER_HTTP, HOUSE_AGENT("7.5.5"));
    assert_int_equal(request(b, "GET", "/api/v1/summary", ""), 200);
    assert_true(has(b, "\"uptime_s\":5,"));
    assert_true(has(b, "\"time\":null,\"paused\":false,\"dhcp_held\":false,\"password_set\":true,"));
    assert_int_equal(request(b, "GET", PHONE, ""), 200);
    assert_true(has(b, "\"first_seen_uptime_s\":0,"));
    assert_true(has(b, "\"last_seen_uptime_s\":5,"));
}

/* contract 4: for the operator's eyes only */
static void a_phones_report_is_for_operators(void **state)
{
    struct bench *b = *state;
    fake_file_text(b->house->port, "state/reports/58bfea1104e6.xml", "<flat-profile>words</flat-profile>");
    assert_int_equal(request(b, "GET", PHONE "/report", ""), 401);
    assert_false(has(b, "words"));
    log_in(b);
    assert_int_equal(request(b, "GET", PHONE "/report", ""), 200);
    assert_true(has(b, "\r\n\r\n<flat-profile>words</flat-profile>"));
    assert_true(has(b, "Content-Type: text/plain\r\n"));
    assert_true(has(b, "X-Content-Type-Options: nosniff\r\n"));
    assert_int_equal(request(b, "POST", PHONE "/report", ""), 405);
    assert_int_equal(request(b, "GET", "/api/v1/phones/58bfea000000/report", ""), 404);
    fake_file_remove(b->house->port, "state/reports/58bfea1104e6.xml");
    assert_int_equal(request(b, "GET", PHONE "/report", ""), 404);
}

static void a_dashboard_learns_whether_it_is_logged_in(void **state)
{
    struct bench *b = *state;
    assert_int_equal(request(b, "GET", "/api/v1/session", ""), 200);
    assert_true(has(b, "{\"operator\":false,\"password_set\":true}"));
    log_in(b);
    assert_int_equal(request(b, "GET", "/api/v1/session", ""), 200);
    assert_true(has(b, "{\"operator\":true,\"password_set\":true}"));
}

static void the_box_in_numbers(void **state)
{
    static const char *const lines[] = {"\n# TYPE stagebox_phones gauge\n",
                                        "\nstagebox_phones{state=\"waiting\"} 1\n",
                                        "\nstagebox_phones{state=\"needs-hand\"} 0\n",
                                        "\nstagebox_firmware_images{family=\"spa51x\"} 1\n",
                                        "\n# TYPE stagebox_sent_bytes_total counter\n",
                                        "\nstagebox_pool_used{pool=\"tftp\"} 3\n",
                                        "\nstagebox_pool_size{pool=\"connections\"} 8\n",
                                        "\nstagebox_sessions 0\n",
                                        "\nstagebox_clock_set 0\n",
                                        "\nstagebox_warnings 1\n",
                                        "\nstagebox_paused 0\n",
                                        "\nstagebox_ready 0\n"};
    struct bench *b = *state;
    assert_int_equal(request(b, "GET", "/metrics", ""), 200);
    assert_true(has(b, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!has(b, lines[i]))
            fail_msg("%s is not in %s", lines[i], b->text);
    log_in(b);
    staging_pause(b->house->staging, true);
    api_set_ready(b->api, true);
    fake_set_wall(b->house->port, true, INT64_C(1795514400000));
    assert_int_equal(request(b, "GET", "/metrics", ""), 200);
    assert_true(has(b, "\nstagebox_sessions 1\n") && has(b, "\nstagebox_paused 1\n"));
    assert_true(has(b, "\nstagebox_ready 1\n") && has(b, "\nstagebox_warnings 1\n")); /* of the pause */
    staging_pause(b->house->staging, false);
    assert_int_equal(request(b, "GET", "/metrics", ""), 200);
    assert_true(has(b, "\nstagebox_warnings 0\n"));
}

static bool warns(struct bench *b, const char *part)
{
    assert_int_equal(request(b, "GET", "/api/v1/summary", ""), 200);
    const char *warnings = strstr(b->text, "\"warnings\":[");
    return warnings && strstr(warnings, part);
}

static void the_box_says_what_is_wrong_with_it(void **state)
{
    struct bench *b = *state;
    struct box_warnings w;
    assert_true(warns(b, "The clock is not set"));
    fake_set_wall(b->house->port, true, INT64_C(1795514400000));
    assert_false(warns(b, "The clock is not set"));
    fake_card_room(b->house->port, UINT64_C(20) << 20);
    box_warnings_start(&w, b->house->port, b->house->staging, &b->house->timers);
    assert_false(warns(b, "nearly full"));
    fake_card_room(b->house->port, UINT64_C(15) << 20);
    assert_false(warns(b, "nearly full"));
    fake_set_now(b->house->port, fake_now(b->house->port) + BOX_WARNINGS_MS);
    timers_run(&b->house->timers, fake_now(b->house->port));
    assert_true(warns(b, "The card is nearly full, 15360 KB are free: "));
    fake_card_room(b->house->port, UINT64_C(20) << 20);
    fake_set_now(b->house->port, fake_now(b->house->port) + BOX_WARNINGS_MS);
    timers_run(&b->house->timers, fake_now(b->house->port));
    assert_false(warns(b, "nearly full"));
    box_warnings_read(&w, false, false, 2);
    assert_true(warns(b, "2 files in firmware/ are left out"));
    assert_true(warns(b, "The settings have errors"));
    assert_true(warns(b, "Something on the card is broken"));
    box_warnings_read(&w, true, true, 0);
    assert_true(warns(b, "]}"));
    assert_false(warns(b, "check"));
    box_warnings_stop(&w);
}

/* What may be over soon goes by itself; what was told again stays. */
static void some_warnings_pass(void **state)
{
    struct bench *b = *state;
    struct port *port = b->house->port;
    staging_warn_passing(b->house->staging, "tftp", "All is busy.");
    staging_warn(b->house->staging, "rogue", "Another server.");
    fake_set_now(port, fake_now(port) + STAGING_PASSING_MS);
    assert_true(warns(b, "All is busy."));
    staging_warn_passing(b->house->staging, "tftp", "All is busy.");
    fake_set_now(port, fake_now(port) + STAGING_PASSING_MS);
    assert_true(warns(b, "All is busy."));
    fake_set_now(port, fake_now(port) + 1);
    assert_false(warns(b, "All is busy."));
    assert_true(warns(b, "Another server."));
    staging_warn(b->house->staging, "rogue", NULL);
    assert_false(warns(b, "Another server."));
    for (char key[] = "a"; key[0] <= 'z'; key[0]++)
        staging_warn_passing(b->house->staging, key, key);
    fake_set_now(port, fake_now(port) + STAGING_PASSING_MS + 1);
    staging_warn(b->house->staging, "rogue", "There is room again.");
    assert_true(warns(b, "There is room again."));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_report_keeps_the_inventory_to_itself, setup_listed, teardown),
        TEST(the_report_is_whole_and_in_order),
        TEST(nothing_long_is_for_phones),
        TEST(a_long_row_is_whole),
        TEST(check_is_for_operators),
        TEST(check_looks_at_the_card_as_it_is_now),
        TEST(more_problems_than_fit_are_counted),
        TEST(a_plan_is_for_everybody),
        TEST(the_box_in_numbers),
        TEST(the_box_says_what_is_wrong_with_it),
        TEST(some_warnings_pass),
        TEST(a_phone_has_its_time_line),
        TEST(uptimes_agree),
        TEST(a_phones_report_is_for_operators),
        TEST(a_dashboard_learns_whether_it_is_logged_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
