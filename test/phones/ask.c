#include "phone.h"

#include "mem.h"

#include <stdio.h>
#include <string.h>

/* 7.4.3a says Linksys although it is a Cisco model (phones.md 2.1). */
static bool says_linksys(const struct phone *p)
{
    int choice = p->quirks.value[QUIRK_USER_AGENT];
    return choice == AGENT_LINKSYS || strcmp(p->version, "7.4.3a") == 0;
}

void ask_agent(const struct phone *p, char *out, size_t size)
{
    int choice = p->quirks.value[QUIRK_USER_AGENT];
    const char *head = p->model->agent;
    if (choice == AGENT_NONE) {
        out[0] = '\0';
        return;
    }
    bool swap = says_linksys(p) && strncmp(head, "Cisco/", 6) == 0;
    const char *product = swap ? head + 6 : head;
    const char *vendor = swap ? "Linksys/" : "";
    if (choice == AGENT_BARE)
        snprintf(out, size, "%s%s-%s", vendor, product, p->version);
    else if (choice == AGENT_SERIAL || !p->model->agent_has_mac)
        snprintf(out, size, "%s%s-%s (%s)", vendor, product, p->version, p->serial);
    else
        snprintf(out, size, "%s%s-%s (%s)(%s)", vendor, product, p->version, mac_upper(&p->station.mac).s, p->serial);
}

static void shape_path(const struct phone *p, struct url *url)
{
    int form = p->quirks.value[QUIRK_TFTP_NAME];
    if (url->scheme != SCHEME_TFTP || form == TFTP_SLASH || url->path[0] != '/')
        return;
    char old[sizeof url->path];
    text_copy(old, sizeof old, url->path);
    if (form == TFTP_PLAIN)
        text_copy(url->path, sizeof url->path, old + 1);
    else
        snprintf(url->path, sizeof url->path, "/%.*s", (int)sizeof url->path - 2, old);
}

static struct fetch_request ask(struct phone *p, const struct url *url, enum quirk http)
{
    int minor = p->quirks.value[http] == HTTP_11 ? 1 : 0;
    if (http == QUIRK_FIRMWARE_HTTP) /* its first choice is 1.0 */
        minor = 1 - minor;
    struct fetch_request r = {.url = *url, .method = "GET", .user_agent = p->agent, .http_minor = minor};
    ask_agent(p, p->agent, sizeof p->agent);
    r.host = (enum host_header)p->quirks.value[QUIRK_HOST];
    if (minor == 1 && r.host == HOST_NONE)
        r.host = HOST_PLAIN;
    r.tls = phone_tls(p);
    r.blksize = (unsigned)p->quirks.value[QUIRK_TFTP_BLKSIZE];
    shape_path(p, &r.url);
    return r;
}

struct fetch_request ask_profile(struct phone *p, const struct url *url)
{
    return ask(p, url, QUIRK_PROFILE_HTTP);
}

struct fetch_request ask_firmware(struct phone *p, const struct url *url)
{
    return ask(p, url, QUIRK_FIRMWARE_HTTP);
}

static bool is(const char *name, size_t len, const char *macro)
{
    return strlen(macro) == len && memcmp(name, macro, len) == 0;
}

static const char *psn_of(struct macro_context *c)
{
    const char *psn = c->phone->model->psn;
    int choice = c->phone->quirks.value[QUIRK_PSN];
    if (choice == PSN_525G && strcmp(psn, "525G2") == 0)
        return "525G";
    if (choice != PSN_LOWER)
        return psn;
    size_t i = 0;
    for (; psn[i] != '\0'; i++)
        c->text[i] = (char)(psn[i] == 'G' ? 'g' : psn[i]);
    c->text[i] = '\0';
    return c->text;
}

static const char *identity_macro(struct macro_context *c, const char *name, size_t len)
{
    const struct phone *p = c->phone;
    const struct mac *mac = &p->station.mac;
    if (is(name, len, "PN"))
        return p->model->name;
    if (is(name, len, "PSN"))
        return psn_of(c);
    if (is(name, len, "SN"))
        return p->serial;
    if (is(name, len, "SWVER"))
        return p->version;
    if (is(name, len, "HWVER"))
        return "1.0.4";
    if (is(name, len, "CCERT"))
        return "Installed";
    if (is(name, len, "MA"))
        text_copy(c->text, sizeof c->text, mac_lower(mac).s);
    else if (is(name, len, "MAU"))
        text_copy(c->text, sizeof c->text, mac_upper(mac).s);
    else if (is(name, len, "MAC"))
        text_copy(c->text, sizeof c->text, mac_colons(mac).s);
    else if (is(name, len, "IP"))
        text_copy(c->text, sizeof c->text, ip_format(p->station.ip).s);
    else if (is(name, len, "PRVST"))
        snprintf(c->text, sizeof c->text, "%d", (int)p->resync.reason);
    else if (is(name, len, "UPGST"))
        text_copy(c->text, sizeof c->text, p->memory.failed ? "2" : "1");
    else
        return NULL;
    return c->text;
}

static const char *url_macro(struct macro_context *c, const char *name, size_t len)
{
    const struct url *u = c->url;
    if (is(name, len, "ERR"))
        return c->error ? c->error : "";
    if (is(name, len, "UPGERR"))
        return c->phone->upgrade_error;
    if (u == NULL)
        return NULL;
    if (is(name, len, "SCHEME") || is(name, len, "METH"))
        return scheme_name(u->scheme);
    if (is(name, len, "SERV"))
        return u->host;
    if (is(name, len, "PATH"))
        return u->path;
    if (is(name, len, "SERVIP"))
        text_copy(c->text, sizeof c->text, ip_format(c->ip).s);
    else if (is(name, len, "PORT"))
        snprintf(c->text, sizeof c->text, "%u", u->port);
    else
        return NULL;
    return c->text;
}

const char *ask_macro(void *ctx, const char *name, size_t len)
{
    struct macro_context *c = ctx;
    if (len == 1 && name[0] >= 'A' && name[0] <= 'P') {
        const char gpp[] = {'G', 'P', 'P', '_', name[0], '\0'};
        return params_get(c->phone->params, gpp);
    }
    const char *found = identity_macro(c, name, len);
    return found ? found : url_macro(c, name, len);
}
