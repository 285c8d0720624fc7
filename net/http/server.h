/* server.h - HTTP/1.x server engine, one connection: bytes in, bytes out. No sockets (TLS feeds it
 * as well as TCP), no clock, no heap.
 *
 * RFC 9110 and 9112: HTTP/1.0 and 1.1, persistent connections, pipelining, GET, HEAD, PUT, POST,
 * DELETE, conditional requests, single byte ranges, chunked request bodies, 100-continue. The
 * engine answers by itself, and then closes: 400 malformed, 408 too slow, 413 body above the
 * host's bound, 414 request line too long, 417 unknown expectation, 431 headers too long or too
 * many, 501 unknown method or transfer coding, 505 not HTTP/1. No Host line is needed; two are an
 * error. Lines may end in a bare LF, which old clients and people send.
 *
 *     readable:  p = http_server_room(&s, &cap);          // cap 0: stop reading until it is not
 *                n = read(p, cap);  http_server_took(&s, n, now)  or  http_server_eof(&s, now)
 *     then, after reading, writing, and at http_server_deadline():
 *     do {
 *         event = http_server_event(&s, now);
 *         switch (event) {
 *         case HTTP_REQUEST:    decide by s.request: http_server_respond(&s, &response, now), at
 *                               once or later; or http_server_accept_body() where has_body
 *         case HTTP_BODY:       p = http_server_body(&s, &n); use; http_server_body_used(&s, n, now)
 *         case HTTP_BODY_END:   http_server_respond()
 *         case HTTP_BODY_LOST:  forget the request; the engine has answered
 *         case HTTP_SENT:       all of the response was handed out: release its body
 *         case HTTP_SHUTDOWN:   shut the sending side down, when all that was taken has gone out
 *         case HTTP_CLOSE:      close the connection, release the body, forget the engine; done
 *         case HTTP_WAIT:       nothing
 *         }
 *         while (http_server_output(&s, &out, now)) {
 *             n = send memory out.data[0..out.len), or [out.off, out.off + out.len) of the body
 *             http_server_sent(&s, n, now);  if (n < out.len) break until writable
 *         }
 *     } while (event != HTTP_WAIT || something was sent);
 *     sleep until http_server_deadline(&s), then http_server_expire(&s, now) and the same loop.
 */
#ifndef STAGEBOX_NET_HTTP_SERVER_H
#define STAGEBOX_NET_HTTP_SERVER_H

#include "net/http/chunked.h"
#include "net/http/request.h"
#include "net/http/response.h"

/* Bounds that are the same for all connections of a host; milliseconds and bytes. */
struct http_limits {
    uint32_t idle_ms;    /* a connection without a request: closed without a word */
    uint32_t head_ms;    /* from the first byte of a request to the end of its headers: 408 */
    uint32_t body_ms;    /* in each such time the body must move on by body_min bytes: 408 */
    uint32_t body_min;
    uint32_t send_ms;    /* in each such time the peer must take send_min bytes of a response: closed */
    uint32_t send_min;
    uint32_t linger_ms;  /* after the sending side was shut: waits for the peer's end so long */
    uint16_t line_max;   /* bytes of a request line: 414 */
    uint16_t pipeline_max; /* requests on one connection; the last is answered with close. 0: no bound */
};
/* 30 s, 10 s, 20 s / 256, 60 s / 4096, 2 s, 2048, no bound. */
extern const struct http_limits http_limits_default;

#define HTTP_IN_MIN 1024  /* receive buffer; a request's head may fill three quarters of it: 431 */
#define HTTP_IN_MAX 65535
#define HTTP_OUT_MIN 1024 /* output buffer: response heads, and what a producer makes */

enum http_event {
    HTTP_WAIT,      /* nothing for the host: wait for bytes, room, or the deadline */
    HTTP_REQUEST,   /* s->request is whole */
    HTTP_BODY,      /* body bytes are there */
    HTTP_BODY_END,  /* the body was handed over whole */
    HTTP_BODY_LOST, /* malformed, too big, too slow, or the peer left */
    HTTP_SENT,      /* the response was handed out whole; not told for the engine's own answers */
    HTTP_SHUTDOWN,  /* no more output will come; told once */
    HTTP_CLOSE      /* the connection is over; told again and again */
};

enum http_out_kind { HTTP_OUT_MEMORY, HTTP_OUT_EXTENT };
struct http_out {
    enum http_out_kind kind;
    const uint8_t *data; /* MEMORY: valid until http_server_sent() */
    uint64_t off;        /* EXTENT: from the beginning of the host's body */
    size_t len;          /* never 0; of an extent all that is left */
    bool more;           /* more output follows at once */
};

/* Only `request` is for the host to read. */
struct http_server {
    struct http_request request;
    /* private: */
    const struct http_limits *limits;
    uint8_t *in; /* the head of the request at its front, then bytes not read yet */
    uint8_t *out;
    uint32_t in_cap, in_len;
    uint32_t head_len; /* bytes of the current request's head; kept until it is answered */
    uint32_t pos;      /* next byte to look at */
    uint32_t line;     /* where the line that `pos` is in begins */
    uint32_t out_cap, out_len, out_sent;
    uint32_t requests;
    uint8_t state; /* enum http_state, server_state.h */
    bool eof, discarding, closing, tell_sent, tell_lost, line_read, body_done, producer_waits;
    uint8_t blank_lines;
    /* request body */
    struct http_chunked chunked;
    uint64_t body_left, body_total, body_max;
    /* response */
    int status;
    uint8_t body_kind;
    bool chunk_out; /* the producer's bytes go out in chunks */
    const uint8_t *memory;
    uint64_t body_off, body_end, body_begin; /* of what goes out, in the host's body */
    http_producer_fn *produce;
    void *produce_ctx;
    uint64_t produced; /* bytes of the producer in all */
    uint32_t payload;  /* bytes of it among those in `out` */
    /* time */
    uint64_t deadline, mark; /* `mark`: bytes moved when the deadline was set */
    uint64_t received;       /* bytes of the body's stream */
    uint64_t taken;          /* bytes that the transport took */
    uint64_t unacked;
    bool unacked_told;
    const char *why;
};

