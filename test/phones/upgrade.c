#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "a profile request precedes it by 2 seconds" (field-notes) */
enum { AFTER_RESYNC = 2, RESYNC_AFTER_ATTEMPT = 3 };

/* What the phone compares: scheme, server, port and path; the query too if it counts. */
static void effective(const struct phone *p, const struct url *u, char *out)
{
    url_format(u, out, URL_SIZE);
    if (p->quirks.value[QUIRK_QUERY] == QUERY_SAME)
        out[strcspn(out, "?")] = '\0';
}

static bool rule_url(struct phone *p, const char *rule, struct url *out)
{
    struct macro_context context = {.phone = p};
    struct rule_result r;
    int choice = p->quirks.value[QUIRK_CONDITIONS];
    bool conditions =
        choice == CONDITIONS_YES || (choice == CONDITIONS_AUTO && version_compare_text(p->version, "7.5") >= 0);
    rule_evaluate(rule, conditions, ask_macro, &context, &r);
    if (r.end == RULE_NONE)
        return false;
    if (r.end == RULE_BROKEN || !url_parse(r.url, out) || out->path[0] == '\0') {
        phone_event(p, "upgrade-rule", "cannot read `%.200s`", rule);
        return false;
    }
    if (out->host[0] == '\0')
        text_copy(out->host, sizeof out->host, ip_format(p->lease.siaddr).s);
    return true;
}

/* field-notes: one (XU) phone did not act on a rule until its URL changed; by way of 7.5.7 it went. */
static bool xu_ignores(struct phone *p, const char *key, const struct url *url)
{
    char family[32], version[32];
    if (!version_is_xu(p->version) || p->quirks.value[QUIRK_XU] == XU_PLAIN)
        return false;
    if (p->quirks.value[QUIRK_XU] == XU_ONLY_757)
        return !version_from_file(url_file_name(url), family, sizeof family, version, sizeof version) ||
               strcmp(version, "7.5.7") != 0;
    if (p->memory.xu_ignored[0] == '\0')
        text_copy(p->memory.xu_ignored, sizeof p->memory.xu_ignored, key);
    return strcmp(p->memory.xu_ignored, key) == 0;
}

static bool starved(const struct phone *p)
{
    double periodic = params_number(p->params, "Resync_Periodic");
    return periodic > 0 && periodic < p->quirks.value[QUIRK_STARVE];
}

/* NULL: go on. Else why the phone lets this URL be. */
static const char *reluctance(struct phone *p, const char *rule, const struct url *url)
{
    struct upgrade_memory *m = &p->memory;
    char key[URL_SIZE];
    effective(p, url, key);
    bool same = m->attempted && strcmp(m->url, key) == 0 && strcmp(m->rule, rule) == 0;
    bool retry = m->failed && p->upgrade_retry_at > 0 && phone_seconds(p) >= p->upgrade_retry_at;
    if (same && !retry)
        return m->failed ? "failed before, and it is not time yet" : "was loaded before";
    bool by_name = p->quirks.value[QUIRK_REMEMBERS] == REMEMBERS_NAME;
    if (by_name && m->loaded[0] != '\0' && strcmp(m->loaded, url_file_name(url)) == 0)
        return "a file of that name was loaded before";
    if (xu_ignores(p, key, url))
        return "an (XU) build takes no notice";
    if (starved(p))
        return "starved by Resync_Periodic";
    return NULL;
}

static void wait_for_retry(struct phone *p)
{
    double left = p->upgrade_retry_at - phone_seconds(p);
    if (p->memory.failed && p->upgrade_retry_at > 0)
        phone_after(p, &p->upgrade_timer, left > 0 ? left + 0.5 : 0.5);
}

void upgrade_consider(struct phone *p)
{
    const char *rule = params_get(p->params, "Upgrade_Rule");
    struct url url;
    if (p->state != PHONE_UP || rule[0] == '\0' || !params_yes(p->params, "Upgrade_Enable") ||
        !rule_url(p, rule, &url))
        return;
    const char *why = reluctance(p, rule, &url);
    if (why != NULL) {
        phone_event(p, "upgrade-ignored", "%s: %s", url_file_name(&url), why);
        wait_for_retry(p);
        return;
    }
    p->upgrade_url = url;
    p->explicit_upgrade = false;
    phone_after(p, &p->upgrade_timer, AFTER_RESYNC);
}

static void failed(struct phone *p, const char *error, uint32_t ip)
{
    struct upgrade_memory *m = &p->memory;
    double delay = params_number(p->params, "Upgrade_Error_Retry_Delay");
    p->state = PHONE_UP;
    m->attempted = m->failed = true;
    p->upgrade_retry_at = delay > 0 ? phone_seconds(p) + delay : 0;
    text_copy(p->upgrade_error, sizeof p->upgrade_error, error);
    phone_event(p, "upgrade-failed", "%s: %s", url_file_name(&p->upgrade_url), error);
    syslog_say(p, "Log_Upgrade_Failure_Msg", &p->upgrade_url, ip, error);
    if (params_yes(p->params, "Resync_After_Upgrade_Attempt"))
        phone_after(p, &p->resync_timer, RESYNC_AFTER_ATTEMPT);
    else if (params_number(p->params, "Resync_Periodic") > 0)
        phone_after(p, &p->resync_timer, params_number(p->params, "Resync_Periodic"));
    wait_for_retry(p);
}

