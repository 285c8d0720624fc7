/* web_bench.h - the operator's HTTP over a fake port: requests as bytes over TCP. */
#ifndef STAGEBOX_TEST_WEB_BENCH_H
#define STAGEBOX_TEST_WEB_BENCH_H

#include "test/unit/app/https_house.h"

#include "app/services/http.h"
#include "app/web/events.h"

#define OPERATOR UINT32_C(0xc0a80a02) /* 192.168.10.2 */
#define LOGIN(password) "{\"password\":\"" password "\"}"

struct bench {
    struct house *house;
    struct api *api;
    struct http_service *http;
    struct events *events;
    char cookie[64], text[1 << 18];
    const char *more; /* further header lines */
    ip4 from;
    uint16_t port;
    unsigned resumed, reloaded;
};

static inline void resumed(void *ctx)
{
    ((struct bench *)ctx)->resumed++;
}

static inline void reloaded(void *ctx)
{
    ((struct bench *)ctx)->reloaded++;
}

static inline size_t two_pools(void *ctx, struct metrics_pool *out, size_t cap)
{
    (void)ctx;
    assert_true(cap >= 2);
    out[0] = (struct metrics_pool){"tftp", 3, 128};
    out[1] = (struct metrics_pool){"connections", 1, 8};
    return 2;
}

/* As the appliance's. */
static inline uint64_t bench_turn(void *ctx, uint64_t now_ms)
{
    struct bench *b = ctx;
    staging_commit(b->house->staging);
    bool more = b->http && http_service_send(b->http);
    more = (b->http && http_service_slice(b->http)) || more;
    return more ? now_ms : UINT64_MAX;
}

/* The box of house_open(), one phone that has asked, and its HTTP. */
static inline int setup_with(void **state, const char *ini)
{
    struct bench *b = calloc(1, sizeof *b);
    b->house = house_open(ini);
    house_ask(b->house, CARRIER_HTTP, HOUSE_AGENT("7.5.5"));
    b->events = events_open(b->house->port, 2, 512);
    events_show(b->events, b->house->staging);
    struct api_options api = {b->house->port, b->house->staging, b->events, 4, "stagebox.ini",
                              resumed,        reloaded,          two_pools, b};
    b->api = api_open(&api);
    struct http_service_options http = {.port = b->house->port,
                                        .staging = b->house->staging,
                                        .api = b->api,
                                        .timers = &b->house->timers,
                                        .number = 80,
                                        .connections = 8};
    b->http = http_service_open(&http);
    fake_hooks(b->house->port, &(struct port_hooks){.ctx = b, .turn = bench_turn});
    b->from = OPERATOR;
    *state = b;
    return b->http ? 0 : -1;
}

static inline int setup(void **state)
{
    return setup_with(state, "[web]\npassword = right\n");
}

static inline bool has(const struct bench *b, const char *part)
{
    return strstr(b->text, part) != NULL;
}

static inline int setup_without(void **state)
{
    return setup_with(state, "");
}

static inline int teardown(void **state)
{
    struct bench *b = *state;
    http_service_close(b->http);
    api_close(b->api);
    events_close(b->events);
    fake_hooks(b->house->port, &(struct port_hooks){.ctx = NULL});
    house_close(b->house);
    free(b);
    return 0;
}

/* The status of the answer; the answer itself in b->text. */
static inline int request_bytes(struct bench *b, const char *method, const char *path, const void *body,
                                size_t body_len)
{
    char head[1024];
    struct fake_tcp *tcp = fake_tcp_open(b->house->port, 80, b->from, ++b->port);
    size_t len, all = 0;
    snprintf(head, sizeof head,
             "%s %s HTTP/1.1\r\nHost: box\r\nConnection: close\r\n%s%s%s%sContent-Length: %zu\r\n\r\n", method,
             path, b->cookie[0] ? "Cookie: " : "", b->cookie, b->cookie[0] ? "\r\n" : "", b->more ? b->more : "",
             body_len);
    fake_tcp_send_text(tcp, head);
    fake_tcp_send(tcp, body, body_len);
    do {
        fake_settle(b->house->port);
        const char *text = fake_tcp_take_text(tcp, &len);
        assert_true(all + len < sizeof b->text);
        memcpy(b->text + all, text, len + 1);
        all += len;
    } while (len > 0);
    fake_tcp_fin(tcp);
    fake_settle(b->house->port);
    return all > 12 ? atoi(b->text + 9) : 0;
}

static inline int request(struct bench *b, const char *method, const char *path, const char *body)
{
    return request_bytes(b, method, path, body, strlen(body));
}

static inline void log_in(struct bench *b)
{
    b->more = NULL;
    assert_int_equal(request(b, "POST", "/api/v1/session", LOGIN("right")), 204);
    const char *cookie = strstr(b->text, "Set-Cookie: ");
    assert_non_null(cookie);
    assert_non_null(strstr(cookie, "; HttpOnly; SameSite=Strict"));
    assert_null(strstr(cookie, "Secure")); /* plain HTTP */
    snprintf(b->cookie, sizeof b->cookie, "%.*s", (int)strcspn(cookie + 12, ";"), cookie + 12);
    b->more = "X-Stagebox: 1\r\n";
}

#endif
