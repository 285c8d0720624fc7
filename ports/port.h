/* port.h - everything the appliance asks of a machine, and nothing else.
 *
 * One port is linked into a program; `struct port` is its own. All calls and all callbacks happen
 * on one thread, inside port_run() or before it. No callback is made from inside a call into the
 * port, except where a function says so. Callbacks carry the context pointer they were given.
 *
 * Functions that can fail return 0 (or a count) on success and a negative enum port_error
 * otherwise; port_error_sentence() then holds one sentence for the operator which says what is
 * wrong, what holds it, and what to do ("UDP port 69 on eth0 is held by dnsmasq (pid 812): stop that
 * program first"). What happens to a connection after it stands (PORT_E_CLOSED) leaves no sentence.
 */
#ifndef STAGEBOX_PORTS_PORT_H
#define STAGEBOX_PORTS_PORT_H

#include "net/addr.h"

struct port;

enum port_error {
    PORT_E_NOENT = -1,  /* no such file, interface, ... */
    PORT_E_IO = -2,     /* the medium failed */
    PORT_E_FULL = -3,   /* no room: card, pool, queue */
    PORT_E_ACCESS = -4, /* not allowed: rights, or a link that leads outside the card's folder */
    PORT_E_BUSY = -5,   /* somebody else holds it */
    PORT_E_TOOBIG = -6, /* does not fit what the caller lent */
    PORT_E_CLOSED = -7, /* the peer has gone */
    PORT_E_SYSTEM = -8  /* anything else */
};

/* The sentence for the last failure of a port function; valid until the next port call. */
const char *port_error_sentence(const struct port *port);

/* Makes the pools. To be called once, before the first listener: room for so many TCP connections,
 * incoming, outgoing and still closing together. Without it there is room for 128. While all are
 * in use, further peers wait in the listener's queue. PORT_E_FULL where the machine has not enough. */
int port_reserve(struct port *port, size_t connections);

/* -- clock, entropy, log ------------------------------------------------------------------- */

/* Milliseconds that only grow; 0 is some moment before the program's start. Cheap: taken once per
 * turn of the loop. */
uint64_t port_now_ms(const struct port *port);
/* The wall clock in milliseconds since 1970, UTC. False while it has not been set (a board without
 * a battery that nobody told the time; a time before this program was built counts as unset). As it was when the turn
 * began, or was set in it. */
bool port_wall_ms(const struct port *port, int64_t *unix_ms);
/* Sets the wall clock, from the operator's browser. PORT_E_ACCESS where that is not allowed. */
int port_set_wall_ms(struct port *port, int64_t unix_ms);
/* Fills `buf` with random bytes fit for keys. PORT_E_SYSTEM where there is no source: no HTTPS then. */
int port_random(struct port *port, void *buf, size_t len);

struct tls_rsa_engine;
/* The machine's own way to do RSA private-key operations (net/tls/rsa.h); NULL where it has none. */
const struct tls_rsa_engine *port_rsa(const struct port *port);

enum port_level { PORT_DEBUG, PORT_INFO, PORT_WARNING, PORT_ERROR };
/* One line for the operator, without a newline. */
void port_log(struct port *port, enum port_level level, const char *line);

/* -- the interface on the staging VLAN ----------------------------------------------------- */

struct port_interface {
    char name[16];
    struct mac mac;
    ip4 address;     /* the one given to port_interface_open() */
    unsigned prefix; /* 0..32 */
    unsigned mtu;    /* bytes of an IP packet, 1500 on Ethernet */
    bool up;         /* carrier and administratively up */
};

/* Joins the interface `name` and puts address/prefix on it if it is not there (and takes it away
 * again at port_close() if it was this call that put it there). Everything below that speaks to
 * the network speaks through this interface only. PORT_E_NOENT, PORT_E_ACCESS, PORT_E_SYSTEM. */
int port_interface_open(struct port *port, const char *name, ip4 address, unsigned prefix);
/* The interface as it is now. */
void port_interface_get(const struct port *port, struct port_interface *out);
/* The system's neighbour table (ARP): false where it has no resolved entry. */
bool port_neighbour(struct port *port, ip4 address, struct mac *out);

