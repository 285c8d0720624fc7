#include "fetch.h"

#include "dns_client.h"
#include "http_client.h"
#include "mem.h"
#include "tftp_client.h"

#include <stdlib.h>
#include <string.h>

struct fetch {
    struct station *station;
    struct fetch_request request;
    struct fetch_events events;
    struct dns_query *dns;
    struct http *http;
    struct tftp *tftp;
    uint64_t began;
    struct timer soon; /* tells a failure in a later turn */
    char why[120];
};

static void forget(struct fetch *f)
{
    timer_stop(f->station->loop, &f->soon);
    free(f);
}

void fetch_cancel(struct fetch *f)
{
    if (f == NULL)
        return;
    if (f->dns != NULL)
        dns_cancel(f->dns);
    if (f->http != NULL)
        http_cancel(f->http);
    if (f->tftp != NULL)
        tftp_cancel(f->tftp);
    forget(f);
}

static void done(void *ctx, const struct fetch_result *r)
{
    struct fetch *f = ctx;
    struct fetch_events e = f->events;
    if (r->end == FETCH_DONE && r->first_byte_at != 0)
        delays_add(f->station->first_bytes, r->first_byte_at - f->began);
    forget(f);
    e.done(e.ctx, r);
}

static void cut(void *ctx)
{
    struct fetch *f = ctx;
    if (f->events.cut != NULL)
        f->events.cut(f->events.ctx);
}

static void fail_now(void *ctx)
{
    struct fetch *f = ctx;
    struct fetch_result r = {.end = FETCH_FAILED, .scheme = f->request.url.scheme};
    text_copy(r.error, sizeof r.error, f->why);
    done(f, &r);
}

static void fail_soon(struct fetch *f, const char *why)
{
    text_copy(f->why, sizeof f->why, why);
    timer_set(f->station->loop, &f->soon, 0);
}

static void begin(struct fetch *f, uint32_t ip)
{
    struct fetch_events mine = {.ctx = f, .done = done, .cut = cut};
    const char *error = "";
    if (f->request.url.scheme == SCHEME_TFTP)
        f->tftp = tftp_start(f->station, &f->request, ip, &mine, &error);
    else
        f->http = http_start(f->station, &f->request, ip, &mine, &error);
    if (f->tftp == NULL && f->http == NULL)
        fail_soon(f, error);
}

static void resolved(void *ctx, uint32_t ip, const char *why)
{
    struct fetch *f = ctx;
    f->dns = NULL;
    if (ip == 0)
        fail_soon(f, why);
    else
        begin(f, ip);
}

struct fetch *fetch_start(struct station *s, const struct fetch_request *r, const struct fetch_events *e)
{
    struct fetch *f = mem_new(1, sizeof *f);
    uint32_t ip;
    *f = (struct fetch){.station = s, .request = *r, .events = *e, .began = loop_now(s->loop)};
    f->soon = (struct timer){.fire = fail_now, .ctx = f};
    if (ip_parse(r->url.host, strlen(r->url.host), &ip)) {
        begin(f, ip);
        return f;
    }
    f->dns = dns_ask(s, r->url.host, resolved, f);
    if (f->dns == NULL)
        fail_soon(f, "the server's name cannot be resolved");
    return f;
}
