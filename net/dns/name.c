#include "net/dns/name.h"

#include <string.h>

#define NAME_WIRE_MAX 255

char dns_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t dns_name_skip(const uint8_t *packet, size_t len, size_t at)
{
    size_t start = at;
    while (at < len && at - start < NAME_WIRE_MAX) {
        uint8_t label = packet[at];
        if (label == 0)
            return at + 1 - start;
        if (label >= 0xc0)
            return len - at >= 2 ? at + 2 - start : 0;
        if (label > 63)
            return 0;
        at += (size_t)label + 1;
    }
    return 0;
}

/* Like dns_name_skip, without pointers. */
static size_t plain_length(const uint8_t *packet, size_t len, size_t at)
{
    size_t start = at;
    while (at < len && at - start < NAME_WIRE_MAX) {
        if (packet[at] == 0)
            return at + 1 - start;
        if (packet[at] > 63)
            return 0;
        at += (size_t)packet[at] + 1;
    }
    return 0;
}

static bool is_plain(uint8_t byte)
{
    return byte > ' ' && byte < 127 && byte != '.' && byte != '\\';
}

/* One byte of a label as text: itself, or a backslash and three digits. */
static char *put_byte(char *out, uint8_t byte)
{
    if (is_plain(byte)) {
        *out++ = (char)byte;
        return out;
    }
    *out++ = '\\';
    *out++ = (char)('0' + byte / 100);
    *out++ = (char)('0' + byte / 10 % 10);
    *out++ = (char)('0' + byte % 10);
    return out;
}

/* 253 bytes of labels, four letters each, are 1012 and fit. */
static char *put_labels(char *out, const uint8_t *name, bool *plain)
{
    for (uint8_t left = *name++; left > 0; left = *name++) {
        while (left-- > 0) {
            *plain &= is_plain(*name);
            out = put_byte(out, *name++);
        }
        if (*name != 0)
            *out++ = '.';
    }
    return out;
}

size_t dns_name_read(const uint8_t *packet, size_t len, size_t at, char text[DNS_ASKED_MAX],
                     char lower[DNS_NAME_MAX])
{
    size_t size = plain_length(packet, len, at);
    bool plain = true;
    lower[0] = '\0';
    if (size == 0)
        return 0;
    char *end = put_labels(text, packet + at, &plain);
    if (end == text)
        *end++ = '.';
    *end = '\0';
    for (size_t i = 0; plain && i <= (size_t)(end - text); i++)
        lower[i] = dns_lower(text[i]);
    return size;
}

size_t dns_name_write(uint8_t *out, const char *name)
{
    size_t at = 0;
    while (*name) {
        size_t label = strcspn(name, ".");
        out[at++] = (uint8_t)label;
        memcpy(out + at, name, label);
        at += label;
        name += label + (name[label] == '.');
    }
    out[at++] = 0;
    return at;
}
