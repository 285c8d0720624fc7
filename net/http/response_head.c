#include "net/http/response_head.h"

#include "net/http/date.h"
#include "net/http/status.h"

#include <string.h>

#define PUT(w, literal) put_bytes(w, literal, sizeof literal - 1)

static void put_status(struct writer *w, int status)
{
    PUT(w, "HTTP/1.1 ");
    put_number(w, (uint64_t)status);
    PUT(w, " ");
    put_text(w, http_reason(status));
    PUT(w, "\r\n");
}

static void put_length(struct writer *w, uint64_t length)
{
    PUT(w, "Content-Length: ");
    put_number(w, length);
    PUT(w, "\r\n");
}

static void put_content_range(struct writer *w, const struct http_head_plan *plan)
{
    put_text(w, "Content-Range: bytes ");
    if (plan->status == 206) {
        put_number(w, plan->range_first);
        put_text(w, "-");
        put_number(w, plan->range_first + plan->length - 1);
    } else {
        put_text(w, "*");
    }
    put_text(w, "/");
    put_number(w, plan->whole);
    put_text(w, "\r\n");
}

static void put_framing(struct writer *w, const struct http_head_plan *plan)
{
    if (plan->framing == HTTP_FRAMING_LENGTH)
        put_length(w, plan->length);
    if (plan->framing == HTTP_FRAMING_CHUNKED)
        PUT(w, "Transfer-Encoding: chunked\r\n");
    if (plan->status == 206 || plan->status == 416)
        put_content_range(w, plan);
    if (plan->ranges)
        PUT(w, "Accept-Ranges: bytes\r\n");
}

static void put_date(struct writer *w, int64_t unix_s)
{
    char text[HTTP_DATE_MAX];
    put_bytes(w, http_date_format(unix_s, text), HTTP_DATE_MAX - 1);
    PUT(w, "\r\n");
}

static void put_value(struct writer *w, const char *value)
{
    put_checked(w, value);
    PUT(w, "\r\n");
}

void http_put_head(struct writer *w, const struct http_response *response, const struct http_head_plan *plan)
{
    put_status(w, plan->status);
    if (response->date_s != 0) {
        PUT(w, "Date: ");
        put_date(w, response->date_s);
    }
    if (response->content_type != NULL && plan->with_type) {
        PUT(w, "Content-Type: ");
        put_value(w, response->content_type);
    }
    put_framing(w, plan);
    if (response->last_modified_s != 0) {
        PUT(w, "Last-Modified: ");
        put_date(w, response->last_modified_s);
    }
    if (response->etag != NULL) {
        PUT(w, "ETag: ");
        put_value(w, response->etag);
    }
    for (size_t i = 0; i < response->line_count; i++)
        put_line(w, response->lines[i].name, response->lines[i].value);
    if (plan->connection != NULL)
        put_line(w, "Connection", plan->connection);
    put_text(w, "\r\n");
}

void http_put_refusal(struct writer *w, int status, const char *why, bool head_only)
{
    const char *reason = http_reason(status);
    put_status(w, status);
    put_text(w, "Content-Type: text/plain\r\n");
    put_length(w, strlen(reason) + strlen(why) + 3);
    put_text(w, "Connection: close\r\n\r\n");
    if (head_only)
        return;
    put_text(w, reason);
    put_text(w, ": ");
    put_text(w, why);
    put_text(w, "\n");
}

size_t http_busy_response(char *buf, size_t cap, unsigned retry_after_s)
{
    struct writer w = {.p = buf, .cap = cap, .bad = cap < 128};
    put_status(&w, 503);
    put_text(&w, "Content-Length: 0\r\nRetry-After: ");
    put_number(&w, retry_after_s);
    put_text(&w, "\r\nConnection: close\r\n\r\n");
    return w.bad ? 0 : w.len;
}
