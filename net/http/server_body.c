/* Bodies of requests. */
#include "net/http/server_state.h"

bool http_server_accept_body(struct http_server *s, uint64_t max, uint64_t now_ms)
{
    if (s->request.content_length > max) {
        http_refuse(s, 413, "the body is too long", now_ms);
        return false;
    }
    s->chunked = (struct http_chunked){0};
    s->body_left = s->request.content_length;
    s->body_total = 0;
    s->body_max = max;
    s->received = s->in_len - s->pos;
    if (s->request.expects_continue && s->in_len == s->pos) {
        struct writer w = http_writer(s);
        put_text(&w, "HTTP/1.1 100 Continue\r\n\r\n");
        http_written(s, &w);
    }
    http_enter(s, HTTP_ST_BODY, now_ms);
    return true;
}

/* Reads the framing up to the next data. */
static enum http_chunk next_chunk(struct http_server *s, uint64_t now_ms)
{
    size_t used;
    enum http_chunk chunk = http_chunked_read(&s->chunked, s->in + s->pos, s->in_len - s->pos, &used);
    s->pos += (uint32_t)used;
    if (chunk == HTTP_CHUNK_BAD)
        http_refuse(s, 400, "the chunks of the body are malformed", now_ms);
    if (chunk != HTTP_CHUNK_DATA)
        return chunk;
    if (s->chunked.left > s->body_max - s->body_total) {
        http_refuse(s, 413, "the body is too long", now_ms);
        return HTTP_CHUNK_BAD;
    }
    s->body_left = s->chunked.left;
    s->body_total += s->chunked.left;
    return chunk;
}

static enum http_event body_end(struct http_server *s, uint64_t now_ms)
{
    s->body_done = true;
    http_enter(s, HTTP_ST_HOST, now_ms);
    return HTTP_BODY_END;
}

static enum http_event body_missing(struct http_server *s, uint64_t now_ms)
{
    if (s->eof) {
        s->tell_lost = true;
        s->closing = true;
        s->why = "the peer left in the middle of a body";
        http_enter(s, HTTP_ST_SHUT, now_ms);
    }
    return HTTP_WAIT;
}

enum http_event http_body_event(struct http_server *s, uint64_t now_ms)
{
    if (s->body_left == 0) {
        enum http_chunk chunk = s->request.chunked ? next_chunk(s, now_ms) : HTTP_CHUNK_END;
        if (chunk == HTTP_CHUNK_END)
            return body_end(s, now_ms);
        if (chunk == HTTP_CHUNK_BAD)
            return HTTP_WAIT;
    }
    if (s->body_left == 0 || s->pos == s->in_len)
        return body_missing(s, now_ms);
    return HTTP_BODY;
}

const uint8_t *http_server_body(struct http_server *s, size_t *len)
{
    size_t there = s->in_len - s->pos;
    *len = s->state != HTTP_ST_BODY ? 0 : there < s->body_left ? there : (size_t)s->body_left;
    return s->in + s->pos;
}

void http_server_body_used(struct http_server *s, size_t n, uint64_t now_ms)
{
    (void)now_ms;
    s->pos += (uint32_t)n;
    s->body_left -= n;
    if (s->request.chunked)
        s->chunked.left -= n;
}
