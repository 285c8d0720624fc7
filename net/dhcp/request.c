#include "net/dhcp/request.h"

#include <string.h>

#include "net/dhcp/binding.h"
#include "net/dhcp/pool.h"
#include "net/dhcp/reply.h"
#include "net/dhcp/tell.h"

static struct dhcp_bytes client_id(const struct dhcp_server *server)
{
    return server->message.option[DHCP_CLIENT_ID];
}

static struct dhcp_lease *known_client(const struct dhcp_server *server)
{
    return dhcp_pool_client(server, server->message.chaddr, client_id(server));
}

static uint8_t keep(uint8_t *to, size_t cap, struct dhcp_bytes from)
{
    size_t len = from.len < cap ? from.len : cap;
    if (len > 0)
        memcpy(to, from.data, len);
    return (uint8_t)len;
}

/* What the client says about itself stays on its entry. */
static void remember(struct dhcp_server *server, struct dhcp_lease *lease, uint64_t now_ms)
{
    const struct dhcp_message *message = &server->message;
    if (lease == NULL || !lease->known || !mac_equal(lease->mac, message->chaddr))
        return;
    lease->seen_ms = now_ms;
    lease->vendor_class_len =
        keep(lease->vendor_class, sizeof lease->vendor_class, message->option[DHCP_VENDOR_CLASS]);
    lease->name_len = keep(lease->name, sizeof lease->name, message->option[DHCP_HOST_NAME]);
    lease->list_len = keep(lease->list, sizeof lease->list, message->option[DHCP_PARAMETER_LIST]);
}

/* The subnet that the client is on: its relay says so (RFC 3527, RFC 2131 4.3.1), else it is ours. */
static ip4 client_link(const struct dhcp_server *server)
{
    const struct dhcp_message *message = &server->message;
    struct dhcp_bytes link = dhcp_relay_suboption(message, DHCP_RELAY_LINK_SELECTION);
    if (link.len == 4)
        return (ip4)link.data[0] << 24 | (ip4)link.data[1] << 16 | (ip4)link.data[2] << 8 | link.data[3];
    return message->giaddr != 0 ? message->giaddr : server->config.address;
}

static bool same_subnet(const struct dhcp_server *server, ip4 a, ip4 b)
{
    return ((a ^ b) & ip4_mask(server->config.prefix)) == 0;
}

static bool link_has_pool(struct dhcp_server *server, uint64_t now_ms)
{
    ip4 link = client_link(server);
    ip4 pool = server->config.pool_first != 0 ? server->config.pool_first : server->config.address;
    if (same_subnet(server, link, pool))
        return true;
    dhcp_tell(server,
              (struct dhcp_event){.kind = DHCP_EVENT_WRONG_LINK, .mac = server->message.chaddr, .other = link},
              now_ms);
    return false;
}

static bool accepted(struct dhcp_server *server, uint64_t now_ms)
{
    if (server->call.accept == NULL)
        return true;
    const struct dhcp_message *message = &server->message;
    ip4 requested = dhcp_option_u32(message, DHCP_REQUESTED_ADDRESS);
    ip4 address = message->type == DHCP_DISCOVER ? 0 : message->ciaddr != 0 ? message->ciaddr : requested;
    struct dhcp_client client;
    dhcp_reply_client(server, address, known_client(server), &client);
    if (server->call.accept(server->call.ctx, &client))
        return true;
    dhcp_tell_client(server, DHCP_EVENT_NOT_ACCEPTED, message->chaddr, address, now_ms);
    return false;
}

static bool names_us(const struct dhcp_server *server, ip4 server_id)
{
    return server_id == server->config.address || server_id == dhcp_reply_server_id(server);
}

/* -- DISCOVER -------------------------------------------------------------------------------- */

static enum dhcp_result discover(struct dhcp_server *server, uint64_t now_ms, struct dhcp_reply *reply, bool *later)
{
    const struct dhcp_message *message = &server->message;
    enum dhcp_result result = DHCP_SILENT;
    struct dhcp_lease *lease = dhcp_pool_choose(server, message->chaddr, client_id(server),
                                                dhcp_option_u32(message, DHCP_REQUESTED_ADDRESS), now_ms, &result);
    if (lease == NULL) {
        *later = result == DHCP_SILENT;
        return result;
    }
    remember(server, lease, now_ms);
    /* Until it is asked for, a binding stays as it is. */
    if (lease->state != DHCP_LEASE_BOUND)
        dhcp_binding_offer(server, lease, now_ms);
    dhcp_reply_grant(server, DHCP_OFFER, lease->address, dhcp_reply_lease_time(server, lease, now_ms), lease, now_ms, reply);
    return DHCP_REPLY;
}

