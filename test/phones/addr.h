/* addr.h - MAC and IPv4 addresses as text. IPv4 addresses are uint32_t in host order everywhere in the simulator. */
#ifndef PHONES_ADDR_H
#define PHONES_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mac {
    uint8_t b[6];
};
struct ip_text {
    char s[16];
};
struct mac_text {
    char s[18];
};

bool mac_same(const struct mac *a, const struct mac *b);
struct mac_text mac_lower(const struct mac *m);  /* 58bfea1104e6 */
struct mac_text mac_upper(const struct mac *m);  /* 58BFEA1104E6 */
struct mac_text mac_colons(const struct mac *m); /* 58:bf:ea:11:04:e6 */
/* Takes 12 hex digits with or without `:`, `-`, `.` between them. */
bool mac_parse(const char *text, struct mac *out);

struct ip_text ip_format(uint32_t ip);
/* Takes dotted decimal of exactly `len` characters. */
bool ip_parse(const char *text, size_t len, uint32_t *out);

uint16_t get16(const uint8_t *p); /* big-endian */
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, uint16_t v);
void put32(uint8_t *p, uint32_t v);

#endif
