#include "app/staging/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/phones/phone_record.h"

struct moment staging_now(const struct staging *s)
{
    struct moment now = {.set = true, .this_run = true, .uptime_ms = port_now_ms(s->port)};
    int64_t wall;
    if (port_wall_ms(s->port, &wall))
        now.wall_ms = wall;
    return now;
}

static void unsaved(struct staging *s, struct phone *phone, enum phone_unsaved what)
{
    if (phone->unsaved == PHONE_SAVED)
        s->dirty[s->dirty_count++] = phone;
    if (phone->unsaved < what)
        phone->unsaved = what;
    if (s->hooks.changed)
        s->hooks.changed(s->hooks.ctx, registry_index(&s->registry, phone));
}

void staging_touch(struct staging *s, struct phone *phone)
{
    unsaved(s, phone, PHONE_CHANGED);
}

void staging_saw(struct staging *s, struct phone *phone)
{
    unsaved(s, phone, PHONE_SEEN);
}

void staging_show(struct staging *s, const struct phone *phone)
{
    if (s->hooks.progressed)
        s->hooks.progressed(s->hooks.ctx, registry_index(&s->registry, phone));
}

void staging_is_at(struct staging *s, struct phone *phone, ip4 address)
{
    struct phone *before = registry_by_address(&s->registry, address);
    registry_set_address(&s->registry, phone, address);
    if (before && before != phone)
        staging_saw(s, before);
}

void staging_log(const struct staging *s, enum port_level level, const struct phone *phone, const char *format, ...)
{
    char text[STAGING_LINE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    staging_say(s, level, phone, text);
}

/* "58:bf:ea:11:04:e6 SPA504G " in front of `at`. */
static void put_who(struct out *out, const struct phone *phone)
{
    char mac[MAC_TEXT_MAX] = "-";
    if (phone && !mac_is_zero(phone->mac))
        mac_format_colons(phone->mac, mac);
    out_text(out, phone && mac_is_zero(phone->mac) ? phone->serial : mac);
    out_char(out, ' ');
    if (!phone || !phone->model[0])
        return;
    out_text(out, phone->model);
    out_char(out, ' ');
}

void staging_say(const struct staging *s, enum port_level level, const struct phone *phone, const char *text)
{
    char line[STAGING_LINE_MAX + MAC_TEXT_MAX + PHONE_SERIAL_MAX + PHONE_MODEL_MAX];
    struct out out;
    out_window(&out, line, sizeof line - 1, 0);
    put_who(&out, phone);
    out_text(&out, text);
    line[out_filled(&out)] = '\0';
    if (s->hooks.said)
        s->hooks.said(s->hooks.ctx, phone, level, text);
    port_log(s->port, level, line);
}

void staging_note(struct staging *s, struct phone *phone, enum note_level level, const char *format, ...)
{
    char text[PHONE_NOTE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (level < phone->note_level || strcmp(text, phone->note) == 0)
        return;
    phone->note_level = level;
    strcpy(phone->note, text);
    staging_log(s, level >= NOTE_TROUBLE ? PORT_WARNING : PORT_INFO, phone, "%s", text);
    staging_touch(s, phone);
}

void staging_clear_note(struct staging *s, struct phone *phone, enum note_level level)
{
    if (phone->note_level == NOTE_NONE || phone->note_level > level)
        return;
    phone->note_level = NOTE_NONE;
    phone->note[0] = '\0';
    staging_touch(s, phone);
}

static void put_gone(struct staging *s, const struct phone *phone)
{
    struct record_gone gone = {.type = RECORD_PHONE};
    if (s->hooks.gone)
        s->hooks.gone(s->hooks.ctx, phone);
    uint8_t key[PHONE_KEY_MAX];
    size_t len = phone_key_put(phone, key);
    memcpy(gone.key, key, len);
    gone.key_len = (uint8_t)len;
    uint8_t payload[RECORD_KEY_MAX + 8];
    size_t size = record_gone_put(&gone, payload, sizeof payload);
    journal_put(s->journal, RECORD_GONE, PHONE_RECORD_VERSION, payload, size, port_now_ms(s->port));
}

void staging_rekey(struct staging *s, struct phone *phone, struct mac mac)
{
    put_gone(s, phone);
    registry_set_mac(&s->registry, phone, mac);
    staging_touch(s, phone);
}

void staging_reserial(struct staging *s, struct phone *phone, const char *serial)
{
    put_gone(s, phone);
    registry_set_serial(&s->registry, phone, serial);
    staging_touch(s, phone);
}

void staging_let_go(struct staging *s, struct phone *phone)
{
    for (size_t i = 0; i < s->dirty_count; i++)
        if (s->dirty[i] == phone)
            s->dirty[i] = s->dirty[--s->dirty_count];
    timer_clear(s->timers, &phone->deadline);
}

void staging_drop_phone(struct staging *s, struct phone *phone)
{
    put_gone(s, phone);
    staging_drop_claim(s, phone->mac);
    staging_let_go(s, phone);
    rollout_forget(&s->rollout, phone);
    if (phone->next_token > s->token_base) {
        s->token_base = phone->next_token;
        s->batch_dirty = true;
    }
    registry_remove(&s->registry, phone);
    staging_warn(s, "phones", NULL); /* there is a place again */
}

struct phone *staging_meet(struct staging *s, struct mac mac, const char *serial)
{
    struct phone *phone = mac_is_zero(mac) ? registry_by_serial(&s->registry, serial)
                                           : registry_by_mac(&s->registry, mac);
    if (phone)
        return phone;
    phone = staging_make_room(s) ? registry_add(&s->registry, mac, serial) : NULL;
    if (!phone) {
        staging_warn(s, "phones",
                     "The table of phones is full ([limits] phones): further phones are turned away until others are done. "
                     "Forget some (save the report before), or raise the limit and restart.");
        return NULL;
    }
    phone->first_seen = phone->last_seen = staging_now(s);
    phone->next_token = s->token_base + 1;
    staging_prepare(s, phone);
    staging_touch(s, phone);
    return phone;
}

void staging_set_model(struct staging *s, struct phone *phone, const char *model)
{
    if (!model[0] || strcmp(phone->model, model) == 0)
        return;
    strcpy(phone->model, model);
    phone->family = family_of_model(model);
    staging_touch(s, phone);
}

void staging_plan(const struct staging *s, const struct phone *phone, struct ladder_plan *plan)
{
    ladder_plan(&s->content->ladder, phone->model, &phone->version, plan);
}

bool staging_is_phone(const struct staging *s, struct mac mac)
{
    return oui_is_phone(mac, &s->ouis) || registry_by_mac(&s->registry, mac) ||
           inventory_find(&s->content->inventory, mac) != INVENTORY_NONE || staging_is_retired(s, mac);
}