/* -- REQUEST --------------------------------------------------------------------------------- */

static enum dhcp_result refuse(struct dhcp_server *server, ip4 address, const char *why, uint64_t now_ms,
                               struct dhcp_reply *reply)
{
    dhcp_reply_refuse(server, why, reply);
    dhcp_tell_client(server, DHCP_EVENT_REFUSED, server->message.chaddr, address, now_ms);
    return DHCP_REPLY;
}

/* `anew`: the client has given up what it had before. */
static enum dhcp_result acknowledge(struct dhcp_server *server, ip4 address, bool anew, uint64_t now_ms,
                                    struct dhcp_reply *reply)
{
    struct dhcp_lease *lease = dhcp_pool_take(server, address, server->message.chaddr, client_id(server), now_ms);
    if (lease == NULL) {
        dhcp_pool_turn_away(server, DHCP_EVENT_TABLE_FULL, server->message.chaddr, address, now_ms);
        return DHCP_E_POOL;
    }
    uint32_t seconds = dhcp_reply_lease_time(server, lease, now_ms);
    remember(server, lease, now_ms);
    dhcp_binding_bind(server, lease, seconds, anew, now_ms);
    dhcp_reply_grant(server, DHCP_ACK, address, seconds, lease, now_ms, reply);
    return DHCP_REPLY;
}

/* The client has this address, or the right to it, by our books. */
static bool is_its_own(const struct dhcp_server *server, const struct dhcp_lease *had, ip4 address)
{
    if (had != NULL && had->address == address)
        return dhcp_pool_may_keep(server, had, server->message.chaddr);
    return address == dhcp_pool_fixed(server, server->message.chaddr);
}

/* SELECTING: the client has chosen an offer (RFC 2131 4.3.2). */
static enum dhcp_result selecting(struct dhcp_server *server, ip4 address, uint64_t now_ms,
                                  struct dhcp_reply *reply)
{
    struct dhcp_lease *had = known_client(server);
    if (!names_us(server, dhcp_option_u32(&server->message, DHCP_SERVER_ID))) {
        if (had != NULL && had->state == DHCP_LEASE_OFFERED && mac_equal(had->mac, server->message.chaddr))
            dhcp_binding_withdraw(server, had, now_ms);
        return DHCP_SILENT;
    }
    if (is_its_own(server, had, address))
        return acknowledge(server, address, true, now_ms, reply);
    /* The offer was forgotten in a restart, or ran out. */
    if (had == NULL && dhcp_pool_free_for(server, address, server->message.chaddr))
        return acknowledge(server, address, true, now_ms, reply);
    return refuse(server, address, "address not available", now_ms, reply);
}

/* A client that renews sends to the one server it has its lease from. */
static bool sent_to_us(const struct dhcp_server *server, const struct dhcp_rx *rx)
{
    const struct dhcp_message *message = &server->message;
    return message->ciaddr != 0 && message->giaddr == 0 && rx->src == message->ciaddr &&
           rx->dst == server->config.address;
}

static bool authoritative(const struct dhcp_server *server, const struct dhcp_rx *rx)
{
    switch (server->config.authoritative) {
    case DHCP_AUTHORITATIVE_YES:
        return true;
    case DHCP_AUTHORITATIVE_NO:
        return sent_to_us(server, rx);
    case DHCP_AUTHORITATIVE_AUTO:
        break;
    }
    return !server->rogue.seen || sent_to_us(server, rx);
}

