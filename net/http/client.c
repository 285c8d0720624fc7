#include "net/http/client.h"

#include "net/http/authorization.h"

#include <string.h>

/* -- request ---------------------------------------------------------------------------------- */

static bool is_target(const char *text)
{
    if (text[0] != '/')
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= 0x20 || (unsigned char)*text >= 0x7f)
            return false;
    return true;
}

size_t http_client_build(char *buf, size_t cap, const struct http_client_request *request)
{
    struct writer w = {.p = buf, .cap = cap};
    w.bad = !is_target(request->target) || !http_is_token(http_slice(request->method));
    put_text(&w, request->method);
    put_text(&w, " ");
    put_text(&w, request->target);
    put_text(&w, " HTTP/1.1\r\n");
    put_line(&w, "Host", request->host);
    if (request->user_agent != NULL)
        put_line(&w, "User-Agent", request->user_agent);
    http_put_authorization(&w, request);
    put_text(&w, "Connection: close\r\n\r\n");
    return w.bad ? 0 : w.len;
}

/* -- response --------------------------------------------------------------------------------- */

void http_client_init(struct http_client *c)
{
    memset(c, 0, sizeof *c);
    c->until_close = true;
    c->body_left = HTTP_CLIENT_BODY_MAX;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.x NNN reason" (RFC 9112 section 4); the reason, and the space before it, may be absent. */
static bool read_status_line(struct http_client *c, struct http_slice line)
{
    if (line.len < 12 || memcmp(line.p, "HTTP/1.", 7) != 0 || !is_digit(line.p[7]) || line.p[8] != ' ')
        return false;
    for (size_t i = 9; i < 12; i++)
        if (!is_digit(line.p[i]))
            return false;
    if (line.len > 12 && line.p[12] != ' ')
        return false;
    c->status = (line.p[9] - '0') * 100 + (line.p[10] - '0') * 10 + (line.p[11] - '0');
    return c->status >= 100 && c->status < 600;
}

static void read_field(struct http_client *c, struct http_slice line)
{
    const char *colon = memchr(line.p, ':', line.len);
    if (colon == NULL)
        return;
    struct http_slice name = http_trim((struct http_slice){line.p, (size_t)(colon - line.p)});
    struct http_slice value = http_trim((struct http_slice){colon + 1, line.len - (size_t)(colon - line.p) - 1});
    uint64_t length;
    if (http_is_nocase(name, "WWW-Authenticate")) {
        http_challenges(value, &c->basic, &c->digest);
    } else if (http_is_nocase(name, "Content-Length") && http_number(value, &length)) {
        c->until_close = false;
        if (length < HTTP_CLIENT_BODY_MAX)
            c->body_left = length;
    }
}

static void end_head(struct http_client *c)
{
    if (c->status < 200) { /* interim: the real one follows */
        uint32_t so_far = c->head_len;
        http_client_init(c);
        c->head_len = so_far;
        return;
    }
    bool empty = c->status == 204 || c->status == 304 || c->body_left == 0;
    c->state = empty ? HTTP_CLIENT_DONE : HTTP_CLIENT_BODY;
}

static void take_line(struct http_client *c)
{
    struct http_slice line = {c->line, c->line_len};
    if (line.len > 0 && line.p[line.len - 1] == '\r')
        line.len--;
    c->line_len = 0;
    if (!c->first_line_read) {
        c->first_line_read = true;
        if (!read_status_line(c, line))
            c->state = HTTP_CLIENT_BAD;
    } else if (line.len == 0) {
        end_head(c);
    } else {
        read_field(c, line);
    }
}

static void take_head_byte(struct http_client *c, char byte)
{
    if (++c->head_len > HTTP_CLIENT_HEAD_MAX || (byte != '\n' && c->line_len == sizeof c->line)) {
        c->state = HTTP_CLIENT_BAD;
        return;
    }
    if (byte == '\n')
        take_line(c);
    else
        c->line[c->line_len++] = byte;
}

enum http_client_state http_client_input(struct http_client *c, const void *bytes, size_t len)
{
    const char *p = bytes;
    while (len > 0 && c->state == HTTP_CLIENT_HEAD) {
        take_head_byte(c, *p++);
        len--;
    }
    if (c->state == HTTP_CLIENT_BODY) {
        c->body_left -= len < c->body_left ? len : c->body_left;
        if (c->body_left == 0)
            c->state = HTTP_CLIENT_DONE;
    }
    return c->state;
}

enum http_client_state http_client_eof(struct http_client *c)
{
    if (c->state == HTTP_CLIENT_HEAD)
        c->state = HTTP_CLIENT_BAD;
    if (c->state == HTTP_CLIENT_BODY)
        c->state = HTTP_CLIENT_DONE;
    return c->state;
}
