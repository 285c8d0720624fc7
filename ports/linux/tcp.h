/* tcp.h - what the parts of TCP share. */
#ifndef STAGEBOX_PORTS_LINUX_TCP_H
#define STAGEBOX_PORTS_LINUX_TCP_H

#include "ports/linux/internal.h"
#include "ports/linux/post.h"
#include "ports/linux/sender.h"

enum tcp_phase { TCP_CONNECTING, TCP_OPEN, TCP_LINGERING, TCP_GONE };

struct port_tcp {
    struct watch watch;
    struct port *port;
    const struct port_tcp_events *events;
    void *conn;
    enum tcp_phase phase;
    bool want_read, want_write;
    bool eof_read; /* the app has seen the end of the peer's stream */
    bool shut;     /* the app will write no more */
    bool broken;   /* a call has failed: reset, timed out */
    bool fresh;    /* accepted in this turn: not in epoll yet, where many never have to be */
    bool reset;    /* gone, by a reset, when the thread has given the socket back */
    bool empty;    /* everything that was written has arrived: the socket has room */
    struct post *post; /* what was put into the post and is not known to have gone out */
    uint64_t linger_until;
    bool sending; /* of `piece`, something is not sent, or not told to the app */
    size_t told;  /* bytes of it that the app knows to be taken */
    struct send_piece piece;
    const struct port_blob *blob;     /* held while the thread has the piece */
    struct port_tcp *previous, *next; /* sending, lingering, or free (next) */
};
struct port_listener {
    struct watch watch;
    struct port *port;
    port_accept_fn *accept;
    void *ctx;
    const struct port_tcp_events *events;
    struct port_listener *next;
};

/* tcp_pool.c: a connection on a socket that it takes over; NULL where all are in use. */
struct port_tcp *tcp_take(struct port *port, const struct port_tcp_events *events);
/* Closes the socket, with a reset if `reset`, and gives the connection back. */
void tcp_release(struct port_tcp *tcp, bool reset);
/* Waits for the peer's end before the socket is closed, since closing with unread bytes would reset
 * the connection and with it what the peer has not read yet. */
void tcp_start_linger(struct port_tcp *tcp);

/* tcp.c */
void tcp_ready(struct watch *watch, uint32_t events);
/* Has epoll report what is of interest now; of a fresh one at the turn's end. */
void tcp_update(struct port_tcp *tcp);
/* What has come with a new connection, or has come for it meanwhile. */
void tcp_look(struct port_tcp *tcp);

bool tcp_can_write(const struct port_tcp *tcp);
/* Has the app go on writing, as an event of its own. */
void tcp_writable(struct port_tcp *tcp);
/* What a send call of `count` bytes, of `len`, means to the app: what port_tcp_write() gives. */
int tcp_written(struct port_tcp *tcp, ssize_t count, size_t len);
/* Notes that a call has failed; PORT_E_CLOSED. */
int tcp_broken(struct port_tcp *tcp);

/* tcp_blob.c: what a thread still sends need not go out. */
void tcp_stop_sending(struct port_tcp *tcp);

/* tcp_pool.c: the socket of one that is gone, which a thread has given back. */
void tcp_release_late(struct port_tcp *tcp);

/* tcp_open.c: options that every connection has. */
void tcp_set_options(int fd);
void tcp_resume_listeners(struct port *port);

#endif
