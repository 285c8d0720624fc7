/* What the wire tells besides requests: leases, syslog lines, DNS questions, uploaded reports. */
#include "app/staging/core.h"

#include <stdio.h>
#include <string.h>

#include "net/syslog/message.h"

static bool is_phones_lease(const struct staging *s, const struct staging_lease *lease, struct vendor_class *class)
{
    memset(class, 0, sizeof *class);
    return vendor_class_parse(lease->vendor_class, lease->vendor_class_len, class) ||
           staging_is_phone(s, lease->mac);
}

static void note_start(struct staging *s, struct phone *phone)
{
    phone->started = staging_now(s);
    if (phone->offer.whole.set && !phone->offer.rebooted.set)
        phone->offer.rebooted = phone->started;
}

void staging_leased(struct staging *s, const struct staging_lease *lease)
{
    struct vendor_class class;
    if (staging_is_retired(s, lease->mac) || !is_phones_lease(s, lease, &class))
        return;
    struct phone *phone = staging_meet(s, lease->mac, "");
    if (!phone)
        return;
    if (phone->address != lease->address || lease->fresh) {
        char address[IP4_TEXT_MAX];
        staging_log(s, PORT_INFO, phone, "DHCP: %s%s", ip4_format(lease->address, address),
                    lease->fresh ? "" : " (kept)");
    }
    staging_is_here(s, phone);
    phone->last_seen = staging_now(s);
    staging_is_at(s, phone, lease->address);
    phone->leased = true;
    if (lease->fresh)
        note_start(s, phone);
    if (!phone->model[0])
        staging_set_model(s, phone, class.model);
    staging_touch(s, phone);
    staging_schedule(s, phone);
}

void staging_syslog(struct staging *s, ip4 from, const char *line, size_t len)
{
    struct syslog_message m;
    syslog_parse((const uint8_t *)line, len, &m);
    struct phone *phone = registry_by_address(&s->registry, from);
    if (!phone || (m.has_mac && !mac_equal(phone->mac, m.mac)))
        return; /* nobody we know, or it speaks for another one */
    phone->last_seen = staging_now(s);
    staging_show(s, phone);
    staging_log(s, m.kind == SYSLOG_OTHER ? PORT_DEBUG : PORT_INFO, phone, "syslog: %s", m.text);
    if (m.kind == SYSLOG_UPGRADE_FAILURE)
        staging_note(s, phone, NOTE_TROUBLE, "says: upgrade failed: %s", m.reason);
    else if (m.kind == SYSLOG_RESYNC_FAILURE)
        staging_note(s, phone, NOTE_HINT, "says: resync failed: %s", m.reason);
    staging_touch(s, phone);
}

bool staging_accepts(const struct staging *s, struct mac mac, const void *vendor_class, size_t len)
{
    struct vendor_class class;
    switch (s->settings->dhcp.answer) {
    case ANSWER_PHONES:
        return vendor_class_parse(vendor_class, len, &class) || staging_is_phone(s, mac);
    case ANSWER_INVENTORY:
        return inventory_find(&s->content->inventory, mac) != INVENTORY_NONE;
    default:
        return true;
    }
}

bool staging_is_phone_mac(const struct staging *s, struct mac mac)
{
    return staging_is_phone(s, mac);
}

bool staging_is_done(const struct staging *s, struct mac mac)
{
    const struct phone *phone = registry_by_mac(&s->registry, mac);
    return phone ? phone->done_at.set : staging_is_retired(s, mac);
}

void staging_dns_question(struct staging *s, ip4 from, const char *name)
{
    struct phone *phone = registry_by_address(&s->registry, from);
    if (!phone || strncmp(phone->dns_name, name, sizeof phone->dns_name - 1) == 0)
        return;
    snprintf(phone->dns_name, sizeof phone->dns_name, "%s", name);
    staging_log(s, PORT_INFO, phone, "asked the DNS for %s", phone->dns_name);
    staging_touch(s, phone);
}

static bool report_path(struct mac mac, const char *serial, char *out, size_t cap)
{
    char text[MAC_TEXT_MAX];
    const char *key = mac_is_zero(mac) ? serial : mac_format(mac, text);
    snprintf(out, cap, "state/reports/%s.xml", key);
    return key[0] != '\0';
}

bool staging_report_path(const struct phone *phone, char *out, size_t cap)
{
    return report_path(phone->mac, phone->serial, out, cap);
}

bool staging_report(struct staging *s, const struct staging_request *request, const void *body, size_t len)
{
    struct asker asker;
    const char *name;
    size_t name_len;
    name_last_part(request->path, request->path_len, &name, &name_len);
    staging_recognise(s, request, name, name_len, &asker);
    char path[STAGING_REPORT_PATH];
    if (asker.doubt ||
        !report_path(asker.identity.mac, asker.has_agent ? asker.agent.serial : "", path, sizeof path))
        return false;
    if (port_replace(s->port, path, len > 0 ? body : "", len) < 0) {
        staging_warn(s, "reports", "A phone's report could not be kept: the card refuses to take it.");
        return false;
    }
    staging_log(s, PORT_INFO, asker.phone, "report: %zu bytes kept", len);
    return true;
}
