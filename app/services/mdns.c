#include "app/services/mdns.h"

#include <stdlib.h>
#include <string.h>

#include "net/dns/mdns.h"

#define AGAIN_MS 1000

struct mdns_service {
    struct port *port;
    struct timers *timers;
    const struct settings *settings;
    struct port_udp *udp;
    struct mdns engine;
    struct timer timer; /* the second announcement */
};

static void announce(struct mdns_service *m, bool goes)
{
    uint8_t packet[DNS_REPLY_MAX];
    size_t len = mdns_announce(&m->engine, goes, packet, sizeof packet);
    struct port_udp_out out = {.dst = MDNS_GROUP, .dst_port = MDNS_PORT, .head = packet, .head_len = len};
    port_udp_send(m->udp, &out, 1);
}

static void on_timer(void *ctx, struct timer *timer, uint64_t now_ms)
{
    (void)timer;
    (void)now_ms;
    announce(ctx, false);
}

/* Questions of other networks are not ours to answer (RFC 6762 section 11). */
static bool is_near(const struct mdns_service *m, ip4 address)
{
    const struct settings_box *box = &m->settings->box;
    uint32_t mask = box->prefix ? UINT32_MAX << (32 - box->prefix) : 0;
    return (address & mask) == (box->address & mask);
}

static void on_queries(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct mdns_service *m = ctx;
    for (size_t i = 0; i < n; i++) {
        uint8_t packet[DNS_REPLY_MAX];
        bool alone = false;
        if (!is_near(m, in[i].src))
            continue;
        size_t len = mdns_answer(&m->engine, in[i].data, in[i].len, in[i].src_port, packet, sizeof packet, &alone);
        struct port_udp_out out = {.dst = alone ? in[i].src : MDNS_GROUP,
                                   .dst_port = alone ? in[i].src_port : MDNS_PORT,
                                   .head = packet,
                                   .head_len = len};
        if (len > 0)
            port_udp_send(udp, &out, 1);
    }
}

void mdns_service_reloaded(struct mdns_service *m)
{
    struct mdns fresh;
    const struct settings_box *box = &m->settings->box;
    if (!mdns_init(&fresh, box->address, box->name) ||
        (strcmp(fresh.name, m->engine.name) == 0 && fresh.address == m->engine.address))
        return;
    if (m->engine.name[0])
        announce(m, true);
    m->engine = fresh;
    announce(m, false);
    timer_set(m->timers, &m->timer, port_now_ms(m->port) + AGAIN_MS);
}

struct mdns_service *mdns_service_open(struct port *port, struct timers *timers, const struct settings *settings)
{
    struct mdns_service *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = (struct mdns_service){.port = port, .timers = timers, .settings = settings};
    timer_init(&m->timer, on_timer, m);
    if (port_udp_open(port, MDNS_PORT, on_queries, m, &m->udp) < 0) {
        port_log(port, PORT_INFO, port_error_sentence(port));
        free(m);
        return NULL;
    }
    mdns_service_reloaded(m);
    return m;
}

void mdns_service_close(struct mdns_service *m)
{
    if (!m)
        return;
    if (m->engine.name[0])
        announce(m, true);
    timer_clear(m->timers, &m->timer);
    port_udp_close(m->udp);
    free(m);
}
