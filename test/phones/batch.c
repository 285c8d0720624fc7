#include "batch.h"

#include "mem.h"
#include "template.h"
#include "version.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void batch_init(struct batch *b, uint64_t seed, const char *target)
{
    *b = (struct batch){.rng = {seed}};
    text_copy(b->target, sizeof b->target, target);
}

void batch_free(struct batch *b)
{
    free(b->plans);
    free(b->template_path);
    free(b->firmware);
}

static void set_mac(struct phone_plan *p, size_t number)
{
    static const uint8_t prefixes[][3] = {{0x58, 0xbf, 0xea}, {0x64, 0x9e, 0xf3}, {0x00, 0x26, 0x99},
                                          {0x50, 0x3d, 0xe5}, {0x00, 0xe1, 0x6d}, {0x88, 0x43, 0xe1},
                                          {0x00, 0xda, 0x55}, {0x10, 0xbd, 0x18}};
    static const uint8_t linksys[3] = {0x00, 0x0e, 0x08};
    bool legacy = strncmp(p->model->agent, "Linksys", 7) == 0;
    memcpy(p->mac.b, legacy ? linksys : prefixes[number % 8], 3);
    p->mac.b[3] = 0x11;
    put16(p->mac.b + 4, (uint16_t)(0x0400 + number));
}

struct phone_plan *batch_add(struct batch *b, const struct model *model, const char *version)
{
    b->plans = mem_grow(b->plans, (b->count + 1) * sizeof *b->plans);
    struct phone_plan *p = &b->plans[b->count];
    *p = (struct phone_plan){.model = model};
    set_mac(p, b->count);
    text_copy(p->version, sizeof p->version, version);
    snprintf(p->serial, sizeof p->serial, "%s%08X", model->serial, 0x16230000u + (unsigned)b->count);
    snprintf(p->extension, sizeof p->extension, "%u", 2001 + (unsigned)b->count);
    snprintf(p->password, sizeof p->password, "S3cr3t-%016llx&<\"'>", (unsigned long long)rng_next(&b->rng));
    quirks_default(&p->quirks);
    p->expect.end = END_FINAL;
    text_copy(p->expect.version, sizeof p->expect.version,
              version_compare_text(version, b->target) > 0 ? version : b->target);
    b->count++;
    return p;
}

void batch_path(const struct model *model, const char *version, const char *target, struct version_path *out)
{
    *out = (struct version_path){0};
    if (version_compare_text(version, target) >= 0)
        return;
    if (model->stop_at_752b && version_compare_text(version, "7.5.2b") < 0)
        text_copy(out->version[out->count++], 32, "7.5.2b");
    else if (version_is_xu(version) && version_compare_text(version, "7.5.7") < 0)
        text_copy(out->version[out->count++], 32, "7.5.7");
    if (out->count == 0 || version_compare_text(out->version[out->count - 1], target) != 0)
        text_copy(out->version[out->count++], 32, target);
}

static bool complain(struct batch *b, const char *text, const char *what)
{
    snprintf(b->error, sizeof b->error, text, what);
    return false;
}

static const char *text_of(const cJSON *o, const char *name, const char *otherwise)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsString(v) ? v->valuestring : otherwise;
}

static bool set_quirks(struct batch *b, struct phone_plan *p, const cJSON *list)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, list)
        if (!cJSON_IsString(v) || !quirks_set(&p->quirks, v->valuestring, b->error, sizeof b->error))
            return false;
    return true;
}

static bool set_settings(struct batch *b, struct phone_plan *p, const cJSON *object)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, object)
    {
        if (!cJSON_IsString(v) || p->setting_count == sizeof p->settings / sizeof p->settings[0])
            return complain(b, "`%s`: a string, and no more than eight settings", v->string);
        struct setting *s = &p->settings[p->setting_count++];
        text_copy(s->name, sizeof s->name, v->string);
        text_copy(s->value, sizeof s->value, v->valuestring);
    }
    return true;
}

