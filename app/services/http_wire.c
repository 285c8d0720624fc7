#include "app/services/http_wire.h"

#define RECORD_MAX 16384 /* bytes of one record: RFC 5246 section 6.2.1 */

int http_wire_read(struct http_wire *w, void *buf, size_t cap)
{
    return w->tls ? https_channel_read(w->tls, buf, cap) : port_tcp_read(w->tcp, buf, cap);
}

int http_wire_write(struct http_wire *w, const void *data, size_t len, bool more)
{
    return w->tls ? https_channel_write(w->tls, data, len) : port_tcp_write(w->tcp, data, len, more);
}

int http_wire_write_blob(struct http_wire *w, const struct port_blob *blob, uint64_t off, size_t len)
{
    if (!w->tls)
        return port_tcp_write_blob(w->tcp, blob, off, len);
    return https_channel_write(w->tls, blob->data + off, len < RECORD_MAX ? len : RECORD_MAX);
}

static void shut(struct http_wire *w)
{
    https_channel_finish(w->tls);
    port_tcp_shutdown(w->tcp);
    w->finishing = false;
}

void http_wire_flush(struct http_wire *w)
{
    if (w->tls && https_channel_flush(w->tls) && w->finishing)
        shut(w);
}

size_t http_wire_unacked(const struct http_wire *w)
{
    return port_tcp_unacked(w->tcp) + (w->tls ? https_channel_pending(w->tls) : 0);
}

void http_wire_want_read(struct http_wire *w, bool want)
{
    port_tcp_want_read(w->tcp, want && (!w->tls || https_channel_wants_read(w->tls)));
}

void http_wire_shutdown(struct http_wire *w)
{
    if (!w->tls) {
        port_tcp_shutdown(w->tcp);
        return;
    }
    w->finishing = true;
    http_wire_flush(w);
}

void http_wire_close(struct http_wire *w)
{
    struct port_tcp *tcp = w->tcp;
    if (w->tls)
        https_channel_finish(w->tls);
    http_wire_forget(w);
    port_tcp_close(tcp);
}

void http_wire_abort(struct http_wire *w)
{
    struct port_tcp *tcp = w->tcp;
    http_wire_forget(w);
    port_tcp_abort(tcp);
}

void http_wire_forget(struct http_wire *w)
{
    if (w->tls)
        https_channel_give(w->tls);
    w->tls = NULL;
    w->tcp = NULL;
    w->finishing = false;
}
