#include "app/web/phone_json.h"

#include <stdio.h>

#include "app/content/content.h"
#include "app/phones/registry.h"
#include "app/record/report.h"
#include "app/staging/status.h"
#include "config/settings.h"

/* Two members: the time as RFC 3339, and the uptime in seconds beside it; null where unknown. */
static void moment_json(struct json *json, const struct staging *s, const char *key, const char *uptime_key,
                        struct moment m)
{
    char text[REPORT_TIME_MAX];
    json_key_text(json, key, m.set && m.wall_ms > 0 ? report_time(m.wall_ms, text) : NULL);
    if (m.set && m.this_run)
        json_key_u64(json, uptime_key, (m.uptime_ms - staging_started_ms(s)) / 1000);
    else
        json_key_null(json, uptime_key);
}

static void text_or_null(struct json *json, const char *key, const char *text)
{
    json_key_text(json, key, text[0] ? text : NULL);
}

static void version_json(struct json *json, const char *key, const struct version *version)
{
    char text[VERSION_TEXT_MAX];
    json_key_text(json, key, version && version_known(version) ? version_format(version, text) : NULL);
}

static void who_json(struct json *json, const struct phone *phone)
{
    char mac[MAC_TEXT_MAX], address[IP4_TEXT_MAX];
    bool has_mac = !mac_is_zero(phone->mac);
    json_key_text(json, "mac", has_mac ? mac_format(phone->mac, mac) : NULL);
    if (!has_mac)
        json_key_text(json, "id", phone->serial);
    text_or_null(json, "serial", phone->serial);
    text_or_null(json, "model", phone->model);
    text_or_null(json, "family", family_get(phone->family)->name);
    json_key_text(json, "ip", phone->address ? ip4_format(phone->address, address) : NULL);
}

static void rungs_json(struct json *json, const struct ladder_plan *plan)
{
    char text[VERSION_TEXT_MAX];
    json_key(json, "rungs");
    json_array(json);
    for (size_t i = 0; plan->result == LADDER_RUNGS && i < plan->rung_count; i++)
        json_text(json, version_format(&plan->rungs[i]->version, text));
    json_array_end(json);
}

static void load_json(struct json *json, const struct phone *phone)
{
    bool loading = phone->loads > 0 && phone->load_size > 0;
    json_key(json, "progress");
    json_double(json, loading ? (double)phone->load_acked / (double)phone->load_size : 0.0);
    json_key_u64(json, "rate_bps", loading ? phone->rate_bps : 0);
}

static void history_json(struct json *json, const struct staging *s, const struct phone *phone)
{
    json_key(json, "history");
    json_array(json);
    for (unsigned i = 0; i < phone->history_count; i++) {
        const struct rung_done *rung = &phone->history[i];
        json_object(json);
        moment_json(json, s, "at", "at_uptime_s", rung->at);
        version_json(json, "from", &rung->from);
        version_json(json, "to", &rung->to);
        text_or_null(json, "file", rung->file);
        json_key_u64(json, "seconds", rung->seconds);
        json_object_end(json);
    }
    json_array_end(json);
}

static void plan_of(const struct staging *s, const struct phone *phone, struct ladder_plan *plan)
{
    ladder_plan(&staging_content(s)->ladder, phone->model, &phone->version, plan);
}

void phone_json(struct json *json, const struct staging *s, const struct phone *phone)
{
    char note[STATUS_NOTE_MAX];
    struct ladder_plan plan;
    plan_of(s, phone, &plan);
    enum phone_state state = status_of(phone, &plan);
    json_object(json);
    who_json(json, phone);
    const struct version *announced = phone->has_announced ? &phone->announced : NULL;
    version_json(json, "version", phone->has_version ? &phone->version : announced);
    version_json(json, "target", family_get(phone->family)->upgradable ? &plan.target : NULL);
    json_key_text(json, "state", status_name(state));
    json_key_text(json, "stage", phone->has_stage ? stage_name(phone->stage) : NULL);
    rungs_json(json, &plan);
    load_json(json, phone);
    json_key_u64(json, "attempts", phone->attempts);
    moment_json(json, s, "first_seen", "first_seen_uptime_s", phone->first_seen);
    moment_json(json, s, "last_seen", "last_seen_uptime_s", phone->last_seen);
    moment_json(json, s, "done_at", "done_at_uptime_s", phone->done_at);
    text_or_null(json, "note", status_note(phone, state, &plan, note));
    history_json(json, s, phone);
    json_object_end(json);
}

void line_json(struct json *json, const struct staging *s, const struct diary_line *line)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    char time[REPORT_TIME_MAX];
    json_key_text(json, "at", line->wall_ms > 0 ? report_time(line->wall_ms, time) : NULL);
    json_key_u64(json, "at_uptime_s", (line->uptime_ms - staging_started_ms(s)) / 1000);
    json_key_text(json, "level", levels[line->level & 3]);
    json_key_text(json, "text", line->text);
}

#define CLOCK_WARNING                                                                                              \
    "The clock is not set: reports lack their times, and phones get none. Log in and set it from your browser."

static void targets_json(struct json *json, const struct staging *s)
{
    json_key(json, "targets");
    json_object(json);
    for (unsigned id = 0; id < FAMILY_COUNT; id++) {
        struct version target;
        const struct family *family = family_get((enum family_id)id);
        if (family->upgradable && ladder_target(&staging_content(s)->ladder, (enum family_id)id, &target))
            version_json(json, family->name, &target);
    }
    json_object_end(json);
}

static void states_json(struct json *json, const struct staging *s)
{
    unsigned count[PHONE_STATES] = {0};
    size_t at = 0;
    for (const struct phone *p; (p = staging_next(s, &at));) {
        struct ladder_plan plan;
        plan_of(s, p, &plan);
        count[status_of(p, &plan)]++;
    }
    json_key(json, "states");
    json_object(json);
    for (unsigned i = 0; i < PHONE_STATES; i++)
        json_key_u64(json, status_name((enum phone_state)i), count[i]);
    json_object_end(json);
}

void summary_json(struct json *json, const struct staging *s, uint64_t now_ms, int64_t wall_ms, const char *version)
{
    char time[REPORT_TIME_MAX];
    json_object(json);
    json_key_text(json, "name", staging_settings(s)->box.name);
    json_key_text(json, "version", version);
    json_key_u64(json, "uptime_s", (now_ms - staging_started_ms(s)) / 1000);
    json_key_text(json, "time", wall_ms > 0 ? report_time(wall_ms, time) : NULL);
    json_key_bool(json, "paused", staging_paused(s));
    json_key_bool(json, "dhcp_held", staging_addresses_held(s));
    json_key_bool(json, "password_set", staging_settings(s)->web.password[0] != '\0');
    targets_json(json, s);
    json_key_u64(json, "phones", staging_count(s));
    states_json(json, s);
    json_key_u64(json, "bytes_sent", staging_bytes_sent(s));
    json_key_u64(json, "rate_bps", staging_rate_bps(s));
    json_key(json, "warnings");
    json_array(json);
    for (size_t i = 0; staging_warning_text(s, i); i++)
        json_text(json, staging_warning_text(s, i));
    if (wall_ms <= 0)
        json_text(json, CLOCK_WARNING);
    json_array_end(json);
    json_object_end(json);
}
