/* transport.h - a byte stream to a server: plain TCP today. TLS takes its place as a second table of operations. */
#ifndef PHONES_TRANSPORT_H
#define PHONES_TRANSPORT_H

#include "station.h"
#include "url.h"

enum { TRANSPORT_AGAIN = -1, TRANSPORT_BROKEN = -2 };

struct transport;

/* Each call may change what the transport waits for, see transport_wants(). */
struct transport_ops {
    /* Bytes moved, 0 (read only): the server has closed; TRANSPORT_AGAIN: when the descriptor is ready; TRANSPORT_BROKEN. */
    int (*read)(struct transport *t, void *data, size_t len);
    int (*write)(struct transport *t, const void *data, size_t len);
    void (*close)(struct transport *t, bool abrupt);
};

struct transport {
    const struct transport_ops *ops;
    int fd;
    uint32_t wants;    /* EPOLL* bits to wait for after TRANSPORT_AGAIN */
    const char *error; /* after TRANSPORT_BROKEN, a sentence's end: "connection refused" */
};

/* Begins to connect from the station. NULL: `*error` says why. Connecting is done when a write succeeds. */
struct transport *transport_open(const struct station *s, enum scheme scheme, uint32_t ip, uint16_t port,
                                 const char **error);
/* Ends it and frees it; `abrupt`: without a farewell, as if the cable were cut. */
void transport_close(struct transport *t, bool abrupt);

#endif
