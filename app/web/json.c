#include "app/web/json.h"

#include "app/content/xml.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

void json_init(struct json *json, char *buf, size_t cap)
{
    *json = (struct json){.buf = buf, .cap = cap};
}

static void put(struct json *json, const char *text, size_t len)
{
    if (json->overflow || len > json->cap - json->len) {
        json->overflow = true;
        return;
    }
    memcpy(json->buf + json->len, text, len);
    json->len += len;
}

/* What stands before any value: a comma, or nothing after a key. */
static void begin_value(struct json *json)
{
    uint32_t bit = UINT32_C(1) << json->depth;
    if (!json->after_key && (json->comma & bit))
        put(json, ",", 1);
    json->comma |= bit;
    json->after_key = false;
}

static void open(struct json *json, const char *bracket)
{
    begin_value(json);
    if (json->depth == JSON_DEPTH_MAX) {
        json->overflow = true;
        return;
    }
    put(json, bracket, 1);
    json->depth++;
    json->comma &= ~(UINT32_C(1) << json->depth);
}

static void close(struct json *json, const char *bracket)
{
    if (json->depth == 0) {
        json->overflow = true;
        return;
    }
    json->depth--;
    put(json, bracket, 1);
}

void json_object(struct json *json)
{
    open(json, "{");
}

void json_object_end(struct json *json)
{
    close(json, "}");
}

void json_array(struct json *json)
{
    open(json, "[");
}

void json_array_end(struct json *json)
{
    close(json, "]");
}

static void put_escape(struct json *json, unsigned char c)
{
    char escape[8];
    int len;
    switch (c) {
    case '"':
        len = snprintf(escape, sizeof escape, "\\\"");
        break;
    case '\\':
        len = snprintf(escape, sizeof escape, "\\\\");
        break;
    case '\n':
        len = snprintf(escape, sizeof escape, "\\n");
        break;
    case '\r':
        len = snprintf(escape, sizeof escape, "\\r");
        break;
    case '\t':
        len = snprintf(escape, sizeof escape, "\\t");
        break;
    default:
        len = snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
    }
    put(json, escape, (size_t)len);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<';
}

static void put_string(struct json *json, const char *text, size_t len)
{
    put(json, "\"", 1);
    for (size_t at = 0; at < len && !json->overflow;) {
        size_t run = at;
        while (run < len && is_plain((unsigned char)text[run]))
            run++;
        put(json, text + at, run - at);
        at = run;
        if (at == len)
            break;
        size_t used = 1;
        bool sound = true;
        if ((unsigned char)text[at] < 0x80)
            put_escape(json, (unsigned char)text[at]);
        else if (xml_character(text + at, len - at, &used, &sound), sound)
            put(json, text + at, used);
        else
            put(json, "\xef\xbf\xbd", 3);
        at += used;
    }
    put(json, "\"", 1);
}

void json_key(struct json *json, const char *key)
{
    begin_value(json);
    put_string(json, key, strlen(key));
    put(json, ":", 1);
    json->after_key = true;
}

void json_text_len(struct json *json, const char *text, size_t len)
{
    begin_value(json);
    put_string(json, text, len);
}

void json_text(struct json *json, const char *text)
{
    if (text)
        json_text_len(json, text, strlen(text));
    else
        json_null(json);
}

static void put_word(struct json *json, const char *word)
{
    begin_value(json);
    put(json, word, strlen(word));
}

void json_u64(struct json *json, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    put_word(json, digits);
}

void json_i64(struct json *json, int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    put_word(json, digits);
}

void json_double(struct json *json, double value)
{
    char digits[32];
    if (!(value >= -DBL_MAX && value <= DBL_MAX)) {
        json_null(json);
        return;
    }
    snprintf(digits, sizeof digits, "%.6g", value);
    put_word(json, digits);
}

void json_bool(struct json *json, bool value)
{
    put_word(json, value ? "true" : "false");
}

void json_null(struct json *json)
{
    put_word(json, "null");
}

void json_key_text(struct json *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

void json_key_u64(struct json *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_u64(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_key_null(struct json *json, const char *key)
{
    json_key(json, key);
    json_null(json);
}

void json_taken(struct json *json)
{
    json->len = 0;
}

bool json_done(const struct json *json)
{
    return json->depth == 0 && !json->overflow && !json->after_key;
}
