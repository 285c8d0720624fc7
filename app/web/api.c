#include "app/web/core.h"

#include <stdlib.h>
#include <string.h>

#include "app/phones/registry.h"
#include "app/version.h"
#include "app/web/phone_json.h"

static const struct http_line no_store = {"Cache-Control", "no-store"};
static const struct http_line retry_after = {"Retry-After", "5"};
static const struct http_line allow_read = {"Allow", "GET, HEAD"};
static const char json_type[] = "application/json";

struct api *api_open(const struct api_options *options)
{
    struct api *api = calloc(1, sizeof *api);
    if (!api)
        return NULL;
    api->o = *options;
    api->started_ms = port_now_ms(options->port);
    sessions_init(&api->sessions);
    api->streams = calloc(options->viewers, sizeof *api->streams);
    if (!api->streams) {
        free(api);
        return NULL;
    }
    for (uint32_t i = 0; i < options->viewers; i++) {
        api->streams[i].api = api;
        api->streams[i].next_free = api->free;
        api->free = &api->streams[i];
    }
    return api;
}

void api_close(struct api *api)
{
    if (!api)
        return;
    free(api->streams);
    free(api);
}

void api_set_ready(struct api *api, bool ready)
{
    api->ready = ready;
}

static const char phones_prefix[] = "/api/v1/phones/";

static bool begins(struct http_slice path, const char *with)
{
    size_t n = strlen(with);
    return path.len >= n && memcmp(path.p, with, n) == 0;
}

/* `path` begins with it. */
static struct http_slice behind(struct http_slice path, const char *prefix)
{
    return (struct http_slice){path.p + strlen(prefix), path.len - strlen(prefix)};
}

bool api_owns(struct http_slice path)
{
    return http_is(path, "/healthz") || begins(path, "/api/v1/");
}

void api_end(struct api *api, struct api_stream *stream)
{
    if (stream->viewer)
        events_leave(stream->viewer);
    stream->viewer = NULL;
    stream->next_free = api->free;
    api->free = stream;
}

/* -- answers ------------------------------------------------------------------------------------------ */

static struct api_stream *take_stream(struct api *api)
{
    struct api_stream *stream = api->free;
    if (!stream)
        return NULL;
    api->free = stream->next_free;
    stream->at = stream->len = stream->sent = 0;
    stream->begun = stream->ended = stream->comma = false;
    return stream;
}

void api_bare(struct api_answer *answer, int status, const struct http_line *line)
{
    answer->response.status = status;
    answer->response.lines = line;
    answer->response.line_count = line ? 1 : 0;
}

static void text(struct api_answer *answer, int status, const char *body)
{
    answer->response.status = status;
    answer->response.content_type = "text/plain";
    answer->response.body = HTTP_BODY_COPY;
    answer->response.memory = body;
    answer->response.length = strlen(body);
    answer->response.lines = &no_store;
    answer->response.line_count = 1;
}

bool api_take(struct api *api, struct api_answer *answer)
{
    answer->stream = take_stream(api);
    if (!answer->stream)
        api_bare(answer, 503, &retry_after);
    return answer->stream != NULL;
}

static bool stream_answer(struct api *api, struct api_answer *answer)
{
    if (!api_take(api, answer))
        return false;
    answer->response.status = 200;
    answer->response.content_type = json_type;
    answer->response.lines = &no_store;
    answer->response.line_count = 1;
    return true;
}

/* One JSON document that was written into the stream's piece. */
static void whole_piece(struct api_answer *answer, const struct json *json)
{
    answer->response.body = HTTP_BODY_MEMORY;
    answer->response.memory = answer->stream->piece;
    answer->response.length = json->len;
}

static void answer_summary(struct api *api, struct api_answer *answer)
{
    struct json json;
    if (!stream_answer(api, answer))
        return;
    json_init(&json, answer->stream->piece, STREAM_PIECE);
    summary_json(&json, api->o.staging, port_now_ms(api->o.port) - api->started_ms, STAGEBOX_VERSION_TEXT);
    whole_piece(answer, &json);
}

const struct phone *api_find_phone(const struct api *api, struct http_slice id)
{
    struct mac mac;
    char serial[PHONE_SERIAL_MAX];
    if (mac_parse(id.p, id.len, &mac))
        return registry_by_mac(staging_registry(api->o.staging), mac);
    if (id.len == 0 || id.len >= sizeof serial)
        return NULL;
    memcpy(serial, id.p, id.len);
    serial[id.len] = '\0';
    return registry_by_serial(staging_registry(api->o.staging), serial);
}

