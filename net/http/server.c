#include "net/http/server.h"

#include "net/http/head.h"
#include "net/http/response_head.h"
#include "net/http/server_state.h"

#include <string.h>

const struct http_limits http_limits_default = {
    .idle_ms = 30000,
    .head_ms = 10000,
    .body_ms = 20000,
    .body_min = 256,
    .send_ms = 60000,
    .send_min = 4096,
    .linger_ms = 2000,
    .line_max = 2048,
    .pipeline_max = 0,
};

/* -- states and time -------------------------------------------------------------------------- */

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t http_moved(const struct http_server *s)
{
    return s->taken - lesser(s->unacked, s->taken);
}

static uint64_t time_of(const struct http_server *s, enum http_state state)
{
    switch (state) {
    case HTTP_ST_HEAD:
        return s->in_len > 0 ? s->limits->head_ms : s->limits->idle_ms;
    case HTTP_ST_BODY:
        return s->limits->body_ms;
    case HTTP_ST_RESPOND:
        return s->limits->send_ms;
    case HTTP_ST_LINGER:
        return s->unacked > 0 ? s->limits->send_ms : s->limits->linger_ms;
    case HTTP_ST_HOST:
    case HTTP_ST_SHUT:
    case HTTP_ST_CLOSED:
        break;
    }
    return UINT64_MAX;
}

void http_enter(struct http_server *s, enum http_state state, uint64_t now_ms)
{
    uint64_t ms = time_of(s, state);
    s->state = (uint8_t)state;
    s->deadline = ms == UINT64_MAX ? UINT64_MAX : now_ms + ms;
    s->mark = state == HTTP_ST_BODY ? s->received : http_moved(s);
}

static void begin_request(struct http_server *s, uint64_t now_ms)
{
    s->pos = s->line = s->head_len = 0;
    s->line_read = false;
    s->blank_lines = 0;
    s->discarding = false;
    http_head_begin(&s->request, (const char *)s->in);
    http_enter(s, HTTP_ST_HEAD, now_ms);
}

void http_server_init(struct http_server *s, const struct http_limits *limits, uint8_t *in, size_t in_cap,
                      uint8_t *out, size_t out_cap, uint64_t now_ms)
{
    memset(s, 0, sizeof *s);
    s->limits = limits;
    s->in = in;
    s->in_cap = in_cap < HTTP_IN_MAX ? (uint32_t)in_cap : HTTP_IN_MAX;
    s->out = out;
    s->out_cap = out_cap < UINT32_MAX ? (uint32_t)out_cap : UINT32_MAX;
    begin_request(s, now_ms);
}

void http_refuse(struct http_server *s, int status, const char *why, uint64_t now_ms)
{
    s->tell_lost = s->state == HTTP_ST_BODY;
    s->tell_sent = false;
    s->closing = true;
    s->discarding = true;
    s->in_len = s->pos = s->head_len = 0;
    s->body_kind = HTTP_BODY_NONE;
    s->body_begin = s->body_off = s->body_end = 0;
    s->produce = NULL;
    s->status = status;
    s->why = why;
    struct writer w = http_writer(s);
    http_put_refusal(&w, status, why, s->request.method == HTTP_HEAD);
    http_written(s, &w);
    http_enter(s, HTTP_ST_RESPOND, now_ms);
}

/* -- input ------------------------------------------------------------------------------------ */

static bool drops_input(const struct http_server *s)
{
    return s->discarding || s->state >= HTTP_ST_SHUT;
}

uint8_t *http_server_room(struct http_server *s, size_t *cap)
{
    if (drops_input(s)) {
        *cap = s->in_cap;
        return s->in;
    }
    bool body = s->state == HTTP_ST_BODY || s->state == HTTP_ST_HOST;
    if (body && s->pos > s->head_len) {
        memmove(s->in + s->head_len, s->in + s->pos, s->in_len - s->pos);
        s->in_len -= s->pos - s->head_len;
        s->pos = s->head_len;
    }
    *cap = s->in_cap - s->in_len;
    return s->in + s->in_len;
}

void http_server_took(struct http_server *s, size_t n, uint64_t now_ms)
{
    if (drops_input(s) || n == 0)
        return;
    bool first = s->in_len == 0;
    s->in_len += (uint32_t)n;
    if (s->state == HTTP_ST_HEAD && first)
        http_enter(s, HTTP_ST_HEAD, now_ms);
    if (s->state == HTTP_ST_BODY)
        s->received += n;
}

size_t http_server_input(struct http_server *s, const void *bytes, size_t len, uint64_t now_ms)
{
    size_t cap;
    uint8_t *room = http_server_room(s, &cap);
    size_t n = len < cap ? len : cap;
    if (n > 0)
        memcpy(room, bytes, n);
    http_server_took(s, n, now_ms);
    return n;
}

