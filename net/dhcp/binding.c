#include "net/dhcp/binding.h"

#include "net/dhcp/pool.h"
#include "net/dhcp/probe.h"
#include "net/dhcp/tell.h"

/* A client was given this address at some time, so the journal knows of it. */
static bool in_journal(const struct dhcp_lease *lease)
{
    return lease->acknowledged || lease->state == DHCP_LEASE_DECLINED;
}

static void drop(struct dhcp_server *server, struct dhcp_lease *lease)
{
    dhcp_leases_remove(&server->leases, lease);
    server->dry = false;
}

void dhcp_binding_forget(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    if (in_journal(lease))
        dhcp_tell_record(server, lease, DHCP_RECORD_FORGOTTEN, now_ms);
    drop(server, lease);
}

void dhcp_binding_oust(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    if (in_journal(lease))
        dhcp_tell_record(server, lease, DHCP_RECORD_FORGOTTEN, now_ms);
    dhcp_leases_clear_client(&server->leases, lease);
}

void dhcp_binding_offer(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    lease->since_ms = now_ms;
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_OFFERED, now_ms + DHCP_OFFER_MS);
    dhcp_tell_client(server, DHCP_EVENT_OFFERED, lease->mac, lease->address, now_ms);
}

void dhcp_binding_bind(struct dhcp_server *server, struct dhcp_lease *lease, uint32_t seconds, bool anew,
                       uint64_t now_ms)
{
    bool renewed = lease->state == DHCP_LEASE_BOUND && lease->acknowledged;
    uint64_t due_ms = now_ms + (uint64_t)seconds * 1000;
    if (!renewed)
        lease->since_ms = now_ms;
    else if (!anew && lease->due_ms > due_ms)
        due_ms = lease->due_ms;
    lease->acknowledged = true;
    lease->contested = lease->contested && renewed;
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_BOUND, due_ms);
    dhcp_tell_record(server, lease, DHCP_RECORD_BOUND, now_ms);
    dhcp_tell_client(server, renewed ? DHCP_EVENT_RENEWED : DHCP_EVENT_BOUND, lease->mac, lease->address, now_ms);
}

/* The binding is over. Its client is remembered as long as the address could be given to it again; fixed
 * addresses need no memory. */
static void end(struct dhcp_server *server, struct dhcp_lease *lease, enum dhcp_record_state why, uint64_t now_ms)
{
    if (!dhcp_pool_has(server, lease->address)) {
        dhcp_binding_forget(server, lease, now_ms);
        return;
    }
    bool rests = why == DHCP_RECORD_EXPIRED && dhcp_pool_wanted(server, now_ms) &&
                 !dhcp_pool_yields(server, lease->mac, now_ms);
    lease->since_ms = now_ms;
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_EXPIRED, rests ? now_ms + DHCP_UNDONE_REST_MS : UINT64_MAX);
    dhcp_tell_record(server, lease, why, now_ms);
}

void dhcp_binding_release(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    dhcp_tell_client(server, DHCP_EVENT_RELEASED, lease->mac, lease->address, now_ms);
    end(server, lease, DHCP_RECORD_RELEASED, now_ms);
}

void dhcp_binding_withdraw(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    if (lease->acknowledged) {
        end(server, lease, DHCP_RECORD_EXPIRED, now_ms);
        return;
    }
    bool room = dhcp_probe_stock(server) < server->limits.stock;
    if (!room || !dhcp_pool_has(server, lease->address)) {
        drop(server, lease);
        return;
    }
    dhcp_leases_clear_client(&server->leases, lease);
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_READY, UINT64_MAX);
    server->wake++;
}

/* Nobody gets the address for a while. Too many of a kind: the oldest goes back to the pool, where it is
 * probed again before anybody gets it. */
static void quarantine(struct dhcp_server *server, struct dhcp_lease *lease, enum dhcp_lease_state state,
                       struct mac mac, uint64_t now_ms)
{
    bool declined = state == DHCP_LEASE_DECLINED;
    enum dhcp_queue queue = declined ? DHCP_QUEUE_DECLINED : DHCP_QUEUE_CONFLICT;
    uint32_t most = server->limits.quarantine;
    if (declined && dhcp_pool_size(server) / 4 < most)
        most = dhcp_pool_size(server) / 4;
    dhcp_leases_clear_client(&server->leases, lease);
    lease->mac = mac;
    lease->since_ms = now_ms;
    dhcp_leases_set(&server->leases, lease, state, now_ms + DHCP_QUARANTINE_MS);
    if (declined)
        dhcp_tell_record(server, lease, DHCP_RECORD_DECLINED, now_ms);
    while (server->leases.count[queue] > (most > 0 ? most : 1))
        dhcp_binding_forget(server, dhcp_leases_oldest(&server->leases, queue), now_ms);
}

