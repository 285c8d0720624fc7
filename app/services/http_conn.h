/* http_conn.h - one HTTP connection of the pool. Private to app/services/http*.c. */
#ifndef STAGEBOX_APP_SERVICES_HTTP_CONN_H
#define STAGEBOX_APP_SERVICES_HTTP_CONN_H

#include "app/services/http.h"
#include "app/services/http_wire.h"
#include "net/http/server.h"

#define HTTP_CONN_IN 4096
#define HTTP_CONN_OUT 8192     /* a usual profile with its head: both go out in one call */
#define HTTP_CONN_OUT_FEW 2048 /* of a box with less than... */
#define HTTP_CONN_MANY 64      /* ...so many connections: it has little memory */

struct http_conn {
    struct http_conn *next_free;
    struct http_service *service;
    struct http_wire wire; /* wire.tcp NULL: free */
    struct port_peer peer;
    struct http_server engine;
    struct timer timer;
    bool eof;          /* the peer will send no more */
    bool held, listed; /* an answer is ready, and waits for the journal; it is in the service's list of such */
    struct http_conn *next_held;
    struct http_conn *next_slice; /* in the queue of those that wait for their turn (http_slices.c) */
    bool sliced;                  /* it is in it */

    /* what is being answered */
    struct staging_answer answer; /* answer.delivery NULL: none */
    struct api_stream *stream;
    bool full_body;  /* the response is a 200 with the whole content */
    bool handed_out; /* the engine has given all of it to the port: waits for its acknowledgement */
    bool head_only;
    uint64_t secret; /* bytes that the answer and its head took, in the buffer for what goes out as far as they fit */
    /* who may have to give way (http_crowd.c) */
    bool waits;          /* for the peer's request, since quiet_ms */
    uint64_t quiet_ms;
    uint64_t moved;      /* bytes that had arrived when it was looked at last */
    uint64_t moved_ms;   /* when that number grew last, or the response began */

    uint64_t before; /* bytes of the connection in all when this response began */

    /* a report that is being received */
    uint8_t *report; /* HTTP_REPORT_MAX bytes, NULL where none is */
    size_t report_len;

    uint8_t in[HTTP_CONN_IN];
};

/* Answers the request that the engine has read (http_exchange.c). */
void http_exchange_request(struct http_conn *conn, uint64_t now);
/* A whole body has come. */
void http_exchange_body_end(struct http_conn *conn, uint64_t now);
/* Takes body bytes. */
void http_exchange_body(struct http_conn *conn, uint64_t now);
/* The request or its response is over; `acked` of the content's bytes arrived. */
void http_exchange_end(struct http_conn *conn, bool whole);
/* Notes since when the connection waits or stands still; after everything that it does. */
void http_crowd_note(struct http_conn *conn, uint64_t now);
/* All places (or, `tls`, all for HTTPS) are taken: the one that deserves its place least, NULL where each is in good use. */
struct http_conn *http_crowd_victim(struct http_conn *pool, size_t count, bool tls, uint64_t now);
/* Whoever reads a stream of the operator's (events, reports, lists) takes turns with others that do, a slice of the output
 * buffer at a time and one slice in each turn of the loop, behind the phones' answers: however many look, a phone waits
 * for one slice at most. */
struct http_slices {
    struct http_conn *first, *last;
};
/* Puts it at the end, unless it is there already. */
void http_slices_put(struct http_slices *slices, struct http_conn *conn);
/* Whose turn it is, taken out; NULL: nobody waits. */
struct http_conn *http_slices_take(struct http_slices *slices);
/* It is over: takes it out where it is in it. */
void http_slices_drop(struct http_slices *slices, struct http_conn *conn);
/* An answer was made: it goes out with http_service_send(), when what it tells of is in the journal. */
void http_service_hold(struct http_conn *conn);
/* Where its answers are put together, and how many bytes that are. */
uint8_t *http_conn_out(const struct http_conn *conn);
size_t http_service_out_size(const struct http_service *service);
/* Room for a report that is coming in, HTTP_REPORT_MAX bytes; NULL while there is none: for one at a time. Who has had it
 * for longer than a phone on a network of its own can need loses it, and the connection. */
uint8_t *http_service_take_report(struct http_conn *conn, uint64_t now);
void http_service_give_report(struct http_service *service, uint8_t *report);
const struct http_service_options *http_service_options_of(const struct http_service *service);

#endif
