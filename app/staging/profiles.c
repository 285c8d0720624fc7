#include "app/staging/core.h"

#include <stdio.h>
#include <string.h>

#include "mbedtls/platform_util.h"

/* For a phone that is not known: every text it may need stands in the settings alone. */
struct profile_texts {
    char http_url[PORT_NAME_MAX];
    char ca_url[PORT_NAME_MAX];
    char display[2 * VERSION_TEXT_MAX + 8];
    char upgrade_url[PORT_NAME_MAX + 64];
    char syslog[IP4_TEXT_MAX + 8];
    char address[IP4_TEXT_MAX];
};

/* "7.3.7 > 7.5.2b", "7.5.2b waits", "7.6.1 done". */
static void write_display(const struct phone *phone, const struct decision *decision, char *out, size_t cap)
{
    char at[VERSION_TEXT_MAX], to[VERSION_TEXT_MAX];
    out[0] = '\0';
    if (!phone || !phone->has_version)
        return;
    version_format(&phone->version, at);
    if (decision->stage == STAGE_LADDER)
        snprintf(out, cap, "%s > %s", at, version_format(&decision->rung->version, to));
    else
        snprintf(out, cap, "%s %s", at, decision->plan.result == LADDER_DONE ? "done" : "waits");
}

static void fill_ca(const struct staging *s, const struct phone *phone, struct profile_texts *t)
{
    char address[IP4_TEXT_MAX], port[8] = "";
    t->ca_url[0] = '\0';
    if (!staging_offers_ca(s, phone))
        return;
    if (s->settings->http.port != 80)
        snprintf(port, sizeof port, ":%u", s->settings->http.port);
    snprintf(t->ca_url, sizeof t->ca_url, "http://%s%s/%s", ip4_format(s->settings->box.address, address), port,
             CERTS_CUSTOM_CA_NAME);
}

/* `final` names nothing of them but the box's address. */
static void fill_texts(const struct staging *s, const struct phone *phone, enum stage stage, struct profile_texts *t)
{
    t->http_url[0] = t->ca_url[0] = t->display[0] = t->upgrade_url[0] = t->syslog[0] = '\0';
    ip4_format(s->settings->box.address, t->address);
    if (stage == STAGE_FINAL)
        return;
    staging_profile_url(s, phone, t->http_url, sizeof t->http_url);
    fill_ca(s, phone, t);
    if (phone && phone->offer.file[0])
        staging_offer_url(s, phone, t->upgrade_url, sizeof t->upgrade_url);
    if (s->settings->syslog.enabled)
        snprintf(t->syslog, sizeof t->syslog, "%s:514", t->address);
}

static struct profile_facts facts_of(const struct staging *s, const struct phone *phone,
                                     const struct decision *decision, const struct profile_texts *t)
{
    static const struct handover none;
    const struct handover got = phone ? phone->handover : none;
    bool staged = decision->stage != STAGE_FINAL;
    return (struct profile_facts){
        .stage = decision->stage,
        .http_url = t->http_url,
        .https_url = decision->https.url,
        .https_first = decision->https.first,
        .states_ca = (staged && t->ca_url[0]) || got.got_ca,
        .custom_ca_url = t->ca_url,
        .states_display = (staged && s->settings->phones.show_state) || got.got_display,
        .text_logo = t->display,
        .station_name = t->display,
        .upgrade_url = t->upgrade_url,
        .resync_s = s->settings->upgrade.resync_s,
        .syslog = t->syslog,
        .final_rule = s->settings->profile.final_rule,
        .holds_rule = phone && phone->holds_rule,
    };
}

/* Into memory of its own, of the length that it takes. */
static char *write_exactly(struct staging *s, const struct profile_facts *facts, struct staging_delivery *delivery,
                           size_t len)
{
    bool room = len > 0 && len <= STAGING_TEXT_MAX && staging_take_text(s, delivery, len);
    return room && profile_write(facts, delivery->text, len) == len ? delivery->text : NULL;
}

static char *write_usual(struct staging *s, const struct profile_facts *facts, struct staging_delivery *delivery,
                         size_t *len)
{
    char *text = texts_take(&s->texts, STAGING_TEXT_USUAL);
    *len = profile_write(facts, text, text ? STAGING_TEXT_USUAL : 0);
    if (!text)
        return NULL;
    if (*len == 0 || *len > STAGING_TEXT_USUAL) {
        texts_give(&s->texts, text, STAGING_TEXT_USUAL);
        return NULL;
    }
    texts_shrink(&s->texts, text, STAGING_TEXT_USUAL, *len);
    delivery->text_len = *len;
    return delivery->text = text;
}

/* Where the asker has room for it, else in a piece of memory of the usual length; one that is longer, or finds no such piece,
 * is written once more. */
static const char *write_text(struct staging *s, const struct staging_request *request,
                              const struct profile_facts *facts, struct staging_delivery *delivery)
{
    size_t len;
    const char *text = NULL;
    if (!request->room) {
        text = write_usual(s, facts, delivery, &len);
    } else {
        len = profile_write(facts, request->room, request->room_len);
        text = len > 0 && len <= request->room_len ? request->room : NULL;
        if (!text)
            mbedtls_platform_zeroize(request->room, request->room_len);
    }
    delivery->size = len;
    return text ? text : write_exactly(s, facts, delivery, len);
}

static const char *write_final(struct staging *s, const struct staging_request *request, const struct phone *phone,
                               struct profile_facts *facts, const struct profile_texts *t,
                               struct staging_delivery *delivery)
{
    struct template_values values = {
        .mac = phone->mac,
        .model = phone->model,
        .box_address = t->address,
        .inventory = &s->content->inventory,
        .row = phone->row,
    };
    facts->template = s->content->has_template ? content_template(s->content, phone->model) : NULL;
    facts->values = &values;
    return write_text(s, request, facts, delivery);
}

const char *staging_write_profile(struct staging *s, const struct staging_request *request, const struct asker *asker,
                                  const struct decision *decision, struct staging_delivery *delivery)
{
    struct profile_texts texts;
    fill_texts(s, asker->phone, decision->stage, &texts);
    if (s->settings->phones.show_state && decision->stage != STAGE_FINAL)
        write_display(asker->phone, decision, texts.display, sizeof texts.display);
    struct profile_facts facts = facts_of(s, asker->phone, decision, &texts);
    if (decision->stage == STAGE_FINAL)
        return write_final(s, request, asker->phone, &facts, &texts, delivery);
    return write_text(s, request, &facts, delivery);
}
