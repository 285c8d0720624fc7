#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool from(const struct phone *p, const char *version)
{
    return version_compare_text(p->version, version) >= 0;
}

static bool all_options(const struct phone *p)
{
    int choice = p->quirks.value[QUIRK_OPTIONS_USED];
    return choice == OPTIONS_ALL || (choice == OPTIONS_AUTO && from(p, "7.5"));
}

static int option66_form(const struct phone *p)
{
    int choice = p->quirks.value[QUIRK_OPTION66_URL];
    if (choice != URL66_AUTO)
        return choice;
    return from(p, "7.5") ? URL66_WHOLE : from(p, "7.4") ? URL66_PREFIX : URL66_DROP;
}

static bool is_url(const char *text)
{
    return strstr(text, "://") != NULL;
}

/* The server named by `value` with the rule's path, or the URL in it. */
static bool from_option(const char *value, int form, const char *path, struct url *out)
{
    if (value[0] == '\0' || !url_parse(value, out) || out->host[0] == '\0')
        return false;
    if (!is_url(value)) {
        text_copy(out->path, sizeof out->path, path); /* a bare server speaks TFTP */
        return true;
    }
    if (form == URL66_UNKNOWN)
        return false;
    size_t len = strlen(out->path);
    if (form == URL66_DROP || len == 0 || strcmp(out->path, "/") == 0) {
        text_copy(out->path, sizeof out->path, path);
    } else if (form == URL66_PREFIX && strstr(out->path, "spa") == NULL && strchr(out->path, '.') == NULL) {
        if (out->path[len - 1] == '/')
            out->path[len - 1] = '\0';
        len = strlen(out->path);
        snprintf(out->path + len, sizeof out->path - len, "%s", path);
    }
    return true;
}

static bool tftp_at(uint32_t ip, const char *path, struct url *out)
{
    *out = (struct url){.scheme = SCHEME_TFTP, .port = 69};
    text_copy(out->host, sizeof out->host, ip_format(ip).s);
    text_copy(out->path, sizeof out->path, path);
    return ip != 0;
}

static bool by_option(struct phone *p, unsigned long code, const char *path, struct url *out)
{
    struct macro_context context = {.phone = p};
    const struct dhcp_reply *l = &p->lease;
    const char *text = code == 66 ? l->option66 : code == 159 ? l->option159 : code == 160 ? l->option160 : "";
    char value[DHCP_URL_SIZE];
    if (code == 150)
        return tftp_at(l->option150[0], path, out);
    rule_expand(text, ask_macro, &context, value, sizeof value);
    return from_option(value, code == 66 ? option66_form(p) : URL66_WHOLE, path, out);
}

/* The first option of DHCP_Option_To_Use that names a server (phones.md 3); before 7.5 66, then 150 (SPCP mode). */
static bool by_options(struct phone *p, const char *path, struct url *out)
{
    const char *order = all_options(p) ? params_get(p->params, "DHCP_Option_To_Use") : "66,150";
    while (*order != '\0') {
        char *end;
        unsigned long code = strtoul(order, &end, 10);
        if (end == order)
            return false;
        if (by_option(p, code, path, out))
            return true;
        order = end + (*end == ',');
    }
    return false;
}

static bool drops_name(const struct phone *p, bool factory)
{
    switch (p->quirks.value[QUIRK_FILE_NAME]) {
    case FILE_NAME_DROPPED: return true;
    case FILE_NAME_DROPPED_BY_DEFAULT: return factory;
    case FILE_NAME_AUTO: return strcmp(p->version, "7.4.3a") == 0;
    default: return false;
    }
}

bool profile_rule_url(struct phone *p, const char *rule, struct url *out, bool *factory, char *error, size_t size)
{
    struct macro_context context = {.phone = p};
    struct rule_result r;
    int choice = p->quirks.value[QUIRK_CONDITIONS];
    bool conditions = choice == CONDITIONS_YES || (choice == CONDITIONS_AUTO && from(p, "7.5"));
    rule_evaluate(rule, conditions, ask_macro, &context, &r);
    *factory = false;
    error[0] = '\0';
    if (r.end == RULE_NONE)
        return false;
    if (r.end == RULE_BROKEN || !url_parse(r.url, out)) {
        snprintf(error, size, "cannot read the rule `%.80s`", rule);
        return false;
    }
    if (out->host[0] == '\0') {
        char path[sizeof out->path];
        *factory = true;
        text_copy(path, sizeof path, out->path);
        if (!by_options(p, path, out)) {
            snprintf(error, size, "no provisioning server in the lease");
            return false;
        }
    }
    char *slash = strrchr(out->path, '/');
    if (out->scheme != SCHEME_TFTP && slash != NULL && drops_name(p, *factory))
        slash[1] = '\0';
    return true;
}

uint32_t spcp_server(const struct phone *p)
{
    uint32_t ip = p->lease.option150[0];
    if (ip == 0 && !ip_parse(p->lease.option66, strlen(p->lease.option66), &ip))
        ip = p->lease.siaddr;
    return ip;
}
