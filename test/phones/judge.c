#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "version.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Every stage but `final` and `idle` states this whole list (contract.md 5). */
static const char *const whole_list[] = {
    "Provision_Enable", "Resync_On_Reset", "Resync_Random_Delay", "Resync_Periodic", "Resync_Error_Retry_Delay",
    "Resync_After_Upgrade_Attempt", "Profile_Rule", "Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D",
    "Upgrade_Enable", "Upgrade_Rule", "Upgrade_Error_Retry_Delay", "Downgrade_Rev_Limit", "Syslog_Server",
    "Debug_Level", "Log_Resync_Request_Msg", "Log_Resync_Success_Msg", "Log_Resync_Failure_Msg",
    "Log_Upgrade_Request_Msg", "Log_Upgrade_Success_Msg", "Log_Upgrade_Failure_Msg", "SPCP_Auto-detect",
    "Signaling_Protocol",
};
static const char *const profile_rules[] = {"Profile_Rule", "Profile_Rule_B", "Profile_Rule_C", "Profile_Rule_D"};

static bool from_box(const struct phone *p, const char *host)
{
    uint32_t ip;
    if (ip_parse(host, strlen(host), &ip))
        return ip == p->lease.siaddr || ip == p->lease.server;
    return strncmp(host, "stagebox", 8) == 0;
}

bool judge_is_box_http(const struct phone *p, const char *text)
{
    struct url u;
    return url_parse(text, &u) && u.scheme == SCHEME_HTTP && from_box(p, u.host);
}

static bool named_profile(const struct url *u)
{
    struct mac mac;
    char name[NAME_SIZE];
    text_copy(name, sizeof name, url_file_name(u));
    char *dot = strrchr(name, '.');
    if (dot == NULL || (strcasecmp(dot, ".cfg") != 0 && strcasecmp(dot, ".xml") != 0))
        return false;
    *dot = '\0';
    return strncasecmp(name, "spa", 3) == 0 || mac_parse(name, &mac);
}

static void judge_http(struct phone *p, const struct fetch_result *r, const struct url *url, bool profile)
{
    const struct http_head *h = &r->head;
    bool has_body = h->status >= 200 && h->status != 204 && h->status != 304;
    if (h->status == 0)
        return;
    if (h->status >= 301 && h->status <= 308 && h->status != 304)
        phone_harm(p, HARM_REDIRECT, "%s: %d to %s", url->path, h->status, h->location);
    if (h->chunked)
        phone_harm(p, HARM_CHUNKED, "%s", url->path);
    else if (has_body && !h->has_length)
        phone_harm(p, HARM_NO_LENGTH, "%s: status %d", url->path, h->status);
    if (profile && h->status == 200 && !h->no_store)
        phone_harm(p, HARM_STORED, "%s", url->path);
}

void judge_answer(struct phone *p, const struct fetch_result *r, const struct url *url, bool profile)
{
    bool http = r->scheme != SCHEME_TFTP;
    if (http)
        judge_http(p, r, url, profile);
    if (r->unsound && !r->head.chunked && (!http || r->head.has_length || r->head.status == 0))
        phone_harm(p, HARM_PROTOCOL, "%s: %s", url->path, r->error);
    bool box = r->ip != 0 && (r->ip == p->lease.siaddr || r->ip == p->lease.server);
    bool known = named_profile(url) || (http && p->agent[0] != '\0');
    if (profile && r->end == FETCH_MISSING && box && known)
        phone_harm(p, HARM_NO_PROFILE, "%s %s: %s", scheme_name(r->scheme), url->path, r->error);
    if (profile && r->body != NULL)
        judge_secrets(p, r->body, r->len, true, r->scheme);
}

