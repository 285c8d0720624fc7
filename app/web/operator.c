/* operator.c - who is logged in, and who may change something. */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "app/web/core.h"
#include "app/web/password.h"
#include "mbedtls/platform_util.h"

static const char *password_of(const struct api *api)
{
    return staging_settings(api->o.staging)->web.password;
}

/* -- who --------------------------------------------------------------------------------------------------- */

/* A browser names the page that a request comes from; another site's is refused (RFC 6454 section 7). */
static bool is_cross_site(const struct http_request *http)
{
    struct http_slice origin = http_request_field(http, HTTP_FIELD_ORIGIN);
    struct http_slice host = http_request_field(http, HTTP_FIELD_HOST);
    if (!origin.p)
        return false;
    for (size_t i = 0; i + 3 <= origin.len; i++)
        if (memcmp(origin.p + i, "://", 3) == 0)
            return origin.len - i - 3 != host.len || memcmp(origin.p + i + 3, host.p, host.len) != 0;
    return true;
}

bool api_is_operator(struct api *api, const struct http_request *http)
{
    if (strcmp(api->password, password_of(api)) != 0) { /* another password: nobody is logged in any more */
        sessions_end_all(&api->sessions);
        snprintf(api->password, sizeof api->password, "%s", password_of(api));
    }
    return password_of(api)[0] && sessions_has(&api->sessions, http_request_field(http, HTTP_FIELD_COOKIE),
                                               port_now_ms(api->o.port));
}

bool api_logged_in(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    if (api_is_operator(api, request->http))
        return true;
    api_bare(answer, 401, NULL);
    return false;
}

bool api_may_change(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    const struct http_request *http = request->http;
    bool header = http_is(http_request_header(http, "X-Stagebox"), "1");
    if (api_is_operator(api, http) && header && !is_cross_site(http))
        return true;
    api_bare(answer, api_is_operator(api, http) ? 403 : 401, NULL);
    return false;
}

/* -- sessions ------------------------------------------------------------------------------------------------ */

static void put_cookie(struct api *api, const struct api_request *request, const char *value, const char *more,
                       struct api_answer *answer)
{
    snprintf(api->cookie, sizeof api->cookie, SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s%s", value,
             request->secure ? "; Secure" : "", more);
    api->lines[0] = (struct http_line){"Set-Cookie", api->cookie};
    api->lines[1] = (struct http_line){"Cache-Control", "no-store"};
    answer->response.status = 204;
    answer->response.lines = api->lines;
    answer->response.line_count = 2;
}

static bool must_wait(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    unsigned wait = sessions_wait_s(&api->sessions, request->peer, port_now_ms(api->o.port));
    if (wait == 0)
        return false;
    snprintf(api->seconds, sizeof api->seconds, "%u", wait);
    api->lines[0] = (struct http_line){"Retry-After", api->seconds};
    api_bare(answer, 429, api->lines);
    return true;
}

void api_log_out(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    if (is_cross_site(request->http))
        api_bare(answer, 403, NULL);
    else if (!sessions_end(&api->sessions, http_request_field(request->http, HTTP_FIELD_COOKIE)))
        api_bare(answer, 401, NULL);
    else
        put_cookie(api, request, "", "; Max-Age=0", answer);
}

/* Who asks; a dashboard cannot read its cookie. */
void api_session(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct json json;
    if (!api_stream_answer(api, "application/json", answer))
        return;
    json_init(&json, answer->stream->piece, STREAM_PIECE);
    json_object(&json);
    json_key_bool(&json, "operator", api_is_operator(api, request->http));
    json_key_bool(&json, "password_set", password_of(api)[0] != '\0');
    json_object_end(&json);
    api_document(answer, &json);
}

void api_log_in(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    if (!password_of(api)[0] || is_cross_site(request->http))
        api_bare(answer, 403, NULL);
    else if (must_wait(api, request, answer))
        return;
    else if (!request->http->has_body)
        api_bare(answer, 400, NULL);
    else if (api_take(api, answer)) {
        answer->stream->body = API_BODY_SESSION;
        answer->body_max = API_BODY_MAX;
    }
}

void api_session_body(struct api *api, const struct api_request *request, struct http_slice body,
                      struct api_answer *answer)
{
    uint8_t token[SESSION_TOKEN];
    char value[SESSION_TEXT_MAX];
    uint64_t now = port_now_ms(api->o.port);
    if (must_wait(api, request, answer)) /* others may have come while the body did */
        return;
    cJSON *json = cJSON_ParseWithLength(body.p, body.len);
    char *password = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "password"));
    api_is_operator(api, request->http);
    if (!password) {
        api_bare(answer, 400, NULL);
    } else if (!password_fits(password_of(api), password, strlen(password))) {
        sessions_wrong(&api->sessions, request->peer, now);
        api_bare(answer, 401, NULL);
    } else if (port_random(api->o.port, token, sizeof token) < 0) {
        api_bare(answer, 503, NULL);
    } else {
        sessions_add(&api->sessions, token, now, value);
        put_cookie(api, request, value, "", answer);
    }
    if (password)
        mbedtls_platform_zeroize(password, strlen(password));
    cJSON_Delete(json);
}
