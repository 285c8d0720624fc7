/* look.c - what the commands `check` and `plan` say, as JSON; and the box in numbers. */
#include "app/web/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/check.h"
#include "app/cli/plan.h"
#include "mbedtls/platform_util.h"

#define CHECK_MAX 131072 /* bytes of check's answer; problems beyond are counted */
#define CHECK_TAIL 64    /* of them for what stands behind the list */

void api_problem(void *ctx, const struct problem *p)
{
    struct problem_list *list = ctx;
    struct json *json = list->json, before = *json;
    if (p->level == PROBLEM_ERROR && !list->first[0])
        snprintf(list->first, sizeof list->first, "%s", p->text);
    json_object(json);
    json_key_text(json, "file", p->file);
    if (p->line > 0)
        json_key_u64(json, "line", (uint64_t)p->line);
    else
        json_key_null(json, "line");
    json_key_text(json, "level", problem_level_name(p->level));
    json_key_text(json, "text", p->text);
    json_object_end(json);
    if (json->overflow) {
        *json = before;
        list->left_out++;
    }
}

/* What `check` does, beside what runs. */
static bool look(struct api *api, struct problems *problems)
{
    const struct content *running = staging_content(api->o.staging);
    struct settings *settings = malloc(sizeof *settings);
    struct content *content = malloc(sizeof *content);
    bool ok = settings && content && content_open(content, api->o.port, running->seed);
    if (ok) {
        content_borrow(content, running);
        check_card(api->o.port, api->o.file, settings, content, problems);
        content_close(content);
    }
    if (settings)
        mbedtls_platform_zeroize(settings, sizeof *settings);
    free(content);
    free(settings);
    return ok;
}

void api_check(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    (void)request;
    struct json json;
    if (!api_stream_answer(api, "application/json", answer) || !api_large(answer, CHECK_MAX, &json))
        return;
    struct problem_list list = {.json = &json};
    struct problems problems = {.add = api_problem, .ctx = &list};
    json.cap -= CHECK_TAIL;
    json_object(&json);
    json_key(&json, "problems");
    json_array(&json);
    bool looked = look(api, &problems);
    json.cap += CHECK_TAIL;
    json_array_end(&json);
    json_key_u64(&json, "errors", (uint64_t)problems.errors);
    json_key_u64(&json, "warnings", (uint64_t)problems.warnings);
    json_key_u64(&json, "left_out", list.left_out);
    json_object_end(&json);
    if (looked)
        api_document(answer, &json);
    else
        api_error(api, 503, "There is not memory enough to look at the card just now.", answer);
}

void api_plan(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct http_slice query = request->http->query;
    char model[64], version[64];
    struct json json;
    if (!http_query_get(query, "model", model, sizeof model) ||
        !http_query_get(query, "version", version, sizeof version)) {
        api_error(api, 400, "Ask for /api/v1/plan?model=SPA504G&version=7.3.7.", answer);
        return;
    }
    if (!api_stream_answer(api, "application/json", answer) || !api_large(answer, PLAN_JSON_MAX, &json))
        return;
    plan_json(&staging_content(api->o.staging)->ladder, model, version, json.buf, json.cap, &json.len);
    if (json.len > 0)
        api_document(answer, &json);
    else
        api_error(api, 400, "That is no version; write it as the phone does, for example 7.5.2b.", answer);
}

#define POOLS_MAX 8

void api_metrics(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    (void)request;
    int64_t wall;
    struct metrics_pool pools[POOLS_MAX];
    struct metrics m = {
        .staging = api->o.staging,
        .now_ms = port_now_ms(api->o.port),
        .ready = api->ready,
        .clock_set = port_wall_ms(api->o.port, &wall),
        .viewers = api_viewers(api),
        .sessions = sessions_count(&api->sessions, port_now_ms(api->o.port)),
        .pools = pools,
        .pool_count = api->o.pools ? api->o.pools(api->o.ctx, pools, POOLS_MAX) : 0,
    };
    while (staging_warning_text(api->o.staging, m.warnings))
        m.warnings++;
    m.warnings += !m.clock_set; /* as in the summary */
    struct json buffer;
    struct out out;
    if (!api_stream_answer(api, NULL, answer) || !api_large(answer, METRICS_MAX, &buffer))
        return;
    out_window(&out, buffer.buf, buffer.cap, 0);
    metrics_write(&m, &out);
    buffer.len = out_filled(&out);
    api_document(answer, &buffer);
    answer->response.content_type = "text/plain; version=0.0.4; charset=utf-8";
}
