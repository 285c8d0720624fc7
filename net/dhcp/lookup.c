/* The look-ups of server.h. */
#include "net/dhcp/server.h"

#include "net/dhcp/binding.h"
#include "net/dhcp/tell.h"

const struct dhcp_lease *dhcp_server_lease_at(const struct dhcp_server *server, ip4 address)
{
    const struct dhcp_lease *lease = dhcp_leases_find_address(&server->leases, address);
    return lease != NULL && lease->state == DHCP_LEASE_BOUND ? lease : NULL;
}

const struct dhcp_lease *dhcp_server_lease_of(const struct dhcp_server *server, struct mac mac)
{
    return dhcp_leases_find_mac(&server->leases, mac);
}

const struct dhcp_lease *dhcp_server_next(const struct dhcp_server *server, const struct dhcp_lease *previous)
{
    const struct dhcp_lease *lease = dhcp_leases_next(&server->leases, previous);
    while (lease != NULL && !lease->known && lease->state != DHCP_LEASE_DECLINED)
        lease = dhcp_leases_next(&server->leases, lease);
    return lease;
}

bool dhcp_lease_record(const struct dhcp_lease *lease, uint64_t now_ms, struct dhcp_lease_record *out)
{
    enum dhcp_record_state state;
    if (lease->state == DHCP_LEASE_BOUND)
        state = DHCP_RECORD_BOUND;
    else if (lease->state == DHCP_LEASE_DECLINED)
        state = DHCP_RECORD_DECLINED;
    else if (lease->known && lease->acknowledged)
        state = DHCP_RECORD_EXPIRED;
    else
        return false;
    dhcp_fill_record(lease, state, now_ms, out);
    return true;
}

bool dhcp_server_forget(struct dhcp_server *server, struct mac mac, uint64_t now_ms)
{
    struct dhcp_lease *lease = dhcp_leases_find_mac(&server->leases, mac);
    if (lease == NULL)
        return false;
    dhcp_binding_forget(server, lease, now_ms);
    return true;
}

void dhcp_server_stats(const struct dhcp_server *server, struct dhcp_stats *out)
{
    const uint32_t *count = server->leases.count;
    *out = server->stats;
    out->bound = count[DHCP_QUEUE_BOUND];
    out->offered = count[DHCP_QUEUE_OFFERED];
    out->ready = count[DHCP_QUEUE_READY] + count[DHCP_QUEUE_READY_KNOWN];
    out->probing = count[DHCP_QUEUE_PROBING];
    out->resting = count[DHCP_QUEUE_DECLINED] + count[DHCP_QUEUE_CONFLICT];
    out->remembered = server->leases.known - out->bound - out->offered;
}

enum dhcp_guard dhcp_server_guard(const struct dhcp_server *server)
{
    return server->rogue.guard;
}

ip4 dhcp_server_other(const struct dhcp_server *server)
{
    return server->rogue.seen ? server->rogue.address : 0;
}
