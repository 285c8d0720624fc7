/* request.h - reads the datagram that opens a TFTP transfer.
 *
 *     struct tftp_request req;
 *     enum tftp_request_result r = tftp_request_parse(pkt, len, &req);
 *     if (r != TFTP_REQUEST_READ)
 *         n = tftp_request_refusal(r, out);      // ERROR to send; 0: send nothing
 *     else ... look req.name up, then tftp_start() (transfer.h) or tftp_error_build() (packet.h)
 */
#ifndef STAGEBOX_NET_TFTP_REQUEST_H
#define STAGEBOX_NET_TFTP_REQUEST_H

#include "net/tftp/packet.h"

#include <stdbool.h>

enum tftp_mode { TFTP_OCTET, TFTP_NETASCII };

/* The options this server knows, in the order of their bits. */
enum tftp_option { TFTP_BLKSIZE, TFTP_TIMEOUT, TFTP_TSIZE, TFTP_WINDOWSIZE, TFTP_OPTION_COUNT };

/* One option as the client gave it; the pointers lead into the packet. */
struct tftp_asked {
    enum tftp_option option;
    const char *name; /* in the client's own spelling, which the OACK repeats */
    uint8_t name_len;
    uint64_t value;
};

/* Everything points into the packet that was parsed and lives as long as it. */
struct tftp_request {
    const char *name; /* file name as sent: slashes, back-slashes and case untouched; no NUL in or behind it */
    size_t name_len;  /* may be 0 */
    enum tftp_mode mode;
    /* Known options with a well-formed value in their allowed range, in the client's order, each
     * at most once (RFC 2347); all others are left out, which refuses them without an error. */
    struct tftp_asked asked[TFTP_OPTION_COUNT];
    unsigned asked_count;
};

enum tftp_request_result {
    TFTP_REQUEST_READ = 0,        /* a read request: *out is filled */
    TFTP_REQUEST_WRITE = 1,       /* a well-formed write request: refused, ERROR 2; *out is filled */
    TFTP_REQUEST_E_OTHER = -1,    /* not a request at all (DATA, ACK, ERROR, junk): nothing to answer */
    TFTP_REQUEST_E_NAME = -2,     /* the file name has no NUL: ERROR 4 */
    TFTP_REQUEST_E_MODE = -3,     /* the mode is cut, or not one of the RFC: ERROR 4 */
    TFTP_REQUEST_E_MAIL = -4      /* mode mail (obsolete, RFC 1350 section 1): ERROR 4 */
};

/* Reads an RRQ or WRQ (RFC 1350 section 5) and its options (RFC 2347). Ranges: blksize 8..65464
 * (RFC 2348), timeout 1..255 s and tsize any number (RFC 2349), windowsize 1..65535 (RFC 7440).
 * Bytes behind the last complete pair of option and value are ignored: boot loaders pad. */
enum tftp_request_result tftp_request_parse(const uint8_t *pkt, size_t len, struct tftp_request *out);

/* The ERROR datagram that answers such a result; its length, 0 where nothing is to be sent. */
size_t tftp_request_refusal(enum tftp_request_result result, uint8_t out[TFTP_ERROR_MAX]);

#endif
