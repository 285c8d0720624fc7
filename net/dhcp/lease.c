#include "net/dhcp/lease.h"

#include <string.h>

#include "net/dhcp/carve.h"

static uint32_t slot_of(const struct dhcp_leases *leases, const struct dhcp_lease *lease)
{
    return (uint32_t)(lease - leases->entry);
}

/* -- lists ----------------------------------------------------------------------------------- */

static void queue_remove(struct dhcp_leases *leases, struct dhcp_lease *lease)
{
    uint8_t q = lease->queue;
    if (lease->before == DHCP_NO_SLOT)
        leases->first[q] = lease->after;
    else
        leases->entry[lease->before].after = lease->after;
    if (lease->after == DHCP_NO_SLOT)
        leases->last[q] = lease->before;
    else
        leases->entry[lease->after].before = lease->before;
    leases->count[q]--;
}

static void queue_append(struct dhcp_leases *leases, struct dhcp_lease *lease, enum dhcp_queue q)
{
    uint32_t slot = slot_of(leases, lease);
    lease->queue = (uint8_t)q;
    lease->before = leases->last[q];
    lease->after = DHCP_NO_SLOT;
    if (lease->before == DHCP_NO_SLOT)
        leases->first[q] = slot;
    else
        leases->entry[lease->before].after = slot;
    leases->last[q] = slot;
    leases->count[q]++;
}

static enum dhcp_queue queue_for(const struct dhcp_lease *lease)
{
    switch (lease->state) {
    case DHCP_LEASE_PROBING:
        return DHCP_QUEUE_PROBING;
    case DHCP_LEASE_READY:
        return lease->known ? DHCP_QUEUE_READY_KNOWN : DHCP_QUEUE_READY;
    case DHCP_LEASE_OFFERED:
        return DHCP_QUEUE_OFFERED;
    case DHCP_LEASE_BOUND:
        return DHCP_QUEUE_BOUND;
    case DHCP_LEASE_EXPIRED:
        return lease->due_ms == UINT64_MAX ? DHCP_QUEUE_EXPIRED : DHCP_QUEUE_RESTING;
    case DHCP_LEASE_DECLINED:
        return DHCP_QUEUE_DECLINED;
    case DHCP_LEASE_CONFLICT:
        return DHCP_QUEUE_CONFLICT;
    case DHCP_LEASE_UNUSED:
        break;
    }
    return DHCP_QUEUE_UNUSED;
}

/* -- the heap, by due_ms --------------------------------------------------------------------- */

static uint64_t heap_key(const struct dhcp_leases *leases, uint32_t at)
{
    return leases->entry[leases->heap[at]].due_ms;
}

static void heap_place(struct dhcp_leases *leases, uint32_t at, uint32_t slot)
{
    leases->heap[at] = slot;
    leases->entry[slot].heap_at = at;
}

static void heap_up(struct dhcp_leases *leases, uint32_t at)
{
    uint32_t slot = leases->heap[at];
    uint64_t key = leases->entry[slot].due_ms;
    while (at > 0 && heap_key(leases, (at - 1) / 2) > key) {
        heap_place(leases, at, leases->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_place(leases, at, slot);
}

static void heap_down(struct dhcp_leases *leases, uint32_t at)
{
    uint32_t slot = leases->heap[at];
    uint64_t key = leases->entry[slot].due_ms;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= leases->heap_len)
            break;
        if (child + 1 < leases->heap_len && heap_key(leases, child + 1) < heap_key(leases, child))
            child++;
        if (heap_key(leases, child) >= key)
            break;
        heap_place(leases, at, leases->heap[child]);
        at = child;
    }
    heap_place(leases, at, slot);
}

static void heap_remove(struct dhcp_leases *leases, struct dhcp_lease *lease)
{
    uint32_t at = lease->heap_at;
    if (at == DHCP_NO_SLOT)
        return;
    lease->heap_at = DHCP_NO_SLOT;
    if (at == --leases->heap_len)
        return;
    uint32_t moved = leases->heap[leases->heap_len];
    heap_place(leases, at, moved);
    heap_up(leases, at);
    heap_down(leases, leases->entry[moved].heap_at);
}

