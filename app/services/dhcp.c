#include "app/services/dhcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/record/records.h"
#include "app/services/dhcp_provision.h"
#include "app/services/dhcp_record.h"
#include "app/services/dhcp_send.h"
#include "net/dhcp/server.h"

#define DHCP_URL_MAX 200 /* bytes of the HTTPS URL in option 160, NUL included */
#define ETHERTYPE_ARP 0x0806
#define QUARANTINE_MAX 128 /* addresses that were declined, and as many that the probe found taken */
#define PARKED_MAX 64 /* clients that wait for an address to be probed */
#define LINK_EVERY_MS 500 /* between looks at the link, until the first answer */

struct dhcp_service {
    struct dhcp_service_options o;
    struct dhcp_server engine;
    void *memory;
    struct dhcp_host hosts[SETTINGS_HOSTS];
    struct dhcp_setting settings[SETTINGS_OPTIONS];
    struct dhcp_sender sender; /* port 67 is its */
    struct port_udp *client;
    struct port_frames *arp;
    struct timer timer, link_timer;
    bool link; /* was up when it was looked at last */
    bool fresh;   /* the datagram in hand comes from a client without an address */
    const struct mac *frame_from; /* the datagram in hand came in a frame from it; NULL: that is not known */
    bool started;
    struct dhcp_reply replies[DHCP_SEND_MAX];
};

static uint64_t now_ms(const struct dhcp_service *d)
{
    return port_now_ms(d->o.port);
}

static void say(const struct dhcp_service *d, enum port_level level, const char *what, struct mac mac, ip4 address)
{
    char line[200], m[MAC_TEXT_MAX], a[IP4_TEXT_MAX];
    snprintf(line, sizeof line, "%s DHCP: %s %s", mac_format_colons(mac, m), what, ip4_format(address, a));
    port_log(d->o.port, level, line);
}

/* -- the journal ---------------------------------------------------------------------------------- */

/* Unix milliseconds; 0 while the clock is not set. */
static int64_t wall_ms(const struct dhcp_service *d)
{
    int64_t wall;
    return port_wall_ms(d->o.port, &wall) ? wall : 0;
}

static void on_record(void *ctx, const struct dhcp_lease_record *r)
{
    struct dhcp_service *d = ctx;
    uint8_t payload[DHCP_RECORD_BYTES];
    size_t len = dhcp_record_put(r, wall_ms(d), payload, sizeof payload);
    journal_put(d->o.journal, RECORD_LEASE, DHCP_RECORD_VERSION, payload, len, now_ms(d));
}

bool dhcp_service_restore(struct dhcp_service *d, const struct journal_record *record)
{
    struct dhcp_lease_record r;
    if (record->type != RECORD_LEASE)
        return false;
    if (dhcp_record_get(record, wall_ms(d), &r))
        dhcp_server_restore(&d->engine, &r, now_ms(d));
    return true;
}

bool dhcp_service_snapshot(struct dhcp_service *d, struct journal *journal, uint64_t *cursor)
{
    for (int n = 0; n < 10; n++) {
        struct dhcp_lease_record r;
        uint8_t payload[DHCP_RECORD_BYTES];
        if (*cursor >= d->engine.leases.capacity)
            return false;
        const struct dhcp_lease *lease = &d->engine.leases.entry[(*cursor)++];
        if (dhcp_lease_record(lease, now_ms(d), &r))
            journal_snapshot_put(journal, RECORD_LEASE, DHCP_RECORD_VERSION, payload,
                                 dhcp_record_put(&r, wall_ms(d), payload, sizeof payload));
    }
    return true;
}

/* -- what the engine asks and tells ------------------------------------------------------------------ */

static bool on_accept(void *ctx, const struct dhcp_client *client)
{
    struct dhcp_service *d = ctx;
    return staging_accepts(d->o.staging, client->mac, client->vendor_class.data, client->vendor_class.len);
}

/* A phone that has all it came for leaves its address to those that wait. */
static bool on_yields(void *ctx, struct mac mac)
{
    struct dhcp_service *d = ctx;
    return staging_is_done(d->o.staging, mac);
}

