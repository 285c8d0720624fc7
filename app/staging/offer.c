#include "app/staging/core.h"

#include <stdio.h>
#include <string.h>

static bool same_offer(const struct phone *phone, const struct ladder_image *rung)
{
    return strcmp(phone->offer.file, rung->file) == 0 && version_compare(&phone->offer.from, &phone->version) == 0;
}

static void new_offer(struct staging *s, struct phone *phone, const struct ladder_image *rung)
{
    struct offer *o = &phone->offer;
    memset(o, 0, sizeof *o);
    snprintf(o->file, sizeof o->file, "%s", rung->file);
    o->from = phone->version;
    o->to = rung->version;
    o->carrier = CARRIER_HTTP;
    o->token = phone->next_token++;
    o->at = staging_now(s);
    phone->attempts = 0;
    phone->needs_hand = false;
    staging_clear_note(s, phone, NOTE_HAND);
    char from[VERSION_TEXT_MAX], to[VERSION_TEXT_MAX];
    staging_log(s, PORT_INFO, phone, "%s -> %s: offered %s", version_format(&o->from, from),
                version_format(&o->to, to), o->file);
}

/* It came for its profile again: does it leave the file that it was given alone? */
static void count_refetch(struct staging *s, struct phone *phone)
{
    struct offer *o = &phone->offer;
    struct moment now = staging_now(s);
    struct moment last = o->fetched.set ? o->fetched : o->at;
    if (moment_between(last, now) < s->settings->upgrade.resync_s * 1000u / 2 && last.this_run)
        return;
    o->fetched = now;
    if (phone->loads > 0)
        return;
    if (o->loading.set && moment_after(o->loading, last)) {
        o->refetches = 0; /* it tried in between; its own retry timer runs */
        return;
    }
    if (++o->refetches >= 2)
        staging_remedy(s, phone, "came for its profile twice without loading the file");
}

void staging_offer(struct staging *s, struct phone *phone, const struct ladder_image *rung)
{
    if (!same_offer(phone, rung))
        new_offer(s, phone, rung);
    else if (phone->offer.whole.set && phone->loads == 0)
        staging_remedy(s, phone, "took the whole file and came back with the version it had");
    else
        count_refetch(s, phone);
    if (!phone->needs_hand) /* it may stand there for days: others load meanwhile */
        rollout_start(&s->rollout, phone);
    staging_touch(s, phone);
}

static const char *http_port(const struct staging *s, char out[8])
{
    out[0] = '\0';
    if (s->settings->http.port != 80)
        snprintf(out, 8, ":%u", s->settings->http.port);
    return out;
}

void staging_offer_url(const struct staging *s, const struct phone *phone, char *out, size_t cap)
{
    char address[IP4_TEXT_MAX], port[8];
    ip4_format(s->settings->box.address, address);
    const char *scheme = phone->offer.carrier == CARRIER_TFTP ? "tftp" : "http";
    if (phone->offer.carrier == CARRIER_TFTP)
        port[0] = '\0';
    else
        http_port(s, port);
    snprintf(out, cap, "%s://%s%s/%s%u-%s", scheme, address, port, s->state_id,
             (unsigned)phone->offer.token, phone->offer.file);
}

void staging_profile_url(const struct staging *s, const struct phone *phone, char *out, size_t cap)
{
    char address[IP4_TEXT_MAX], port[8];
    (void)phone;
    snprintf(out, cap, "http://%s%s/$MA.xml", ip4_format(s->settings->box.address, address), http_port(s, port));
}

static void rung_is_done(struct staging *s, struct phone *phone, const struct version *version)
{
    const struct offer *o = &phone->offer;
    if (phone->history_count == PHONE_HISTORY_MAX) {
        memmove(phone->history, phone->history + 1, (PHONE_HISTORY_MAX - 1) * sizeof *phone->history);
        phone->history_count--;
    }
    struct rung_done *rung = &phone->history[phone->history_count++];
    rung->at = staging_now(s);
    rung->from = phone->version;
    rung->to = *version;
    snprintf(rung->file, sizeof rung->file, "%s", version_compare(&o->to, version) == 0 ? o->file : "");
    struct moment begin = o->loading.set ? o->loading : o->at;
    rung->seconds = (uint32_t)(moment_between(begin, rung->at) / 1000);
    char from[VERSION_TEXT_MAX], to[VERSION_TEXT_MAX];
    staging_log(s, PORT_INFO, phone, "%s -> %s in %u s", version_format(&rung->from, from),
                version_format(&rung->to, to), (unsigned)rung->seconds);
}

/* Down again, by a recovery or a hand: what was done is so no longer. */
static void undo_done(struct staging *s, struct phone *phone)
{
    struct ladder_plan plan;
    staging_plan(s, phone, &plan);
    if (plan.result != LADDER_RUNGS)
        return;
    phone->done_at.set = false;
    phone->configured.set = false;
    rollout_done(&s->rollout, phone, false);
}

void staging_seen_version(struct staging *s, struct phone *phone, const struct version *version)
{
    bool first = !phone->has_version;
    bool changed = first || version_compare(&phone->version, version) != 0;
    bool as_before = !changed && version_same_suffix(&phone->version, version);
    if (!first && changed) {
        rung_is_done(s, phone, version);
        rollout_release(&s->rollout, phone);
        phone->attempts = 0;
        phone->needs_hand = false;
        phone->handover.refusal[0] = '\0';
        staging_clear_note(s, phone, NOTE_HAND);
    }
    phone->version = *version;
    phone->has_version = true;
    phone->version_at = staging_now(s);
    if (first) {
        phone->first_version = *version;
        rollout_enter(&s->rollout, phone);
    }
    if (changed && phone->done_at.set)
        undo_done(s, phone);
    if (as_before)
        staging_saw(s, phone);
    else
        staging_touch(s, phone);
}

void staging_done(struct staging *s, struct phone *phone)
{
    if (phone->done_at.set)
        return;
    phone->done_at = staging_now(s);
    phone->attempts = 0;
    phone->needs_hand = false;
    rollout_release(&s->rollout, phone);
    rollout_done(&s->rollout, phone, true);
    staging_clear_note(s, phone, NOTE_HAND);
    char text[VERSION_TEXT_MAX];
    staging_log(s, PORT_INFO, phone, "done at %s", version_format(&phone->version, text));
    staging_touch(s, phone);
}
