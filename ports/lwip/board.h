/* board.h - everything the lwIP port asks of a board, and nothing else.
 *
 * A board fills one `struct board` and hands it to port_lwip_open(); ports/lwip/ does the rest: the same
 * sources on bare metal and, for tests, on a TAP device. All calls come from the one thread that calls
 * into the port, never from an interrupt, and never while another call into the board is going on.
 *
 * Functions that can fail return 0 (or a count) on success and a negative enum port_error otherwise;
 * sentence() then says in one sentence for the operator what is wrong and what to do. Every function
 * gets the context pointer that stands beside it. Pointers that may be NULL are marked "or NULL".
 */
#ifndef STAGEBOX_PORTS_LWIP_BOARD_H
#define STAGEBOX_PORTS_LWIP_BOARD_H

#include "ports/port.h"

#define BOARD_FRAME_MAX 1518 /* bytes of an Ethernet frame with one VLAN tag, without checksum */

/* -- files --------------------------------------------------------------------------------------- */

/* The card, as ports/port.h describes it under "the card": paths, names, links and errors are the same. Two
 * implementations: ports/lwip/fatfs.h on a block device, and the hosted one of boards/tap. */
struct board_store; /* the implementation's: a file of fixed size */
struct board_files {
    /* The sentence for the last failure of a function below, until the next call. */
    const char *(*sentence)(void *ctx);
    /* As the functions of port.h by these names. */
    int (*list)(void *ctx, const char *dir, bool (*each)(void *each_ctx, const struct port_file *file), void *each_ctx);
    int (*stat)(void *ctx, const char *path, struct port_file *out);
    int (*read)(void *ctx, const char *path, uint64_t off, void *buf, size_t len);
    int (*replace)(void *ctx, const char *path, const void *data, size_t len);
    int (*room)(void *ctx, uint64_t *free_bytes, uint64_t *size);
    /* The whole file in memory that stays as it is until release(); `out` is the implementation's until
     * then. The port calls release() when no connection sends from it any more, not before. */
    int (*load)(void *ctx, const char *path, const struct port_blob **out);
    void (*release)(void *ctx, const struct port_blob *blob);
    /* As port_store_*(). sync() only notes the wish where the medium makes the caller wait; step() then
     * does it. A failed sync is reported by the next store_write(). */
    int (*store_open)(void *ctx, const char *path, uint64_t size, struct board_store **out);
    uint64_t (*store_size)(const struct board_store *store);
    int (*store_read)(struct board_store *store, uint64_t off, void *buf, size_t len);
    int (*store_write)(struct board_store *store, uint64_t off, const void *data, size_t len);
    void (*store_sync)(struct board_store *store);
    bool (*store_synced)(const struct board_store *store);
    void (*store_close)(struct board_store *store);
    /* Does one piece of what was put off (a sync), at most once a turn and after the receive ring was
     * drained; true where there is more to do. Or NULL: nothing is ever put off. */
    bool (*step)(void *ctx);
};

/* -- the board ----------------------------------------------------------------------------------- */

/* A part of a frame to be sent. */
struct board_span {
    const void *data;
    size_t len;
};
struct board_net {
    struct mac mac; /* the box's own */
    unsigned mtu;   /* bytes of an IP packet; 1500 at most */
};

/* What somebody outside has asked for; bits. */
enum board_wish {
    BOARD_STOP = 1,   /* end in order (SIGTERM) */
    BOARD_RELOAD = 2, /* read the settings anew (SIGHUP) */
};

struct board {
    void *ctx;
    /* The sentence for the last failure of a function below, until the next call. */
    const char *(*sentence)(void *ctx);

    /* Milliseconds that only grow, from any start. Cheap: called many times a turn. */
    uint64_t (*now_ms)(void *ctx);
    /* The same in microseconds, from any start, for measuring; or NULL. */
    uint64_t (*now_us)(void *ctx);
    /* The wall clock in ms since 1970, UTC; false while it has not been set. Or NULL: the board has no clock,
     * and the port keeps what the operator says until power goes. */
    bool (*wall_ms)(void *ctx, int64_t *unix_ms);
    int (*set_wall_ms)(void *ctx, int64_t unix_ms); /* or NULL with wall_ms */
    /* Random bytes fit for keys; PORT_E_SYSTEM where there is no source. */
    int (*random)(void *ctx, void *buf, size_t len);
    /* One line for the operator, without a newline; it may hold any bytes. */
    void (*log)(void *ctx, enum port_level level, const char *line);

    /* Starts the Ethernet interface that the setting [box] interface names (boards with one may take any
     * name). PORT_E_NOENT, PORT_E_ACCESS, PORT_E_BUSY, PORT_E_SYSTEM. Broadcasts, the box's own MAC and
     * all multicast groups are to be received; others may be, the port drops them. */
    int (*net_open)(void *ctx, const char *name, struct board_net *out);
    bool (*link_up)(void *ctx);
    /* Takes the next frame off the receive ring: copies it from the destination MAC on, without checksum, a
     * VLAN tag in its place, and gives the slot back to the hardware. Its length, 0 where the ring is
     * empty. Frames that do not fit `cap` (at least BOARD_FRAME_MAX) or arrived broken are dropped. */
    size_t (*receive)(void *ctx, void *frame, size_t cap);
    /* Frames that the receive ring holds. At most one piece of work (a private-key operation) is done between two
     * drains of as many frames, so the ring has to outlast one at line rate. */
    size_t ring;
    /* Entries of the neighbour table, at most 65535: some more than phones and viewers. 0: 1024. */
    size_t neighbours;
    /* Sends the n parts as one frame, from the destination MAC on; pads short ones, and has copied or sent
     * them when it returns. False where the frame was dropped because the transmit ring is full. */
    bool (*send)(void *ctx, const struct board_span *parts, size_t n);

    /* Waits until a frame has arrived, a wish or (hosted) a put-off sync is there, or now_ms() reaches
     * `until_ms`, whichever comes first. May return early. */
    void (*wait)(void *ctx, uint64_t until_ms);
    /* The wishes since the last call, enum board_wish; or NULL: nobody can wish anything. */
    unsigned (*wishes)(void *ctx);
    /* The watchdog: called once a turn, and within long pieces of work. The longest time between two calls is
     * that of loading the largest firmware file. Or NULL. */
    void (*alive)(void *ctx);
    /* Every listener is up: a status LED, a supervisor. Or NULL. */
    void (*ready)(void *ctx);

    const struct board_files *files;
    void *files_ctx;
};

#endif
