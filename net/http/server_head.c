/* The head of a request: finds its lines in the receive buffer. */
#include "net/http/head.h"
#include "net/http/server_state.h"

#include <string.h>

#define BLANK_LINES_MAX 4 /* empty lines before a request, which RFC 9112 section 2.2 asks to pass over */

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

enum http_event http_head_event(struct http_server *s, uint64_t now_ms)
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
