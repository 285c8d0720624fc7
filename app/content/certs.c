#include "app/content/certs.h"

#include <stdlib.h>
#include <string.h>

#include "app/content/certs_judge.h"
#include "mbedtls/platform_util.h"
#include "net/tls/tls.h"


static bool is_there(struct port *port, const char *path)
{
    struct port_file info;
    return path[0] && port_stat(port, path, &info) >= 0;
}

static bool read_text(const struct certs_reading *r, const char *path, int line, struct certs_text *out)
{
    struct port_file info;
    if (port_stat(r->port, path, &info) < 0) {
        problem_error(r->problems, r->file, line, "%s: %s", path, port_error_sentence(r->port));
        return false;
    }
    if (info.size == 0 || info.size > CERTS_FILE_MAX) {
        problem_error(r->problems, path, 0, info.size ? "is too long for certificates or a key" : "is empty");
        return false;
    }
    out->text = calloc(1, (size_t)info.size + 1);
    int got = out->text ? port_read(r->port, path, 0, out->text, (size_t)info.size) : PORT_E_FULL;
    if (got < 0) {
        problem_error(r->problems, path, 0, "%s", out->text ? port_error_sentence(r->port) : "no memory for it");
        return false;
    }
    out->len = (size_t)got;
    return true;
}

static void add_name(struct certs_pair *pair, const char *name)
{
    for (size_t i = 0; i < pair->name_count; i++)
        if (strcmp(pair->names[i], name) == 0)
            return;
    if (pair->name_count < CERTS_NAMES && strlen(name) < CERTS_NAME_MAX)
        strcpy(pair->names[pair->name_count++], name);
}

/* The vendor's guide allows further text behind a slash in the common name. */
static void take_names(struct certs_pair *pair, const struct x509_facts *facts)
{
    char common[X509_NAME_TEXT_MAX];
    strcpy(common, facts->common_name);
    common[strcspn(common, "/")] = '\0';
    add_name(pair, x509_is_host_name(common, false) ? common : "");
    if (x509_is_host_name(common, true))
        add_name(pair, common);
    for (size_t i = 0; i < facts->alt_count; i++)
        if (x509_is_host_name(facts->alt_names[i], true))
            add_name(pair, facts->alt_names[i]);
}

static bool read_pair(const struct certs_reading *r, struct certs *fresh, const struct certs_named *named)
{
    struct certs_pair *pair = &fresh->pairs[fresh->pair_count];
    struct x509_facts facts;
    const char *why;
    fresh->pair_count++; /* so that it is freed, whatever comes */
    strcpy(pair->name, named->name);
    pair->from = named->from;
    bool chain = read_text(r, named->certificate, named->certificate_line, &pair->chain);
    bool key = read_text(r, named->key, named->key_line, &pair->key);
    if (!chain || !key)
        return false;
    if (!x509_read(pair->chain.text, pair->chain.len, &facts, &why)) {
        problem_error(r->problems, named->certificate, 0, "%s", why);
        return false;
    }
    if (facts.message > TLS_CHAIN_MAX) {
        problem_error(r->problems, named->certificate, 0,
                      "holds %zu certificates, which take %zu bytes in a handshake, and there is room for %d: leave those out that "
                      "do not lead from the box's own to its CA, and the CA's own",
                      facts.count, facts.message, TLS_CHAIN_MAX);
        return false;
    }
    if (!x509_key_fits(pair->chain.text, pair->chain.len, pair->key.text, pair->key.len, &why)) {
        problem_error(r->problems, named->key, 0, "%s (%s)", why, named->certificate);
        return false;
    }
    pair->id = facts.id;
    take_names(pair, &facts);
    certs_judge_pair(r, named, pair, &facts);
    return true;
}

/* -- which there are ---------------------------------------------------------------------------- */

static bool read_version(const struct certs_reading *r, const char *text, int line, struct version *out)
{
    if (version_parse(text, strlen(text), out))
        return true;
    problem_error(r->problems, r->file, line, "%s is not a version; write it as the phone does, for example 7.5.2b", text);
    return false;
}

static int line_of(const struct certs_reading *r, const char *section, const char *name, const char *key)
{
    int line = settings_line(r->settings, section, name, key);
    return line > 0 || !name ? line : settings_line(r->settings, section, name, NULL);
}

static struct certs_named default_pair(const struct certs_reading *r)
{
    const struct settings_https *https = &r->settings->https;
    return (struct certs_named){.name = "",
                                .certificate = https->certificate,
                                .key = https->key,
                                .certificate_line = line_of(r, "https", NULL, "certificate"),
                                .key_line = line_of(r, "https", NULL, "key")};
}

/* Not named and not there means no HTTPS; half of it is worth a word. */
static bool wants_default(const struct certs_reading *r, const struct certs_named *named)
{
    bool certificate = is_there(r->port, named->certificate), key = is_there(r->port, named->key);
    if (r->settings->https.enabled == SETTINGS_YES || named->certificate_line > 0 || named->key_line > 0 ||
        (certificate && key))
        return true;
    if (certificate != key)
        problem_warning(r->problems, certificate ? named->certificate : named->key, 0,
                        "is there, but not %s: HTTPS stays off without it", certificate ? named->key : named->certificate);
    return false;
}

