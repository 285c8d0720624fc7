/* internal.h - what the files of the Linux port share. */
#ifndef STAGEBOX_PORTS_LINUX_INTERNAL_H
#define STAGEBOX_PORTS_LINUX_INTERNAL_H

#include "ports/linux/confine.h"
#include "ports/linux/linux.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>

#define SENTENCE_MAX 512
#define EVENTS_PER_TURN 64
#define DEFAULT_CONNECTIONS 128
#define UDP_ENDPOINTS 256
#define LOG_BUFFER 4096 /* PIPE_BUF: a pipe that is ready to be written to takes so much at once */

/* -- loop.c: one file descriptor in the loop --------------------------------------------------- */

struct watch {
    int fd; /* -1: closed */
    uint32_t events;
    bool parked; /* not in epoll, which would report a hang-up for ever */
    void (*ready)(struct watch *watch, uint32_t events);
    void (*dispose)(struct watch *watch); /* gives the memory back, when no event of this turn can name it */
    void *owner;
    struct watch *next_buried;
};
/* Takes the fd over. 0, or -1 with errno (and the fd is still the caller's). */
int watch_open(struct port *port, struct watch *watch, int fd, uint32_t events);
void watch_set(struct port *port, struct watch *watch, uint32_t events);
void watch_park(struct port *port, struct watch *watch);
void watch_close(struct port *port, struct watch *watch);
/* Disposes of it now, or after the turn's events. Its fd must be closed. */
void watch_bury(struct port *port, struct watch *watch);
int loop_open(struct port *port);
void loop_close(struct port *port);

/* -- state of the parts ------------------------------------------------------------------------ */

/* The wall clock as the operator set it, where the system's may not be set. */
struct own_clock {
    bool set;
    int64_t wall_less_monotonic; /* ms */
    int64_t system_when_set;     /* the system's own difference then */
    int64_t wall_ms;             /* as the turn began */
};
struct alarm {
    struct watch watch; /* a timerfd; closed where there is none */
    uint64_t at_ms;     /* when it goes off; UINT64_MAX: it is not set */
};
struct signals {
    struct watch watch;
    bool taken, reload, stop;
    sigset_t old_mask;
    struct sigaction old_pipe;
};
struct interface {
    char name[16];
    unsigned index; /* 0: not joined */
    int query;      /* a socket for questions about it, once it is joined */
    struct mac mac;
    ip4 address;
    unsigned prefix, mtu;
    bool loopback, put_address;
};
struct udp_batch; /* udp.h */
struct udp_ring;  /* udp_ring.c */
struct udp_state {
    struct port_udp *pool; /* UDP_ENDPOINTS */
    struct port_udp *free;
    struct udp_batch *batch;
    struct udp_ring *ring; /* NULL: none was asked for, or none to be had */
    int raw;               /* packet socket that only sends; -1: not allowed, answers are broadcast instead */
    uint16_t raw_id;
    bool no_gso;
    uint64_t dropped, dropped_before;
    int drop_reason; /* errno of the last */
    uint64_t drop_told_ms;
};
struct tcp_state {
    struct port_tcp *pool;
    size_t size;
    struct port_tcp *free;
    struct port_tcp **fresh; /* accepted in this turn; some may have ended since */
    size_t fresh_count;
    struct port_tcp *linger_first, *linger_last;   /* oldest first */
    struct port_tcp *sending_first, *sending_last; /* a thread has a piece of theirs */
    size_t sending;
    uint64_t tell_ms;         /* when the app is told how far they are */
    struct port_tcp *current; /* whose event is being served */
    struct port_listener *listeners;
    bool full;         /* listeners are paused */
    uint64_t retry_ms; /* when they go on anyway; UINT64_MAX: when a connection is free */
    uint64_t full_told_ms;
};
struct sync_worker;  /* store.c */
struct work_threads; /* work.c */
struct senders;      /* sender.c */
struct posts;        /* post.c */
struct log_state {
    bool journal;
    uint64_t lost;
    size_t len; /* of the lines of this turn */
    unsigned lines;
    char buffer[LOG_BUFFER];
};

