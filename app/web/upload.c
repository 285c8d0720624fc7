/* upload.c - firmware and phones.csv by HTTP. A file comes into memory, is verified there, and only then goes to
 * the card; one at a time, and no larger than the machine can hold. */
#include "app/web/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/text.h"

static const struct http_line retry_after = {"Retry-After", "5"};

/* -- receiving ------------------------------------------------------------------------------------------ */

/* A length is asked for beforehand, so that what will never fit is refused at once. */
static bool begin(struct api *api, const struct http_request *http, enum api_body_kind kind, uint64_t max,
                  struct api_answer *answer)
{
    struct api_upload *u = &api->upload;
    if (http->chunked)
        api_error(api, 411, "Say how long the file is (Content-Length).", answer);
    else if (!http->has_body)
        api_error(api, 400, "The file is empty.", answer);
    else if (http->content_length > max)
        api_error(api, 413, "The file is larger than any that is of use here.", answer);
    else if (u->busy)
        api_bare(answer, 503, &retry_after);
    else if (!(u->data = malloc((size_t)http->content_length)))
        api_error(api, 507, "There is not memory enough for this file.", answer);
    else if (api_take(api, answer)) {
        u->busy = answer->stream->uploads = true;
        u->size = (size_t)http->content_length;
        u->len = 0;
        answer->stream->body = kind;
        answer->body_max = max;
        return true;
    } else {
        free(u->data);
        u->data = NULL;
    }
    return false;
}

void api_upload_bytes(struct api *api, const void *bytes, size_t len)
{
    struct api_upload *u = &api->upload;
    if (len > u->size - u->len)
        len = u->size - u->len;
    memcpy(u->data + u->len, bytes, len);
    u->len += len;
}

void api_upload_end(struct api *api)
{
    free(api->upload.data);
    api->upload = (struct api_upload){.busy = false};
}

/* Puts it on the card and has the card read; false, and why in the answer, where the card does not take it. */
static bool store(struct api *api, const char *path, bool *replaced, struct api_answer *answer)
{
    struct port_file old;
    *replaced = port_stat(api->o.port, path, &old) == 0;
    int error = port_replace(api->o.port, path, api->upload.data, api->upload.len);
    if (error < 0) {
        api_error(api, error == PORT_E_FULL ? 507 : 500, port_error_sentence(api->o.port), answer);
        return false;
    }
    if (api->o.reload)
        api->o.reload(api->o.ctx);
    return true;
}

/* -- firmware ------------------------------------------------------------------------------------------- */

