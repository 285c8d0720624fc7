#include "net/http/response_head.h"

#include "net/http/date.h"
#include "net/http/status.h"

#include <string.h>

#define TEXT(literal) literal, sizeof literal - 1 /* with its length, which is known here */
#define PUT(w, literal) put_bytes(w, TEXT(literal))

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

/* A line with a time, where there is one. `name` is "Date: ". */
static inline void put_time_line(struct writer *w, const char *name, size_t name_len, int64_t unix_s)
{
    char text[HTTP_DATE_MAX];
    if (unix_s == 0)
        return;
    put_bytes(w, name, name_len);
    put_bytes(w, http_date_format(unix_s, text), HTTP_DATE_MAX - 1);
    PUT(w, "\r\n");
}

/* The same with a text. */
static inline void put_text_line(struct writer *w, const char *name, size_t name_len, const char *value)
{
    if (value == NULL)
        return;
    put_bytes(w, name, name_len);
    put_checked(w, value);
    PUT(w, "\r\n");
}

void http_put_head(struct writer *w, const struct http_response *response, const struct http_head_plan *plan)
{
    put_status(w, plan->status);
    put_time_line(w, TEXT("Date: "), response->date_s);
    put_text_line(w, TEXT("Content-Type: "), plan->with_type ? response->content_type : NULL);
    put_framing(w, plan);
    put_time_line(w, TEXT("Last-Modified: "), response->last_modified_s);
    put_text_line(w, TEXT("ETag: "), response->etag);
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
