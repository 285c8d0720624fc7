/* fake_port.h - a port.h for tests of the app: virtual clock, files in memory, packets in queues,
 * TCP as two pipes. Nothing sleeps, nothing is random, nothing leaves the process.
 *
 *     struct port *port = fake_port_new();
 *     fake_file_text(port, "stagebox.ini", "[box]\n...");
 *     ... start the app on `port`; give it its hooks with fake_hooks(), or let it call port_run() ...
 *     fake_udp_in(port, &(struct fake_datagram){.src = ..., .dst_port = 67, ...}, bytes, len);
 *     fake_turn(port);
 *     fake_udp_take(port, &sent);
 *     fake_port_free(port);
 *
 * Where a function below takes the port only to look, it makes no callback. Callbacks are made by
 * fake_turn(), fake_run_until() and fake_signal_*() alone. A misuse that a real port would not
 * survive (a closed object used again, a callback that re-enters fake_turn()) aborts the test. */
#ifndef STAGEBOX_TEST_FAKE_PORT_H
#define STAGEBOX_TEST_FAKE_PORT_H

#include "ports/port.h"

/* A machine at fake_now 1000 ms with the wall clock unset, an empty card, and an interface "eth0" with
 * MAC 02:00:00:00:00:01 that is up. Everything it gives out lives until fake_port_free(). */
struct port *fake_port_new(void);
/* Frees everything. What the app has not closed is closed as a kill would do, without events. */
void fake_port_free(struct port *port);
/* SIGKILL and a new start: sockets, connections, stores, blobs, hooks, queues and log are gone; the
 * card, the clock, and the fake_*() settings of machine and interface stay. The app's own memory is
 * the test's business. */
void fake_port_restart(struct port *port);
/* The same with the power: store bytes written since the last completed sync are lost, too. */
void fake_port_power_cut(struct port *port);

/* -- turns and time ------------------------------------------------------------------------- */

/* What port_run() does: with a script, it keeps the hooks, calls the script, and returns 0; without
 * one it keeps the hooks and returns 0 at once, so that the test drives the turns itself. */
void fake_script(struct port *port, void (*script)(struct port *port, void *ctx), void *ctx);
/* Gives hooks as port_run() would. */
void fake_hooks(struct port *port, const struct port_hooks *hooks);
/* One turn at the present time: delivers everything that was queued before it (what callbacks
 * cause comes in the next one), then the turn hook. The deadline that the hook returned. */
uint64_t fake_turn(struct port *port);
/* Turns until nothing is queued and nothing is readable or due; at most 10,000, more abort. */
void fake_settle(struct port *port);
/* fake_settle(), then goes from deadline to deadline and settles at each, and ends at `now_ms`. */
void fake_run_until(struct port *port, uint64_t now_ms);
/* Sets the time without a turn; it may not go back. */
void fake_set_now(struct port *port, uint64_t now_ms);
uint64_t fake_now(const struct port *port);
/* The wall clock from now on runs with the virtual one; `set` false makes it unset. */
void fake_set_wall(struct port *port, bool set, int64_t unix_ms);
/* Calls hooks.reload or hooks.stop as the signals do, then makes a turn. */
void fake_signal_reload(struct port *port);
void fake_signal_stop(struct port *port);
bool fake_stopped(const struct port *port);        /* port_stop() was called */
bool fake_ready(const struct port *port);          /* port_ready() was called */
bool fake_rights_dropped(const struct port *port); /* port_drop_rights() was called */

/* -- order and failures --------------------------------------------------------------------- */

/* Everything the app does to the outside (datagram, frame, TCP bytes, file or store write) takes the
 * next number; compare to see what came first. The last one given. */
uint64_t fake_seq(const struct port *port);

enum fake_op {
    FAKE_INTERFACE_OPEN,
    FAKE_UDP_OPEN,
    FAKE_OVERHEAR,
    FAKE_FRAMES_OPEN,
    FAKE_LISTEN,
    FAKE_CONNECT,
    FAKE_LIST,
    FAKE_STAT,
    FAKE_READ,
    FAKE_REPLACE,
    FAKE_BLOB,
    FAKE_STORE_OPEN,
    FAKE_STORE_READ,
    FAKE_STORE_WRITE,
    FAKE_STORE_SYNC,
    FAKE_RANDOM,
    FAKE_SET_WALL,
    FAKE_DROP_RIGHTS,
    FAKE_RESERVE,
    FAKE_WORK,
    FAKE_ROOM,
    FAKE_OPS
};
/* After `skip` more successes, the next `times` calls of that function fail with `error` (-1: all).
 * `sentence` becomes the port's; NULL for a plain one. FAKE_STORE_SYNC fails as a sync does: by the
 * next write. */
void fake_fail(struct port *port, enum fake_op op, int skip, int times, enum port_error error,
               const char *sentence);

/* While held, work (port_work()) stays undone; else a piece is done each turn. */
void fake_work_hold(struct port *port, bool hold);

/* -- log ------------------------------------------------------------------------------------ */

/* The lines so far; each is kept. */
size_t fake_log_count(const struct port *port);
const char *fake_log_line(const struct port *port, size_t at, enum port_level *level);
/* The first line from `from` on that holds `part`; NULL if none. */
const char *fake_log_find(const struct port *port, size_t from, const char *part);
/* Also writes every line to stderr, to see what a failing test did. */
void fake_log_show(struct port *port, bool show);

/* -- interface ------------------------------------------------------------------------------ */

/* Name, MAC, mtu and up of the interface (port_interface_open() of another name fails with
 * PORT_E_NOENT); address and prefix are ignored. */