/* -- UDP ----------------------------------------------------------------------------------- */

struct port_udp;

struct port_udp_in {
    struct port_udp *udp; /* the port that it came to: one of those that share the callback's fn and ctx */
    const struct mac *src_mac; /* whose frame it was; NULL where the port does not know */
    ip4 src;
    ip4 dst; /* as in the packet; 255.255.255.255 or a subnet broadcast where it was one */
    uint16_t src_port;
    const uint8_t *data; /* valid during the callback */
    size_t len;
};
struct port_udp_out {
    struct port_udp *udp; /* the port to send from; NULL: the one given to port_udp_send() */
    ip4 dst;
    uint16_t dst_port;
    const struct mac *dst_mac; /* NULL: let the system resolve dst. Else the frame goes to this MAC
                                * without ARP, for DHCP clients that have no address yet, or as an
                                * answer to who came from there. */
    const void *head;          /* the datagram is head followed by body; both are read during */
    size_t head_len;           /* the call only */
    const void *body;          /* may be NULL with body_len 0 */
    size_t body_len;
};
/* Up to PORT_UDP_BATCH datagrams that came together, in their order. Send the answers to all of
 * them with one port_udp_send(). */
#define PORT_UDP_BATCH 64
typedef void port_udp_fn(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n);

/* Opens UDP port `number` (0: an ephemeral one) on the interface; broadcasts are received and may
 * be sent. On 5353 what goes to mDNS's group 224.0.0.251 is received, too, and sent with a TTL of 255. PORT_E_BUSY,
 * PORT_E_ACCESS, PORT_E_FULL. */
int port_udp_open(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out);
/* As port_udp_open() with number 0, for what many peers send: what comes to several such ports may be in one call, and
 * the port knows ways to take and give datagrams that cost less than its usual ones. Broadcasts are not received. */
int port_udp_open_many(struct port *port, port_udp_fn *fn, void *ctx, struct port_udp **out);
/* Only listens: copies of all UDP datagrams to `number` that arrive at the interface, whoever else
 * holds that port, the machine's own datagrams left out. Used to notice other DHCP servers. */
int port_udp_overhear(struct port *port, uint16_t number, port_udp_fn *fn, void *ctx, struct port_udp **out);
/* The local port number, host order. */
uint16_t port_udp_number(const struct port_udp *udp);
/* Sends n datagrams, in as few system calls as possible; runs of equal length to one peer may go
 * out as one. They leave during the call: what must be on record before an answer goes out is
 * written before. A datagram that cannot be sent now is dropped and counted: UDP may lose. */
void port_udp_send(struct port_udp *udp, const struct port_udp_out *out, size_t n);
void port_udp_close(struct port_udp *udp);

/* -- Ethernet frames ------------------------------------------------------------------------ */

struct port_frames;
/* `frame` starts with the destination MAC; valid during the callback. */
typedef void port_frame_fn(void *ctx, const uint8_t *frame, size_t len);
/* Receives copies of the frames of one EtherType (0x0806 ARP, 0x88cc LLDP; 0x0004: 802.2 frames,
 * for CDP; 0x8100: frames with a VLAN tag, whatever follows it) that arrive, the machine's own and those with
 * somebody else's tag left out, and allows sending of such. One EtherType may be opened more than once. */
int port_frames_open(struct port *port, uint16_t ethertype, port_frame_fn *fn, void *ctx, struct port_frames **out);
/* Sends a frame, source MAC and EtherType included, as given. Losses are silent. */
void port_frames_send(struct port_frames *frames, const void *frame, size_t len);
void port_frames_close(struct port_frames *frames);

/* -- TCP ------------------------------------------------------------------------------------ */

struct port_tcp;      /* a connection */
struct port_listener;
struct port_blob;

