#include "app/staging/rollout.h"

#include <string.h>

void rollout_init(struct rollout *r)
{
    memset(r, 0, sizeof *r);
}

static struct cohort *cohort_of(struct rollout *r, const struct phone *phone)
{
    return phone->cohort > 0 ? &r->cohort[phone->cohort - 1] : NULL;
}

static void find_cohort(struct rollout *r, struct phone *phone)
{
    for (unsigned i = 0; i < r->cohort_count; i++) {
        struct cohort *c = &r->cohort[i];
        if (c->family == phone->family && version_compare(&c->from, &phone->first_version) == 0) {
            phone->cohort = i + 1;
            return;
        }
    }
    if (r->cohort_count == ROLLOUT_COHORTS)
        return;
    r->cohort[r->cohort_count] = (struct cohort){.family = phone->family, .from = phone->first_version};
    phone->cohort = ++r->cohort_count;
}

static void count_started(struct rollout *r, struct phone *phone)
{
    struct cohort *c = cohort_of(r, phone);
    if (c && !phone->cohort_started)
        c->started++;
    phone->cohort_started = true;
}

void rollout_enter(struct rollout *r, struct phone *phone)
{
    if (phone->cohort > 0 || !phone->has_version)
        return;
    find_cohort(r, phone);
    if (phone->offer.file[0])
        count_started(r, phone);
    if (phone->done_at.set)
        rollout_done(r, phone, true);
}

static bool canary_holds(const struct rollout *r, const struct phone *phone, uint32_t canary)
{
    if (canary == 0 || phone->cohort == 0 || phone->cohort_started)
        return false;
    const struct cohort *c = &r->cohort[phone->cohort - 1];
    return c->started >= canary && c->done < canary;
}

enum hold rollout_hold(const struct rollout *r, const struct phone *phone, bool paused, uint32_t parallel,
                       uint32_t canary)
{
    if (paused)
        return HOLD_PAUSED;
    if (canary_holds(r, phone, canary))
        return HOLD_CANARY;
    if (parallel > 0 && !phone->slot && r->slots >= parallel)
        return HOLD_PARALLEL;
    return HOLD_NONE;
}

void rollout_start(struct rollout *r, struct phone *phone)
{
    count_started(r, phone);
    if (!phone->slot)
        r->slots++;
    phone->slot = true;
}

void rollout_release(struct rollout *r, struct phone *phone)
{
    if (phone->slot)
        r->slots--;
    phone->slot = false;
}

void rollout_done(struct rollout *r, struct phone *phone, bool done)
{
    struct cohort *c = cohort_of(r, phone);
    if (c && done != phone->cohort_done)
        c->done += done ? 1u : UINT32_MAX;
    phone->cohort_done = done;
}

void rollout_forget(struct rollout *r, struct phone *phone)
{
    rollout_release(r, phone);
    rollout_done(r, phone, false);
    struct cohort *c = cohort_of(r, phone);
    if (c && phone->cohort_started)
        c->started--;
    phone->cohort_started = false;
    phone->cohort = 0;
}

const char *rollout_hold_text(enum hold hold)
{
    static const char *const text[] = {
        "",
        "held back: the batch is paused",
        "held back: as many phones as [upgrade] parallel allows are loading",
        "held back: the first phones like it must be done before ([upgrade] canary)",
    };
    return text[hold];
}
