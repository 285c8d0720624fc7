/* fetch.h - a phone gets a file, or says something, by TFTP, HTTP or HTTPS: one request, one end. */
#ifndef PHONES_FETCH_H
#define PHONES_FETCH_H

#include "http_head.h"
#include "station.h"
#include "transport.h"
#include "url.h"

enum fetch_end {
    FETCH_DONE,    /* 2xx and the whole body; the whole file */
    FETCH_MISSING, /* 404; TFTP error 1 */
    FETCH_FAILED   /* anything else; `error` says what */
};

enum host_header { HOST_PLAIN, HOST_PORT, HOST_NONE };

struct fetch_request {
    struct url url;          /* host is a name or an address */
    const char *method;      /* HTTP only: "GET", "HEAD", "PUT", "POST" */
    const char *user_agent;  /* HTTP only; "": none */
    int http_minor;          /* 0 or 1 */
    enum host_header host;
    const char *body;        /* NULL: none */
    unsigned blksize;        /* TFTP only; 0: no option */
    const struct tls_manners *tls; /* HTTPS only; NULL: it cannot */
    unsigned cut_percent;    /* tells `cut` when so much of a body of known length is here; 0: never */
};

struct fetch_result {
    enum fetch_end end;
    enum scheme scheme;
    struct http_head head; /* HTTP only; status is the TFTP error code's negative otherwise */
    const uint8_t *body;
    size_t len;
    char error[120];       /* "" where end is FETCH_DONE */
    bool unsound;          /* the server broke the protocol: `error` says how */
    bool own_fault;        /* this phone's own lossy cable did it */
    struct tls_seen tls;   /* HTTPS only */
    uint64_t first_byte_at; /* loop_now() when the body's first byte came; 0: none came */
    uint32_t ip;           /* the server asked; 0: its name could not be resolved */
};

struct fetch;

struct fetch_events {
    void *ctx;
    /* The end, in a later turn of the loop or (never) inside fetch_start(). The fetch is gone when it returns. */
    void (*done)(void *ctx, const struct fetch_result *r);
    /* `cut_percent` is reached. May cancel. NULL: not wanted. */
    void (*cut)(void *ctx);
};

/* Begins. The request's texts must live until the end. */
struct fetch *fetch_start(struct station *s, const struct fetch_request *r, const struct fetch_events *e);
/* Ends it silently; done() is not called. NULL is fine. */
void fetch_cancel(struct fetch *f);

#endif
