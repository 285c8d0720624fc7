/* sender.h - threads, one a core, that do nothing but sendfile() long pieces of sealed copies to sockets, so that
 * the loop stays free for what is short, and big files leave by all cores. A thread that has nothing to do helps the
 * others.
 *
 * All functions are called on the loop's thread. A piece belongs to the threads from sender_start() until it was
 * reported as over; until then its socket and its copy stay open, and the owner reads nothing of it but
 * sender_sent(). */
#ifndef STAGEBOX_PORTS_LINUX_SENDER_H
#define STAGEBOX_PORTS_LINUX_SENDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port;

/* So long a piece, in bytes, is worth a thread. */
#define SENDER_MIN (128u * 1024)

struct send_piece {
    int socket, copy; /* not blocking; a sealed memfd. Set before sender_start(), as are the next two */
    uint64_t off;     /* in the copy */
    size_t len;
    int error; /* when it is over: 0 or an errno of sendfile() */
    /* private: */
    atomic_size_t sent;
    bool lent; /* not the owner's */
    struct send_piece *next;
};

/* Called in a later turn, on the loop: the piece is over, and the owner's again. */
typedef void sender_fn(struct send_piece *piece);

/* Gives the piece to a thread. False where there are none: a machine with one core, or no more threads to be had.
 */
bool sender_start(struct port *port, struct send_piece *piece, sender_fn *fn);
/* Whether it is a thread's. */
bool sender_has(const struct send_piece *piece);
/* How many bytes the socket has taken, at least; all of them when the piece is over. */
size_t sender_sent(const struct send_piece *piece);
/* Has the thread give it back soon: reported as over, with whatever was sent. */
void sender_cancel(struct port *port, struct send_piece *piece);
/* Ends the threads; every piece is the owner's then. */
void senders_stop(struct port *port);

#endif
