/* What a box without a shell needs: files and the time by HTTP. Contract 7. */
#include "test/unit/app/web_bench.h"

#include "app/web/time_text.h"
#include "test/unit/app/image_builder.h"

#define FIRMWARE "/api/v1/firmware/"

static const char *on_card(struct bench *b, const char *path)
{
    size_t len;
    return fake_file_get(b->house->port, path, &len);
}

static void nobody_brings_anything(void **state)
{
    static const struct {
        const char *method, *path, *body;
    } cases[] = {{"PUT", FIRMWARE "spa51x-7-6-1.bin", "image"},
                 {"PUT", "/api/v1/phones.csv", "mac\n"},
                 {"POST", "/api/v1/reload", ""},
                 {"POST", "/api/v1/clock", "{\"time\":\"2030-01-01T00:00:00Z\"}"}};
    static const char *const cookies[] = {"", "stagebox=00000000000000000000000000000000"};
    struct bench *b = *state;
    for (size_t i = 0; i < 8; i++) {
        strcpy(b->cookie, cookies[i % 2]);
        b->more = "X-Stagebox: 1\r\n";
        assert_int_equal(request(b, cases[i / 2].method, cases[i / 2].path, cases[i / 2].body), 401);
    }
    log_in(b);
    b->more = NULL;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(request(b, cases[i].method, cases[i].path, cases[i].body), 403);
    b->more = "X-Stagebox: 1\r\nOrigin: http://evil.example\r\n";
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(request(b, cases[i].method, cases[i].path, cases[i].body), 403);
    int64_t wall;
    assert_null(on_card(b, "firmware/spa51x-7-6-1.bin"));
    assert_null(on_card(b, "phones.csv"));
    assert_int_equal(b->reloaded, 0);
    assert_false(port_wall_ms(b->house->port, &wall));
}

static void a_sound_image_is_stored(void **state)
{
    struct bench *b = *state;
    struct image image = image_make("7.6.1", 20000, 1);
    size_t len;
    log_in(b);
    assert_int_equal(request_bytes(b, "PUT", FIRMWARE "spa50x-30x-7-6-1.bin", image.data, image.size), 201);
    assert_true(has(
        b, "{\"file\":\"spa50x-30x-7-6-1.bin\",\"family\":\"spa50x-30x\",\"version\":\"7.6.1\",\"warning\":null}"));
    const char *stored = fake_file_get(b->house->port, "firmware/spa50x-30x-7-6-1.bin", &len);
    assert_int_equal(len, image.size);
    assert_memory_equal(stored, image.data, len);
    assert_int_equal(b->reloaded, 1);
    assert_int_equal(request_bytes(b, "PUT", FIRMWARE "spa50x-30x-7-6-1.bin", image.data, image.size),
                     200); /* again */
    assert_int_equal(request(b, "PUT", FIRMWARE "spa51x-7-6-1.bin", "whatever"), 201);
    assert_true(has(b, "\"warning\":\"")); /* not known how such images look */
    free(image.data);
}

static void what_does_not_verify_is_not_stored(void **state)
{
    struct bench *b = *state;
    struct image image = image_make("7.6.1", 20000, 1);
    log_in(b);
    image.data[image.size - 1] ^= 1;
    assert_int_equal(request_bytes(b, "PUT", FIRMWARE "spa50x-30x-7-6-1.bin", image.data, image.size), 422);
    assert_true(has(b, "{\"error\":\""));
    image.data[image.size - 1] ^= 1;
    assert_int_equal(request_bytes(b, "PUT", FIRMWARE "spa50x-30x-7-6-1.bin", image.data, image.size - 1), 422);
    assert_int_equal(request_bytes(b, "PUT", FIRMWARE "spa50x-30x-7-5-7.bin", image.data, image.size), 422);
    assert_null(on_card(b, "firmware/spa50x-30x-7-6-1.bin"));
    assert_null(on_card(b, "firmware/spa50x-30x-7-5-7.bin"));
    assert_int_equal(b->reloaded, 0);
    assert_int_equal(request_bytes(b, "PUT", FIRMWARE "spa50x-30x-7-6-1.bin", image.data, image.size), 201);
    free(image.data);
}

