#include "app/services/nudge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/content/digest.h"
#include "net/http/client.h"
#include "mbedtls/platform_util.h"

#define NUDGES_MAX 16 /* under way at once */
#define NUDGES_MIN 4
#define NUDGE_TIMEOUT_MS 10000
#define NUDGE_PASSWORDS 9
#define NUDGE_PASSWORD_MAX 200
#define NUDGE_TARGET_MAX 320
#define NUDGE_UNREACHABLE (-1)

struct nudge {
    struct nudge_service *service;
    bool used;
    uint32_t id;
    ip4 address;
    char target[NUDGE_TARGET_MAX];
    char passwords[NUDGE_PASSWORDS][NUDGE_PASSWORD_MAX];
    size_t password_count;
    size_t tries;        /* passwords that were tried */
    enum http_auth auth; /* of the request under way */
    struct http_digest digest;
    struct port_tcp *tcp;
    struct http_client client;
    struct timer timer;
    char out[2048];
    size_t out_len, out_sent;
};

struct nudge_service {
    struct port *port;
    struct staging *staging;
    struct timers *timers;
    size_t size;
    struct nudge pool[];
};

static void drop_connection(struct nudge *n)
{
    if (n->tcp)
        port_tcp_abort(n->tcp);
    n->tcp = NULL;
    timer_clear(n->service->timers, &n->timer);
}

static void finish(struct nudge *n, int status)
{
    struct staging *staging = n->service->staging;
    drop_connection(n);
    mbedtls_platform_zeroize(n->passwords, sizeof n->passwords);
    mbedtls_platform_zeroize(n->out, sizeof n->out); /* and what was sent with one of them */
    n->used = false;
    staging_nudged(staging, n->id, status);
}

static void md5_parts(void *ctx, const struct http_slice *parts, size_t count, uint8_t digest[16])
{
    struct digest md5;
    (void)ctx;
    digest_start(&md5, DIGEST_MD5);
    for (size_t i = 0; i < count; i++)
        digest_add(&md5, parts[i].p, parts[i].len);
    digest_finish(&md5, digest);
}

static bool build(struct nudge *n)
{
    char host[IP4_TEXT_MAX], cnonce[17] = "";
    uint8_t random[8];
    if (port_random(n->service->port, random, sizeof random) == 0)
        for (size_t i = 0; i < sizeof random; i++)
            snprintf(cnonce + 2 * i, 3, "%02x", random[i]);
    struct http_client_request request = {
        .method = "GET",
        .target = n->target,
        .host = ip4_format(n->address, host),
        .user_agent = "stagebox",
        .auth = n->auth,
        .user = "admin",
        .password = n->auth == HTTP_AUTH_NONE ? NULL : n->passwords[n->tries - 1],
        .digest = &n->digest,
        .cnonce = cnonce,
        .nonce_count = 1,
        .md5 = md5_parts,
    };
    n->out_len = http_client_build(n->out, sizeof n->out, &request);
    n->out_sent = 0;
    return n->out_len > 0;
}

static const struct port_tcp_events events;

static void begin(struct nudge *n)
{
    struct port *port = n->service->port;
    http_client_init(&n->client);
    if (!build(n) || port_tcp_connect(port, n->address, 80, &events, n, &n->tcp) < 0) {
        n->tcp = NULL;
        finish(n, NUDGE_UNREACHABLE);
        return;
    }
    timer_set(n->service->timers, &n->timer, port_now_ms(port) + NUDGE_TIMEOUT_MS);
}

/* 401: the next password, by the better way that the phone offers. */
static bool try_next(struct nudge *n)
{
    if (n->tries == n->password_count || (!n->client.basic && !n->client.digest.there))
        return false;
    n->auth = n->client.digest.there ? HTTP_AUTH_DIGEST : HTTP_AUTH_BASIC;
    n->digest = n->client.digest;
    n->tries++;
    drop_connection(n);
    begin(n);
    return true;
}

static void judge(struct nudge *n, enum http_client_state state)
{
    if (state == HTTP_CLIENT_BAD)
        finish(n, NUDGE_UNREACHABLE);
    else if (state == HTTP_CLIENT_DONE && (n->client.status != 401 || !try_next(n)))
        finish(n, n->client.status);
}

static void write_out(struct nudge *n)
{
    int sent = port_tcp_write(n->tcp, n->out + n->out_sent, n->out_len - n->out_sent, false);
    if (sent > 0)
        n->out_sent += (size_t)sent;
}

static void on_connected(void *ctx)
{
    write_out(ctx);
}

static void on_writable(void *ctx)
{
    struct nudge *n = ctx;
    if (n->out_sent < n->out_len)
        write_out(n);
}

static void on_readable(void *ctx)
{
    struct nudge *n = ctx;
    char buf[1024];
    int got = port_tcp_read(n->tcp, buf, sizeof buf);
    if (got > 0)
        judge(n, http_client_input(&n->client, buf, (size_t)got));
    else if (got < 0)
        judge(n, http_client_eof(&n->client));
}

static void on_ended(void *ctx, enum port_end why)
{
    struct nudge *n = ctx;
    (void)why;
    n->tcp = NULL;
    judge(n, http_client_eof(&n->client));
}

static const struct port_tcp_events events = {on_readable, on_writable, on_ended, on_connected};

static void on_timer(void *ctx, struct timer *timer, uint64_t now)
{
    (void)timer;
    (void)now;
    finish(ctx, NUDGE_UNREACHABLE);
}

static struct nudge *free_nudge(struct nudge_service *service)
{
    for (size_t i = 0; i < service->size; i++)
        if (!service->pool[i].used)
            return &service->pool[i];
    return NULL;
}

void nudge_service_send(void *ctx, const struct staging_nudge *order)
{
    struct nudge_service *service = ctx;
    struct nudge *n = free_nudge(service);
    if (!n)
        return; /* the remedy after this one nudges again */
    n->used = true;
    n->id = order->id;
    n->address = order->address;
    n->auth = HTTP_AUTH_NONE;
    n->tries = 0;
    n->password_count = order->password_count < NUDGE_PASSWORDS ? order->password_count : NUDGE_PASSWORDS;
    for (size_t i = 0; i < n->password_count; i++)
        snprintf(n->passwords[i], NUDGE_PASSWORD_MAX, "%s", order->passwords[i]);
    snprintf(n->target, sizeof n->target, "/admin/%s?%s", order->kind == NUDGE_UPGRADE ? "upgrade" : "resync",
             order->url);
    begin(n);
}

struct nudge_service *nudge_service_open(struct port *port, struct staging *staging, struct timers *timers, size_t at_once)
{
    size_t size = at_once < NUDGES_MIN ? NUDGES_MIN : at_once < NUDGES_MAX ? at_once : NUDGES_MAX;
    struct nudge_service *service = calloc(1, sizeof *service + size * sizeof service->pool[0]);
    if (!service)
        return NULL;
    service->size = size;
    service->port = port;
    service->staging = staging;
    service->timers = timers;
    for (size_t i = 0; i < service->size; i++) {
        service->pool[i].service = service;
        timer_init(&service->pool[i].timer, on_timer, &service->pool[i]);
    }
    return service;
}

void nudge_service_join(struct nudge_service *service, struct staging *staging)
{
    service->staging = staging;
}

void nudge_service_close(struct nudge_service *service)
{
    if (!service)
        return;
    for (size_t i = 0; i < service->size; i++)
        if (service->pool[i].used)
            drop_connection(&service->pool[i]);
    free(service);
}
