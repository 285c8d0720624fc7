#include "net/http/text.h"

#include <string.h>

struct http_slice http_slice(const char *text)
{
    return (struct http_slice){text, text != NULL ? strlen(text) : 0};
}

bool http_is(struct http_slice s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.p != NULL ? s.p : "", text, s.len) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool http_is_nocase(struct http_slice s, const char *text)
{
    if (s.len != strlen(text))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (lower(s.p[i]) != lower(text[i]))
            return false;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

struct http_slice http_trim(struct http_slice s)
{
    while (s.len > 0 && is_space(s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

/* The bytes up to the next comma that is not in a quoted string. */
static size_t element_end(struct http_slice s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.len; i++) {
        if (quoted && s.p[i] == '\\' && i + 1 < s.len)
            i++;
        else if (s.p[i] == '"')
            quoted = !quoted;
        else if (s.p[i] == ',' && !quoted)
            return i;
    }
    return s.len;
}

bool http_next_element(struct http_slice *list, struct http_slice *element)
{
    while (list->len > 0) {
        size_t end = element_end(*list);
        size_t used = end < list->len ? end + 1 : end;
        *element = http_trim((struct http_slice){list->p, end});
        list->p += used;
        list->len -= used;
        if (element->len > 0)
            return true;
    }
    return false;
}

bool http_number(struct http_slice s, uint64_t *out)
{
    uint64_t value = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool http_is_token_char(char c)
{
    if ((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool http_is_token(struct http_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!http_is_token_char(s.p[i]))
            return false;
    return s.len > 0;
}

int http_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

ptrdiff_t http_percent_decode(struct http_slice in, bool plus, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        unsigned char c = (unsigned char)in.p[i];
        if (c == '%') {
            int high = i + 2 < in.len ? http_hex(in.p[i + 1]) : -1;
            int low = i + 2 < in.len ? http_hex(in.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -1;
            c = (unsigned char)(high << 4 | low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        if (c < 0x20 || c == 0x7f)
            return -1;
        out[n++] = (char)c;
    }
    return (ptrdiff_t)n;
}

/* Takes the part before the next `separator` off *rest. */
static bool next_part(struct http_slice *rest, char separator, struct http_slice *part)
{
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->p, separator, rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->p) : rest->len;
    size_t used = end != NULL ? len + 1 : len;
    *part = (struct http_slice){rest->p, len};
    rest->p += used;
    rest->len -= used;
    return true;
}

/* Where `part` is "name=value": its value. */
static bool value_of(struct http_slice part, const char *name, struct http_slice *value)
{
    size_t len = strlen(name);
    if (part.len < len || memcmp(part.p, name, len) != 0)
        return false;
    if (part.len > len && part.p[len] != '=')
        return false;
    size_t skip = part.len > len ? len + 1 : len;
    *value = (struct http_slice){part.p + skip, part.len - skip};
    return true;
}

/* Byte by byte, because the escapes of a value that fits may be longer than `out`. */
static bool decode_into(struct http_slice value, char *out, size_t cap)
{
    size_t n = 0;
    while (value.len > 0) {
        size_t take = value.p[0] != '%' ? 1 : value.len < 3 ? value.len : 3;
        char byte[3];
        if (n + 1 >= cap || http_percent_decode((struct http_slice){value.p, take}, true, byte) != 1)
            return false;
        out[n++] = byte[0];
        value.p += take;
        value.len -= take;
    }
    if (cap == 0)
        return false;
    out[n] = '\0';
    return true;
}

bool http_query_get(struct http_slice query, const char *name, char *out, size_t cap)
{
    struct http_slice part, value;
    while (next_part(&query, '&', &part))
        if (value_of(part, name, &value))
            return decode_into(value, out, cap);
    return false;
}

struct http_slice http_cookie(struct http_slice header, const char *name)
{
    struct http_slice part, value;
    while (next_part(&header, ';', &part)) {
        part = http_trim(part);
        if (part.len > strlen(name) && value_of(part, name, &value))
            return value;
    }
    return (struct http_slice){NULL, 0};
}