static void odd_names_and_lengths(void **state)
{
    static const char *const names[] = {
        "a.zip", ".bin", ".hidden.bin", "a%5Cspa51x.bin", "con%3Aspa.bin", "spa51x-7-6-1.bin%20"};
    static const char *const paths[] = {"", "a/b.bin", "..%2Fstagebox.bin"};
    struct bench *b = *state;
    char path[300];
    log_in(b);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, FIRMWARE "%s", names[i]);
        assert_int_equal(request(b, "PUT", path, "x"), 422);
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        snprintf(path, sizeof path, FIRMWARE "%s", paths[i]);
        assert_int_equal(request(b, "PUT", path, "x"), 404);
    }
    memset(path, 'a', sizeof path);
    memcpy(path, FIRMWARE, sizeof FIRMWARE - 1);
    strcpy(path + 200, ".bin");
    assert_int_equal(request(b, "PUT", path, "x"), 422);
    assert_int_equal(request(b, "GET", FIRMWARE "spa51x-7-6-1.bin", ""), 405);
    assert_int_equal(request(b, "PUT", FIRMWARE "spa51x-7-6-1.bin", ""), 400);
    b->more = "X-Stagebox: 1\r\nTransfer-Encoding: chunked\r\n";
    assert_int_equal(request(b, "PUT", FIRMWARE "spa51x-7-6-1.bin", "0\r\n\r\n"),
                     400); /* a length as well: smuggling */
}

/* Only the announced length counts: nothing is taken of what will not fit. */
static void too_long_is_refused_before_it_comes(void **state)
{
    static const char *const paths[] = {FIRMWARE "spa51x-7-6-1.bin", "/api/v1/phones.csv", "/api/v1/clock"};
    static const char *const lengths[] = {"67108865", "4194305", "1025"};
    struct bench *b = *state;
    log_in(b);
    for (size_t i = 0; i < 3; i++) {
        char head[400];
        size_t len;
        struct fake_tcp *tcp = fake_tcp_open(b->house->port, 80, b->from, ++b->port);
        snprintf(head, sizeof head,
                 "%s %s HTTP/1.1\r\nHost: box\r\nCookie: %s\r\nX-Stagebox: 1\r\nContent-Length: %s\r\n\r\n",
                 i < 2 ? "PUT" : "POST", paths[i], b->cookie, lengths[i]);
        fake_tcp_send_text(tcp, head);
        fake_settle(b->house->port);
        assert_memory_equal(fake_tcp_take_text(tcp, &len), "HTTP/1.1 413", 12);
        fake_tcp_reset(tcp);
        fake_settle(b->house->port);
    }
    struct fake_tcp *tcp = fake_tcp_open(b->house->port, 80, b->from, ++b->port);
    char head[400];
    size_t len;
    snprintf(head, sizeof head,
             "PUT " FIRMWARE
             "spa51x-7-6-1.bin HTTP/1.1\r\nCookie: %s\r\nX-Stagebox: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
             b->cookie);
    fake_tcp_send_text(tcp, head);
    fake_settle(b->house->port);
    assert_memory_equal(fake_tcp_take_text(tcp, &len), "HTTP/1.1 411", 12);
    assert_null(on_card(b, "firmware/spa51x-7-6-1.bin"));
}

/* One upload at a time; who leaves in the middle makes room and changes nothing. */
static void a_cut_upload_leaves_nothing(void **state)
{
    struct bench *b = *state;
    char head[400];
    size_t len;
    log_in(b);
    struct fake_tcp *tcp = fake_tcp_open(b->house->port, 80, b->from, ++b->port);
    snprintf(head, sizeof head,
             "PUT " FIRMWARE
             "spa51x-7-6-1.bin HTTP/1.1\r\nCookie: %s\r\nX-Stagebox: 1\r\nContent-Length: 9000\r\n\r\nbeginning",
             b->cookie);
    fake_tcp_send_text(tcp, head);
    fake_settle(b->house->port);
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", "mac\n"), 503);
    assert_true(has(b, "Retry-After: "));
    fake_tcp_fin(tcp);
    fake_settle(b->house->port);
    fake_tcp_take_text(tcp, &len);
    assert_null(on_card(b, "firmware/spa51x-7-6-1.bin"));
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", "mac\n"), 201);
}

static void a_full_card_says_so(void **state)
{
    struct bench *b = *state;
    log_in(b);
    fake_card_room(b->house->port, 3);
    assert_int_equal(request(b, "PUT", FIRMWARE "spa51x-7-6-1.bin", "whatever"), 507);
    assert_true(has(b, "{\"error\":\"the card is full\"}"));
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", "mac\n58bfea1104e6\n"), 507);
    assert_int_equal(b->reloaded, 0);
    fake_fail(b->house->port, FAKE_REPLACE, 0, 1, PORT_E_IO, "the card does not answer");
    assert_int_equal(request(b, "PUT", FIRMWARE "spa51x-7-6-1.bin", "whatever"), 500);
}

