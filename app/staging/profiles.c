#include "app/staging/core.h"

#include <stdio.h>
#include <string.h>

/* For a phone that is not known: every text it may need stands in the settings alone. */
struct profile_texts {
    char http_url[PORT_NAME_MAX];
    char upgrade_url[PORT_NAME_MAX + 64];
    char syslog[IP4_TEXT_MAX + 8];
    char address[IP4_TEXT_MAX];
};

static void fill_texts(const struct staging *s, const struct phone *phone, struct profile_texts *t)
{
    staging_profile_url(s, phone, t->http_url, sizeof t->http_url);
    t->upgrade_url[0] = t->syslog[0] = '\0';
    if (phone && phone->offer.file[0])
        staging_offer_url(s, phone, t->upgrade_url, sizeof t->upgrade_url);
    ip4_format(s->settings->box.address, t->address);
    if (s->settings->syslog.enabled)
        snprintf(t->syslog, sizeof t->syslog, "%s:514", t->address);
}

static struct profile_facts facts_of(const struct staging *s, const struct phone *phone,
                                     const struct decision *decision, const struct profile_texts *t)
{
    return (struct profile_facts){
        .stage = decision->stage,
        .http_url = t->http_url,
        .upgrade_url = t->upgrade_url,
        .resync_s = s->settings->upgrade.resync_s,
        .syslog = t->syslog,
        .final_rule = s->settings->profile.final_rule,
        .holds_rule = phone && phone->holds_rule,
    };
}

static bool take_large(struct staging *s, struct staging_delivery *delivery)
{
    if (s->large_count == 0) {
        staging_warn(s, "profiles", "Many phones fetch their final configuration at once: some are told to come again.");
        return false;
    }
    delivery->large = s->large_free[--s->large_count];
    return true;
}

static bool write_final(struct staging *s, const struct phone *phone, struct profile_facts *facts,
                        const struct profile_texts *t, struct staging_delivery *delivery, uint64_t *size)
{
    struct template_values values = {
        .mac = phone->mac,
        .model = phone->model,
        .box_address = t->address,
        .inventory = &s->content->inventory,
        .row = phone->row,
    };
    if (!take_large(s, delivery))
        return false;
    facts->template = s->content->has_template ? content_template(s->content, phone->model) : NULL;
    facts->values = &values;
    *size = profile_write(facts, delivery->large, STAGING_PROFILE_LARGE);
    return *size > 0 && *size <= STAGING_PROFILE_LARGE;
}

bool staging_write_profile(struct staging *s, const struct asker *asker, const struct decision *decision,
                           struct staging_delivery *delivery, uint64_t *size)
{
    struct profile_texts texts;
    fill_texts(s, asker->phone, &texts);
    struct profile_facts facts = facts_of(s, asker->phone, decision, &texts);
    if (decision->stage == STAGE_FINAL)
        return write_final(s, asker->phone, &facts, &texts, delivery, size);
    *size = profile_write(&facts, delivery->small, sizeof delivery->small);
    return *size > 0 && *size <= sizeof delivery->small;
}