/* The version that an image makes of a phone: a header may leave the bracket out, the file's name has it. */
static void name_version(struct phone *p, const struct image *image)
{
    char family[32], version[32];
    p->image = *image;
    if (p->image.version[0] == '\0')
        text_copy(p->image.version, sizeof p->image.version, image->header_version);
    if (p->image.family[0] != '\0')
        return;
    if (version_from_file(url_file_name(&p->upgrade_url), family, sizeof family, version, sizeof version))
        text_copy(p->image.family, sizeof p->image.family, family);
}

bool upgrade_take(struct phone *p, const struct fetch_result *r)
{
    const struct image *image = image_recall(&p->sim->images, r->body, r->len);
    const char *limit = params_get(p->params, "Downgrade_Rev_Limit");
    enum harm_kind kind;
    if (!image->sound) {
        phone_harm(p, HARM_DAMAGED, "%s: %s", url_file_name(&p->upgrade_url), image->problem);
        text_copy(p->upgrade_error, sizeof p->upgrade_error, "corrupt file");
        return false;
    }
    name_version(p, image);
    if (strcmp(p->image.family, p->model->family) != 0) {
        phone_harm(p, HARM_FAMILY_SERVED, "%s holds %s", url_file_name(&p->upgrade_url), p->image.family);
        text_copy(p->upgrade_error, sizeof p->upgrade_error, "module mismatch");
        return false;
    }
    bool old_known = p->state != PHONE_RECOVERY;
    if (old_known && limit[0] != '\0' && version_compare_text(p->image.version, limit) < 0) {
        text_copy(p->upgrade_error, sizeof p->upgrade_error, "below Downgrade_Rev_Limit");
        return false;
    }
    if (old_known && !judge_step(p, p->image.family, p->image.version, &kind))
        phone_harm(p, kind, "loaded %s while running %s", p->image.version, p->version);
    text_copy(p->memory.loaded, sizeof p->memory.loaded, url_file_name(&p->upgrade_url));
    p->memory.failed = false;
    p->memory.attempted = true;
    flash_start(p);
    return true;
}

static void loaded(void *ctx, const struct fetch_result *r)
{
    struct phone *p = ctx;
    p->fetch = NULL;
    judge_answer(p, r, &p->upgrade_url, false);
    if (r->end != FETCH_DONE) {
        if (r->end == FETCH_MISSING)
            phone_harm(p, HARM_URL_GONE, "%s was offered but is not served", url_file_name(&p->upgrade_url));
        failed(p, r->error, r->ip);
        return;
    }
    p->load_head = r->head;
    phone_event(p, "loaded", "%s, %zu bytes", url_file_name(&p->upgrade_url), r->len);
    if (!upgrade_take(p, r))
        failed(p, p->upgrade_error, r->ip);
}

static void cut_while_loading(void *ctx)
{
    struct phone *p = ctx;
    p->load_cut = true;
    phone_power_cycle(p, "while loading");
}

static void remember(struct phone *p)
{
    struct upgrade_memory *m = &p->memory;
    char key[URL_SIZE];
    effective(p, &p->upgrade_url, key);
    if (strcmp(m->url, key) != 0)
        m->attempted = false;
    text_copy(m->url, sizeof m->url, key);
    text_copy(m->rule, sizeof m->rule, params_get(p->params, "Upgrade_Rule"));
    m->failed = false;
    if (p->quirks.value[QUIRK_INTERRUPTED] == INTERRUPTED_STUCK)
        m->attempted = true;
    m->last = p->upgrade_url;
    m->has_last = true;
}

static void begin(struct phone *p)
{
    struct fetch_events events = {.ctx = p, .done = loaded, .cut = cut_while_loading};
    char text[URL_SIZE];
    url_format(&p->upgrade_url, text, sizeof text);
    phone_event(p, "load", "%s", text);
    syslog_say(p, "Log_Upgrade_Request_Msg", &p->upgrade_url, 0, "");
    timer_stop(p->sim->loop, &p->resync_timer); /* waits for an idle phone (phones.md 4.4) */
    remember(p);
    p->state = PHONE_LOADING;
    struct fetch_request q = ask_firmware(p, &p->upgrade_url);
    if (!p->load_cut)
        q.cut_percent = (unsigned)p->quirks.value[QUIRK_CUT_LOAD];
    p->fetch = fetch_start(&p->station, &q, &events);
}

void upgrade_timer_fired(void *ctx)
{
    struct phone *p = ctx;
    if (p->state != PHONE_UP || p->resync.running)
        return; /* the end of that resync considers it anew */
    if (p->memory.failed && !p->explicit_upgrade && p->upgrade_retry_at > 0) {
        const char *rule = params_get(p->params, "Upgrade_Rule");
        struct url url;
        if (rule[0] == '\0' || !rule_url(p, rule, &url) || reluctance(p, rule, &url) != NULL)
            return;
        p->upgrade_url = url;
    }
    begin(p);
}

bool upgrade_command(struct phone *p, const char *url)
{
    struct url u;
    if (p->state != PHONE_UP || !params_yes(p->params, "Upgrade_Enable") || !url_parse(url, &u))
        return false;
    const char *name = url_file_name(&u);
    if (p->quirks.value[QUIRK_REMEMBERS] == REMEMBERS_NAME && strcmp(p->memory.loaded, name) == 0)
        phone_event(p, "upgrade-ignored", "%s: a file of that name was loaded before", name);
    else {
        resync_abandon(p);
        p->upgrade_url = u;
        p->explicit_upgrade = true;
        phone_after(p, &p->upgrade_timer, AFTER_RESYNC);
    }
    return true;
}

void upgrade_abandon(struct phone *p)
{
    timer_stop(p->sim->loop, &p->upgrade_timer);
    if (p->state == PHONE_LOADING) {
        fetch_cancel(p->fetch);
        p->fetch = NULL;
        p->state = PHONE_UP;
    }
}
