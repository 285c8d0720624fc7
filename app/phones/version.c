#include "app/phones/version.h"

#include <stdio.h>
#include <string.h>

#include "config/text.h"

struct reader {
    const char *at;
    const char *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    c = text_lower(c);
    return c >= 'a' && c <= 'z';
}

static bool is_word(char c)
{
    return is_digit(c) || is_letter(c) || c == '_';
}

static bool take(struct reader *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool take_number(struct reader *in, uint16_t *out)
{
    const char *start = in->at;
    unsigned value = 0;
    while (in->at < in->end && is_digit(*in->at) && in->at - start < 4)
        value = value * 10 + (unsigned)(*in->at++ - '0');
    if (in->at == start || (in->at - start > 1 && *start == '0'))
        return false;
    *out = (uint16_t)value;
    return true;
}

/* 7.5.2 or 7-5-2, and the letter behind it. */
static bool take_numbers(struct reader *in, char separator, struct version *version)
{
    for (int i = 0; i < 3; i++)
        if ((i > 0 && !take(in, separator)) || !take_number(in, &version->number[i]))
            return false;
    if (in->at < in->end && is_letter(*in->at))
        version->letter = text_lower(*in->at++);
    return version_known(version);
}

/* Copies the suffix as open + text + close; the two that mean something get one spelling. */
static bool set_suffix(struct version *version, const char *open, const char *text, size_t len, const char *close)
{
    if (len == 0 || strlen(open) + len + strlen(close) >= VERSION_SUFFIX_MAX)
        return false;
    snprintf(version->suffix, VERSION_SUFFIX_MAX, "%s%.*s%s", open, (int)len, text, close);
    if (text_same(version->suffix, "(XU)") || text_same(version->suffix, "-bt"))
        memcpy(version->suffix, version->suffix[0] == '(' ? "(XU)" : "-bt", strlen(version->suffix));
    return true;
}

/* "(XU)", the rest of the text. */
static bool take_bracket(struct reader *in, struct version *version)
{
    const char *text = ++in->at;
    while (in->at < in->end && (is_word(*in->at) || *in->at == '.' || *in->at == '-'))
        in->at++;
    size_t len = (size_t)(in->at - text);
    return take(in, ')') && in->at == in->end && set_suffix(version, "(", text, len, ")");
}

/* "-bt" or "-XU", the rest of the text. One letter alone is rather a misspelt 7.5.2b: not taken. */
static bool take_hyphen(struct reader *in, struct version *version, bool file_part)
{
    const char *text = ++in->at;
    while (in->at < in->end && is_word(*in->at))
        in->at++;
    size_t len = (size_t)(in->at - text);
    if (in->at < in->end || len == 0 || (len == 1 && !is_digit(*text)))
        return false;
    bool bt = len == 2 && text_lower(text[0]) == 'b' && text_lower(text[1]) == 't';
    bool xu = len == 2 && text_lower(text[0]) == 'x' && text_lower(text[1]) == 'u';
    if (xu || (file_part && !bt))
        return set_suffix(version, "(", text, len, ")");
    return !is_digit(*text) && set_suffix(version, "-", text, len, "");
}

static bool parse(const char *text, size_t len, bool file_part, struct version *out)
{
    struct version version = {0};
    struct reader in = {text, text + len};
    if (!take_numbers(&in, file_part ? '-' : '.', &version))
        return false;
    if (in.at < in.end && *in.at == '(' && !take_bracket(&in, &version))
        return false;
    if (in.at < in.end && *in.at == '-' && !take_hyphen(&in, &version, file_part))
        return false;
    if (in.at != in.end)
        return false;
    *out = version;
    return true;
}

bool version_parse(const char *text, size_t len, struct version *out)
{
    return parse(text, len, false, out);
}

bool version_parse_file_part(const char *text, size_t len, struct version *out)
{
    return parse(text, len, true, out);
}

static void format_numbers(const struct version *version, char separator, char out[VERSION_TEXT_MAX])
{
    char letter[2] = {version->letter, '\0'};
    snprintf(out, VERSION_TEXT_MAX, "%u%c%u%c%u%s", version->number[0], separator, version->number[1], separator,
             version->number[2], letter);
}

char *version_format(const struct version *version, char out[VERSION_TEXT_MAX])
{
    out[0] = '\0';
    if (!version_known(version))
        return out;
    format_numbers(version, '.', out);
    size_t len = strlen(out);
    snprintf(out + len, VERSION_TEXT_MAX - len, "%s", version->suffix);
    return out;
}

char *version_format_file_part(const struct version *version, char out[VERSION_TEXT_MAX])
{
    format_numbers(version, '-', out);
    size_t len = strlen(out), suffix_len = strlen(version->suffix);
    if (version->suffix[0] == '(')
        snprintf(out + len, VERSION_TEXT_MAX - len, "-%.*s", (int)suffix_len - 2, version->suffix + 1);
    else
        snprintf(out + len, VERSION_TEXT_MAX - len, "%s", version->suffix);
    return out;
}

uint64_t version_weight(const struct version *version)
{
    return (uint64_t)version->number[0] << 40 | (uint64_t)version->number[1] << 24 |
           (uint64_t)version->number[2] << 8 | (uint8_t)version->letter;
}

bool version_known(const struct version *version)
{
    return version->number[0] || version->number[1] || version->number[2];
}

int version_compare(const struct version *a, const struct version *b)
{
    uint64_t weight_a = version_weight(a), weight_b = version_weight(b);
    return (weight_a > weight_b) - (weight_a < weight_b);
}

bool version_same_suffix(const struct version *a, const struct version *b)
{
    return text_same(a->suffix, b->suffix);
}

bool version_is_xu(const struct version *version)
{
    return text_same(version->suffix, "(XU)");
}
