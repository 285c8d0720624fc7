#include "app/appliance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/box_warnings.h"
#include "app/check.h"
#include "app/phones/registry.h"
#include "app/picture.h"
#include "app/remarks.h"
#include "app/services/datagram.h"
#include "app/services/dhcp.h"
#include "app/services/http.h"
#include "app/services/mdns.h"
#include "app/services/mqtt.h"
#include "app/services/nudge.h"
#include "app/services/overhear.h"
#include "app/services/tftp.h"
#include "app/web/events.h"
#include "mbedtls/platform_util.h"

#define JOURNAL_BYTES_PER_PHONE 4096

struct appliance {
    const struct appliance_options *o;
    struct port *port;
    struct settings settings;
    struct content content;
    struct timers timers;
    struct journal journal;
    struct staging *staging;
    struct dhcp_service *dhcp;
    struct tftp_service *tftp;
    struct http_service *http;
    struct https_pool *https;
    struct nudge_service *nudge;
    struct overhear_service *overhear;
    struct syslog_service *syslog;
    struct dns_service *dns;
    struct mdns_service *mdns; /* NULL: switched off, or somebody else does it */
    struct ntp_service *ntp;
    struct mqtt_service *mqtt;
    struct api *api;
    struct events *events;
    struct box_warnings warnings;
    struct picture picture;
    struct remarks remarks;
    bool limited;    /* errors in the settings, and nobody at a shell: DHCP and dashboard only */
    bool random;     /* there are random numbers */
    bool reload_due; /* the operator asked for it */
    uint64_t seed[2];
    uint64_t snapshot_phones; /* cursor of staging's part, then of the leases' */
    uint64_t snapshot_leases;
};

/* -- the journal ---------------------------------------------------------------------------------- */

static void on_restored(void *ctx, const struct journal_record *record)
{
    struct appliance *a = ctx;
    if (!staging_restore(a->staging, record) && a->dhcp)
        dhcp_service_restore(a->dhcp, record);
}

static bool on_snapshot(void *ctx, struct journal *journal, uint64_t *cursor)
{
    struct appliance *a = ctx;
    if (*cursor == 0)
        a->snapshot_phones = a->snapshot_leases = 0;
    (*cursor)++;
    if (a->snapshot_phones != UINT64_MAX) {
        if (!staging_snapshot(a->staging, journal, &a->snapshot_phones))
            a->snapshot_phones = UINT64_MAX;
        return true;
    }
    return a->dhcp && dhcp_service_snapshot(a->dhcp, journal, &a->snapshot_leases);
}

static uint64_t journal_size(const struct settings *s)
{
    uint64_t size = (uint64_t)(2 * s->limits.phones + s->limits.leases / 8) * JOURNAL_BYTES_PER_PHONE;
    size -= size % JOURNAL_SECTOR;
    return size < JOURNAL_SIZE_MIN ? JOURNAL_SIZE_MIN : size;
}

static void open_journal(struct appliance *a)
{
    struct journal_loss loss;
    char id[JOURNAL_STATE_ID_MAX], sentence[JOURNAL_SENTENCE_MAX];
    if (journal_load(&a->journal, a->port, JOURNAL_FILE_A, JOURNAL_FILE_B, journal_size(&a->settings), on_restored,
                     a, &loss) < 0)
        staging_warn(a->staging, "journal",
                     "The card's state/ cannot be used: nothing that happens now outlives a restart.");
    if (journal_loss_text(&loss, sentence)[0])
        port_log(a->port, PORT_WARNING, sentence);
    staging_restored(a->staging, journal_state_id(&a->journal, id));
    if (journal_start(&a->journal, on_snapshot, a, port_now_ms(a->port)) < 0)
        staging_warn(a->staging, "journal", journal_sentence(&a->journal));
}

/* -- start ------------------------------------------------------------------------------------------ */

static bool lease_by_address(void *ctx, ip4 address, struct staging_lease *out)
{
    struct appliance *a = ctx;
    return a->dhcp && dhcp_service_lease(a->dhcp, address, out);
}

static void send_nudge(void *ctx, const struct staging_nudge *nudge)
{
    struct appliance *a = ctx;
    nudge_service_send(a->nudge, nudge);
}

static void on_changed(void *ctx, size_t phone)
{
    events_changed(((struct appliance *)ctx)->events, phone);
}

static void on_progressed(void *ctx, size_t phone)
{
    events_progressed(((struct appliance *)ctx)->events, phone);
}

static void on_gone(void *ctx, const struct phone *phone)
{
    events_gone(((struct appliance *)ctx)->events, phone);
}