struct port {
    struct port_linux_options options;
    char sentence[SENTENCE_MAX];
    int card; /* O_PATH, the folder of stagebox.ini */
    struct confine_outside outside;
    char *card_name;
    int epoll;
    uint64_t now_ms;
    bool running, dispatching, stopped;
    struct watch *buried;
    struct alarm alarm;
    struct own_clock clock;
    struct log_state log;
    struct signals signals;
    struct interface interface;
    struct udp_state udp;
    struct port_frames *frames;
    struct tcp_state tcp;
    struct sync_worker *worker;
    struct work_threads *work;
    struct senders *senders;
    struct posts *posts;
    struct linux_blob *blobs;
};

/* -- error.c ----------------------------------------------------------------------------------- */

/* Keeps the sentence and returns the error. */
int fail(struct port *port, enum port_error error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The port's error for an errno. */
enum port_error error_of(int number);
/* log.c: whether stderr is the journal, which wants "<4>" before a line. */
bool log_is_journal(void);
/* Writes what was logged in this turn. */
void log_flush(struct port *port);
void log_line(struct port *port, enum port_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* -- clock.c ----------------------------------------------------------------------------------- */

uint64_t clock_monotonic_ms(void);
/* A turn begins: what its callbacks read as the time, both clocks. */
void clock_turn(struct port *port);

/* -- bell.c ------------------------------------------------------------------------------------ */

/* An eventfd; -1 and errno. It can be rung by any thread, and is readable until it is hushed. */
int bell_open(void);
void bell_ring(int bell);
void bell_hush(int bell);

/* -- alarm.c ----------------------------------------------------------------------------------- */

void alarm_open(struct port *port);
/* The timeout with which epoll_wait() is back at `deadline` at the latest, or some time before. */
int alarm_wait_ms(struct port *port, uint64_t deadline);

/* -- signals.c, notify.c ------------------------------------------------------------------------ */

int signals_take(struct port *port);
void signals_give_back(struct port *port);
void notify_supervisor(const char *state);

/* -- interface.c, netlink.c, nearest.c ----------------------------------------------------------- */

/* 0, or PORT_E_SYSTEM with a sentence: nothing may speak before the interface is joined. */
int interface_needed(struct port *port);
void interface_leave(struct port *port);
/* SO_BINDTODEVICE; 0 or -1 with errno. */
int interface_bind(const struct port *port, int fd);
/* Adds or deletes an address, 0 or an errno. */
int netlink_address(bool add, unsigned index, ip4 address, unsigned prefix);
/* How many letters must change, be added or left out to make one name of the other. */
unsigned name_distance(const char *a, const char *b);

/* -- holder.c ------------------------------------------------------------------------------------ */

/* PORT_E_BUSY and the sentence that names who holds a port ("UDP" or "TCP"). */
int fail_held(struct port *port, const char *protocol, uint16_t number);
/* The sentence for a socket that could not be opened, by errno. */
int fail_socket(struct port *port, const char *protocol, uint16_t number, int error);

/* -- rights.c ------------------------------------------------------------------------------------ */

/* Gives up the calling thread's capabilities but CAP_DAC_OVERRIDE and CAP_NET_ADMIN, if those are to be
 * kept; the latter sleeps until it is raised. 0 or an errno. */
int rights_drop(bool keep_files, bool keep_network);
void rights_raise_network(void);
/* For a thread that computes or syncs and needs no right at all: no capability, and no file can be opened. */
void rights_of_thread(void);

/* -- udp.c, tcp.c, frames.c, store.c, blob.c ------------------------------------------------------- */

int udp_start(struct port *port);
void udp_stop(struct port *port);
/* Says now and then how many datagrams were dropped. */
void udp_tell_drops(struct port *port);
void tcp_stop(struct port *port);
/* The turn is over: epoll takes the connections that it brought and that are still open. */
void tcp_settle(struct port *port);
/* Tells the app how far its long pieces are, when it is time; the next such time. */
uint64_t tcp_tell(struct port *port);
/* Ends connections whose peer has had its time to take the last bytes; the next such time. */
uint64_t tcp_linger(struct port *port);
void frames_stop(struct port *port);
void stores_stop(struct port *port);
void blobs_stop(struct port *port);
void work_close(struct port *port);

struct sockaddr_in socket_address(ip4 address, uint16_t number);

#endif
