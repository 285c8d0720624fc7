/* one_phone.c - all that is known of one phone. */
#include "app/web/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/phones/phone_record.h"
#include "app/phones/registry.h"
#include "app/web/phone_json.h"

/* Every byte of a line may become an escape of six. */
#define TIMELINE_MAX (32 + (DIARY_PHONE_LINES + DIARY_CHATTER) * (DIARY_LINE_MAX * 6 + 128))

/* A MAC, or a serial with a MAC of zero. */
static bool key_of(struct http_slice id, struct phone_key *key)
{
    memset(key, 0, sizeof *key);
    if (mac_parse(id.p, id.len, &key->mac))
        return true;
    if (id.len == 0 || id.len >= sizeof key->serial)
        return false;
    memset(&key->mac, 0, sizeof key->mac);
    memcpy(key->serial, id.p, id.len);
    return true;
}

const struct phone *api_find_phone(const struct api *api, struct http_slice id)
{
    struct phone_key key;
    if (!key_of(id, &key))
        return NULL;
    return mac_is_zero(key.mac) ? registry_by_serial(staging_registry(api->o.staging), key.serial)
                                : registry_by_mac(staging_registry(api->o.staging), key.mac);
}

const struct phone *api_recall_phone(const struct api *api, struct http_slice id)
{
    struct phone_key key;
    return key_of(id, &key) ? staging_find(api->o.staging, key.mac, key.serial) : NULL;
}

/* Chatter may tell of what the final configuration says: it is for operators. */
static void timeline_json(struct json *json, const struct api *api, const struct phone *phone, bool chatter)
{
    struct diary_reader reader = {0};
    const struct diary *diary = events_diary(api->o.events);
    size_t place = registry_index(staging_registry(api->o.staging), phone);
    json_key(json, "timeline");
    json_array(json);
    for (const struct diary_line *line; (line = diary_read(diary, place, phone->generation, chatter, &reader));) {
        json_object(json);
        line_json(json, api->o.staging, line);
        json_object_end(json);
    }
    json_array_end(json);
}

void api_phone(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct json json;
    const struct phone *phone = api_find_phone(api, request->part);
    if (!phone) {
        api_bare(answer, 404, NULL);
        return;
    }
    if (!api_stream_answer(api, "application/json", answer))
        return;
    json_init(&json, answer->stream->piece, STREAM_PIECE);
    phone_json(&json, api->o.staging, phone);
    api_document(answer, &json);
}

void api_timeline(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct json json;
    const struct phone *phone = api_find_phone(api, request->part);
    if (!phone || !api->o.events) {
        api_bare(answer, 404, NULL);
        return;
    }
    if (!api_stream_answer(api, "application/json", answer) || !api_large(answer, TIMELINE_MAX, &json))
        return;
    json_object(&json);
    timeline_json(&json, api, phone, api_is_operator(api, request->http));
    json_object_end(&json);
    api_document(answer, &json);
}

void api_phone_report(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    char path[STAGING_REPORT_PATH];
    struct port_file file;
    struct json bytes;
    const struct phone *phone = api_find_phone(api, request->part);
    if (!phone || !staging_report_path(phone, path, sizeof path) || port_stat(api->o.port, path, &file) < 0 ||
        file.size > STAGING_REPORT_MAX) {
        api_bare(answer, 404, NULL);
        return;
    }
    if (!api_stream_answer(api, "text/plain", answer) || !api_large(answer, STAGING_REPORT_MAX, &bytes))
        return;
    int len = port_read(api->o.port, path, 0, bytes.buf, STAGING_REPORT_MAX);
    bytes.len = len > 0 ? (size_t)len : 0;
    api_document(answer, &bytes);
    api->lines[0] = (struct http_line){"Cache-Control", "no-store"};
    api->lines[1] = (struct http_line){"X-Content-Type-Options", "nosniff"};
    answer->response.content_type = "text/plain";
    answer->response.lines = api->lines;
    answer->response.line_count = 2;
}
