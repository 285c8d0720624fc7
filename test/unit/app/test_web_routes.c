/* Every row of the router's table: what needs a session, and what it is that has one. A row that is added to the table
 * is tried here without a further word. Contract 7. */
#include "test/unit/app/web_bench.h"

#include "app/web/core.h"

#define GUESS "stagebox=00000000000000000000000000000000"
#define FOREIGN "X-Stagebox: 1\r\nOrigin: http://evil.example\r\n"

/* The row's path, of something that there is. */
static const char *path_of(const struct api_route *route)
{
    static char path[128];
    size_t star = strcspn(route->path, "*");
    bool firmware = strncmp(route->path, "/api/v1/firmware/", 17) == 0;
    snprintf(path, sizeof path, "%.*s%s%s", (int)star, route->path,
             !route->path[star] ? ""
             : firmware         ? "spa51x-7-6-1.bin"
                                : "58bfea1104e6",
             route->path[star] ? route->path + star + 1 : "");
    return path;
}

/* A body that would be taken. */
static const char *body_of(const struct api_route *route)
{
    if (route->method == HTTP_GET)
        return "";
    if (strstr(route->path, "clock"))
        return "{\"time\":\"2030-01-01T00:00:00Z\"}";
    if (strstr(route->path, "session"))
        return LOGIN("right");
    return route->method == HTTP_PUT ? "mac\n58bfea1104e6\n" : "";
}

static int ask(struct bench *b, const struct api_route *route, const char *cookie, const char *more)
{
    snprintf(b->cookie, sizeof b->cookie, "%s", cookie);
    b->more = more;
    return request(b, http_method_name(route->method), path_of(route), body_of(route));
}

static void expect(struct bench *b, const struct api_route *route, const char *cookie, const char *more, int status)
{
    int got = ask(b, route, cookie, more);
    if (got != status)
        fail_msg("%s %s with cookie \"%s\" and \"%s\": %d, not %d", http_method_name(route->method), route->path, cookie,
                 more ? more : "", got, status);
}

static void nothing_happened(struct bench *b, const char *phones)
{
    static char now[4096];
    size_t len;
    int64_t wall;
    b->more = NULL;
    b->cookie[0] = '\0';
    assert_int_equal(request(b, "GET", "/api/v1/phones", ""), 200);
    snprintf(now, sizeof now, "%s", strstr(b->text, "\r\n\r\n"));
    assert_string_equal(now, phones);
    assert_false(house_phone(b->house)->ignored);
    assert_false(staging_paused(b->house->staging));
    assert_int_equal(b->resumed + b->reloaded, 0);
    assert_false(port_wall_ms(b->house->port, &wall));
    assert_null(fake_file_get(b->house->port, "firmware/spa51x-7-6-1.bin", &len));
    assert_null(fake_file_get(b->house->port, "phones.csv", &len));
}

/* All that is not for reading only: without a session, with a guessed one, from another site's page, without the header. */
static void no_row_changes_without_a_session(void **state)
{
    static char phones[4096];
    struct bench *b = *state;
    char good[64];
    size_t changes = 0;
    log_in(b);
    snprintf(good, sizeof good, "%s", b->cookie);
    assert_int_equal(request(b, "GET", "/api/v1/phones", ""), 200);
    snprintf(phones, sizeof phones, "%s", strstr(b->text, "\r\n\r\n"));
    const struct api_route *route;
    for (size_t i = 0; (route = api_route(i)) != NULL; i++) {
        if (route->method == HTTP_GET)
            continue;
        changes++;
        if (route->access == API_LOGIN) {
            assert_string_equal(route->path, "/api/v1/session");
            expect(b, route, route->method == HTTP_DELETE ? good : "", FOREIGN, 403);
            expect(b, route, good, "Origin: null\r\n", 403);
            if (route->method == HTTP_DELETE)
                expect(b, route, GUESS, NULL, 401);
            continue;
        }
        assert_int_equal(route->access, API_CHANGE);
        expect(b, route, "", "X-Stagebox: 1\r\n", 401);
        expect(b, route, "", NULL, 401);
        expect(b, route, GUESS, "X-Stagebox: 1\r\n", 401);
        expect(b, route, good, NULL, 403);
        expect(b, route, good, "X-Stagebox: 0\r\n", 403);
        expect(b, route, good, FOREIGN, 403);
        expect(b, route, good, "X-Stagebox: 1\r\nOrigin: null\r\n", 403);
        expect(b, route, good, "X-Stagebox: 1\r\nOrigin: http://box.evil.example\r\n", 403);
    }
    assert_true(changes >= 12);
    nothing_happened(b, phones);
}

/* A path answers the methods of its rows, and no other; what only operators may read is told to nobody else. */
static void no_method_but_those_of_the_table(void **state)
{
    static const enum http_method methods[] = {HTTP_GET, HTTP_PUT, HTTP_POST, HTTP_DELETE};
    static char phones[4096];
    struct bench *b = *state;
    const struct api_route *route, *other;
    assert_int_equal(request(b, "GET", "/api/v1/phones", ""), 200);
    snprintf(phones, sizeof phones, "%s", strstr(b->text, "\r\n\r\n"));
    for (size_t i = 0; (route = api_route(i)) != NULL; i++) {
        if (route->access == API_OPERATOR)
            expect(b, route, GUESS, "X-Stagebox: 1\r\n", 401);
        for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
            bool known = false;
            for (size_t k = 0; (other = api_route(k)) != NULL; k++)
                known = known || (other->method == methods[m] && strcmp(other->path, route->path) == 0);
            struct api_route asked = {methods[m], route->path, route->access, 0, NULL};
            if (known)
                continue;
            expect(b, &asked, "", "X-Stagebox: 1\r\n", 405);
            assert_non_null(strstr(b->text, "\r\nAllow: "));
        }
    }
    nothing_happened(b, phones);
}

/* And with a session each of them is let in: the refusals above are not of something else. */
static void every_row_lets_the_operator_in(void **state)
{
    struct bench *b = *state;
    char good[64];
    log_in(b);
    snprintf(good, sizeof good, "%s", b->cookie);
    const struct api_route *route;
    for (size_t i = 0; (route = api_route(i)) != NULL; i++) {
        if (route->method == HTTP_DELETE || strstr(route->path, "forget"))
            continue;
        int status = ask(b, route, good, "X-Stagebox: 1\r\nOrigin: http://box\r\n");
        assert_int_not_equal(status, 401);
        assert_int_not_equal(status, 403);
        assert_int_not_equal(status, 405);
    }
    assert_int_equal(b->reloaded, 3); /* as asked for, and for each file that was brought */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_row_changes_without_a_session),
        TEST(no_method_but_those_of_the_table),
        TEST(every_row_lets_the_operator_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
