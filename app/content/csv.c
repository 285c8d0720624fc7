#include "app/content/csv.h"

#include <string.h>

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* The separator that stands most often in the first line, quoted parts aside. */
static char guess_separator(const char *text, size_t len)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t count[3] = {0};
    bool quoted = false;
    for (size_t at = 0; at < len && (quoted || !is_line_end(text[at])); at++) {
        if (text[at] == '"')
            quoted = !quoted;
        for (size_t i = 0; i < 3 && !quoted; i++)
            count[i] += text[at] == candidates[i];
    }
    size_t best = 0;
    for (size_t i = 1; i < 3; i++) {
        if (count[i] > count[best])
            best = i;
    }
    return candidates[best];
}

/* Steps over one line end, CRLF being one. */
static void pass_line_end(struct csv_scan *scan)
{
    if (scan->text[scan->at] == '\r' && scan->at + 1 < scan->len && scan->text[scan->at + 1] == '\n')
        scan->at++;
    scan->at++;
    scan->line++;
}

void csv_scan_init(struct csv_scan *scan, const char *text, size_t len, char separator)
{
    *scan = (struct csv_scan){.text = text, .len = len, .line = 1, .separator = separator, .over = true};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        scan->at = 3;
    if (separator)
        return;
    const char *start = text + scan->at;
    size_t left = len - scan->at;
    if (left >= 5 && memcmp(start, "sep=", 4) == 0 && (left == 5 || is_line_end(start[5]))) {
        scan->separator = start[4];
        scan->at += 5;
        if (left > 5)
            pass_line_end(scan);
    } else {
        scan->separator = guess_separator(start, left);
    }
}

/* Whether the field ends at scan->at, and what that is: the separator, a line end, the text's end. */
static bool end_field(struct csv_scan *scan, struct csv_field *field)
{
    if (scan->at < scan->len && scan->text[scan->at] == scan->separator) {
        scan->at++;
        scan->over = false;
    } else if (scan->at == scan->len) {
        scan->over = true;
    } else if (is_line_end(scan->text[scan->at])) {
        pass_line_end(scan);
        scan->over = true;
    } else {
        return false;
    }
    field->last = scan->over;
    return true;
}

static enum csv_event quoted_field(struct csv_scan *scan, struct csv_field *field)
{
    field->quoted = true;
    field->raw = scan->text + ++scan->at;
    for (;; scan->at++) {
        if (scan->at == scan->len)
            return CSV_E_QUOTE;
        char c = scan->text[scan->at];
        if (c == '"') {
            if (scan->at + 1 == scan->len || scan->text[scan->at + 1] != '"')
                break;
            scan->at++;
        } else if (c == '\n' || (c == '\r' && (scan->at + 1 == scan->len || scan->text[scan->at + 1] != '\n'))) {
            scan->line++;
        }
    }
    field->len = (size_t)(scan->text + scan->at - field->raw);
    scan->at++;
    return end_field(scan, field) ? CSV_FIELD : CSV_E_AFTER;
}

enum csv_event csv_next(struct csv_scan *scan, struct csv_field *field)
{
    if (scan->over) { /* at the beginning of a record: empty lines are none */
        while (scan->at < scan->len && is_line_end(scan->text[scan->at]))
            pass_line_end(scan);
    }
    *field = (struct csv_field){.raw = scan->text + scan->at, .line = scan->line};
    if (scan->over && scan->at == scan->len)
        return CSV_END;
    enum csv_event event = CSV_FIELD;
    if (scan->at < scan->len && scan->text[scan->at] == '"') {
        event = quoted_field(scan, field);
    } else {
        while (scan->at < scan->len && scan->text[scan->at] != scan->separator &&
               !is_line_end(scan->text[scan->at]))
            scan->at++;
        field->len = (size_t)(scan->text + scan->at - field->raw);
        end_field(scan, field);
    }
    if (event != CSV_FIELD) { /* nothing sound can follow */
        scan->at = scan->len;
        scan->over = true;
    }
    return event;
}

size_t csv_copy(const struct csv_field *field, char *out, size_t cap)
{
    size_t len = 0;
    for (size_t at = 0; at < field->len; at++) {
        if (field->quoted && field->raw[at] == '"')
            at++;
        if (len < cap)
            out[len] = field->raw[at];
        len++;
    }
    return len;
}

bool csv_is_formula(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && text[at] == '\'')
        at++;
    return at < len && text[at] != '\0' && strchr("=+-@\t\r", text[at]) != NULL;
}

void csv_write(struct out *out, const char *text, size_t len)
{
    bool quote = false;
    for (size_t i = 0; i < len && !quote; i++)
        quote = strchr(",;\t\r\n\"", text[i]) != NULL;
    if (quote)
        out_char(out, '"');
    if (csv_is_formula(text, len))
        out_char(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            out_char(out, '"');
        out_char(out, text[i]);
    }
    if (quote)
        out_char(out, '"');
}
