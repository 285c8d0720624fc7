/* internal.h - what the files of the lwIP port share. */
#ifndef STAGEBOX_PORTS_LWIP_INTERNAL_H
#define STAGEBOX_PORTS_LWIP_INTERNAL_H

#include "ports/lwip/lwip.h"

#include "lwip/netif.h"
#include "lwip/pbuf.h"

#define SENTENCE_MAX 512
#define DEFAULT_CONNECTIONS 128
#define UDP_ENDPOINTS 64
#define TELL_MS 60000 /* the same trouble is told once in so long */

#define ETHER_HEADER 14
#define ETHER_TAG 4
#define ETHER_IP 0x0800
#define ETHER_ARP 0x0806
#define ETHER_VLAN 0x8100

/* -- arp.c: the neighbour table ----------------------------------------------------------------- */

#define NEIGHBOURS 1024 /* without another number from the board; the oldest makes room */
#define NO_NEIGHBOUR UINT16_MAX

struct neighbour {
    ip4 address; /* 0: free */
    struct mac mac;
    bool known;
    uint8_t asked;        /* requests without an answer */
    uint64_t asked_ms;    /* of the last request */
    uint64_t heard_ms;    /* when it last said so itself, or was last wanted */
    struct pbuf *waiting; /* the last packet for it while it is not known */
    uint16_t next;        /* of its bucket */
};
struct neighbours {
    struct neighbour *pool;
    uint16_t *buckets;
    uint16_t count, used, victim; /* where the search for an old one goes on */
    unsigned unresolved;
};
/* False: no memory. */
bool arp_start(struct port *port);
void arp_stop(struct port *port);
/* An ARP frame that has come. */
void arp_input(struct port *port, const uint8_t *frame, size_t len);
/* Sends an IP packet to a neighbour, once its MAC is known. */
err_t arp_output(struct port *port, struct pbuf *packet, ip4 to);
/* Asks again for those who did not answer; called once a second. */
void arp_tick(struct port *port);

/* -- state of the parts -------------------------------------------------------------------------- */

struct own_clock {
    bool set;
    int64_t wall_less_monotonic; /* ms */
};
struct interface {
    bool joined;
    struct port_interface is;
    struct netif netif;
    const struct mac *force; /* where the packet being sent goes, whatever ARP says */
    uint64_t sent, send_drops, receive_drops;
    uint64_t told_drops, told_ms;
};
struct connections {
    struct port_tcp *pool;
    size_t size;
    uint8_t *rings;       /* TCP_WND bytes each, of connections whose peer is listened to */
    size_t *free_rings;   /* their numbers */
    size_t free_ring_count;
    struct port_tcp *free;
    struct port_listener *listeners;
    uint64_t full_told_ms;
    size_t serving; /* whose turn it is */
    bool again; /* somebody is to be served in the next turn, too */
};
struct work_queue {
    struct port_work *first, *last;
};
struct tracked_blob; /* files.c */

struct port {
    const struct board *board;
    char sentence[SENTENCE_MAX];
    uint64_t now_ms, arp_ms, tcp_ms;
    bool running, stopped;
    struct own_clock clock;
    struct interface interface;
    struct neighbours neighbours;
    struct port_udp *udp; /* open endpoints */
    size_t udp_count;
    struct port_frames *frames;
    struct connections tcp;
    struct work_queue work;
    struct port_work *worked; /* run, but not told */
    uint64_t longest_work_us;
    struct tracked_blob *blobs;
    struct port_store *stores;
};

/* -- error.c --------------------------------------------------------------------------------------- */

/* Keeps the sentence and returns the error. */
int fail(struct port *port, enum port_error error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Keeps the board's, or its files', sentence if `result` is an error; returns `result`. */
int of_board(struct port *port, int result);
int of_files(struct port *port, int result);
void log_line(struct port *port, enum port_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* -- memory.c: where lwIP's memory comes from --------------------------------------------------------- */

/* The pools for the interface and UDP, or for so many connections beside it. False: no memory. */
bool memory_start(void);
bool memory_add_connections(size_t connections);
void memory_stop(void);
/* How often a pool was empty since the last call. */
uint64_t memory_failures(void);
/* How many more TCP control blocks there are. */
size_t memory_control_blocks_left(void);

/* -- stack.c: lwIP's state is the program's, so its port is, too ---------------------------------------- */

bool stack_start(struct port *port);
void stack_stop(struct port *port);

/* -- interface.c --------------------------------------------------------------------------------------- */

/* 0, or PORT_E_SYSTEM with a sentence: nothing may speak before the interface is joined. */
int interface_needed(struct port *port);
/* Takes what has come: at most as many frames as the ring holds. True where that was not all. */
bool interface_drain(struct port *port);
/* Sends an IP packet in a frame; `to` is the MAC it goes to. */
err_t interface_send(struct port *port, const struct pbuf *packet, const struct mac *to);
bool interface_send_frame(struct port *port, const void *frame, size_t len);
void interface_leave(struct port *port);
void interface_tell_drops(struct port *port);

/* -- frames.c, udp.c ------------------------------------------------------------------------------------- */

/* Copies to those who listen. `type` as port_frames_open() takes it. */
void frames_input(struct port *port, uint16_t type, const uint8_t *frame, size_t len);
void frames_stop(struct port *port);
/* To those who overhear: an Ethernet frame with an IP packet. */
void udp_overheard(struct port *port, const uint8_t *frame, size_t len);
/* Frees what was closed within a callback. */
void udp_sweep(struct port *port);
void udp_stop(struct port *port);

/* -- tcp_*.c, files.c, work.c ----------------------------------------------------------------------------- */

/* Makes the callbacks that are due. */
void tcp_serve(struct port *port);
/* Whether lwIP's timers have anything to do. */
bool tcp_busy(const struct port *port);
/* Whether a new peer can be had now; else its SYN is not taken, and it sends another one. */
bool tcp_has_room(struct port *port);
/* A peer begins anew from a port of its whose last connection was over: that one is forgotten. */
void tcp_reopen(ip4 peer, uint16_t peer_port, uint16_t own_port);
/* Leaves some control blocks free for new peers; called once a turn. */
void tcp_spare(void);
bool tcp_uses_blob(const struct port *port, const struct port_blob *blob);
void tcp_stop(struct port *port);
/* Gives blobs back that no connection sends from any more. */
void blobs_sweep(struct port *port);
void files_stop(struct port *port);
/* Tells of the last piece of work and does the next; true where there is more. */
bool work_turn(struct port *port);

static inline uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}
static inline ip4 get32(const uint8_t *at)
{
    return (ip4)get16(at) << 16 | get16(at + 2);
}

#endif
