#include "net/dhcp/server.h"

#include <string.h>

#include "net/dhcp/binding.h"
#include "net/dhcp/carve.h"
#include "net/dhcp/pool.h"
#include "net/dhcp/probe.h"
#include "net/dhcp/request.h"
#include "net/dhcp/tell.h"

/* -- life ------------------------------------------------------------------------------------ */

static struct dhcp_limits with_defaults(const struct dhcp_limits *limits)
{
    struct dhcp_limits out = *limits;
    if (out.stock == 0)
        out.stock = out.leases;
    if (out.quarantine == 0)
        out.quarantine = 128;
    if (out.parked == 0)
        out.parked = 64;
    return out;
}

/* Clients; besides them the stock, and both quarantines. */
static uint32_t entries(const struct dhcp_limits *limits)
{
    return limits->leases + limits->stock + 2 * limits->quarantine + 8;
}

size_t dhcp_server_memory(const struct dhcp_limits *limits)
{
    struct dhcp_limits full = with_defaults(limits);
    return carve_size(dhcp_leases_memory(entries(&full))) + carve_size(dhcp_hosts_memory(full.hosts)) +
           carve_size(dhcp_park_memory(full.parked));
}

bool dhcp_server_init(struct dhcp_server *server, void *memory, size_t size, const struct dhcp_limits *limits,
                      const struct dhcp_callbacks *callbacks, uint64_t seed)
{
    if (size < dhcp_server_memory(limits))
        return false;
    uint8_t *at = memory;
    memset(server, 0, sizeof *server);
    server->limits = with_defaults(limits);
    server->call = *callbacks;
    server->seed = seed;
    uint32_t capacity = entries(&server->limits);
    dhcp_leases_init(&server->leases, carve(&at, dhcp_leases_memory(capacity)), capacity, seed);
    dhcp_hosts_init(&server->hosts, carve(&at, dhcp_hosts_memory(server->limits.hosts)), server->limits.hosts,
                    seed);
    dhcp_park_init(&server->park, carve(&at, dhcp_park_memory(server->limits.parked)), server->limits.parked, seed);
    dhcp_rogue_init(&server->rogue);
    return true;
}

/* Whether an entry has a place in the settings that are now in force. */
static bool still_fits(const struct dhcp_server *server, const struct dhcp_lease *lease)
{
    switch (lease->state) {
    case DHCP_LEASE_BOUND:
        return true; /* its client learns when it comes */
    case DHCP_LEASE_OFFERED:
        return dhcp_pool_may_keep(server, lease, lease->mac);
    default:
        return dhcp_pool_has(server, lease->address);
    }
}

static void index_settings(struct dhcp_server *server)
{
    memset(server->setting_at, 0, sizeof server->setting_at);
    for (uint32_t i = 0; i < server->config.option_count && i < UINT16_MAX; i++) {
        uint8_t code = server->config.options[i].code;
        if (dhcp_option_settable(code) && server->setting_at[code] == 0)
            server->setting_at[code] = (uint16_t)(i + 1);
    }
}

static void now_clear(struct dhcp_server *server, uint64_t now_ms)
{
    server->wake = server->limits.parked;
    dhcp_tell(server, (struct dhcp_event){.kind = DHCP_EVENT_GUARD_CLEAR}, now_ms);
}

static bool answering(const struct dhcp_server *server)
{
    return server->rogue.guard == DHCP_GUARD_CLEAR;
}

void dhcp_server_configure(struct dhcp_server *server, const struct dhcp_config *config, uint64_t now_ms)
{
    server->config = *config;
    if (server->config.lease_s == 0)
        server->config.lease_s = DHCP_LEASE_MIN_S;
    dhcp_hosts_set(&server->hosts, config->hosts, config->host_count);
    index_settings(server);
    struct dhcp_lease *lease = dhcp_leases_next(&server->leases, NULL);
    for (; lease != NULL; lease = dhcp_leases_next(&server->leases, lease))
        if (!still_fits(server, lease))
            dhcp_binding_forget(server, lease, now_ms);
    server->cursor = config->pool_first;
    server->dry = false;
    bool before = answering(server);
    if (server->started)
        dhcp_rogue_set_policy(&server->rogue, config->rogue);
    if (!before && answering(server))
        now_clear(server, now_ms);
}

