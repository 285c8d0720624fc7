#include "app/phones/identity.h"

struct witness {
    enum identity_source source;
    const struct mac *mac;
};

static struct witness link_witness(const struct identity_evidence *e)
{
    if (e->lease)
        return (struct witness){IDENTITY_LEASE, e->lease};
    return (struct witness){IDENTITY_NEIGHBOUR, e->neighbour};
}

/* Takes one more witness into account: the first one identifies, a later one may contradict. */
static void hear(struct identity *id, struct witness w)
{
    if (!w.mac)
        return;
    if (id->source == IDENTITY_NOBODY) {
        id->source = w.source;
        id->mac = *w.mac;
    } else if (!id->doubt && !mac_equal(id->mac, *w.mac)) {
        id->doubt = true;
        id->against = w.source;
    }
}

struct identity identity_weigh(const struct identity_evidence *e)
{
    struct identity id = {.source = IDENTITY_NOBODY};
    struct witness link = link_witness(e);

    hear(&id, (struct witness){IDENTITY_CERTIFICATE, e->certificate});
    if (e->link_is_phone)
        hear(&id, link);
    hear(&id, (struct witness){IDENTITY_USER_AGENT, e->user_agent});
    if (id.source != IDENTITY_NOBODY)
        return id;
    /* A phone that tells no MAC (525G) has its lease's, of whatever maker; ARP may show a router's. */
    if (e->user_agent_names_phone && e->lease)
        hear(&id, link);
    if (id.source == IDENTITY_NOBODY && !e->user_agent_names_phone)
        hear(&id, (struct witness){IDENTITY_NAME, e->name});
    return id;
}

const char *identity_source_text(enum identity_source source)
{
    static const char *const text[] = {"nothing", "client certificate", "lease", "ARP entry", "User-Agent", "name"};
    return text[source];
}
