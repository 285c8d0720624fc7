#include <stdio.h>
#include <stdlib.h>

#include "app/content/content.h"
#include "app/services/datagram.h"
#include "net/dns/server.h"

#define REPLIES 8 /* that are sent together */

struct dns_service {
    struct staging *staging;
    const struct settings *settings;
    struct port_udp *udp;
    struct dns_server engine;
    uint8_t replies[REPLIES][DNS_REPLY_MAX];
};

/* Names that are not the box's own tell where a second-hand phone still wants to go. */
static void note(struct dns_service *service, ip4 from, const struct dns_asked *asked)
{
    if (asked->found == DNS_FOUND_NOTHING || asked->found == DNS_FOUND_CAPTURED)
        staging_dns_question(service->staging, from, asked->name);
}

static void on_queries(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct dns_service *service = ctx;
    struct port_udp_out out[REPLIES];
    struct dns_asked asked;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t len = dns_server_answer(&service->engine, in[i].data, in[i].len, service->replies[count],
                                       DNS_REPLY_MAX, &asked);
        note(service, in[i].src, &asked);
        if (len == 0)
            continue;
        out[count] = (struct port_udp_out){
            .dst = in[i].src, .dst_port = in[i].src_port, .head = service->replies[count], .head_len = len};
        if (++count == REPLIES) {
            port_udp_send(udp, out, count);
            count = 0;
        }
    }
    port_udp_send(udp, out, count);
}

void dns_service_reloaded(struct dns_service *service)
{
    const struct settings_box *box = &service->settings->box;
    char local[sizeof box->name + sizeof ".local"];
    dns_server_init(&service->engine, box->address, service->settings->dns.capture);
    dns_server_add(&service->engine, box->name);
    snprintf(local, sizeof local, "%s.local", box->name);
    dns_server_add(&service->engine, local);
    const struct certs *certs = &staging_content(service->staging)->certs;
    for (size_t i = 0; i < certs->pair_count; i++)
        for (size_t n = 0; n < certs->pairs[i].name_count; n++)
            dns_server_add(&service->engine, certs->pairs[i].names[n]);
}

struct dns_service *dns_service_open(struct port *port, struct staging *staging, const struct settings *settings)
{
    struct dns_service *service = calloc(1, sizeof *service);
    if (!service)
        return NULL;
    service->staging = staging;
    service->settings = settings;
    dns_service_reloaded(service);
    if (port_udp_open(port, DNS_PORT, on_queries, service, &service->udp) == 0)
        return service;
    free(service);
    return NULL;
}

void dns_service_close(struct dns_service *service)
{
    if (!service)
        return;
    port_udp_close(service->udp);
    free(service);
}