/* INIT-REBOOT, RENEWING, REBINDING: the client claims an address. */
static enum dhcp_result claiming(struct dhcp_server *server, const struct dhcp_rx *rx, ip4 address, uint64_t now_ms,
                                 struct dhcp_reply *reply)
{
    const struct dhcp_lease *had = known_client(server);
    ip4 fixed = dhcp_pool_fixed(server, server->message.chaddr);
    /* One that restarts keeps what is left of its lease. */
    bool restarts = server->message.ciaddr == 0 && had != NULL && had->state == DHCP_LEASE_BOUND;
    if (fixed == 0 && !restarts && dhcp_pool_yields(server, server->message.chaddr, now_ms))
        return DHCP_SILENT;
    if (is_its_own(server, had, address))
        return acknowledge(server, address, false, now_ms, reply);
    if (!authoritative(server, rx))
        return DHCP_SILENT;
    if (!same_subnet(server, address, client_link(server)))
        return refuse(server, address, "wrong subnet", now_ms, reply);
    bool known = (had != NULL && had->acknowledged) || fixed != 0;
    if (known)
        return refuse(server, address, "another address is yours", now_ms, reply);
    if (dhcp_pool_free_for(server, address, server->message.chaddr))
        return acknowledge(server, address, false, now_ms, reply);
    return DHCP_SILENT;
}

static enum dhcp_result request(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms,
                                struct dhcp_reply *reply)
{
    const struct dhcp_message *message = &server->message;
    ip4 requested = dhcp_option_u32(message, DHCP_REQUESTED_ADDRESS);
    ip4 address = requested != 0 ? requested : message->ciaddr;
    if (address == 0)
        return DHCP_E_MESSAGE;
    /* Some clients name the server when they renew, too; only an offer has a requested address with it. */
    if (requested != 0 && message->option[DHCP_SERVER_ID].len >= 4)
        return selecting(server, requested, now_ms, reply);
    return claiming(server, rx, address, now_ms, reply);
}

/* -- INFORM ---------------------------------------------------------------------------------- */

static enum dhcp_result inform(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms,
                               struct dhcp_reply *reply)
{
    struct dhcp_message *message = &server->message;
    if (message->ciaddr == 0)
        message->ciaddr = rx->src;
    if (message->ciaddr == 0)
        return DHCP_E_MESSAGE;
    /* The answer goes to ciaddr: not to be used against somebody elsewhere. */
    if (message->giaddr == 0 && !same_subnet(server, message->ciaddr, server->config.address))
        return DHCP_SILENT;
    struct dhcp_lease *lease = dhcp_leases_find_mac(&server->leases, message->chaddr);
    remember(server, lease, now_ms);
    dhcp_reply_grant(server, DHCP_ACK, message->ciaddr, 0, lease, now_ms, reply);
    dhcp_tell_client(server, DHCP_EVENT_INFORMED, message->chaddr, message->ciaddr, now_ms);
    return DHCP_REPLY;
}

enum dhcp_result dhcp_request_answer(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms,
                                     struct dhcp_reply *reply, bool *later)
{
    *later = false;
    if (!link_has_pool(server, now_ms) || !accepted(server, now_ms))
        return DHCP_SILENT;
    switch (server->message.type) {
    case DHCP_DISCOVER:
        return discover(server, now_ms, reply, later);
    case DHCP_REQUEST:
        return request(server, rx, now_ms, reply);
    default:
        return inform(server, rx, now_ms, reply);
    }
}

/* -- DECLINE, RELEASE ------------------------------------------------------------------------ */

enum dhcp_result dhcp_request_note(struct dhcp_server *server, uint64_t now_ms)
{
    const struct dhcp_message *message = &server->message;
    bool declines = message->type == DHCP_DECLINE;
    ip4 address = declines ? dhcp_option_u32(message, DHCP_REQUESTED_ADDRESS) : message->ciaddr;
    if (address == 0)
        return DHCP_E_MESSAGE;
    ip4 named = dhcp_option_u32(message, DHCP_SERVER_ID);
    if (named != 0 && !names_us(server, named))
        return DHCP_SILENT;
    /* Only who has the address can give it up; the MAC tells, identifiers change. */
    struct dhcp_lease *lease = dhcp_leases_find_mac(&server->leases, message->chaddr);
    if (lease == NULL || lease->address != address)
        return DHCP_SILENT;
    if (declines && (lease->state == DHCP_LEASE_BOUND || lease->state == DHCP_LEASE_OFFERED))
        dhcp_binding_decline(server, lease, now_ms);
    else if (!declines && lease->state == DHCP_LEASE_BOUND)
        dhcp_binding_release(server, lease, now_ms);
    return DHCP_SILENT;
}
