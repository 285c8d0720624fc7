#include "config/check.h"

#include <string.h>

#include "config/schema.h"

struct checking {
    const struct settings *settings;
    const char *file;
    struct problems *problems;
};

static ip4 network(const struct settings_box *box)
{
    return box->address & ip4_mask(box->prefix);
}

static ip4 broadcast(const struct settings_box *box)
{
    return network(box) | ~ip4_mask(box->prefix);
}

struct settings_range check_default_pool(ip4 box, unsigned prefix)
{
    const struct settings_box self = {.address = box, .prefix = prefix};
    ip4 net = network(&self), end = broadcast(&self);
    bool small = end - net < 255;
    ip4 first = net + (small ? 1 : 50);
    ip4 last = end - (small ? 1 : 5);
    if (last - first >= SETTINGS_HOSTS)
        last = first + SETTINGS_HOSTS - 1;
    if (box < first || box > last)
        return (struct settings_range){first, last};
    if (last - box > box - first)
        return (struct settings_range){box + 1, last};
    return box > first ? (struct settings_range){first, box - 1} : (struct settings_range){0, 0};
}

static int line(const struct checking *checking, const char *section, const char *key)
{
    return settings_line(checking->settings, section, NULL, key);
}

/* Whether a device on the staging VLAN can have the address. */
static bool is_usable(const struct settings_box *box, ip4 address)
{
    return address > network(box) && address < broadcast(box);
}

static void outside(const struct checking *checking, int at, const char *what, ip4 address)
{
    const struct settings_box *box = &checking->settings->box;
    char text[IP4_TEXT_MAX], net[IP4_TEXT_MAX];
    problem_error(checking->problems, checking->file, at, "%s %s cannot be used in the network of the box, %s/%u",
                  what, ip4_format(address, text), ip4_format(network(box), net), box->prefix);
}

static void check_box(const struct checking *checking)
{
    const struct settings_box *box = &checking->settings->box;
    char text[IP4_TEXT_MAX];
    const char *wrong = box->address >> 28 >= 14        ? "is a multicast or reserved address"
                        : box->address >> 24 == 0       ? "is no address of a device"
                        : !is_usable(box, box->address) ? "is the network itself or its broadcast address"
                                                        : NULL;
    if (wrong)
        problem_error(checking->problems, checking->file, line(checking, "box", "address"), "[box] address %s %s",
                      ip4_format(box->address, text), wrong);
}

static void check_pool(const struct checking *checking)
{
    const struct settings *settings = checking->settings;
    const struct settings_range *pool = &settings->dhcp.pool;
    int at = line(checking, "dhcp", "pool");
    char text[IP4_TEXT_MAX];
    if (at == 0)
        return;
    if (!is_usable(&settings->box, pool->first))
        outside(checking, at, "[dhcp] pool:", pool->first);
    if (!is_usable(&settings->box, pool->last))
        outside(checking, at, "[dhcp] pool:", pool->last);
    if (pool->first > pool->last)
        problem_error(checking->problems, checking->file, at, "[dhcp] pool: its first address is above its last");
    else if (pool->last - pool->first >= settings->limits.leases)
        problem_warning(checking->problems, checking->file, at,
                        "[dhcp] pool has %lu addresses, but [limits] leases is %lu",
                        (unsigned long)(pool->last - pool->first) + 1, (unsigned long)settings->limits.leases);
    if (settings->box.address >= pool->first && settings->box.address <= pool->last)
        problem_error(checking->problems, checking->file, at, "[dhcp] pool contains the box's own address %s",
                      ip4_format(settings->box.address, text));
}

static void check_router(const struct checking *checking)
{
    const struct settings *settings = checking->settings;
    const struct settings_range *pool = &settings->dhcp.pool;
    ip4 router = settings->dhcp.router;
    int at = line(checking, "dhcp", "router");
    char text[IP4_TEXT_MAX];
    if (router == 0)
        return;
    if (!is_usable(&settings->box, router))
        outside(checking, at, "[dhcp] router", router);
    else if (router >= pool->first && router <= pool->last)
        problem_error(checking->problems, checking->file, at, "[dhcp] router %s lies in the pool",
                      ip4_format(router, text));
}

static void check_host(const struct checking *checking, unsigned i)
{
    const struct settings *settings = checking->settings;
    const struct settings_dhcp_host *host = &settings->hosts[i];
    char text[IP4_TEXT_MAX];
    const char *address = ip4_format(host->address, text);
    if (!is_usable(&settings->box, host->address))
        outside(checking, host->line, "the fixed address", host->address);
    else if (host->address == settings->box.address)
        problem_error(checking->problems, checking->file, host->line, "%s is the box's own address", address);
    else if (host->address == settings->dhcp.router)
        problem_error(checking->problems, checking->file, host->line, "%s is the router's address", address);
    for (unsigned k = 0; k < i; k++)
        if (settings->hosts[k].address == host->address)
            problem_error(checking->problems, checking->file, host->line, "%s is given away already, in line %d",
                          address, settings->hosts[k].line);
}

static void check_addresses(const struct checking *checking)
{
    check_pool(checking);
    check_router(checking);
    for (unsigned i = 0; i < checking->settings->host_count; i++)
        check_host(checking, i);
}

static void check_lease(const struct checking *checking)
{
    if (checking->settings->dhcp.lease_s < 600)
        problem_warning(
            checking->problems, checking->file, line(checking, "dhcp", "lease"),
            "[dhcp] lease is below 10m: a phone is away for about 3 minutes while it flashes, and should "
            "find its address again");
}

