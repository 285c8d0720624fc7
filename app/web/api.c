#include "app/web/core.h"

#include <stdlib.h>
#include <string.h>

#include "app/version.h"
#include "app/web/dashboard.h"
#include "app/web/phone_json.h"

static const struct http_line retry_after = {"Retry-After", "5"};

struct api *api_open(const struct api_options *options)
{
    struct api *api = calloc(1, sizeof *api);
    if (!api)
        return NULL;
    api->o = *options;
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
    for (uint32_t i = 0; i < api->o.viewers; i++)
        free(api->streams[i].large);
    api_upload_end(api);
    free(api->streams);
    free(api);
}

void api_set_ready(struct api *api, bool ready)
{
    api->ready = ready;
}

static const char phones_prefix[] = "/api/v1/phones/", firmware_prefix[] = "/api/v1/firmware/";

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

/* enum report_format; -1: it is none. */
static int report_of(struct http_slice path)
{
    static const char *const paths[] = {"/report.csv", "/report.json", "/report.html"};
    for (int i = 0; i < 3; i++)
        if (http_is(path, paths[i]))
            return i;
    return -1;
}

bool api_owns(const struct http_request *http)
{
    struct http_slice path = http->path;
    if (http_is(path, "/"))
        return !api_is_phone(http);
    return http_is(path, "/healthz") || http_is(path, "/metrics") || report_of(path) >= 0 ||
           begins(path, "/api/v1/");
}

void api_end(struct api *api, struct api_stream *stream)
{
    if (stream->viewer)
        events_leave(stream->viewer);
    if (stream->uploads)
        api_upload_end(api);
    free(stream->large);
    stream->large = NULL;
    stream->viewer = NULL;
    stream->next_free = api->free;
    api->free = stream;
}

/* -- answers ------------------------------------------------------------------------------------------ */

static void answer_summary(struct api *api, struct api_answer *answer)
{
    struct json json;
    int64_t wall;
    if (!api_stream_answer(api, "application/json", answer))
        return;
    if (!port_wall_ms(api->o.port, &wall))
        wall = 0;
    json_init(&json, answer->stream->piece, STREAM_PIECE);
    summary_json(&json, api->o.staging, port_now_ms(api->o.port), wall, STAGEBOX_VERSION_TEXT);
    api_document(answer, &json);
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
    if (!api_stream_answer(api, "text/event-stream", answer))
        return;
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

/* What goes out in chunks: nothing of it is for phones, which understand none. */
static bool is_long(struct http_slice path)
{
    return report_of(path) >= 0 || http_is(path, "/api/v1/phones") || http_is(path, "/api/v1/events");
}

static void answer_read(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct http_slice path = request->http->path;
    if (http_is(path, "/"))
        api_dashboard(api, request->http, answer);
    else if (http_is(path, "/healthz"))
        api_text(answer, api->ready ? 200 : 503, api->ready ? "ok" : "starting");
    else if (is_long(path) && api_is_phone(request->http))
        api_bare(answer, 404, NULL);
    else if (http_is(path, "/metrics"))
        api_metrics(api, answer);
    else if (report_of(path) >= 0)
        api_report(api, request->http, (enum report_format)report_of(path), answer);
    else if (http_is(path, "/api/v1/summary"))
        answer_summary(api, answer);
    else if (http_is(path, "/api/v1/phones"))
        api_phones(api, answer);
    else if (http_is(path, "/api/v1/events"))
        answer_events(api, request->http, answer);
    else if (http_is(path, "/api/v1/check"))
        api_check(api, request, answer);
    else if (http_is(path, "/api/v1/plan"))
        api_plan(api, request->http, answer);
    else if (begins(path, phones_prefix))
        api_phone(api, behind(path, phones_prefix), answer);
    else
        api_bare(answer, 404, NULL);
}

/* Paths that are not, or not only, for reading; false: it is none of them. */
static bool answer_change(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct http_slice path = request->http->path;
    struct http_slice id = begins(path, phones_prefix) ? behind(path, phones_prefix) : (struct http_slice){0};
    if (http_is(path, "/api/v1/session"))
        api_session(api, request, answer);
    else if (http_is(path, "/api/v1/batch/pause"))
        api_pause(api, request, true, answer);
    else if (http_is(path, "/api/v1/batch/resume"))
        api_pause(api, request, false, answer);
    else if (http_is(path, "/api/v1/reload"))
        api_reload(api, request, answer);
    else if (http_is(path, "/api/v1/clock"))
        api_clock(api, request, answer);
    else if (http_is(path, "/api/v1/phones.csv"))
        api_inventory(api, request, answer);
    else if (begins(path, firmware_prefix))
        api_firmware(api, request, behind(path, firmware_prefix), answer);
    else if (id.len > 0 && memchr(id.p, '/', id.len))
        api_act(api, request, id, answer);
    else
        return false;
    return true;
}

void api_answer(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    if (!answer_change(api, request, answer) && api_method(request, HTTP_GET, answer))
        answer_read(api, request, answer);
}

void api_body(struct api_stream *stream, const void *bytes, size_t len)
{
    if (stream->uploads) {
        api_upload_bytes(stream->api, bytes, len);
        return;
    }
    if (len > STREAM_PIECE - stream->len)
        len = STREAM_PIECE - stream->len;
    memcpy(stream->piece + stream->len, bytes, len);
    stream->len += len;
}

void api_body_end(struct api *api, const struct api_request *request, struct api_stream *stream,
                  struct api_answer *answer)
{
    struct http_slice body = {stream->piece, stream->len};
    memset(answer, 0, sizeof *answer);
    answer->stream = stream;
    switch (stream->body) {
    case API_BODY_FIRMWARE:
        api_firmware_body(api, answer);
        return;
    case API_BODY_INVENTORY:
        api_inventory_body(api, answer);
        return;
    case API_BODY_CLOCK:
        api_clock_body(api, body, answer);
        return;
    default:
        api_session_body(api, request, body, answer);
        memset(stream->piece, 0, stream->len); /* a password stood there */
    }
}
