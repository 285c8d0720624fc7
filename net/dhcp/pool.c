#include "net/dhcp/pool.h"

#include "net/dhcp/binding.h"
#include "net/dhcp/tell.h"

static ip4 base(const struct dhcp_server *server)
{
    return server->config.pool_first != 0 ? server->config.pool_first : server->config.address;
}

bool dhcp_pool_on_link(const struct dhcp_server *server, ip4 address)
{
    ip4 mask = ip4_mask(server->config.prefix);
    ip4 host = address & ~mask;
    return ((address ^ base(server)) & mask) == 0 && host != 0 && host != (ip4)~mask &&
           address != server->config.address;
}

bool dhcp_pool_has(const struct dhcp_server *server, ip4 address)
{
    const struct dhcp_config *config = &server->config;
    return address != 0 && address >= config->pool_first && address <= config->pool_last &&
           address != config->router && dhcp_pool_on_link(server, address) &&
           dhcp_hosts_owner(&server->hosts, address) == NULL;
}

uint32_t dhcp_pool_size(const struct dhcp_server *server)
{
    const struct dhcp_config *config = &server->config;
    if (config->pool_first == 0 || config->pool_last < config->pool_first)
        return 0;
    uint32_t span = config->pool_last - config->pool_first;
    return span == UINT32_MAX ? span : span + 1;
}

struct dhcp_lease *dhcp_pool_client(const struct dhcp_server *server, struct mac mac, struct dhcp_bytes id)
{
    struct dhcp_lease *lease = dhcp_leases_find_mac(&server->leases, mac);
    if (lease != NULL)
        return lease;
    /* Identifiers of other forms are not worth two phones on one address: some devices all send the
     * same. RFC 4361 makes them unique and lets a client change its interface. */
    if (id.len == 0 || id.data[0] != DHCP_CLIENT_ID_RFC4361)
        return NULL;
    lease = dhcp_leases_find_id(&server->leases, id);
    bool fixed = lease != NULL && dhcp_hosts_owner(&server->hosts, lease->address) != NULL;
    return fixed ? NULL : lease;
}

/* Whether the entry at an address, if there is one, leaves it free for the client. */
static bool entry_free_for(const struct dhcp_lease *lease, struct mac mac)
{
    if (lease == NULL)
        return true;
    switch (lease->state) {
    case DHCP_LEASE_OFFERED:
    case DHCP_LEASE_BOUND:
    case DHCP_LEASE_CONFLICT: /* seen there itself, because we forgot it while it worked on */
        return mac_equal(lease->mac, mac);
    case DHCP_LEASE_DECLINED:
        return false;
    case DHCP_LEASE_EXPIRED:
        return lease->due_ms == UINT64_MAX || mac_equal(lease->mac, mac);
    default:
        return true;
    }
}

ip4 dhcp_pool_fixed(const struct dhcp_server *server, struct mac mac)
{
    ip4 address = dhcp_hosts_address(&server->hosts, mac);
    if (address == 0 || !dhcp_pool_on_link(server, address))
        return 0;
    return entry_free_for(dhcp_leases_find_address(&server->leases, address), mac) ? address : 0;
}

bool dhcp_pool_free_for(const struct dhcp_server *server, ip4 address, struct mac mac)
{
    ip4 fixed = dhcp_pool_fixed(server, mac);
    if (fixed != 0)
        return address == fixed;
    return dhcp_pool_has(server, address) &&
           entry_free_for(dhcp_leases_find_address(&server->leases, address), mac);
}

bool dhcp_pool_may_keep(const struct dhcp_server *server, const struct dhcp_lease *lease, struct mac mac)
{
    ip4 fixed = dhcp_pool_fixed(server, mac);
    const struct mac *owner = dhcp_hosts_owner(&server->hosts, lease->address);
    if (fixed != 0)
        return lease->address == fixed;
    if (owner != NULL || !dhcp_pool_on_link(server, lease->address))
        return false;
    return lease->state == DHCP_LEASE_BOUND || dhcp_pool_has(server, lease->address);
}

/* -- when there are more clients than addresses ---------------------------------------------- */

bool dhcp_pool_wanted(const struct dhcp_server *server, uint64_t now_ms)
{
    return now_ms < server->wanted_until_ms;
}

bool dhcp_pool_yields(const struct dhcp_server *server, struct mac mac, uint64_t now_ms)
{
    return dhcp_pool_wanted(server, now_ms) && server->call.yields != NULL &&
           server->call.yields(server->call.ctx, mac);
}

void dhcp_pool_turn_away(struct dhcp_server *server, enum dhcp_event_kind kind, struct mac mac, ip4 address,
                         uint64_t now_ms)
{
    if (server->call.counts == NULL || server->call.counts(server->call.ctx, mac))
        server->wanted_until_ms = now_ms + DHCP_WANTED_MS;
    dhcp_tell_client(server, kind, mac, address, now_ms);
}

/* -- which one ------------------------------------------------------------------------------- */

