#include "app/staging/core.h"

#include <string.h>

/* What the wire tells about the peer, gathered. */
struct testimony {
    struct identity_evidence evidence;
    bool has_lease, has_neighbour;
    struct staging_lease lease;
    struct mac neighbour;
    struct mac name;
    struct vendor_class class;
};

static bool link_is_phone(const struct staging *s, const struct testimony *t)
{
    if (t->has_lease && t->class.vendor != VENDOR_UNKNOWN)
        return true;
    if (t->has_lease)
        return staging_is_phone(s, t->lease.mac);
    return t->has_neighbour && staging_is_phone(s, t->neighbour);
}

static void gather(struct staging *s, const struct staging_request *r, const char *name, size_t name_len,
                   struct asker *asker, struct testimony *t)
{
    memset(t, 0, sizeof *t);
    t->has_lease = s->hooks.lease_by_address(s->hooks.ctx, r->address, &t->lease);
    if (t->has_lease)
        vendor_class_parse(t->lease.vendor_class, t->lease.vendor_class_len, &t->class);
    else
        t->has_neighbour = port_neighbour(s->port, r->address, &t->neighbour);
    asker->has_agent = r->user_agent && useragent_parse(r->user_agent, r->user_agent_len, &asker->agent);
    bool has_name;
    name_classify(name, name_len, &has_name, &t->name);

    struct identity_evidence *e = &t->evidence;
    e->certificate = r->certificate && r->certificate->names_phone ? &r->certificate->mac : NULL;
    e->lease = t->has_lease ? &t->lease.mac : NULL;
    e->neighbour = t->has_neighbour ? &t->neighbour : NULL;
    e->link_is_phone = link_is_phone(s, t);
    e->user_agent = asker->has_agent && asker->agent.has_mac ? &asker->agent.mac : NULL;
    e->user_agent_names_phone = asker->has_agent;
    e->name = has_name ? &t->name : NULL;
}

static struct phone *known_phone(const struct staging *s, const struct asker *a)
{
    struct phone *phone = registry_by_mac(&s->registry, a->identity.mac);
    if (!phone && a->has_agent && a->identity.source == IDENTITY_NOBODY)
        phone = registry_by_serial(&s->registry, a->agent.serial);
    return phone;
}

static void weigh(struct staging *s, const struct staging_request *r, struct asker *a, struct testimony *t)
{
    a->identity = identity_weigh(&t->evidence);
    a->doubt = a->identity.doubt;
    a->by_name = a->identity.source == IDENTITY_NAME;
    a->by_lease = t->has_lease && mac_equal(t->lease.mac, a->identity.mac);
    a->by_certificate = a->identity.source == IDENTITY_CERTIFICATE;
    a->phone = known_phone(s, a);
    (void)r;
}

/* A row that was known by its serial alone turns out to be this MAC's, which may have a row already. */
static struct phone *join(struct staging *s, struct mac mac, struct phone *by_mac, const char *serial)
{
    if (by_mac && strcmp(by_mac->serial, serial) == 0)
        return by_mac;
    struct phone *by_serial = registry_by_serial(&s->registry, serial);
    if (!by_serial || by_serial == by_mac || !mac_is_zero(by_serial->mac))
        return by_mac;
    if (by_mac && by_mac->asked.set) {
        staging_drop_phone(s, by_serial);
        return by_mac;
    }
    if (by_mac)
        staging_drop_phone(s, by_mac);
    staging_rekey(s, by_serial, mac);
    return by_serial;
}

/* A phone that had left the table when it was done comes back as it was. False: there is no room for it now. */
static bool recall(struct staging *s, struct asker *a, const char *serial)
{
    if (!retired_find(&s->retired, a->identity.mac, serial))
        return true;
    a->phone = staging_recall(s, a->identity.mac, serial);
    return a->phone != NULL;
}

static void meet(struct staging *s, const struct staging_request *r, struct asker *a)
{
    const char *serial = a->has_agent ? a->agent.serial : "";
    struct phone *phone = NULL;
    if (!a->phone && !recall(s, a, serial)) {
        a->full = true;
        return;
    }
    if (!mac_is_zero(a->identity.mac)) {
        phone = join(s, a->identity.mac, a->phone, serial);
        if (!phone)
            phone = staging_meet(s, a->identity.mac, "");
    } else if (serial[0]) {
        phone = staging_meet(s, a->identity.mac, serial);
    } else {
        return;
    }
    a->full = !phone;
    a->phone = phone;
    if (!phone)
        return;
    if (serial[0] && !phone->serial[0])
        staging_reserial(s, phone, serial);
    phone->last_seen = staging_now(s);
    staging_is_at(s, phone, r->address);
    phone->leased = a->by_lease;
    phone->doubt = false;
    staging_saw(s, phone);
}

static void say_doubt(struct staging *s, struct asker *a)
{
    if (!a->phone)
        return;
    a->phone->doubt = true;
    rollout_release(&s->rollout, a->phone);
    staging_note(s, a->phone, NOTE_TROUBLE,
                 "its %s and its %s name different phones: nothing but waiting for it until they agree",
                 identity_source_text(a->identity.source), identity_source_text(a->identity.against));
}

/* The MAC came to another body: what was known of the firmware of the old one means nothing. */
static void exchange(struct staging *s, struct phone *phone, const char *model)
{
    staging_note(s, phone, NOTE_HINT, "was known as %s and says it is %s", phone->model, model);
    rollout_forget(&s->rollout, phone);
    phone->has_version = false;
    phone->done_at.set = phone->configured.set = false;
    memset(&phone->offer, 0, sizeof phone->offer);
    memset(&phone->handover, 0, sizeof phone->handover);
}

void staging_recognise(struct staging *s, const struct staging_request *request, const char *name, size_t name_len,
                       struct asker *out)
{
    struct testimony t;
    memset(out, 0, sizeof *out);
    gather(s, request, name, name_len, out, &t);
    weigh(s, request, out, &t);
}

void staging_identify(struct staging *s, const struct staging_request *request, const char *name, size_t name_len,
                      struct asker *out)
{
    staging_recognise(s, request, name, name_len, out);
    if (out->doubt) {
        say_doubt(s, out);
        return;
    }
    if (out->by_name)
        return;
    meet(s, request, out);
    if (!out->phone || !out->has_agent)
        return;
    if (out->phone->has_version && out->phone->family != family_of_model(out->agent.model))
        exchange(s, out->phone, out->agent.model);
    staging_set_model(s, out->phone, out->agent.model);
    if (version_known(&out->agent.version))
        staging_seen_version(s, out->phone, &out->agent.version);
}
