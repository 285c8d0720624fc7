/* server.h - DHCP server engine (RFC 2131, 2132): datagrams in, datagrams and ARP frames out.
 *
 * No sockets, no clock, no heap: the host gives memory once, feeds what arrives together with the time
 * in milliseconds, sends what comes out, and wakes the engine when its deadline is reached. The
 * engine knows nothing of phones: whom to answer and what to tell them comes by two callbacks.
 *
 *     dhcp_server_init(&dhcp, memory, dhcp_server_memory(&limits), &limits, &callbacks, seed);
 *     dhcp_server_configure(&dhcp, &config, now);         // again at each reload; loses no lease
 *     for (each record of the journal, oldest first)
 *         dhcp_server_restore(&dhcp, &record, now);
 *     dhcp_server_start(&dhcp, now);                      // when the interface is up
 *
 *     // every datagram that comes to UDP port 67:
 *     rx = (struct dhcp_rx){.data, .len, .src, .dst};
 *     if (dhcp_server_input(&dhcp, &rx, now, &reply) == DHCP_REPLY)
 *         send(&reply);                                   // records were called before it returned
 *     // copies of others' datagrams to UDP port 68 (port_udp_overhear), and to 67 where they are to be had:
 *     dhcp_server_overheard(&dhcp, &rx, now);
 *     // every ARP frame (port_frames_open 0x0806):
 *     dhcp_server_arp(&dhcp, frame, len, now);
 *
 *     // after each of these, and when dhcp_server_deadline() is reached, until it says DHCP_OUT_NONE:
 *     while ((out = dhcp_server_output(&dhcp, now, &reply, frame)) != DHCP_OUT_NONE)
 *         out == DHCP_OUT_ARP ? port_frames_send(frames, frame, ARP_FRAME_LEN) : send(&reply);
 *
 * send(): UDP from port 67 to reply.dst, reply.port; where reply.to_mac, in a frame to reply.mac
 * without ARP (the client does not have the address yet). All calls on one thread.
 *
 * How it gives out addresses. A client is its chaddr, whatever identifier it sends: a loader and an
 * application with different option 61 keep one address. Only where the chaddr is unknown and the identifier is one
 * of RFC 4361 that is known, it is the same client behind another interface. An address
 * runs through: probed by ARP (ahead of need) - in stock - offered (15 s) - bound - expired, but
 * remembered, until nothing else is left. A DISCOVER never takes a bound address from anybody; when
 * the stock is empty, offers that nobody took up within a second go first. Declined addresses rest for
 * ten minutes and are probed again; at most a quarter of the pool rests at a time.
 *
 * Lease time: what the client asks for, at least DHCP_LEASE_MIN_S, at most the configured time,
 * which is also given where it asks for nothing. T1 and T2 are 1/2 and 7/8 of it.
 *
 * While clients are turned away because no address or no entry is left (and for DHCP_WANTED_MS after), leases are
 * given for DHCP_LEASE_WANTED_S at most, and clients that yields() names are given nothing anew: their leases run
 * out, and who waits gets the addresses once ARP has shown that they are free. Others find their address again for
 * DHCP_UNDONE_REST_MS after its lease ran out. No lease ends earlier than its client was told: one that is extended
 * keeps its end here where that is later, since the ACK may have been lost.
 *
 * What goes into a reply: 53, 54, and where it grants an address 51; then what the client lists in
 * option 55, in its order; then of 1, 58, 59, 66, 150, 159, 160 what is still missing: those go out
 * asked for or not. Without option 55 everything that is configured. The client's 61 (RFC 6842) and 82
 * (RFC 3046, last) come back unchanged. Option 67, where configured, also stands in the `file` field.
 * Nothing is overloaded; what does not fit into the client's option 57 is left out, the least
 * important first. A NAK carries 53, 54, 56, 61 and 82.
 */
#ifndef STAGEBOX_NET_DHCP_SERVER_H
#define STAGEBOX_NET_DHCP_SERVER_H

#include "net/arp/arp.h"
#include "net/dhcp/hosts.h"
#include "net/dhcp/lease.h"
#include "net/dhcp/message.h"
#include "net/dhcp/park.h"
#include "net/dhcp/rogue.h"

#define DHCP_LEASE_MIN_S 60
#define DHCP_LEASE_WANTED_S 90
#define DHCP_UNDONE_REST_MS 300000 /* as long as a phone that is writing its flash may be away */
#define DHCP_WANTED_MS 600000

