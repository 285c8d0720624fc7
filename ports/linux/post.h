/* post.h - short answers that a crowd of connections is owed at once: written down in the order in which they were made, and
 * sent by a thread while the loop makes further ones. The loop takes what is still left after another turn, or as soon as it has
 * nothing else to do: so no answer has to wait for a thread that has no core.
 *
 * All functions are called on the loop's thread. */
#ifndef STAGEBOX_PORTS_LINUX_POST_H
#define STAGEBOX_PORTS_LINUX_POST_H

#include <stdbool.h>
#include <stddef.h>

struct port;
struct port_tcp;
struct post;
struct posts;

/* Takes a copy of `len` bytes, to be sent in this turn or the next; whole, or the connection ends. The socket must have room for them. False:
 * there is no crowd, it is too long, or there is no thread; then they are the caller's to send. */
bool post_put(struct port_tcp *tcp, const void *data, size_t len);
/* What was put last is the connection's last: true. False: it has gone out, or may be going out at this moment. */
bool post_end(struct port_tcp *tcp);
/* Afterwards what was put has been handed to the socket; before anything else is done with it. */
void post_settle(struct port_tcp *tcp);
/* The end of a turn: sends what was put in the turn before and is still there, and what was put in this one if there is nothing
 * else to do (`idle`). True: something is left for the thread, and for the next turn. */
bool posts_flush(struct port *port, bool idle);
/* Ends the thread; before the connections are closed. */
void posts_stop(struct port *port);

#endif
