#include "app/picture.h"

#include <stdio.h>
#include <string.h>

#include "app/content/content.h"
#include "app/phones/registry.h"
#include "app/staging/status.h"

/* Either only looks whether anything is otherwise than before, or gives the lines out. */
struct drawing {
    const struct picture *picture;
    bool give_out;
    uint64_t hash;
};

static void put(struct drawing *d, const char *line)
{
    for (const char *at = line; *at; at++)
        d->hash = (d->hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3); /* FNV-1a */
    if (d->give_out)
        d->picture->line(d->picture->ctx, line);
}

static void draw_phone(struct drawing *d, const struct phone *phone, enum phone_state state, const struct ladder_plan *plan)
{
    char line[PICTURE_LINE], mac[MAC_TEXT_MAX], from[VERSION_TEXT_MAX] = "?", to[VERSION_TEXT_MAX] = "", percent[8] = "";
    if (phone->has_version)
        version_format(&phone->version, from);
    if (plan->result == LADDER_RUNGS && plan->rung_count > 0)
        version_format(&plan->rungs[0]->version, to);
    if (state == PHONE_LOADING && phone->load_size > 0)
        snprintf(percent, sizeof percent, " %3u%%", (unsigned)(phone->load_acked * 100 / phone->load_size) % 1000);
    snprintf(line, sizeof line, "  %s %-9s %-11s %s%s%s%s", mac_is_zero(phone->mac) ? phone->serial : mac_format(phone->mac, mac),
             phone->model, status_name(state), from, to[0] ? " > " : "", to, percent);
    put(d, line);
}

static void draw_counts(struct drawing *d, const size_t counts[PHONE_STATES], size_t all)
{
    char line[PICTURE_LINE];
    int len = snprintf(line, sizeof line, "%zu phones", all);
    for (unsigned i = 0; i < PHONE_STATES; i++)
        if (counts[i] > 0 && len < (int)sizeof line)
            len += snprintf(line + len, sizeof line - (size_t)len, ", %zu %s", counts[i], status_name((enum phone_state)i));
    put(d, line);
}

static enum phone_state look_at(const struct staging *s, const struct phone *phone, struct ladder_plan *plan)
{
    ladder_plan(&staging_content(s)->ladder, phone->model, &phone->version, plan);
    return status_of(phone, plan);
}

static void draw(struct drawing *d)
{
    const struct staging *s = d->picture->staging;
    const struct registry *registry = staging_registry(s);
    size_t counts[PHONE_STATES] = {0}, at = 0, rows = 0;
    struct ladder_plan plan;
    for (const struct phone *p; (p = staging_next(s, &at));)
        counts[look_at(s, p, &plan)]++;
    if (staging_count(s) == 0)
        return;
    draw_counts(d, counts, staging_count(s));
    at = 0;
    for (const struct phone *p; rows < PICTURE_ROWS && (p = registry_next(registry, &at));) {
        enum phone_state state = look_at(s, p, &plan);
        if (state == PHONE_DONE || state == PHONE_IGNORED)
            continue;
        draw_phone(d, p, state, &plan);
        rows++;
    }
}

static void on_timer(void *ctx, struct timer *timer, uint64_t now_ms)
{
    struct picture *p = ctx;
    struct drawing d = {.picture = p};
    draw(&d);
    if (d.hash != p->drawn) {
        p->drawn = d.hash;
        d.give_out = true;
        draw(&d);
    }
    timer_set(p->timers, timer, now_ms + PICTURE_MS);
}

void picture_start(struct picture *p, const struct staging *staging, struct timers *timers, uint64_t now_ms,
                   picture_line_fn *line, void *ctx)
{
    *p = (struct picture){.staging = staging, .timers = timers, .line = line, .ctx = ctx};
    timer_init(&p->timer, on_timer, p);
    timer_set(timers, &p->timer, now_ms + PICTURE_MS);
}

void picture_stop(struct picture *p)
{
    if (p->timers)
        timer_clear(p->timers, &p->timer);
}
