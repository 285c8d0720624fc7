/* transport.h - a byte stream to a server: plain TCP, or TLS over it. */
#ifndef PHONES_TRANSPORT_H
#define PHONES_TRANSPORT_H

#include "station.h"
#include "url.h"

enum { TRANSPORT_AGAIN = -1, TRANSPORT_BROKEN = -2 };

struct transport;
struct tls_manners;

/* Each call may change what the transport waits for, see `wants`. */
struct transport_ops {
    /* Bytes moved, 0 (read only): the server has closed; TRANSPORT_AGAIN: when the descriptor is ready; TRANSPORT_BROKEN. */
    int (*read)(struct transport *t, void *data, size_t len);
    int (*write)(struct transport *t, const void *data, size_t len);
    void (*close)(struct transport *t, bool abrupt);
};

/* What a phone saw of TLS. */
struct tls_seen {
    bool tried;
    bool open;           /* the handshake came to its end */
    bool refused;        /* this phone did not like the server's certificate */
    bool resumed;
    bool showed;         /* this phone's certificate was asked for and sent, now or in the session resumed */
    bool split;          /* the first record of TLS 1.0 held one byte */
    char version[12];    /* TLSv1 */
    char cipher[40];
    char server[128];    /* the common name shown */
    char fingerprint[17]; /* of the certificate shown */
};

struct transport {
    const struct transport_ops *ops;
    int fd;
    uint32_t wants;    /* EPOLL* bits to wait for after TRANSPORT_AGAIN */
    const char *error; /* after TRANSPORT_BROKEN, a sentence's end: "connection refused" */
    struct tls_seen seen;
    /* Called, if set, when it is worth to try again though the descriptor is not ready. */
    void (*wake)(void *ctx);
    void *wake_ctx;
};

struct transport_target {
    enum scheme scheme;
    uint32_t ip;
    uint16_t port;
    const char *host;              /* as the URL has it; lives as long as the transport */
    const struct tls_manners *tls; /* NULL: no TLS in this phone; lives as long */
};

/* Begins to connect from the station. NULL: `*error` says why. Connecting is done when a write succeeds. */
struct transport *transport_open(struct station *s, const struct transport_target *to, const char **error);
/* Ends it and frees it; `abrupt`: without a farewell, as if the cable were cut. */
void transport_close(struct transport *t, bool abrupt);

#endif
