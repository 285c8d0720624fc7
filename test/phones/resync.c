#include "phone.h"

#include "mem.h"
#include "sim.h"

#include <stdio.h>
#include <string.h>

enum { STEPS = 4, PROBES = 3 };
enum { IDLE_WAIT = 2 };

static const char *const rules[STEPS] = {"Profile_Rule", "Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D"};

static void next(struct phone *p);

static void arm(struct phone *p, double seconds)
{
    if (seconds > 0)
        phone_after(p, &p->resync_timer, seconds);
}

static void arm_retry(struct phone *p)
{
    double delay = params_number(p->params, "Resync_Error_Retry_Delay");
    if (delay == 0 && p->quirks.value[QUIRK_RETRY_ZERO] == RETRY_ZERO_AT_ONCE)
        delay = 1;
    arm(p, delay);
}

static void finish(struct phone *p)
{
    struct resync *r = &p->resync;
    r->running = false;
    p->synced = p->synced || r->succeeded;
    if (r->failed)
        arm_retry(p);
    else if (p->synced)
        arm(p, params_number(p->params, "Resync_Periodic"));
    if (r->reboot) {
        phone_event(p, "reboot", "a parameter that needs it has changed");
        phone_reboot(p, BOOT_PARAMETERS);
        return;
    }
    report_upload(p);
    curiosity_start(p);
    upgrade_consider(p);
}

static void step_failed(struct phone *p, const char *error, uint32_t ip)
{
    struct resync *r = &p->resync;
    phone_event(p, "resync-failed", "%s: %s", rules[r->step], error);
    syslog_say(p, "Log_Resync_Failure_Msg", &r->url, ip, error);
    r->failed = true;
    bool stops = p->quirks.value[QUIRK_RULE_B] == RULE_B_AFTER_SUCCESS;
    r->step = stops ? STEPS : r->step + 1;
    next(p);
}

static void step_succeeded(struct phone *p, uint32_t ip)
{
    struct resync *r = &p->resync;
    syslog_say(p, "Log_Resync_Success_Msg", &r->url, ip, "");
    r->succeeded = true;
    r->step++;
    next(p);
}

static void take_body(struct phone *p, const struct fetch_result *f)
{
    struct profile profile;
    bool fine = profile_parse(f->body, f->len, &profile);
    if (fine) {
        judge_profile(p, &profile, f);
        profile_take(p, &profile);
        if (!profile.empty)
            p->final = profile_is_final(p, &profile);
    } else {
        phone_harm(p, HARM_BAD_PROFILE, "%s", profile.error);
    }
    profile_free(&profile);
    if (fine)
        step_succeeded(p, f->ip);
    else
        step_failed(p, "corrupt file", f->ip);
}

static void fetched(void *ctx, const struct fetch_result *f)
{
    struct phone *p = ctx;
    p->fetch = NULL;
    judge_answer(p, f, &p->resync.url, true);
    if (f->end == FETCH_DONE)
        take_body(p, f);
    else if (f->end == FETCH_MISSING && !params_yes(p->params, "Resync_Fails_On_FNF"))
        step_succeeded(p, f->ip);
    else
        step_failed(p, f->error, f->ip);
}

static void ask_rule(struct phone *p)
{
    struct resync *r = &p->resync;
    struct fetch_events events = {.ctx = p, .done = fetched};
    char text[URL_SIZE];
    url_format(&r->url, text, sizeof text);
    phone_event(p, "ask", "%s", text);
    syslog_say(p, "Log_Resync_Request_Msg", &r->url, 0, "");
    struct fetch_request q = ask_profile(p, &r->url);
    p->fetch = fetch_start(&p->station, &q, &events);
}

static void probed(void *ctx, const struct fetch_result *f)
{
    struct phone *p = ctx;
    p->fetch = NULL;
    if (f->end == FETCH_DONE)
        phone_harm(p, HARM_SPCP, "%s was found", p->resync.url.path);
    next(p);
}

