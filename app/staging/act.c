/* What the operator does to one phone. */
#include "app/staging/core.h"

static bool has_rung(const struct staging *s, const struct phone *phone)
{
    struct ladder_plan plan;
    staging_plan(s, phone, &plan);
    return phone->offer.file[0] && !phone->offer.whole.set && plan.result == LADDER_RUNGS;
}

static bool nudge(struct staging *s, struct phone *phone)
{
    if (phone->ignored || phone->address == 0 || !s->hooks.nudge)
        return false;
    staging_send_nudge(s, phone, has_rung(s, phone) ? NUDGE_UPGRADE : NUDGE_RESYNC);
    return true;
}

static bool retry(struct staging *s, struct phone *phone)
{
    if (phone->loads > 0 || (phone->done_at.set && !phone->ignored && !phone->needs_hand))
        return false;
    phone->ignored = phone->needs_hand = false;
    phone->attempts = 0;
    staging_clear_note(s, phone, NOTE_HAND);
    staging_log(s, PORT_INFO, phone, "the operator lets it try again");
    if (phone->offer.file[0])
        staging_renew_offer(s, phone);
    staging_touch(s, phone);
    nudge(s, phone);
    return true;
}

static bool ignore(struct staging *s, struct phone *phone)
{
    if (phone->ignored)
        return false;
    phone->ignored = true;
    rollout_release(&s->rollout, phone);
    staging_log(s, PORT_INFO, phone, "the operator ignores it");
    staging_touch(s, phone);
    return true;
}

static bool forget(struct staging *s, struct phone *phone)
{
    if (phone->loads > 0)
        return false;
    staging_log(s, PORT_INFO, phone, "the operator forgets it");
    staging_drop_phone(s, phone);
    return true;
}

bool staging_act(struct staging *s, const struct phone *which, enum staging_action action)
{
    struct phone *phone = registry_at(&s->registry, registry_index(&s->registry, which), which->generation);
    bool done = false;
    if (!phone)
        return false;
    switch (action) {
    case STAGING_NUDGE:
        return nudge(s, phone);
    case STAGING_RETRY:
        done = retry(s, phone);
        break;
    case STAGING_IGNORE:
        done = ignore(s, phone);
        break;
    case STAGING_FORGET:
        return forget(s, phone);
    }
    staging_schedule(s, phone);
    return done;
}
