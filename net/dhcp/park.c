#include "net/dhcp/park.h"

#include <string.h>

#include "net/dhcp/carve.h"

size_t dhcp_park_memory(uint32_t capacity)
{
    return carve_size(capacity * sizeof(struct dhcp_parked)) + carve_size(dhcp_index_memory(capacity));
}

void dhcp_park_init(struct dhcp_park *park, void *memory, uint32_t capacity, uint64_t seed)
{
    uint8_t *at = memory;
    *park = (struct dhcp_park){.capacity = capacity, .seed = seed};
    park->slot = carve(&at, capacity * sizeof(struct dhcp_parked));
    dhcp_index_init(&park->by_mac, carve(&at, dhcp_index_memory(capacity)), capacity);
    for (uint32_t i = 0; i < capacity; i++)
        park->slot[i].used = false;
}

static uint32_t hash(const struct dhcp_park *park, struct mac mac)
{
    return dhcp_index_hash(park->seed, mac.b, sizeof mac.b);
}

static struct dhcp_parked *find(const struct dhcp_park *park, struct mac mac)
{
    uint32_t slot = dhcp_index_first(&park->by_mac, hash(park, mac));
    for (; slot != DHCP_NO_SLOT; slot = dhcp_index_next(&park->by_mac, slot))
        if (mac_equal(park->slot[slot].mac, mac))
            return &park->slot[slot];
    return NULL;
}

static void leave(struct dhcp_park *park, struct dhcp_parked *parked)
{
    if (!parked->used)
        return;
    dhcp_index_remove(&park->by_mac, hash(park, parked->mac), (uint32_t)(parked - park->slot));
    parked->used = false;
}

/* The oldest place is given up, whether or not somebody still waits there. */
static struct dhcp_parked *shift(struct dhcp_park *park)
{
    struct dhcp_parked *parked = &park->slot[park->head];
    park->head = (park->head + 1) % park->capacity;
    park->used--;
    return parked;
}

static struct dhcp_parked *new_place(struct dhcp_park *park, struct mac mac)
{
    if (park->used == park->capacity)
        leave(park, shift(park));
    uint32_t slot = (park->head + park->used++) % park->capacity;
    park->slot[slot].mac = mac;
    park->slot[slot].used = true;
    dhcp_index_add(&park->by_mac, hash(park, mac), slot);
    return &park->slot[slot];
}

bool dhcp_park_put(struct dhcp_park *park, struct mac mac, const uint8_t *data, size_t len, ip4 src, ip4 dst,
                   uint64_t now_ms)
{
    if (len > DHCP_PARK_BYTES || park->capacity == 0)
        return false;
    struct dhcp_parked *parked = find(park, mac);
    if (parked == NULL)
        parked = new_place(park, mac);
    parked->src = src;
    parked->dst = dst;
    parked->since_ms = now_ms;
    parked->len = (uint16_t)len;
    /* One that was taken out and has to wait on may lie in the very place. */
    memmove(parked->data, data, len);
    return true;
}

void dhcp_park_drop(struct dhcp_park *park, struct mac mac)
{
    struct dhcp_parked *parked = find(park, mac);
    if (parked != NULL)
        leave(park, parked);
}

void dhcp_park_clear(struct dhcp_park *park)
{
    while (park->used > 0)
        leave(park, shift(park));
}

const struct dhcp_parked *dhcp_park_take(struct dhcp_park *park, uint64_t now_ms)
{
    while (park->used > 0) {
        struct dhcp_parked *parked = shift(park);
        bool waits = parked->used && now_ms - parked->since_ms <= DHCP_PARK_MS;
        leave(park, parked);
        if (waits)
            return parked;
    }
    return NULL;
}

bool dhcp_park_empty(const struct dhcp_park *park)
{
    return park->used == 0;
}
