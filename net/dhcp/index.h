/* index.h - a chained hash over the slots of somebody else's array. Holds slot numbers, no keys. */
#ifndef STAGEBOX_NET_DHCP_INDEX_H
#define STAGEBOX_NET_DHCP_INDEX_H

#include <stddef.h>
#include <stdint.h>

#define DHCP_NO_SLOT UINT32_MAX

struct dhcp_index {
    uint32_t *bucket; /* mask + 1 heads */
    uint32_t *next;   /* one link for each slot */
    uint32_t mask;
};

/* Bytes of memory for an index over `slots` slots. */
size_t dhcp_index_memory(uint32_t slots);
/* Makes an empty index in `memory` (aligned for uint32_t, dhcp_index_memory() bytes). */
void dhcp_index_init(struct dhcp_index *index, void *memory, uint32_t slots);
/* Empties it again. */
void dhcp_index_clear(struct dhcp_index *index);
/* A hash of `len` bytes that nobody on the network can aim at without knowing `seed`. */
uint32_t dhcp_index_hash(uint64_t seed, const void *data, size_t len);
/* Walks the slots whose hash falls together with `hash`, newest first; DHCP_NO_SLOT ends it. */
uint32_t dhcp_index_first(const struct dhcp_index *index, uint32_t hash);
uint32_t dhcp_index_next(const struct dhcp_index *index, uint32_t slot);
/* Adds a slot that is not in it; removes one that is, by the hash it was added with. */
void dhcp_index_add(struct dhcp_index *index, uint32_t hash, uint32_t slot);
void dhcp_index_remove(struct dhcp_index *index, uint32_t hash, uint32_t slot);

#endif