enum port_end {
    PORT_END_PEER,  /* orderly: the peer will send no more */
    PORT_END_RESET, /* reset, unreachable or timed out */
};
struct port_tcp_events {
    /* Bytes can be read, or the end of the peer's stream. Level-triggered: called again in a later
     * turn while there is something that has not been read. A connection that was just accepted may be told so
     * once while nothing is there yet: port_tcp_read() then gives 0. */
    void (*readable)(void *conn);
    /* There is room to write again, after a write that took less than it was given. */
    void (*writable)(void *conn);
    /* The connection is dead; `tcp` may not be used after this returns. Not called for a
     * connection that was closed with port_tcp_close() or port_tcp_abort(). */
    void (*ended)(void *conn, enum port_end why);
    /* An outgoing connection stands; NULL for listeners. */
    void (*connected)(void *conn);
};
struct port_peer {
    ip4 address;
    uint16_t port;
};
/* A new connection: returns the context for its events, or NULL to have it reset. */
typedef void *port_accept_fn(void *ctx, struct port_tcp *tcp, const struct port_peer *peer);

int port_tcp_listen(struct port *port, uint16_t number, port_accept_fn *accept, void *ctx,
                    const struct port_tcp_events *events, struct port_listener **out);
void port_listener_close(struct port_listener *listener);
/* Starts to connect; `connected` or `ended` follows in a later turn. Without port_interface_open() the machine's
 * own routes decide, where it has any: for commands that ask a running box. */
int port_tcp_connect(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                     void *conn, struct port_tcp **out);
/* The same, but by the machine's own routes where it has others than the staging VLAN: for what the box tells somebody
 * who is no phone. */
int port_tcp_connect_out(struct port *port, ip4 address, uint16_t number, const struct port_tcp_events *events,
                         void *conn, struct port_tcp **out);
/* Reads at most `cap` bytes: the count; 0 means nothing now, readable() will tell (it does not mean
 * the end); PORT_E_CLOSED at the end of the peer's stream or on a dead connection. */
int port_tcp_read(struct port_tcp *tcp, void *buf, size_t cap);
/* Stops or resumes readable(), for back-pressure. */
void port_tcp_want_read(struct port_tcp *tcp, bool want);
/* Takes up to `len` bytes (copies what it takes): the count, 0 when full (writable() will tell),
 * PORT_E_CLOSED. `more`: further bytes follow at once, a short segment may wait for them. */
int port_tcp_write(struct port_tcp *tcp, const void *data, size_t len, bool more);
/* Like port_tcp_write, from a sealed copy, without copying; the blob must outlive the connection
 * or its next 0 of port_tcp_unacked(). What was not taken is offered again, and nothing else, until
 * it is or the connection ends: bytes past what it told may be on their way already. */
int port_tcp_write_blob(struct port_tcp *tcp, const struct port_blob *blob, uint64_t off, size_t len);
/* Bytes taken that the peer has not acknowledged yet. */
size_t port_tcp_unacked(struct port_tcp *tcp);
/* No more will be written; what was taken still goes out. Reading goes on. */
void port_tcp_shutdown(struct port_tcp *tcp);
/* Closes in order: what was taken still goes out. No event follows. */
void port_tcp_close(struct port_tcp *tcp);
/* Closes with a reset. No event follows. */
void port_tcp_abort(struct port_tcp *tcp);

/* -- work that takes its time --------------------------------------------------------------------- */

/* A piece of work, part of what it is about; it must live until done() or port_work_stop(). */
struct port_work {
    /* Does it, or a piece of it: true where it has to be called again. On machines with threads it runs in another one: it touches only what nobody else does
     * meanwhile, and calls nothing of the port but port_random(). */
    bool (*run)(struct port_work *work);
    /* It has been done: a callback like all others, in a later turn. */
    void (*done)(struct port_work *work);
    struct port_work *next; /* the port's */
};
/* Has the work done where it harms nobody, begun in the order given: where port_rsa() gives an engine several pieces at
 * a time beside the loop, else one after the other, and at most one call between two turns. PORT_E_SYSTEM: it cannot be done at all. */
int port_work(struct port *port, struct port_work *work);
/* Forgets what has not begun and waits for what has: no done() follows for any. */
void port_work_stop(struct port *port);

/* -- the card ------------------------------------------------------------------------------- */

/* Paths are relative to the folder of stagebox.ini, with '/' between names; "" and "." are that
 * folder itself. Names compare without case, as on FAT; where two names differ in case only, the
 * one spelled exactly wins. A symbolic link may lead to what lies in or below the folder that holds
 * it, and nowhere else (PORT_E_ACCESS, as is ".."): a link in firmware/ cannot reach state/.
 * Absolute paths are for settings that name one and are used as they are on machines that have
 * them. Only regular files are opened; anything else is PORT_E_ACCESS. */
