#include "config/map.h"

#include <string.h>

#include "config/scan.h"
#include "config/text.h"

/* Options that stagebox writes by itself, and the setting that has a say in them. */
static const struct {
    uint8_t code;
    const char *instead; /* NULL: none has */
} own[] = {
    {1, "[box] address"},
    {3, "[dhcp] router"},
    {50, NULL},
    {51, "[dhcp] lease"},
    {52, NULL},
    {53, NULL},
    {54, "[box] address"},
    {55, NULL},
    {56, NULL},
    {57, NULL},
    {58, "[dhcp] lease"},
    {59, "[dhcp] lease"},
    {61, NULL},
    {66, "[dhcp] option66"},
    {82, NULL},
    {150, "[dhcp] option150"},
    {159, "[dhcp] option159"},
    {160, "[dhcp] option160"},
};

static bool is_own(const struct map_place *place, uint32_t code)
{
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (own[i].code != code)
            continue;
        if (own[i].instead)
            problem_error(place->problems, place->file, place->line, "option %u is set by %s", own[i].code,
                          own[i].instead);
        else
            problem_error(place->problems, place->file, place->line, "option %u belongs to the protocol itself",
                          own[i].code);
        return true;
    }
    return false;
}

static bool is_free(const struct map_place *place, uint32_t code)
{
    const struct settings *settings = place->settings;
    for (unsigned i = 0; i < settings->option_count; i++) {
        if (settings->options[i].code == code) {
            problem_error(place->problems, place->file, place->line,
                          "option %u is set a second time; line %d counts", settings->options[i].code,
                          settings->options[i].line);
            return false;
        }
    }
    if (settings->option_count == SETTINGS_OPTIONS)
        problem_error(place->problems, place->file, place->line, "more than %d lines in [dhcp.option]",
                      SETTINGS_OPTIONS);
    return settings->option_count < SETTINGS_OPTIONS;
}

static size_t read_text(const char *text, uint8_t *out, size_t cap)
{
    size_t len = strlen(text);
    if (len > cap)
        return 0;
    memcpy(out, text, len);
    return len;
}

static size_t read_addresses(const char *text, uint8_t *out, size_t cap)
{
    const char *item;
    size_t item_len, len = 0;
    while (scan_item(&text, &item, &item_len)) {
        ip4 address;
        if (cap - len < 4 || !ip4_parse(item, item_len, &address))
            return 0;
        for (int shift = 24; shift >= 0; shift -= 8)
            out[len++] = (uint8_t)(address >> shift);
    }
    return len;
}

/* The count of bytes, 0 where it is nothing of the kind. */
static size_t read_bytes(const char *value, uint8_t *out, size_t cap)
{
    static const struct {
        const char *prefix;
        size_t (*read)(const char *text, uint8_t *out, size_t cap);
    } kinds[] = {{"text", read_text}, {"ip", read_addresses}, {"hex", scan_hex}};
    char prefix[8] = "";
    size_t len = strcspn(value, ":");
    if (value[len] != ':' || len >= sizeof prefix)
        return 0;
    memcpy(prefix, value, len);
    const char *rest = value + len + 1 + strspn(value + len + 1, " \t");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (text_same(prefix, kinds[i].prefix))
            return kinds[i].read(rest, out, cap);
    return 0;
}

void map_add_option(const struct map_place *place, const char *code, const char *value)
{
    uint32_t number;
    if (!scan_number(code, strlen(code), &number) || number < 1 || number > 254) {
        problem_error(place->problems, place->file, place->line,
                      "%s is no DHCP option: it should be a number from 1 to 254", code);
        return;
    }
    if (is_own(place, number) || !is_free(place, number))
        return;
    struct settings_dhcp_option option = {.line = place->line, .code = (uint8_t)number};
    option.len = (uint8_t)read_bytes(value, option.data, sizeof option.data);
    if (option.len == 0)
        problem_error(place->problems, place->file, place->line,
                      "option %u = %s: it should be text:..., ip:192.168.10.1 (more of them with commas) or "
                      "hex:01:02",
                      option.code, value);
    else
        place->settings->options[place->settings->option_count++] = option;
}

/* -- [dhcp.host] --------------------------------------------------------------------------- */

static const struct settings_dhcp_host *find_host(const struct settings *settings, struct mac mac)
{
    for (unsigned i = 0; i < settings->host_count; i++)
        if (mac_equal(settings->hosts[i].mac, mac))
            return &settings->hosts[i];
    return NULL;
}

void map_add_host(const struct map_place *place, const char *mac, const char *value)
{
    struct settings *settings = place->settings;
    struct settings_dhcp_host host = {.line = place->line};
    const struct settings_dhcp_host *before;
    if (!mac_parse(mac, strlen(mac), &host.mac) || mac_is_zero(host.mac) || host.mac.b[0] & 1)
        problem_error(place->problems, place->file, place->line,
                      "%s is no phone's MAC address: it should look like 58:bf:ea:11:04:e6", mac);
    else if (!ip4_parse(value, strlen(value), &host.address))
        problem_error(place->problems, place->file, place->line,
                      "%s = %s: it should be an address, such as 192.168.10.20", mac, value);
    else if ((before = find_host(settings, host.mac)))
        problem_error(place->problems, place->file, place->line, "%s has an address already, in line %d", mac,
                      before->line);
    else if (settings->host_count == SETTINGS_HOSTS)
        problem_error(place->problems, place->file, place->line, "more than %d lines in [dhcp.host]",
                      SETTINGS_HOSTS);
    else
        settings->hosts[settings->host_count++] = host;
}
