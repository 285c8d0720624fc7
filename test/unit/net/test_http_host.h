/* A host for the tests of the HTTP server engine: a few resources, a virtual clock, and a peer that
 * takes as much output as it is told to. */
#ifndef TEST_HTTP_HOST_H
#define TEST_HTTP_HOST_H

#include "net/http/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST_ETAG "\"v1\""
#define HOST_TIME 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define HOST_EXTENT_SIZE 10000u
#define HOST_IN 2048u
#define HOST_OUT 1024u

struct host {
    struct http_server s;
    uint8_t *in, *out;
    uint64_t now;
    size_t peer_room; /* bytes the peer will still take; SIZE_MAX: all */
    char seen[70000]; /* what the peer got */
    size_t seen_len;
    char events[512]; /* a letter an event: R request, B body, E body end, L lost, S sent, s shutdown, C close */
    char body[4096];  /* of the request */
    size_t body_len;
    size_t body_max;
    char requests[2000]; /* "GET /path?query;..." */
    const char *parts;  /* what the producer makes: parts ended by '|', '~' = later */
    bool hold;          /* do not answer */
};

static inline void host_open_sized(struct host *h, const struct http_limits *limits, size_t in_cap, size_t out_cap)
{
    memset(h, 0, sizeof *h);
    h->in = malloc(in_cap);
    h->out = malloc(out_cap);
    assert_non_null(h->in);
    assert_non_null(h->out);
    h->peer_room = SIZE_MAX;
    h->body_max = 100;
    h->parts = "";
    http_server_init(&h->s, limits, h->in, in_cap, h->out, out_cap, 0);
}

static inline void host_open(struct host *h)
{
    host_open_sized(h, &http_limits_default, HOST_IN, HOST_OUT);
}

static inline void host_close(struct host *h)
{
    free(h->in);
    free(h->out);
}

static inline int host_produce(void *ctx, uint8_t *buf, size_t cap)
{
    struct host *h = ctx;
    if (*h->parts == '~') {
        h->parts++;
        return HTTP_PRODUCE_LATER;
    }
    if (*h->parts == '!')
        return HTTP_PRODUCE_FAIL;
    if (*h->parts == '\0')
        return HTTP_PRODUCE_END;
    size_t n = strcspn(h->parts, "|~!");
    assert_in_range(n, 1, cap);
    memcpy(buf, h->parts, n);
    h->parts += n;
    if (*h->parts == '|')
        h->parts++;
    return (int)n;
}

static const char host_text[] = "0123456789abcdefghij";

static inline void host_respond(struct host *h)
{
    struct http_request *q = &h->s.request;
    struct http_response r = {.status = 200, .content_type = "text/plain", .body = HTTP_BODY_MEMORY};
    r.memory = host_text;
    r.length = sizeof host_text - 1;
    struct http_line allow = {"Allow", "GET, HEAD"};
    if (http_is(q->path, "/mem")) {
        r.etag = HOST_ETAG;
        r.last_modified_s = HOST_TIME;
    } else if (http_is(q->path, "/room")) { /* the same, made where it goes out from */
        size_t cap;
        uint8_t *room = http_server_body_room(&h->s, &cap);
        assert_non_null(room);
        assert_int_equal(cap, h->s.out_cap - HTTP_HEAD_ROOM);
        memcpy(room, host_text, sizeof host_text - 1);
        r.memory = room;
        r.etag = HOST_ETAG;
        r.last_modified_s = HOST_TIME;
    } else if (http_is(q->path, "/copy")) {
        r.body = HTTP_BODY_COPY;
    } else if (http_is(q->path, "/extent")) {
        r.body = HTTP_BODY_EXTENT;
        r.length = HOST_EXTENT_SIZE;
    } else if (http_is(q->path, "/produce")) {
        r.body = HTTP_BODY_PRODUCER;
        r.produce = host_produce;
        r.produce_ctx = h;
    } else if (http_is(q->path, "/empty")) {
        r.length = 0;
    } else if (http_is(q->path, "/nocontent")) {
        r.status = 204;
        r.body = HTTP_BODY_NONE;
    } else if (http_is(q->path, "/method")) {
        r.status = 405;
        r.lines = &allow;
        r.line_count = 1;
    } else if (http_is(q->path, "/close")) {
        r.close = true;
    } else if (http_is(q->path, "/up")) {
        r.status = 201;
    } else {
        r.status = 404;
        r.body = HTTP_BODY_NONE;
    }
    http_server_respond(&h->s, &r, h->now);
}

