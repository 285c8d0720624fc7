/* retire.c - the table of phones is full: those that are done make room, and come back as they were. */
#include "app/staging/core.h"

#define QUIET_MS 5000 /* who was heard of within this time keeps its place */

static bool put_now(void *ctx, uint8_t type, uint8_t version, const void *payload, size_t len)
{
    struct staging *s = ctx;
    return journal_put(s->journal, type, version, payload, len, port_now_ms(s->port));
}

/* A delivery of its own is under way. */
static bool is_served(const struct staging *s, const struct phone *phone)
{
    size_t index = registry_index(&s->registry, phone);
    for (size_t i = 0; i < s->delivery_count; i++)
        if (s->deliveries[i].generation == phone->generation && s->deliveries[i].phone == index)
            return true;
    return false;
}

/* It has all it came for, and nothing of it is going on. */
static bool can_retire(const struct staging *s, const struct phone *phone, struct moment now)
{
    struct ladder_plan plan;
    if (!phone->done_at.set || phone->loads > 0 || phone->slot || phone->doubt || mac_is_zero(phone->mac))
        return false;
    if (phone->last_seen.this_run && moment_between(phone->last_seen, now) < QUIET_MS)
        return false;
    staging_plan(s, phone, &plan);
    return status_of(phone, &plan) == PHONE_DONE && !is_served(s, phone);
}

static struct phone *done_longest(const struct staging *s)
{
    struct moment now = staging_now(s);
    struct phone *longest = NULL;
    size_t at = 0;
    for (struct phone *p; (p = registry_next(&s->registry, &at));)
        if ((!longest || moment_after(longest->done_at, p->done_at)) && can_retire(s, p, now))
            longest = p;
    return longest;
}

/* Out of the registry, but not out of the batch. */
static void leave(struct staging *s, struct phone *phone)
{
    if (s->hooks.gone)
        s->hooks.gone(s->hooks.ctx, phone);
    staging_let_go(s, phone);
    registry_remove(&s->registry, phone);
}

static bool retire(struct staging *s, struct phone *phone)
{
    ip4 address = phone->address;
    registry_set_address(&s->registry, phone, 0); /* another phone may have it by the time this one comes back */
    if (!retired_put(&s->retired, phone)) {
        registry_set_address(&s->registry, phone, address);
        return false;
    }
    phone_record_write(phone, put_now, s); /* a snapshot that is under way may have passed its new place */
    staging_log(s, PORT_INFO, phone, "is done: another phone gets its place, it stays in the report");
    leave(s, phone);
    staging_warn(s, "phones", NULL);
    staging_warn(s, "retired",
                 "More phones than [limits] phones: those that are done make room, and stand in the report.");
    return true;
}

/* `retired`: how many there may be then. */
static bool make_room(struct staging *s, size_t retired)
{
    if (s->registry.count < s->registry.capacity)
        return true;
    struct phone *victim = registry_victim(&s->registry);
    if (victim) {
        staging_drop_phone(s, victim);
        return true;
    }
    victim = s->retired.count < retired ? done_longest(s) : NULL;
    return victim && retire(s, victim);
}

bool staging_make_room(struct staging *s)
{
    return make_room(s, s->registry.capacity);
}

/* Back into the registry, which has room. */
static struct phone *bring_back(struct staging *s, struct mac mac, const char *serial)
{
    struct retired_phone *one = retired_find(&s->retired, mac, serial);
    struct phone *phone = one ? registry_add(&s->registry, one->key.mac, one->key.serial) : NULL;
    if (!phone)
        return NULL;
    retired_unpack(one, phone);
    retired_drop(&s->retired, one);
    staging_prepare(s, phone);
    return phone;
}

bool staging_is_retired(const struct staging *s, struct mac mac)
{
    return !mac_is_zero(mac) && retired_find(&s->retired, mac, "") != NULL;
}

struct phone *staging_recall(struct staging *s, struct mac mac, const char *serial)
{
    if (!retired_find(&s->retired, mac, serial) || !make_room(s, s->retired.capacity)) /* its own place will be free */
        return NULL;
    struct phone *phone = bring_back(s, mac, serial);
    if (!phone)
        return NULL;
    phone->address = 0;
    phone->row = inventory_find(&s->content->inventory, phone->mac);
    staging_touch(s, phone);
    if (s->retired.count == 0)
        staging_warn(s, "retired", NULL);
    return phone;
}

static const struct phone *with_row(const struct staging *s, struct phone *retired)
{
    if (retired)
        retired->row = inventory_find(&s->content->inventory, retired->mac);
    return retired;
}

const struct phone *staging_next(const struct staging *s, size_t *at)
{
    size_t places = s->registry.capacity;
    const struct phone *phone = *at < places ? registry_next(&s->registry, at) : NULL;
    if (phone)
        return phone;
    size_t behind = *at < places ? 0 : *at - places;
    struct phone *retired = retired_next(&s->retired, &behind);
    *at = places + behind;
    return with_row(s, retired);
}

const struct phone *staging_retired_after(const struct staging *s, bool begun, struct mac mac, const char *serial)
{
    return with_row(s, retired_after(&s->retired, begun, mac, serial));
}

const struct phone *staging_find(struct staging *s, struct mac mac, const char *serial)
{
    struct phone *phone = mac_is_zero(mac) ? registry_by_serial(&s->registry, serial) : registry_by_mac(&s->registry, mac);
    return phone ? phone : staging_recall(s, mac, serial);
}

size_t staging_count(const struct staging *s)
{
    return s->registry.count + s->retired.count;
}

/* -- from the journal ---------------------------------------------------------------------------------- */

/* Any phone that was done will do: what is told of it next brings it back. */
static bool make_room_restoring(struct staging *s)
{
    struct phone *longest = NULL;
    size_t at = 0;
    if (s->registry.count < s->registry.capacity)
        return true;
    for (struct phone *p; (p = registry_next(&s->registry, &at));)
        if (p->done_at.set && (!longest || moment_after(longest->done_at, p->done_at)))
            longest = p;
    if (!longest || !retired_put(&s->retired, longest))
        return false;
    registry_remove(&s->registry, longest);
    return true;
}

struct phone *staging_restore_place(struct staging *s, const struct phone_key *key, bool add)
{
    bool retired = staging_is_retired(s, key->mac);
    if ((!retired && !add) || !make_room_restoring(s))
        return NULL;
    if (retired)
        return bring_back(s, key->mac, "");
    struct phone *phone = registry_add(&s->registry, key->mac, "");
    if (phone)
        staging_prepare(s, phone);
    return phone;
}

void staging_retired_restored(struct staging *s)
{
    for (size_t i = 0; i < s->retired.highest; i++) {
        size_t at = i;
        struct phone *phone = retired_next(&s->retired, &at);
        if (!phone)
            return;
        i = at - 1;
        rollout_enter(&s->rollout, phone);
        s->retired.place[i].cohort = phone->cohort;
        s->retired.place[i].cohort_started = phone->cohort_started;
        s->retired.place[i].cohort_done = phone->cohort_done;
    }
}
