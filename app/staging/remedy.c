#include "app/staging/core.h"

#include <stdio.h>
#include <string.h>

#define SILENT_MS (3u * 60 * 1000)      /* a lease and no request: contract, section 6 */
#define NEVER_A_RULE_MS (65u * 60 * 1000) /* the factory's retry delay is an hour */

enum remedy_kind { REMEDY_NEW_NAME, REMEDY_RESYNC, REMEDY_UPGRADE, REMEDY_OTHER_CARRIER, REMEDY_KINDS };

static bool has_offer(const struct phone *phone)
{
    return phone->offer.file[0] && version_compare(&phone->offer.from, &phone->version) == 0;
}

/* On this run's clock; what happened before it counts from its start. */
static uint64_t ms_of(const struct staging *s, struct moment m)
{
    if (!m.set)
        return 0;
    return m.this_run ? m.uptime_ms : s->started_ms;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t stalls_at(const struct staging *s, const struct phone *phone)
{
    const struct offer *o = &phone->offer;
    uint64_t last = later(ms_of(s, o->at), later(ms_of(s, o->loading), ms_of(s, o->whole)));
    last = later(last, later(phone->progress_ms, ms_of(s, phone->remedy_at)));
    return last + s->settings->upgrade.stall_s * UINT64_C(1000);
}

/* It has an address, or asked, and never had a rule. */
static uint64_t without_rule_at(const struct staging *s, const struct phone *phone)
{
    uint64_t seen = later(ms_of(s, phone->started), ms_of(s, phone->first_seen));
    if (!phone->asked.set && !phone->address)
        return TIMER_NEVER; /* only overheard */
    if (!phone->asked.set && !phone->nudged_silent)
        return seen + SILENT_MS;
    if (phone->attempts > 0)
        return ms_of(s, phone->remedy_at) + s->settings->upgrade.stall_s * UINT64_C(1000);
    return later(seen, ms_of(s, phone->asked)) + NEVER_A_RULE_MS;
}

static uint64_t due_at(const struct staging *s, const struct phone *phone)
{
    if (phone->ignored || phone->needs_hand || phone->held || phone->done_at.set || phone->doubt)
        return TIMER_NEVER;
    struct ladder_plan plan;
    staging_plan(s, phone, &plan);
    if (phone->model[0] && plan.result == LADDER_E_MODEL)
        return TIMER_NEVER;
    if (!phone->has_version)
        return without_rule_at(s, phone);
    if (plan.result == LADDER_RUNGS)
        return has_offer(phone) ? stalls_at(s, phone) : without_rule_at(s, phone);
    if (plan.result == LADDER_DONE && phone->has_stage && phone->stage == STAGE_FINAL)
        return later(ms_of(s, phone->asked), ms_of(s, phone->remedy_at)) +
               s->settings->upgrade.stall_s * UINT64_C(1000);
    return TIMER_NEVER;
}

void staging_schedule(struct staging *s, struct phone *phone)
{
    timer_set(s->timers, &phone->deadline, due_at(s, phone));
}

static void nudge_silent(struct staging *s, struct phone *phone)
{
    phone->nudged_silent = true;
    staging_note(s, phone, NOTE_HINT, "has an address and asks for nothing: %s", model_reset_sentence(phone->model));
    staging_send_nudge(s, phone, NUDGE_RESYNC);
}

static const char *what_is_missing(const struct phone *phone)
{
    if (!phone->asked.set)
        return "has an address and asks for nothing";
    if (!has_offer(phone))
        return phone->has_version ? "did not take its configuration whole" : "does not come over HTTP";
    if (phone->offer.whole.set)
        return "has the whole file and did not come back";
    return phone->offer.loading.set ? "stopped loading in the middle" : "has its rule and does not load the file";
}

static void fire(void *ctx, struct timer *timer, uint64_t now_ms)
{
    struct staging *s = ctx;
    struct phone *phone = (struct phone *)(void *)((char *)timer - offsetof(struct phone, deadline));
    if (due_at(s, phone) > now_ms) { /* it got on since the timer was set */
        staging_schedule(s, phone);
        return;
    }
    if (!phone->asked.set && !phone->nudged_silent)
        nudge_silent(s, phone);
    else
        staging_remedy(s, phone, what_is_missing(phone));
    staging_schedule(s, phone);
}

void staging_prepare(struct staging *s, struct phone *phone)
{
    timer_init(&phone->deadline, fire, s);
}

static void say_hand(struct staging *s, struct phone *phone)
{
    char address[IP4_TEXT_MAX], url[PORT_NAME_MAX + 64];
    ip4_format(phone->address, address);
    staging_offer_url(s, phone, url, sizeof url);
    if (has_offer(phone) && phone->offer.whole.set)
        staging_note(s, phone, NOTE_HAND,
                     "took %s and is not back with it: look at its display, leave it plugged in (SOS: it asks for "
                     "the file again by itself), unplug it once if the display is dark",
                     phone->offer.file);
    else if (has_offer(phone))
        staging_note(s, phone, NOTE_HAND, "does not load its firmware: open http://%s/admin/upgrade?%s in a browser",
                     address, url);
    else
        staging_note(s, phone, NOTE_HAND, "%s: %s", what_is_missing(phone), model_reset_sentence(phone->model));
}

static void give_up(struct staging *s, struct phone *phone)
{
    phone->needs_hand = true;
    rollout_release(&s->rollout, phone);
    say_hand(s, phone);
    staging_touch(s, phone);
}

void staging_renew_offer(struct staging *s, struct phone *phone)
{
    struct offer *o = &phone->offer;
    o->token = phone->next_token++;
    o->at = staging_now(s);
    o->fetched.set = o->loading.set = o->whole.set = o->rebooted.set = false;
    o->refetches = 0;
}

void staging_remedy(struct staging *s, struct phone *phone, const char *why)
{
    if (phone->needs_hand)
        return;
    if (phone->attempts >= s->settings->upgrade.attempts) {
        give_up(s, phone);
        return;
    }
    enum remedy_kind kind = phone->attempts % REMEDY_KINDS;
    phone->attempts++;
    phone->remedy_at = staging_now(s);
    staging_note(s, phone, NOTE_TROUBLE, "%s: remedy %u of %u", why, phone->attempts,
                 (unsigned)s->settings->upgrade.attempts);
    bool offered = has_offer(phone);
    if (offered)
        staging_renew_offer(s, phone);
    if (offered && kind == REMEDY_OTHER_CARRIER)
        phone->offer.carrier = phone->offer.carrier == CARRIER_HTTP && s->settings->tftp.enabled ? CARRIER_TFTP
                                                                                                 : CARRIER_HTTP;
    if (!offered || kind == REMEDY_RESYNC || kind == REMEDY_OTHER_CARRIER)
        staging_send_nudge(s, phone, NUDGE_RESYNC);
    else if (kind == REMEDY_UPGRADE)
        staging_send_nudge(s, phone, NUDGE_UPGRADE);
    staging_touch(s, phone);
}

/* -- nudges ----------------------------------------------------------------------------------- */

static size_t passwords_of(const struct staging *s, const struct phone *phone, const char **list, size_t max)
{
    size_t count = 0;
    const struct inventory *inventory = &s->content->inventory;
    int column = inventory_column(inventory, "admin_password", strlen("admin_password"));
    if (phone->row >= 0 && column >= 0 && inventory_cell(inventory, phone->row, column)[0])
        list[count++] = inventory_cell(inventory, phone->row, column);
    for (unsigned i = 0; i < s->settings->phones.password_count && count < max; i++)
        list[count++] = s->settings->phones.admin_password[i];
    return count;
}

static void resync_url(const struct staging *s, const struct phone *phone, char *out, size_t cap)
{
    char address[IP4_TEXT_MAX], mac[MAC_TEXT_MAX] = "spa";
    if (!mac_is_zero(phone->mac))
        mac_format(phone->mac, mac);
    snprintf(out, cap, "http://%s:%u/%s.%s", ip4_format(s->settings->box.address, address), s->settings->http.port,
             mac, mac_is_zero(phone->mac) ? "cfg" : "xml");
}

void staging_send_nudge(struct staging *s, struct phone *phone, enum nudge_kind kind)
{
    if (!s->hooks.nudge || phone->address == 0 || s->out_of_service)
        return;
    const char *passwords[SETTINGS_PASSWORDS + 1];
    char url[PORT_NAME_MAX + 64];
    if (kind == NUDGE_UPGRADE)
        staging_offer_url(s, phone, url, sizeof url);
    else
        resync_url(s, phone, url, sizeof url);
    struct staging_nudge nudge = {
        .id = ++s->nudge_serial,
        .address = phone->address,
        .kind = kind,
        .url = url,
        .passwords = passwords,
        .password_count = passwords_of(s, phone, passwords, SETTINGS_PASSWORDS + 1),
    };
    size_t at = s->nudge_at++ % STAGING_NUDGES;
    s->nudges[at].id = nudge.id;
    s->nudges[at].phone = registry_index(&s->registry, phone);
    s->nudges[at].generation = phone->generation;
    staging_log(s, PORT_INFO, phone, "nudge: /admin/%s?%s", kind == NUDGE_UPGRADE ? "upgrade" : "resync", url);
    s->hooks.nudge(s->hooks.ctx, &nudge);
}

void staging_nudged(struct staging *s, uint32_t id, int status)
{
    for (size_t i = 0; i < STAGING_NUDGES; i++) {
        if (s->nudges[i].id != id)
            continue;
        struct phone *phone = registry_at(&s->registry, s->nudges[i].phone, s->nudges[i].generation);
        if (!phone)
            return;
        if (status == 401 || status == 403)
            staging_note(s, phone, NOTE_TROUBLE, "its web page wants a password that is not in [phones] admin_password");
        else if (status < 0)
            staging_log(s, PORT_INFO, phone, "nudge: its web page cannot be reached");
        else
            staging_log(s, PORT_INFO, phone, "nudge: answered %d", status);
        return;
    }
}
