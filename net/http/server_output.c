/* What goes out, piece by piece. */
#include "net/http/server_state.h"

#include <string.h>

#define CHUNK_HEAD 6 /* "ffff" and the line's end */
#define CHUNK_TAIL 2

struct writer http_writer(struct http_server *s)
{
    s->out_len -= s->out_sent;
    if (s->out_len > 0 && s->out_sent > 0)
        memmove(s->out, s->out + s->out_sent, s->out_len);
    s->out_sent = 0;
    return (struct writer){.p = (char *)s->out, .cap = s->out_cap, .len = s->out_len};
}

void http_written(struct http_server *s, const struct writer *w)
{
    if (!w->bad)
        s->out_len = (uint32_t)w->len;
}

bool http_output_done(const struct http_server *s)
{
    return s->out_sent == s->out_len && s->body_off == s->body_end && s->produce == NULL;
}

/* -- producers -------------------------------------------------------------------------------- */

/* Puts the chunk's size in front of the n bytes at out + CHUNK_HEAD, and its end behind them. */
static void frame_chunk(struct http_server *s, uint32_t n)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t at = CHUNK_HEAD;
    s->out[--at] = '\n';
    s->out[--at] = '\r';
    for (uint32_t rest = n; rest > 0; rest >>= 4)
        s->out[--at] = (uint8_t)hex[rest & 15];
    memcpy(s->out + CHUNK_HEAD + n, "\r\n", CHUNK_TAIL);
    s->out_sent = at;
    s->out_len = CHUNK_HEAD + n + CHUNK_TAIL;
}

static void end_production(struct http_server *s, bool whole, uint64_t now_ms)
{
    s->produce = NULL;
    s->out_sent = s->out_len = 0;
    if (!whole) {
        s->why = "the body could not be made whole";
        http_enter(s, HTTP_ST_CLOSED, now_ms);
    } else if (s->chunk_out) {
        memcpy(s->out, "0\r\n\r\n", 5);
        s->out_len = 5;
    }
}

/* Asks the producer for the next bytes, the output buffer being empty. */
static void refill(struct http_server *s, uint64_t now_ms)
{
    uint32_t head = s->chunk_out ? CHUNK_HEAD : 0, tail = s->chunk_out ? CHUNK_TAIL : 0;
    uint32_t cap = (s->out_cap < 0xffff ? s->out_cap : 0xffff) - head - tail;
    int n = s->produce(s->produce_ctx, s->out + head, cap);
    s->payload = 0;
    if (n < 0 || (uint32_t)n > cap) {
        end_production(s, n == HTTP_PRODUCE_END, now_ms);
        return;
    }
    if (n > 0 && s->producer_waits)
        http_enter(s, HTTP_ST_RESPOND, now_ms); /* the peer's time begins with the first byte after a pause */
    s->producer_waits = n == HTTP_PRODUCE_LATER;
    s->out_sent = 0;
    s->out_len = (uint32_t)n;
    s->payload = (uint32_t)n;
    s->produced += (uint32_t)n;
    if (n > 0 && s->chunk_out)
        frame_chunk(s, (uint32_t)n);
}

/* -- pieces ----------------------------------------------------------------------------------- */

static bool buffer_piece(const struct http_server *s, struct http_out *out)
{
    bool memory = s->body_kind == HTTP_BODY_MEMORY && s->body_off < s->body_end;
    bool joined = memory && s->memory == s->out + s->out_len && s->body_off == s->body_begin;
    out->kind = HTTP_OUT_MEMORY;
    out->data = s->out + s->out_sent;
    out->len = s->out_len - s->out_sent;
    out->more = !joined && s->body_off < s->body_end;
    if (joined)
        out->len += (size_t)(s->body_end - s->body_off);
    return true;
}

static bool body_piece(const struct http_server *s, struct http_out *out)
{
    uint64_t left = s->body_end - s->body_off;
    if (left == 0)
        return false;
    out->len = left < SIZE_MAX ? (size_t)left : SIZE_MAX;
    out->more = false;
    out->off = s->body_off;
    out->kind = s->body_kind == HTTP_BODY_EXTENT ? HTTP_OUT_EXTENT : HTTP_OUT_MEMORY;
    if (out->kind == HTTP_OUT_MEMORY)
        out->data = s->memory + (s->body_off - s->body_begin);
    return true;
}

bool http_server_output(struct http_server *s, struct http_out *out, uint64_t now_ms)
{
    *out = (struct http_out){0};
    if (s->state == HTTP_ST_CLOSED)
        return false;
    if (s->out_sent == s->out_len && s->state == HTTP_ST_RESPOND && s->produce != NULL)
        refill(s, now_ms);
    if (s->out_sent < s->out_len)
        return buffer_piece(s, out);
    return body_piece(s, out);
}

void http_server_sent(struct http_server *s, size_t n, uint64_t now_ms)
{
    (void)now_ms;
    s->taken += n;
    uint32_t buffered = s->out_len - s->out_sent;
    uint32_t here = n < buffered ? (uint32_t)n : buffered;
    s->out_sent += here;
    s->body_off += n - here;
}

uint8_t *http_server_body_room(struct http_server *s, size_t *cap)
{
    bool free = s->out_sent == s->out_len && s->out_cap > HTTP_HEAD_ROOM;
    *cap = free ? s->out_cap - HTTP_HEAD_ROOM : 0;
    return free ? s->out + HTTP_HEAD_ROOM : NULL;
}

uint64_t http_server_handed(const struct http_server *s)
{
    if (s->body_kind != HTTP_BODY_PRODUCER)
        return s->body_off - s->body_begin;
    return s->out_sent < s->out_len ? s->produced - s->payload : s->produced;
}

uint64_t http_server_length(const struct http_server *s)
{
    return s->body_kind == HTTP_BODY_PRODUCER ? UINT64_MAX : s->body_end - s->body_begin;
}
