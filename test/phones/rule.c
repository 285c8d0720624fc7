#include "rule.h"

#include "mem.h"
#include "version.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    char *out;
    size_t size, used;
};

static void put(struct writer *w, const char *text, size_t len)
{
    if (len >= w->size - w->used)
        len = w->size - w->used - 1;
    memcpy(w->out + w->used, text, len);
    w->used += len;
    w->out[w->used] = '\0';
}

static bool macro_char(char c)
{
    return isupper((unsigned char)c) || isdigit((unsigned char)c) || c == '_';
}

/* `$(NAME:p:q)`: characters p to p+q-1 … of the value; without them the whole. The length read, 0 if it is none. */
static size_t bracketed(struct writer *w, const char *at, rule_macro *macro, void *ctx)
{
    size_t len = 0;
    while (macro_char(at[2 + len]))
        len++;
    const char *close = strchr(at, ')');
    const char *value = len && close ? macro(ctx, at + 2, len) : NULL;
    if (value == NULL)
        return 0;
    unsigned from = 0, count = 9999;
    if (at[2 + len] == ':')
        sscanf(at + 2 + len, ":%u:%u", &from, &count);
    size_t have = strlen(value);
    if (from < have)
        put(w, value + from, have - from < count ? have - from : count);
    return (size_t)(close - at) + 1;
}

/* The longest known name counts: $MAU before $MA. The length read, 0 if it is none. */
static size_t plain(struct writer *w, const char *at, rule_macro *macro, void *ctx)
{
    size_t len = 0;
    while (macro_char(at[1 + len]))
        len++;
    for (; len > 0; len--) {
        const char *value = macro(ctx, at + 1, len);
        if (value != NULL) {
            put(w, value, strlen(value));
            return len + 1;
        }
    }
    return 0;
}

void rule_expand(const char *text, rule_macro *macro, void *ctx, char *out, size_t size)
{
    struct writer w = {out, size, 0};
    out[0] = '\0';
    while (*text != '\0') {
        size_t used = 0;
        if (text[0] == '$' && text[1] == '$') {
            put(&w, "$", 1);
            used = 2;
        } else if (text[0] == '$') {
            used = text[1] == '(' ? bracketed(&w, text, macro, ctx) : plain(&w, text, macro, ctx);
        }
        if (used == 0) {
            put(&w, text, 1);
            used = 1;
        }
        text += used;
    }
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ')
        p++;
    return p;
}

static const char *take_word(const char *p, char *out, size_t size)
{
    p = skip_blanks(p);
    size_t len = *p == '"' ? strcspn(p + 1, "\"") + 2 : strcspn(p, " )");
    if (len > strlen(p))
        len = strlen(p);
    snprintf(out, size, "%.*s", (int)len, p);
    return p + len;
}

static bool compare(const char *a, const char *op, const char *b, bool *broken)
{
    static const struct {
        const char *word, *sign;
        bool less, same, more;
    } ops[] = {{"eq", "=", false, true, false}, {"ne", "!=", true, false, true}, {"lt", "<", true, false, false},
               {"le", "<=", true, true, false}, {"gt", ">", false, false, true}, {"ge", ">=", false, true, true}};
    bool quoted = *a == '"' || *b == '"';
    char x[128], y[128];
    snprintf(x, sizeof x, "%.*s", (int)strcspn(a + (*a == '"'), "\""), a + (*a == '"'));
    snprintf(y, sizeof y, "%.*s", (int)strcspn(b + (*b == '"'), "\""), b + (*b == '"'));
    int order = quoted ? strcmp(x, y) : version_compare_text(x, y);
    for (size_t i = 0; i < 6; i++)
        if (strcmp(op, ops[i].word) == 0 || strcmp(op, ops[i].sign) == 0) {
            *broken = *broken || (quoted && i > 1);
            return order < 0 ? ops[i].less : order > 0 ? ops[i].more : ops[i].same;
        }
    *broken = true;
    return false;
}

/* Behind `(`: `a op b and c op d )?`. Returns what follows the `?`, NULL if broken. */
static const char *take_condition(const char *p, bool *holds)
{
    char a[128], op[8], b[128], more[8];
    bool broken = false;
    *holds = true;
    do {
        p = take_word(p, a, sizeof a);
        p = take_word(p, op, sizeof op);
        p = take_word(p, b, sizeof b);
        *holds = compare(a, op, b, &broken) && *holds;
        p = skip_blanks(p);
        const char *next = take_word(p, more, sizeof more);
        if (strcmp(more, "and") == 0)
            p = next;
        else
            more[0] = '\0';
    } while (more[0] != '\0' && !broken);
    if (broken || *p != ')')
        return NULL;
    p = skip_blanks(p + 1);
    return *p == '?' ? p + 1 : NULL;
}

static const char *take_url(const char *p, struct rule_result *out)
{
    p = skip_blanks(p);
    if (*p == '[') {
        const char *close = strchr(p, ']');
        if (close == NULL)
            return NULL;
        snprintf(out->options, sizeof out->options, "%.*s", (int)(close - p - 1), p + 1);
        p = skip_blanks(close + 1);
    }
    size_t len = strcspn(p, " |");
    snprintf(out->url, sizeof out->url, "%.*s", (int)len, p);
    return skip_blanks(p + len);
}

static void choose(const char *p, struct rule_result *out)
{
    for (;;) {
        bool holds = true;
        p = skip_blanks(p);
        if (*p == '(')
            p = take_condition(p + 1, &holds);
        if (p != NULL)
            p = take_url(p, out);
        if (p == NULL || (*p != '\0' && *p != '|')) {
            out->end = RULE_BROKEN;
            return;
        }
        if (holds) {
            out->end = out->url[0] ? RULE_URL : RULE_NONE;
            return;
        }
        out->end = RULE_NONE;
        out->options[0] = '\0';
        if (*p == '\0')
            return;
        p++;
    }
}

void rule_evaluate(const char *text, bool conditions, rule_macro *macro, void *ctx, struct rule_result *out)
{
    char expanded[2048];
    *out = (struct rule_result){.end = RULE_URL};
    rule_expand(text, macro, ctx, expanded, sizeof expanded);
    if (conditions)
        choose(expanded, out);
    else
        text_copy(out->url, sizeof out->url, expanded);
}

bool rule_is_conditional(const char *text)
{
    return *text == '(' || strpbrk(text, " |[]") != NULL;
}
