#include "app/content/xml.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == ':';
}

bool xml_is_name(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_name_char(text[i]))
            return false;
    }
    return len > 0 && is_letter(text[0]);
}

void xml_scan_init(struct xml_scan *scan, const char *text, size_t len)
{
    *scan = (struct xml_scan){.text = text, .len = len, .line = 1};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        scan->at = 3;
}

static enum xml_kind fail(struct xml_scan *scan, const char *error, int line)
{
    scan->error = error;
    scan->error_line = line;
    scan->at = scan->len;
    return XML_ERROR;
}

/* Moves on to `to`, counting lines (LF, CR, CRLF). */
static void advance(struct xml_scan *scan, size_t to)
{
    for (; scan->at < to; scan->at++) {
        char c = scan->text[scan->at];
        if (c == '\n' || (c == '\r' && (scan->at + 1 == scan->len || scan->text[scan->at + 1] != '\n')))
            scan->line++;
    }
}

static bool starts(const struct xml_scan *scan, size_t at, const char *with)
{
    size_t len = strlen(with);
    return scan->len - at >= len && memcmp(scan->text + at, with, len) == 0;
}

/* Where `what` begins, from `at` on; scan->len where it never does. */
static size_t find(const struct xml_scan *scan, size_t at, const char *what)
{
    for (; at < scan->len; at++) {
        const char *hit = memchr(scan->text + at, what[0], scan->len - at);
        if (!hit)
            break;
        at = (size_t)(hit - scan->text);
        if (starts(scan, at, what))
            return at;
    }
    return scan->len;
}

/* Passes over a comment or the like, which ends with `end`. False where it never does. */
static bool pass(struct xml_scan *scan, size_t start_len, const char *end)
{
    size_t at = find(scan, scan->at + start_len, end);
    if (at == scan->len)
        return false;
    advance(scan, at + strlen(end));
    return true;
}

/* The length of the numeric entity's digits and its ';' at `text`, behind "&#"; 0 where it is none. */
static size_t number_entity(const char *text, size_t len)
{
    bool hex = len > 0 && text[0] == 'x';
    size_t at = hex ? 1 : 0;
    uint32_t code = 0;
    size_t start = at;
    for (; at < len && text[at] != ';'; at++) {
        char c = text[at];
        unsigned digit;
        if (is_digit(c))
            digit = (unsigned)(c - '0');
        else if (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            digit = (unsigned)((c | 0x20) - 'a') + 10;
        else
            return 0;
        code = code * (hex ? 16 : 10) + digit;
        if (code > 0x10ffff)
            return 0;
    }
    if (at == len || at == start || code < 0x20)
        return 0;
    return at + 1;
}

/* The length of the entity at `text` ("&amp;"), 0 where it is none. */
static size_t entity(const char *text, size_t len)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i]);
        if (len >= n && memcmp(text, known[i], n) == 0)
            return n;
    }
    if (len > 2 && text[1] == '#') {
        size_t digits = number_entity(text + 2, len - 2);
        return digits > 0 ? 2 + digits : 0;
    }
    return 0;
}

/* Whether each '&' from `from` to `to` begins an entity; else *bad is where it does not. */
static bool entities_sound(const struct xml_scan *scan, size_t from, size_t to, size_t *bad)
{
    for (size_t at = from; at < to; at++) {
        if (scan->text[at] != '&')
            continue;
        if (entity(scan->text + at, to - at) == 0) {
            *bad = at;
            return false;
        }
    }
    return true;
}

static enum xml_kind fail_entity(struct xml_scan *scan, size_t bad)
{
    advance(scan, bad);
    return fail(scan, "`&` begins no entity that phones know: a plain one is written `&amp;`", scan->line);
}

static enum xml_kind scan_text(struct xml_scan *scan, struct xml_token *token)
{
    const char *hit = memchr(scan->text + scan->at, '<', scan->len - scan->at);
    size_t end = hit ? (size_t)(hit - scan->text) : scan->len;
    size_t bad;
    if (!entities_sound(scan, scan->at, end, &bad))
        return fail_entity(scan, bad);
    token->text = scan->text + scan->at;
    token->text_len = end - scan->at;
    advance(scan, end);
    return token->kind = XML_TEXT;
}

static enum xml_kind scan_cdata(struct xml_scan *scan, struct xml_token *token)
{
    size_t start = scan->at + strlen("<![CDATA[");
    size_t end = find(scan, start, "]]>");
    if (end == scan->len)
        return fail(scan, "`<![CDATA[` never ends", token->line);
    token->text = scan->text + start;
    token->text_len = end - start;
    advance(scan, end + 3);
    return token->kind = XML_CDATA;
}

