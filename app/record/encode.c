#include "app/record/encode.h"

#include <string.h>

void encoder_init(struct encoder *e, void *out, size_t cap)
{
    *e = (struct encoder){.out = out, .cap = cap};
}

void encode_bytes(struct encoder *e, const void *data, size_t len)
{
    if (e->failed || len > e->cap - e->len) {
        e->failed = true;
        return;
    }
    if (len > 0)
        memcpy(e->out + e->len, data, len);
    e->len += len;
}

static void encode_number(struct encoder *e, uint64_t value, size_t len)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    encode_bytes(e, bytes, len);
}

void encode_u8(struct encoder *e, uint8_t value)
{
    encode_number(e, value, 1);
}

void encode_u16(struct encoder *e, uint16_t value)
{
    encode_number(e, value, 2);
}

void encode_u32(struct encoder *e, uint32_t value)
{
    encode_number(e, value, 4);
}

void encode_u64(struct encoder *e, uint64_t value)
{
    encode_number(e, value, 8);
}

void encode_i64(struct encoder *e, int64_t value)
{
    encode_number(e, (uint64_t)value, 8);
}

void encode_bool(struct encoder *e, bool value)
{
    encode_number(e, value, 1);
}

void encode_text(struct encoder *e, const char *text)
{
    size_t len = strlen(text);
    if (len > UINT16_MAX)
        e->failed = true;
    encode_u16(e, (uint16_t)len);
    encode_bytes(e, text, len);
}

void decoder_init(struct decoder *d, const void *in, size_t len)
{
    *d = (struct decoder){.in = in, .len = len};
}

void decode_bytes(struct decoder *d, void *out, size_t len)
{
    if (len == 0)
        return;
    if (d->failed || len > d->len) {
        d->failed = true;
        memset(out, 0, len);
        return;
    }
    memcpy(out, d->in, len);
    d->in += len;
    d->len -= len;
}

static uint64_t decode_number(struct decoder *d, size_t len)
{
    uint8_t bytes[8] = {0};
    decode_bytes(d, bytes, len);
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

uint8_t decode_u8(struct decoder *d)
{
    return (uint8_t)decode_number(d, 1);
}

uint16_t decode_u16(struct decoder *d)
{
    return (uint16_t)decode_number(d, 2);
}

uint32_t decode_u32(struct decoder *d)
{
    return (uint32_t)decode_number(d, 4);
}

uint64_t decode_u64(struct decoder *d)
{
    return decode_number(d, 8);
}

int64_t decode_i64(struct decoder *d)
{
    uint64_t bits = decode_number(d, 8);
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool decode_bool(struct decoder *d)
{
    uint8_t value = decode_u8(d);
    if (value > 1)
        d->failed = true;
    return value == 1;
}

void decode_text(struct decoder *d, char *out, size_t cap)
{
    size_t len = decode_u16(d);
    out[0] = '\0';
    if (d->failed || len >= cap || len > d->len || (len > 0 && memchr(d->in, '\0', len))) {
        d->failed = true;
        return;
    }
    decode_bytes(d, out, len);
    out[len] = '\0';
}

bool decoder_done(const struct decoder *d)
{
    return !d->failed && d->len == 0;
}
