#include "app/out.h"

#include <string.h>

void out_window(struct out *out, char *buf, size_t cap, uint64_t skip)
{
    *out = (struct out){.buf = buf, .cap = cap, .skip = skip};
}

void out_sink(struct out *out, out_fn *sink, void *ctx)
{
    *out = (struct out){.sink = sink, .ctx = ctx};
}

size_t out_filled(const struct out *out)
{
    if (out->total <= out->skip)
        return 0;
    return out->total - out->skip < out->cap ? (size_t)(out->total - out->skip) : out->cap;
}

bool out_whole(const struct out *out)
{
    return !out->failed && out->skip == 0 && (out->sink || out->total <= out->cap);
}

/* Copies what of `text` lies in the window. */
static void copy(const struct out *out, const char *text, size_t len)
{
    uint64_t start = out->total;
    if (start < out->skip) {
        if (len <= out->skip - start)
            return;
        text += (size_t)(out->skip - start);
        len -= (size_t)(out->skip - start);
        start = out->skip;
    }
    uint64_t at = start - out->skip;
    if (at >= out->cap)
        return;
    size_t room = out->cap - (size_t)at;
    memcpy(out->buf + at, text, len < room ? len : room);
}

void out_bytes(struct out *out, const char *text, size_t len)
{
    if (len == 0)
        return;
    if (!out->sink && out->skip == 0 && len <= out->cap && out->total <= out->cap - len)
        memcpy(out->buf + out->total, text, len); /* as almost always */
    else if (!out->sink)
        copy(out, text, len);
    else if (!out->failed && !out->sink(out->ctx, text, len))
        out->failed = true;
    out->total += len;
}

void out_text(struct out *out, const char *text)
{
    out_bytes(out, text, strlen(text));
}

void out_char(struct out *out, char c)
{
    out_bytes(out, &c, 1);
}

void out_u64(struct out *out, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    out_bytes(out, digits + at, sizeof digits - at);
}
