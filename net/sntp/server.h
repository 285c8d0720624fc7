/* server.h - SNTP server engine: one request in, one reply out (RFC 4330, RFC 5905). */
#ifndef STAGEBOX_NET_SNTP_SERVER_H
#define STAGEBOX_NET_SNTP_SERVER_H

#include "net/addr.h"

#define SNTP_PORT 123
#define SNTP_REPLY_LEN 48

/* The clock when a request came in. */
struct sntp_clock {
    bool set;        /* false: the box does not know the time and says nothing */
    int64_t unix_ms; /* milliseconds since 1970, UTC */
};

/* Answers `request`: mode 3 with mode 4, mode 1 with mode 2, versions 1 to 4 as asked, the time as
 * far as 2^32 seconds reach (RFC 5905 6: the era follows from the client's own idea of the year).
 * Extension fields and MACs are left unread. Returns SNTP_REPLY_LEN, or 0 for silence: clock not
 * set or before 1900, shorter than 48 bytes, another mode or version. */
size_t sntp_server_answer(const struct sntp_clock *clock, const uint8_t *request, size_t len,
                          uint8_t out[SNTP_REPLY_LEN]);

#endif
