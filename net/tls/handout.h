/* handout.h - how a handshake's work with private keys gets out of mbedTLS to tls_server_private(). Private to net/tls/.
 *
 * There are two ways, of which the build takes one:
 *
 * handout_async.c  with mbedTLS of the pinned sources: RSA alone is handed out, by mbedTLS's asynchronous operations; it
 *                  can be done in pieces (steps.h).
 * handout_step.c   with the system's mbedTLS, which is built without those: the whole step of the handshake that has to
 *                  do with private keys, those of DHE and ECDHE too. It cannot be done in pieces, and takes memory of
 *                  mbedTLS's: it wants threads, and no arena.
 */
#ifndef STAGEBOX_NET_TLS_HANDOUT_H
#define STAGEBOX_NET_TLS_HANDOUT_H

#include <stdbool.h>

struct tls_pair;
struct tls_server;

/* Gives the pair's configuration its chain and its key, which has been loaded (private.h). False where there is no memory. */
bool tls_handout_begin(struct tls_pair *pair);
void tls_handout_end(struct tls_pair *pair);

/* mbedtls_ssl_handshake(), but for what is handed out: MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS where that is next. */
int tls_handout_shake(struct tls_server *s);
/* Does it, or a piece of it: true where there is more. */
bool tls_handout_run(struct tls_server *s);
/* Wipes what of it is left when a connection ends. */
void tls_handout_forget(struct tls_server *s);

#endif