static void on_said(void *ctx, const struct phone *phone, enum port_level level, const char *text)
{
    events_said(((struct appliance *)ctx)->events, phone, level, text);
}

static void resume_dhcp(void *ctx)
{
    struct appliance *a = ctx;
    if (a->dhcp)
        dhcp_service_resume(a->dhcp);
}

static void reload_soon(void *ctx)
{
    ((struct appliance *)ctx)->reload_due = true;
}

static size_t list_pools(void *ctx, struct metrics_pool *out, size_t cap)
{
    const struct appliance *a = ctx;
    const struct settings_limits *limits = &a->settings.limits;
    const struct metrics_pool pools[] = {
        {"phones", staging_registry(a->staging)->count, limits->phones},
        {"leases", a->dhcp ? dhcp_service_load(a->dhcp) : 0, limits->leases},
        {"connections", a->http ? http_service_load(a->http) : 0, limits->connections},
        {"tftp", a->tftp ? tftp_service_load(a->tftp) : 0, limits->tftp},
    };
    size_t count = sizeof pools / sizeof *pools < cap ? sizeof pools / sizeof *pools : cap;
    memcpy(out, pools, count * sizeof *pools);
    return count;
}

static bool fail(const struct appliance *a, const char *what)
{
    char line[400];
    snprintf(line, sizeof line, "%s%s", what, port_error_sentence(a->port));
    port_log(a->port, PORT_ERROR, line);
    return false;
}

static bool make_parts(struct appliance *a)
{
    timers_init(&a->timers);
    const struct settings_limits *limits = &a->settings.limits;
    a->events = events_open(a->port, limits->connections / 4 + 2, limits->phones); /* and MQTT */
    if (!a->events)
        return fail(a, "no memory for [limits]: ");
    struct staging_options so = {
        .port = a->port,
        .settings = &a->settings,
        .content = &a->content,
        .timers = &a->timers,
        .journal = &a->journal,
        .hooks = {.ctx = a,
                  .nudge = send_nudge,
                  .lease_by_address = lease_by_address,
                  .changed = on_changed,
                  .progressed = on_progressed,
                  .gone = on_gone,
                  .said = on_said},
        .seed = {a->seed[0], a->seed[1]},
    };
    a->staging = staging_open(&so);
    if (!a->staging)
        return fail(a, "no memory for [limits]: ");
    struct dhcp_service_options dhcp = {
        .port = a->port,
        .staging = a->staging,
        .journal = &a->journal,
        .timers = &a->timers,
        .settings = &a->settings,
        .seed = a->seed[0] ^ a->seed[1],
    };
    if (a->settings.dhcp.enabled && !(a->dhcp = dhcp_service_new(&dhcp)))
        return fail(a, "no memory for [limits] leases: ");
    a->nudge = nudge_service_open(a->port, a->staging, &a->timers, limits->connections / 4);
    struct api_options api = {a->port,    a->staging,  a->events,   limits->connections / 4 + 1,
                              a->o->file, resume_dhcp, reload_soon, list_pools,
                              a};
    events_show(a->events, a->staging);
    a->api = a->settings.web.enabled ? api_open(&api) : NULL;
    if (!a->nudge || (a->settings.web.enabled && !a->api))
        return fail(a, "no memory: ");
    return true;
}

/* Beside the connections that are served and as many that are closing: those that are told to come again, and nudges. */
#define MORE_CONNECTIONS 64

static size_t connections_in_all(const struct settings_limits *limits)
{
    size_t served = limits->connections;
    return 2 * served + (served / 2 < MORE_CONNECTIONS ? served / 2 : MORE_CONNECTIONS);
}

static void open_https(struct appliance *a)
{
    char text[240];
    if (!certs_serve(&a->content.certs, &a->settings) || a->limited)
        return;
    if (!a->random) {
        uint8_t byte;
        snprintf(text, sizeof text, "No HTTPS: %s.",
                 port_random(a->port, &byte, 1) < 0 ? port_error_sentence(a->port) : "restart");
        staging_warn(a->staging, "random", text);
        return;
    }
    a->https = https_pool_open(a->port, a->staging);
    certs_forget_keys(&a->content.certs);
    if (!a->https)
        port_log(a->port, PORT_ERROR,
                 "HTTPS: no memory for [limits] tls, or no certificate that can be used: plain HTTP only");
    staging_serves_https(a->staging, a->https != NULL);
}

