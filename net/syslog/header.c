#include "net/syslog/header.h"

#include <string.h>

enum { PRI_USER_NOTICE = 1 << 3 | 5, PRI_MAX = 23 << 3 | 7 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "<134>"; 13 and nothing taken where there is none (RFC 3164 4.3.3). */
static unsigned read_priority(struct cursor *cursor)
{
    struct cursor at = *cursor;
    unsigned value = 0, digits = 0;
    if (!cursor_take(&at, "<"))
        return PRI_USER_NOTICE;
    for (; digits < 3 && at.left > 0 && is_digit(*at.at); digits++) {
        value = value * 10 + (unsigned)(*at.at - '0');
        cursor_skip(&at, 1);
    }
    if (digits == 0 || value > PRI_MAX || !cursor_take(&at, ">"))
        return PRI_USER_NOTICE;
    *cursor = at;
    return value;
}

/* -- RFC 5424 ------------------------------------------------------------------------------ */

/* [id name="value" ...]; a quotation mark, bracket or backslash in a value has a backslash before
 * it (6.3.3). */
static bool skip_element(struct cursor *cursor)
{
    bool quoted = false;
    for (; cursor->left > 0; cursor_skip(cursor, 1)) {
        if (quoted && *cursor->at == '\\' && cursor->left > 1)
            cursor_skip(cursor, 1);
        else if (*cursor->at == '"')
            quoted = !quoted;
        else if (!quoted && cursor_take(cursor, "]"))
            return true;
    }
    return false;
}

static bool skip_structured_data(struct cursor *cursor)
{
    if (cursor_take(cursor, "-"))
        return cursor->left == 0 || *cursor->at == ' ';
    bool any = false;
    while (cursor_take(cursor, "[")) {
        if (!skip_element(cursor))
            return false;
        any = true;
    }
    return any;
}

static bool is_nil(struct span word)
{
    return word.len == 1 && word.at[0] == '-';
}

/* "1 2024-11-23T23:39:00Z host app 17 id - text". False, and nothing taken, where it is not so. */
static bool read_5424(struct cursor *cursor, struct syslog_message *out)
{
    struct cursor at = *cursor;
    if (!cursor_take(&at, "1 "))
        return false;
    struct span time = cursor_word(&at);
    struct span host = cursor_word(&at);
    if (!is_nil(time) && (time.len < 20 || time.at[4] != '-' || time.at[10] != 'T'))
        return false;
    for (int word = 0; word < 3; word++) /* application, process, message id */
        cursor_word(&at);
    if (!skip_structured_data(&at))
        return false;
    if (!is_nil(host))
        span_copy(host, out->hostname, sizeof out->hostname);
    cursor_take(&at, " ");
    cursor_take(&at, "???"); /* a byte order mark, sanitised */
    *cursor = at;
    return true;
}

/* -- RFC 3164 ------------------------------------------------------------------------------ */

/* Compares letter by letter: 'a' stands for any letter, '0' for any digit or a blank. */
static bool looks_like(const struct cursor *cursor, const char *pattern)
{
    size_t len = strlen(pattern);
    if (cursor->left < len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = cursor->at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool fits = pattern[i] == 'a' ? letter : pattern[i] == '0' ? is_digit(c) || c == ' ' : c == pattern[i];
        if (!fits)
            return false;
    }
    return true;
}

/* SEP or SIP and a MAC without separators, with or without a domain. */
static bool is_phone_name(struct span word)
{
    struct mac mac;
    return word.len >= 15 && (word.len == 15 || word.at[15] == '.') &&
           (memcmp(word.at, "SEP", 3) == 0 || memcmp(word.at, "SIP", 3) == 0) && mac_parse(word.at + 3, 12, &mac);
}

/* "58:bf:ea:11:04:e6 -- ": then the word before it was no host name but a model. */
static bool is_mac_and_dashes(struct cursor cursor)
{
    struct mac mac;
    struct span word = cursor_word(&cursor);
    return mac_parse(word.at, word.len, &mac) && cursor_take(&cursor, "-- ");
}

/* "Nov 23 23:39:00 host text". What phones really send is not known, so a time without a host and
 * a phone's host name without a time are read too. */
static void read_3164(struct cursor *cursor, struct syslog_message *out)
{
    bool timed = looks_like(cursor, "aaa 00 00:00:00 ");
    if (timed)
        cursor_skip(cursor, strlen("aaa 00 00:00:00 "));
    cursor_blanks(cursor);
    struct cursor at = *cursor;
    struct span host = cursor_word(&at);
    if (!is_phone_name(host) && (!timed || is_mac_and_dashes(at)))
        return;
    span_copy(host, out->hostname, sizeof out->hostname);
    *cursor = at;
}

void syslog_header_read(struct cursor *cursor, struct syslog_message *out)
{
    unsigned priority = read_priority(cursor);
    out->facility = priority >> 3;
    out->severity = priority & 7;
    if (!read_5424(cursor, out))
        read_3164(cursor, out);
}
