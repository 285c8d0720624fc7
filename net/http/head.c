#include "net/http/head.h"

#include <string.h>

/* -- names ----------------------------------------------------------------------------------- */

/* A perfect hash of the names in enum http_field; the slots follow from slot_of(). */
static const struct {
    const char *name;
    enum http_field field;
} field_slots[32] = {
    [0] = {"host", HTTP_FIELD_HOST},
    [2] = {"if-range", HTTP_FIELD_IF_RANGE},
    [5] = {"if-match", HTTP_FIELD_IF_MATCH},
    [7] = {"accept", HTTP_FIELD_ACCEPT},
    [8] = {"authorization", HTTP_FIELD_AUTHORIZATION},
    [10] = {"if-none-match", HTTP_FIELD_IF_NONE_MATCH},
    [11] = {"if-modified-since", HTTP_FIELD_IF_MODIFIED_SINCE},
    [13] = {"if-unmodified-since", HTTP_FIELD_IF_UNMODIFIED_SINCE},
    [15] = {"user-agent", HTTP_FIELD_USER_AGENT},
    [18] = {"cookie", HTTP_FIELD_COOKIE},
    [20] = {"range", HTTP_FIELD_RANGE},
    [23] = {"origin", HTTP_FIELD_ORIGIN},
    [24] = {"content-type", HTTP_FIELD_CONTENT_TYPE},
    [27] = {"expect", HTTP_FIELD_EXPECT},
    [28] = {"transfer-encoding", HTTP_FIELD_TRANSFER_ENCODING},
    [29] = {"content-length", HTTP_FIELD_CONTENT_LENGTH},
    [31] = {"connection", HTTP_FIELD_CONNECTION},
};

static size_t slot_of(struct http_slice name)
{
    unsigned first = (unsigned char)name.p[0] | 0x20u;
    unsigned last = (unsigned char)name.p[name.len - 1] | 0x20u;
    return (name.len + 13 * first + last) % 32;
}

enum http_field http_field_of(struct http_slice name)
{
    size_t slot = name.len > 0 ? slot_of(name) : 1;
    const char *known = field_slots[slot].name;
    return known != NULL && http_is_nocase(name, known) ? field_slots[slot].field : HTTP_FIELD_OTHER;
}

static int refuse(int status, const char *sentence, const char **why)
{
    *why = sentence;
    return status;
}

void http_head_begin(struct http_request *r, const char *base)
{
    *r = (struct http_request){.method = HTTP_METHOD_UNKNOWN, .base = base};
}

/* -- request line ---------------------------------------------------------------------------- */

static enum http_method method_of(struct http_slice name)
{
    for (int m = HTTP_GET; m < HTTP_METHOD_UNKNOWN; m++)
        if (http_is(name, http_method_name((enum http_method)m)))
            return (enum http_method)m;
    return HTTP_METHOD_UNKNOWN;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int read_version(struct http_request *r, struct http_slice v, const char **why)
{
    if (v.len != 8 || memcmp(v.p, "HTTP/", 5) != 0 || !is_digit(v.p[5]) || v.p[6] != '.' || !is_digit(v.p[7]))
        return refuse(400, "the request line does not end in HTTP/1.x", why);
    if (v.p[5] != '1')
        return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken", why);
    r->minor = v.p[7] == '0' ? 0 : 1;
    return 0;
}

/* "http://host/path" becomes "/path" (RFC 9112 section 3.2.2). False for any other form without a
 * leading slash. */
static bool to_origin_form(struct http_slice *target)
{
    if (target->len > 0 && target->p[0] == '/')
        return true;
    size_t skip = target->len > 7 && http_is_nocase((struct http_slice){target->p, 7}, "http://")    ? 7
                  : target->len > 8 && http_is_nocase((struct http_slice){target->p, 8}, "https://") ? 8
                                                                                                     : 0;
    size_t end = skip;
    while (end < target->len && target->p[end] != '/' && target->p[end] != '?')
        end++;
    if (skip == 0 || end == skip)
        return false;
    target->p += end;
    target->len -= end;
    return true;
}

static bool is_clean(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)p[i] <= 0x20 || p[i] == 0x7f || p[i] == '#')
            return false;
    return true;
}

/* `target` lies in the line at a place that may be written. */
static int read_target(struct http_request *r, char *target, size_t len, const char **why)
{
    struct http_slice t = {target, len};
    if (!is_clean(target, len))
        return refuse(400, "the target has spaces, control characters or a fragment", why);
    if (!to_origin_form(&t))
        return refuse(400, "the target is neither a path nor an http URL", why);
    char *path = target + (t.p - target);
    const char *mark = memchr(path, '?', t.len);
    size_t path_len = mark != NULL ? (size_t)(mark - path) : t.len;
    if (mark != NULL)
        r->query = (struct http_slice){mark + 1, t.len - path_len - 1};
    r->path = http_slice("/");
    if (path_len == 0)
        return 0;
    ptrdiff_t decoded = http_percent_decode((struct http_slice){path, path_len}, false, path);
    if (decoded < 0)
        return refuse(400, "the path has a bad percent-encoding", why);
    r->path = (struct http_slice){path, (size_t)decoded};
    return 0;
}

static const char *last_space(const char *line, size_t len)
{
    while (len > 0)
        if (line[--len] == ' ')
            return line + len;
    return NULL;
}