void http_server_eof(struct http_server *s, uint64_t now_ms)
{
    (void)now_ms;
    s->eof = true;
}

/* -- events ----------------------------------------------------------------------------------- */

static enum http_event respond_event(struct http_server *s, uint64_t now_ms)
{
    if (!http_output_done(s))
        return HTTP_WAIT;
    if (s->tell_sent) {
        s->tell_sent = false;
        return HTTP_SENT;
    }
    if (s->closing)
        http_enter(s, HTTP_ST_SHUT, now_ms);
    else
        begin_request(s, now_ms);
    return HTTP_WAIT;
}

static enum http_event step(struct http_server *s, uint64_t now_ms)
{
    switch ((enum http_state)s->state) {
    case HTTP_ST_HEAD:
        return http_head_event(s, now_ms);
    case HTTP_ST_HOST:
        return HTTP_WAIT;
    case HTTP_ST_BODY:
        return http_body_event(s, now_ms);
    case HTTP_ST_RESPOND:
        return respond_event(s, now_ms);
    case HTTP_ST_SHUT:
        http_enter(s, HTTP_ST_LINGER, now_ms);
        return HTTP_SHUTDOWN;
    case HTTP_ST_LINGER:
        if (s->eof && s->unacked == 0)
            http_enter(s, HTTP_ST_CLOSED, now_ms);
        return HTTP_WAIT;
    case HTTP_ST_CLOSED:
        break;
    }
    return HTTP_CLOSE;
}

enum http_event http_server_event(struct http_server *s, uint64_t now_ms)
{
    for (;;) {
        if (s->tell_lost) {
            s->tell_lost = false;
            return HTTP_BODY_LOST;
        }
        uint8_t before = s->state;
        enum http_event event = step(s, now_ms);
        if (event != HTTP_WAIT || s->state == before)
            return event;
    }
}

/* -- deadlines -------------------------------------------------------------------------------- */

uint64_t http_server_deadline(const struct http_server *s)
{
    return s->deadline;
}

static bool moves_on(const struct http_server *s)
{
    switch ((enum http_state)s->state) {
    case HTTP_ST_BODY:
        /* Bytes that the host has not used yet are not the peer's fault. */
        return s->received - s->mark >= s->limits->body_min || s->pos < s->in_len;
    case HTTP_ST_RESPOND:
        return http_moved(s) - s->mark >= s->limits->send_min ||
               (s->body_kind == HTTP_BODY_PRODUCER && s->out_sent == s->out_len);
    case HTTP_ST_LINGER:
        return s->unacked > 0 && http_moved(s) - s->mark >= s->limits->send_min;
    case HTTP_ST_HEAD:
    case HTTP_ST_HOST:
    case HTTP_ST_SHUT:
    case HTTP_ST_CLOSED:
        break;
    }
    return false;
}

void http_server_expire(struct http_server *s, uint64_t now_ms)
{
    if (now_ms < s->deadline)
        return;
    if (moves_on(s)) {
        http_enter(s, (enum http_state)s->state, now_ms);
    } else if (s->state == HTTP_ST_HEAD && s->in_len == 0) {
        http_enter(s, HTTP_ST_SHUT, now_ms);
    } else if (s->state == HTTP_ST_HEAD) {
        http_refuse(s, 408, "the request took too long", now_ms);
    } else if (s->state == HTTP_ST_BODY) {
        http_refuse(s, 408, "the body came too slowly", now_ms);
    } else {
        if (s->state == HTTP_ST_RESPOND)
            s->why = "the peer took the response too slowly";
        http_enter(s, HTTP_ST_CLOSED, now_ms);
    }
}

void http_server_unacked(struct http_server *s, uint64_t unacked, uint64_t now_ms)
{
    uint64_t before = http_moved(s);
    s->unacked = unacked;
    if (http_moved(s) <= before)
        return;
    if (s->state == HTTP_ST_HEAD && s->in_len == 0)
        http_enter(s, HTTP_ST_HEAD, now_ms);
    if (s->state == HTTP_ST_LINGER && unacked == 0)
        http_enter(s, HTTP_ST_LINGER, now_ms);
}

void http_server_drain(struct http_server *s, uint64_t now_ms)
{
    (void)now_ms;
    s->closing = true;
}

const char *http_server_why(const struct http_server *s)
{
    return s->why;
}

bool http_server_waits(const struct http_server *s)
{
    return s->state == HTTP_ST_HEAD || s->state == HTTP_ST_LINGER || s->state == HTTP_ST_CLOSED;
}

bool http_server_ends(const struct http_server *s)
{
    return s->state == HTTP_ST_RESPOND && s->closing && http_output_done(s);
}

uint64_t http_server_moved(const struct http_server *s)
{
    return http_moved(s);
}