void dhcp_binding_decline(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    struct mac mac = lease->mac;
    dhcp_tell_client(server, DHCP_EVENT_DECLINED, mac, lease->address, now_ms);
    quarantine(server, lease, DHCP_LEASE_DECLINED, mac, now_ms);
}

void dhcp_binding_conflict(struct dhcp_server *server, struct dhcp_lease *lease, struct mac holder, uint64_t now_ms)
{
    dhcp_tell_client(server, DHCP_EVENT_CONFLICT, holder, lease->address, now_ms);
    if (in_journal(lease))
        dhcp_tell_record(server, lease, DHCP_RECORD_FORGOTTEN, now_ms);
    quarantine(server, lease, DHCP_LEASE_CONFLICT, holder, now_ms);
}

void dhcp_binding_due(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    switch (lease->state) {
    case DHCP_LEASE_OFFERED:
        dhcp_binding_withdraw(server, lease, now_ms);
        break;
    case DHCP_LEASE_BOUND:
        dhcp_tell_client(server, DHCP_EVENT_EXPIRED, lease->mac, lease->address, now_ms);
        end(server, lease, DHCP_RECORD_EXPIRED, now_ms);
        break;
    case DHCP_LEASE_EXPIRED:
        dhcp_leases_set(&server->leases, lease, DHCP_LEASE_EXPIRED, UINT64_MAX);
        break;
    default:
        dhcp_binding_forget(server, lease, now_ms);
        break;
    }
}

/* -- restore --------------------------------------------------------------------------------- */

/* The journal is read again: what it says replaces what was there, and is not written again. */
static struct dhcp_lease *restored_entry(struct dhcp_server *server, const struct dhcp_lease_record *record)
{
    struct dhcp_leases *leases = &server->leases;
    struct dhcp_lease *lease = dhcp_leases_find_address(leases, record->address);
    if (lease != NULL)
        drop(server, lease);
    if (record->state != DHCP_RECORD_DECLINED) {
        struct dhcp_lease *other = dhcp_leases_find_mac(leases, record->mac);
        if (other != NULL)
            drop(server, other);
        struct dhcp_lease *oldest = dhcp_leases_oldest(leases, DHCP_QUEUE_EXPIRED);
        if (leases->known >= server->limits.leases && oldest != NULL)
            drop(server, oldest);
        if (leases->known >= server->limits.leases)
            return NULL;
    }
    return dhcp_leases_add(leases, record->address);
}

static bool restorable(const struct dhcp_server *server, const struct dhcp_lease_record *record)
{
    if (record->state != DHCP_RECORD_BOUND)
        return dhcp_pool_has(server, record->address);
    const struct mac *owner = dhcp_hosts_owner(&server->hosts, record->address);
    return dhcp_pool_on_link(server, record->address) && (owner == NULL || mac_equal(*owner, record->mac));
}

static void restore_quarantine(struct dhcp_server *server, struct dhcp_lease *lease,
                               const struct dhcp_lease_record *record, uint64_t now_ms)
{
    lease->mac = record->mac;
    dhcp_leases_set(&server->leases, lease, DHCP_LEASE_DECLINED, now_ms + (uint64_t)record->remaining_s * 1000);
}

bool dhcp_binding_restore(struct dhcp_server *server, const struct dhcp_lease_record *record, uint64_t now_ms)
{
    if (record->state == DHCP_RECORD_FORGOTTEN || !restorable(server, record)) {
        struct dhcp_lease *old = dhcp_leases_find_address(&server->leases, record->address);
        if (old != NULL)
            drop(server, old);
        return record->state == DHCP_RECORD_FORGOTTEN;
    }
    struct dhcp_lease *lease = restored_entry(server, record);
    if (lease == NULL)
        return false;
    lease->since_ms = now_ms;
    if (record->state == DHCP_RECORD_DECLINED) {
        restore_quarantine(server, lease, record, now_ms);
        return true;
    }
    size_t id_len = record->id_len > DHCP_LEASE_ID_MAX ? 0 : record->id_len;
    dhcp_leases_set_client(&server->leases, lease, record->mac, (struct dhcp_bytes){record->id, id_len});
    lease->acknowledged = true;
    bool bound = record->state == DHCP_RECORD_BOUND;
    dhcp_leases_set(&server->leases, lease, bound ? DHCP_LEASE_BOUND : DHCP_LEASE_EXPIRED,
                    bound ? now_ms + (uint64_t)record->remaining_s * 1000 : UINT64_MAX);
    return true;
}
