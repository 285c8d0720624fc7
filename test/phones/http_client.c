#include "http_client.h"

#include "mem.h"
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { SILENCE_MS = 20000, MAX_HEAD = 16384, MAX_BODY = 64 << 20 };

struct http {
    struct station *station;
    struct fetch_request request;
    struct fetch_events events;
    struct transport *transport;
    struct watch watch;
    struct timer silence;
    struct buf out;
    size_t sent;
    struct buf in; /* the head, then the body alone */
    bool has_head;
    bool cut_told;
    uint64_t lose_at; /* bytes in after which the cable breaks; 0: it does not */
    uint64_t bytes_in;
    struct fetch_result result;
};

static void forget(struct http *h, bool abrupt)
{
    loop_unwatch(h->station->loop, &h->watch);
    timer_stop(h->station->loop, &h->silence);
    transport_close(h->transport, abrupt);
    buf_free(&h->out);
    buf_free(&h->in);
    free(h);
}

void http_cancel(struct http *h)
{
    forget(h, true);
}

static void end(struct http *h, enum fetch_end end, const char *error)
{
    struct fetch_events e = h->events;
    struct fetch_result r = h->result;
    struct buf body = h->in;
    h->in = (struct buf){0};
    r.end = end;
    r.tls = h->transport->seen;
    if (end == FETCH_DONE || h->has_head) {
        r.body = body.data;
        r.len = h->has_head ? body.len : 0;
    }
    snprintf(r.error, sizeof r.error, "%s", error);
    forget(h, r.own_fault);
    e.done(e.ctx, &r);
    buf_free(&body);
}

static void unsound(struct http *h, const char *error)
{
    h->result.unsound = true;
    end(h, FETCH_FAILED, error);
}

static void write_request(struct http *h)
{
    const struct fetch_request *r = &h->request;
    buf_format(&h->out, "%s %s HTTP/1.%d\r\n", r->method, r->url.path[0] ? r->url.path : "/", r->http_minor);
    if (r->host == HOST_PLAIN)
        buf_format(&h->out, "Host: %s\r\n", r->url.host);
    else if (r->host == HOST_PORT)
        buf_format(&h->out, "Host: %s:%u\r\n", r->url.host, r->url.port);
    if (r->user_agent[0])
        buf_format(&h->out, "User-Agent: %s\r\n", r->user_agent);
    if (r->http_minor == 1)
        buf_text(&h->out, "Connection: close\r\n");
    if (r->body != NULL)
        buf_format(&h->out, "Content-Type: text/xml\r\nContent-Length: %zu\r\n", strlen(r->body));
    buf_text(&h->out, "\r\n");
    if (r->body != NULL)
        buf_text(&h->out, r->body);
}

/* Whole, by its length. */
static void finish(struct http *h)
{
    int status = h->result.head.status;
    char text[48];
    snprintf(text, sizeof text, "HTTP status %d", status);
    if (status >= 200 && status < 300)
        end(h, FETCH_DONE, "");
    else
        end(h, status == 404 ? FETCH_MISSING : FETCH_FAILED, text);
}

static bool bodiless(const struct http *h)
{
    int status = h->result.head.status;
    return strcmp(h->request.method, "HEAD") == 0 || status == 204 || status == 304 || status < 200;
}

/* True: the head is here and the fetch still lives. */
static bool take_head(struct http *h)
{
    uint8_t *stop = memmem(h->in.data, h->in.len, "\r\n\r\n", 4);
    if (stop == NULL) {
        if (h->in.len > MAX_HEAD)
            unsound(h, "the answer's head has no end");
        return false;
    }
    size_t len = (size_t)(stop - h->in.data) + 4;
    if (!http_head_parse((const char *)h->in.data, len, &h->result.head)) {
        unsound(h, "the answer's head is malformed");
        return false;
    }
    h->has_head = true;
    memmove(h->in.data, h->in.data + len, h->in.len - len);
    h->in.len -= len;
    const struct http_head *head = &h->result.head;
    if (bodiless(h)) {
        finish(h);
        return false;
    }
    if (head->chunked || !head->has_length) {
        unsound(h, head->chunked ? "a chunked answer" : "an answer without Content-Length");
        return false;
    }
    if (head->length > MAX_BODY) {
        end(h, FETCH_FAILED, "larger than any phone's memory");
        return false;
    }
    buf_reserve(&h->in, (size_t)head->length);
    return true;
}

