/* https.h - TLS beneath the HTTP listener: the pool of connections' TLS states, the contexts made of the card's
 * certificates, and the private-key operations that the port does elsewhere.
 *
 * One channel is the TLS of one connection. It speaks to the port itself: the HTTP side reads and writes
 * plain bytes, in the manner of port_tcp_read() and port_tcp_write().
 */
#ifndef STAGEBOX_APP_SERVICES_HTTPS_H
#define STAGEBOX_APP_SERVICES_HTTPS_H

#include "app/staging/staging.h"
#include "ports/port.h"

struct https_pool;
struct https_channel;

/* Room for [limits] tls connections, and contexts of the certificates that staging's content holds. NULL where
 * there is no memory, or no pair can be used: port_error_sentence() does not say why. */
struct https_pool *https_pool_open(struct port *port, struct staging *staging);
/* The certificates were read anew: connections from now on use them, those that are open keep theirs. */
void https_pool_reload(struct https_pool *pool);
/* All channels must have been given back. */
void https_pool_close(struct https_pool *pool);

/* TLS for a new connection with the pair that staging chooses for the address. `resume(ctx)` is called when
 * a private-key operation is over: read, then write again. NULL: none is free (which was said). */
struct https_channel *https_channel_take(struct https_pool *pool, struct port_tcp *tcp, ip4 address,
                                         void (*resume)(void *ctx), void *ctx);
/* The connection is over: tells staging where the handshake had not succeeded. Does not close it. */
void https_channel_give(struct https_channel *channel);

/* Up to `cap` plain bytes: the count; 0: none now; PORT_E_CLOSED: none will come any more. */
int https_channel_read(struct https_channel *channel, void *buf, size_t cap);
/* Takes up to `len` plain bytes: the count, 0 while the port is full. */
int https_channel_write(struct https_channel *channel, const void *data, size_t len);
/* Hands the port what it did not take before; true where nothing is left. */
bool https_channel_flush(struct https_channel *channel);
/* Says to the peer that nothing more will come. */
void https_channel_finish(struct https_channel *channel);
/* Bytes for the wire that the port has not taken yet. */
size_t https_channel_pending(const struct https_channel *channel);
/* False while the channel waits for its private-key operation: reading makes no sense then. */
bool https_channel_wants_read(const struct https_channel *channel);

/* What the peer showed; NULL where that is nothing, or is not believed. Valid while the channel is open. */
const struct staging_certificate *https_channel_certificate(const struct https_channel *channel);
/* The id of the pair that it was shown. */
uint64_t https_channel_shown(const struct https_channel *channel);

/* What somebody is told for whom there is no channel: an alert in clear text. */
extern const uint8_t https_busy[7];

#endif
