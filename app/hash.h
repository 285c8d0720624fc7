/* hash.h - look-ups by MAC, serial, address: a hash over nodes that lie inside the pool's things.
 *
 * Nothing is allocated: the caller lends the buckets. The hash function (SipHash-2-4) is keyed, so
 * that nobody on the VLAN can choose addresses that all fall into one bucket.
 *
 *   struct phone { struct hash_node by_mac; struct mac mac; ... };
 *   static bool same_mac(const struct hash_node *node, const void *key, size_t len)
 *   {
 *       return memcmp(HASH_OWNER(node, const struct phone, by_mac)->mac.b, key, len) == 0;
 *   }
 */
#ifndef STAGEBOX_APP_HASH_H
#define STAGEBOX_APP_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One place of one thing in one hash. All zero is "in no hash". */
struct hash_node {
    struct hash_node *next;
    uint64_t hash;
    bool linked;
};
/* The thing that a node lies in. */
#define HASH_OWNER(node, type, member) ((type *)(void *)((char *)(uintptr_t)(node)-offsetof(type, member)))

/* True where the node's thing has this key. `len` is what hash_find() was given. */
typedef bool hash_same_fn(const struct hash_node *node, const void *key, size_t len);

struct hash {
    struct hash_node **buckets;
    size_t mask; /* number of buckets - 1 */
    size_t count;
    uint64_t seed[2];
    hash_same_fn *same;
};

/* Lends `n` buckets (a power of two, best not below the number of things; they need not be
 * cleared) for as long as the hash is used. `seed`: 16 random bytes, one for all hashes will do. */
void hash_init(struct hash *hash, struct hash_node **buckets, size_t n, const uint64_t seed[2], hash_same_fn *same);
/* The power of two that fits `things` things. */
size_t hash_buckets(size_t things);
/* The node with this key, NULL where there is none. */
struct hash_node *hash_find(const struct hash *hash, const void *key, size_t len);
/* Puts the node in under this key. It must be in no hash, and the key must not be in this one. */
void hash_insert(struct hash *hash, struct hash_node *node, const void *key, size_t len);
/* Takes the node out; nothing happens where it is in no hash. It must not be in another one. */
void hash_remove(struct hash *hash, struct hash_node *node);
/* SipHash-2-4 of `len` bytes. */
uint64_t hash_bytes(const uint64_t seed[2], const void *data, size_t len);

#endif
