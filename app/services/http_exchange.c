#include "app/services/http_conn.h"

#include <string.h>
#include "mbedtls/platform_util.h"

#define ROOM_LEAST 4096 /* no usual profile fits into less */

static const struct http_line no_store = {"Cache-Control", "no-store"};
static const struct http_line retry_after = {"Retry-After", "10"};
static const struct http_line allow_read = {"Allow", "GET, HEAD"};
static const struct http_line allow_report = {"Allow", "PUT, POST"};

static void respond(struct http_conn *conn, struct http_response *response, uint64_t now)
{
    int64_t wall;
    if (port_wall_ms(http_service_options_of(conn->service)->port, &wall))
        response->date_s = wall / 1000;
    http_server_respond(&conn->engine, response, now);
    http_service_hold(conn);
}

static void respond_bare(struct http_conn *conn, int status, const struct http_line *line, uint64_t now)
{
    struct http_response response = {.status = status, .lines = line, .line_count = line ? 1 : 0};
    respond(conn, &response, now);
}

static struct staging_request ask_of(struct http_conn *conn)
{
    const struct http_request *r = &conn->engine.request;
    const struct https_channel *tls = conn->wire.tls;
    struct http_slice agent = http_request_field(r, HTTP_FIELD_USER_AGENT);
    size_t room_len;
    uint8_t *room = http_server_body_room(&conn->engine, &room_len);
    return (struct staging_request){
        .carrier = tls ? CARRIER_HTTPS : CARRIER_HTTP,
        .address = conn->peer.address,
        .path = r->path.p,
        .path_len = r->path.len,
        .user_agent = agent.p,
        .user_agent_len = agent.len,
        .head = r->method == HTTP_HEAD,
        .certificate = tls ? https_channel_certificate(tls) : NULL,
        .shown = tls ? https_channel_shown(tls) : 0,
        .room = room_len < ROOM_LEAST ? NULL : (char *)room,
        .room_len = room_len,
    };
}

static void respond_content(struct http_conn *conn, uint64_t now)
{
    const struct staging_answer *a = &conn->answer;
    struct http_response response = {
        .status = 200,
        .content_type = a->content_type,
        .etag = a->etag,
        .last_modified_s = a->modified_s,
        .lines = &no_store,
        .line_count = a->no_store ? 1 : 0,
        .body = a->blob ? HTTP_BODY_EXTENT : HTTP_BODY_MEMORY,
        .memory = a->data,
        .length = a->size,
    };
    conn->handed_out = false;
    respond(conn, &response, now);
    conn->secret = HTTP_HEAD_ROOM + a->size;
    conn->full_body = http_server_status(&conn->engine) == 200 && !conn->head_only;
}

static void serve_phone(struct http_conn *conn, uint64_t now)
{
    struct staging *staging = http_service_options_of(conn->service)->staging;
    struct staging_request request = ask_of(conn);
    staging_ask(staging, &request, &conn->answer);
    conn->head_only = request.head;
    if (conn->answer.kind == STAGING_BUSY)
        respond_bare(conn, 503, &retry_after, now);
    else if (conn->answer.kind == STAGING_NOT_FOUND)
        respond_bare(conn, 404, NULL, now);
    else
        respond_content(conn, now);
}

static void serve_operator(struct http_conn *conn, uint64_t now)
{
    struct api *api = http_service_options_of(conn->service)->api;
    struct api_answer answer;
    struct api_request request = {
        .http = &conn->engine.request, .peer = conn->peer.address, .secure = conn->wire.tls != NULL};
    api_answer(api, &request, &answer);
    conn->stream = answer.stream;
    if (answer.body_max == 0)
        respond(conn, &answer.response, now);
    else if (!http_server_accept_body(&conn->engine, answer.body_max, now))
        http_exchange_end(conn, false);
}

static bool is_report(struct http_slice path)
{
    static const char prefix[] = "/report/";
    return path.len > sizeof prefix - 1 && memcmp(path.p, prefix, sizeof prefix - 1) == 0;
}

static void begin_report(struct http_conn *conn, uint64_t now)
{
    const struct http_request *r = &conn->engine.request;
    if (r->method != HTTP_PUT && r->method != HTTP_POST) {
        respond_bare(conn, 405, &allow_report, now);
        return;
    }
    conn->report = http_service_take_report(conn, now);
    if (!conn->report) {
        respond_bare(conn, 503, &retry_after, now);
        return;
    }
    conn->report_len = 0;
    if (!r->has_body)
        http_exchange_body_end(conn, now);
    else if (!http_server_accept_body(&conn->engine, HTTP_REPORT_MAX, now))
        http_exchange_end(conn, false);
}

void http_exchange_request(struct http_conn *conn, uint64_t now)
{
    const struct http_request *r = &conn->engine.request;
    if (http_service_options_of(conn->service)->api && api_owns(r))
        serve_operator(conn, now);
    else if (is_report(r->path))
        begin_report(conn, now);
    else if (r->method == HTTP_GET || r->method == HTTP_HEAD)
        serve_phone(conn, now);
    else
        respond_bare(conn, 405, &allow_read, now);
}

void http_exchange_body(struct http_conn *conn, uint64_t now)
{
    size_t len;
    const uint8_t *bytes = http_server_body(&conn->engine, &len);
    if (conn->report && conn->report_len + len <= HTTP_REPORT_MAX) {
        memcpy(conn->report + conn->report_len, bytes, len);
        conn->report_len += len;
    }
    if (conn->stream) { /* it may have been a password */
        api_body(conn->stream, bytes, len);
        mbedtls_platform_zeroize(conn->in + (bytes - conn->in), len);
    }
    http_server_body_used(&conn->engine, len, now);
}

static void end_operator_body(struct http_conn *conn, uint64_t now)
{
    struct api_answer answer;
    struct api_request request = {
        .http = &conn->engine.request, .peer = conn->peer.address, .secure = conn->wire.tls != NULL};
    api_body_end(http_service_options_of(conn->service)->api, &request, conn->stream, &answer);
    respond(conn, &answer.response, now);
}

void http_exchange_body_end(struct http_conn *conn, uint64_t now)
{
    if (conn->stream) {
        end_operator_body(conn, now);
        return;
    }
    struct staging *staging = http_service_options_of(conn->service)->staging;
    struct staging_request request = ask_of(conn);
    bool taken = staging_report(staging, &request, conn->report, conn->report_len);
    http_service_give_report(conn->service, conn->report);
    conn->report = NULL;
    respond_bare(conn, taken ? 201 : 403, NULL, now);
}

void http_exchange_end(struct http_conn *conn, bool whole)
{
    const struct http_service_options *options = http_service_options_of(conn->service);
    size_t size = http_service_out_size(conn->service);
    if (conn->answer.delivery && conn->answer.no_store) /* a profile: its copy on the way out */
        mbedtls_platform_zeroize(http_conn_out(conn), conn->secret < size ? (size_t)conn->secret : size);
    if (conn->answer.delivery)
        staging_end(options->staging, conn->answer.delivery, whole && conn->full_body);
    conn->answer.delivery = NULL;
    if (conn->stream)
        api_end(options->api, conn->stream);
    conn->stream = NULL;
    if (conn->report)
        http_service_give_report(conn->service, conn->report);
    conn->report = NULL;
    conn->handed_out = false;
}
