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

/* A template that goes out in no way is an error: the batch would wait for ever at its end. */
static void check_template(const struct settings *s, const struct content *c, const char *file,
                           struct problems *problems)
{
    if (!c->has_template)
        return;
    if (s->profile.transport == TRANSPORT_HTTPS)
        problem_error(problems, file, settings_line(s, "profile", NULL, "transport"),
                      "transport = https: no phone could get %s, because this version of stagebox serves no HTTPS yet: "
                      "set transport = any (on an isolated network), or leave the template out",
                      s->profile.template);
    if (s->profile.auth == AUTH_CERTIFICATE)
        problem_error(problems, file, settings_line(s, "profile", NULL, "auth"),
                      "auth = certificate: no phone could get %s, because this version of stagebox serves no HTTPS yet: "
                      "set auth = inventory (only listed phones at their own address), or auth = none",
                      s->profile.template);
    if (s->profile.auth == AUTH_INVENTORY && c->inventory.row_count == 0)
        problem_error(problems, file, settings_line(s, "profile", NULL, "auth"),
                      "auth = inventory, but there is no phone in %s: list them there, or set auth = none",
                      s->profile.inventory);
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
    (void)port;
    check_pool(settings, content, file, problems);
    check_template(settings, content, file, problems);
    check_rungs(content, problems);
    return problems->errors == errors;
}
