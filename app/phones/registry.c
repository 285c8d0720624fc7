#include "app/phones/registry.h"

#include <stdlib.h>
#include <string.h>

static bool same_mac(const struct hash_node *node, const void *key, size_t len)
{
    return memcmp(HASH_OWNER(node, const struct phone, by_mac)->mac.b, key, len) == 0;
}

static bool same_serial(const struct hash_node *node, const void *key, size_t len)
{
    const char *serial = HASH_OWNER(node, const struct phone, by_serial)->serial;
    return strlen(serial) == len && memcmp(serial, key, len) == 0;
}

static bool same_address(const struct hash_node *node, const void *key, size_t len)
{
    return memcmp(&HASH_OWNER(node, const struct phone, by_address)->address, key, len) == 0;
}

bool registry_init(struct registry *r, size_t capacity, const uint64_t seed[2])
{
    memset(r, 0, sizeof *r);
    size_t n = hash_buckets(capacity);
    r->pool = calloc(capacity, sizeof *r->pool);
    r->buckets = calloc(3 * n, sizeof(struct hash_node *));
    if (!r->pool || !r->buckets) {
        registry_dispose(r);
        return false;
    }
    r->capacity = capacity;
    hash_init(&r->by_mac, r->buckets, n, seed, same_mac);
    hash_init(&r->by_serial, r->buckets + n, n, seed, same_serial);
    hash_init(&r->by_address, r->buckets + 2 * n, n, seed, same_address);
    return true;
}

void registry_dispose(struct registry *r)
{
    free(r->pool);
    free(r->buckets);
    r->pool = NULL;
    r->buckets = NULL;
}

static struct phone *found_by_mac(struct hash_node *node)
{
    return node ? HASH_OWNER(node, struct phone, by_mac) : NULL;
}

struct phone *registry_by_mac(const struct registry *r, struct mac mac)
{
    return mac_is_zero(mac) ? NULL : found_by_mac(hash_find(&r->by_mac, mac.b, sizeof mac.b));
}

struct phone *registry_by_serial(const struct registry *r, const char *serial)
{
    struct hash_node *node = serial[0] ? hash_find(&r->by_serial, serial, strlen(serial)) : NULL;
    return node ? HASH_OWNER(node, struct phone, by_serial) : NULL;
}

struct phone *registry_by_address(const struct registry *r, ip4 address)
{
    struct hash_node *node = address ? hash_find(&r->by_address, &address, sizeof address) : NULL;
    return node ? HASH_OWNER(node, struct phone, by_address) : NULL;
}

/* Nothing but a lease is known of it, so nothing is lost with it. */
static bool expendable(const struct phone *phone)
{
    return phone->used && !phone->asked.set && !phone->has_version && !phone->offer.file[0] && !phone->ignored &&
           phone->row < 0;
}

struct phone *registry_victim(const struct registry *r)
{
    struct phone *oldest = NULL;
    for (size_t i = 0; i < r->highest; i++) {
        struct phone *p = &r->pool[i];
        if (expendable(p) && (!oldest || p->last_seen.uptime_ms < oldest->last_seen.uptime_ms))
            oldest = p;
    }
    return oldest;
}

static struct phone *free_place(struct registry *r)
{
    if (r->count == r->capacity)
        return NULL;
    for (size_t i = 0; i < r->highest; i++)
        if (!r->pool[i].used)
            return &r->pool[i];
    return &r->pool[r->highest++];
}

struct phone *registry_add(struct registry *r, struct mac mac, const char *serial)
{
    struct phone *phone = free_place(r);
    if (!phone)
        return NULL;
    uint32_t generation = phone->generation + 1;
    memset(phone, 0, sizeof *phone);
    phone->used = true;
    phone->generation = generation;
    phone->row = -1;
    phone->next_token = 1;
    r->count++;
    registry_set_mac(r, phone, mac);
    registry_set_serial(r, phone, serial);
    return phone;
}

void registry_remove(struct registry *r, struct phone *phone)
{
    hash_remove(&r->by_mac, &phone->by_mac);
    hash_remove(&r->by_serial, &phone->by_serial);
    hash_remove(&r->by_address, &phone->by_address);
    phone->used = false;
    r->count--;
}

void registry_set_mac(struct registry *r, struct phone *phone, struct mac mac)
{
    hash_remove(&r->by_mac, &phone->by_mac);
    phone->mac = mac;
    if (!mac_is_zero(mac))
        hash_insert(&r->by_mac, &phone->by_mac, phone->mac.b, sizeof phone->mac.b);
}

void registry_set_serial(struct registry *r, struct phone *phone, const char *serial)
{
    hash_remove(&r->by_serial, &phone->by_serial);
    size_t len = strlen(serial) < sizeof phone->serial ? strlen(serial) : sizeof phone->serial - 1;
    memmove(phone->serial, serial, len);
    phone->serial[len] = '\0';
    if (len > 0 && !hash_find(&r->by_serial, phone->serial, len))
        hash_insert(&r->by_serial, &phone->by_serial, phone->serial, len);
}

void registry_set_address(struct registry *r, struct phone *phone, ip4 address)
{
    struct phone *before = registry_by_address(r, address);
    if (before == phone)
        return;
    if (before) {
        hash_remove(&r->by_address, &before->by_address);
        before->address = 0;
        before->leased = false;
    }
    hash_remove(&r->by_address, &phone->by_address);
    phone->address = address;
    if (address)
        hash_insert(&r->by_address, &phone->by_address, &phone->address, sizeof phone->address);
}

struct phone *registry_next(const struct registry *r, size_t *at)
{
    while (*at < r->highest) {
        struct phone *phone = &r->pool[(*at)++];
        if (phone->used)
            return phone;
    }
    return NULL;
}

size_t registry_index(const struct registry *r, const struct phone *phone)
{
    return (size_t)(phone - r->pool);
}

struct phone *registry_at(const struct registry *r, size_t index, uint32_t generation)
{
    if (index >= r->highest || !r->pool[index].used || r->pool[index].generation != generation)
        return NULL;
    return &r->pool[index];
}
