/* registry.h - every phone that was ever met, in a fixed pool, found by MAC, serial or address. */
#ifndef STAGEBOX_APP_PHONES_REGISTRY_H
#define STAGEBOX_APP_PHONES_REGISTRY_H

#include "app/phones/phone.h"

struct registry {
    struct phone *pool;
    size_t capacity;
    size_t count;   /* in use */
    size_t highest; /* places beyond this were never used */
    struct hash by_mac, by_serial, by_address;
    struct hash_node **buckets; /* of all three */
};

/* Makes a pool for `capacity` phones. False where there is no memory. `seed`: 16 random bytes. */
bool registry_init(struct registry *r, size_t capacity, const uint64_t seed[2]);
void registry_dispose(struct registry *r);

/* NULL where there is none. */
struct phone *registry_by_mac(const struct registry *r, struct mac mac);
struct phone *registry_by_serial(const struct registry *r, const char *serial);
struct phone *registry_by_address(const struct registry *r, ip4 address);

/* A new phone with this MAC (zero: unknown) and serial ("": unknown), neither of which is there yet.
 * NULL: full. */
struct phone *registry_add(struct registry *r, struct mac mac, const char *serial);
/* The one that can be forgotten when the pool is full: met longest ago among those of which nothing
 * but a lease is known. NULL where there is none. */
struct phone *registry_victim(const struct registry *r);
/* Gives the place back. Its timer must not be set. */
void registry_remove(struct registry *r, struct phone *phone);

/* Change a key; the new one must not belong to another phone. */
void registry_set_mac(struct registry *r, struct phone *phone, struct mac mac);
/* (a serial may: it then only stands on the row, and the phone that had it first is found by it) */
void registry_set_serial(struct registry *r, struct phone *phone, const char *serial);
/* Any phone that had this address before has none from now on; 0: none. */
void registry_set_address(struct registry *r, struct phone *phone, ip4 address);

/* The phones in the order of their places: start with *at = 0; NULL at the end. */
struct phone *registry_next(const struct registry *r, size_t *at);
/* A number that stays with a phone while it is in the registry. */
size_t registry_index(const struct registry *r, const struct phone *phone);
/* The phone in that place if it still is that generation; else NULL. */
struct phone *registry_at(const struct registry *r, size_t index, uint32_t generation);

#endif
