/* tftp.h - the TFTP listener: joins the engine in net/tftp to the port and to staging. */
#ifndef STAGEBOX_APP_SERVICES_TFTP_H
#define STAGEBOX_APP_SERVICES_TFTP_H

#include "app/staging/staging.h"
#include "app/timers.h"

struct tftp_service;

struct tftp_service_options {
    struct port *port;
    struct staging *staging;
    struct timers *timers;
    uint32_t transfers; /* the pool */
    uint64_t seed[2];   /* random */
};

/* Makes the pool and opens UDP port 69 and the transfers' own ports. NULL: port_error_sentence() says
 * why, or there is no memory. */
struct tftp_service *tftp_service_open(const struct tftp_service_options *options);
/* Transfers under way. */
size_t tftp_service_load(const struct tftp_service *service);
void tftp_service_close(struct tftp_service *service);

#endif
