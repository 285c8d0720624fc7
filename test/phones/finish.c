#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

static bool at_version(const struct phone *p)
{
    return p->expect.version[0] == '\0' || strcmp(p->expect.version, p->version) == 0;
}

bool phone_finished(const struct phone *p)
{
    bool quiet = p->state == PHONE_UP && !p->resync.running && !timer_armed(&p->upgrade_timer) && p->curiosity == NULL;
    switch (p->expect.end) {
    case END_FINAL: return quiet && at_version(p) && p->final && p->answers_now > 0;
    case END_UPGRADED: return quiet && at_version(p) && p->answers_now > 0;
    case END_WAITING: return quiet && at_version(p) && !p->final && p->answers_now > 1;
    case END_UNTOUCHED: return quiet && p->answers > 0 && strcmp(p->version, p->start_version) == 0;
    case END_ANY: break;
    }
    return true;
}

static bool path_as_expected(const struct phone *p)
{
    const struct version_path *want = &p->expect.path, *have = &p->path;
    if (!p->expect.path_known)
        return true;
    bool same = want->count == have->count;
    for (size_t i = 0; same && i < want->count; i++)
        same = strcmp(want->version[i], have->version[i]) == 0;
    return same;
}

void finish_complaint(const struct phone *p, char *out, size_t size)
{
    out[0] = '\0';
    if (!at_version(p))
        snprintf(out, size, "is at %s, not at %s", p->version, p->expect.version);
    else if (p->expect.end == END_FINAL && !p->final)
        snprintf(out, size, "has no final configuration");
    else if (p->final && (p->expect.end == END_WAITING || p->expect.end == END_UNTOUCHED))
        snprintf(out, size, "has a final configuration that it should not have");
    else if (!path_as_expected(p))
        snprintf(out, size, "came another way than expected");
    else if (!phone_finished(p))
        snprintf(out, size, "has not ended (%s)", phone_state_name(p->state));
}

static const char *expected_value(const struct phone *p, size_t i, const struct profile *template, bool *by_template)
{
    const struct sim *s = p->sim;
    const char *name = catalogue_name(s->catalogue, i);
    const char *wanted = profile_get(template, name);
    *by_template = wanted != NULL;
    if (s->final_rule[0] != '\0' && strcmp(name, "Profile_Rule") == 0)
        return s->final_rule;
    if (wanted != NULL)
        return wanted;
    return p->touched[i] ? catalogue_factory(s->catalogue, i) : params_at(p->before, i);
}

void finish_check(struct phone *p)
{
    const struct sim *s = p->sim;
    struct profile template = {0};
    if (!p->final)
        return;
    sim_expected(s, p, &template);
    for (size_t i = 0; i < catalogue_size(s->catalogue); i++) {
        bool by_template;
        const char *want = expected_value(p, i, &template, &by_template);
        const char *have = params_at(p->params, i);
        if (strcmp(want, have) != 0)
            phone_harm(p, by_template ? HARM_TEMPLATE : HARM_LEFTOVER, "%s is `%s`, should be `%s`",
                       catalogue_name(s->catalogue, i), have, want);
    }
    profile_free(&template);
}