static bool open_http(struct appliance *a)
{
    const struct settings *s = &a->settings;
    bool plain = s->http.enabled || a->limited;
    struct http_service_options http = {
        a->port,  a->staging,   a->api, &a->timers, plain ? s->http.port : 0, s->limits.connections,
        a->https, s->https.port};
    if ((plain || a->https) && !(a->http = http_service_open(&http)))
        return fail(a, "HTTP: ");
    return true;
}

/* What phones are served by, beside HTTP and DHCP. */
static bool open_services(struct appliance *a)
{
    const struct settings *s = &a->settings;
    struct tftp_service_options tftp = {a->port, a->staging, &a->timers, s->limits.tftp, {a->seed[0], a->seed[1]}};
    if (s->tftp.enabled && !(a->tftp = tftp_service_open(&tftp)))
        return fail(a, "TFTP: ");
    if (s->syslog.enabled && !(a->syslog = syslog_service_open(a->port, a->staging)))
        return fail(a, "syslog: ");
    if (s->dns.enabled && !(a->dns = dns_service_open(a->port, a->staging, s)))
        return fail(a, "DNS: ");
    if (s->dns.enabled)
        a->mdns = mdns_service_open(a->port, &a->timers, &a->settings);
    if (s->ntp.enabled && !(a->ntp = ntp_service_open(a->port)))
        return fail(a, "NTP: ");
    return true;
}

/* The dashboard says why the box does so little. */
static void limit(struct appliance *a)
{
    char key[32];
    staging_warn(a->staging, "settings",
                 "The card has errors, no phone gets anything: mend them and switch the box off and on.");
    for (size_t i = 0; i < a->remarks.count; i++) {
        snprintf(key, sizeof key, "check %zu", i);
        staging_warn(a->staging, key, a->remarks.line[i]);
    }
    staging_out_of_service(a->staging);
}

static bool open_listeners(struct appliance *a)
{
    const struct settings *s = &a->settings;
    if (port_reserve(a->port, connections_in_all(&s->limits)) < 0)
        return fail(a, "");
    open_https(a);
    if (!open_http(a) || (!a->limited && !open_services(a)))
        return false;
    if (a->dhcp && !dhcp_service_start(a->dhcp))
        return fail(a, "DHCP: ");
    a->overhear = overhear_service_open(a->port, a->staging);
    struct mqtt_service_options mqtt = {a->port, a->staging, &a->timers, a->events, s};
    if (!a->limited && !(a->mqtt = mqtt_service_open(&mqtt)))
        return fail(a, "MQTT: no memory: ");
    return true;
}

static void close_parts(struct appliance *a)
{
    mqtt_service_close(a->mqtt);
    dhcp_service_close(a->dhcp);
    tftp_service_close(a->tftp);
    http_service_close(a->http);
    https_pool_close(a->https);
    syslog_service_close(a->syslog);
    dns_service_close(a->dns);
    mdns_service_close(a->mdns);
    ntp_service_close(a->ntp);
    overhear_service_close(a->overhear);
    nudge_service_close(a->nudge);
    box_warnings_stop(&a->warnings);
    picture_stop(&a->picture);
    if (a->staging)
        staging_commit(a->staging);
    journal_close(&a->journal, port_now_ms(a->port));
    api_close(a->api);
    staging_close(a->staging);
    events_close(a->events);
}

/* -- running ---------------------------------------------------------------------------------------- */

static void on_stop(void *ctx)
{
    struct appliance *a = ctx;
    port_log(a->port, PORT_INFO, "stopping");
    port_stop(a->port);
}

/* The same lines as at the start and of `check`. */
static void log_problem(void *ctx, const struct problem *p)
{
    char text[PROBLEM_TEXT_MAX + 300];
    remark_line(p, text, sizeof text);
    for (char *line = text, *rest = text; rest; line = rest) { /* what would allow an image has lines of its own */
        rest = strchr(line, '\n');
        if (rest)
            *rest++ = '\0';
        port_log(((struct appliance *)ctx)->port, PORT_INFO, line);
    }
}