#define PORT_NAME_MAX 128
struct port_file {
    char name[PORT_NAME_MAX]; /* as spelled on the card, without folder */
    uint64_t size;            /* bytes */
    uint64_t stamp;           /* changes when the content may have changed (time, size, inode) */
    int64_t modified_s;       /* seconds since 1970; 0 where the card does not say */
    bool not_a_file;          /* of port_list() only: a sub-folder, a device, or a link that leads outside or nowhere */
};
/* Calls `each` for everything in the folder but names longer than PORT_NAME_MAX - 1 until it returns false.
 * What is `not_a_file` has a name and nothing else, and cannot be read. The count. */
int port_list(struct port *port, const char *dir, bool (*each)(void *ctx, const struct port_file *file), void *ctx);
int port_stat(struct port *port, const char *path, struct port_file *out);
/* Reads up to `len` bytes at `off`: the count, 0 past the end. */
int port_read(struct port *port, const char *path, uint64_t off, void *buf, size_t len);
/* Writes the whole file anew so that a reader, or a power cut, finds the old or the new one.
 * Makes the folder if it is not there. */
int port_replace(struct port *port, const char *path, const void *data, size_t len);

/* Bytes that files can still take, and how many the card has in all. */
int port_room(struct port *port, uint64_t *free_bytes, uint64_t *size);

/* A sealed copy of a file: what was verified is what is sent, whatever happens on the card. */
struct port_blob {
    const uint8_t *data; /* the whole content, readable until port_blob_release() */
    uint64_t size;
};
/* Copies the file into memory that nobody can change any more. Release it with
 * port_blob_release() when neither a transfer nor a connection uses it. */
int port_blob_open(struct port *port, const char *path, const struct port_blob **out);
void port_blob_release(struct port *port, const struct port_blob *blob);

/* A file of fixed size that is allocated whole when it is opened, for the journal. */
struct port_store;
/* Opens or makes `path` with at least `size` bytes (new bytes are zero). */
int port_store_open(struct port *port, const char *path, uint64_t size, struct port_store **out);
uint64_t port_store_size(const struct port_store *store);
int port_store_read(struct port_store *store, uint64_t off, void *buf, size_t len);
/* Hands the bytes to the kernel (or the card's driver) before it returns; where that takes too long (the card is busy
 * with something else), it goes on beside the loop, in the order of the calls: see port_store_written(). */
int port_store_write(struct port_store *store, uint64_t off, const void *data, size_t len);
/* All that was written is with the kernel: a kill loses nothing of it. A turn follows when it comes to be. What fails after
 * port_store_write() returned is reported by the next write. */
bool port_store_written(const struct port_store *store);
/* Starts a sync of what was written so far; never blocks. port_store_synced() is true while
 * none is under way; a failed sync is reported by the next write. A turn follows when one ends. */
void port_store_sync(struct port_store *store);
bool port_store_synced(const struct port_store *store);
void port_store_close(struct port_store *store);

/* -- the loop ------------------------------------------------------------------------------- */

struct port_hooks {
    void *ctx;
    /* Once per turn, after the turn's callbacks: due deadlines, the journal's write. What the
     * callbacks sent has left by then, or may have; answers that have to follow the journal's write
     * are sent from here. Returns the time (port_now_ms) of the next deadline, UINT64_MAX for none. */
    uint64_t (*turn)(void *ctx, uint64_t now_ms);
    void (*reload)(void *ctx); /* SIGHUP */
    void (*stop)(void *ctx);   /* SIGINT, SIGTERM; the app ends with port_stop() */
};
/* Serves until port_stop(); returns 0, or a negative error where the loop itself fails. */
int port_run(struct port *port, const struct port_hooks *hooks);
void port_stop(struct port *port);
/* Tells a supervisor, where there is one, that every listener is up (sd_notify READY=1). */
void port_ready(struct port *port);
/* Gives up every right that is not needed once the listeners stand. 0, or an error (logged by the
 * caller: the box goes on). */
int port_drop_rights(struct port *port);

#endif