/* Not for whoever asks with MACs that are no phone's. */
static bool on_counts(void *ctx, struct mac mac)
{
    struct dhcp_service *d = ctx;
    return staging_is_phone_mac(d->o.staging, mac);
}

static void on_provision(void *ctx, const struct dhcp_client *client, struct dhcp_provision *out)
{
    struct dhcp_service *d = ctx;
    int64_t wall;
    char https[DHCP_URL_MAX];
    staging_https_option(d->o.staging, client->mac, https, sizeof https);
    dhcp_provision_options(d->o.settings, &client->vendor_class, https, out);
    if (d->o.settings->ntp.enabled && port_wall_ms(d->o.port, &wall))
        out->ntp = d->o.settings->box.address;
}

static void lease_for_staging(const struct dhcp_lease *lease, struct staging_lease *out)
{
    *out = (struct staging_lease){
        .mac = lease->mac,
        .address = lease->address,
        .vendor_class = (const char *)lease->vendor_class,
        .vendor_class_len = lease->vendor_class_len,
        .host_name = (const char *)lease->name,
        .host_name_len = lease->name_len,
    };
}

bool dhcp_service_lease(struct dhcp_service *d, ip4 address, struct staging_lease *out)
{
    const struct dhcp_lease *lease = dhcp_server_lease_at(&d->engine, address);
    if (!lease)
        return false;
    lease_for_staging(lease, out);
    return true;
}

static void tell_staging(struct dhcp_service *d, ip4 address)
{
    struct staging_lease lease;
    if (!dhcp_service_lease(d, address, &lease))
        return;
    lease.fresh = d->fresh;
    staging_leased(d->o.staging, &lease);
}

static void warn_other_server(struct dhcp_service *d, const struct dhcp_event *event)
{
    char text[240], a[IP4_TEXT_MAX + MAC_TEXT_MAX + 16], mac_text[MAC_TEXT_MAX];
    struct mac mac;
    ip4_format(event->other, a);
    bool known = d->frame_from || port_neighbour(d->o.port, event->other, &mac);
    if (d->frame_from)
        mac = *d->frame_from;
    if (known)
        snprintf(a + strlen(a), sizeof a - strlen(a), " (MAC %s)", mac_format_colons(mac, mac_text));
    if (event->held)
        snprintf(text, sizeof text,
                 "Another DHCP server answers at %s: stagebox gives out no addresses. Take it off this network and "
                 "resume the batch, or set [dhcp] rogue = warn and restart.", a);
    else
        snprintf(text, sizeof text, "Another DHCP server answers at %s: phones may get the wrong address.", a);
    staging_warn(d->o.staging, "rogue", text);
}

static void tell_guard(struct dhcp_service *d)
{
    staging_hold_addresses(d->o.staging, dhcp_server_guard(&d->engine) == DHCP_GUARD_HELD);
}

static void on_event(void *ctx, const struct dhcp_event *event)
{
    struct dhcp_service *d = ctx;
    switch (event->kind) {
    case DHCP_EVENT_BOUND:
    case DHCP_EVENT_RENEWED:
        tell_staging(d, event->address);
        break;
    case DHCP_EVENT_SERVER_FOUND:
        warn_other_server(d, event);
        tell_guard(d);
        break;
    case DHCP_EVENT_GUARD_CLEAR:
        port_log(d->o.port, PORT_INFO, "- DHCP: no other server is in the way: answering");
        break;
    case DHCP_EVENT_POOL_EMPTY:
        staging_warn_passing(d->o.staging, "pool",
                             "No address is left in [dhcp] pool: phones are turned away until others are done; a larger "
                             "pool spares them the wait.");
        break;
    case DHCP_EVENT_TABLE_FULL:
        staging_warn_passing(d->o.staging, "leases",
                             "The table of leases is full ([limits] leases): phones are turned away until others are done.");
        break;
    case DHCP_EVENT_OFFERED:
    case DHCP_EVENT_INFORMED:
        say(d, PORT_DEBUG, dhcp_event_text(event->kind), event->mac, event->address);
        break;
    default:
        say(d, PORT_INFO, dhcp_event_text(event->kind), event->mac, event->address);
    }
}