static void check_services(const struct checking *checking)
{
    const struct settings *settings = checking->settings;
    int port_line = line(checking, "https", "port");
    if (!settings->http.enabled)
        problem_warning(checking->problems, checking->file, line(checking, "http", "enabled"),
                        "[http] enabled = no: phones load their firmware over HTTP, so none will get far");
    else if (settings->https.enabled != SETTINGS_NO && settings->http.port == settings->https.port)
        problem_error(checking->problems, checking->file, port_line ? port_line : line(checking, "http", "port"),
                      "[http] port and [https] port are both %u", settings->http.port);
    if (settings->dns.capture && !settings->dns.enabled)
        problem_warning(checking->problems, checking->file, line(checking, "dns", "capture"),
                        "[dns] capture does nothing while [dns] enabled = no");
    if (settings_password_is_plain(settings->web.password))
        problem_warning(checking->problems, checking->file, line(checking, "web", "password"),
                        "[web] password stands here in plain text: better put what `stagebox passwd` prints");
}

static void check_mqtt(const struct checking *checking)
{
    const struct settings_mqtt *mqtt = &checking->settings->mqtt;
    if (mqtt->topic[0] == '\0' || strpbrk(mqtt->topic, "+#"))
        problem_error(checking->problems, checking->file, line(checking, "mqtt", "topic"),
                      "[mqtt] topic %s cannot be told to: it needs a name without + and #, such as stagebox",
                      mqtt->topic);
    if (mqtt->password[0] && !mqtt->user[0])
        problem_error(checking->problems, checking->file, line(checking, "mqtt", "password"),
                      "[mqtt] password needs a user: MQTT has none without the other");
    if (mqtt->broker && mqtt->broker == checking->settings->box.address)
        problem_error(checking->problems, checking->file, line(checking, "mqtt", "broker"),
                      "[mqtt] broker is the box itself, which is none");
}

static void check_upgrade(const struct checking *checking)
{
    const struct settings_upgrade *upgrade = &checking->settings->upgrade;
    if (upgrade->resync_s < 60)
        problem_warning(
            checking->problems, checking->file, line(checking, "upgrade", "resync"),
            "[upgrade] resync is below 60s: phones that come back so often hardly get to upgrading; 180s "
            "is known to work");
    if (upgrade->stall_s < 240)
        problem_warning(
            checking->problems, checking->file, line(checking, "upgrade", "stall"),
            "[upgrade] stall is below 4m: a step takes a phone about 190 seconds, so sound phones would "
            "get remedies");
}

/* The line of whichever key was set. */
static int limits_line(const struct checking *checking, const char *key, const char *other)
{
    int at = line(checking, "limits", key);
    return at ? at : line(checking, "limits", other);
}

static void check_limits(const struct checking *checking)
{
    const struct settings_limits *limits = &checking->settings->limits;
    if (limits->tls > limits->connections)
        problem_warning(checking->problems, checking->file, limits_line(checking, "tls", "connections"),
                        "[limits] tls is above [limits] connections (%lu): so many can never be used",
                        (unsigned long)limits->connections);
    if (limits->leases < limits->phones)
        problem_warning(checking->problems, checking->file, limits_line(checking, "leases", "phones"),
                        "[limits] leases (%lu) is below [limits] phones (%lu): the others never get an address",
                        (unsigned long)limits->leases, (unsigned long)limits->phones);
}

static void lacks(const struct checking *checking, const struct settings_lines *at, const char *section,
                  const char *name, const char *what)
{
    problem_error(checking->problems, checking->file, at->section, "[%s %s] %s", section, name, what);
}

static void check_certificate(const struct checking *checking, const struct settings_certificate *certificate)
{
    const char *missing = !certificate->certificate[0] ? "lacks `certificate`"
                          : !certificate->key[0]       ? "lacks `key`"
                          : !certificate->from[0]      ? "lacks `from`, the oldest firmware that is shown it"
                                                       : NULL;
    if (missing)
        lacks(checking, &certificate->at, "certificate", certificate->name, missing);
}

static void check_gate(const struct checking *checking, const struct settings_gate *gate)
{
    bool upper = gate->to[0] || gate->needs[0];
    bool lower = gate->from[0] || gate->via[0];
    const char *wrong = NULL;
    if (upper && lower)
        wrong = "has `to` or `needs` beside `from` or `via`: make two gates of it";
    else if (!upper && !lower)
        wrong = "says nothing: it lacks `to` and `needs`, or `from` and `via`";
    else if (upper && (!gate->to[0] || !gate->needs[0]))
        wrong = gate->to[0] ? "has `to`, but lacks `needs`" : "has `needs`, but lacks `to`";
    else if (lower && (!gate->from[0] || !gate->via[0]))
        wrong = gate->from[0] ? "has `from`, but lacks `via`" : "has `via`, but lacks `from`";
    if (wrong)
        lacks(checking, &gate->at, "gate", gate->name, wrong);
}

void check_settings(const struct settings *settings, bool network_known, const char *file,
                    struct problems *problems)
{
    const struct checking checking = {settings, file, problems};
    if (network_known)
        check_box(&checking);
    if (network_known && settings->dhcp.enabled)
        check_addresses(&checking);
    check_lease(&checking);
    check_services(&checking);
    check_mqtt(&checking);
    check_upgrade(&checking);
    check_limits(&checking);
    for (unsigned i = 0; i < settings->certificate_count; i++)
        check_certificate(&checking, &settings->certificates[i]);
    for (unsigned i = 0; i < settings->gate_count; i++)
        check_gate(&checking, &settings->gates[i]);
}