static size_t skip_blanks(const struct xml_scan *scan, size_t at)
{
    while (at < scan->len && is_blank(scan->text[at]))
        at++;
    return at;
}

static size_t skip_name(const struct xml_scan *scan, size_t at)
{
    if (at < scan->len && !is_letter(scan->text[at]))
        return at;
    while (at < scan->len && is_name_char(scan->text[at]))
        at++;
    return at;
}

/* The end of the attribute (name="value") at `at`; `at` itself where it is none. */
static size_t skip_attribute(const struct xml_scan *scan, size_t at)
{
    size_t name_end = skip_name(scan, at);
    size_t quote = skip_blanks(scan, name_end);
    if (name_end == at || quote == scan->len || scan->text[quote] != '=')
        return at;
    quote = skip_blanks(scan, quote + 1);
    if (quote == scan->len || (scan->text[quote] != '"' && scan->text[quote] != '\''))
        return at;
    const char *end = memchr(scan->text + quote + 1, scan->text[quote], scan->len - quote - 1);
    if (!end || memchr(scan->text + quote + 1, '<', (size_t)(end - scan->text) - quote - 1))
        return at;
    return (size_t)(end - scan->text) + 1;
}

static size_t skip_attributes(const struct xml_scan *scan, size_t at)
{
    for (;;) {
        size_t start = skip_blanks(scan, at);
        size_t end = skip_attribute(scan, start);
        if (start == at || end == start)
            return at;
        at = end;
    }
}

static enum xml_kind scan_open(struct xml_scan *scan, struct xml_token *token)
{
    size_t name = scan->at + 1;
    size_t name_end = skip_name(scan, name);
    size_t attributes = skip_blanks(scan, name_end);
    size_t end = skip_attributes(scan, name_end);
    size_t close = skip_blanks(scan, end);
    bool empty = close < scan->len && scan->text[close] == '/';
    size_t bad;
    if (name_end == name)
        return fail(scan, "`<` begins no tag: a plain one is written `&lt;`", token->line);
    if (empty)
        close++;
    if (close >= scan->len)
        return fail(scan, "a tag never ends", token->line);
    if (scan->text[close] != '>')
        return fail(scan, "a tag has something in it that is neither name=\"value\" nor its end", token->line);
    if (!entities_sound(scan, name_end, end, &bad))
        return fail_entity(scan, bad);
    token->name = scan->text + name;
    token->name_len = name_end - name;
    token->text = scan->text + attributes;
    token->text_len = end > attributes ? end - attributes : 0;
    advance(scan, close + 1);
    return token->kind = empty ? XML_EMPTY : XML_OPEN;
}

static enum xml_kind scan_close(struct xml_scan *scan, struct xml_token *token)
{
    size_t name = scan->at + 2;
    size_t name_end = skip_name(scan, name);
    size_t end = skip_blanks(scan, name_end);
    if (name_end == name || end >= scan->len || scan->text[end] != '>')
        return fail(scan, "a closing tag is not of the form </name>", token->line);
    token->name = scan->text + name;
    token->name_len = name_end - name;
    advance(scan, end + 1);
    return token->kind = XML_CLOSE;
}

enum xml_kind xml_next(struct xml_scan *scan, struct xml_token *token)
{
    for (;;) {
        *token = (struct xml_token){.kind = XML_END, .line = scan->line};
        if (scan->error)
            return token->kind = XML_ERROR;
        if (scan->at == scan->len)
            return XML_END;
        if (scan->text[scan->at] != '<')
            token->kind = scan_text(scan, token);
        else if (starts(scan, scan->at, "</"))
            token->kind = scan_close(scan, token);
        else if (starts(scan, scan->at, "<![CDATA["))
            token->kind = scan_cdata(scan, token);
        else if (starts(scan, scan->at, "<!--")) {
            if (pass(scan, 4, "-->"))
                continue;
            token->kind = fail(scan, "a comment never ends", token->line);
        } else if (starts(scan, scan->at, "<?")) {
            if (pass(scan, 2, "?>"))
                continue;
            token->kind = fail(scan, "`<?` never ends", token->line);
        } else if (starts(scan, scan->at, "<!"))
            token->kind = fail(scan, "`<!...>` (a DOCTYPE) is nothing for phones: leave it out", token->line);
        else
            token->kind = scan_open(scan, token);
        return token->kind;
    }
}
