#include "app/content/template_walk.h"

#include "app/content/xml.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The name between the braces at `text`; false where that is none. */
static bool take_name(const char *text, size_t len, struct template_name *name)
{
    while (len > 0 && is_blank(text[0])) {
        text++;
        len--;
    }
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    if (len == 0 || len >= TEMPLATE_COLUMN_MAX || memchr(text, '{', len) || memchr(text, '\n', len))
        return false;
    memcpy(name->text, text, len);
    name->text[len] = '\0';
    return true;
}

/* Where "{{" or "}}" begins, from `at` on; `len` where it never does. */
static size_t find_pair(const char *text, size_t len, size_t at, char brace)
{
    for (; at + 1 < len; at++) {
        if (text[at] == brace && text[at + 1] == brace)
            return at;
    }
    return len;
}

bool template_next_name(const char *text, size_t len, size_t *at, size_t *start, struct template_name *name)
{
    *start = *at;
    for (size_t open = *at; (open = find_pair(text, len, open, '{')) < len; open += 2) {
        size_t close = find_pair(text, len, open + 2, '}');
        if (close < len && take_name(text + open + 2, close - open - 2, name)) {
            name->at = open;
            *at = close + 2;
            return true;
        }
    }
    return false;
}

static int lines_before(const char *text, size_t len)
{
    int lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n' || (text[i] == '\r' && (i + 1 == len || text[i + 1] != '\n'));
    return lines;
}

static bool each_in_token(const struct xml_token *token, bool (*each)(void *ctx, const struct template_name *name),
                          void *ctx)
{
    struct template_name name;
    size_t at = 0, start;
    while (template_next_name(token->text, token->text_len, &at, &start, &name)) {
        name.line = token->line + lines_before(token->text, name.at);
        if (!each(ctx, &name))
            return false;
    }
    return true;
}

bool template_each_name(const struct template *t, bool (*each)(void *ctx, const struct template_name *name),
                        void *ctx)
{
    struct xml_scan scan;
    struct xml_token token;
    unsigned depth = 0;
    xml_scan_init(&scan, t->text, t->len);
    while (xml_next(&scan, &token) != XML_END && token.kind != XML_ERROR) {
        depth += token.kind == XML_OPEN;
        depth -= token.kind == XML_CLOSE;
        if (depth == 2 && (token.kind == XML_TEXT || token.kind == XML_CDATA) && !each_in_token(&token, each, ctx))
            return false;
    }
    return true;
}

void template_write_attributes(struct out *out, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t used = 1;
        bool sound;
        if ((unsigned char)text[at] < 0x20 || text[at] == 0x7f) {
            out_char(out, ' ');
        } else if ((unsigned char)text[at] < 0x80) {
            out_char(out, text[at]);
        } else {
            xml_character(text + at, len - at, &used, &sound);
            xml_write_text(out, text + at, used);
        }
        at += used;
    }
}