/* Room for one more client in the table: at the cost of who has been away longest. */
static bool make_room(struct dhcp_server *server, uint64_t now_ms)
{
    struct dhcp_leases *leases = &server->leases;
    if (leases->known < server->limits.leases)
        return true;
    struct dhcp_lease *lease = dhcp_leases_oldest(leases, DHCP_QUEUE_EXPIRED);
    if (lease == NULL)
        lease = dhcp_leases_oldest(leases, DHCP_QUEUE_READY_KNOWN);
    if (lease == NULL) {
        lease = dhcp_leases_oldest(leases, DHCP_QUEUE_OFFERED);
        if (lease == NULL || now_ms - lease->since_ms < DHCP_OFFER_YOUNG_MS)
            return false;
    }
    dhcp_binding_forget(server, lease, now_ms);
    return true;
}

struct dhcp_lease *dhcp_pool_take(struct dhcp_server *server, ip4 address, struct mac mac, struct dhcp_bytes id,
                                  uint64_t now_ms)
{
    struct dhcp_leases *leases = &server->leases;
    struct dhcp_lease *had = dhcp_pool_client(server, mac, id);
    struct dhcp_lease *lease = dhcp_leases_find_address(leases, address);
    if (had != NULL && had != lease)
        dhcp_binding_forget(server, had, now_ms);
    if (lease != NULL && lease != had)
        dhcp_binding_oust(server, lease, now_ms);
    if (had == NULL || had != lease) {
        if (!make_room(server, now_ms))
            return NULL;
        lease = dhcp_leases_find_address(leases, address);
    }
    if (lease == NULL)
        lease = dhcp_leases_add(leases, address);
    if (lease != NULL)
        dhcp_leases_set_client(leases, lease, mac, id);
    return lease;
}

/* The oldest offer that was not taken up, of an address that anybody may have. */
static struct dhcp_lease *stale_offer(const struct dhcp_server *server, uint64_t now_ms)
{
    struct dhcp_lease *lease = dhcp_leases_oldest(&server->leases, DHCP_QUEUE_OFFERED);
    if (lease == NULL || now_ms - lease->since_ms < DHCP_OFFER_YOUNG_MS)
        return NULL;
    return dhcp_pool_has(server, lease->address) ? lease : NULL;
}

static struct dhcp_lease *from_stock(const struct dhcp_server *server, ip4 wish, struct mac mac, uint64_t now_ms)
{
    const struct dhcp_leases *leases = &server->leases;
    struct dhcp_lease *wished = dhcp_leases_find_address(leases, wish);
    if (wished != NULL && dhcp_pool_has(server, wish)) {
        bool stocked = wished->state == DHCP_LEASE_READY && !wished->known;
        bool its_own = wished->state == DHCP_LEASE_CONFLICT && mac_equal(wished->mac, mac);
        if (stocked || its_own)
            return wished;
    }
    struct dhcp_lease *lease = dhcp_leases_oldest(leases, DHCP_QUEUE_READY);
    if (lease == NULL)
        lease = stale_offer(server, now_ms);
    if (lease == NULL)
        lease = dhcp_leases_oldest(leases, DHCP_QUEUE_READY_KNOWN);
    return lease;
}

/* The address that the client has or had, if it may have it again; else that memory goes. */
static struct dhcp_lease *known_address(struct dhcp_server *server, struct mac mac, struct dhcp_bytes id,
                                        uint64_t now_ms)
{
    struct dhcp_lease *had = dhcp_pool_client(server, mac, id);
    if (had != NULL && !dhcp_pool_may_keep(server, had, mac)) {
        dhcp_binding_forget(server, had, now_ms);
        had = NULL;
    }
    return had;
}

static struct dhcp_lease *none(struct dhcp_server *server, struct mac mac, uint64_t now_ms,
                               enum dhcp_result *result)
{
    const uint32_t *count = server->leases.count;
    bool soon = count[DHCP_QUEUE_PROBING] > 0 || count[DHCP_QUEUE_EXPIRED] > 0 || !server->dry;
    *result = soon ? DHCP_SILENT : DHCP_E_POOL;
    if (!soon)
        dhcp_pool_turn_away(server, DHCP_EVENT_POOL_EMPTY, mac, 0, now_ms);
    return NULL;
}

struct dhcp_lease *dhcp_pool_choose(struct dhcp_server *server, struct mac mac, struct dhcp_bytes id, ip4 wish,
                                    uint64_t now_ms, enum dhcp_result *result)
{
    ip4 address = dhcp_pool_fixed(server, mac);
    const struct dhcp_lease *had = dhcp_pool_client(server, mac, id);
    bool bound = had != NULL && had->state == DHCP_LEASE_BOUND;
    if (address == 0 && !bound && dhcp_pool_yields(server, mac, now_ms)) {
        *result = DHCP_E_POOL;
        return NULL;
    }
    if (address == 0) {
        struct dhcp_lease *lease = known_address(server, mac, id, now_ms);
        if (lease != NULL && lease->state == DHCP_LEASE_BOUND)
            return lease;
        if (lease == NULL)
            lease = from_stock(server, wish, mac, now_ms);
        if (lease == NULL)
            return none(server, mac, now_ms, result);
        address = lease->address;
    }
    struct dhcp_lease *lease = dhcp_pool_take(server, address, mac, id, now_ms);
    if (lease == NULL) {
        dhcp_pool_turn_away(server, DHCP_EVENT_TABLE_FULL, mac, 0, now_ms);
        *result = DHCP_E_POOL;
    }
    return lease;
}
