/* packet.h - what stands in a TFTP datagram besides data: operation codes, ERROR packets. */
#ifndef STAGEBOX_NET_TFTP_PACKET_H
#define STAGEBOX_NET_TFTP_PACKET_H

#include <stddef.h>
#include <stdint.h>

/* RFC 1350 section 5, RFC 2347 (OACK). */
enum tftp_op {
    TFTP_OP_NONE = 0,
    TFTP_RRQ = 1,
    TFTP_WRQ = 2,
    TFTP_DATA = 3,
    TFTP_ACK = 4,
    TFTP_ERROR = 5,
    TFTP_OACK = 6
};

/* Error codes of RFC 1350 section 5 and RFC 2347. */
enum tftp_error_code {
    TFTP_ERR_OTHER = 0,     /* not defined, see the message */
    TFTP_ERR_NOT_FOUND = 1, /* what the contract says for every name that is not served */
    TFTP_ERR_ACCESS = 2,    /* access violation: every WRQ */
    TFTP_ERR_FULL = 3,      /* disk full or allocation exceeded */
    TFTP_ERR_ILLEGAL = 4,   /* illegal operation, malformed request */
    TFTP_ERR_TID = 5,       /* unknown transfer */
    TFTP_ERR_EXISTS = 6,
    TFTP_ERR_USER = 7,
    TFTP_ERR_OPTION = 8 /* option negotiation refused (sent by clients) */
};

#define TFTP_ERROR_TEXT_MAX 120 /* bytes of the text of an ERROR, NUL included; longer ones are cut */
#define TFTP_ERROR_MAX (4 + TFTP_ERROR_TEXT_MAX)

/* The operation code of a datagram; TFTP_OP_NONE where it is shorter than four bytes or the code
 * is not one of the above. Only RRQ and WRQ may open a transfer; an ERROR is never answered. */
enum tftp_op tftp_opcode(const uint8_t *pkt, size_t len);

/* Writes an ERROR datagram (RFC 1350 section 5) with its NUL and returns its length, at most
 * TFTP_ERROR_MAX. For answers that need no transfer: refused requests, a full pool. */
size_t tftp_error_build(uint8_t out[TFTP_ERROR_MAX], enum tftp_error_code code, const char *text);

#endif
