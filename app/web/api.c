#include "app/web/core.h"

#include <stdlib.h>
#include <string.h>

#include "app/version.h"
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
    for (uint32_t i = 0; i < api->o.viewers; i++) {
        free(api->streams[i].large);
        free(api->streams[i].piece);
    }
    api_upload_end(api);
    free(api->streams);
    free(api);
}

void api_set_ready(struct api *api, bool ready)
{
    api->ready = ready;
}

void api_end(struct api *api, struct api_stream *stream)
{
    if (stream->viewer)
        events_leave(stream->viewer);
    if (stream->uploads)
        api_upload_end(api);
    free(stream->large);
    free(stream->piece);
    stream->large = stream->piece = NULL;
    stream->viewer = NULL;
    stream->next_free = api->free;
    api->free = stream;
}

/* -- answers ------------------------------------------------------------------------------------------ */

void api_healthz(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    (void)request;
    api_text(answer, api->ready ? 200 : 503, api->ready ? "ok" : "starting");
}

void api_summary(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    (void)request;
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

size_t api_viewers(const struct api *api)
{
    size_t count = 0;
    for (uint32_t i = 0; i < api->o.viewers; i++)
        count += api_is_live(&api->streams[i]);
    return count;
}

/* Dashboards have a quarter of the connections; one more answer is kept for everything else that is asked here. */
static bool is_room_for_viewer(const struct api *api)
{
    uint32_t most = api->o.viewers > 1 ? api->o.viewers - 1 : 1;
    return api_viewers(api) < most;
}

void api_events(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    if (!api->o.events) {
        api_bare(answer, 404, NULL);
        return;
    }
    if (!api_stream_answer(api, "text/event-stream", answer))
        return;
    if (request->http->method == HTTP_HEAD)
        return;
    answer->stream->viewer = is_room_for_viewer(api) ? events_join(api->o.events) : NULL;
    if (!answer->stream->viewer) {
        answer->response = (struct http_response){0};
        api_bare(answer, 503, &retry_after);
        return;
    }
    answer->response.body = HTTP_BODY_PRODUCER;
    answer->response.produce = events_produce;
    answer->response.produce_ctx = answer->stream->viewer;
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