/* Begins a connection. The two buffers are the caller's and live as long as it; they hold
 * HTTP_IN_MIN..HTTP_IN_MAX and HTTP_OUT_MIN.. bytes. `limits` is kept by reference. */
void http_server_init(struct http_server *s, const struct http_limits *limits, uint8_t *in, size_t in_cap,
                      uint8_t *out, size_t out_cap, uint64_t now_ms);

/* Where the next received bytes go, and how many may: 0 while a response is due and the buffer is
 * full. Moves what is there: slices from http_server_body() end here; the request's stay. */
uint8_t *http_server_room(struct http_server *s, size_t *cap);
/* `n` bytes were put there. */
void http_server_took(struct http_server *s, size_t n, uint64_t now_ms);
/* Room and took in one, with a copy: the number of bytes taken; the rest is to be given again. */
size_t http_server_input(struct http_server *s, const void *bytes, size_t len, uint64_t now_ms);
/* The peer will send no more. What it asked for whole is still answered. */
void http_server_eof(struct http_server *s, uint64_t now_ms);

enum http_event http_server_event(struct http_server *s, uint64_t now_ms);

/* Takes the body of the request, at most `max` bytes of it: HTTP_BODY and HTTP_BODY_END follow.
 * Sends 100 Continue where the client waits for it. False where it is longer: 413 was answered and
 * the request is over. Only after HTTP_REQUEST with request.has_body. */
bool http_server_accept_body(struct http_server *s, uint64_t max, uint64_t now_ms);
/* The body bytes at hand: after HTTP_BODY only, never 0 of them. */
const uint8_t *http_server_body(struct http_server *s, size_t *len);
void http_server_body_used(struct http_server *s, size_t n, uint64_t now_ms);

/* Answers the request. For a status of 200 to GET or HEAD the request's conditions are evaluated
 * against etag and last_modified_s in the order of RFC 9110 section 13.2.2 (304, 412), then Range
 * and If-Range (206, 416; several ranges: the whole). A HEAD gets its GET's head. Content-Length is
 * always there but for 304, 204 and producers, which are chunked for HTTP/1.1 and ended by close
 * for 1.0. A body that was not accepted makes the connection close. False where the head does not
 * fit the output buffer or a line has control characters: then a bare 500 goes out, and neither
 * memory nor producer is used. Call it once for a request, after HTTP_REQUEST or HTTP_BODY_END. */
bool http_server_respond(struct http_server *s, const struct http_response *response, uint64_t now_ms);
/* The status of the current or last response as it went out (304 where the host said 200), the
 * engine's own included; 0 before the first. */
int http_server_status(const struct http_server *s);

/* The next bytes to send; false where there are none now. Asks the producer. */
bool http_server_output(struct http_server *s, struct http_out *out, uint64_t now_ms);
/* The transport took `n` of them. */
void http_server_sent(struct http_server *s, size_t n, uint64_t now_ms);
/* How many bytes the transport took in all but the peer has not acknowledged. Not needed; where it
 * is told now and then, slow peers are judged, and idle time counted, by what was acknowledged. */
void http_server_unacked(struct http_server *s, uint64_t unacked, uint64_t now_ms);

/* Where the host may make a body before it answers, so that it goes out together with its head and is copied nowhere: to be
 * given to http_server_respond() as HTTP_BODY_MEMORY from there on, with a head of HTTP_HEAD_ROOM bytes at most. NULL, and
 * *cap 0, while earlier output waits. */
#define HTTP_HEAD_ROOM 512
uint8_t *http_server_body_room(struct http_server *s, size_t *cap);
/* Bytes of the current or last response's body that the transport took (for a range: counted
 * within the range). Less what it has unacknowledged, these have arrived. */
uint64_t http_server_handed(const struct http_server *s);
/* Bytes of that body in all as it goes out (a range: of the range); UINT64_MAX for a producer. */
uint64_t http_server_length(const struct http_server *s);

/* True while it is the peer's turn and nothing is owed to it: between requests, in the head of one, or at the end. */
bool http_server_waits(const struct http_server *s);
/* True while all of the connection's last response has been handed out, and HTTP_SHUTDOWN is not told yet. */
bool http_server_ends(const struct http_server *s);
/* Bytes of all responses that the peer has acknowledged (see http_server_unacked()): grows while it reads. */
uint64_t http_server_moved(const struct http_server *s);

/* When http_server_expire() is to be called: UINT64_MAX for never. */
uint64_t http_server_deadline(const struct http_server *s);
/* Does what is due at `now`: 408, or the end. Harmless when called early. */
void http_server_expire(struct http_server *s, uint64_t now_ms);

/* No further request will be served: idle connections close now, others after their response. */
void http_server_drain(struct http_server *s, uint64_t now_ms);

/* Why the engine refused or gave up, a static sentence for the log; NULL if it did not. */
const char *http_server_why(const struct http_server *s);

#endif
