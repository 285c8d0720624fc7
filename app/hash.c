#include "app/hash.h"

#include <string.h>

static uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static uint64_t little_endian(const uint8_t *bytes, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

uint64_t hash_bytes(const uint64_t seed[2], const void *data, size_t len)
{
    const uint8_t *at = data;
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du, seed[0] ^ 0x6c7967656e657261u,
                     seed[1] ^ 0x7465646279746573u};
    size_t left = len;
    for (; left >= 8; left -= 8, at += 8)
        sip_word(v, little_endian(at, 8));
    sip_word(v, little_endian(at, left) | (uint64_t)len << 56);
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void hash_init(struct hash *hash, struct hash_node **buckets, size_t n, const uint64_t seed[2], hash_same_fn *same)
{
    for (size_t i = 0; i < n; i++)
        buckets[i] = NULL;
    *hash = (struct hash){.buckets = buckets, .mask = n - 1, .seed = {seed[0], seed[1]}, .same = same};
}

size_t hash_buckets(size_t things)
{
    size_t n = 1;
    while (n < things)
        n *= 2;
    return n;
}

struct hash_node *hash_find(const struct hash *hash, const void *key, size_t len)
{
    uint64_t code = hash_bytes(hash->seed, key, len);
    for (struct hash_node *node = hash->buckets[code & hash->mask]; node; node = node->next) {
        if (node->hash == code && hash->same(node, key, len))
            return node;
    }
    return NULL;
}

void hash_insert(struct hash *hash, struct hash_node *node, const void *key, size_t len)
{
    node->hash = hash_bytes(hash->seed, key, len);
    struct hash_node **bucket = &hash->buckets[node->hash & hash->mask];
    node->next = *bucket;
    node->linked = true;
    *bucket = node;
    hash->count++;
}

void hash_remove(struct hash *hash, struct hash_node *node)
{
    if (!node->linked)
        return;
    struct hash_node **link = &hash->buckets[node->hash & hash->mask];
    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    *node = (struct hash_node){0};
    hash->count--;
}