int http_head_request_line(struct http_request *r, char *line, size_t len, const char **why)
{
    const char *first = memchr(line, ' ', len);
    const char *last = last_space(line, len);
    if (memchr(line, '\r', len) != NULL)
        return refuse(400, "a CR without LF", why);
    struct http_slice method = {line, first != NULL ? (size_t)(first - line) : len};
    if (!http_is_token(method))
        return refuse(400, "the request does not begin with a method", why);
    if (first == NULL || first == last)
        return refuse(400, "the request line has no HTTP version", why);
    int status = read_version(r, (struct http_slice){last + 1, (size_t)(line + len - last - 1)}, why);
    if (status != 0)
        return status;
    r->method = method_of(method);
    if (r->method == HTTP_METHOD_UNKNOWN)
        return refuse(501, "unknown method", why);
    return read_target(r, line + (first + 1 - line), (size_t)(last - first - 1), why);
}

/* -- field lines ------------------------------------------------------------------------------ */

static bool is_field_value(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
            return false;
    return true;
}

/* Fields whose repetition would leave the message's end, or its target, in doubt. */
static int check_once(struct http_request *r, enum http_field field, struct http_slice value, const char **why)
{
    bool again = r->first[field] != 0;
    if (field == HTTP_FIELD_HOST && again)
        return refuse(400, "two Host lines", why);
    if (field != HTTP_FIELD_CONTENT_LENGTH)
        return 0;
    if (again)
        return refuse(400, "two Content-Length lines", why);
    for (size_t i = 0; i < value.len; i++)
        if (!is_digit(value.p[i]))
            return refuse(400, "Content-Length is not a number", why);
    if (value.len == 0)
        return refuse(400, "Content-Length is empty", why);
    if (!http_number(value, &r->content_length))
        return refuse(413, "Content-Length is beyond all bounds", why);
    return 0;
}

int http_head_field_line(struct http_request *r, size_t at, size_t len, const char **why)
{
    const char *line = r->base + at;
    const char *colon = memchr(line, ':', len);
    if (line[0] == ' ' || line[0] == '\t')
        return refuse(400, "a folded header line", why);
    struct http_slice name = {line, colon != NULL ? (size_t)(colon - line) : len};
    if (colon == NULL || !http_is_token(name))
        return refuse(400, "a header line without a proper name", why);
    struct http_slice value = http_trim((struct http_slice){colon + 1, len - name.len - 1});
    if (!is_field_value(value.p, value.len))
        return refuse(400, "a control character in a header", why);
    if (r->header_count == HTTP_HEADERS_MAX)
        return refuse(431, "too many header lines", why);
    enum http_field field = http_field_of(name);
    int status = check_once(r, field, value, why);
    if (status != 0)
        return status;
    r->headers[r->header_count++] = (struct http_header){
        .name = (uint16_t)at,
        .name_len = (uint16_t)name.len,
        .value = (uint16_t)(value.p - r->base),
        .value_len = (uint16_t)value.len,
        .field = (uint8_t)field,
    };
    if (r->first[field] == 0)
        r->first[field] = (uint8_t)r->header_count;
    return 0;
}

/* -- the end ---------------------------------------------------------------------------------- */

/* Exactly one "chunked" and nothing else (RFC 9112 section 6.1). */
static int read_codings(struct http_request *r, const char **why)
{
    unsigned at = 0;
    struct http_slice list, coding;
    bool unknown = false, repeated = false;
    while (http_request_next(r, HTTP_FIELD_TRANSFER_ENCODING, &at, &list)) {
        while (http_next_element(&list, &coding)) {
            repeated = repeated || r->chunked;
            if (http_is_nocase(coding, "chunked"))
                r->chunked = true;
            else
                unknown = true;
        }
    }
    if (repeated)
        return refuse(400, "chunked is not the last transfer coding, or there twice", why);
    if (unknown)
        return refuse(501, "unknown transfer coding", why);
    return r->chunked ? 0 : refuse(400, "Transfer-Encoding without a coding", why);
}

static int read_framing(struct http_request *r, const char **why)
{
    bool coded = r->first[HTTP_FIELD_TRANSFER_ENCODING] != 0;
    r->has_body = coded || r->content_length > 0;
    if (!coded)
        return 0;
    if (r->minor == 0)
        return refuse(400, "Transfer-Encoding in HTTP/1.0", why);
    if (r->first[HTTP_FIELD_CONTENT_LENGTH] != 0)
        return refuse(400, "both Content-Length and Transfer-Encoding", why);
    return read_codings(r, why);
}

static void read_connection(struct http_request *r)
{
    unsigned at = 0;
    struct http_slice list, option;
    bool close = false, keep = r->minor == 1;
    while (http_request_next(r, HTTP_FIELD_CONNECTION, &at, &list)) {
        while (http_next_element(&list, &option)) {
            close = close || http_is_nocase(option, "close");
            keep = keep || http_is_nocase(option, "keep-alive");
        }
    }
    r->keep_alive = keep && !close;
}

int http_head_end(struct http_request *r, const char **why)
{
    int status = read_framing(r, why);
    if (status != 0)
        return status;
    read_connection(r);
    if (r->first[HTTP_FIELD_EXPECT] == 0 || r->minor == 0)
        return 0;
    if (!http_is_nocase(http_request_field(r, HTTP_FIELD_EXPECT), "100-continue"))
        return refuse(417, "unknown expectation", why);
    r->expects_continue = r->has_body;
    return 0;
}
