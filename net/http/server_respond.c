/* From a host's response to the bytes of it. */
#include "net/http/conditional.h"
#include "net/http/response_head.h"
#include "net/http/server_state.h"

#include <string.h>

struct plan {
    struct http_head_plan head;
    enum http_body_kind body; /* what really goes out */
    uint64_t first;           /* of the host's body */
};

static bool is_sized(enum http_body_kind kind)
{
    return kind == HTTP_BODY_COPY || kind == HTTP_BODY_MEMORY || kind == HTTP_BODY_EXTENT;
}

static bool reads(const struct http_request *r)
{
    return r->method == HTTP_GET || r->method == HTTP_HEAD;
}

/* 304, 412, 206 and 416 instead of the host's 200. */
static void plan_status(const struct http_request *q, const struct http_response *r, struct plan *p)
{
    p->head.status = r->status;
    if (r->status != 200 || !reads(q))
        return;
    p->head.status = http_condition_status(q, r->etag, r->last_modified_s);
    if (p->head.status != 200 || !is_sized(r->body))
        return;
    p->head.ranges = true;
    p->head.whole = r->length;
    p->head.status = http_range_status(q, r->etag, r->last_modified_s, r->length, &p->first, &p->head.length);
    p->head.range_first = p->first;
}

static void plan_body(const struct http_server *s, const struct http_response *r, struct plan *p)
{
    bool own = p->head.status == r->status;
    p->body = own || p->head.status == 206 ? r->body : HTTP_BODY_NONE;
    p->head.with_type = p->body != HTTP_BODY_NONE;
    if (own)
        p->head.length = is_sized(r->body) ? r->length : 0;
    p->head.framing = HTTP_FRAMING_LENGTH;
    if (p->head.status == 204 || p->head.status == 304) {
        p->head.framing = HTTP_FRAMING_NOTHING;
        p->body = HTTP_BODY_NONE;
    } else if (p->body == HTTP_BODY_PRODUCER) {
        p->head.framing = s->request.minor == 0 ? HTTP_FRAMING_CLOSE : HTTP_FRAMING_CHUNKED;
    }
    if (s->request.method == HTTP_HEAD)
        p->body = HTTP_BODY_NONE;
}

static void plan_connection(struct http_server *s, const struct http_response *r, struct plan *p)
{
    if (!s->request.keep_alive || r->close || !s->body_done || p->head.framing == HTTP_FRAMING_CLOSE)
        s->closing = true;
    p->head.connection = s->closing ? "close" : s->request.minor == 0 ? "keep-alive" : NULL;
}

/* The body was made in the output buffer (http_server_body_room()). */
static bool is_placed(const struct http_server *s, const struct http_response *r)
{
    return r->body == HTTP_BODY_MEMORY && r->memory == s->out + HTTP_HEAD_ROOM;
}

/* A body in memory that fits goes out together with the head. */
static bool set_memory(struct http_server *s, const struct http_response *r, const struct plan *p)
{
    if (is_placed(s, r)) { /* the head comes to it */
        s->out_sent = HTTP_HEAD_ROOM - s->out_len;
        memmove(s->out + s->out_sent, s->out, s->out_len);
        s->out_len = HTTP_HEAD_ROOM;
        s->memory = s->out + HTTP_HEAD_ROOM + p->first;
        return true;
    }
    const uint8_t *from = r->length > 0 ? (const uint8_t *)r->memory + p->first : s->out;
    bool fits = p->head.length <= s->out_cap - s->out_len;
    if (!fits && r->body == HTTP_BODY_COPY)
        return false;
    s->memory = fits ? s->out + s->out_len : from;
    if (fits && p->head.length > 0)
        memcpy(s->out + s->out_len, from, (size_t)p->head.length);
    return true;
}

static bool set_body(struct http_server *s, const struct http_response *r, const struct plan *p)
{
    s->body_kind = (uint8_t)p->body;
    s->body_off = s->body_begin = p->first;
    s->body_end = p->first + p->head.length;
    s->produced = 0;
    s->payload = 0;
    s->producer_waits = false;
    s->chunk_out = p->head.framing == HTTP_FRAMING_CHUNKED;
    s->produce = p->body == HTTP_BODY_PRODUCER ? r->produce : NULL;
    s->produce_ctx = r->produce_ctx;
    if (p->body == HTTP_BODY_NONE)
        s->body_end = s->body_off;
    if (p->body != HTTP_BODY_COPY && p->body != HTTP_BODY_MEMORY)
        return true;
    s->body_kind = HTTP_BODY_MEMORY;
    return set_memory(s, r, p);
}

/* The request is answered: its bytes make room for the next. */
static void release_input(struct http_server *s)
{
    s->discarding = s->closing;
    s->in_len = s->closing ? 0 : s->in_len - s->pos;
    if (s->in_len > 0 && s->pos > 0)
        memmove(s->in, s->in + s->pos, s->in_len);
    s->pos = s->head_len = 0;
}

bool http_server_respond(struct http_server *s, const struct http_response *response, uint64_t now_ms)
{
    struct plan plan = {.first = 0};
    plan_status(&s->request, response, &plan);
    plan_body(s, response, &plan);
    plan_connection(s, response, &plan);
    struct writer w = http_writer(s);
    uint32_t before = s->out_len;
    if (is_placed(s, response))
        w.cap = HTTP_HEAD_ROOM;
    http_put_head(&w, response, &plan.head);
    bool good = !w.bad;
    if (good) {
        http_written(s, &w);
        good = set_body(s, response, &plan);
    }
    if (good) {
        s->status = plan.head.status;
        release_input(s);
        http_enter(s, HTTP_ST_RESPOND, now_ms);
    } else {
        s->out_len = before;
        http_refuse(s, 500, "the response could not be written", now_ms);
        s->tell_lost = false;
    }
    s->tell_sent = true;
    return good;
}

int http_server_status(const struct http_server *s)
{
    return s->status;
}