/* -- the wire ------------------------------------------------------------------------------------------ */

void dhcp_service_turn(struct dhcp_service *d)
{
    dhcp_send_held(&d->sender);
}

/* Everything that is due, and the timer for what comes next. `n` replies are waiting already. */
static void flush(struct dhcp_service *d, size_t n)
{
    uint8_t frame[ARP_FRAME_LEN];
    enum dhcp_output what;
    uint64_t now = now_ms(d);
    d->fresh = true;
    while ((what = dhcp_server_output(&d->engine, now, &d->replies[n], frame)) != DHCP_OUT_NONE) {
        if (what == DHCP_OUT_ARP)
            port_frames_send(d->arp, frame, sizeof frame);
        else
            n++;
        if (n == DHCP_SEND_MAX) {
            dhcp_send(&d->sender, d->replies, n);
            n = 0;
        }
    }
    dhcp_send(&d->sender, d->replies, n);
    timer_set(d->o.timers, &d->timer, dhcp_server_deadline(&d->engine));
}

/* RFC 2131 4.3.2: ciaddr is zero when a client selects or reboots, and set when it renews. */
static bool ciaddr_is_zero(const struct port_udp_in *in)
{
    static const uint8_t zero[4];
    return in->len >= 16 && memcmp(in->data + 12, zero, 4) == 0;
}

static void on_datagrams(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t count)
{
    struct dhcp_service *d = ctx;
    size_t n = 0;
    (void)udp;
    for (size_t i = 0; i < count; i++) {
        struct dhcp_rx rx = {.data = in[i].data, .len = in[i].len, .src = in[i].src, .dst = in[i].dst};
        d->fresh = ciaddr_is_zero(&in[i]);
        if (dhcp_server_input(&d->engine, &rx, now_ms(d), &d->replies[n]) == DHCP_REPLY)
            n++;
        if (n == DHCP_SEND_MAX - 1) {
            dhcp_send(&d->sender, d->replies, n);
            n = 0;
        }
    }
    flush(d, n);
}

static void on_overheard(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t count)
{
    struct dhcp_service *d = ctx;
    (void)udp;
    for (size_t i = 0; i < count; i++) {
        struct dhcp_rx rx = {.data = in[i].data, .len = in[i].len, .src = in[i].src, .dst = in[i].dst};
        d->frame_from = in[i].src_mac;
        dhcp_server_overheard(&d->engine, &rx, now_ms(d));
    }
    d->frame_from = NULL;
    flush(d, 0);
}

static void on_arp(void *ctx, const uint8_t *frame, size_t len)
{
    struct dhcp_service *d = ctx;
    dhcp_server_arp(&d->engine, frame, len, now_ms(d));
    flush(d, 0);
}

static void on_timer(void *ctx, struct timer *timer, uint64_t now)
{
    (void)timer;
    (void)now;
    flush(ctx, 0);
}

/* The cable may be put in only now: what was looked for without it counts for nothing. */
static void look_at_link(struct dhcp_service *d)
{
    struct port_interface interface;
    port_interface_get(d->o.port, &interface);
    bool came = interface.up && !d->link;
    d->link = interface.up;
    if (came)
        dhcp_server_start(&d->engine, now_ms(d));
    if (!d->engine.answered)
        timer_set(d->o.timers, &d->link_timer, now_ms(d) + LINK_EVERY_MS);
}

static void on_link_timer(void *ctx, struct timer *timer, uint64_t now)
{
    (void)timer;
    (void)now;
    look_at_link(ctx);
    flush(ctx, 0);
}

/* -- life ----------------------------------------------------------------------------------------------- */

