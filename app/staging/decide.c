#include "app/staging/core.h"

#include <string.h>

bool staging_version_is_stale(const struct phone *phone)
{
    const struct moment *seen = &phone->version_at;
    if (!phone->has_version)
        return true;
    if (phone->done_at.set)
        return false; /* it keeps what `final` gave it: `first` would send it back to us */
    if (phone->offer.whole.set && moment_after(phone->offer.whole, *seen))
        return true;
    return phone->started.set && moment_after(phone->started, *seen) && phone->offer.loading.set;
}

/* [profile] auth and transport. Without a template `final` holds no secret and is for everybody. */
static const char *final_refusal(const struct staging *s, const struct asker *a, enum carrier carrier)
{
    const struct settings_profile *profile = &s->settings->profile;
    if (!s->content->has_template)
        return NULL;
    if (profile->transport == TRANSPORT_HTTPS && carrier != CARRIER_HTTPS)
        return "at the target; its final configuration goes out over HTTPS only ([profile] transport)";
    if (profile->auth == AUTH_CERTIFICATE && !a->by_certificate)
        return "at the target; its final configuration needs its own certificate ([profile] auth)";
    if (profile->auth == AUTH_INVENTORY && a->phone->row < 0)
        return "at the target; it is in no line of the inventory";
    if (profile->auth == AUTH_INVENTORY && !a->by_lease)
        return "at the target; its final configuration goes only to the address that was leased to it";
    return NULL;
}

/* The template has a value for everything, for this phone. */
static const char *template_refusal(const struct staging *s, const struct phone *phone, struct decision *out)
{
    if (!s->content->has_template)
        return NULL;
    const struct template *t = content_template(s->content, phone->model);
    if (!t)
        return "at the target; there is no template for its model";
    struct template_values values = {.mac = phone->mac, .model = phone->model, .box_address = "",
                                     .inventory = &s->content->inventory, .row = phone->row};
    if (template_lacks(t, &values, out->lack))
        return phone->row < 0 ? "at the target; it is in no line of the inventory"
                              : "at the target; a column that its template needs is missing";
    return NULL;
}

static enum stage at_target(const struct staging *s, const struct asker *a, enum carrier carrier,
                            struct decision *out)
{
    if (s->paused && !a->phone->done_at.set) {
        out->hold = HOLD_PAUSED;
        out->why = rollout_hold_text(out->hold);
        return STAGE_WAIT;
    }
    const char *why = final_refusal(s, a, carrier);
    out->refused = why != NULL;
    if (!why)
        why = template_refusal(s, a->phone, out);
    if (!why)
        return STAGE_FINAL;
    if (a->phone->done_at.set)
        return STAGE_IDLE;
    out->why = why;
    return STAGE_WAIT;
}

static enum stage on_the_ladder(const struct staging *s, const struct phone *phone, struct decision *out)
{
    const struct settings_upgrade *u = &s->settings->upgrade;
    out->hold = rollout_hold(&s->rollout, phone, s->paused, u->parallel, u->canary);
    out->why = rollout_hold_text(out->hold);
    if (out->hold != HOLD_NONE)
        return STAGE_WAIT;
    out->rung = out->plan.rungs[0];
    return STAGE_LADDER;
}

static enum stage by_plan(const struct staging *s, const struct asker *a, enum carrier carrier, struct decision *out)
{
    switch (out->plan.result) {
    case LADDER_RUNGS:
        return on_the_ladder(s, a->phone, out);
    case LADDER_DONE:
        return at_target(s, a, carrier, out);
    case LADDER_E_AWAY:
        out->why = out->plan.sentence;
        return STAGE_WAIT;
    default:
        out->why = out->plan.sentence;
        return STAGE_IDLE;
    }
}

static enum stage choose(const struct staging *s, const struct asker *a, enum carrier carrier, struct decision *out)
{
    const struct phone *phone = a->phone;
    if (a->doubt) {
        out->why = "who is asking is in doubt";
        return STAGE_WAIT;
    }
    if (!phone)
        return STAGE_FIRST;
    if (phone->ignored)
        return STAGE_IDLE;
    staging_plan(s, phone, &out->plan);
    if (phone->model[0] && out->plan.result == LADDER_E_MODEL) {
        out->why = out->plan.sentence;
        return STAGE_IDLE;
    }
    bool says_version = a->has_agent && version_known(&a->agent.version);
    if (!says_version && staging_version_is_stale(phone))
        return STAGE_FIRST;
    return by_plan(s, a, carrier, out);
}

void staging_decide(const struct staging *s, const struct asker *asker, enum carrier carrier, struct decision *out)
{
    out->hold = HOLD_NONE;
    out->refused = false;
    out->rung = NULL;
    out->lack[0] = '\0';
    out->why = "";
    out->plan.result = LADDER_E_VERSION;
    memset(&out->https, 0, sizeof out->https);
    out->stage = choose(s, asker, carrier, out);
    if (out->stage == STAGE_LADDER || out->stage == STAGE_WAIT)
        staging_https_rule(s, asker->phone, &out->https);
}
