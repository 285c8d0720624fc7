#include "app/services/dhcp_provision.h"

#include <stdio.h>
#include <string.h>

#include "app/phones/model.h"

struct scratch {
    char *at;
    size_t left;
};

static struct dhcp_bytes keep(struct scratch *s, const char *format, const char *a, const char *b)
{
    int len = snprintf(s->at, s->left, format, a, b);
    if (len < 0 || (size_t)len >= s->left)
        return (struct dhcp_bytes){NULL, 0};
    struct dhcp_bytes bytes = {(const uint8_t *)s->at, (size_t)len};
    s->at += len;
    s->left -= (size_t)len;
    return bytes;
}

static struct dhcp_bytes literal(const struct settings_option *option)
{
    if (option->mode == OPTION_OFF)
        return (struct dhcp_bytes){NULL, 0};
    return (struct dhcp_bytes){(const uint8_t *)option->text, strlen(option->text)};
}

static struct dhcp_bytes servers(struct scratch *s, const struct settings_servers *option, ip4 box)
{
    ip4 list[SETTINGS_SERVERS];
    unsigned count = option->mode == OPTION_LITERAL ? option->count : 1;
    if (option->mode == OPTION_OFF || s->left < 4u * count)
        return (struct dhcp_bytes){NULL, 0};
    memcpy(list, option->list, sizeof list);
    if (option->mode == OPTION_AUTO)
        list[0] = box;
    uint8_t *out = (uint8_t *)s->at;
    for (unsigned i = 0; i < count; i++)
        for (unsigned byte = 0; byte < 4; byte++)
            out[4 * i + byte] = (uint8_t)(list[i] >> (24 - 8 * byte));
    s->at += 4u * count;
    s->left -= 4u * count;
    return (struct dhcp_bytes){out, 4u * count};
}

void dhcp_provision_options(const struct settings *settings, const struct dhcp_bytes *vendor_class,
                            const char *https_url, struct dhcp_provision *out)
{
    const struct settings_dhcp *dhcp = &settings->dhcp;
    struct scratch s = {(char *)out->scratch, sizeof out->scratch};
    struct vendor_class class;
    char host[IP4_TEXT_MAX + 8], bare[IP4_TEXT_MAX];
    ip4_format(settings->box.address, bare);
    snprintf(host, sizeof host, "%s", bare);
    if (settings->http.port != 80)
        snprintf(host, sizeof host, "%s:%u", bare, settings->http.port);
    bool legacy = vendor_class_parse(vendor_class->data, vendor_class->len, &class) && class.vendor == VENDOR_LINKSYS;

    out->option66 = dhcp->option66.mode != OPTION_AUTO         ? literal(&dhcp->option66)
                    : legacy || !settings->http.enabled        ? keep(&s, "%s%s", bare, "")
                                                               : keep(&s, "http://%s%s", host, "");
    out->option150 = servers(&s, &dhcp->option150, settings->box.address);
    out->option159 = dhcp->option159.mode != OPTION_AUTO ? literal(&dhcp->option159)
                                                         : keep(&s, "http://%s/%s", host, "$MA.xml");
    out->option160 = dhcp->option160.mode != OPTION_AUTO ? literal(&dhcp->option160)
                     : https_url[0]                      ? keep(&s, "%s%s", https_url, "")
                                                         : keep(&s, "http://%s/%s", host, "$MA.xml");
}
