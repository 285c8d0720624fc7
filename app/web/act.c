/* act.c - what the operator does to the batch and the box. */
#include "app/web/core.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "app/web/time_text.h"

void api_act(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    const struct phone *phone = api_recall_phone(api, request->part);
    if (!phone)
        api_bare(answer, 404, NULL);
    else
        api_bare(answer, staging_act(api->o.staging, phone, (enum staging_action)request->argument) ? 202 : 409,
                 NULL);
}

void api_pause(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    bool pause = request->argument != 0;
    staging_pause(api->o.staging, pause);
    if (!pause && api->o.resume)
        api->o.resume(api->o.ctx);
    api_bare(answer, 202, NULL);
}

void api_reload(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    (void)request;
    if (api->o.reload)
        api->o.reload(api->o.ctx);
    api_bare(answer, 202, NULL);
}

void api_clock(struct api *api, const struct api_request *request, struct api_answer *answer)
{
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
