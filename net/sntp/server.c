#include "net/sntp/server.h"

#include <string.h>

/* RFC 5905 7.3. Offsets of the packet's fields. */
enum {
    STRATUM = 1,
    POLL = 2,
    PRECISION = 3,
    DELAY = 4,
    DISPERSION = 8,
    REFERENCE_ID = 12,
    REFERENCE = 16,
    ORIGINATE = 24,
    RECEIVE = 32,
    TRANSMIT = 40
};
enum { MODE_SYMMETRIC_ACTIVE = 1, MODE_SYMMETRIC_PASSIVE = 2, MODE_CLIENT = 3, MODE_SERVER = 4 };

#define UNIX_EPOCH 2208988800 /* 1970 in seconds since 1900 */

static void put32(uint8_t *out, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)value;
}

static void put_time(uint8_t *out, int64_t ms_since_1900)
{
    uint32_t fraction = (uint32_t)((uint64_t)(ms_since_1900 % 1000) * 0x100000000u / 1000);
    uint32_t seconds = (uint32_t)((uint64_t)(ms_since_1900 / 1000));
    put32(out, seconds);
    /* All zeros mean "no time": where an era begins, a quarter of a nanosecond is added. */
    put32(out + 4, seconds == 0 && fraction == 0 ? 1 : fraction);
}

static unsigned reply_mode(unsigned mode)
{
    if (mode == MODE_CLIENT)
        return MODE_SERVER;
    return mode == MODE_SYMMETRIC_ACTIVE ? MODE_SYMMETRIC_PASSIVE : 0;
}

/* A clock that somebody set by hand or a router keeps: good to a fraction of a second, and not
 * one to prefer to a better one. */
static void put_quality(uint8_t *out)
{
    out[STRATUM] = 5;
    out[PRECISION] = (uint8_t)-10;                                    /* 2^-10 s: milliseconds */
    put32(out + DISPERSION, 0x10000 / 10);                            /* 0.1 s */
    memcpy(out + REFERENCE_ID, (const uint8_t[]){127, 127, 1, 0}, 4); /* "local clock" */
}

size_t sntp_server_answer(const struct sntp_clock *clock, const uint8_t *request, size_t len,
                          uint8_t out[SNTP_REPLY_LEN])
{
    if (!clock->set || len < SNTP_REPLY_LEN)
        return 0;
    if (clock->unix_ms < -UNIX_EPOCH * 1000 || clock->unix_ms > INT64_MAX - UNIX_EPOCH * 1000)
        return 0;
    unsigned version = request[0] >> 3 & 7;
    unsigned mode = reply_mode(request[0] & 7);
    if (version < 1 || version > 4 || mode == 0)
        return 0;
    int64_t now = clock->unix_ms + UNIX_EPOCH * 1000;
    memset(out, 0, SNTP_REPLY_LEN);
    out[0] = (uint8_t)(version << 3 | mode);
    out[POLL] = request[POLL];
    put_quality(out);
    put_time(out + REFERENCE, now - now % 1000);
    memcpy(out + ORIGINATE, request + TRANSMIT, 8);
    put_time(out + RECEIVE, now);
    put_time(out + TRANSMIT, now);
    return SNTP_REPLY_LEN;
}