static void heap_add(struct dhcp_leases *leases, struct dhcp_lease *lease)
{
    if (lease->due_ms == UINT64_MAX)
        return;
    heap_place(leases, leases->heap_len, slot_of(leases, lease));
    heap_up(leases, leases->heap_len++);
}

/* -- hashes ---------------------------------------------------------------------------------- */

static uint32_t hash_address(const struct dhcp_leases *leases, ip4 address)
{
    return dhcp_index_hash(leases->seed, &address, sizeof address);
}

static uint32_t hash_mac(const struct dhcp_leases *leases, struct mac mac)
{
    return dhcp_index_hash(leases->seed, mac.b, sizeof mac.b);
}

static bool same_id(const struct dhcp_lease *lease, struct dhcp_bytes id)
{
    return lease->id_len == id.len && memcmp(lease->id, id.data, id.len) == 0;
}

static void drop_id(struct dhcp_leases *leases, struct dhcp_lease *lease)
{
    if (lease->id_len == 0)
        return;
    dhcp_index_remove(&leases->by_id, dhcp_index_hash(leases->seed, lease->id, lease->id_len),
                      slot_of(leases, lease));
    lease->id_len = 0;
}

static void set_id(struct dhcp_leases *leases, struct dhcp_lease *lease, struct dhcp_bytes id)
{
    if (id.len > sizeof lease->id)
        id.len = 0;
    if (id.len > 0 && same_id(lease, id))
        return;
    drop_id(leases, lease);
    if (id.len == 0)
        return;
    memcpy(lease->id, id.data, id.len);
    lease->id_len = (uint8_t)id.len;
    dhcp_index_add(&leases->by_id, dhcp_index_hash(leases->seed, id.data, id.len), slot_of(leases, lease));
}

struct dhcp_lease *dhcp_leases_find_address(const struct dhcp_leases *leases, ip4 address)
{
    uint32_t slot = dhcp_index_first(&leases->by_address, hash_address(leases, address));
    for (; slot != DHCP_NO_SLOT; slot = dhcp_index_next(&leases->by_address, slot))
        if (leases->entry[slot].address == address)
            return &leases->entry[slot];
    return NULL;
}

struct dhcp_lease *dhcp_leases_find_mac(const struct dhcp_leases *leases, struct mac mac)
{
    uint32_t slot = dhcp_index_first(&leases->by_mac, hash_mac(leases, mac));
    for (; slot != DHCP_NO_SLOT; slot = dhcp_index_next(&leases->by_mac, slot))
        if (mac_equal(leases->entry[slot].mac, mac))
            return &leases->entry[slot];
    return NULL;
}

struct dhcp_lease *dhcp_leases_find_id(const struct dhcp_leases *leases, struct dhcp_bytes id)
{
    if (id.len == 0 || id.len > DHCP_LEASE_ID_MAX)
        return NULL;
    uint32_t slot = dhcp_index_first(&leases->by_id, dhcp_index_hash(leases->seed, id.data, id.len));
    for (; slot != DHCP_NO_SLOT; slot = dhcp_index_next(&leases->by_id, slot))
        if (same_id(&leases->entry[slot], id))
            return &leases->entry[slot];
    return NULL;
}

/* -- entries --------------------------------------------------------------------------------- */

size_t dhcp_leases_memory(uint32_t capacity)
{
    return carve_size(capacity * sizeof(struct dhcp_lease)) + carve_size(capacity * sizeof(uint32_t)) +
           3 * carve_size(dhcp_index_memory(capacity));
}