/* -- what the host provides ----------------------------------------------------------------- */

/* A client as its message shows it. Pointers are valid during the callback. */
struct dhcp_client {
    uint8_t type; /* enum dhcp_message_type: DISCOVER, REQUEST or INFORM */
    struct mac mac;
    ip4 address;                    /* the one it gets or has; 0 in accept() of a DISCOVER */
    ip4 giaddr;                     /* the relay it came through, 0: none */
    struct dhcp_bytes vendor_class; /* option 60; len 0: not sent, as of the three below */
    struct dhcp_bytes user_class;   /* option 77 */
    struct dhcp_bytes host_name;    /* option 12 */
    struct dhcp_bytes client_id;    /* option 61 */
    struct dhcp_bytes relay_info;   /* option 82 */
    const struct dhcp_lease *lease; /* what is known of it; NULL: a stranger */
};

/* What one client is told; everything is empty before the callback. What `data` points to must
 * stay until the engine's function returns: constant texts, settings, or `scratch`. */
struct dhcp_provision {
    struct dhcp_bytes option66, option150, option159, option160; /* len 0: left out */
    struct dhcp_bytes host_name;                                 /* option 12, only where it is asked for; else
                                                                  * the client's own comes back */
    ip4 ntp;                                                     /* option 42; 0: left out */
    uint8_t scratch[512];
};

enum dhcp_event_kind {
    DHCP_EVENT_OFFERED,      /* mac, address */
    DHCP_EVENT_BOUND,        /* a client has got an address; mac, address */
    DHCP_EVENT_RENEWED,      /* the same client, the same address; mac, address */
    DHCP_EVENT_REFUSED,      /* NAK; address: what was asked for */
    DHCP_EVENT_RELEASED,     /* mac, address */
    DHCP_EVENT_EXPIRED,      /* mac, address */
    DHCP_EVENT_DECLINED,     /* mac: who says that the address is in use */
    DHCP_EVENT_CONFLICT,     /* mac: who was seen by ARP at the address, which is not given out now or is
                              * bound to another */
    DHCP_EVENT_INFORMED,     /* mac, address */
    DHCP_EVENT_POOL_EMPTY,   /* mac got no answer, because no address is left */
    DHCP_EVENT_TABLE_FULL,   /* mac got no answer, because there is no entry left for it */
    DHCP_EVENT_WRONG_LINK,   /* mac asks through the relay `other`, to whose subnet no pool belongs: silence */
    DHCP_EVENT_NOT_ACCEPTED, /* accept() said no */
    DHCP_EVENT_TRUNCATED,    /* options were left out of mac's reply, its size being too small */
    DHCP_EVENT_SERVER_FOUND, /* `other` is another DHCP server; `held`: no answers until dhcp_server_resume() */
    DHCP_EVENT_GUARD_CLEAR,  /* none was found while looking, or the operator resumed: answering now */
    DHCP_EVENT_KINDS
};
struct dhcp_event {
    enum dhcp_event_kind kind;
    struct mac mac;
    ip4 address;
    ip4 other;
    bool held;
    /* How many of the kind there were in silence since the last one told: POOL_EMPTY, TABLE_FULL, WRONG_LINK,
     * NOT_ACCEPTED, TRUNCATED, REFUSED, DECLINED and SERVER_FOUND are told once in ten seconds. */
    uint32_t missed;
};
/* The event's name in a few words for a log line ("offered", "no address left"). */
const char *dhcp_event_text(enum dhcp_event_kind kind);

struct dhcp_callbacks {
    void *ctx;
    /* Shall this client be answered at all? NULL: everyone. Asked at each DISCOVER, REQUEST, INFORM. */
    bool (*accept)(void *ctx, const struct dhcp_client *client);
    /* Can this client do without an address while others wait for one? NULL: nobody can. */
    bool (*yields)(void *ctx, struct mac mac);
    /* Do others make room for this client, when it is turned away? NULL: they do. */
    bool (*counts)(void *ctx, struct mac mac);
    /* Fills in what the client is told with an OFFER or ACK. NULL: nothing. */
    void (*provision)(void *ctx, const struct dhcp_client *client, struct dhcp_provision *out);
    /* A binding changed; to be in the journal before what the engine's function returns is sent.
     * NULL: no journal. */
    void (*record)(void *ctx, const struct dhcp_lease_record *record);
    /* For logs and for the phone's row. NULL: not wanted. */
    void (*event)(void *ctx, const struct dhcp_event *event);
};
/* Callbacks must not call into the engine, look-ups excepted. */

