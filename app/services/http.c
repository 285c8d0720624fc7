#include "app/services/http_conn.h"

#include <stdlib.h>
#include <string.h>

#define ACK_POLL_FIRST_MS 5
#define ACK_POLL_MS 100
#define READ_MAX 4 /* reads in one turn, so that one connection cannot hold up the others */

struct http_service {
    struct http_service_options o;
    struct port_listener *listener;
    struct http_conn *pool;
    struct http_conn *free;
    size_t load;
    uint8_t *report;
    bool report_taken;
};

static const struct port_tcp_events events;

const struct http_service_options *http_service_options_of(const struct http_service *service)
{
    return &service->o;
}

uint8_t *http_service_take_report(struct http_service *service)
{
    if (service->report_taken)
        return NULL;
    service->report_taken = true;
    return service->report;
}

void http_service_give_report(struct http_service *service)
{
    service->report_taken = false;
}

static uint64_t now_of(const struct http_conn *conn)
{
    return port_now_ms(conn->service->o.port);
}

/* -- acknowledged bytes ---------------------------------------------------------------------------------- */

/* Tells staging how much of the content has arrived; true where all of it has. */
static bool follow(struct http_conn *conn)
{
    size_t unacked = port_tcp_unacked(conn->tcp);
    http_server_unacked(&conn->engine, unacked, now_of(conn));
    if (!conn->answer.delivery || !conn->full_body)
        return unacked == 0;
    uint64_t handed = http_server_handed(&conn->engine);
    staging_progress(conn->service->o.staging, conn->answer.delivery, handed > unacked ? handed - unacked : 0);
    return unacked == 0;
}

static void release(struct http_conn *conn)
{
    timer_clear(conn->service->o.timers, &conn->timer);
    conn->tcp = NULL;
    conn->next_free = conn->service->free;
    conn->service->free = conn;
    conn->service->load--;
}

/* -- the engine's events ---------------------------------------------------------------------------------- */

/* Writes what the engine has; false when the port is full or the connection is dead. */
static bool write_out(struct http_conn *conn, uint64_t now, bool *moved)
{
    struct http_out out;
    while (http_server_output(&conn->engine, &out, now)) {
        int n = out.kind == HTTP_OUT_EXTENT
                    ? port_tcp_write_blob(conn->tcp, conn->answer.blob, out.off, out.len)
                    : port_tcp_write(conn->tcp, out.data, out.len, out.more);
        if (n <= 0)
            return false;
        *moved = true;
        http_server_sent(&conn->engine, (size_t)n, now);
        if ((size_t)n < out.len)
            return false;
    }
    return true;
}

/* One event; false when the connection is over. */
static bool handle(struct http_conn *conn, enum http_event event, uint64_t now)
{
    switch (event) {
    case HTTP_REQUEST:
        http_exchange_request(conn, now);
        return true;
    case HTTP_BODY:
        http_exchange_body(conn, now);
        return true;
    case HTTP_BODY_END:
        http_exchange_body_end(conn, now);
        return true;
    case HTTP_BODY_LOST:
        http_exchange_end(conn, false);
        return true;
    case HTTP_SENT:
        conn->handed_out = true;
        return true;
    case HTTP_SHUTDOWN:
        port_tcp_shutdown(conn->tcp);
        return true;
    case HTTP_CLOSE:
        return false;
    default:
        return true;
    }
}

static void close_conn(struct http_conn *conn)
{
    bool arrived = conn->answer.delivery && conn->handed_out && follow(conn);
    http_exchange_end(conn, arrived);
    port_tcp_close(conn->tcp);
    release(conn);
}

/* A content that was handed out is over when the peer has acknowledged it; until then no further
 * request is answered on the connection, so that bytes are counted for the right one. */
static bool still_arriving(struct http_conn *conn)
{
    if (!conn->handed_out)
        return false;
    if (conn->answer.delivery && !follow(conn))
        return true;
    http_exchange_end(conn, true);
    return false;
}

static void set_timer(struct http_conn *conn, bool arriving, uint64_t now)
{
    uint64_t at = http_server_deadline(&conn->engine);
    uint64_t poll = TIMER_NEVER;
    if (arriving)
        poll = now + (conn->answer.size < 65536 ? ACK_POLL_FIRST_MS : ACK_POLL_MS);
    else if (conn->answer.delivery)
        poll = now + ACK_POLL_MS;
    timer_set(conn->service->o.timers, &conn->timer, at < poll ? at : poll);
}

