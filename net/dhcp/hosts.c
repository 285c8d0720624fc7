#include "net/dhcp/hosts.h"

#include "net/dhcp/carve.h"

size_t dhcp_hosts_memory(uint32_t capacity)
{
    return carve_size(capacity * sizeof(struct dhcp_host)) + 2 * carve_size(dhcp_index_memory(capacity));
}

void dhcp_hosts_init(struct dhcp_hosts *hosts, void *memory, uint32_t capacity, uint64_t seed)
{
    uint8_t *at = memory;
    *hosts = (struct dhcp_hosts){.capacity = capacity, .seed = seed};
    hosts->host = carve(&at, capacity * sizeof(struct dhcp_host));
    dhcp_index_init(&hosts->by_mac, carve(&at, dhcp_index_memory(capacity)), capacity);
    dhcp_index_init(&hosts->by_address, carve(&at, dhcp_index_memory(capacity)), capacity);
}

static uint32_t hash_mac(const struct dhcp_hosts *hosts, struct mac mac)
{
    return dhcp_index_hash(hosts->seed, mac.b, sizeof mac.b);
}

static uint32_t hash_address(const struct dhcp_hosts *hosts, ip4 address)
{
    return dhcp_index_hash(hosts->seed, &address, sizeof address);
}

uint32_t dhcp_hosts_set(struct dhcp_hosts *hosts, const struct dhcp_host *list, uint32_t count)
{
    dhcp_index_clear(&hosts->by_mac);
    dhcp_index_clear(&hosts->by_address);
    hosts->count = 0;
    uint32_t taken = 0;
    for (; taken < count && hosts->count < hosts->capacity; taken++) {
        const struct dhcp_host *host = &list[taken];
        if (dhcp_hosts_address(hosts, host->mac) != 0 || dhcp_hosts_owner(hosts, host->address) != NULL)
            continue;
        hosts->host[hosts->count] = *host;
        dhcp_index_add(&hosts->by_mac, hash_mac(hosts, host->mac), hosts->count);
        dhcp_index_add(&hosts->by_address, hash_address(hosts, host->address), hosts->count);
        hosts->count++;
    }
    return taken;
}

ip4 dhcp_hosts_address(const struct dhcp_hosts *hosts, struct mac mac)
{
    uint32_t slot = dhcp_index_first(&hosts->by_mac, hash_mac(hosts, mac));
    for (; slot != DHCP_NO_SLOT; slot = dhcp_index_next(&hosts->by_mac, slot))
        if (mac_equal(hosts->host[slot].mac, mac))
            return hosts->host[slot].address;
    return 0;
}

const struct mac *dhcp_hosts_owner(const struct dhcp_hosts *hosts, ip4 address)
{
    uint32_t slot = dhcp_index_first(&hosts->by_address, hash_address(hosts, address));
    for (; slot != DHCP_NO_SLOT; slot = dhcp_index_next(&hosts->by_address, slot))
        if (hosts->host[slot].address == address)
            return &hosts->host[slot].mac;
    return NULL;
}
