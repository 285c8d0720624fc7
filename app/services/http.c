#include "app/services/http_conn.h"
#include "app/web/events.h"

#include <stdlib.h>
#include <string.h>

#define ACK_POLL_FIRST_MS 5
#define ACK_POLL_MS 100
#define HELD_MAX 32 /* answers that share a write of the journal: the first need not wait for a long turn's end */
#define REPORT_SLOW_MS 2000 /* a report that takes longer makes way for another */
#define READ_MAX 4 /* reads in one turn, so that one connection cannot hold up the others */

struct http_service {
    struct http_service_options o;
    struct port_listener *plain, *secure; /* NULL: not listening */
    struct http_conn *pool;
    struct http_conn *free;
    size_t load, used; /* used: those before were taken once; the pool's memory is not touched before */
    struct http_conn *held; /* whose answers wait for the journal */
    unsigned held_count;
    struct http_slices slices;
    struct http_conn *reporter; /* whose report is coming in, since... */
    uint64_t report_since_ms;
    uint8_t *outs; /* out_size bytes of each connection */
    size_t out_size;
};

static const struct port_tcp_events events;

const struct http_service_options *http_service_options_of(const struct http_service *service)
{
    return &service->o;
}

uint8_t *http_conn_out(const struct http_conn *conn)
{
    const struct http_service *service = conn->service;
    return service->outs + (size_t)(conn - service->pool) * service->out_size;
}

size_t http_service_out_size(const struct http_service *service)
{
    return service->out_size;
}

static uint64_t now_of(const struct http_conn *conn)
{
    return port_now_ms(conn->service->o.port);
}

/* -- acknowledged bytes ---------------------------------------------------------------------------------- */

/* Tells staging how much of the content has arrived; true where all of it has. */
static bool follow(struct http_conn *conn)
{
    size_t unacked = http_wire_unacked(&conn->wire);
    http_server_unacked(&conn->engine, unacked, now_of(conn));
    if (!conn->answer.delivery || !conn->full_body)
        return unacked == 0;
    uint64_t handed = http_server_handed(&conn->engine);
    staging_progress(conn->service->o.staging, conn->answer.delivery, handed > unacked ? handed - unacked : 0);
    return unacked == 0;
}

static void release(struct http_conn *conn)
{
    conn->held = false;
    http_slices_drop(&conn->service->slices, conn);
    timer_clear(conn->service->o.timers, &conn->timer);
    conn->next_free = conn->service->free;
    conn->service->free = conn;
    conn->service->load--;
}

/* -- the engine's events ---------------------------------------------------------------------------------- */

/* Writes what the engine has, of an operator's stream one piece; false when the port is full or the connection is dead.
 */
