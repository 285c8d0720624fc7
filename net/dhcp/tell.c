#include "net/dhcp/tell.h"

#include <string.h>

static const struct {
    const char *text;
    bool rationed;
} kinds[DHCP_EVENT_KINDS] = {
    [DHCP_EVENT_OFFERED] = {"offered", false},
    [DHCP_EVENT_BOUND] = {"lease", false},
    [DHCP_EVENT_RENEWED] = {"lease renewed", false},
    [DHCP_EVENT_REFUSED] = {"address refused", true},
    [DHCP_EVENT_RELEASED] = {"lease given back", false},
    [DHCP_EVENT_EXPIRED] = {"lease run out", false},
    [DHCP_EVENT_DECLINED] = {"address declined, it is in use", true},
    [DHCP_EVENT_CONFLICT] = {"another machine uses the address", false},
    [DHCP_EVENT_INFORMED] = {"told about the network", false},
    [DHCP_EVENT_POOL_EMPTY] = {"no address left", true},
    [DHCP_EVENT_TABLE_FULL] = {"no room for another client", true},
    [DHCP_EVENT_WRONG_LINK] = {"asks from a subnet without a pool", true},
    [DHCP_EVENT_NOT_ACCEPTED] = {"not answered by [dhcp] answer", true},
    [DHCP_EVENT_TRUNCATED] = {"options left out, the client takes too little", true},
    [DHCP_EVENT_SERVER_FOUND] = {"another DHCP server", true},
    [DHCP_EVENT_GUARD_CLEAR] = {"answering", false},
};

const char *dhcp_event_text(enum dhcp_event_kind kind)
{
    return kind < DHCP_EVENT_KINDS ? kinds[kind].text : "unknown";
}

void dhcp_tell(struct dhcp_server *server, struct dhcp_event event, uint64_t now_ms)
{
    enum dhcp_event_kind kind = event.kind;
    server->stats.events[kind]++;
    if (kinds[kind].rationed && !event.held) {
        uint64_t last = server->told_ms[kind];
        if (last != 0 && now_ms - (last - 1) < DHCP_TELL_EVERY_MS) {
            server->missed[kind]++;
            return;
        }
        server->told_ms[kind] = now_ms + 1;
    }
    event.missed = server->missed[kind];
    server->missed[kind] = 0;
    if (server->call.event != NULL)
        server->call.event(server->call.ctx, &event);
}

void dhcp_tell_client(struct dhcp_server *server, enum dhcp_event_kind kind, struct mac mac, ip4 address,
                      uint64_t now_ms)
{
    dhcp_tell(server, (struct dhcp_event){.kind = kind, .mac = mac, .address = address}, now_ms);
}

void dhcp_fill_record(const struct dhcp_lease *lease, enum dhcp_record_state state, uint64_t now_ms,
                      struct dhcp_lease_record *out)
{
    *out = (struct dhcp_lease_record){.address = lease->address, .state = state};
    if (state == DHCP_RECORD_FORGOTTEN)
        return;
    out->mac = lease->mac;
    out->id_len = lease->id_len;
    memcpy(out->id, lease->id, lease->id_len);
    bool ends = state == DHCP_RECORD_BOUND || state == DHCP_RECORD_DECLINED;
    if (ends && lease->due_ms > now_ms)
        out->remaining_s = (uint32_t)((lease->due_ms - now_ms + 999) / 1000);
}

void dhcp_tell_record(struct dhcp_server *server, const struct dhcp_lease *lease, enum dhcp_record_state state,
                      uint64_t now_ms)
{
    if (server->call.record == NULL)
        return;
    struct dhcp_lease_record record;
    dhcp_fill_record(lease, state, now_ms, &record);
    server->call.record(server->call.ctx, &record);
}