static void drive(struct http_conn *conn)
{
    uint64_t now = now_of(conn);
    bool moved, arriving;
    enum http_event event = HTTP_WAIT;
    do {
        moved = false;
        arriving = still_arriving(conn);
        if (!arriving)
            event = http_server_event(&conn->engine, now);
        else
            event = HTTP_WAIT;
        if (!handle(conn, event, now)) {
            close_conn(conn);
            return;
        }
        write_out(conn, now, &moved);
    } while (event != HTTP_WAIT || moved);
    set_timer(conn, arriving, now);
    size_t cap = 0;
    if (!conn->eof)
        http_server_room(&conn->engine, &cap);
    port_tcp_want_read(conn->tcp, cap > 0);
}

/* -- the port's events -------------------------------------------------------------------------------------- */

static void on_readable(void *ctx)
{
    struct http_conn *conn = ctx;
    for (int i = 0; i < READ_MAX; i++) {
        size_t cap;
        uint8_t *room = http_server_room(&conn->engine, &cap);
        if (cap == 0)
            break;
        int n = port_tcp_read(conn->tcp, room, cap);
        if (n == 0)
            break;
        if (n < 0) {
            conn->eof = true;
            http_server_eof(&conn->engine, now_of(conn));
            break;
        }
        http_server_took(&conn->engine, (size_t)n, now_of(conn));
    }
    drive(conn);
}

static void on_writable(void *ctx)
{
    drive(ctx);
}

static void on_ended(void *ctx, enum port_end why)
{
    struct http_conn *conn = ctx;
    (void)why;
    bool arrived = conn->answer.delivery && conn->handed_out && port_tcp_unacked(conn->tcp) == 0;
    http_exchange_end(conn, arrived);
    release(conn);
}

static const struct port_tcp_events events = {on_readable, on_writable, on_ended, NULL};

static void on_timer(void *ctx, struct timer *timer, uint64_t now)
{
    struct http_conn *conn = ctx;
    (void)timer;
    if (conn->answer.delivery)
        follow(conn);
    if (http_server_deadline(&conn->engine) <= now) {
        http_server_expire(&conn->engine, now);
        if (conn->handed_out) /* what has not arrived by now is not waited for any longer */
            http_exchange_end(conn, false);
    }
    drive(conn);
}

static void *on_accept(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    struct http_service *service = ctx;
    struct http_conn *conn = service->free;
    if (!conn) {
        char busy[256];
        size_t len = http_busy_response(busy, sizeof busy, 10);
        port_tcp_write(tcp, busy, len, false);
        port_tcp_close(tcp); /* in order, so that the words arrive; no event follows */
        staging_warn(service->o.staging, "connections", "As many HTTP connections as [limits] connections allows are open.");
        return service;
    }
    service->free = conn->next_free;
    service->load++;
    conn->tcp = tcp;
    conn->peer = *peer;
    conn->answer.delivery = NULL;
    conn->stream = NULL;
    conn->report = NULL;
    conn->handed_out = conn->eof = false;
    uint64_t now = port_now_ms(service->o.port);
    http_server_init(&conn->engine, &http_limits_default, conn->in, sizeof conn->in, conn->out, sizeof conn->out, now);
    set_timer(conn, false, now);
    return conn;
}

/* -- life ----------------------------------------------------------------------------------------------------- */

struct http_service *http_service_open(const struct http_service_options *options)
{
    struct http_service *service = calloc(1, sizeof *service);
    if (!service)
        return NULL;
    service->o = *options;
    service->pool = calloc(options->connections, sizeof *service->pool);
    service->report = malloc(HTTP_REPORT_MAX);
    if (!service->pool || !service->report) {
        http_service_close(service);
        return NULL;
    }
    for (size_t i = options->connections; i-- > 0;) {
        struct http_conn *conn = &service->pool[i];
        conn->service = service;
        conn->next_free = service->free;
        timer_init(&conn->timer, on_timer, conn);
        service->free = conn;
    }
    if (port_tcp_listen(options->port, options->number, on_accept, service, &events, &service->listener) < 0) {
        http_service_close(service);
        return NULL;
    }
    return service;
}

size_t http_service_load(const struct http_service *service)
{
    return service->load;
}

void http_service_close(struct http_service *service)
{
    if (!service)
        return;
    if (service->listener)
        port_listener_close(service->listener);
    for (size_t i = 0; service->pool && i < service->o.connections; i++) {
        struct http_conn *conn = &service->pool[i];
        if (!conn->tcp)
            continue;
        http_exchange_end(conn, false);
        port_tcp_close(conn->tcp);
        release(conn);
    }
    free(service->pool);
    free(service->report);
    free(service);
}
