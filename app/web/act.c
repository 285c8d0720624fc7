/* act.c - what the operator does to the batch and the box. */
#include "app/web/core.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "app/web/time_text.h"

static bool read_action(struct http_slice name, enum staging_action *out)
{
    static const char *const names[] = {"nudge", "retry", "ignore", "forget"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (http_is(name, names[i])) {
            *out = (enum staging_action)i;
            return true;
        }
    }
    return false;
}

void api_act(struct api *api, const struct api_request *request, struct http_slice what, struct api_answer *answer)
{
    enum staging_action action;
    size_t slash = 0;
    while (slash < what.len && what.p[slash] != '/')
        slash++;
    struct http_slice name = {what.p + slash + (slash < what.len), what.len - slash - (slash < what.len)};
    struct http_slice id = {what.p, slash};
    bool report = http_is(name, "report"), timeline = http_is(name, "timeline");
    if (!api_method(request, report || timeline ? HTTP_GET : HTTP_POST, answer))
        return;
    if (report || timeline) {
        report ? api_phone_report(api, request, id, answer) : api_timeline(api, request->http, id, answer);
        return;
    }
    if (!api_may_change(api, request, answer))
        return;
    const struct phone *phone = api_find_phone(api, id);
    if (!phone || !read_action(name, &action))
        api_bare(answer, 404, NULL);
    else
        api_bare(answer, staging_act(api->o.staging, phone, action) ? 202 : 409, NULL);
}

void api_pause(struct api *api, const struct api_request *request, bool pause, struct api_answer *answer)
{
    if (!api_method(request, HTTP_POST, answer) || !api_may_change(api, request, answer))
        return;
    staging_pause(api->o.staging, pause);
    if (!pause && api->o.resume)
        api->o.resume(api->o.ctx);
    api_bare(answer, 202, NULL);
}

void api_reload(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    if (!api_method(request, HTTP_POST, answer) || !api_may_change(api, request, answer))
        return;
    if (api->o.reload)
        api->o.reload(api->o.ctx);
    api_bare(answer, 202, NULL);
}

void api_clock(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    if (!api_method(request, HTTP_POST, answer) || !api_may_change(api, request, answer))
        return;
    if (!request->http->has_body) {
        api_error(api, 400, "Send {\"time\": \"2026-01-02T03:04:05Z\"}.", answer);
    } else if (api_take(api, answer)) {
        answer->stream->body = API_BODY_CLOCK;
        answer->body_max = API_BODY_MAX;
    }
}

void api_clock_body(struct api *api, struct http_slice body, struct api_answer *answer)
{
    int64_t unix_ms;
    cJSON *json = cJSON_ParseWithLength(body.p, body.len);
    const char *time = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "time"));
    if (!time || !time_parse(time, strlen(time), &unix_ms))
        api_error(api, 400, "\"time\" is to be a time like 2026-01-02T03:04:05Z.", answer);
    else if (port_set_wall_ms(api->o.port, unix_ms) < 0)
        api_error(api, 409, port_error_sentence(api->o.port), answer);
    else
        api_bare(answer, 202, NULL);
    cJSON_Delete(json);
}
