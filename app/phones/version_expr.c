#include "app/phones/version.h"

#include <stdio.h>
#include <string.h>

static const char *const operator_text[] = {
    [VERSION_ANY] = "*",       [VERSION_EQUAL] = "",  [VERSION_NEWER] = ">",
    [VERSION_AT_LEAST] = ">=", [VERSION_OLDER] = "<", [VERSION_AT_MOST] = "<=",
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_blank(**text))
        (*text)++, (*len)--;
    while (*len > 0 && is_blank((*text)[*len - 1]))
        (*len)--;
}

/* The operator at the start of the text; *used is its length. */
static enum version_op read_operator(const char *text, size_t len, size_t *used)
{
    bool or_equal = len > 1 && text[1] == '=';
    *used = or_equal ? 2 : 1;
    switch (len > 0 ? text[0] : '\0') {
    case '>':
        return or_equal ? VERSION_AT_LEAST : VERSION_NEWER;
    case '<':
        return or_equal ? VERSION_AT_MOST : VERSION_OLDER;
    case '*':
        *used = 1;
        return VERSION_ANY;
    case '=':
        *used = 1;
        return VERSION_EQUAL;
    default:
        *used = 0;
        return VERSION_EQUAL;
    }
}

/* "(XU)" behind a star: read as the suffix of some version. */
static bool read_any_suffix(const char *text, size_t len, struct version *out)
{
    char whole[VERSION_TEXT_MAX];
    struct version version;
    if (len == 0)
        return true;
    if (text[0] != '(' || len >= VERSION_SUFFIX_MAX)
        return false;
    int whole_len = snprintf(whole, sizeof whole, "1.0.0%.*s", (int)len, text);
    if (!version_parse(whole, (size_t)whole_len, &version))
        return false;
    memcpy(out->suffix, version.suffix, sizeof out->suffix);
    return true;
}

bool version_expr_parse(const char *text, size_t len, struct version_expr *out)
{
    struct version_expr expr = {.op = VERSION_ANY};
    size_t used;
    trim(&text, &len);
    expr.op = read_operator(text, len, &used);
    text += used, len -= used;
    trim(&text, &len);
    bool ok = expr.op == VERSION_ANY ? read_any_suffix(text, len, &expr.version)
                                     : version_parse(text, len, &expr.version);
    if (ok)
        *out = expr;
    return ok;
}

static bool suffix_fits(const struct version_expr *expr, const struct version *version)
{
    return expr->version.suffix[0] == '\0' || version_same_suffix(&expr->version, version);
}

bool version_expr_match(const struct version_expr *expr, const struct version *version)
{
    int order = version_compare(version, &expr->version);
    switch (expr->op) {
    case VERSION_ANY:
        return suffix_fits(expr, version);
    case VERSION_EQUAL:
        return order == 0 && suffix_fits(expr, version);
    case VERSION_NEWER:
        return order > 0;
    case VERSION_AT_LEAST:
        return order >= 0;
    case VERSION_OLDER:
        return order < 0;
    case VERSION_AT_MOST:
        return order <= 0;
    }
    return false;
}

char *version_expr_format(const struct version_expr *expr, char out[VERSION_EXPR_TEXT_MAX])
{
    char version[VERSION_TEXT_MAX];
    const char *text = expr->op == VERSION_ANY ? expr->version.suffix : version_format(&expr->version, version);
    snprintf(out, VERSION_EXPR_TEXT_MAX, "%s%s", operator_text[expr->op], text);
    return out;
}
