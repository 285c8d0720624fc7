#include "app/check.h"

#include <stdio.h>
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

/* Defaults, and a problem said, where it is not. */
static bool is_there(struct port *port, const char *file, struct settings *settings, struct problems *problems)
{
    struct port_file info;
    if (port_stat(port, file, &info) == 0)
        return true;
    settings_defaults(settings);
    problem_error(problems, file, 0, "%s", port_error_sentence(port));
    return false;
}

bool check_file(struct port *port, const char *file, struct settings *settings, struct problems *problems)
{
    struct reading reading = {.port = port, .file = file};
    return is_there(port, file, settings, problems) &&
           settings_read(settings, file, read_more, &reading, problems);
}

bool check_card(struct port *port, const char *file, struct settings *settings, struct content *content,
                struct problems *problems)
{
    if (!is_there(port, file, settings, problems))
        return false;
    bool ok = check_file(port, file, settings, problems);
    ok = content_read(content, settings, file, problems) && ok;
    return check_ahead(settings, content, file, problems) && ok;
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
                        "phones = %u, but %s lists %zu phones", (unsigned)s->limits.phones, c->inventory.file,
                        c->inventory.row_count);
}

/* A template that goes out in no way is an error: the batch would wait for ever at its end. */
static void check_template(const struct settings *s, const struct content *c, const char *file,
                           struct problems *problems)
{
    const struct settings_profile *p = &s->profile;
    int transport = settings_line(s, "profile", NULL, "transport"), auth = settings_line(s, "profile", NULL, "auth");
    bool https = certs_serve(&c->certs, s);
    if (!c->has_template)
        return;
    if (p->auth == AUTH_INVENTORY && c->inventory.row_count == 0 && !c->inventory_faulty)
        problem_error(problems, file, auth,
                      "auth = inventory, but there is no phone in %s: list them there, or set auth = none", p->inventory);
    if (c->certs_faulty)
        return;
    if (p->transport == TRANSPORT_HTTPS && !https)
        problem_error(problems, file, transport,
                      "transport = https, but there is no HTTPS: no phone could get %s. Put %s and %s on the card (see "
                      "`stagebox cert`), or set transport = any (on an isolated network)",
                      p->template, s->https.certificate, s->https.key);
    else if (p->auth == AUTH_CERTIFICATE && !https)
        problem_error(problems, file, auth,
                      "auth = certificate, but there is no HTTPS over which a phone could show one: no phone could get %s. "
                      "Put %s and %s on the card, or set auth = inventory (listed phones at their own address)",
                      p->template, s->https.certificate, s->https.key);
    if (p->auth == AUTH_CERTIFICATE && !c->certs.client_ca.text && s->https.enabled != SETTINGS_NO)
        problem_error(problems, file, auth,
                      "auth = certificate, but there is no %s that phones' certificates could be checked with: no phone "
                      "could get %s. Put it on the card, or set auth = inventory (listed phones at their own address)",
                      s->https.client_ca, p->template);
}

/* The target is older than what is sent on to HTTPS: then nobody gets there by the box's doing. */
static void check_from(const struct settings *s, const struct content *c, const char *file, struct problems *problems)
{
    struct version from, target;
    char text[VERSION_TEXT_MAX];
    if (!c->has_template || s->profile.transport != TRANSPORT_HTTPS || !certs_serve(&c->certs, s) ||
        !version_parse(s->https.from, strlen(s->https.from), &from))
        return;
    for (unsigned id = 0; id < FAMILY_COUNT; id++) {
        const struct family *family = family_get((enum family_id)id);
        if (!family->upgradable || !ladder_target(&c->ladder, (enum family_id)id, &target) ||
            version_compare(&target, &from) >= 0)
            continue;
        problem_warning(problems, file, settings_line(s, "https", NULL, "from"),
                        "[https] from = %s, but %s phones end at %s: they are not sent to HTTPS, and their configuration "
                        "goes out nowhere else",
                        s->https.from, family->name, version_format(&target, text));
    }
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

/* The batch waits for an image that was there before. */
static void check_away(const struct content *c, struct problems *problems)
{
    char path[LADDER_FILE_MAX + 16], sentence[LADDER_SENTENCE_MAX];
    for (unsigned id = 0; id < FAMILY_COUNT; id++) {
        const struct ladder_kept *away = ladder_away(&c->ladder, (enum family_id)id);
        if (!away)
            continue;
        snprintf(path, sizeof path, "firmware/%s", away->file);
        problem_warning(problems, path, 0, "%s", ladder_away_sentence(away, sentence));
    }
}

bool check_ahead(const struct settings *settings, const struct content *content,
                 const char *file, struct problems *problems)
{
    int errors = problems->errors;
    check_pool(settings, content, file, problems);
    check_template(settings, content, file, problems);
    check_from(settings, content, file, problems);
    check_rungs(content, problems);
    check_away(content, problems);
    return problems->errors == errors;
}
