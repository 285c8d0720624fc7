/* hello.h - what a ClientHello offers, where the handshake failed for it. Private to net/tls/. */
#ifndef STAGEBOX_NET_TLS_HELLO_H
#define STAGEBOX_NET_TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_hello {
    bool is_ssl2;  /* SSL 2's own form (RFC 5246 appendix E.2) */
    bool is_tls;   /* a record of TLS or SSL 3 that begins a handshake */
    bool is_ssl3;  /* the newest version it offers is SSL 3 */
    bool only_rc4; /* every cipher it offers is RC4 or weaker (40 and 56 bits, single DES) */
};

/* Reads the first bytes of a connection, as many as there are: what was cut off is taken as not offered. */
struct tls_hello tls_hello_read(const uint8_t *data, size_t len);

/* Whether the first two bytes may begin a connection: mbedTLS lets major versions beyond 3 pass. */
bool tls_hello_begins(const uint8_t first[2]);

#endif
