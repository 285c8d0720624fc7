#include "app/content/xml.h"

#include <string.h>

/* The length that a first byte of UTF-8 promises; 0 where none begins so. */
static size_t utf8_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first < 0xe0)
        return 2;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

static bool utf8_sound(uint32_t code, size_t used)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= least[used] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

uint32_t xml_character(const char *text, size_t len, size_t *used, bool *sound)
{
    unsigned char first = (unsigned char)text[0];
    size_t n = utf8_length(first);
    uint32_t code = n < 2 ? first : first & (0x7fu >> n);
    *used = n;
    *sound = n > 0 && n <= len;
    for (size_t i = 1; *sound && i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        *sound = (c & 0xc0) == 0x80;
        code = code << 6 | (c & 0x3fu);
    }
    if (*sound && utf8_sound(code, n))
        return code;
    *used = 1;
    *sound = false;
    return first;
}

static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return NULL;
    }
}

static bool is_plain(char c)
{
    return (unsigned char)c > '>' ? (unsigned char)c < 0x7f : (unsigned char)c >= 0x20 && !escape_of(c);
}

/* Writes the character at `text` that is_plain() refused; how many bytes it took. */
static size_t write_special(struct out *out, const char *text, size_t len)
{
    const char *escape = escape_of(text[0]);
    if (escape) {
        out_text(out, escape);
        return 1;
    }
    size_t used;
    bool sound;
    uint32_t code = xml_character(text, len, &used, &sound);
    if (code < 0xa0) { /* control characters, also those behind 0x7f: no XML knows them */
        out_char(out, ' ');
        return used;
    }
    out_text(out, "&#");
    out_u64(out, code);
    out_char(out, ';');
    return used;
}

static void write(struct out *out, const char *text, size_t len, bool keep_entities)
{
    for (size_t at = 0; at < len;) {
        size_t run = at;
        while (run < len && (is_plain(text[run]) || (keep_entities && text[run] == '&')))
            run++;
        out_bytes(out, text + at, run - at);
        at = run;
        if (at < len)
            at += write_special(out, text + at, len - at);
    }
}

void xml_write_text(struct out *out, const char *text, size_t len)
{
    write(out, text, len, false);
}

void xml_write_raw(struct out *out, const char *text, size_t len)
{
    write(out, text, len, true);
}
