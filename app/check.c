#include "app/check.h"

#include <string.h>

struct reading {
    struct port *port;
    const char *file;
    uint64_t at;
};

static int read_more(void *ctx, void *buf, size_t cap)
{
    struct reading *r = ctx;
    int n = port_read(r->port, r->file, r->at, buf, cap);
    if (n > 0)
        r->at += (uint64_t)n;
    return n;
}

bool check_file(struct port *port, const char *file, struct settings *settings, struct problems *problems)
{
    struct port_file info;
    struct reading reading = {.port = port, .file = file};
    if (port_stat(port, file, &info) < 0) {
        settings_defaults(settings);
        problem_error(problems, file, 0, "%s", port_error_sentence(port));
        return false;
    }
    return settings_read(settings, file, read_more, &reading, problems);
}

static void check_pool(const struct settings *s, const struct content *c, const char *file, struct problems *problems)
{
    uint64_t addresses = s->dhcp.pool.last ? (uint64_t)s->dhcp.pool.last - s->dhcp.pool.first + 1 : 0;
    int line = settings_line(s, "dhcp", NULL, "pool");
    if (s->dhcp.enabled && addresses + s->host_count < c->inventory.row_count)
        problem_warning(problems, file, line, "pool has %llu addresses, but %s lists %zu phones: make it larger",
                        (unsigned long long)addresses, c->inventory.file, c->inventory.row_count);
    if (s->limits.phones < c->inventory.row_count)
        problem_warning(problems, file, settings_line(s, "limits", NULL, "phones"),
                        "phones = %u, but %s lists %zu phones", s->limits.phones, c->inventory.file,
                        c->inventory.row_count);
}

static bool is_there(struct port *port, const char *path)
{
    struct port_file info;
    return path[0] && port_stat(port, path, &info) >= 0;
}

/* A template that goes out in no way is an error: the batch would wait for ever at its end. */
static void check_template(struct port *port, const struct settings *s, const struct content *c, const char *file,
                           struct problems *problems)
{
    const struct settings_profile *p = &s->profile;
    bool pair = is_there(port, s->https.certificate) && is_there(port, s->https.key);
    if (!c->has_template)
        return;
    if (p->transport == TRANSPORT_HTTPS && (!pair || s->https.enabled == SETTINGS_NO))
        problem_error(problems, file, settings_line(s, "profile", NULL, "transport"),
                      "transport = https, but there is no HTTPS: no phone could get %s. Put %s and %s on the card, or set "
                      "transport = any (on an isolated network)",
                      p->template, s->https.certificate, s->https.key);
    if (p->auth == AUTH_CERTIFICATE && !is_there(port, s->https.client_ca))
        problem_error(problems, file, settings_line(s, "profile", NULL, "auth"),
                      "auth = certificate, but there is no %s that phones' certificates could be checked with: no phone "
                      "could get %s. Put it on the card, or set auth = inventory (listed phones at their own address)",
                      s->https.client_ca, p->template);
    if (p->auth == AUTH_INVENTORY && c->inventory.row_count == 0)
        problem_error(problems, file, settings_line(s, "profile", NULL, "auth"),
                      "auth = inventory, but there is no phone in %s: list them there, or set auth = none", p->inventory);
    if (p->transport == TRANSPORT_HTTPS || p->auth == AUTH_CERTIFICATE)
        problem_warning(problems, file, settings_line(s, "profile", NULL, "transport"),
                        "this version of stagebox does not serve HTTPS yet: phones reach the target and then wait for %s",
                        p->template);
}

static void check_start(const struct content *c, const char *model, const char *version, struct problems *problems)
{
    struct version from;
    struct ladder_plan plan;
    version_parse(version, strlen(version), &from);
    if (ladder_plan(&c->ladder, model, &from, &plan) == LADDER_E_NO_PATH)
        problem_warning(problems, "firmware", 0, "a %s with %s cannot get to its target: %s", model, version,
                        plan.sentence);
}

/* From the oldest firmware there is, and from an (XU) build, as far as the family has any image. */
static void check_rungs(const struct content *c, struct problems *problems)
{
    bool seen[FAMILY_COUNT] = {false};
    for (size_t i = 0; family_model(i); i++) {
        enum family_id family = family_of_model(family_model(i));
        if (seen[family])
            continue;
        seen[family] = true;
        check_start(c, family_model(i), "7.1.3a", problems);
        check_start(c, family_model(i), "7.5.6(XU)", problems);
    }
    if (c->ladder.image_count == 0)
        problem_warning(problems, "firmware", 0, "there is no firmware image: phones are configured, but not upgraded");
}

bool check_ahead(struct port *port, const struct settings *settings, const struct content *content,
                 const char *file, struct problems *problems)
{
    int errors = problems->errors;
    check_pool(settings, content, file, problems);
    check_template(port, settings, content, file, problems);
    check_rungs(content, problems);
    return problems->errors == errors;
}