static void configure(struct dhcp_service *d)
{
    const struct settings *s = d->o.settings;
    struct port_interface interface;
    port_interface_get(d->o.port, &interface);
    for (unsigned i = 0; i < s->host_count; i++)
        d->hosts[i] = (struct dhcp_host){s->hosts[i].mac, s->hosts[i].address};
    for (unsigned i = 0; i < s->option_count; i++)
        d->settings[i] = (struct dhcp_setting){s->options[i].code, {s->options[i].data, s->options[i].len}};
    static const enum dhcp_authoritative authoritative[] = {DHCP_AUTHORITATIVE_AUTO, DHCP_AUTHORITATIVE_YES,
                                                            DHCP_AUTHORITATIVE_NO};
    static const enum dhcp_rogue_policy rogue[] = {DHCP_ROGUE_GUARD, DHCP_ROGUE_WARN, DHCP_ROGUE_IGNORE};
    struct dhcp_config config = {
        .address = s->box.address,
        .prefix = s->box.prefix,
        .mac = interface.mac,
        .pool_first = s->dhcp.pool.first,
        .pool_last = s->dhcp.pool.last,
        .lease_s = s->dhcp.lease_s,
        .authoritative = authoritative[s->dhcp.authoritative],
        .rogue = rogue[s->dhcp.rogue],
        .probe = true,
        .router = s->dhcp.router,
        .dns = s->dns.enabled ? s->box.address : 0,
        .options = d->settings,
        .option_count = s->option_count,
        .hosts = d->hosts,
        .host_count = s->host_count,
    };
    dhcp_server_configure(&d->engine, &config, now_ms(d));
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
    return value < most ? value : most;
}

struct dhcp_service *dhcp_service_new(const struct dhcp_service_options *options)
{
    uint32_t leases = options->settings->limits.leases;
    struct dhcp_limits limits = {.leases = leases,
                                 .hosts = SETTINGS_HOSTS,
                                 .quarantine = at_most(leases / 4 + 16, QUARANTINE_MAX),
                                 .parked = at_most(leases / 2 + 1, PARKED_MAX)};
    struct dhcp_service *d = calloc(1, sizeof *d);
    size_t size = dhcp_server_memory(&limits);
    void *memory = d ? calloc(1, size) : NULL;
    if (!memory) {
        free(d);
        return NULL;
    }
    struct dhcp_callbacks callbacks = {
        .ctx = d,
        .accept = on_accept,
        .yields = on_yields,
        .counts = on_counts,
        .provision = on_provision,
        .record = on_record,
        .event = on_event};
    d->o = *options;
    d->sender = (struct dhcp_sender){.staging = options->staging, .box = &options->settings->box};
    d->memory = memory;
    dhcp_server_init(&d->engine, memory, size, &limits, &callbacks, options->seed);
    timer_init(&d->timer, on_timer, d);
    timer_init(&d->link_timer, on_link_timer, d);
    configure(d);
    return d;
}

void dhcp_service_join(struct dhcp_service *d, struct staging *staging)
{
    d->o.staging = d->sender.staging = staging;
}

bool dhcp_service_start(struct dhcp_service *d)
{
    struct port *port = d->o.port;
    if (port_frames_open(port, ETHERTYPE_ARP, on_arp, d, &d->arp) < 0 ||
        port_udp_open(port, DHCP_SERVER_PORT, on_datagrams, d, &d->sender.udp) < 0 ||
        port_udp_overhear(port, DHCP_CLIENT_PORT, on_overheard, d, &d->client) < 0)
        return false;
    configure(d);
    dhcp_server_start(&d->engine, now_ms(d));
    d->started = true;
    d->link = true;
    look_at_link(d);
    flush(d, 0);
    return true;
}

void dhcp_service_reloaded(struct dhcp_service *d)
{
    configure(d);
    tell_guard(d);
    if (d->started)
        flush(d, 0);
}

void dhcp_service_resume(struct dhcp_service *d)
{
    dhcp_server_resume(&d->engine, now_ms(d));
    tell_guard(d);
    staging_warn(d->o.staging, "rogue", NULL);
    if (d->started)
        flush(d, 0);
}

size_t dhcp_service_load(const struct dhcp_service *d)
{
    return d->engine.leases.known;
}

void dhcp_service_close(struct dhcp_service *d)
{
    if (!d)
        return;
    timer_clear(d->o.timers, &d->timer);
    timer_clear(d->o.timers, &d->link_timer);
    if (d->client)
        port_udp_close(d->client);
    if (d->sender.udp)
        port_udp_close(d->sender.udp);
    if (d->arp)
        port_frames_close(d->arp);
    dhcp_sender_dispose(&d->sender);
    free(d->memory);
    free(d);
}
