#include "app/staging/status.h"

#include <stdio.h>
#include <string.h>

static bool refused(const struct phone *phone, const struct ladder_plan *plan)
{
    if (phone->model[0] && plan->result == LADDER_E_MODEL)
        return true;
    return phone->has_version && plan->result < 0 && plan->result != LADDER_E_AWAY;
}

static enum phone_state on_the_ladder(const struct phone *phone)
{
    const struct offer *offer = &phone->offer;
    if (phone->loads > 0)
        return PHONE_LOADING;
    if (phone->attempts > 0 && !offer->loading.set)
        return PHONE_STALLED;
    if (offer->whole.set)
        return PHONE_FLASHING;
    if (offer->loading.set)
        return PHONE_LOADING;
    return PHONE_WAITING;
}

enum phone_state status_of(const struct phone *phone, const struct ladder_plan *plan)
{
    if (phone->ignored)
        return PHONE_IGNORED;
    if (refused(phone, plan))
        return PHONE_REFUSED;
    if (phone->needs_hand)
        return PHONE_NEEDS_HAND;
    if (!phone->has_version)
        return phone->attempts > 0 ? PHONE_STALLED : phone->asked.set ? PHONE_IDENTIFIED : PHONE_NEW;
    if (plan->result == LADDER_E_AWAY && phone->has_stage && phone->stage == STAGE_WAIT)
        return PHONE_WAITING;
    if (plan->result == LADDER_RUNGS || plan->result == LADDER_E_AWAY)
        return on_the_ladder(phone);
    if (phone->done_at.set)
        return PHONE_DONE;
    if (phone->attempts > 0)
        return PHONE_STALLED;
    return phone->has_stage && phone->stage == STAGE_WAIT ? PHONE_WAITING : PHONE_CONFIGURING;
}

const char *status_name(enum phone_state state)
{
    static const char *const name[PHONE_STATES] = {
        "new",  "identified", "waiting",    "loading", "flashing", "configuring",
        "done", "stalled",    "needs-hand", "refused", "ignored",
    };
    return name[state];
}

static void add(char out[STATUS_NOTE_MAX], const char *prefix, const char *text, const char *suffix)
{
    size_t len = strlen(out);
    if (text[0])
        snprintf(out + len, STATUS_NOTE_MAX - len, "%s%s%s%s", len ? "; " : "", prefix, text, suffix);
}

const char *status_note(const struct phone *phone, enum phone_state state, const struct ladder_plan *plan,
                        char out[STATUS_NOTE_MAX])
{
    out[0] = '\0';
    add(out, "", state == PHONE_REFUSED && plan->sentence[0] ? plan->sentence : phone->note, "");
    add(out, "HTTPS: ", phone->handover.refusal, "");
    add(out, "asked the DNS for ", phone->dns_name, ": it may still have another provider's rule");
    return out;
}
