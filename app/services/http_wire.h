/* http_wire.h - the bytes of an HTTP connection: straight to the port, or through TLS. */
#ifndef STAGEBOX_APP_SERVICES_HTTP_WIRE_H
#define STAGEBOX_APP_SERVICES_HTTP_WIRE_H

#include "app/services/https.h"

struct http_wire {
    struct port_tcp *tcp;      /* NULL: no connection */
    struct https_channel *tls; /* NULL: plain */
    bool finishing;            /* to be shut when all that was taken has left */
};

/* As port_tcp_read(). */
int http_wire_read(struct http_wire *w, void *buf, size_t cap);
/* As port_tcp_write(), from memory, or from `off` in the blob. */
int http_wire_write(struct http_wire *w, const void *data, size_t len, bool more);
int http_wire_write_blob(struct http_wire *w, const struct port_blob *blob, uint64_t off, size_t len);
/* Hands on what was held back. */
void http_wire_flush(struct http_wire *w);
/* Bytes taken that the peer has not acknowledged; encrypted they are some more. */
size_t http_wire_unacked(const struct http_wire *w);
void http_wire_want_read(struct http_wire *w, bool want);
/* No more will be written. */
void http_wire_shutdown(struct http_wire *w);
/* Closes in order; or forgets a connection that is dead. */
void http_wire_close(struct http_wire *w);
void http_wire_abort(struct http_wire *w); /* closes with a reset */
void http_wire_forget(struct http_wire *w);

#endif
