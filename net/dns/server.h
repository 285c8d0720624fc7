/* server.h - DNS server engine: one query in, one response out. No sockets, no clock, no heap.
 *
 * RFC 1035 over UDP, EDNS0 tolerated (RFC 6891). The box answers its own names with its address,
 * anything else with NXDOMAIN, or, with `capture`, every name with its address. It calls itself
 * authoritative and a resolver (RA), because stub resolvers turn away from servers that are not.
 */
#ifndef STAGEBOX_NET_DNS_SERVER_H
#define STAGEBOX_NET_DNS_SERVER_H

#include "net/addr.h"

#define DNS_PORT 53
#define DNS_REPLY_MAX 512  /* bytes; no response is longer */
#define DNS_NAME_MAX 254   /* bytes of a name as text, without the last dot, NUL included */
#define DNS_NAMES 64       /* own names that one server holds */
#define DNS_NAME_SLOTS 128 /* of the hash over them, a power of two above DNS_NAMES */
#define DNS_ASKED_MAX 1024 /* bytes of any asked name once escaped, NUL included */
#define DNS_TTL_S 60       /* of every record */

/* The server's own names. The caller owns it; about 16 KB. */
struct dns_server {
    ip4 address;  /* what names lead to */
    bool capture; /* every name leads there */
    unsigned count;
    uint8_t slot[DNS_NAME_SLOTS]; /* number of the name plus 1, 0: free */
    char name[DNS_NAMES][DNS_NAME_MAX];
};

enum dns_found {
    DNS_FOUND_OWN,      /* one of the box's names, or its address turned round (PTR) */
    DNS_FOUND_CAPTURED, /* any other name, answered with the box */
    DNS_FOUND_NOTHING,  /* NXDOMAIN */
    DNS_FOUND_ERROR     /* FORMERR, NOTIMP, REFUSED, BADVERS: `name` is "" where there was none */
};

/* What was asked, for the phone's row. */
struct dns_asked {
    char name[DNS_ASKED_MAX]; /* as spelled, without the last dot; "." for the root. Bytes that are
                               * not printable ASCII, and dots and backslashes inside a label, are
                               * escaped as in RFC 1035 5.1. */
    uint16_t type;            /* 1 A, 28 AAAA, ... */
    enum dns_found found;
};

/* An empty server. */
void dns_server_init(struct dns_server *server, ip4 address, bool capture);
/* Adds an own name (letters, digits, hyphens, underscores and dots, any case, a last dot is
 * dropped); "*.example.org" stands for every name with one label more. The first one added is the
 * answer to the PTR query for `address`. Names that are there already, and dotted addresses, which
 * are no names, are left out and are no failure. False where it is no name or does not fit. */
bool dns_server_add(struct dns_server *server, const char *name);

/* Answers the datagram `query`. Returns the response's length, 0 where there is to be silence
 * (shorter than a header, or itself a response). `cap` at least DNS_REPLY_MAX, else 0. `asked` is
 * filled in either case (`name` "" and DNS_FOUND_ERROR with silence). */
size_t dns_server_answer(const struct dns_server *server, const uint8_t *query, size_t len, uint8_t *out,
                         size_t cap, struct dns_asked *asked);

#endif
