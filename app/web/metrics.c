#include "app/web/metrics.h"

#include "app/content/content.h"
#include "app/phones/registry.h"
#include "app/staging/status.h"
#include "app/version.h"

static void head(struct out *out, const char *name, const char *type, const char *help)
{
    out_text(out, "# HELP stagebox_");
    out_text(out, name);
    out_text(out, " ");
    out_text(out, help);
    out_text(out, "\n# TYPE stagebox_");
    out_text(out, name);
    out_text(out, " ");
    out_text(out, type);
    out_text(out, "\n");
}

/* `label` NULL: none. Values of labels are words of ours: nothing in them needs an escape. */
static void sample(struct out *out, const char *name, const char *label, const char *value, uint64_t number)
{
    out_text(out, "stagebox_");
    out_text(out, name);
    if (label) {
        out_text(out, "{");
        out_text(out, label);
        out_text(out, "=\"");
        out_text(out, value);
        out_text(out, "\"}");
    }
    out_text(out, " ");
    out_u64(out, number);
    out_text(out, "\n");
}

static void gauge(struct out *out, const char *name, const char *help, uint64_t number)
{
    head(out, name, "gauge", help);
    sample(out, name, NULL, NULL, number);
}

static void counter(struct out *out, const char *name, const char *help, uint64_t number)
{
    head(out, name, "counter", help);
    sample(out, name, NULL, NULL, number);
}

static void phones(const struct metrics *m, struct out *out)
{
    const struct staging *s = m->staging;
    unsigned count[PHONE_STATES] = {0};
    uint64_t attempts = 0;
    size_t at = 0;
    for (const struct phone *p; (p = staging_next(s, &at));) {
        struct ladder_plan plan;
        ladder_plan(&staging_content(s)->ladder, p->model, &p->version, &plan);
        count[status_of(p, &plan)]++;
        attempts += p->attempts;
    }
    head(out, "phones", "gauge", "Phones in the batch by state.");
    for (unsigned i = 0; i < PHONE_STATES; i++)
        sample(out, "phones", "state", status_name((enum phone_state)i), count[i]);
    gauge(out, "remedies_under_way", "Remedies tried for the rungs that phones are on.", attempts);
}

static void images(const struct metrics *m, struct out *out)
{
    const struct ladder *ladder = &staging_content(m->staging)->ladder;
    size_t count[FAMILY_COUNT] = {0};
    for (size_t i = 0; i < ladder->image_count; i++)
        count[ladder->images[i].family]++;
    head(out, "firmware_images", "gauge", "Firmware images that may be offered, by family.");
    for (unsigned i = 0; i < FAMILY_COUNT; i++)
        if (family_get((enum family_id)i)->upgradable)
            sample(out, "firmware_images", "family", family_get((enum family_id)i)->name, count[i]);
}

static void pools(const struct metrics *m, struct out *out)
{
    head(out, "pool_used", "gauge", "Places in use of each pool of [limits].");
    for (size_t i = 0; i < m->pool_count; i++)
        sample(out, "pool_used", "pool", m->pools[i].name, m->pools[i].used);
    head(out, "pool_size", "gauge", "Places of each pool of [limits].");
    for (size_t i = 0; i < m->pool_count; i++)
        sample(out, "pool_size", "pool", m->pools[i].name, m->pools[i].limit);
}

void metrics_write(const struct metrics *m, struct out *out)
{
    const struct staging *s = m->staging;
    head(out, "build_info", "gauge", "The version of stagebox.");
    sample(out, "build_info", "version", STAGEBOX_VERSION_TEXT, 1);
    gauge(out, "ready", "Whether every listener is up.", m->ready);
    gauge(out, "uptime_seconds", "Seconds since the box was started.", (m->now_ms - staging_started_ms(s)) / 1000);
    gauge(out, "clock_set", "Whether the box knows the time.", m->clock_set);
    phones(m, out);
    images(m, out);
    gauge(out, "paused", "Whether the operator holds the batch.", staging_paused(s));
    counter(out, "sent_bytes_total", "Bytes of firmware, files and profiles that phones acknowledged.",
            staging_bytes_sent(s));
    gauge(out, "sent_bytes_per_second", "The same in the last seconds.", staging_rate_bps(s));
    gauge(out, "warnings", "Warnings about the box that stand now.", m->warnings);
    gauge(out, "viewers", "Dashboards that are told of events.", m->viewers);
    gauge(out, "sessions", "Operators who are logged in.", m->sessions);
    pools(m, out);
}
