#include "net/dhcp/index.h"

#include <string.h>

static uint32_t buckets(uint32_t slots)
{
    uint32_t n = 16;
    while (n < slots && n < 1u << 30)
        n *= 2;
    return n;
}

size_t dhcp_index_memory(uint32_t slots)
{
    return ((size_t)buckets(slots) + slots) * sizeof(uint32_t);
}

void dhcp_index_init(struct dhcp_index *index, void *memory, uint32_t slots)
{
    uint32_t n = buckets(slots);
    index->bucket = memory;
    index->next = index->bucket + n;
    index->mask = n - 1;
    dhcp_index_clear(index);
}

void dhcp_index_clear(struct dhcp_index *index)
{
    memset(index->bucket, 0xff, ((size_t)index->mask + 1) * sizeof(uint32_t));
}

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

uint32_t dhcp_index_hash(uint64_t seed, const void *data, size_t len)
{
    const uint8_t *at = data;
    uint64_t h = mix(seed, len);
    for (; len >= 8; len -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        h = mix(h, word);
    }
    uint64_t rest = 0;
    memcpy(&rest, at, len);
    h = mix(mix(h, rest), seed >> 32 | seed << 32);
    return (uint32_t)(h >> 32);
}

uint32_t dhcp_index_first(const struct dhcp_index *index, uint32_t hash)
{
    return index->bucket[hash & index->mask];
}

uint32_t dhcp_index_next(const struct dhcp_index *index, uint32_t slot)
{
    return index->next[slot];
}

void dhcp_index_add(struct dhcp_index *index, uint32_t hash, uint32_t slot)
{
    uint32_t *bucket = &index->bucket[hash & index->mask];
    index->next[slot] = *bucket;
    *bucket = slot;
}

void dhcp_index_remove(struct dhcp_index *index, uint32_t hash, uint32_t slot)
{
    uint32_t *at = &index->bucket[hash & index->mask];
    while (*at != slot)
        at = &index->next[*at];
    *at = index->next[slot];
}