bool dhcp_server_restore(struct dhcp_server *server, const struct dhcp_lease_record *record, uint64_t now_ms)
{
    return dhcp_binding_restore(server, record, now_ms);
}

void dhcp_server_start(struct dhcp_server *server, uint64_t now_ms)
{
    if (server->started && server->answered)
        return;
    bool before = answering(server);
    if (server->started)
        dhcp_probe_again(server, now_ms);
    server->started = true;
    uint32_t xid = dhcp_index_hash(server->seed, &now_ms, sizeof now_ms);
    dhcp_rogue_start(&server->rogue, server->config.rogue, xid, now_ms);
    if (!before && answering(server))
        now_clear(server, now_ms);
}

void dhcp_server_resume(struct dhcp_server *server, uint64_t now_ms)
{
    bool before = answering(server);
    dhcp_rogue_resume(&server->rogue);
    if (!before && answering(server))
        now_clear(server, now_ms);
}

/* -- what comes in --------------------------------------------------------------------------- */

/* A message in server->message that some server sent. */
static void heard(struct dhcp_server *server, ip4 src, uint64_t now_ms)
{
    enum dhcp_guard before = server->rogue.guard;
    if (!dhcp_rogue_heard(&server->rogue, &server->message, src, server->config.address, now_ms))
        return;
    bool held = before != DHCP_GUARD_HELD && server->rogue.guard == DHCP_GUARD_HELD;
    if (held)
        dhcp_park_clear(&server->park);
    if (server->config.rogue == DHCP_ROGUE_IGNORE)
        return;
    dhcp_tell(server, (struct dhcp_event){.kind = DHCP_EVENT_SERVER_FOUND, .other = src, .held = held}, now_ms);
}

static void count_sent(struct dhcp_server *server, const struct dhcp_reply *reply)
{
    /* Message type stands first in everything the engine writes. */
    server->stats.sent[reply->buf[DHCP_AT_OPTIONS + 2] & 7]++;
}

/* The message in hand wants an answer; `since` is when it came first. */
static enum dhcp_result answer(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t since,
                               uint64_t now_ms, struct dhcp_reply *reply)
{
    enum dhcp_result result = DHCP_SILENT;
    bool later = server->rogue.guard == DHCP_GUARD_LOOKING;
    if (answering(server))
        result = dhcp_request_answer(server, rx, now_ms, reply, &later);
    if (later)
        dhcp_park_put(&server->park, server->message.chaddr, rx->data, rx->len, rx->src, rx->dst, since);
    if (result == DHCP_REPLY) {
        server->answered = true;
        count_sent(server, reply);
    }
    return result;
}

/* Not for us to serve: ourselves, or a relay that would have us answer to ourselves. */
static bool from_ourselves(const struct dhcp_server *server)
{
    const struct dhcp_message *message = &server->message;
    return mac_equal(message->chaddr, server->config.mac) ||
           (message->giaddr != 0 && message->giaddr == server->config.address);
}

enum dhcp_result dhcp_server_input(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms,
                                   struct dhcp_reply *reply)
{
    struct dhcp_message *message = &server->message;
    enum dhcp_result result = dhcp_parse(rx->data, rx->len, message);
    if (result != DHCP_SILENT) {
        server->stats.received[0]++;
        return result;
    }
    if (message->op != DHCP_BOOTREQUEST) {
        heard(server, rx->src, now_ms);
        return DHCP_SILENT;
    }
    server->stats.received[message->type <= DHCP_INFORM ? message->type : 0]++;
    if (from_ourselves(server))
        return DHCP_SILENT;
    dhcp_park_drop(&server->park, message->chaddr);
    switch (message->type) {
    case DHCP_DISCOVER:
    case DHCP_REQUEST:
    case DHCP_INFORM:
        return answer(server, rx, now_ms, now_ms, reply);
    case DHCP_DECLINE:
    case DHCP_RELEASE:
        return dhcp_request_note(server, now_ms);
    default:
        return DHCP_SILENT;
    }
}