static bool set_expectation(struct batch *b, struct phone_plan *p, const cJSON *o)
{
    static const char *const ends[] = {"final", "upgraded", "waiting", "untouched", "any"};
    struct expectation *e = &p->expect;
    const char *end = text_of(o, "end", "final");
    int found = -1;
    for (int i = 0; i <= END_ANY; i++)
        if (strcmp(ends[i], end) == 0)
            found = i;
    if (found < 0)
        return complain(b, "expect.end `%s` is none of final, upgraded, waiting, untouched, any", end);
    e->end = (enum expected_end)found;
    if (e->end == END_UNTOUCHED)
        text_copy(e->version, sizeof e->version, p->version);
    else if (e->end == END_ANY)
        e->version[0] = '\0';
    text_copy(e->version, sizeof e->version, text_of(o, "version", e->version));
    e->downgrade = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "downgrade"));
    const cJSON *path = cJSON_GetObjectItemCaseSensitive(o, "path"), *v;
    if (path != NULL)
        e->path = (struct version_path){0};
    e->path_known = cJSON_IsArray(path) || (path == NULL && e->end == END_FINAL);
    if (cJSON_IsArray(path)) {
        cJSON_ArrayForEach(v, path)
            if (cJSON_IsString(v) && e->path.count < PATH_LIMIT)
                text_copy(e->path.version[e->path.count++], 32, v->valuestring);
    } else if (e->path_known) {
        batch_path(p->model, p->version, e->version, &e->path);
    }
    return true;
}

static bool add_group(struct batch *b, const cJSON *o)
{
    const struct model *model = model_find(text_of(o, "model", ""));
    const char *version = text_of(o, "version", "");
    struct version v;
    if (model == NULL)
        return complain(b, "there is no model `%s`", text_of(o, "model", ""));
    if (!version_parse(version, &v))
        return complain(b, "`%s` is no version", version);
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, "count");
    int count = cJSON_IsNumber(n) ? n->valueint : 1;
    for (int i = 0; i < count; i++) {
        struct phone_plan *p = batch_add(b, model, version);
        if (!set_quirks(b, p, cJSON_GetObjectItemCaseSensitive(o, "quirks")) ||
            !set_settings(b, p, cJSON_GetObjectItemCaseSensitive(o, "settings")) ||
            !set_expectation(b, p, cJSON_GetObjectItemCaseSensitive(o, "expect")))
            return false;
        p->unlisted = cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(o, "listed"));
        const char *mac = text_of(o, "mac", "");
        if (i == 0 && mac[0] != '\0' && !mac_parse(mac, &p->mac))
            return complain(b, "`%s` is no MAC", mac);
        text_copy(p->serial, sizeof p->serial, count == 1 ? text_of(o, "serial", p->serial) : p->serial);
    }
    return true;
}

bool batch_group(struct batch *b, const char *json)
{
    cJSON *o = cJSON_Parse(json);
    bool fine = o != NULL ? add_group(b, o) : complain(b, "%s", "not JSON");
    cJSON_Delete(o);
    return fine;
}

static void take_firmware(struct batch *b, const cJSON *list)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, list)
    {
        if (!cJSON_IsString(v))
            continue;
        b->firmware = mem_grow(b->firmware, (b->firmware_count + 1) * sizeof *b->firmware);
        text_copy(b->firmware[b->firmware_count++], NAME_SIZE, v->valuestring);
    }
}

static bool take_ignored(struct batch *b, const cJSON *list)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, list)
    {
        int kind = cJSON_IsString(v) ? harm_find(v->valuestring) : -1;
        if (kind < 0)
            return complain(b, "there is no harm `%s`", cJSON_IsString(v) ? v->valuestring : "?");
        b->harm_ignored[kind] = true;
    }
    return true;
}

static bool take_file(struct batch *b, const cJSON *o)
{
    const cJSON *group;
    text_copy(b->target, sizeof b->target, text_of(o, "target", b->target));
    text_copy(b->final_rule, sizeof b->final_rule, text_of(o, "final_rule", b->final_rule));
    b->https_final = b->https_final || cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "https_final"));
    b->no_template = b->no_template || cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(o, "template"));
    const char *template = text_of(o, "template", NULL);
    if (template != NULL) {
        free(b->template_path);
        b->template_path = mem_text(template);
    }
    take_firmware(b, cJSON_GetObjectItemCaseSensitive(o, "firmware"));
    if (!take_ignored(b, cJSON_GetObjectItemCaseSensitive(o, "ignore_harms")))
        return false;
    const cJSON *mixed = cJSON_GetObjectItemCaseSensitive(o, "mixed");
    if (cJSON_IsNumber(mixed) && !batch_mixed(b, (size_t)mixed->valueint))
        return false;
    cJSON_ArrayForEach(group, cJSON_GetObjectItemCaseSensitive(o, "groups"))
        if (!add_group(b, group))
            return false;
    return true;
}

bool batch_load(struct batch *b, const char *path)
{
    char *text = template_load(path, b->error, sizeof b->error);
    if (text == NULL)
        return false;
    cJSON *o = cJSON_Parse(text);
    free(text);
    bool fine = o != NULL ? take_file(b, o) : complain(b, "%s is not JSON", path);
    cJSON_Delete(o);
    return fine;
}
