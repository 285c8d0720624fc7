#include "app/services/overhear.h"

#include <stdlib.h>
#include <string.h>

#include "net/arp/arp.h"
#include "net/discovery/discovery.h"

#define KINDS 4

struct overhear_service {
    struct port *port;
    struct staging *staging;
    struct port_frames *frames[KINDS]; /* NULL: not to be had */
};

static void on_tagged(void *ctx, const uint8_t *frame, size_t len)
{
    struct overhear_service *o = ctx;
    struct mac source;
    unsigned vlan = vlan_of(frame, len);
    if (vlan == 0)
        return;
    memcpy(source.b, frame + 6, sizeof source.b);
    staging_tagged(o->staging, source, vlan);
    staging_commit(o->staging);
}

static void on_arp(void *ctx, const uint8_t *frame, size_t len)
{
    struct overhear_service *o = ctx;
    struct arp_packet packet;
    if (!arp_parse(frame, len, &packet))
        return;
    staging_foreign_address(o->staging, packet.sender, packet.sender_ip);
    staging_commit(o->staging);
}

static void announce(struct overhear_service *o, const char *how, const struct discovery *d)
{
    if (d->has_mac && !mac_equal(d->mac, d->source))
        return; /* it speaks of another one */
    struct staging_announcement a = {.how = how, .mac = d->source, .platform = d->platform, .version = d->version};
    staging_announced(o->staging, &a);
    staging_commit(o->staging);
}

static void on_cdp(void *ctx, const uint8_t *frame, size_t len)
{
    struct discovery d;
    if (cdp_parse(frame, len, &d))
        announce(ctx, "CDP", &d);
}

static void on_lldp(void *ctx, const uint8_t *frame, size_t len)
{
    struct discovery d;
    if (lldp_parse(frame, len, &d))
        announce(ctx, "LLDP", &d);
}

struct overhear_service *overhear_service_open(struct port *port, struct staging *staging)
{
    static const struct {
        uint16_t ethertype;
        port_frame_fn *fn;
    } kinds[KINDS] = {
        {VLAN_ETHERTYPE, on_tagged}, {ARP_ETHERTYPE, on_arp}, {CDP_ETHERTYPE, on_cdp}, {LLDP_ETHERTYPE, on_lldp}};
    struct overhear_service *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->port = port;
    o->staging = staging;
    for (size_t i = 0; i < KINDS; i++) {
        if (port_frames_open(port, kinds[i].ethertype, kinds[i].fn, o, &o->frames[i]) == 0)
            continue;
        o->frames[i] = NULL;
        port_log(port, PORT_WARNING, port_error_sentence(port));
    }
    return o;
}

void overhear_service_close(struct overhear_service *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < KINDS; i++)
        if (o->frames[i])
            port_frames_close(o->frames[i]);
    free(o);
}
