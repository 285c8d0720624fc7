#include "net/addr.h"

bool ip4_parse(const char *text, size_t len, ip4 *out)
{
    ip4 address = 0;
    size_t at = 0;
    for (int field = 0; field < 4; field++) {
        if (field > 0 && (at == len || text[at++] != '.'))
            return false;
        unsigned value = 0;
        size_t start = at;
        while (at < len && text[at] >= '0' && text[at] <= '9' && at - start < 3)
            value = value * 10 + (unsigned)(text[at++] - '0');
        if (at == start || value > 255 || (at - start > 1 && text[start] == '0'))
            return false;
        address = address << 8 | value;
    }
    if (at != len)
        return false;
    *out = address;
    return true;
}

static char *put_decimal(char *at, unsigned value)
{
    if (value >= 100)
        *at++ = (char)('0' + value / 100);
    if (value >= 10)
        *at++ = (char)('0' + value / 10 % 10);
    *at++ = (char)('0' + value % 10);
    return at;
}

char *ip4_format(ip4 address, char out[IP4_TEXT_MAX])
{
    char *at = out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        at = put_decimal(at, address >> shift & 255);
        *at++ = shift > 0 ? '.' : '\0';
    }
    return out;
}

ip4 ip4_mask(unsigned prefix)
{
    return prefix == 0 ? 0 : 0xffffffffu << (32 - prefix);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The number of hex digits between separators, 0 for no separators; -1 where `len` fits no spelling. */
static int mac_group(const char *text, size_t len, char *separator)
{
    if (len == 12)
        return 0;
    if (len == 17 && (text[2] == ':' || text[2] == '-')) {
        *separator = text[2];
        return 2;
    }
    if (len == 14 && text[4] == '.') {
        *separator = '.';
        return 4;
    }
    return -1;
}

bool mac_parse(const char *text, size_t len, struct mac *out)
{
    char separator = 0;
    int group = mac_group(text, len, &separator);
    if (group < 0)
        return false;
    struct mac mac = {{0}};
    size_t at = 0;
    for (int digit = 0; digit < 12; digit++) {
        if (group > 0 && digit > 0 && digit % group == 0 && text[at++] != separator)
            return false;
        int value = hex_value(text[at++]);
        if (value < 0)
            return false;
        mac.b[digit / 2] = (uint8_t)(mac.b[digit / 2] << 4 | value);
    }
    *out = mac;
    return true;
}

static char *format_mac(struct mac mac, char *out, bool colons)
{
    static const char digits[] = "0123456789abcdef";
    char *at = out;
    for (int i = 0; i < 6; i++) {
        if (colons && i > 0)
            *at++ = ':';
        *at++ = digits[mac.b[i] >> 4];
        *at++ = digits[mac.b[i] & 15];
    }
    *at = '\0';
    return out;
}

char *mac_format(struct mac mac, char out[MAC_TEXT_MAX])
{
    return format_mac(mac, out, false);
}

char *mac_format_colons(struct mac mac, char out[MAC_TEXT_MAX])
{
    return format_mac(mac, out, true);
}
