#include "app/staging/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_pools(struct staging *s, const uint64_t seed[2])
{
    const struct settings_limits *limits = &s->settings->limits;
    s->delivery_count = limits->tftp + limits->connections;
    s->deliveries = calloc(s->delivery_count, sizeof *s->deliveries);
    s->dirty = calloc(limits->phones, sizeof *s->dirty);
    s->claim_places = 2 * (size_t)limits->phones;
    s->claims = calloc(s->claim_places, sizeof *s->claims);
    size_t texts = s->delivery_count * STAGING_TEXT_EACH;
    bool room = texts_init(&s->texts, texts > STAGING_TEXT_MAX ? texts : STAGING_TEXT_MAX);
    retired_init(&s->retired, limits->phones + 1);
    if (!registry_init(&s->registry, limits->phones, seed) || !s->deliveries || !s->dirty || !s->claims || !room)
        return false;
    for (size_t i = s->delivery_count; i-- > 0;) {
        s->deliveries[i].next_free = s->free_delivery;
        s->free_delivery = &s->deliveries[i];
    }
    return true;
}

static void read_ouis(struct staging *s)
{
    const struct settings_phones *phones = &s->settings->phones;
    s->ouis.count = 0;
    for (unsigned i = 0; i < phones->oui_count; i++)
        oui_add(&s->ouis, phones->oui[i].b);
}

struct staging *staging_open(const struct staging_options *o)
{
    struct staging *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->port = o->port;
    s->settings = o->settings;
    s->content = o->content;
    s->timers = o->timers;
    s->journal = o->journal;
    s->hooks = o->hooks;
    s->started_ms = port_now_ms(o->port);
    rollout_init(&s->rollout);
    read_ouis(s);
    if (!make_pools(s, o->seed)) {
        staging_close(s);
        return NULL;
    }
    return s;
}

void staging_close(struct staging *s)
{
    if (!s)
        return;
    size_t at = 0;
    for (struct phone *p; s->registry.pool && (p = registry_next(&s->registry, &at));)
        timer_clear(s->timers, &p->deadline);
    registry_dispose(&s->registry);
    retired_dispose(&s->retired);
    free(s->deliveries);
    free(s->dirty);
    free(s->claims);
    texts_dispose(&s->texts);
    free(s);
}

static void bind_rows(struct staging *s)
{
    size_t at = 0;
    inventory_reclaim(&s->content->inventory, s->claims, s->claim_count);
    for (struct phone *p; (p = registry_next(&s->registry, &at));)
        p->row = inventory_find(&s->content->inventory, p->mac);
}

/* A target that the settings name takes the place of what was kept; an image that is away is told. */
static void look_at_targets(struct staging *s)
{
    char key[32], sentence[LADDER_SENTENCE_MAX];
    if (ladder_let_go(&s->content->ladder))
        staging_put_targets(s);
    for (unsigned id = 0; id < FAMILY_COUNT; id++) {
        const struct ladder_kept *away = ladder_away(&s->content->ladder, (enum family_id)id);
        snprintf(key, sizeof key, "target %u", id);
        staging_warn(s, key, away ? ladder_away_sentence(away, sentence) : NULL);
    }
}

void staging_reloaded(struct staging *s)
{
    size_t at = 0;
    read_ouis(s);
    look_at_targets(s);
    bind_rows(s);
    for (struct phone *p; (p = registry_next(&s->registry, &at));)
        staging_schedule(s, p);
}

void staging_restored(struct staging *s, const char *state_id)
{
    size_t at = 0;
    snprintf(s->state_id, sizeof s->state_id, "%s", state_id);
    look_at_targets(s);
    bind_rows(s);
    for (struct phone *p; (p = registry_next(&s->registry, &at));) {
        ip4 address = p->address;
        p->address = 0;
        registry_set_address(&s->registry, p, address);
        rollout_enter(&s->rollout, p);
        staging_schedule(s, p);
    }
    staging_retired_restored(s);
}

const struct registry *staging_registry(const struct staging *s)
{
    return &s->registry;
}

const struct settings *staging_settings(const struct staging *s)
{
    return s->settings;
}

const struct content *staging_content(const struct staging *s)
{
    return s->content;
}

const char *staging_state_id(const struct staging *s)
{
    return s->state_id;
}

uint64_t staging_started_ms(const struct staging *s)
{
    return s->started_ms;
}

bool staging_addresses_held(const struct staging *s)
{
    return s->addresses_held;
}

void staging_hold_addresses(struct staging *s, bool held)
{
    s->addresses_held = held;
}

bool staging_paused(const struct staging *s)
{
    return s->paused;
}

void staging_pause(struct staging *s, bool paused)
{
    s->paused = paused;
    s->batch_dirty = true;
    staging_log(s, PORT_INFO, NULL, paused ? "the batch is paused" : "the batch goes on");
    staging_warn(s, "paused", paused ? "The batch is paused: every phone is held where it is." : NULL);
}

uint64_t staging_bytes_sent(const struct staging *s)
{
    return s->bytes_sent;
}

uint64_t staging_rate_bps(const struct staging *s)
{
    return port_now_ms(s->port) - s->rate_mark_ms > 3000 ? 0 : s->rate_bps;
}

static bool is_over(const struct staging *s, const struct staging_warning *w)
{
    return w->until_ms < port_now_ms(s->port);
}

static struct staging_warning *warning_place(struct staging *s, const char *key)
{
    struct staging_warning *place = NULL;
    for (size_t i = 0; i < STAGING_WARNINGS; i++) {
        struct staging_warning *w = &s->warnings[i];
        if (strcmp(w->key, key) == 0)
            return w;
        if (!place && (!w->key[0] || is_over(s, w)))
            place = w;
    }
    return place;
}

static void warn(struct staging *s, const char *key, const char *text, uint64_t until_ms)
{
    struct staging_warning *place = warning_place(s, key);
    if (!place)
        return;
    bool stands = strcmp(place->key, key) == 0 && strcmp(place->text, text) == 0 && !is_over(s, place);
    place->until_ms = until_ms;
    if (stands)
        return;
    staging_log(s, PORT_WARNING, NULL, "%s", text);
    snprintf(place->key, sizeof place->key, "%s", key);
    snprintf(place->text, sizeof place->text, "%s", text);
}

void staging_warn(struct staging *s, const char *key, const char *text)
{
    if (text) {
        warn(s, key, text, UINT64_MAX);
        return;
    }
    for (size_t i = 0; i < STAGING_WARNINGS; i++)
        if (strcmp(s->warnings[i].key, key) == 0)
            s->warnings[i].key[0] = '\0';
}

void staging_warn_passing(struct staging *s, const char *key, const char *text)
{
    warn(s, key, text, port_now_ms(s->port) + STAGING_PASSING_MS);
}

const char *staging_warning_text(const struct staging *s, size_t i)
{
    for (size_t at = 0; at < STAGING_WARNINGS; at++)
        if (s->warnings[at].key[0] && !is_over(s, &s->warnings[at]) && i-- == 0)
            return s->warnings[at].text;
    return NULL;
}

void staging_out_of_service(struct staging *s)
{
    s->out_of_service = true;
}