/* True: the body is not all here and the fetch still lives. */
static bool take_body(struct http *h)
{
    uint64_t length = h->result.head.length;
    if (h->in.len > 0 && h->result.first_byte_at == 0)
        h->result.first_byte_at = loop_now(h->station->loop);
    if (h->in.len > length) {
        unsound(h, "more bytes than Content-Length says");
        return false;
    }
    if (h->in.len == length) {
        finish(h);
        return false;
    }
    unsigned cut = h->request.cut_percent;
    if (cut > 0 && !h->cut_told && h->events.cut != NULL && h->in.len * 100 >= length * cut) {
        h->cut_told = true;
        h->events.cut(h->events.ctx); /* may have cancelled: the caller looks no further */
        return false;
    }
    return true;
}

static bool took(struct http *h, const uint8_t *data, size_t len)
{
    timer_set(h->station->loop, &h->silence, SILENCE_MS);
    h->bytes_in += len;
    buf_add(&h->in, data, len);
    if (h->lose_at > 0 && h->bytes_in >= h->lose_at) {
        h->result.own_fault = true;
        end(h, FETCH_FAILED, "connection lost");
        return false;
    }
    if (!h->has_head && !take_head(h))
        return false;
    return take_body(h);
}

static void receive(struct http *h)
{
    for (int turn = 0; turn < 8; turn++) {
        uint8_t data[65536];
        int n = h->transport->ops->read(h->transport, data, sizeof data);
        if (n == TRANSPORT_AGAIN)
            break;
        if (n == TRANSPORT_BROKEN) {
            end(h, FETCH_FAILED, h->transport->error);
            return;
        }
        if (n == 0) {
            end(h, FETCH_FAILED, "the server hung up early");
            return;
        }
        if (!took(h, data, (size_t)n))
            return; /* ended, cut, or the head is incomplete: the descriptor is watched still */
    }
    loop_watch(h->station->loop, &h->watch, h->transport->wants);
}

static void ready(void *ctx, uint32_t events)
{
    struct http *h = ctx;
    (void)events;
    while (h->sent < h->out.len) {
        int n = h->transport->ops->write(h->transport, h->out.data + h->sent, h->out.len - h->sent);
        if (n == TRANSPORT_AGAIN) {
            loop_watch(h->station->loop, &h->watch, h->transport->wants);
            return;
        }
        if (n < 0) {
            end(h, FETCH_FAILED, h->transport->error);
            return;
        }
        h->sent += (size_t)n;
        h->transport->wants = EPOLLIN;
    }
    receive(h);
}

static void woken(void *ctx)
{
    ready(ctx, 0);
}

static void silent(void *ctx)
{
    end(ctx, FETCH_FAILED, "no answer");
}

struct http *http_start(struct station *s, const struct fetch_request *r, uint32_t ip, const struct fetch_events *e,
                        const char **error)
{
    struct http *h = mem_new(1, sizeof *h);
    *h = (struct http){.station = s, .request = *r, .events = *e};
    struct transport_target to = {r->url.scheme, ip, r->url.port, h->request.url.host, r->tls};
    struct transport *t = h->transport = transport_open(s, &to, error);
    if (t == NULL) {
        free(h);
        return NULL;
    }
    t->wake = woken;
    t->wake_ctx = h;
    h->result.scheme = r->url.scheme;
    h->result.ip = ip;
    h->watch = (struct watch){.fd = t->fd, .ready = ready, .ctx = h};
    h->silence = (struct timer){.fire = silent, .ctx = h};
    if (station_loses(s))
        h->lose_at = 1 + rng_below(&s->rng, 2000000);
    write_request(h);
    loop_watch(s->loop, &h->watch, EPOLLOUT);
    timer_set(s->loop, &h->silence, SILENCE_MS);
    return h;
}