static bool read_named(const struct certs_reading *r, struct certs *fresh, const struct settings_certificate *c)
{
    struct certs_named named = {.name = c->name,
                                .certificate = c->certificate,
                                .key = c->key,
                                .certificate_line = line_of(r, "certificate", c->name, "certificate"),
                                .key_line = line_of(r, "certificate", c->name, "key")};
    if (!c->certificate[0] || !c->key[0] || !c->from[0])
        return false; /* told where the settings were read */
    return read_version(r, c->from, line_of(r, "certificate", c->name, "from"), &named.from) &&
           read_pair(r, fresh, &named);
}

static bool read_pairs(const struct certs_reading *r, struct certs *fresh)
{
    const struct settings *s = r->settings;
    struct certs_named named = default_pair(r);
    bool ok = !wants_default(r, &named) || read_pair(r, fresh, &named);
    for (unsigned i = 0; i < s->certificate_count; i++)
        ok = read_named(r, fresh, &s->certificates[i]) && ok;
    if (ok)
        certs_judge_together(r, fresh);
    return ok;
}

static bool read_ca(const struct certs_reading *r, const char *key, const char *path, bool must, struct certs_text *out)
{
    struct x509_facts facts;
    const char *why;
    int line = settings_line(r->settings, "https", NULL, key);
    if (!path[0] || (!must && line == 0 && !is_there(r->port, path)))
        return true;
    if (!read_text(r, path, line, out))
        return false;
    if (!x509_read(out->text, out->len, &facts, &why)) {
        problem_error(r->problems, path, 0, "%s", why);
        return false;
    }
    if (facts.ca_count == 0)
        problem_warning(r->problems, path, 0, "holds no certificate of a CA: nothing that is signed with it is believed");
    return true;
}

static bool read_versions(const struct certs_reading *r)
{
    const struct settings_https *https = &r->settings->https;
    struct version ignored;
    bool ok = read_version(r, https->from, settings_line(r->settings, "https", NULL, "from"), &ignored);
    return read_version(r, https->custom_ca_from, settings_line(r->settings, "https", NULL, "custom_ca_from"), &ignored) && ok;
}

static void free_text(struct certs_text *text)
{
    if (text->text)
        mbedtls_platform_zeroize(text->text, text->len);
    free(text->text);
    *text = (struct certs_text){NULL, 0};
}

void certs_forget_keys(struct certs *certs)
{
    for (size_t i = 0; i < certs->pair_count; i++)
        free_text(&certs->pairs[i].key);
}

void certs_free(struct certs *certs)
{
    for (size_t i = 0; i < certs->pair_count; i++) {
        free_text(&certs->pairs[i].chain);
        free_text(&certs->pairs[i].key);
    }
    free_text(&certs->client_ca);
    free_text(&certs->custom_ca);
    memset(certs, 0, sizeof *certs);
}

/* Each part, whatever is wrong with another: all problems are told at once. */
static bool read_all(const struct certs_reading *r, struct certs *fresh)
{
    const struct settings_https *https = &r->settings->https;
    bool versions = read_versions(r), pairs = read_pairs(r, fresh);
    bool client_ca = read_ca(r, "client_ca", https->client_ca, false, &fresh->client_ca);
    bool custom_ca = read_ca(r, "custom_ca", https->custom_ca, true, &fresh->custom_ca);
    return versions && pairs && client_ca && custom_ca;
}

bool certs_read(struct certs *out, struct port *port, const struct settings *settings, const char *file,
                struct problems *problems)
{
    const struct certs_reading r = {port, settings, file, problems};
    struct certs *fresh = calloc(1, sizeof *fresh);
    if (!fresh) {
        problem_error(problems, file, 0, "no memory for certificates");
        return false;
    }
    bool ok = settings->https.enabled == SETTINGS_NO || read_all(&r, fresh);
    if (ok) {
        certs_free(out);
        *out = *fresh;
    } else {
        certs_free(fresh);
    }
    free(fresh);
    return ok;
}

/* -- asked while running ------------------------------------------------------------------------------ */

bool certs_serve(const struct certs *certs, const struct settings *settings)
{
    return settings->https.enabled != SETTINGS_NO && certs->pair_count > 0;
}

const struct certs_pair *certs_find(const struct certs *certs, uint64_t id)
{
    for (size_t i = 0; id && i < certs->pair_count; i++)
        if (certs->pairs[i].id == id)
            return &certs->pairs[i];
    return NULL;
}

const struct certs_pair *certs_for(const struct certs *certs, const struct version *version)
{
    const struct certs_pair *best = NULL;
    for (size_t i = 0; i < certs->pair_count; i++) {
        const struct certs_pair *pair = &certs->pairs[i];
        if (version_compare(&pair->from, version) <= 0 && (!best || version_compare(&pair->from, &best->from) > 0))
            best = pair;
    }
    return best || certs->pair_count == 0 ? best : &certs->pairs[0];
}
