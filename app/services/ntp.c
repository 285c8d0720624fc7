#include <stdlib.h>

#include "app/services/datagram.h"
#include "net/sntp/server.h"

struct ntp_service {
    struct port *port;
    struct port_udp *udp;
};

static void on_requests(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct ntp_service *service = ctx;
    uint8_t reply[SNTP_REPLY_LEN];
    for (size_t i = 0; i < n; i++) {
        struct sntp_clock clock = {.set = false};
        clock.set = port_wall_ms(service->port, &clock.unix_ms);
        size_t len = sntp_server_answer(&clock, in[i].data, in[i].len, reply);
        struct port_udp_out out = {.dst = in[i].src, .dst_port = in[i].src_port, .head = reply, .head_len = len};
        if (len > 0)
            port_udp_send(udp, &out, 1);
    }
}

struct ntp_service *ntp_service_open(struct port *port)
{
    struct ntp_service *service = calloc(1, sizeof *service);
    if (!service)
        return NULL;
    service->port = port;
    if (port_udp_open(port, SNTP_PORT, on_requests, service, &service->udp) == 0)
        return service;
    free(service);
    return NULL;
}

void ntp_service_close(struct ntp_service *service)
{
    if (!service)
        return;
    port_udp_close(service->udp);
    free(service);
}
