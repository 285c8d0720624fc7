#include "net/http/server.h"

#include "net/http/head.h"
#include "net/http/response_head.h"
#include "net/http/server_state.h"

#include <string.h>

#define BLANK_LINES_MAX 4 /* empty lines before a request, which RFC 9112 section 2.2 asks to pass over */

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

/* -- the head of a request -------------------------------------------------------------------- */

enum scan { SCAN_MORE, SCAN_WHOLE, SCAN_REFUSED };

/* A quarter of the buffer is left for the body. */
static uint32_t head_max(const struct http_server *s)
{
    return s->in_cap - s->in_cap / 4;
}

/* How a head that has grown to `end`, in a line of `len`, is refused; 0 if it is not. */
static int too_long(const struct http_server *s, size_t end, size_t len, const char **why)
{
    if (!s->line_read && (len > s->limits->line_max || end > head_max(s))) {
        *why = "the request line is too long";
        return 414;
    }
    if (end > head_max(s)) {
        *why = "the headers are too long";
        return 431;
    }
    return 0;
}

/* A line whose end has not come yet: refused where it never can be a good one. */
static int check_partial(const struct http_server *s, const char **why)
{
    size_t len = s->in_len - s->line;
    if (!s->line_read && len > 0 && s->in[s->line] != '\r' && !http_is_token_char((char)s->in[s->line])) {
        *why = "the request does not begin with a method";
        return 400;
    }
    /* The CR that may stand at its end is not counted. */
    return too_long(s, s->in_len, len > 0 && s->in[s->in_len - 1] == '\r' ? len - 1 : len, why);
}

/* Reads the line of `len` bytes at s->line; *whole after the head's last. */
static int take_line(struct http_server *s, size_t len, bool *whole, const char **why)
{
    if (s->line_read && len == 0) {
        *whole = true;
        return http_head_end(&s->request, why);
    }
    if (s->line_read)
        return http_head_field_line(&s->request, s->line, len, why);
    if (len == 0) {
        *why = "too many empty lines";
        return ++s->blank_lines > BLANK_LINES_MAX ? 400 : 0;
    }
    s->line_read = true;
    return http_head_request_line(&s->request, (char *)s->in + s->line, len, why);
}

static enum scan scan_head(struct http_server *s, uint64_t now_ms)
{
    const char *why = NULL;
    bool whole = false;
    int status = 0;
    while (status == 0 && !whole) {
        const uint8_t *lf = s->pos < s->in_len ? memchr(s->in + s->pos, '\n', s->in_len - s->pos) : NULL;
        if (lf == NULL) {
            s->pos = s->in_len;
            status = check_partial(s, &why);
            break;
        }
        size_t end = (size_t)(lf - s->in);
        size_t len = end - s->line - (end > s->line && s->in[end - 1] == '\r' ? 1 : 0);
        status = too_long(s, end + 1, len, &why);
        if (status == 0)
            status = take_line(s, len, &whole, &why);
        s->line = s->pos = (uint32_t)end + 1;
    }
    if (status == 0)
        return whole ? SCAN_WHOLE : SCAN_MORE;
    http_refuse(s, status, why, now_ms);
    return SCAN_REFUSED;
}

/* -- events ----------------------------------------------------------------------------------- */

static enum http_event head_event(struct http_server *s, uint64_t now_ms)
{
    enum scan scan = s->in_len > 0 ? scan_head(s, now_ms) : SCAN_MORE;
    if (scan == SCAN_WHOLE) {
        s->head_len = s->pos;
        s->requests++;
        s->body_done = !s->request.has_body;
        if (s->limits->pipeline_max > 0 && s->requests >= s->limits->pipeline_max)
            s->closing = true;
        http_enter(s, HTTP_ST_HOST, now_ms);
        return HTTP_REQUEST;
    }
    if (scan == SCAN_MORE && (s->eof || (s->closing && s->in_len == 0)))
        http_enter(s, HTTP_ST_SHUT, now_ms);
    return HTTP_WAIT;
}

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
        return head_event(s, now_ms);
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
               (s->body_kind == HTTP_BODY_PRODUCER && s->producer_waits && s->out_sent == s->out_len);
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
