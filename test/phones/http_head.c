#include "http_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool name_is(const char *line, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp(line, name, len) == 0;
}

static void copy_value(char *dst, size_t size, const char *value, size_t len)
{
    if (len >= size)
        len = size - 1;
    memcpy(dst, value, len);
    dst[len] = '\0';
}

static bool take_length(const char *value, size_t len, struct http_head *h)
{
    uint64_t n = 0;
    if (len == 0 || len > 12)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(value[i] - '0');
    }
    if (h->has_length && h->length != n)
        return false;
    h->has_length = true;
    h->length = n;
    return true;
}

static bool take_field(const char *line, size_t len, struct http_head *h)
{
    const char *colon = memchr(line, ':', len);
    if (colon == NULL || colon == line)
        return false;
    size_t name_len = (size_t)(colon - line);
    const char *value = colon + 1, *end = line + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    size_t value_len = (size_t)(end - value);
    if (name_is(line, name_len, "Content-Length"))
        return take_length(value, value_len, h);
    if (name_is(line, name_len, "Transfer-Encoding"))
        h->chunked = true;
    else if (name_is(line, name_len, "Cache-Control"))
        h->no_store = memmem(value, value_len, "no-store", 8) != NULL;
    else if (name_is(line, name_len, "Content-Type"))
        copy_value(h->type, sizeof h->type, value, value_len);
    else if (name_is(line, name_len, "ETag"))
        copy_value(h->etag, sizeof h->etag, value, value_len);
    else if (name_is(line, name_len, "Location"))
        copy_value(h->location, sizeof h->location, value, value_len);
    return true;
}

bool http_head_parse(const char *text, size_t len, struct http_head *out)
{
    *out = (struct http_head){0};
    if (len < 15 || memcmp(text, "HTTP/1.", 7) != 0 || (text[7] != '0' && text[7] != '1') || text[8] != ' ')
        return false;
    out->minor = text[7] - '0';
    out->status = atoi(text + 9);
    if (out->status < 100 || out->status > 599)
        return false;
    const char *end = text + len;
    const char *line = memmem(text, len, "\r\n", 2);
    while (line != NULL && (line += 2) < end) {
        const char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
        if (stop == NULL)
            return false;
        if (stop == line)
            return true;
        if (!take_field(line, (size_t)(stop - line), out))
            return false;
        line = stop;
    }
    return false;
}
