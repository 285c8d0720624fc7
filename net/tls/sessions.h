/* sessions.h - sessions that may be resumed (RFC 5246 section 7.3, by session id), of one pair. Private to net/tls/.
 *
 * Each keeps who the peer was, so that a resumed connection is the phone's as the first one was. A fixed number; a new
 * one takes the place of the oldest of the four that its id falls among. No time limit: boxes have no sound clock, and
 * the sessions end with the pair.
 */
#ifndef STAGEBOX_NET_TLS_SESSIONS_H
#define STAGEBOX_NET_TLS_SESSIONS_H

#include "mbedtls/ssl.h"
#include "net/tls/tls.h"

#define TLS_SESSION_WAYS 4
#define TLS_SESSIONS_MAX 512 /* of one pair; a power of two */

struct tls_session {
    uint8_t id[32];
    uint8_t master[48];
    int ciphersuite;   /* 0: nothing is here */
    int compression;
    int encrypt_then_mac;
    uint32_t verify_result;
    struct tls_client client;
};

struct tls_sessions {
    size_t sets; /* a power of two */
    struct tls_session *entries; /* TLS_SESSION_WAYS of each set */
    uint8_t *next;               /* of each set: the way to be overwritten */
};

/* How many are kept where so many are wanted: a power of two, TLS_SESSIONS_MAX at most (and for 0). */
size_t tls_sessions_count(size_t wanted);
/* Makes room for that many, of mbedTLS's memory. False where there is none; tls_sessions_dispose() may follow. */
bool tls_sessions_init(struct tls_sessions *all, size_t wanted);
void tls_sessions_dispose(struct tls_sessions *all);

/* Keeps it under its id, of 32 bytes that this side drew; others are not kept. */
void tls_sessions_put(struct tls_sessions *all, const mbedtls_ssl_session *session, const struct tls_client *client);
/* Completes `session`, of which the id is known, and *client; false where there is none. */
bool tls_sessions_get(const struct tls_sessions *all, mbedtls_ssl_session *session, struct tls_client *client);

#endif
