/* dhcp.h - the DHCP listener: joins the engine in net/dhcp to the port, staging and the journal. */
#ifndef STAGEBOX_APP_SERVICES_DHCP_H
#define STAGEBOX_APP_SERVICES_DHCP_H

#include "app/record/journal.h"
#include "app/staging/staging.h"
#include "app/timers.h"
#include "config/settings.h"

struct dhcp_service;

struct dhcp_service_options {
    struct port *port;
    struct staging *staging;
    struct journal *journal;
    struct timers *timers;
    const struct settings *settings; /* the same memory at each reload */
    uint64_t seed;
};

/* Makes the pools. NULL where there is no memory. Nothing is sent or received yet. */
struct dhcp_service *dhcp_service_new(const struct dhcp_service_options *options);
/* Staging came to be after the service: needed before anything is received. */
void dhcp_service_join(struct dhcp_service *service, struct staging *staging);
/* A record of the journal, before dhcp_service_start(). True where it was a lease. */
bool dhcp_service_restore(struct dhcp_service *service, const struct journal_record *record);
/* Puts a few records of the snapshot; *cursor is 0 at first. False: that was all. */
bool dhcp_service_snapshot(struct dhcp_service *service, struct journal *journal, uint64_t *cursor);
/* Opens port 67 and begins. False: port_error_sentence() says why. */
bool dhcp_service_start(struct dhcp_service *service);
/* Settings were read anew. */
void dhcp_service_reloaded(struct dhcp_service *service);
/* The operator says: answer, although another server was found. */
void dhcp_service_resume(struct dhcp_service *service);
/* The lease of this address as staging wants it; false where there is none that is bound. */
bool dhcp_service_lease(struct dhcp_service *service, ip4 address, struct staging_lease *out);
/* Once per turn: sends what had to wait for the journal. */
void dhcp_service_turn(struct dhcp_service *service);
/* Clients that are known, of [limits] leases. */
size_t dhcp_service_load(const struct dhcp_service *service);
void dhcp_service_close(struct dhcp_service *service);

#endif
