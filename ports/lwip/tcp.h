/* tcp.h - what the parts of TCP share. lwIP's callbacks only note what has happened; the app's are made from
 * tcp_serve(), once a turn, so that none is ever made from inside lwIP or a call into the port. */
#ifndef STAGEBOX_PORTS_LWIP_TCP_H
#define STAGEBOX_PORTS_LWIP_TCP_H

#include "ports/lwip/internal.h"

#include "lwip/tcp.h"

#define BLOBS 4 /* that one connection sends from at the same time */

enum tcp_phase { TCP_FREE, TCP_ACCEPTED, TCP_CONNECTING, TCP_OPEN, TCP_LINGERING };

struct port_tcp {
    struct port *port;
    struct tcp_pcb *pcb; /* NULL: lwIP has freed it, or nothing more is wanted of it */
    struct port_listener *listener;
    const struct port_tcp_events *events;
    void *conn;
    enum tcp_phase phase;
    bool want_read, want_write;
    bool room;      /* something was acknowledged since the write that took less */
    bool peer_done; /* the peer's FIN has come */
    bool eof_read;  /* ... and the app knows */
    bool shut;      /* the app will write no more */
    bool reset;     /* ended by the peer, or by time */
    bool established;
    bool more;      /* what was written last waits for more */
    size_t unacked, copied; /* bytes; how many of them are copies */
    uint8_t *received;      /* TCP_WND bytes, a ring; NULL: nobody reads any more */
    size_t received_at, received_len;
    const struct port_blob *blobs[BLOBS];
    uint64_t linger_until;
    struct port_tcp *next; /* free */
};
struct port_listener {
    struct port *port;
    struct tcp_pcb *pcb;
    port_accept_fn *accept;
    void *ctx;
    const struct port_tcp_events *events;
    struct port_listener *next;
};

/* -- tcp_pool.c ------------------------------------------------------------------------------------- */

/* NULL where all are in use. */
struct port_tcp *tcp_take(struct port *port, const struct port_tcp_events *events);
void tcp_release(struct port_tcp *tcp);
/* Nobody will read from it any more: its ring is another one's. */
void tcp_stop_reading(struct port_tcp *tcp);

/* -- tcp_input.c: what lwIP tells --------------------------------------------------------------------- */

/* Has lwIP tell `tcp` what happens to the pcb. */
void tcp_attach(struct port_tcp *tcp, struct tcp_pcb *pcb);
/* Leaves the pcb to lwIP, which ends it in order. */
void tcp_detach(struct port_tcp *tcp);
/* Resets the pcb, if there is one. */
void tcp_reset(struct port_tcp *tcp);
/* As tcp_reset(), but a peer that has been told of the end already is told nothing. */
void tcp_forget(struct port_tcp *tcp);
/* Both ends are done and nothing is under way any more. */
bool tcp_is_over(const struct port_tcp *tcp);
/* Bytes have been taken from the ring: the peer may send as many. */
void tcp_consumed(struct port_tcp *tcp, size_t len);

#endif