void judge_secrets(struct phone *p, const uint8_t *data, size_t len, bool final, enum scheme scheme)
{
    static const char head[] = "S3cr3t-";
    enum { LENGTH = sizeof head - 1 + 16 };
    const uint8_t *at = data, *end = data + len;
    while ((at = memmem(at, (size_t)(end - at), head, sizeof head - 1)) != NULL && end - at >= LENGTH) {
        struct phone *owner = sim_find_password(p->sim, (const char *)at, LENGTH);
        at += LENGTH;
        if (owner != p)
            phone_harm(p, HARM_FOREIGN_SECRET, "%s's secret came", owner ? mac_lower(&owner->station.mac).s : "someone");
        else if (!final)
            phone_harm(p, HARM_EARLY_SECRET, "its secret came outside of its final configuration");
        else if (p->sim->options.https_final && scheme != SCHEME_HTTPS)
            phone_harm(p, HARM_PLAIN_SECRET, "its secret came by %s", scheme_name(scheme));
    }
}

bool judge_step(const struct phone *p, const char *family, const char *version, enum harm_kind *kind)
{
    int order = version_compare_text(version, p->version);
    bool below_stop = p->model->stop_at_752b && version_compare_text(p->version, "7.5.2b") < 0;
    bool xu = version_is_xu(p->version) && version_compare_text(p->version, "7.5.7") < 0;
    if (strcmp(family, p->model->family) != 0)
        *kind = HARM_FAMILY_OFFERED;
    else if (order == 0)
        *kind = HARM_REFLASH;
    else if (order < 0 && !p->expect.downgrade)
        *kind = HARM_DOWNGRADE;
    else if (below_stop && version_compare_text(version, "7.5.2b") > 0)
        *kind = HARM_GATE;
    else if (xu && order > 0 && version_compare_text(version, "7.5.7") != 0)
        *kind = HARM_GATE;
    else
        return true;
    return false;
}

/* Eight hex digits of the box's state, then the attempt's number. */
static bool has_token(const char *name)
{
    size_t n = strspn(name, "0123456789abcdefABCDEF");
    return n > 8 && name[n] == '-' && strspn(name + 8, "0123456789") >= n - 8;
}

void judge_rule(struct phone *p, const char *rule)
{
    char family[32], version[32];
    enum harm_kind kind;
    struct url u;
    if (rule_is_conditional(rule)) {
        phone_harm(p, HARM_CONDITIONAL, "Upgrade_Rule `%s`", rule);
        return;
    }
    if (!judge_is_box_http(p, rule) || !url_parse(rule, &u)) {
        phone_harm(p, HARM_FIRMWARE_URL, "Upgrade_Rule `%s`", rule);
        return;
    }
    const char *name = url_file_name(&u);
    if (!has_token(name))
        phone_harm(p, HARM_TOKEN, "Upgrade_Rule `%s`", rule);
    if (version_from_file(name, family, sizeof family, version, sizeof version) &&
        !judge_step(p, family, version, &kind))
        phone_harm(p, kind, "Upgrade_Rule offers %s while running %s", name, p->version);
}

static const char *value_or_empty(const struct profile *profile, const char *name)
{
    const char *v = profile_get(profile, name);
    return v ? v : "";
}

static void judge_whole_list(struct phone *p, const struct profile *profile)
{
    struct buf missing = {0};
    for (size_t i = 0; i < sizeof whole_list / sizeof whole_list[0]; i++)
        if (profile_get(profile, whole_list[i]) == NULL)
            buf_format(&missing, " %s", whole_list[i]);
    if (missing.len > 0)
        phone_harm(p, HARM_INCOMPLETE, "a stage's profile leaves out%s", (const char *)missing.data);
    buf_free(&missing);
}

static void judge_delays(struct phone *p, const struct profile *profile)
{
    static const char *const delays[] = {"Resync_Error_Retry_Delay", "Upgrade_Error_Retry_Delay"};
    for (size_t i = 0; i < 2; i++) {
        const char *v = profile_get(profile, delays[i]);
        double n = v ? strtod(v, NULL) : 30;
        if (n == 0)
            phone_harm(p, HARM_RETRY_ZERO, "%s = `%s`", delays[i], v);
        else if (n < 30 || n > 60)
            phone_harm(p, HARM_RETRY_RANGE, "%s = `%s`", delays[i], v);
    }
    double periodic = strtod(value_or_empty(profile, "Resync_Periodic"), NULL);
    if (periodic == 0 || periodic < p->quirks.value[QUIRK_STARVE])
        phone_harm(p, HARM_PERIODIC, "Resync_Periodic = `%s`", value_or_empty(profile, "Resync_Periodic"));
}

