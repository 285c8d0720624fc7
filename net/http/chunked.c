#include "net/http/chunked.h"

#include "net/http/text.h"

enum state {
    SIZE,      /* the hex digits */
    EXTENSION, /* behind a ';' */
    SIZE_LF,   /* CR was seen */
    DATA,      /* `left` counts down */
    DATA_CR,   /* behind the data */
    DATA_LF,
    TRAILER,      /* at the beginning of a line behind the last chunk */
    TRAILER_TEXT, /* in it */
    TRAILER_LF,
    LAST_LF, /* the empty line's CR was seen */
    ENDED,
    BAD
};

static enum state size_digit(struct http_chunked *c, char byte)
{
    int value = http_hex(byte);
    if (value < 0 && c->digits == 0)
        return BAD;
    if (value < 0)
        return byte == ';' ? EXTENSION : byte == '\r' ? SIZE_LF : BAD;
    if (++c->digits > 15) /* 60 bits: no sum of two overflows */
        return BAD;
    c->left = c->left << 4 | (uint64_t)value;
    return SIZE;
}

static bool is_text(char byte)
{
    return ((unsigned char)byte >= 0x20 || byte == '\t') && byte != 0x7f;
}

static enum state size_end(struct http_chunked *c, char byte)
{
    c->digits = 0;
    c->spent = 0;
    if (byte != '\n')
        return BAD;
    return c->left > 0 ? DATA : TRAILER;
}

static enum state trailer_begin(char byte)
{
    if (byte == '\r')
        return LAST_LF;
    return http_is_token_char(byte) ? TRAILER_TEXT : BAD;
}

static enum state text_byte(struct http_chunked *c, char byte, uint32_t max, enum state here, enum state at_cr)
{
    if (byte == '\r')
        return at_cr;
    return is_text(byte) && ++c->spent <= max ? here : BAD;
}

static enum state step(struct http_chunked *c, char byte)
{
    switch ((enum state)c->state) {
    case SIZE:
        return size_digit(c, byte);
    case EXTENSION:
        return text_byte(c, byte, HTTP_CHUNK_EXTENSION_MAX, EXTENSION, SIZE_LF);
    case SIZE_LF:
        return size_end(c, byte);
    case DATA_CR:
        return byte == '\r' ? DATA_LF : BAD;
    case DATA_LF:
        return byte == '\n' ? SIZE : BAD;
    case TRAILER:
        return trailer_begin(byte);
    case TRAILER_TEXT:
        return text_byte(c, byte, HTTP_TRAILER_MAX, TRAILER_TEXT, TRAILER_LF);
    case TRAILER_LF:
        return byte == '\n' ? TRAILER : BAD;
    case LAST_LF:
        return byte == '\n' ? ENDED : BAD;
    case DATA:
    case ENDED:
    case BAD:
        break;
    }
    return BAD;
}

enum http_chunk http_chunked_read(struct http_chunked *c, const uint8_t *p, size_t len, size_t *used)
{
    *used = 0;
    if (c->state == DATA && c->left == 0)
        c->state = DATA_CR;
    while (c->state != DATA && c->state != ENDED && c->state != BAD) {
        if (*used == len)
            return HTTP_CHUNK_MORE;
        c->state = (uint8_t)step(c, (char)p[(*used)++]);
    }
    return c->state == DATA ? HTTP_CHUNK_DATA : c->state == ENDED ? HTTP_CHUNK_END : HTTP_CHUNK_BAD;
}
