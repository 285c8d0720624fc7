#include "net/dhcp/probe.h"

#include "net/dhcp/binding.h"
#include "net/dhcp/pool.h"
#include "net/dhcp/tell.h"

uint32_t dhcp_probe_stock(const struct dhcp_server *server)
{
    const struct dhcp_leases *leases = &server->leases;
    return leases->count[DHCP_QUEUE_READY] + leases->count[DHCP_QUEUE_READY_KNOWN] +
           leases->count[DHCP_QUEUE_PROBING];
}

/* The next address of the pool that is in no entry; 0 where there is none. Every address that is passed over is
 * in the table, fixed, or special, so the walk is no longer than these are many. */
static ip4 next_address(struct dhcp_server *server)
{
    uint32_t most = server->leases.capacity + server->hosts.count + 8;
    uint32_t size = dhcp_pool_size(server);
    for (uint32_t i = 0; i < most && i < size; i++) {
        ip4 address = server->cursor;
        server->cursor = address == server->config.pool_last ? server->config.pool_first : address + 1;
        if (dhcp_pool_has(server, address) && dhcp_leases_find_address(&server->leases, address) == NULL)
            return address;
    }
    server->dry = true;
    return 0;
}

static void begin(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    if (!server->config.probe) {
        lease->probed_ms = now_ms;
        dhcp_leases_set(&server->leases, lease, DHCP_LEASE_READY, UINT64_MAX);
        server->wake++;
        return;
    }
    lease->probes = 0;
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_PROBING, now_ms);
}

/* An address that nobody has had; else the one whose client has been away longest. */
static struct dhcp_lease *candidate(struct dhcp_server *server)
{
    ip4 address = server->dry ? 0 : next_address(server);
    if (address != 0)
        return dhcp_leases_add(&server->leases, address);
    return dhcp_leases_oldest(&server->leases, DHCP_QUEUE_EXPIRED);
}

/* What has lain in stock too long, one at a time so that the stock stays. */
static struct dhcp_lease *stale(const struct dhcp_server *server, enum dhcp_queue queue, uint64_t now_ms)
{
    struct dhcp_lease *lease = dhcp_leases_oldest(&server->leases, queue);
    return lease != NULL && now_ms - lease->probed_ms >= DHCP_STOCK_FRESH_MS ? lease : NULL;
}

void dhcp_probe_again(struct dhcp_server *server, uint64_t now_ms)
{
    struct dhcp_lease *lease = dhcp_leases_next(&server->leases, NULL);
    for (; lease != NULL; lease = dhcp_leases_next(&server->leases, lease)) {
        if (lease->state != DHCP_LEASE_READY && lease->state != DHCP_LEASE_PROBING)
            continue;
        if (lease->known)
            dhcp_leases_set(&server->leases, lease, DHCP_LEASE_EXPIRED, UINT64_MAX);
        else
            dhcp_binding_forget(server, lease, now_ms);
    }
}

static bool wants_more(const struct dhcp_server *server)
{
    return dhcp_probe_stock(server) < server->limits.stock &&
           server->leases.count[DHCP_QUEUE_PROBING] < DHCP_PROBES_AT_ONCE;
}

void dhcp_probe_refill(struct dhcp_server *server, uint64_t now_ms)
{
    const struct dhcp_leases *leases = &server->leases;
    while (wants_more(server)) {
        struct dhcp_lease *lease = candidate(server);
        if (lease == NULL)
            break;
        begin(server, lease, now_ms);
    }
    if (!server->config.probe || leases->count[DHCP_QUEUE_PROBING] > 0)
        return;
    struct dhcp_lease *lease = stale(server, DHCP_QUEUE_READY, now_ms);
    if (lease == NULL)
        lease = stale(server, DHCP_QUEUE_READY_KNOWN, now_ms);
    if (lease != NULL)
        begin(server, lease, now_ms);
}

bool dhcp_probe_step(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms,
                     uint8_t frame[ARP_FRAME_LEN])
{
    if (lease->probes < DHCP_PROBES) {
        lease->probes++;
        uint64_t wait = lease->probes < DHCP_PROBES ? DHCP_PROBE_EVERY_MS : DHCP_PROBE_WAIT_MS;
        dhcp_leases_set(&server->leases, lease, DHCP_LEASE_PROBING, now_ms + wait);
        arp_build_probe(frame, server->config.mac, lease->address);
        return true;
    }
    lease->probed_ms = now_ms;
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_READY, UINT64_MAX);
    server->wake++;
    return false;
}

/* Another machine than the lease's client speaks for the address, or is about to. */
static void contradicted(struct dhcp_server *server, struct dhcp_lease *lease, const struct arp_packet *packet,
                         uint64_t now_ms)
{
    bool claims = packet->sender_ip != 0;
    switch (lease->state) {
    case DHCP_LEASE_PROBING:
    case DHCP_LEASE_READY:
        dhcp_binding_conflict(server, lease, packet->sender, now_ms);
        break;
    case DHCP_LEASE_OFFERED:
        if (claims)
            dhcp_binding_conflict(server, lease, packet->sender, now_ms);
        break;
    case DHCP_LEASE_BOUND:
        if (claims && !lease->contested)
            dhcp_tell_client(server, DHCP_EVENT_CONFLICT, packet->sender, lease->address, now_ms);
        lease->contested |= claims;
        break;
    default:
        break;
    }
}

/* The remembered client still works there: nobody else gets the address for now. */
static void confirmed(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    if (lease->state != DHCP_LEASE_PROBING && lease->state != DHCP_LEASE_READY)
        return;
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_EXPIRED, now_ms + DHCP_SEEN_REST_MS);
}

void dhcp_probe_heard(struct dhcp_server *server, const struct arp_packet *packet, uint64_t now_ms)
{
    ip4 address = packet->sender_ip != 0 ? packet->sender_ip : packet->target_ip;
    struct dhcp_lease *lease = dhcp_leases_find_address(&server->leases, address);
    if (lease == NULL || !arp_conflicts(packet, server->config.mac, address))
        return;
    if (lease->known && mac_equal(lease->mac, packet->sender))
        confirmed(server, lease, now_ms);
    else
        contradicted(server, lease, packet, now_ms);
}

static uint64_t stale_at(const struct dhcp_leases *leases, enum dhcp_queue queue)
{
    const struct dhcp_lease *lease = dhcp_leases_oldest(leases, queue);
    return lease == NULL ? UINT64_MAX : lease->probed_ms + DHCP_STOCK_FRESH_MS;
}

uint64_t dhcp_probe_deadline(const struct dhcp_server *server)
{
    const struct dhcp_leases *leases = &server->leases;
    if (wants_more(server) && (!server->dry || leases->count[DHCP_QUEUE_EXPIRED] > 0))
        return 0;
    if (!server->config.probe || leases->count[DHCP_QUEUE_PROBING] > 0)
        return UINT64_MAX;
    uint64_t ready = stale_at(leases, DHCP_QUEUE_READY);
    uint64_t known = stale_at(leases, DHCP_QUEUE_READY_KNOWN);
    return ready < known ? ready : known;
}
