/* transfer.h - TFTP server engine, one transfer: datagrams in, datagrams out. No sockets, no
 * clock, no heap.
 *
 * RFC 1350 with options (2347), blksize (2348), timeout and tsize (2349), windowsize (7440); read
 * only. One struct tftp_xfer serves one peer (address and port), by which the host demultiplexes;
 * all of them may share one UDP socket.
 *
 *     new request, no transfer for this peer:  tftp_request_parse(); tftp_start(&x, ...)
 *     request, and there is a transfer:        tftp_is_repeat(&x, ...) ? drop it
 *                                              : end the old transfer, start anew
 *     any other datagram from the peer:        tftp_input(&x, pkt, len, now)
 *     after each of these, and at its time:    while (n < room && tftp_output(&x, &out[n], now)) n++;
 *                                              send; sleep until tftp_deadline(&x)
 *     when tftp_result(&x) != TFTP_RUNNING:    release the source, forget the transfer
 *
 * A datagram for which there is no transfer and that is no request is best ignored: it is the
 * late repetition of a last ACK.
 */
#ifndef STAGEBOX_NET_TFTP_TRANSFER_H
#define STAGEBOX_NET_TFTP_TRANSFER_H

#include "net/tftp/request.h"

#define TFTP_BLKSIZE_DEFAULT 512 /* RFC 1350; also the most for netascii, whose blocks are made in the struct */
#define TFTP_OACK_MAX 80         /* the four options with their longest values */
#define TFTP_PEER_TEXT_MAX 64
#define TFTP_HURRY_MS 20 /* see tftp_input() */

/* Bounds that are the same for all transfers of a host. */
struct tftp_limits {
    uint16_t blksize;     /* bytes of data in a datagram at most: the link's MTU - 32; 8..65464 */
    uint16_t window;      /* blocks in flight at most; 1..32768 */
    uint32_t retry_ms;    /* first wait for an acknowledgement, doubled with each repetition; a
                           * timeout option takes its place. 1000 is usual */
    uint32_t retry_max_ms; /* no wait grows longer than this, unless the timeout option is longer */
    uint32_t give_up_ms;  /* without progress for so long, and after at least one repetition, the
                           * transfer ends. 60000 is usual */
};

enum tftp_result {
    TFTP_RUNNING = 0,
    TFTP_DONE = 1,        /* the peer acknowledged the last block */
    TFTP_PEER_ERROR = -1, /* the peer sent an ERROR: tftp_peer_code(), tftp_peer_text() */
    TFTP_GAVE_UP = -2     /* no answer: tftp_acked() says how far it came */
};

/* A datagram to send: head followed by body. The body lies in the source or in the transfer and
 * stays as it is until the next tftp_input() or tftp_output() of the same transfer (for octet: as
 * long as the source), so that those of many transfers can go out with one call. */
struct tftp_out {
    uint8_t head[4];
    uint8_t head_len; /* 4; 2 for an OACK */
    uint16_t body_len;
    const uint8_t *body;
};

/* All fields are private. */
struct tftp_xfer {
    const uint8_t *data;
    uint64_t size;
    uint64_t unacked; /* first block that is not acknowledged; 0 is the OACK */
    uint64_t next;    /* next block to send */
    uint64_t sent;    /* one more than the highest block ever sent */
    uint64_t last;    /* the final, short block; UINT64_MAX while unknown (netascii) */
    uint64_t deadline;
    uint64_t progress_at;
    uint64_t started_at;
    uint64_t source_pos; /* netascii: next byte of the source; the one before unacked in octet is computed */
    uint64_t source_acked;
    uint64_t resent;
    uint32_t bad;
    uint32_t wait_ms; /* first wait of a block */
    uint32_t wait_max_ms;
    uint32_t give_up_ms;
    uint32_t request_hash;
    uint16_t blksize;
    uint16_t window;
    uint16_t text_len; /* netascii: bytes of text[] in the current block */
    uint16_t oack_len;
    uint16_t peer_code;
    uint8_t tries; /* repetitions since the last progress */
    bool hurried;
    bool netascii;
    int8_t carry; /* netascii: second byte of a pair that was cut by the block's end, -1 for none */
    int8_t result;
    uint8_t oack[TFTP_OACK_MAX];
    char peer_text[TFTP_PEER_TEXT_MAX];
    uint8_t text[TFTP_BLKSIZE_DEFAULT];
};

/* Begins the transfer of data[0..size), which the caller lends until the transfer has ended or is
 * forgotten. `req` is read during the call only; `pkt` is the datagram that it was parsed from.
 * Accepted options are answered with an OACK (RFC 2347): blksize and windowsize lowered to the
 * limits, timeout as asked, tsize with `size`. In netascii tsize is refused (its size is not known
 * beforehand), blksize is at most 512 and windowsize is refused. Block numbers run over from 65535
 * to 0, so that size is not bounded. There is something to send at once. */
void tftp_start(struct tftp_xfer *x, const struct tftp_request *req, const uint8_t *pkt, size_t len,
                const struct tftp_limits *limits, const uint8_t *data, uint64_t size, uint64_t now_ms);

/* True where this datagram is the request that opened the running transfer once more, from a
 * client that has not seen our first answer (which is then sent again soon) or doubled by the
 * network. False: it is a new request, which takes the transfer's place. */
bool tftp_is_repeat(struct tftp_xfer *x, const uint8_t *pkt, size_t len, uint64_t now_ms);

/* Takes one datagram of the peer; `pkt` is read only during the call. Bad, old and foreign input
 * is counted and does no harm. A repeated ACK never makes data go out again by itself (RFC 1123
 * section 4.2.3.1); with windows, where it may also report a gap, it shortens the wait for the
 * repetition to TFTP_HURRY_MS, once. An ACK from the middle of a window makes the transfer go on
 * behind it (RFC 7440 section 4). */
void tftp_input(struct tftp_xfer *x, const uint8_t *pkt, size_t len, uint64_t now_ms);

/* Fills *out with the next datagram to send and returns true; false where there is none now. A
 * transfer whose wait is over repeats its window here, or gives up. */
bool tftp_output(struct tftp_xfer *x, struct tftp_out *out, uint64_t now_ms);

/* The time at which tftp_output() has something new: 0 for at once, UINT64_MAX for never. */
uint64_t tftp_deadline(const struct tftp_xfer *x);

/* How long the peer has been silent, in milliseconds, after at least two repetitions that it did not answer; else 0. */
uint64_t tftp_silent_ms(const struct tftp_xfer *x, uint64_t now_ms);

enum tftp_result tftp_result(const struct tftp_xfer *x);
/* A short sentence for the log, static. */
const char *tftp_result_text(enum tftp_result result);

/* Bytes of the source that the peer has acknowledged: the progress to show. */
uint64_t tftp_acked(const struct tftp_xfer *x);
/* Bytes of the source, as given to tftp_start(). */
uint64_t tftp_size(const struct tftp_xfer *x);
/* The block size in force. */
uint16_t tftp_blksize(const struct tftp_xfer *x);
/* Datagrams that went out more than once; datagrams that were not understood. */
uint64_t tftp_resent(const struct tftp_xfer *x);
uint32_t tftp_bad(const struct tftp_xfer *x);
/* After TFTP_PEER_ERROR: the peer's code, and its text (printable ASCII, cut, with a NUL). */
uint16_t tftp_peer_code(const struct tftp_xfer *x);
const char *tftp_peer_text(const struct tftp_xfer *x);

#endif