static void answer_phone(struct api *api, struct http_slice id, struct api_answer *answer)
{
    struct json json;
    const struct phone *phone = api_find_phone(api, id);
    if (!phone) {
        api_bare(answer, 404, NULL);
        return;
    }
    if (!stream_answer(api, answer))
        return;
    json_init(&json, answer->stream->piece, STREAM_PIECE);
    phone_json(&json, api->o.staging, phone);
    whole_piece(answer, &json);
}

/* The next piece of the list: its beginning, a phone, or its end. False: that was all. */
static bool next_piece(struct api_stream *s)
{
    static const char head[] = "{\"phones\":[", tail[] = "]}";
    struct json json;
    s->sent = s->len = 0;
    if (!s->begun) {
        s->begun = true;
        memcpy(s->piece, head, s->len = sizeof head - 1);
        return true;
    }
    if (s->ended)
        return false;
    const struct phone *phone = registry_next(staging_registry(s->api->o.staging), &s->at);
    if (!phone) {
        s->ended = true;
        memcpy(s->piece, tail, s->len = sizeof tail - 1);
        return true;
    }
    s->piece[0] = ',';
    json_init(&json, s->piece + 1, STREAM_PIECE - 1);
    phone_json(&json, s->api->o.staging, phone);
    s->sent = s->comma ? 0 : 1;
    s->comma = true;
    s->len = json.len + 1;
    return true;
}

static int produce_phones(void *ctx, uint8_t *buf, size_t cap)
{
    struct api_stream *s = ctx;
    size_t n = 0;
    while (n < cap) {
        if (s->sent == s->len && !next_piece(s))
            return n > 0 ? (int)n : HTTP_PRODUCE_END;
        size_t part = s->len - s->sent < cap - n ? s->len - s->sent : cap - n;
        memcpy(buf + n, s->piece + s->sent, part);
        s->sent += part;
        n += part;
    }
    return (int)n;
}

static void answer_phones(struct api *api, struct api_answer *answer)
{
    if (!stream_answer(api, answer))
        return;
    answer->response.body = HTTP_BODY_PRODUCER;
    answer->response.produce = produce_phones;
    answer->response.produce_ctx = answer->stream;
}

bool api_is_live(const struct api_stream *stream)
{
    return stream->viewer != NULL;
}

static void answer_events(struct api *api, const struct http_request *http, struct api_answer *answer)
{
    if (!api->o.events) {
        api_bare(answer, 404, NULL);
        return;
    }
    if (!stream_answer(api, answer))
        return;
    answer->response.content_type = "text/event-stream";
    if (http->method == HTTP_HEAD)
        return;
    answer->stream->viewer = events_join(api->o.events);
    if (!answer->stream->viewer) {
        answer->response = (struct http_response){0};
        api_bare(answer, 503, &retry_after);
        return;
    }
    answer->response.body = HTTP_BODY_PRODUCER;
    answer->response.produce = events_produce;
    answer->response.produce_ctx = answer->stream->viewer;
}

static void answer_read(struct api *api, struct http_slice path, struct api_answer *answer)
{
    if (http_is(path, "/healthz"))
        text(answer, api->ready ? 200 : 503, api->ready ? "ok" : "starting");
    else if (http_is(path, "/api/v1/summary"))
        answer_summary(api, answer);
    else if (http_is(path, "/api/v1/phones"))
        answer_phones(api, answer);
    else if (begins(path, phones_prefix))
        answer_phone(api, behind(path, phones_prefix), answer);
    else
        api_bare(answer, 404, NULL);
}

void api_answer(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct http_slice path = request->http->path;
    bool reads = request->http->method == HTTP_GET || request->http->method == HTTP_HEAD;
    memset(answer, 0, sizeof *answer);
    if (http_is(path, "/api/v1/session"))
        api_session(api, request, answer);
    else if (http_is(path, "/api/v1/batch/pause"))
        api_pause(api, request, true, answer);
    else if (http_is(path, "/api/v1/batch/resume"))
        api_pause(api, request, false, answer);
    else if (begins(path, phones_prefix) && memchr(behind(path, phones_prefix).p, '/', behind(path, phones_prefix).len))
        api_act(api, request, behind(path, phones_prefix), answer);
    else if (!reads)
        api_bare(answer, 405, &allow_read);
    else if (http_is(path, "/api/v1/events"))
        answer_events(api, request->http, answer);
    else
        answer_read(api, path, answer);
}

void api_body(struct api_stream *stream, const void *bytes, size_t len)
{
    if (len > STREAM_PIECE - stream->len)
        len = STREAM_PIECE - stream->len;
    memcpy(stream->piece + stream->len, bytes, len);
    stream->len += len;
}

void api_body_end(struct api *api, const struct api_request *request, struct api_stream *stream,
                  struct api_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->stream = stream;
    api_session_body(api, request, (struct http_slice){stream->piece, stream->len}, answer);
    memset(stream->piece, 0, stream->len); /* a password stood there */
}