static bool wants_spcp(const struct phone *p)
{
    const struct resync *r = &p->resync;
    bool kind = p->quirks.value[QUIRK_SPCP] || p->quirks.value[QUIRK_OPTION66_URL] == URL66_UNKNOWN;
    return kind && r->step == 0 && r->probe < PROBES && r->first[0] == '/' &&
           params_yes(p->params, "SPCP_Auto-detect") && spcp_server(p) != 0;
}

/* Asks the next call-control name; false: there is none (left) to ask. */
static bool probe_spcp(struct phone *p)
{
    static const char *const names[PROBES] = {"CTLSEP%s.tlv", "SEP%s.cnf.xml", "XMLDefault.cnf.xml"};
    struct resync *r = &p->resync;
    if (!wants_spcp(p))
        return false;
    r->url = (struct url){.scheme = SCHEME_TFTP, .port = 69};
    text_copy(r->url.host, sizeof r->url.host, ip_format(spcp_server(p)).s);
    const char *name = names[r->probe++];
    const char *gap = strchr(name, '%');
    if (gap == NULL)
        text_copy(r->url.path, sizeof r->url.path, name);
    else
        snprintf(r->url.path, sizeof r->url.path, "%.*s%s%s", (int)(gap - name), name, mac_upper(&p->station.mac).s,
                 gap + 2);
    phone_event(p, "probe", "%s", r->url.path);
    struct fetch_request q = {.url = r->url, .method = "GET", .user_agent = ""};
    p->fetch = fetch_start(&p->station, &q, &(struct fetch_events){.ctx = p, .done = probed});
    return true;
}

/* The next rule that is there; when there is none left, the end. */
static void next(struct phone *p)
{
    struct resync *r = &p->resync;
    if (probe_spcp(p))
        return;
    for (; r->step < STEPS; r->step++) {
        const char *rule = r->step == 0 ? r->first : params_get(p->params, rules[r->step]);
        if (rule[0] == '\0')
            continue;
        bool factory;
        char error[160];
        r->url = (struct url){0};
        if (profile_rule_url(p, rule, &r->url, &factory, error, sizeof error)) {
            r->factory = factory;
            ask_rule(p);
            return;
        }
        if (error[0] != '\0') {
            step_failed(p, error, 0);
            return;
        }
    }
    finish(p);
}

bool resync_start(struct phone *p, enum resync_reason why, const char *url)
{
    struct resync *r = &p->resync;
    if (p->state != PHONE_UP || r->running || !params_yes(p->params, "Provision_Enable"))
        return false;
    timer_stop(p->sim->loop, &p->resync_timer);
    timer_stop(p->sim->loop, &p->upgrade_timer);
    *r = (struct resync){.running = true, .reason = why};
    text_copy(r->first, sizeof r->first, url ? url : params_get(p->params, "Profile_Rule"));
    next(p);
    return true;
}

void resync_after_boot(struct phone *p)
{
    bool forced = p->boot_reason == BOOT_UPGRADE || p->boot_reason == BOOT_PARAMETERS;
    const char *gate = forced ? "Resync_After_Upgrade_Attempt" : "Resync_On_Reset";
    if (!params_yes(p->params, gate)) {
        phone_event(p, "resync", "none after this boot: %s is off", gate);
        if (p->synced)
            arm(p, params_number(p->params, "Resync_Periodic"));
        return;
    }
    double unit = p->quirks.value[QUIRK_RANDOM_UNIT] == UNIT_20 ? 20 : 1;
    double most = params_number(p->params, "Resync_Random_Delay") * unit;
    double share = rng_below(&p->station.rng, 1001) / 1000.0;
    phone_after(p, &p->resync_timer, IDLE_WAIT + most * share);
}

void resync_timer_fired(void *ctx)
{
    struct phone *p = ctx;
    enum resync_reason why = p->answers_now == 0 && !p->resync.failed ? RESYNC_RESET
                             : p->resync.failed                       ? RESYNC_RETRY
                                                                      : RESYNC_PERIODIC;
    p->resync_due = !resync_start(p, why, NULL);
}

void resync_abandon(struct phone *p)
{
    if (p->resync.running && p->fetch != NULL) {
        fetch_cancel(p->fetch);
        p->fetch = NULL;
    }
    p->resync.running = false;
    timer_stop(p->sim->loop, &p->resync_timer);
}
