#include "net/dhcp/rogue.h"

#include <string.h>

void dhcp_rogue_init(struct dhcp_rogue *rogue)
{
    *rogue = (struct dhcp_rogue){.guard = DHCP_GUARD_IDLE, .until_ms = UINT64_MAX, .next_ms = UINT64_MAX};
}

void dhcp_rogue_start(struct dhcp_rogue *rogue, enum dhcp_rogue_policy policy, uint32_t xid, uint64_t now_ms)
{
    rogue->policy = policy;
    rogue->xid = xid;
    bool guards = policy == DHCP_ROGUE_GUARD && !rogue->resumed;
    rogue->guard = !guards ? DHCP_GUARD_CLEAR : rogue->seen ? DHCP_GUARD_HELD : DHCP_GUARD_LOOKING;
    if (policy == DHCP_ROGUE_IGNORE || rogue->resumed || rogue->seen)
        return;
    rogue->until_ms = now_ms + DHCP_LOOK_MS;
    rogue->next_ms = now_ms;
}

static void stop_looking(struct dhcp_rogue *rogue)
{
    rogue->until_ms = rogue->next_ms = UINT64_MAX;
}

void dhcp_rogue_resume(struct dhcp_rogue *rogue)
{
    if (rogue->guard == DHCP_GUARD_LOOKING || rogue->guard == DHCP_GUARD_HELD)
        rogue->guard = DHCP_GUARD_CLEAR;
    rogue->resumed = true;
    stop_looking(rogue);
}

void dhcp_rogue_set_policy(struct dhcp_rogue *rogue, enum dhcp_rogue_policy policy)
{
    rogue->policy = policy;
    bool waits = rogue->guard == DHCP_GUARD_LOOKING || rogue->guard == DHCP_GUARD_HELD;
    if (waits && policy != DHCP_ROGUE_GUARD)
        dhcp_rogue_resume(rogue);
}

/* A relay sends the server's message on under its own address; giaddr still stands in it. */
static bool relayed_for_us(const struct dhcp_message *message, ip4 self)
{
    return message->giaddr != 0 && (dhcp_option_u32(message, DHCP_SERVER_ID) == self || message->siaddr == self);
}

bool dhcp_rogue_heard(struct dhcp_rogue *rogue, const struct dhcp_message *message, ip4 src, ip4 self,
                      uint64_t now_ms)
{
    bool server = message->op == DHCP_BOOTREPLY && (message->type == DHCP_OFFER || message->type == DHCP_ACK);
    if (!server || src == self || src == 0 || relayed_for_us(message, self))
        return false;
    rogue->seen = true;
    rogue->address = src;
    rogue->seen_ms = now_ms;
    if (rogue->guard == DHCP_GUARD_LOOKING)
        rogue->guard = DHCP_GUARD_HELD;
    stop_looking(rogue);
    return true;
}

bool dhcp_rogue_tick(struct dhcp_rogue *rogue, uint64_t now_ms)
{
    if (now_ms < rogue->until_ms)
        return false;
    stop_looking(rogue);
    bool clear = rogue->guard == DHCP_GUARD_LOOKING;
    if (clear)
        rogue->guard = DHCP_GUARD_CLEAR;
    return clear;
}

size_t dhcp_rogue_discover(struct dhcp_rogue *rogue, struct mac mac, uint64_t now_ms, uint8_t *buf, size_t cap)
{
    static const uint8_t list[] = {DHCP_SUBNET_MASK, DHCP_ROUTER, DHCP_DNS_SERVER};
    if (now_ms < rogue->next_ms)
        return 0;
    rogue->next_ms = now_ms + DHCP_LOOK_EVERY_MS;
    uint8_t chaddr[16] = {0};
    memcpy(chaddr, mac.b, sizeof mac.b);
    /* Broadcast, because we could not receive a unicast to an address that is not ours. */
    struct dhcp_header header = {
        .op = DHCP_BOOTREQUEST, .xid = rogue->xid, .flags = DHCP_FLAG_BROADCAST, .chaddr = chaddr};
    struct dhcp_writer writer = {.buf = buf, .cap = cap};
    dhcp_write_header(&writer, &header);
    dhcp_put_u8(&writer, DHCP_MESSAGE_TYPE, DHCP_DISCOVER);
    dhcp_put(&writer, DHCP_PARAMETER_LIST, list, sizeof list);
    return dhcp_write_end(&writer);
}

uint64_t dhcp_rogue_deadline(const struct dhcp_rogue *rogue)
{
    return rogue->next_ms < rogue->until_ms ? rogue->next_ms : rogue->until_ms;
}
