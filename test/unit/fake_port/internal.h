/* internal.h - what the files of the fake port share. */
#ifndef STAGEBOX_TEST_FAKE_PORT_INTERNAL_H
#define STAGEBOX_TEST_FAKE_PORT_INTERNAL_H

#include "test/unit/fake_port/fake_port.h"

#define FAKE_PATH_MAX 512
#define FAKE_KEPT 256 /* datagrams and frames that stay readable after they were taken */
#define FAKE_NEIGHBOURS 1024

struct fake_failure {
    int skip, times;
    enum port_error error;
    char sentence[200];
};
struct fake_bytes {
    uint8_t *data;
    size_t len;
};
struct fake_packet {
    struct fake_packet *next;
    struct fake_datagram datagram; /* for frames only data, len and seq */
};
struct fake_queue {
    struct fake_packet *first, *last;
    size_t count;
};
struct fake_line {
    enum port_level level;
    char *text;
};
struct fake_neighbour_entry {
    ip4 address;
    struct mac mac;
};
struct fake_file {
    struct fake_file *next;
    char path[FAKE_PATH_MAX]; /* as spelled; a folder ends in '/' */
    struct fake_bytes content, durable;
    bool has_durable; /* a store: what a power cut leaves */
    bool outside;
    uint64_t stamp;
    int64_t modified_s;
};
struct fake_blob {
    struct port_blob blob; /* first, so that the app's pointer is ours */
    struct fake_blob *next;
};
struct port_store {
    struct port_store *next;
    struct port *port;
    struct fake_file *file;
    bool closed, outstanding;
    int failed; /* of the last sync, for the next write */
};
struct port_udp {
    struct port_udp *next;
    struct port *port;
    uint16_t number;
    bool overhears, closed;
    port_udp_fn *fn;
    void *ctx;
    struct fake_queue in;
};
struct port_frames {
    struct port_frames *next;
    struct port *port;
    uint16_t ethertype;
    bool closed;
    port_frame_fn *fn;
    void *ctx;
    struct fake_queue in;
};
struct port_listener {
    struct port_listener *next;
    struct port *port;
    uint16_t number;
    bool closed;
    port_accept_fn *accept;
    void *ctx;
    const struct port_tcp_events *events;
};
struct fake_pipe {
    uint8_t *data;
    size_t len, cap;
};
struct port_tcp {
    struct port_tcp *next;
    struct port *port;
    struct port_listener *listener; /* NULL: outgoing */
    const struct port_tcp_events *events;
    void *conn;
    struct port_peer peer;
    enum fake_tcp_state state;
    struct fake_pipe to_app, to_peer;
    size_t window, unacked, read_limit;
    bool gone;     /* the app may not use it any more */
    bool seen;     /* outgoing: given out by fake_tcp_outgoing() */
    bool answered; /* outgoing: established, connected() follows */
    bool fin;      /* the peer has sent its last */
    bool eof_read; /* and the app knows */
    bool reset;    /* ended(RESET) follows */
    bool shutdown; /* by the app */
    bool want_read, want_write, hold_acks;
    uint64_t seq;
    uint8_t *taken;
};
struct fake_tcp {
    struct port_tcp tcp;
};

struct port {
    uint64_t now, deadline, seq, random;
    struct port_work *work;
    bool work_held;
    bool wall_set;
    int64_t wall_less_now;
    char sentence[400];
    struct fake_failure failures[FAKE_OPS];
    struct port_hooks hooks;
    void (*script)(struct port *port, void *ctx);
    void *script_ctx;
    bool hooked, in_callback, stopped, ready, dropped, show_log, hold_sync, hold_write;
    struct fake_line *lines;
    size_t line_count;
    struct port_interface interface;
    struct fake_neighbour_entry neighbours[FAKE_NEIGHBOURS];
    size_t neighbour_count;
    struct port_udp *udps;
    struct port_frames *frames;
    struct fake_queue udp_out, frames_out, udp_kept, frames_kept;
    size_t udp_lose;
    uint16_t ephemeral;
    struct port_listener *listeners;
    struct port_tcp *tcps;
    size_t connections;
    struct fake_file *files;
    uint64_t stamp, room;
    struct fake_blob *blobs;
    struct port_store *stores;
};

/* Ends the test with a line on stderr. */
_Noreturn void fake_die(const char *what);
void fake_check(bool fine, const char *what);
void *fake_alloc(size_t size);
/* 0, or the error that fake_fail() planned for this call. */
int fake_planned(struct port *port, enum fake_op op);
int fake_error(struct port *port, enum port_error error, const char *sentence);

struct fake_packet *fake_packet_new(const void *head, size_t head_len, const void *body, size_t body_len);
void fake_queue_put(struct fake_queue *queue, struct fake_packet *packet);
struct fake_packet *fake_queue_get(struct fake_queue *queue);
void fake_queue_clear(struct fake_queue *queue);
/* Puts a taken packet where it stays readable for a while. */
void fake_keep(struct fake_queue *kept, struct fake_packet *packet);

/* A part's work in a turn; pending: something would be done now. */
void fake_udp_turn(struct port *port);
bool fake_udp_waiting(const struct port *port);
void fake_frames_turn(struct port *port);
bool fake_frames_waiting(const struct port *port);
void fake_tcp_turn(struct port *port);
bool fake_tcp_waiting(const struct port *port);

/* As a kill leaves it. */
void fake_udp_forget(struct port *port);
void fake_frames_forget(struct port *port);
void fake_tcp_forget(struct port *port);
void fake_card_forget(struct port *port);
void fake_tcp_free(struct port *port);
void fake_card_free(struct port *port);

struct fake_file *fake_find(const struct port *port, const char *path);
struct fake_file *fake_make(struct port *port, const char *path);
void fake_bytes_set(struct fake_bytes *bytes, const void *data, size_t len);
/* 0, or PORT_E_ACCESS, PORT_E_NOENT: what a path may be used for. */
int fake_path_check(struct port *port, const char *path, struct fake_file **file);

/* -- work.c */
void fake_work_turn(struct port *port);
bool fake_work_waiting(const struct port *port);

#endif