void fake_interface(struct port *port, const struct port_interface *interface);
/* An entry of the neighbour table; mac NULL takes it out. */
void fake_neighbour(struct port *port, ip4 address, const struct mac *mac);

/* -- UDP and frames ------------------------------------------------------------------------- */

struct fake_datagram {
    ip4 src, dst; /* for what the app sent, src is 0 */
    uint16_t src_port, dst_port;
    bool to_mac; /* the app named the MAC; of what arrives: the port knows whose frame it was */
    struct mac mac;
    const uint8_t *data; /* valid until 256 more have been taken */
    size_t len;
    uint64_t seq; /* see fake_seq() */
};
/* Queues a datagram that arrives for in->dst_port; `data` is copied (to a block of exactly that size,
 * so that ASan sees a read past it). False where nobody has that port open. Who overhears the port
 * gets a copy. */
bool fake_udp_in(struct port *port, const struct fake_datagram *in, const void *data, size_t len);
/* The next datagram the app sent, oldest first; false where there is none. */
bool fake_udp_take(struct port *port, struct fake_datagram *out);
size_t fake_udp_pending(const struct port *port);
/* The next `n` datagrams that the app sends are lost. */
void fake_udp_lose(struct port *port, size_t n);
/* Whether the app holds that UDP or TCP port. */
bool fake_udp_is_open(const struct port *port, uint16_t number);
bool fake_tcp_is_open(const struct port *port, uint16_t number);

/* A frame arrives, destination MAC first; false where nobody opened its EtherType (a length field
 * counts as 0x0004). */
bool fake_frame_in(struct port *port, const void *frame, size_t len);
/* The next frame the app sent; *frame is valid until 256 more have been taken. */
bool fake_frame_take(struct port *port, const uint8_t **frame, size_t *len);

/* -- TCP: the peer's end --------------------------------------------------------------------- */

struct fake_tcp; /* the peer's end of a connection; valid until fake_port_free(), also after it ended */
enum fake_tcp_state {
    FAKE_TCP_QUEUED, /* waits for accept (next turn), or for fake_tcp_establish() */
    FAKE_TCP_OPEN,
    FAKE_TCP_SHUTDOWN, /* the app will send no more (port_tcp_shutdown) */
    FAKE_TCP_CLOSED,   /* the app closed in order */
    FAKE_TCP_RESET     /* by either side, or refused */
};
/* Connects to the app's listener `number`; NULL where there is none. */
struct fake_tcp *fake_tcp_open(struct port *port, uint16_t number, ip4 peer, uint16_t peer_port);
/* The next connection that the app starts, oldest first, state FAKE_TCP_QUEUED; NULL if none. */
struct fake_tcp *fake_tcp_outgoing(struct port *port, ip4 *address, uint16_t *number);
void fake_tcp_establish(struct fake_tcp *peer);
/* Bytes for the app; copied. */
void fake_tcp_send(struct fake_tcp *peer, const void *data, size_t len);
void fake_tcp_send_text(struct fake_tcp *peer, const char *text);
/* At most this many bytes per port_tcp_read() of the app, to cut input everywhere; 0: no limit. */
void fake_tcp_read_limit(struct fake_tcp *peer, size_t bytes);
/* Takes up to `cap` of the bytes that the app sent, and acknowledges them. The count. */
size_t fake_tcp_take(struct fake_tcp *peer, void *buf, size_t cap);
/* Takes everything that is there: *len bytes, with a NUL behind them; valid until the next call for
 * this peer. */
const char *fake_tcp_take_text(struct fake_tcp *peer, size_t *len);
size_t fake_tcp_pending(const struct fake_tcp *peer);
/* Room for bytes that the app sends and the peer has not taken; 64 KB at first. */
void fake_tcp_window(struct fake_tcp *peer, size_t bytes);
/* While held, taken bytes are not acknowledged: port_tcp_unacked() stays, and so does the window. */
void fake_tcp_hold_acks(struct fake_tcp *peer, bool hold);
void fake_tcp_fin(struct fake_tcp *peer);   /* the peer sends no more */
void fake_tcp_reset(struct fake_tcp *peer); /* RST, or a refused connection */
enum fake_tcp_state fake_tcp_state(const struct fake_tcp *peer);
/* The fake_seq() of the write that ended the last time nothing was left to take; 0 where nothing is. */
uint64_t fake_tcp_seq(const struct fake_tcp *peer);

/* -- card ----------------------------------------------------------------------------------- */

/* Makes or replaces a file, as a person with a card reader would; folders come by themselves. A path
 * that ends in '/' makes an empty folder. */
void fake_file(struct port *port, const char *path, const void *data, size_t len);
void fake_file_text(struct port *port, const char *path, const char *text);
void fake_file_remove(struct port *port, const char *path);
/* The content (stores included) and *len, with a NUL behind it; NULL where there is no such file. Valid
 * until the file changes. */
const char *fake_file_get(const struct port *port, const char *path, size_t *len);
/* A link that leads out of its folder: every use is PORT_E_ACCESS, and for port_list() it is no file. */
void fake_file_link_outside(struct port *port, const char *path);
/* Bytes that the card can still take (new content counts whole); UINT64_MAX at first. */
void fake_card_room(struct port *port, uint64_t bytes);
/* The blobs that the app holds now. */
size_t fake_blobs(const struct port *port);
/* While held, syncs of stores stay outstanding; letting go completes them. */
void fake_store_hold_sync(struct port *port, bool hold);
/* The card is busy: what is written is not with the kernel yet, as port_store_written() tells. */
void fake_store_hold_write(struct port *port, bool hold);

#endif