void dhcp_leases_init(struct dhcp_leases *leases, void *memory, uint32_t capacity, uint64_t seed)
{
    uint8_t *at = memory;
    *leases = (struct dhcp_leases){.capacity = capacity, .seed = seed};
    leases->entry = carve(&at, capacity * sizeof(struct dhcp_lease));
    leases->heap = carve(&at, capacity * sizeof(uint32_t));
    struct dhcp_index *index[] = {&leases->by_address, &leases->by_mac, &leases->by_id};
    for (size_t i = 0; i < 3; i++)
        dhcp_index_init(index[i], carve(&at, dhcp_index_memory(capacity)), capacity);
    for (int q = 0; q < DHCP_QUEUES; q++)
        leases->first[q] = leases->last[q] = DHCP_NO_SLOT;
    for (uint32_t i = 0; i < capacity; i++) {
        leases->entry[i] = (struct dhcp_lease){.heap_at = DHCP_NO_SLOT, .due_ms = UINT64_MAX};
        queue_append(leases, &leases->entry[i], DHCP_QUEUE_UNUSED);
    }
}

struct dhcp_lease *dhcp_leases_oldest(const struct dhcp_leases *leases, enum dhcp_queue queue)
{
    uint32_t slot = leases->first[queue];
    return slot == DHCP_NO_SLOT ? NULL : &leases->entry[slot];
}

struct dhcp_lease *dhcp_leases_due(const struct dhcp_leases *leases)
{
    return leases->heap_len == 0 ? NULL : &leases->entry[leases->heap[0]];
}

struct dhcp_lease *dhcp_leases_next(const struct dhcp_leases *leases, const struct dhcp_lease *previous)
{
    uint32_t slot = previous == NULL ? 0 : slot_of(leases, previous) + 1;
    while (slot < leases->capacity && leases->entry[slot].state == DHCP_LEASE_UNUSED)
        slot++;
    return slot < leases->capacity ? &leases->entry[slot] : NULL;
}

struct dhcp_lease *dhcp_leases_add(struct dhcp_leases *leases, ip4 address)
{
    struct dhcp_lease *lease = dhcp_leases_oldest(leases, DHCP_QUEUE_UNUSED);
    if (lease == NULL)
        return NULL;
    lease->address = address;
    dhcp_index_add(&leases->by_address, hash_address(leases, address), slot_of(leases, lease));
    return lease;
}

void dhcp_leases_remove(struct dhcp_leases *leases, struct dhcp_lease *lease)
{
    dhcp_leases_clear_client(leases, lease);
    dhcp_index_remove(&leases->by_address, hash_address(leases, lease->address), slot_of(leases, lease));
    heap_remove(leases, lease);
    queue_remove(leases, lease);
    *lease = (struct dhcp_lease){.heap_at = DHCP_NO_SLOT, .due_ms = UINT64_MAX};
    queue_append(leases, lease, DHCP_QUEUE_UNUSED);
}

void dhcp_leases_set(struct dhcp_leases *leases, struct dhcp_lease *lease, enum dhcp_lease_state state,
                     uint64_t due_ms)
{
    heap_remove(leases, lease);
    queue_remove(leases, lease);
    lease->state = state;
    lease->due_ms = due_ms;
    queue_append(leases, lease, queue_for(lease));
    heap_add(leases, lease);
}

void dhcp_leases_set_client(struct dhcp_leases *leases, struct dhcp_lease *lease, struct mac mac,
                            struct dhcp_bytes id)
{
    if (!lease->known || !mac_equal(lease->mac, mac)) {
        dhcp_leases_clear_client(leases, lease);
        lease->mac = mac;
        lease->known = true;
        leases->known++;
        dhcp_index_add(&leases->by_mac, hash_mac(leases, mac), slot_of(leases, lease));
    }
    set_id(leases, lease, id);
}

void dhcp_leases_clear_client(struct dhcp_leases *leases, struct dhcp_lease *lease)
{
    if (lease->known) {
        drop_id(leases, lease);
        dhcp_index_remove(&leases->by_mac, hash_mac(leases, lease->mac), slot_of(leases, lease));
        leases->known--;
    }
    lease->known = lease->acknowledged = lease->contested = false;
    lease->mac = (struct mac){{0}};
    lease->vendor_class_len = lease->name_len = lease->list_len = 0;
    lease->seen_ms = 0;
}
