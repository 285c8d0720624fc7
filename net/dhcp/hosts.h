/* hosts.h - fixed addresses ([dhcp.host]): MAC to address and back, both by hash. */
#ifndef STAGEBOX_NET_DHCP_HOSTS_H
#define STAGEBOX_NET_DHCP_HOSTS_H

#include "net/dhcp/index.h"
#include "net/addr.h"

struct dhcp_host {
    struct mac mac;
    ip4 address;
};

struct dhcp_hosts {
    struct dhcp_host *host; /* copies */
    uint32_t capacity, count;
    uint64_t seed;
    struct dhcp_index by_mac, by_address;
};

/* Bytes of memory for `capacity` hosts, and an empty table in it (aligned for any type). */
size_t dhcp_hosts_memory(uint32_t capacity);
void dhcp_hosts_init(struct dhcp_hosts *hosts, void *memory, uint32_t capacity, uint64_t seed);
/* Replaces all. Returns how many were taken: less than `count` where the table is full. A MAC or an
 * address that comes twice counts as it came first. */
uint32_t dhcp_hosts_set(struct dhcp_hosts *hosts, const struct dhcp_host *list, uint32_t count);
/* The MAC's fixed address, 0 where it has none. */
ip4 dhcp_hosts_address(const struct dhcp_hosts *hosts, struct mac mac);
/* Who the address is kept for; NULL: nobody. */
const struct mac *dhcp_hosts_owner(const struct dhcp_hosts *hosts, ip4 address);

#endif
