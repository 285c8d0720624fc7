#include "net/tls/hello.h"

#define RECORD 5 /* bytes before the handshake message */
#define HELLO 4  /* bytes before its version */
#define VERSION_AND_RANDOM 34

static unsigned number(const uint8_t *p)
{
    return (unsigned)(p[0] << 8 | p[1]);
}

/* RSA and DHE suites of RC4, export strength and single DES (RFC 2246 appendix A.5, RFC 5469). */
static bool is_weak(unsigned suite)
{
    switch (suite) {
    case 0x0001: /* no encryption at all */
    case 0x0002:
    case 0x0003:
    case 0x0004: /* RSA_WITH_RC4_128_MD5 */
    case 0x0005: /* RSA_WITH_RC4_128_SHA */
    case 0x0006:
    case 0x0008:
    case 0x0009:
    case 0x000b:
    case 0x000c:
    case 0x000e:
    case 0x000f:
    case 0x0011:
    case 0x0012:
    case 0x0014:
    case 0x0015:
    case 0x0060: /* RSA_EXPORT1024 */
    case 0x0061:
    case 0x0062:
    case 0x0063:
    case 0x0064:
    case 0x0065:
    case 0x0066:
    case 0xc007: /* ECDHE_ECDSA_WITH_RC4_128_SHA */
    case 0xc011: /* ECDHE_RSA_WITH_RC4_128_SHA */
        return true;
    default:
        return false;
    }
}

/* 0x00ff and 0x5600 are signals, no ciphers (RFC 5746 section 3.3, RFC 7507). */
static bool only_weak(const uint8_t *suites, size_t len)
{
    bool some = false;
    for (size_t i = 0; i + 1 < len; i += 2) {
        unsigned suite = number(suites + i);
        if (suite == 0x00ff || suite == 0x5600)
            continue;
        if (!is_weak(suite))
            return false;
        some = true;
    }
    return some;
}

bool tls_hello_begins(const uint8_t first[2])
{
    return (first[0] == 22 || first[0] == 21) && first[1] == 3;
}

struct tls_hello tls_hello_read(const uint8_t *data, size_t len)
{
    struct tls_hello h = {0};
    h.is_ssl2 = len >= 3 && (data[0] & 0x80) && data[2] == 1;
    h.is_tls = len >= 2 && tls_hello_begins(data);
    if (!h.is_tls || data[0] != 22 || len < RECORD + HELLO + VERSION_AND_RANDOM + 1 || data[RECORD] != 1)
        return h;
    h.is_ssl3 = number(data + RECORD + HELLO) == 0x0300;
    size_t at = RECORD + HELLO + VERSION_AND_RANDOM;
    at += 1u + data[at];
    if (at + 2 > len)
        return h;
    size_t suites = number(data + at);
    if (at + 2 + suites <= len)
        h.only_rc4 = only_weak(data + at + 2, suites);
    return h;
}
