#include <stdlib.h>

#include "app/services/datagram.h"
#include "net/syslog/message.h"

struct syslog_service {
    struct staging *staging;
    struct port_udp *udp;
};

static void on_lines(void *ctx, struct port_udp *udp, const struct port_udp_in *in, size_t n)
{
    struct syslog_service *service = ctx;
    (void)udp;
    for (size_t i = 0; i < n; i++)
        staging_syslog(service->staging, in[i].src, (const char *)in[i].data, in[i].len);
}

struct syslog_service *syslog_service_open(struct port *port, struct staging *staging)
{
    struct syslog_service *service = calloc(1, sizeof *service);
    if (!service)
        return NULL;
    service->staging = staging;
    if (port_udp_open(port, SYSLOG_PORT, on_lines, service, &service->udp) == 0)
        return service;
    free(service);
    return NULL;
}

void syslog_service_close(struct syslog_service *service)
{
    if (!service)
        return;
    port_udp_close(service->udp);
    free(service);
}
