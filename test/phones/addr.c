#include "addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool mac_same(const struct mac *a, const struct mac *b)
{
    return memcmp(a->b, b->b, 6) == 0;
}

static struct mac_text mac_with(const struct mac *m, const char *digits, const char *between)
{
    struct mac_text t;
    char *at = t.s;
    for (size_t i = 0; i < 6; i++) {
        if (i > 0 && *between != '\0')
            *at++ = *between;
        *at++ = digits[m->b[i] >> 4];
        *at++ = digits[m->b[i] & 15];
    }
    *at = '\0';
    return t;
}

struct mac_text mac_lower(const struct mac *m)
{
    return mac_with(m, "0123456789abcdef", "");
}

struct mac_text mac_upper(const struct mac *m)
{
    return mac_with(m, "0123456789ABCDEF", "");
}

struct mac_text mac_colons(const struct mac *m)
{
    return mac_with(m, "0123456789abcdef", ":");
}

static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return (unsigned)(tolower((unsigned char)c) - 'a') + 10u;
}

bool mac_parse(const char *text, struct mac *out)
{
    unsigned n = 0;
    for (; *text != '\0'; text++) {
        if (strchr(":-.", *text) != NULL)
            continue;
        if (!isxdigit((unsigned char)*text) || n == 12)
            return false;
        unsigned old = n % 2 ? out->b[n / 2] : 0u;
        out->b[n / 2] = (uint8_t)(old << 4 | hex_value(*text));
        n++;
    }
    return n == 12;
}

struct ip_text ip_format(uint32_t ip)
{
    struct ip_text t;
    snprintf(t.s, sizeof t.s, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255u, ip >> 8 & 255u, ip & 255u);
    return t;
}

bool ip_parse(const char *text, size_t len, uint32_t *out)
{
    char copy[16];
    struct in_addr a;
    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET, copy, &a) != 1)
        return false;
    *out = ntohl(a.s_addr);
    return true;
}

uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

void put32(uint8_t *p, uint32_t v)
{
    put16(p, (uint16_t)(v >> 16));
    put16(p + 2, (uint16_t)v);
}