static void an_inventory_is_read_before_it_is_used(void **state)
{
    struct bench *b = *state;
    log_in(b);
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", "mac,extension\n58bfea1104e6,12\n58bfea1104e7,13\n"),
                     201);
    assert_true(has(b, "\"rows\":2}"));
    assert_int_equal(b->reloaded, 1);
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", "extension\n12\n"), 422);
    assert_true(has(b, "\"error\":\""));
    assert_true(has(b, "\"problems\":[{\"file\":\"phones.csv\",\"line\":1,"));
    assert_string_equal(on_card(b, "phones.csv"), "mac,extension\n58bfea1104e6,12\n58bfea1104e7,13\n");
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", ""), 400);
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", "mac\n58bfea1104e6\n"), 200);
    assert_int_equal(b->reloaded, 2);
    house_read(b->house, "[web]\npassword = right\n[profile]\ninventory =\n");
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", "mac\n"), 409);
    assert_string_equal(on_card(b, "phones.csv"), "mac\n58bfea1104e6\n");
}

/* More problems than the answer has room for. */
static void a_wholly_broken_inventory(void **state)
{
    struct bench *b = *state;
    static char csv[40000];
    size_t len = (size_t)snprintf(csv, sizeof csv, "mac\n");
    for (unsigned i = 0; i < 1000; i++)
        len += (size_t)snprintf(csv + len, sizeof csv - len, "no mac \x01\"<%u\n", i);
    log_in(b);
    assert_int_equal(request(b, "PUT", "/api/v1/phones.csv", csv), 422);
    assert_int_equal(b->text[strlen(b->text) - 1], '}');
    assert_null(on_card(b, "phones.csv"));
}

static void reload_comes_later(void **state)
{
    struct bench *b = *state;
    log_in(b);
    assert_int_equal(request(b, "POST", "/api/v1/reload", ""), 202);
    assert_int_equal(b->reloaded, 1);
    assert_int_equal(request(b, "GET", "/api/v1/reload", ""), 405);
}

static void the_browser_sets_the_clock(void **state)
{
    struct bench *b = *state;
    int64_t wall;
    log_in(b);
    assert_int_equal(request(b, "POST", "/api/v1/clock", "{\"time\":\"2031-02-03T04:05:06.789Z\"}"), 202);
    assert_true(port_wall_ms(b->house->port, &wall));
    assert_int_equal(wall, INT64_C(1927857906789));
    assert_int_equal(request(b, "POST", "/api/v1/clock", "{\"time\":1927857906}"), 400);
    assert_int_equal(request(b, "POST", "/api/v1/clock", "{\"time\":\"soon\"}"), 400);
    assert_int_equal(request(b, "POST", "/api/v1/clock", "time"), 400);
    assert_int_equal(request(b, "POST", "/api/v1/clock", ""), 400);
    fake_fail(b->house->port, FAKE_SET_WALL, 0, 1, PORT_E_ACCESS, "the machine keeps its own time");
    assert_int_equal(request(b, "POST", "/api/v1/clock", "{\"time\":\"2031-02-03T04:05:06Z\"}"), 409);
    assert_true(has(b, "{\"error\":\"the machine keeps its own time\"}"));
}

static void times_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T12:00:00Z", INT64_C(951825600000)},
        {"2026-11-24T10:00:00.5Z", INT64_C(1795514400500)},
        {"2026-11-24t10:00:00.123456z", INT64_C(1795514400123)},
        {"2026-11-24T12:30:00+02:30", INT64_C(1795514400000)},
        {"2026-11-24 05:00:00-05:00", INT64_C(1795514400000)},
        {"2016-12-31T23:59:60Z", INT64_C(1483228799000)},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799000)},
        {"1970-01-01T00:00:00+00:01", -1},
        {"1969-12-31T23:59:59Z", -1},
        {"2026-02-29T00:00:00Z", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"2026-00-01T00:00:00Z", -1},
        {"2026-11-24T24:00:00Z", -1},
        {"2026-11-24T10:60:00Z", -1},
        {"2026-11-24T10:00:00", -1},
        {"2026-11-24T10:00:00.Z", -1},
        {"2026-11-24T10:00:00Zx", -1},
        {"2026-11-24T10:00:00+2:00", -1},
        {"2026-11-24", -1},
        {"", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = -1;
        size_t len = strlen(cases[i].text);
        char *exact = malloc(len ? len : 1); /* ASan sees what reads past it */
        memcpy(exact, cases[i].text, len);
        bool ok = time_parse(exact, len, &ms);
        if (ok != (cases[i].ms >= 0) || (ok && ms != cases[i].ms))
            fail_msg("%s: %lld", cases[i].text, (long long)ms);
        free(exact);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_brings_anything),
        TEST(a_sound_image_is_stored),
        TEST(what_does_not_verify_is_not_stored),
        TEST(odd_names_and_lengths),
        TEST(too_long_is_refused_before_it_comes),
        TEST(a_cut_upload_leaves_nothing),
        TEST(a_full_card_says_so),
        TEST(an_inventory_is_read_before_it_is_used),
        TEST(a_wholly_broken_inventory),
        TEST(reload_comes_later),
        TEST(the_browser_sets_the_clock),
        cmocka_unit_test(times_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