/* A name that every card takes, and under which a scan would look at the file. */
static bool is_image_name(struct http_slice name)
{
    static const char end[] = ".bin", never[] = "/\\:*?\"<>|";
    if (name.len < sizeof end || name.len >= DEPOT_NAME_MAX || name.p[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.p[i] < ' ' || name.p[i] > '~' || strchr(never, name.p[i]))
            return false;
    for (size_t i = 0; i < sizeof end - 1; i++)
        if (text_lower(name.p[name.len - (sizeof end - 1) + i]) != end[i])
            return false;
    return true;
}

void api_firmware(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    struct http_slice name = request->part;
    if (!is_image_name(name))
        api_error(api, 422,
                  "Firmware keeps the name that the vendor gave it, and ends in .bin; unpack archives first.",
                  answer);
    else if (begin(api, request->http, API_BODY_FIRMWARE, FIRMWARE_SIZE_MAX, answer))
        snprintf(api->upload.name, sizeof api->upload.name, "%.*s", (int)name.len, name.p);
}

struct verified {
    struct firmware_work work;
    struct firmware_header header;
    struct firmware_judgement judgement;
    struct firmware_claim claims[FIRMWARE_CLAIMS_MAX];
};

static bool verify(const struct api *api, struct verified *v)
{
    const struct api_upload *u = &api->upload;
    uint8_t sha256[DIGEST_SHA256_SIZE];
    size_t count = firmware_claims(staging_settings(api->o.staging), api->o.file, v->claims);
    const struct firmware_claim *claim = firmware_claim_of(v->claims, count, u->name);
    firmware_header_check(u->data, u->len, &v->work, &v->header);
    if (claim && claim->sha256)
        digest_sha256(u->data, u->len, sha256);
    return firmware_judge(u->name, &v->header, claim && claim->sha256 ? sha256 : NULL, claim, &v->judgement) >= 0;
}

static void tell_firmware(struct api *api, const struct verified *v, bool replaced, struct api_answer *answer)
{
    char version[VERSION_TEXT_MAX], sentence[FIRMWARE_SENTENCE_MAX];
    struct json json;
    json_init(&json, answer->stream->piece, STREAM_PIECE);
    json_object(&json);
    json_key_text(&json, "file", api->upload.name);
    json_key_text(&json, "family", family_get(v->judgement.family)->name);
    json_key_text(&json, "version", version_format(&v->judgement.version, version));
    firmware_verdict_sentence(api->upload.name, &v->header, &v->judgement, sentence);
    json_key_text(&json, "warning", sentence[0] ? sentence : NULL);
    json_object_end(&json);
    answer->response.status = replaced ? 200 : 201;
    api_document(answer, &json);
}

void api_firmware_body(struct api *api, struct api_answer *answer)
{
    char sentence[FIRMWARE_SENTENCE_MAX], path[PORT_NAME_MAX + 16];
    struct verified *v = malloc(sizeof *v);
    bool replaced;
    snprintf(path, sizeof path, "firmware/%s", api->upload.name);
    if (!v)
        api_error(api, 507, "There is not memory enough to verify this file.", answer);
    else if (!verify(api, v))
        api_error(api, 422, firmware_verdict_sentence(api->upload.name, &v->header, &v->judgement, sentence),
                  answer);
    else if (store(api, path, &replaced, answer))
        tell_firmware(api, v, replaced, answer);
    free(v);
}

/* -- the inventory -------------------------------------------------------------------------------------- */

#define PROBLEMS_ROOM 5000 /* bytes of the answer for problems */

void api_inventory(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    if (!staging_settings(api->o.staging)->profile.inventory[0])
        api_error(api, 409, "[profile] inventory is empty in the settings: no inventory is used.", answer);
    else
        begin(api, request->http, API_BODY_INVENTORY, CONTENT_INVENTORY_SIZE_MAX, answer);
}

/* Reads it as the card's would be read, into memory that is let go: whether it is sound, and its rows. */
static bool read_rows(struct api *api, const char *name, struct problems *problems, size_t *rows)
{
    const struct api_upload *u = &api->upload;
    struct inventory inventory;
    size_t size = INVENTORY_MEMORY(u->len);
    void *block = malloc(size);
    bool sound = block && inventory_read(&inventory, name, (const char *)u->data, u->len, block, size,
                                         staging_content(api->o.staging)->seed, problems);
    *rows = sound ? inventory.row_count : 0;
    free(block);
    return sound;
}

void api_inventory_body(struct api *api, struct api_answer *answer)
{
    const char *path = staging_settings(api->o.staging)->profile.inventory;
    struct json json;
    struct problem_list list = {.json = &json};
    struct problems problems = {.add = api_problem, .ctx = &list};
    size_t rows;
    bool replaced;
    json_init(&json, answer->stream->piece, PROBLEMS_ROOM);
    json_object(&json);
    json_key(&json, "problems");
    json_array(&json);
    bool sound = read_rows(api, path, &problems, &rows);
    json.cap = STREAM_PIECE;
    json_array_end(&json);
    json_key_u64(&json, "left_out", list.left_out);
    json_key_u64(&json, "rows", rows);
    if (!sound)
        json_key_text(&json, "error", list.first[0] ? list.first : "There is not memory enough for this file.");
    json_object_end(&json);
    if (sound && !store(api, path, &replaced, answer))
        return;
    answer->response.status = !sound ? 422 : replaced ? 200 : 201;
    api_document(answer, &json);
}