enum dhcp_authoritative { DHCP_AUTHORITATIVE_AUTO, DHCP_AUTHORITATIVE_YES, DHCP_AUTHORITATIVE_NO };

struct dhcp_setting { /* a free-form option: the bytes for the wire */
    uint8_t code;
    struct dhcp_bytes value;
};

struct dhcp_config {
    ip4 address;     /* the box's: server identifier and siaddr */
    unsigned prefix; /* 1..30, of the box's subnet and of the pool's */
    struct mac mac;  /* the box's, for ARP and our DISCOVERs */
    ip4 pool_first;  /* both belong to the pool; subnet and broadcast address, box, router and fixed */
    ip4 pool_last;   /* addresses are left out by themselves. 0 and 0: no pool */
    uint32_t lease_s;
    enum dhcp_authoritative authoritative;
    enum dhcp_rogue_policy rogue;
    bool probe;                         /* false: addresses are offered unprobed (nobody can send ARP) */
    ip4 router;                         /* option 3; 0: left out */
    ip4 dns;                            /* option 6; 0: left out */
    struct dhcp_bytes domain;           /* option 15; len 0: left out */
    const struct dhcp_setting *options; /* in force over the options above, in their order; codes that are */
    uint32_t option_count;              /* not dhcp_option_settable() are passed over */
    const struct dhcp_host *hosts;
    uint32_t host_count;
};

/* False for options that the protocol itself needs (0, 1, 50 to 59, 61, 82, 255): these cannot be
 * configured. */
bool dhcp_option_settable(uint8_t code);

struct dhcp_limits {
    uint32_t leases;     /* clients that are known at a time */
    uint32_t stock;      /* addresses probed ahead, at most; 0: as many as leases, so that all may come at once */
    uint32_t quarantine; /* addresses declined, and as many with somebody else there, at most; 0: 128 */
    uint32_t hosts;      /* fixed addresses */
    uint32_t parked;     /* requests that wait; 0: 64 */
};

/* -- what goes in and out ------------------------------------------------------------------- */

struct dhcp_rx {
    const uint8_t *data; /* the UDP payload, read during the call only */
    size_t len;
    ip4 src; /* as in the IP header; 0.0.0.0 from clients without an address */
    ip4 dst; /* our address where it was sent to us alone; else a broadcast */
};

struct dhcp_reply {
    uint8_t buf[DHCP_MESSAGE_MAX];
    size_t len;
    ip4 dst;
    uint16_t port; /* 68, to relays and other servers 67 */
    bool to_mac;   /* send in a frame to `mac`; else by broadcast or the system's ARP, as dst says */
    struct mac mac;
};

enum dhcp_output {
    DHCP_OUT_NONE,  /* nothing more now */
    DHCP_OUT_REPLY, /* `reply` is filled: an answer that had to wait, or a DISCOVER of ours */
    DHCP_OUT_ARP    /* `frame` is filled */
};

struct dhcp_stats {
    uint64_t received[9]; /* by message type 1..8; 0: not understood */
    uint64_t sent[9];     /* by message type */
    uint64_t events[DHCP_EVENT_KINDS];
    uint32_t bound, offered, remembered, ready, probing, resting; /* entries now */
};

struct dhcp_server {
    struct dhcp_callbacks call;
    struct dhcp_config config;
    struct dhcp_limits limits;
    struct dhcp_leases leases;
    struct dhcp_hosts hosts;
    struct dhcp_park park;
    struct dhcp_rogue rogue;
    struct dhcp_stats stats;
    uint64_t told_ms[DHCP_EVENT_KINDS]; /* when events that are rationed were told last, plus 1 */
    uint32_t missed[DHCP_EVENT_KINDS];
    uint16_t setting_at[256]; /* where in config.options a code stands, plus 1; 0: nowhere */
    ip4 cursor;               /* where the prober goes on */
    bool dry;                 /* the prober went round and found nothing; until an address falls free */
    bool started;
    bool answered; /* something has been answered since the start */
    uint32_t wake; /* so many of the parked may be tried again */
    uint64_t wanted_until_ms; /* a client was turned away; 0: never */
    uint64_t seed;
    struct dhcp_message message; /* the one in hand */
};

/* -- life ------------------------------------------------------------------------------------ */

