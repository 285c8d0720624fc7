/* routes.c - which path is answered by whom, and who may ask. The tests read this table: a row that is added here
 * is tried without a session, from another site and so on, without a further word. */
#include "app/web/core.h"

#include <string.h>

#include "app/web/dashboard.h"

/* Those outside of /api/v1/ come first. */
static const struct api_route routes[] = {
    {HTTP_GET, "/", API_ANYONE, 0, api_dashboard},
    {HTTP_GET, "/healthz", API_ANYONE, 0, api_healthz},
    {HTTP_GET, "/metrics", API_ANYONE, 0, api_metrics},
    {HTTP_GET, "/report.csv", API_NO_PHONE, REPORT_CSV, api_report},
    {HTTP_GET, "/report.json", API_NO_PHONE, REPORT_JSON, api_report},
    {HTTP_GET, "/report.html", API_NO_PHONE, REPORT_HTML, api_report},
    {HTTP_GET, "/api/v1/summary", API_ANYONE, 0, api_summary},
    {HTTP_GET, "/api/v1/events", API_NO_PHONE, 0, api_events},
    {HTTP_GET, "/api/v1/phones", API_NO_PHONE, 0, api_phones},
    {HTTP_GET, "/api/v1/phones/*", API_ANYONE, 0, api_phone},
    {HTTP_GET, "/api/v1/phones/*/timeline", API_ANYONE, 0, api_timeline},
    {HTTP_GET, "/api/v1/phones/*/report", API_OPERATOR, 0, api_phone_report},
    {HTTP_POST, "/api/v1/phones/*/nudge", API_CHANGE, STAGING_NUDGE, api_act},
    {HTTP_POST, "/api/v1/phones/*/retry", API_CHANGE, STAGING_RETRY, api_act},
    {HTTP_POST, "/api/v1/phones/*/ignore", API_CHANGE, STAGING_IGNORE, api_act},
    {HTTP_POST, "/api/v1/phones/*/forget", API_CHANGE, STAGING_FORGET, api_act},
    {HTTP_GET, "/api/v1/session", API_ANYONE, 0, api_session},
    {HTTP_POST, "/api/v1/session", API_LOGIN, 0, api_log_in},
    {HTTP_DELETE, "/api/v1/session", API_LOGIN, 0, api_log_out},
    {HTTP_POST, "/api/v1/batch/pause", API_CHANGE, true, api_pause},
    {HTTP_POST, "/api/v1/batch/resume", API_CHANGE, false, api_pause},
    {HTTP_GET, "/api/v1/check", API_OPERATOR, 0, api_check},
    {HTTP_GET, "/api/v1/plan", API_ANYONE, 0, api_plan},
    {HTTP_PUT, "/api/v1/firmware/*", API_CHANGE, 0, api_firmware},
    {HTTP_PUT, "/api/v1/phones.csv", API_CHANGE, 0, api_inventory},
    {HTTP_POST, "/api/v1/reload", API_CHANGE, 0, api_reload},
    {HTTP_POST, "/api/v1/clock", API_CHANGE, 0, api_clock},
};
#define ROUTES (sizeof routes / sizeof *routes)

static const char prefix[] = "/api/v1/";

const struct api_route *api_route(size_t n)
{
    return n < ROUTES ? &routes[n] : NULL;
}

static bool begins(struct http_slice path, const char *with, size_t len)
{
    return path.len >= len && memcmp(path.p, with, len) == 0;
}

/* *part is what stands in the place of the star: at least a byte, and no slash. */
static bool fits(struct http_slice path, const char *pattern, struct http_slice *part)
{
    size_t before = strcspn(pattern, "*");
    *part = (struct http_slice){0};
    if (!pattern[before])
        return http_is(path, pattern);
    const char *behind = pattern + before + 1;
    size_t after = strlen(behind);
    if (path.len <= before + after || !begins(path, pattern, before) ||
        memcmp(path.p + path.len - after, behind, after) != 0)
        return false;
    *part = (struct http_slice){path.p + before, path.len - before - after};
    return memchr(part->p, '/', part->len) == NULL;
}

bool api_owns(const struct http_request *http)
{
    if (http_is(http->path, "/"))
        return !api_is_phone(http);
    if (begins(http->path, prefix, sizeof prefix - 1))
        return true;
    for (size_t i = 0; strncmp(routes[i].path, prefix, sizeof prefix - 1) != 0; i++)
        if (http_is(http->path, routes[i].path))
            return true;
    return false;
}

/* `Allow` is of all methods that the path has; none: there is no such path. */
static void no_such_method(struct api *api, struct http_slice path, struct api_answer *answer)
{
    struct http_slice part;
    struct out out;
    out_window(&out, api->allow, sizeof api->allow - 1, 0);
    for (size_t i = 0; i < ROUTES; i++) {
        if (!fits(path, routes[i].path, &part))
            continue;
        out_text(&out, out_filled(&out) > 0 ? ", " : "");
        out_text(&out, routes[i].method == HTTP_GET ? "GET, HEAD" : http_method_name(routes[i].method));
    }
    api->allow[out_filled(&out)] = '\0';
    api->lines[0] = (struct http_line){"Allow", api->allow};
    if (api->allow[0])
        api_bare(answer, 405, api->lines);
    else
        api_bare(answer, 404, NULL);
}

/* False, and why in the answer, where this one may not ask for that. */
static bool may_ask(struct api *api, const struct api_request *request, enum api_access access,
                    struct api_answer *answer)
{
    switch (access) {
    case API_CHANGE:
        return api_may_change(api, request, answer);
    case API_OPERATOR:
        return api_logged_in(api, request, answer);
    case API_NO_PHONE:
        if (!api_is_phone(request->http))
            return true;
        api_bare(answer, 404, NULL);
        return false;
    default:
        return true;
    }
}

void api_answer(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct api_request routed = *request;
    enum http_method method = request->http->method == HTTP_HEAD ? HTTP_GET : request->http->method;
    memset(answer, 0, sizeof *answer);
    for (size_t i = 0; i < ROUTES; i++) {
        if (routes[i].method != method || !fits(request->http->path, routes[i].path, &routed.part))
            continue;
        routed.argument = routes[i].argument;
        if (may_ask(api, request, routes[i].access, answer))
            routes[i].answer(api, &routed, answer);
        return;
    }
    no_such_method(api, request->http->path, answer);
}