static bool says_no(const struct profile *profile, const char *name)
{
    const char *v = profile_get(profile, name);
    return v != NULL && strcasecmp(v, "Yes") != 0 && strcmp(v, "1") != 0;
}

static void judge_way_back(struct phone *p, const struct profile *profile)
{
    static const char *const switches[] = {"Provision_Enable", "Resync_On_Reset", "Resync_After_Upgrade_Attempt",
                                           "Upgrade_Enable"};
    if (!judge_is_box_http(p, value_or_empty(profile, "Profile_Rule")) &&
        !judge_is_box_http(p, value_or_empty(profile, "Profile_Rule_B")))
        phone_harm(p, HARM_STRANDED, "Profile_Rule `%s`, Profile_Rule_B `%s`", value_or_empty(profile, "Profile_Rule"),
                   value_or_empty(profile, "Profile_Rule_B"));
    for (size_t i = 0; i < 4; i++)
        if (says_no(profile, switches[i]))
            phone_harm(p, HARM_STRANDED, "%s = `%s`", switches[i], profile_get(profile, switches[i]));
    for (size_t i = 0; i < 4; i++)
        if (rule_is_conditional(value_or_empty(profile, profile_rules[i])))
            phone_harm(p, HARM_CONDITIONAL, "%s `%s`", profile_rules[i], value_or_empty(profile, profile_rules[i]));
}

static void judge_stage(struct phone *p, const struct profile *profile)
{
    const char *rule = value_or_empty(profile, "Upgrade_Rule");
    judge_whole_list(p, profile);
    judge_delays(p, profile);
    judge_way_back(p, profile);
    if (rule[0] == '\0')
        return;
    judge_rule(p, rule);
    bool at_target = p->expect.version[0] != '\0' && version_compare_text(p->version, p->expect.version) >= 0;
    if (at_target && !p->expect.downgrade)
        phone_harm(p, HARM_RULE_AT_TARGET, "Upgrade_Rule `%s` while running %s", rule, p->version);
}

static bool all_empty(const struct profile *profile)
{
    for (size_t i = 0; i < profile->count; i++)
        if (profile->items[i].value[0] != '\0')
            return false;
    return true;
}

/* The parameter by which a final configuration is known: the one that holds a secret, else any column. */
static const char *marker(const struct profile *template)
{
    for (size_t i = 0; i < template->count; i++)
        if (strstr(template->items[i].value, "{{password}}") != NULL)
            return template->items[i].name;
    for (size_t i = 0; i < template->count; i++)
        if (strstr(template->items[i].value, "{{") != NULL)
            return template->items[i].name;
    return template->count > 0 ? template->items[0].name : "";
}

bool profile_is_final(const struct phone *p, const struct profile *profile)
{
    if (p->sim->template_text != NULL)
        return value_or_empty(profile, marker(&p->sim->template_names))[0] != '\0';
    if (all_empty(profile) || value_or_empty(profile, "Upgrade_Rule")[0] != '\0')
        return false;
    for (size_t i = 0; i < 4; i++)
        if (judge_is_box_http(p, value_or_empty(profile, profile_rules[i])))
            return false;
    return true;
}

static void judge_form(struct phone *p, const struct profile *profile)
{
    if (profile->comment)
        phone_harm(p, HARM_COMMENT, "a comment or text between the elements");
    if (profile->non_ascii)
        phone_harm(p, HARM_NON_ASCII, "a profile with bytes above 126");
    if (profile->duplicate)
        phone_harm(p, HARM_DUPLICATE, "a parameter twice");
}

void judge_profile(struct phone *p, const struct profile *profile, const struct fetch_result *r)
{
    bool final = profile_is_final(p, profile);
    judge_form(p, profile);
    judge_secrets(p, r->body, r->len, final, r->scheme);
    if (final) {
        if (p->expect.version[0] != '\0' && version_compare_text(p->version, p->expect.version) < 0)
            phone_harm(p, HARM_EARLY_FINAL, "final configuration while running %s", p->version);
    } else if (!all_empty(profile)) {
        judge_stage(p, profile);
    }
}
