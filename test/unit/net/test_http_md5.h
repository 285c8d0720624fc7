/* MD5 (RFC 1321), for the tests of Digest only: the product gets its hash from a library. */
#ifndef TEST_HTTP_MD5_H
#define TEST_HTTP_MD5_H

#include "net/http/text.h"

#include <string.h>

static const uint32_t md5_sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static inline uint32_t md5_turn(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static inline void md5_block(uint32_t h[4], const uint8_t *p)
{
    static const unsigned turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
    for (unsigned i = 0; i < 64; i++) {
        static const unsigned step[4] = {1, 5, 3, 7}, start[4] = {0, 1, 5, 0};
        unsigned round = i / 16, at = (step[round] * i + start[round]) % 16;
        uint32_t f = round == 0   ? (b & c) | (~b & d)
                     : round == 1 ? (d & b) | (~d & c)
                     : round == 2 ? b ^ c ^ d
                                  : c ^ (b | ~d);
        uint32_t word = p[4 * at] | (uint32_t)p[4 * at + 1] << 8 | (uint32_t)p[4 * at + 2] << 16 |
                        (uint32_t)p[4 * at + 3] << 24;
        uint32_t next = b + md5_turn(a + f + word + md5_sines[i], turns[round][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
}

/* An http_md5_fn; together the parts are shorter than 1000 bytes. */
static inline void md5_of(void *ctx, const struct http_slice *parts, size_t count, uint8_t digest[16])
{
    uint8_t text[1100] = {0};
    size_t len = 0;
    (void)ctx;
    for (size_t i = 0; i < count; i++) {
        memcpy(text + len, parts[i].p, parts[i].len);
        len += parts[i].len;
    }
    text[len] = 0x80;
    size_t total = (len + 8) / 64 * 64 + 64;
    for (size_t i = 0; i < 8; i++)
        text[total - 8 + i] = (uint8_t)((uint64_t)len * 8 >> 8 * i);
    uint32_t h[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    for (size_t at = 0; at < total; at += 64)
        md5_block(h, text + at);
    for (size_t i = 0; i < 16; i++)
        digest[i] = (uint8_t)(h[i / 4] >> 8 * (i % 4));
}

#endif