/* Bytes of memory that dhcp_server_init() needs. */
size_t dhcp_server_memory(const struct dhcp_limits *limits);
/* Makes a server. `memory` (aligned for any type) and what the callbacks point to must outlive it;
 * there is nothing to free. `seed` is a random number that nobody on the network knows. False where
 * `size` is too small. */
bool dhcp_server_init(struct dhcp_server *server, void *memory, size_t size, const struct dhcp_limits *limits,
                      const struct dhcp_callbacks *callbacks, uint64_t seed);
/* Puts settings in force, at the start and at every reload. What `config` points to must stay until
 * the next call (hosts and the struct itself are copied). Bound leases outside a new pool but in the subnet stay
 * and can be renewed until their clients let them run out; those outside the subnet are told NAK when they come. A
 * new `rogue` that is not guard also ends a hold. */
void dhcp_server_configure(struct dhcp_server *server, const struct dhcp_config *config, uint64_t now_ms);
/* Takes one record of the journal, before dhcp_server_start(), in the order they were written. False where it
 * is passed over: its address is not of the subnet (or, of a lease that has run out, not of the pool), is the
 * box's or another's fixed address, or the table is full. Calls no record(). */
bool dhcp_server_restore(struct dhcp_server *server, const struct dhcp_lease_record *record, uint64_t now_ms);
/* Begins to work: probes addresses and, by `rogue`, looks for other servers. Called once more (the cable was
 * put in only now), it begins both anew where nothing has been answered yet, and else does nothing. */
void dhcp_server_start(struct dhcp_server *server, uint64_t now_ms);
/* The operator says that it shall answer although another server was found. */
void dhcp_server_resume(struct dhcp_server *server, uint64_t now_ms);

/* -- work ------------------------------------------------------------------------------------ */

/* Takes a datagram that came to port 67. DHCP_REPLY: `reply` is to be sent. DHCP_SILENT: no
 * answer, or one that comes out of dhcp_server_output() later. Negative: why it was not understood or
 * cannot be served (DHCP_E_POOL). `reply` is unspecified unless DHCP_REPLY. */
enum dhcp_result dhcp_server_input(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms,
                                   struct dhcp_reply *reply);
/* Takes a datagram that was meant for others: only a server's OFFER or ACK matters. */
void dhcp_server_overheard(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms);
/* Takes an Ethernet frame with ARP in it. */
void dhcp_server_arp(struct dhcp_server *server, const uint8_t *frame, size_t len, uint64_t now_ms);
/* What is due now; call until it says DHCP_OUT_NONE. `reply` is filled with DHCP_OUT_REPLY,
 * `frame` with DHCP_OUT_ARP. */
enum dhcp_output dhcp_server_output(struct dhcp_server *server, uint64_t now_ms, struct dhcp_reply *reply,
                                    uint8_t frame[ARP_FRAME_LEN]);
/* When dhcp_server_output() has something to do next; UINT64_MAX never. May lie in the past. */
uint64_t dhcp_server_deadline(const struct dhcp_server *server);

/* -- look-ups -------------------------------------------------------------------------------- */

/* Who has this address now: the bound lease, NULL where there is none. Valid until the next call into the
 * engine that is not a look-up. */
const struct dhcp_lease *dhcp_server_lease_at(const struct dhcp_server *server, ip4 address);
/* What is known of this client, bound or not (see its state); NULL: nothing. */
const struct dhcp_lease *dhcp_server_lease_of(const struct dhcp_server *server, struct mac mac);
/* Walks all entries that know a client, and those in quarantine because a client declined them (state
 * DHCP_LEASE_DECLINED, `known` false); `previous` NULL at first, in no special order. For lists, and with
 * dhcp_lease_record() for a journal that is written anew. */
const struct dhcp_lease *dhcp_server_next(const struct dhcp_server *server, const struct dhcp_lease *previous);
/* The entry as a record with what remains now, for a journal that is written anew. False where nothing of it
 * belongs into a journal. */
bool dhcp_lease_record(const struct dhcp_lease *lease, uint64_t now_ms, struct dhcp_lease_record *out);
/* Forgets a client and its binding; record() is called. False where it was not known. */
bool dhcp_server_forget(struct dhcp_server *server, struct mac mac, uint64_t now_ms);
/* Counters, and the entries as they are now. */
void dhcp_server_stats(const struct dhcp_server *server, struct dhcp_stats *out);
enum dhcp_guard dhcp_server_guard(const struct dhcp_server *server);
/* The other server that was seen last; 0: none. */
ip4 dhcp_server_other(const struct dhcp_server *server);

#endif
