/* HTTPS as staging sees it: which certificate whom, which URL in the profile, and what became of it. */
#include "app/staging/core.h"

#include <stdio.h>
#include <string.h>

static const struct certs *certs_of(const struct staging *s)
{
    return &s->content->certs;
}

void staging_serves_https(struct staging *s, bool serves)
{
    s->serves_https = serves;
}

/* [https] from and the like; all zero, older than anything, where they cannot be read. */
static struct version setting(const char *text)
{
    struct version version;
    memset(&version, 0, sizeof version);
    version_parse(text, strlen(text), &version);
    return version;
}

static struct phone *phone_at(const struct staging *s, ip4 address)
{
    struct staging_lease lease;
    if (s->hooks.lease_by_address(s->hooks.ctx, address, &lease)) {
        struct phone *leased = registry_by_mac(&s->registry, lease.mac);
        if (leased)
            return leased;
    }
    return registry_by_address(&s->registry, address);
}

const struct certs_pair *staging_pair(const struct staging *s, ip4 address)
{
    return handover_shown(certs_of(s), phone_at(s, address));
}

static void write_url(const struct staging *s, const struct certs_pair *pair, char *out, size_t cap)
{
    char address[IP4_TEXT_MAX], port[8] = "";
    const char *host = pair->names[0][0] ? pair->names[0] : ip4_format(s->settings->box.address, address);
    if (s->settings->https.port != 443)
        snprintf(port, sizeof port, ":%u", s->settings->https.port);
    snprintf(out, cap, "https://%s%s/$MA.xml", host, port);
}

void staging_https_option(const struct staging *s, struct mac mac, char *out, size_t cap)
{
    const struct phone *phone = registry_by_mac(&s->registry, mac);
    const struct certs_pair *pair = s->serves_https ? handover_shown(certs_of(s), phone) : NULL;
    out[0] = '\0';
    if (pair && !(phone && handover_used_up(certs_of(s), phone)))
        write_url(s, pair, out, cap);
}

bool staging_https_rule(const struct staging *s, const struct phone *phone, struct https_rule *out)
{
    struct version from = setting(s->settings->https.from);
    memset(out, 0, sizeof *out);
    out->pair = s->serves_https && phone ? handover_candidate(certs_of(s), phone, &from) : NULL;
    if (!out->pair)
        return false;
    write_url(s, out->pair, out->url, sizeof out->url);
    out->first = s->settings->https.handover == HANDOVER_DIRECT || handover_was_seen(phone, out->pair);
    return true;
}

void staging_https_told(struct staging *s, struct phone *phone, const struct https_rule *rule)
{
    if (rule->pair)
        handover_state(phone, rule->pair, staging_now(s), s->settings->upgrade.resync_s * UINT64_C(1000) / 2);
}

void staging_https_seen(struct staging *s, struct phone *phone, const struct staging_request *request)
{
    const struct staging_certificate *own = request->certificate;
    phone->handover.no_certificate = !own || !own->names_phone;
    handover_seen(phone, request->shown);
    staging_touch(s, phone);
}

void staging_handshake_failed(struct staging *s, ip4 address, uint64_t shown, const char *words)
{
    struct phone *phone = phone_at(s, address);
    char text[IP4_TEXT_MAX];
    staging_log(s, phone ? PORT_WARNING : PORT_INFO, phone, "HTTPS %s: %s", ip4_format(address, text), words);
    if (!phone)
        return;
    handover_refused(phone, shown, words);
    staging_touch(s, phone);
}

/* -- what else a profile says because of HTTPS ------------------------------------------------------- */

bool staging_offers_ca(const struct staging *s, const struct phone *phone)
{
    struct version from = setting(s->settings->https.custom_ca_from);
    return s->serves_https && certs_of(s)->custom_ca.text && phone && phone->has_version &&
           version_compare(&phone->version, &from) >= 0;
}

/* The final configuration goes out in no way that is left to this phone: a sentence for a person, or NULL. */
static const char *no_way(const struct staging *s, const struct phone *phone)
{
    const struct settings_profile *profile = &s->settings->profile;
    struct version from = setting(s->settings->https.from);
    bool needs_https = profile->transport == TRANSPORT_HTTPS || profile->auth == AUTH_CERTIFICATE;
    if (!s->content->has_template || !needs_https || !s->serves_https)
        return NULL;
    if (handover_used_up(certs_of(s), phone))
        return profile->auth == AUTH_CERTIFICATE
                   ? "does not come over HTTPS: give the box a certificate that this firmware trusts, or set [profile] "
                     "auth = inventory and transport = any on an isolated network"
                   : "does not come over HTTPS: give the box a certificate that this firmware trusts, or set [profile] "
                     "transport = any on an isolated network";
    if (profile->auth == AUTH_CERTIFICATE && phone->handover.no_certificate)
        return "shows no certificate of its own: list it in phones.csv and set [profile] auth = inventory";
    if (version_compare(&phone->version, &from) < 0)
        return "runs firmware older than [https] from, and its final configuration goes out over HTTPS only: lower "
               "`from`, or raise [upgrade] target";
    return NULL;
}

bool staging_stuck(struct staging *s, struct phone *phone)
{
    const char *sentence = no_way(s, phone);
    if (!sentence)
        return false;
    phone->needs_hand = true;
    staging_note(s, phone, NOTE_HAND, "%s", sentence);
    return true;
}