void dhcp_server_overheard(struct dhcp_server *server, const struct dhcp_rx *rx, uint64_t now_ms)
{
    if (dhcp_parse(rx->data, rx->len, &server->message) == DHCP_SILENT)
        heard(server, rx->src, now_ms);
}

void dhcp_server_arp(struct dhcp_server *server, const uint8_t *frame, size_t len, uint64_t now_ms)
{
    struct arp_packet packet;
    if (arp_parse(frame, len, &packet))
        dhcp_probe_heard(server, &packet, now_ms);
}

/* -- what goes out --------------------------------------------------------------------------- */

static bool our_discover(struct dhcp_server *server, uint64_t now_ms, struct dhcp_reply *reply)
{
    if (dhcp_rogue_tick(&server->rogue, now_ms))
        now_clear(server, now_ms);
    reply->len = dhcp_rogue_discover(&server->rogue, server->config.mac, now_ms, reply->buf, sizeof reply->buf);
    if (reply->len == 0)
        return false;
    reply->dst = 0xffffffffu;
    reply->port = DHCP_SERVER_PORT;
    reply->to_mac = false;
    reply->mac = (struct mac){{0}};
    count_sent(server, reply);
    return true;
}

/* Entries whose time has come, up to the first that has a frame to send. */
static bool entries_due(struct dhcp_server *server, uint64_t now_ms, uint8_t frame[ARP_FRAME_LEN])
{
    struct dhcp_lease *lease;
    while ((lease = dhcp_leases_due(&server->leases)) != NULL && lease->due_ms <= now_ms) {
        if (lease->state != DHCP_LEASE_PROBING)
            dhcp_binding_due(server, lease, now_ms);
        else if (dhcp_probe_step(server, lease, now_ms, frame))
            return true;
    }
    return false;
}

/* Those who wait, up to the first that gets an answer. */
static bool parked_answer(struct dhcp_server *server, uint64_t now_ms, struct dhcp_reply *reply)
{
    while (answering(server) && server->wake > 0) {
        const struct dhcp_parked *parked = dhcp_park_take(&server->park, now_ms);
        if (parked == NULL)
            break;
        server->wake--;
        struct dhcp_rx rx = {.data = parked->data, .len = parked->len, .src = parked->src, .dst = parked->dst};
        if (dhcp_parse(rx.data, rx.len, &server->message) == DHCP_SILENT &&
            answer(server, &rx, parked->since_ms, now_ms, reply) == DHCP_REPLY)
            return true;
    }
    if (answering(server))
        server->wake = 0;
    return false;
}

enum dhcp_output dhcp_server_output(struct dhcp_server *server, uint64_t now_ms, struct dhcp_reply *reply,
                                    uint8_t frame[ARP_FRAME_LEN])
{
    if (!server->started)
        return DHCP_OUT_NONE;
    if (our_discover(server, now_ms, reply))
        return DHCP_OUT_REPLY;
    if (entries_due(server, now_ms, frame))
        return DHCP_OUT_ARP;
    dhcp_probe_refill(server, now_ms);
    if (entries_due(server, now_ms, frame))
        return DHCP_OUT_ARP;
    return parked_answer(server, now_ms, reply) ? DHCP_OUT_REPLY : DHCP_OUT_NONE;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t dhcp_server_deadline(const struct dhcp_server *server)
{
    if (!server->started)
        return UINT64_MAX;
    if (server->wake > 0 && answering(server) && !dhcp_park_empty(&server->park))
        return 0;
    const struct dhcp_lease *lease = dhcp_leases_due(&server->leases);
    uint64_t due = lease != NULL ? lease->due_ms : UINT64_MAX;
    return earlier(due, earlier(dhcp_rogue_deadline(&server->rogue), dhcp_probe_deadline(server)));
}