static inline void host_event(struct host *h, char letter)
{
    size_t n = strlen(h->events);
    assert_true(n + 1 < sizeof h->events);
    h->events[n] = letter;
    h->events[n + 1] = '\0';
}

static inline void host_request(struct host *h)
{
    struct http_request *q = &h->s.request;
    size_t n = strlen(h->requests);
    snprintf(h->requests + n, sizeof h->requests - n, "%s %.*s%s%.*s;", http_method_name(q->method),
             (int)q->path.len, q->path.p, q->query.p != NULL ? "?" : "", (int)q->query.len,
             q->query.p != NULL ? q->query.p : "");
    if (h->hold)
        return;
    if (q->has_body && http_is(q->path, "/up")) {
        h->body_len = 0;
        http_server_accept_body(&h->s, h->body_max, h->now);
    } else {
        host_respond(h);
    }
}

static inline void host_body(struct host *h)
{
    size_t n;
    const uint8_t *p = http_server_body(&h->s, &n);
    assert_true(n > 0);
    if (n > 7)
        n = 7; /* less than all is fine */
    assert_true(h->body_len + n <= sizeof h->body);
    memcpy(h->body + h->body_len, p, n);
    h->body_len += n;
    http_server_body_used(&h->s, n, h->now);
}

static inline char extent_byte(uint64_t off)
{
    return (char)('A' + off % 26);
}

/* Takes output while the peer does; true where something moved. */
static inline bool host_send(struct host *h)
{
    struct http_out out;
    bool any = false;
    while (http_server_output(&h->s, &out, h->now)) {
        assert_true(out.len > 0);
        size_t n = out.len < h->peer_room ? out.len : h->peer_room;
        assert_true(h->seen_len + n < sizeof h->seen);
        for (size_t i = 0; i < n; i++)
            h->seen[h->seen_len + i] = out.kind == HTTP_OUT_MEMORY ? (char)out.data[i] : extent_byte(out.off + i);
        h->seen_len += n;
        h->seen[h->seen_len] = '\0';
        if (h->peer_room != SIZE_MAX)
            h->peer_room -= n;
        http_server_sent(&h->s, n, h->now);
        any = any || n > 0;
        if (n < out.len)
            break;
    }
    return any;
}

static inline void host_run(struct host *h)
{
    static const char letters[] = {'-', 'R', 'B', 'E', 'L', 'S', 's', 'C'};
    enum http_event event;
    bool moved;
    do {
        event = http_server_event(&h->s, h->now);
        if (event != HTTP_WAIT && event != HTTP_BODY)
            host_event(h, letters[event]);
        if (event == HTTP_REQUEST)
            host_request(h);
        if (event == HTTP_BODY)
            host_body(h);
        if (event == HTTP_BODY_END)
            host_respond(h);
        moved = host_send(h);
    } while (event != HTTP_CLOSE && (event != HTTP_WAIT || moved));
}

/* Gives `len` bytes, at most `step` at a time; false where the engine would not take them all. */
static inline bool host_feed(struct host *h, const char *bytes, size_t len, size_t step)
{
    while (len > 0) {
        size_t want = len < step ? len : step;
        size_t n = http_server_input(&h->s, bytes, want, h->now);
        if (n == 0)
            return false;
        bytes += n;
        len -= n;
        host_run(h);
    }
    return true;
}

static inline void host_text_in(struct host *h, const char *text)
{
    host_feed(h, text, strlen(text), SIZE_MAX);
}

/* The status of the first response that the peer got; 0 for none. */
static inline int host_status(const struct host *h)
{
    return h->seen_len > 12 && memcmp(h->seen, "HTTP/1.1 ", 9) == 0 ? atoi(h->seen + 9) : 0;
}

/* Lets the time pass until the engine's deadline. */
static inline void host_expire(struct host *h)
{
    assert_true(http_server_deadline(&h->s) != UINT64_MAX);
    h->now = http_server_deadline(&h->s);
    http_server_expire(&h->s, h->now);
    host_run(h);
}

#endif
