#include "net/dns/server.h"

#include <string.h>

#include "net/dns/name.h"

static unsigned hash(const char *name)
{
    uint32_t value = 2166136261u;
    for (; *name; name++)
        value = (value ^ (uint8_t)*name) * 16777619u;
    return (value ^ value >> 15) % DNS_NAME_SLOTS;
}

/* The slot of the lower-case name, or the free one where it would go. */
static unsigned find(const struct dns_server *server, const char *name)
{
    unsigned slot = hash(name);
    while (server->slot[slot] && strcmp(server->name[server->slot[slot] - 1], name) != 0)
        slot = (slot + 1) % DNS_NAME_SLOTS;
    return slot;
}

bool dns_names_have(const struct dns_server *server, const char *name)
{
    if (server->slot[find(server, name)])
        return true;
    const char *dot = strchr(name, '.');
    char wild[DNS_NAME_MAX + 1] = "*";
    if (!dot || strlen(dot) > DNS_NAME_MAX - 1)
        return false;
    memcpy(wild + 1, dot, strlen(dot) + 1);
    return server->slot[find(server, wild)] != 0;
}

void dns_server_init(struct dns_server *server, ip4 address, bool capture)
{
    memset(server, 0, sizeof *server);
    server->address = address;
    server->capture = capture;
}

/* One label at most 63 long, of letters a host name has; "" ends a name, so it is none. */
static size_t label_length(const char *at)
{
    size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return len <= 63 && (at[len] == '.' || at[len] == '\0') ? len : 0;
}

static bool is_name(const char *name)
{
    if (name[0] == '*' && name[1] == '.')
        name += 2;
    for (;;) {
        size_t len = label_length(name);
        if (len == 0)
            return false;
        if (name[len] == '\0')
            return true;
        name += len + 1;
    }
}

/* Lower case, without a last dot. */
static bool normalise(const char *name, char out[DNS_NAME_MAX])
{
    size_t len = strlen(name);
    if (len > 0 && name[len - 1] == '.')
        len--;
    if (len == 0 || len >= DNS_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = dns_lower(name[i]);
    out[len] = '\0';
    return true;
}

bool dns_server_add(struct dns_server *server, const char *name)
{
    char lower[DNS_NAME_MAX];
    ip4 dotted;
    if (!normalise(name, lower) || !is_name(lower))
        return false;
    if (ip4_parse(lower, strlen(lower), &dotted))
        return true;
    unsigned slot = find(server, lower);
    if (server->slot[slot])
        return true;
    if (server->count == DNS_NAMES)
        return false;
    memcpy(server->name[server->count], lower, strlen(lower) + 1);
    server->slot[slot] = (uint8_t)++server->count;
    return true;
}
