/* addr.h - the two kinds of address that every room speaks of. */
#ifndef STAGEBOX_NET_ADDR_H
#define STAGEBOX_NET_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv4 address or mask in host byte order; 0 is "none". */
typedef uint32_t ip4;

/* An Ethernet address. */
struct mac {
    uint8_t b[6];
};

#define IP4_TEXT_MAX 16 /* "255.255.255.255" and its NUL */
#define MAC_TEXT_MAX 18 /* "58:bf:ea:11:04:e6" and its NUL */

/* Reads "192.168.10.10", the whole of `len` bytes and nothing else. Four decimal fields without
 * leading zeros. False, and *out untouched, for anything else. */
bool ip4_parse(const char *text, size_t len, ip4 *out);
/* Writes the dotted form with its NUL; returns `out`. */
char *ip4_format(ip4 address, char out[IP4_TEXT_MAX]);
/* The mask of a prefix length 0..32. */
ip4 ip4_mask(unsigned prefix);

/* Reads a MAC in any spelling people use: 58bfea1104e6, 58:bf:ea:11:04:e6, 58-BF-EA-11-04-E6,
 * 58bf.ea11.04e6; the whole of `len` bytes. False, and *out untouched, for anything else. */
bool mac_parse(const char *text, size_t len, struct mac *out);
/* Writes twelve lower-case hex digits and a NUL, the form of the JSON; returns `out`. */
char *mac_format(struct mac mac, char out[MAC_TEXT_MAX]);
/* The same with colons between the bytes. */
char *mac_format_colons(struct mac mac, char out[MAC_TEXT_MAX]);
static inline bool mac_equal(struct mac a, struct mac b)
{
    return ((a.b[0] ^ b.b[0]) | (a.b[1] ^ b.b[1]) | (a.b[2] ^ b.b[2]) | (a.b[3] ^ b.b[3]) | (a.b[4] ^ b.b[4]) |
            (a.b[5] ^ b.b[5])) == 0;
}
/* 00:00:00:00:00:00, which names nobody. */
static inline bool mac_is_zero(struct mac mac)
{
    return (mac.b[0] | mac.b[1] | mac.b[2] | mac.b[3] | mac.b[4] | mac.b[5]) == 0;
}

#endif