static bool write_out(struct http_conn *conn, uint64_t now, bool *moved)
{
    struct http_out out;
    while (http_server_output(&conn->engine, &out, now)) {
        int n = out.kind == HTTP_OUT_EXTENT ? http_wire_write_blob(&conn->wire, conn->answer.blob, out.off, out.len)
                                            : http_wire_write(&conn->wire, out.data, out.len, out.more);
        if (n <= 0)
            return false;
        *moved = true;
        http_server_sent(&conn->engine, (size_t)n, now);
        if ((size_t)n < out.len)
            return false;
        if (conn->stream)
            return true;
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
        http_wire_shutdown(&conn->wire);
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
    http_wire_close(&conn->wire);
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
    else if (conn->stream && api_is_live(conn->stream))
        poll = now + EVENTS_POLL_MS;
    timer_set_latest(conn->service->o.timers, &conn->timer, at < poll ? at : poll);
}

/* Takes what has come, as far as the engine has room; true where that was something. */
static bool take_in(struct http_conn *conn)
{
    bool took = false;
    for (int i = 0; i < READ_MAX && !conn->eof; i++) {
        size_t cap;
        uint8_t *room = http_server_room(&conn->engine, &cap);
        int n = cap > 0 ? http_wire_read(&conn->wire, room, cap) : 0;
        if (n == 0)
            return took;
        took = true;
        conn->eof = n < 0;
        if (n < 0)
            http_server_eof(&conn->engine, now_of(conn));
        else
            http_server_took(&conn->engine, (size_t)n, now_of(conn));
        if (!conn->wire.tls && n >= 0 && (size_t)n < cap)
            return true; /* there was no more; what comes is told */
    }
    return took;
}

/* The last answer's end goes out with it. Not to who has ended his side before, which may be there to be read: with both ends
 * closed nobody would be told of what arrives. */
static bool ends_early(struct http_conn *conn)
{
    if (!http_server_ends(&conn->engine))
        return false;
    take_in(conn);
    return !conn->eof;
}

void http_service_hold(struct http_conn *conn)
{
    struct http_service *service = conn->service;
    conn->held = true;
    if (conn->listed)
        return;
    conn->listed = true;
    conn->next_held = service->held;
    service->held = conn;
    service->held_count++;
}

/* A stream to who knows no chunks ends without a byte: the engine is asked once more. */
static bool may_have_ended(const struct http_conn *conn, bool *asked)
{
    bool before = *asked;
    *asked = true;
    return conn->stream && !before;
}

static void drive(struct http_conn *conn)
{
    uint64_t now = now_of(conn);
    bool moved, arriving, ended = false;
    /* What goes out now from its first byte on has not arrived yet: it need not be asked for. */
    bool fresh = !conn->handed_out && http_server_handed(&conn->engine) == 0;
    enum http_event event = HTTP_WAIT;
    do {
        if (conn->held)
            return;
        moved = false;
        arriving = (fresh && conn->handed_out && conn->answer.delivery) || still_arriving(conn);
        if (!arriving || ends_early(conn))
            event = http_server_event(&conn->engine, now);
        else
            event = HTTP_WAIT;
        if (!handle(conn, event, now)) {
            close_conn(conn);
            return;
        }
        if (conn->held)
            return;
        write_out(conn, now, &moved);
        if (moved && conn->stream)
            http_slices_put(&conn->service->slices, conn);
        /* What TLS holds in plain is told by no readable(). */
        moved = (conn->wire.tls && take_in(conn)) || (moved ? !conn->stream : may_have_ended(conn, &ended));
    } while (event != HTTP_WAIT || moved);
    http_crowd_note(conn, now);
    set_timer(conn, arriving, now);
    size_t cap = 0;
    if (!conn->eof)
        http_server_room(&conn->engine, &cap);
    http_wire_want_read(&conn->wire, cap > 0);
}

/* In the order in which they came. */
static struct http_conn *take_held(struct http_service *service)
{
    struct http_conn *first = NULL;
    while (service->held) {
        struct http_conn *conn = service->held;
        service->held = conn->next_held;
        conn->next_held = first;
        first = conn;
    }
    service->held_count = 0;
    return first;
}

bool http_service_send(struct http_service *service)
{
    if (staging_behind(service->o.staging))
        return false; /* a turn follows */
    struct http_conn *conn = take_held(service);
    while (conn) {
        struct http_conn *next = conn->next_held;
        conn->listed = false;
        if (conn->held) { /* else it has ended meanwhile */
            conn->held = false;
            drive(conn);
        }
        conn = next;
    }
    return service->held != NULL;
}

bool http_service_slice(struct http_service *service)
{
    struct http_conn *conn = http_slices_take(&service->slices);
    if (conn)
        drive(conn);
    return service->slices.first != NULL;
}

/* -- the port's events -------------------------------------------------------------------------------------- */

static void on_readable(void *ctx)
{
    struct http_conn *conn = ctx;
    struct http_service *service = conn->service;
    take_in(conn);
    drive(conn);
    if (service->held_count < HELD_MAX)
        return;
    staging_commit(service->o.staging);
    http_service_send(service);
}

/* Phones at once. */
static void drive_in_turn(struct http_conn *conn)
{
    if (conn->stream)
        http_slices_put(&conn->service->slices, conn);
    else
        drive(conn);
}

static void on_writable(void *ctx)
{
    struct http_conn *conn = ctx;
    http_wire_flush(&conn->wire);
    drive_in_turn(conn);
}

static void on_ended(void *ctx, enum port_end why)
{
    struct http_conn *conn = ctx;
    (void)why;
    bool arrived = conn->answer.delivery && conn->handed_out && http_wire_unacked(&conn->wire) == 0;
    http_exchange_end(conn, arrived);
    http_wire_forget(&conn->wire);
    release(conn);
}

static const struct port_tcp_events events = {on_readable, on_writable, on_ended, NULL};

static void on_timer(void *ctx, struct timer *timer, uint64_t now)
{
    struct http_conn *conn = ctx;
    (void)timer;
    if (conn->answer.delivery || conn->stream)
        follow(conn);
    if (http_server_deadline(&conn->engine) <= now) {
        http_server_expire(&conn->engine, now);
        if (conn->handed_out) /* what has not arrived by now is not waited for any longer */
            http_exchange_end(conn, false);
    }
    drive_in_turn(conn);
}

/* Tells somebody for whom there is no room, in order, so that the words arrive; no event follows. */
static void *turn_away(struct http_service *service, struct port_tcp *tcp, bool secure)
{
    char busy[256];
    if (secure)
        port_tcp_write(tcp, https_busy, sizeof https_busy, false);
    else
        port_tcp_write(tcp, busy, http_busy_response(busy, sizeof busy, 10), false);
    port_tcp_close(tcp);
    return service;
}

/* Gives its place away, without a word: it has not listened for a while. */
static void oust(struct http_conn *conn)
{
    http_exchange_end(conn, false);
    http_wire_abort(&conn->wire);
    release(conn);
}

uint8_t *http_service_take_report(struct http_conn *conn, uint64_t now)
{
    struct http_service *service = conn->service;
    if (service->reporter && now - service->report_since_ms < REPORT_SLOW_MS)
        return NULL;
    if (service->reporter)
        oust(service->reporter);
    uint8_t *report = staging_report_room(service->o.staging);
    service->reporter = report ? conn : NULL;
    service->report_since_ms = now;
    return report;
}

void http_service_give_report(struct http_service *service, uint8_t *report)
{
    staging_report_give(service->o.staging, report);
    service->reporter = NULL;
}

/* True: one has given its place away. */
static bool make_way(struct http_service *service, bool tls)
{
    struct http_conn *conn =
        http_crowd_victim(service->pool, service->used, tls, port_now_ms(service->o.port));
    if (conn)
        oust(conn);
    return conn != NULL;
}

/* One more that was never taken is free, where there is one. */
static void widen(struct http_service *service)
{
    if (service->free || service->used == service->o.connections)
        return;
    struct http_conn *conn = &service->pool[service->used++];
    conn->service = service;
    timer_init(&conn->timer, on_timer, conn);
    service->free = conn;
}

static void *begin(struct http_service *service, struct port_tcp *tcp, const struct port_peer *peer, bool secure)
{
    struct https_channel *tls = NULL;
    widen(service);
    if (!service->free && !make_way(service, false))
        staging_warn_passing(service->o.staging, "connections",
                             "As many HTTP connections as [limits] connections allows are open.");
    struct http_conn *conn = service->free;
    if (conn && secure) {
        tls = https_channel_take(service->o.https, tcp, peer->address, on_readable, conn);
        if (!tls && make_way(service, true)) {
            conn = service->free;
            tls = https_channel_take(service->o.https, tcp, peer->address, on_readable, conn);
        }
    }
    if (!conn || (secure && !tls))
        return turn_away(service, tcp, secure);
    service->free = conn->next_free;
    service->load++;
    conn->wire = (struct http_wire){.tcp = tcp, .tls = tls};
    conn->peer = *peer;
    conn->answer.delivery = NULL;
    conn->stream = NULL;
    conn->report = NULL;
    conn->handed_out = conn->eof = false;
    uint64_t now = port_now_ms(service->o.port);
    http_server_init(&conn->engine, &http_limits_default, conn->in, sizeof conn->in, http_conn_out(conn),
                     service->out_size, now);
    conn->waits = false;
    conn->moved = 0;
    http_crowd_note(conn, now);
    set_timer(conn, false, now);
    return conn;
}

static void *on_plain(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    return begin(ctx, tcp, peer, false);
}

static void *on_secure(void *ctx, struct port_tcp *tcp, const struct port_peer *peer)
{
    return begin(ctx, tcp, peer, true);
}

/* -- life ----------------------------------------------------------------------------------------------------- */

static int listen_all(struct http_service *service)
{
    const struct http_service_options *o = &service->o;
    int error = 0;
    if (o->number)
        error = port_tcp_listen(o->port, o->number, on_plain, service, &events, &service->plain);
    if (error == 0 && o->https)
        error = port_tcp_listen(o->port, o->https_number, on_secure, service, &events, &service->secure);
    return error;
}

struct http_service *http_service_open(const struct http_service_options *options)
{
    struct http_service *service = calloc(1, sizeof *service);
    if (!service)
        return NULL;
    service->o = *options;
    service->pool = calloc(options->connections, sizeof *service->pool);
    service->out_size = options->connections < HTTP_CONN_MANY ? HTTP_CONN_OUT_FEW : HTTP_CONN_OUT;
    service->outs = malloc(options->connections * service->out_size);
    if (!service->pool || !service->outs) {
        http_service_close(service);
        return NULL;
    }
    if (listen_all(service) < 0) {
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
    if (service->plain)
        port_listener_close(service->plain);
    if (service->secure)
        port_listener_close(service->secure);
    for (size_t i = 0; service->pool && i < service->used; i++) {
        struct http_conn *conn = &service->pool[i];
        if (!conn->wire.tcp)
            continue;
        http_exchange_end(conn, false);
        http_wire_close(&conn->wire);
        release(conn);
    }
    free(service->pool);
    free(service->outs);
    free(service);
}