static void on_reload(void *ctx)
{
    struct appliance *a = ctx;
    struct problems problems = {.add = log_problem, .ctx = a};
    a->reload_due = false;
    if (a->limited) {
        port_log(a->port, PORT_INFO, "starting anew");
        port_stop(a->port);
        return;
    }
    struct settings *fresh = malloc(sizeof *fresh);
    if (!fresh)
        return;
    port_log(a->port, PORT_INFO, "reading settings, firmware, profiles and inventory anew");
    bool settings = check_file(a->port, a->o->file, fresh, &problems);
    if (settings) {
        if (a->o->interface)
            settings_set_interface(fresh, a->o->interface);
        settings_restart_needed(&a->settings, fresh, a->o->file, &problems);
        settings_keep_running(&a->settings, fresh);
        a->settings = *fresh;
    } else {
        port_log(a->port, PORT_ERROR, "the settings have errors: the old ones stay in force");
    }
    mbedtls_platform_zeroize(fresh, sizeof *fresh);
    free(fresh);
    bool content = content_read(&a->content, &a->settings, a->o->file, &problems);
    check_ahead(&a->settings, &a->content, a->o->file, &problems);
    box_warnings_read(&a->warnings, settings, content, a->content.image_errors);
    if (!content)
        port_log(a->port, PORT_ERROR, "what is broken on the card stays as it was before");
    if (a->https)
        https_pool_reload(a->https);
    certs_forget_keys(&a->content.certs);
    staging_reloaded(a->staging);
    events_all(a->events);
    if (a->dhcp)
        dhcp_service_reloaded(a->dhcp);
    if (a->dns)
        dns_service_reloaded(a->dns);
    if (a->mdns)
        mdns_service_reloaded(a->mdns);
    if (a->mqtt)
        mqtt_service_reloaded(a->mqtt);
    port_log(a->port, PORT_INFO, "all of it has been read anew");
}

static uint64_t on_turn(void *ctx, uint64_t now_ms)
{
    struct appliance *a = ctx;
    if (a->reload_due)
        on_reload(a);
    timers_run(&a->timers, now_ms);
    staging_commit(a->staging);
    if (a->dhcp)
        dhcp_service_turn(a->dhcp);
    bool more = a->http && http_service_send(a->http);
    staging_commit(a->staging); /* of what has arrived */
    journal_turn(&a->journal, now_ms);
    more = (a->http && http_service_slice(a->http)) || more;
    uint64_t next = more ? now_ms : timers_next(&a->timers);
    uint64_t journal = journal_deadline(&a->journal);
    return next < journal ? next : journal;
}

static int serve(struct appliance *a)
{
    struct port_hooks hooks = {.ctx = a, .turn = on_turn, .reload = on_reload, .stop = on_stop};
    if (!make_parts(a))
        return 1;
    open_journal(a);
    if (!open_listeners(a))
        return 1;
    box_warnings_start(&a->warnings, a->port, a->staging, &a->timers);
    box_warnings_read(&a->warnings, true, true, a->content.image_errors);
    if (a->limited)
        limit(a);
    if (a->o->show)
        picture_start(&a->picture, a->staging, &a->timers, port_now_ms(a->port), a->o->show, a->o->show_ctx);
    if (port_drop_rights(a->port) < 0)
        port_log(a->port, PORT_WARNING, port_error_sentence(a->port));
    if (a->api)
        api_set_ready(a->api, true);
    staging_commit(a->staging);
    port_log(a->port, PORT_INFO, "ready");
    port_ready(a->port);
    return port_run(a->port, &hooks) < 0 ? 1 : 0;
}

static bool read_card(struct appliance *a)
{
    struct problems *problems = &a->remarks.collect;
    const char *file = a->o->file;
    bool ok = check_card(a->port, file, &a->settings, &a->content, problems);
    if (a->o->interface && !settings_set_interface(&a->settings, a->o->interface)) {
        problem_error(problems, file, 0, "-i %s cannot be the name of an interface", a->o->interface);
        ok = false;
    }
    return ok;
}

/* For hashes and the like; without random numbers a guess is better than nothing, and there is no HTTPS. */
static void make_seed(struct appliance *a)
{
    int64_t wall = 0;
    a->random = port_random(a->port, a->seed, sizeof a->seed) == 0;
    if (a->random)
        return;
    port_wall_ms(a->port, &wall);
    a->seed[0] = (uint64_t)wall;
    a->seed[1] = port_now_ms(a->port);
}

int appliance_run(const struct appliance_options *options)
{
    struct appliance *a = calloc(1, sizeof *a);
    if (!a)
        return 1;
    int status = 1;
    a->o = options;
    a->port = options->port;
    remarks_init(&a->remarks, options->problems);
    make_seed(a);
    if (!content_open(&a->content, a->port, a->seed))
        fail(a, "");
    else if (read_card(a) || (a->limited = options->no_shell)) {
        const struct settings_box *box = &a->settings.box;
        if (port_interface_open(a->port, box->interface, box->address, box->prefix) < 0)
            fail(a, "");
        else
            status = serve(a);
    }
    close_parts(a);
    content_close(&a->content);
    mbedtls_platform_zeroize(a, sizeof *a);
    free(a);
    return status;
}
