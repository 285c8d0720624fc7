#include "profile.h"

#include "mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MAX_PROFILE = 1 << 20 };

struct reader {
    const char *at;
    const char *end;
    struct profile *out;
};

static bool fail(struct reader *r, const char *error)
{
    text_copy(r->out->error, sizeof r->out->error, error);
    return false;
}

static bool starts(const struct reader *r, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(r->end - r->at) >= len && memcmp(r->at, text, len) == 0;
}

static const char *find(const struct reader *r, const char *text)
{
    return memmem(r->at, (size_t)(r->end - r->at), text, strlen(text));
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == ':';
}

/* `&lt;`, `&#65;`, `&#x41;`; the length of what was read, 0 if it is none. */
static size_t entity(const char *at, const char *end, char *out)
{
    static const struct {
        const char *text;
        char is;
    } named[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < 5; i++) {
        size_t len = strlen(named[i].text);
        if ((size_t)(end - at) >= len && memcmp(at, named[i].text, len) == 0) {
            *out = named[i].is;
            return len;
        }
    }
    if (end - at < 4 || at[1] != '#')
        return 0;
    char digits[10];
    text_copy(digits, (size_t)(end - at) < sizeof digits ? (size_t)(end - at) + 1 : sizeof digits, at + 2);
    char *stop;
    unsigned long code = digits[0] == 'x' ? strtoul(digits + 1, &stop, 16) : strtoul(digits, &stop, 10);
    if (*stop != ';' || code == 0 || code > 255)
        return 0;
    *out = (char)code;
    return 2 + (size_t)(stop - digits) + 1;
}

static char *take_value(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at))
        at++;
    while (end > at && isspace((unsigned char)end[-1]))
        end--;
    char *value = mem_new((size_t)(end - at) + 1, 1), *to = value;
    while (at < end) {
        char c = *at;
        size_t used = c == '&' ? entity(at, end, &c) : 1;
        *to++ = c == '\n' || c == '\r' ? ' ' : c;
        at += used ? used : 1;
    }
    return value;
}

static void add_item(struct reader *r, char *name, char *value)
{
    struct profile *p = r->out;
    if (profile_get(p, name) != NULL)
        p->duplicate = true;
    p->items = mem_grow(p->items, (p->count + 1) * sizeof *p->items);
    p->items[p->count++] = (struct profile_item){name, value};
}

/* Behind `<`: name, attributes, and either `/>` or `>value</name>`. */
static bool take_element(struct reader *r)
{
    const char *name = r->at;
    while (r->at < r->end && name_char(*r->at))
        r->at++;
    size_t name_len = (size_t)(r->at - name);
    const char *close = find(r, ">");
    if (name_len == 0 || close == NULL)
        return fail(r, "a broken element");
    bool empty = close[-1] == '/';
    r->at = close + 1;
    char *copy = mem_slice(name, name_len);
    if (empty) {
        add_item(r, copy, mem_text(""));
        return true;
    }
    char *tag = mem_format("</%s>", copy);
    const char *stop = find(r, tag);
    const char *open = stop ? memchr(r->at, '<', (size_t)(stop - r->at)) : NULL;
    if (stop == NULL || open != NULL) {
        free(tag);
        free(copy);
        return fail(r, "an element that is not closed");
    }
    add_item(r, copy, take_value(r->at, stop));
    r->at = stop + strlen(tag);
    free(tag);
    return true;
}

static bool skip_comment(struct reader *r)
{
    const char *stop = find(r, "-->");
    r->out->comment = true;
    if (stop == NULL)
        return fail(r, "a comment without an end");
    r->at = stop + 3;
    return true;
}

static bool take_children(struct reader *r)
{
    while (r->at < r->end) {
        if (isspace((unsigned char)*r->at)) {
            r->at++;
        } else if (starts(r, "</flat-profile>")) {
            return true;
        } else if (starts(r, "<!--")) {
            if (!skip_comment(r))
                return false;
        } else if (*r->at == '<') {
            r->at++;
            if (!take_element(r))
                return false;
        } else {
            r->out->comment = true; /* text between the elements: tolerated (phones.md 4.1) */
            r->at++;
        }
    }
    return fail(r, "no </flat-profile>");
}

static bool parse_text(const char *text, size_t len, struct profile *out)
{
    struct reader r = {text, text + len, out};
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] > 126)
            out->non_ascii = true;
    const char *root = find(&r, "<flat-profile");
    if (root == NULL)
        return fail(&r, "no <flat-profile>");
    if (memmem(text, (size_t)(root - text), "<!--", 4) != NULL)
        out->comment = true;
    r.at = root;
    const char *close = find(&r, ">");
    if (close == NULL)
        return fail(&r, "a broken root element");
    r.at = close + 1;
    if (close[-1] != '/' && !take_children(&r))
        return false;
    out->empty = out->count == 0;
    return true;
}

static bool gunzip(const uint8_t *data, size_t len, struct buf *out)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len};
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return false;
    int r = Z_OK;
    while (r == Z_OK && out->len < MAX_PROFILE) {
        uint8_t piece[16384];
        z.next_out = piece;
        z.avail_out = sizeof piece;
        r = inflate(&z, Z_NO_FLUSH);
        buf_add(out, piece, sizeof piece - z.avail_out);
    }
    inflateEnd(&z);
    return r == Z_STREAM_END;
}

bool profile_parse(const uint8_t *data, size_t len, struct profile *out)
{
    *out = (struct profile){0};
    if (len < 2 || data[0] != 0x1f || data[1] != 0x8b)
        return parse_text(len ? (const char *)data : "", len, out);
    struct buf plain = {0};
    bool fine = gunzip(data, len, &plain);
    if (fine)
        fine = parse_text((const char *)plain.data, plain.len, out);
    else
        text_copy(out->error, sizeof out->error, "broken gzip");
    buf_free(&plain);
    return fine;
}

void profile_free(struct profile *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->items[i].name);
        free(p->items[i].value);
    }
    free(p->items);
    *p = (struct profile){0};
}

const char *profile_get(const struct profile *p, const char *name)
{
    for (size_t i = p->count; i-- > 0;)
        if (strcmp(p->items[i].name, name) == 0)
            return p->items[i].value;
    return NULL;
}
