#include "net/syslog/message.h"

#include <string.h>

#include "net/syslog/cursor.h"
#include "net/syslog/header.h"

/* What a phone says, behind "$PN $MAC -- " or at the start of the line. */
static const struct {
    const char *text;
    enum syslog_kind kind;
    bool has_url; /* else a reason follows */
} phrases[] = {
    {"Requesting resync ", SYSLOG_RESYNC_REQUEST, true},   {"Successful resync ", SYSLOG_RESYNC_SUCCESS, true},
    {"Resync failed: ", SYSLOG_RESYNC_FAILURE, false},     {"Requesting upgrade ", SYSLOG_UPGRADE_REQUEST, true},
    {"Successful upgrade ", SYSLOG_UPGRADE_SUCCESS, true}, {"Upgrade failed: ", SYSLOG_UPGRADE_FAILURE, false},
    {"try upgrade: ", SYSLOG_UPGRADE_TRY, true},
};

#define PHRASES (sizeof phrases / sizeof phrases[0])
static const char dashes[] = " -- ";

const char *syslog_kind_text(enum syslog_kind kind)
{
    switch (kind) {
    case SYSLOG_RESYNC_REQUEST:
        return "resync asked for";
    case SYSLOG_RESYNC_SUCCESS:
        return "resync done";
    case SYSLOG_RESYNC_FAILURE:
        return "resync failed";
    case SYSLOG_UPGRADE_REQUEST:
        return "upgrade asked for";
    case SYSLOG_UPGRADE_SUCCESS:
        return "upgrade done";
    case SYSLOG_UPGRADE_FAILURE:
        return "upgrade failed";
    case SYSLOG_UPGRADE_TRY:
        return "upgrade tried";
    case SYSLOG_OTHER:
        break;
    }
    return "message";
}

/* The word before the end of `text`, which gets shorter by it. */
static struct span last_word(struct span *text)
{
    while (text->len > 0 && text->at[text->len - 1] == ' ')
        text->len--;
    size_t start = text->len;
    while (start > 0 && text->at[start - 1] != ' ')
        start--;
    struct span word = {text->at + start, text->len - start};
    text->len = start;
    return word;
}

/* "SPA504G 58:bf:ea:11:04:e6", perhaps with something before. */
static void read_sender(struct span text, struct syslog_message *out)
{
    struct span word = last_word(&text);
    out->has_mac = mac_parse(word.at, word.len, &out->mac);
    span_copy(out->has_mac ? last_word(&text) : word, out->model, sizeof out->model);
}

/* The URL with the parts in brackets left out that debug texts put behind an address. */
static void read_url(struct span word, char *out, size_t cap)
{
    size_t len = 0;
    bool inside = false;
    for (size_t i = 0; i < word.len && len < cap - 1; i++) {
        inside = inside || (word.at[i] == '(' && word.len - i > 2 && memcmp(word.at + i, "(0x", 3) == 0);
        if (!inside)
            out[len++] = word.at[i];
        else if (word.at[i] == ')')
            inside = false;
    }
    out[len] = '\0';
}

static ip4 url_server(const char *url)
{
    const char *host = strstr(url, "://");
    ip4 server = 0;
    if (host)
        ip4_parse(host + 3, strcspn(host + 3, ":/"), &server);
    return server;
}

/* Everything behind a phrase. */
static void read_outcome(struct cursor rest, bool has_url, struct syslog_message *out)
{
    if (has_url) {
        read_url(cursor_word(&rest), out->url, sizeof out->url);
        out->server = url_server(out->url);
        if (!cursor_take(&rest, &dashes[1]))
            return;
    }
    cursor_blanks(&rest);
    span_copy((struct span){rest.at, rest.left}, out->reason, sizeof out->reason);
}

static bool read_phrase(struct cursor at, struct syslog_message *out)
{
    for (size_t i = 0; i < PHRASES; i++) {
        if (!cursor_take(&at, phrases[i].text))
            continue;
        out->kind = phrases[i].kind;
        read_outcome(at, phrases[i].has_url, out);
        return true;
    }
    return false;
}

/* "... -- Requesting resync ...", the phrase itself at the start, or debug text anywhere. */
static void read_text(struct syslog_message *out)
{
    struct cursor all = {out->text, strlen(out->text)};
    struct cursor rest = all;
    cursor_take(&rest, &dashes[1]);
    if (read_phrase(rest, out))
        return;
    while (cursor_find(&rest, dashes)) {
        if (!read_phrase(rest, out))
            continue;
        read_sender((struct span){all.at, (size_t)(rest.at - all.at) - strlen(dashes)}, out);
        return;
    }
    if (cursor_find(&all, "try upgrade: ")) {
        out->kind = SYSLOG_UPGRADE_TRY;
        read_outcome(all, true, out);
    }
}

static bool is_printable(uint8_t byte)
{
    return byte >= ' ' && byte < 127;
}

/* Everything printable, and blanks at both ends cut; some phones end a line in NUL or CR LF. */
static void sanitise(const uint8_t *line, size_t len, char out[SYSLOG_LINE_MAX], struct cursor *all)
{
    while (len > 0 && (line[len - 1] <= ' '))
        len--;
    len = len < SYSLOG_LINE_MAX ? len : SYSLOG_LINE_MAX;
    for (size_t i = 0; i < len; i++)
        out[i] = is_printable(line[i]) ? (char)line[i] : line[i] == '\t' ? ' ' : '?';
    *all = (struct cursor){out, len};
    cursor_blanks(all);
}

/* SEP58BFEA1104E6.local, SIP..., or the MAC alone. */
static void read_host_mac(struct syslog_message *out)
{
    size_t len = strcspn(out->hostname, ".");
    const char *name = out->hostname;
    if (len == 15 && (memcmp(name, "SEP", 3) == 0 || memcmp(name, "SIP", 3) == 0))
        name += 3, len -= 3;
    out->has_mac = mac_parse(name, len, &out->mac);
}

void syslog_parse(const uint8_t *line, size_t len, struct syslog_message *out)
{
    char room[SYSLOG_LINE_MAX];
    struct cursor cursor;
    memset(out, 0, sizeof *out);
    sanitise(line, len, room, &cursor);
    syslog_header_read(&cursor, out);
    cursor_blanks(&cursor);
    span_copy((struct span){cursor.at, cursor.left}, out->text, sizeof out->text);
    read_text(out);
    if (!out->has_mac)
        read_host_mac(out);
}
