#include "app/staging/core.h"

#include <string.h>

struct staging_delivery *staging_take_delivery(struct staging *s)
{
    struct staging_delivery *d = s->free_delivery;
    if (!d)
        return NULL;
    s->free_delivery = d->next_free;
    memset(d, 0, sizeof *d);
    return d;
}

bool staging_take_text(struct staging *s, struct staging_delivery *d, size_t len)
{
    d->text = texts_take(&s->texts, len);
    d->text_len = len;
    if (!d->text)
        staging_warn_passing(s, "profiles",
                             "Many phones fetch their configuration at once: some are told to come again.");
    return d->text != NULL;
}

uint8_t *staging_report_room(struct staging *s)
{
    return (uint8_t *)texts_take(&s->texts, STAGING_REPORT_MAX);
}

void staging_report_give(struct staging *s, uint8_t *room)
{
    texts_give(&s->texts, (const char *)room, STAGING_REPORT_MAX);
}

void staging_give_delivery(struct staging *s, struct staging_delivery *d)
{
    if (d->content)
        depot_release(s->content->depot, d->content);
    if (d->text)
        texts_give(&s->texts, d->text, d->text_len);
    d->generation = 0;
    d->next_free = s->free_delivery;
    s->free_delivery = d;
}

static struct phone *phone_of(const struct staging *s, const struct staging_delivery *d)
{
    return d->generation ? registry_at(&s->registry, d->phone, d->generation) : NULL;
}

/* Bytes a second over the last second or more. */
static void measure(uint64_t *rate, uint64_t *mark_ms, uint64_t *mark_bytes, uint64_t bytes, uint64_t now)
{
    if (*mark_ms == 0 || bytes < *mark_bytes) {
        *mark_ms = now;
        *mark_bytes = bytes;
        return;
    }
    if (now - *mark_ms < 1000)
        return;
    *rate = (bytes - *mark_bytes) * 1000 / (now - *mark_ms);
    *mark_ms = now;
    *mark_bytes = bytes;
}

void staging_progress(struct staging *s, struct staging_delivery *d, uint64_t acked)
{
    if (acked <= d->acked)
        return;
    uint64_t now = port_now_ms(s->port);
    s->bytes_sent += acked - d->acked;
    d->acked = acked;
    measure(&s->rate_bps, &s->rate_mark_ms, &s->rate_mark_bytes, s->bytes_sent, now);
    struct phone *phone = phone_of(s, d);
    if (!phone || d->kind != STAGING_IMAGE)
        return;
    phone->progress_ms = now;
    if (acked > phone->load_acked || d->size != phone->load_size) {
        phone->load_acked = acked;
        phone->load_size = d->size;
    }
    measure(&phone->rate_bps, &phone->rate_mark_ms, &phone->rate_mark_bytes, phone->load_acked, now);
    staging_show(s, phone);
}

static void image_over(struct staging *s, struct phone *phone, const struct staging_delivery *d, bool whole)
{
    phone->loads--;
    if (phone->loads == 0)
        phone->rate_bps = phone->rate_mark_ms = 0;
    if (!whole) {
        staging_log(s, PORT_INFO, phone, "%s: broken off at %llu of %llu bytes", d->content->name,
                    (unsigned long long)d->acked, (unsigned long long)d->size);
        return;
    }
    staging_log(s, PORT_INFO, phone, "%s: loaded whole", d->content->name);
    if (d->is_offer && !phone->offer.whole.set) {
        phone->offer.whole = staging_now(s);
        rollout_release(&s->rollout, phone);
    }
}

static void image_ended(struct staging *s, struct phone *phone, const struct staging_delivery *d, bool whole)
{
    image_over(s, phone, d, whole);
    staging_touch(s, phone);
    staging_schedule(s, phone);
}

/* It has `final` whole: nothing of ours is left on it. Once that is noted, further ones are no news. */
static void configured(struct staging *s, struct phone *phone)
{
    struct handover *h = &phone->handover;
    struct ladder_plan plan;
    if (phone->configured.set && phone->done_at.set && !phone->holds_rule && !h->got_ca && !h->got_display)
        return;
    if (!phone->configured.set)
        phone->configured = staging_now(s);
    phone->holds_rule = h->got_ca = h->got_display = false;
    staging_touch(s, phone);
    staging_plan(s, phone, &plan);
    if (plan.result == LADDER_DONE)
        staging_done(s, phone);
}

static void profile_over(struct staging *s, struct phone *phone, const struct staging_delivery *d, bool whole)
{
    if (whole && d->stage == STAGE_FINAL)
        configured(s, phone);
    if (whole && d->stage == STAGE_IDLE && phone->holds_rule) {
        phone->holds_rule = false;
        staging_touch(s, phone);
    }
    staging_schedule(s, phone);
}

void staging_end(struct staging *s, struct staging_delivery *d, bool whole)
{
    if (whole)
        staging_progress(s, d, d->size);
    struct phone *phone = phone_of(s, d);
    if (phone && d->kind == STAGING_IMAGE)
        image_ended(s, phone, d, whole);
    if (phone && d->kind == STAGING_PROFILE)
        profile_over(s, phone, d, whole);
    staging_give_delivery(s, d);
}
