/* nudge.h - web commands to phones (/admin/resync?, /admin/upgrade?), with Basic or Digest where they
 * want a password. */
#ifndef STAGEBOX_APP_SERVICES_NUDGE_H
#define STAGEBOX_APP_SERVICES_NUDGE_H

#include "app/staging/staging.h"
#include "app/timers.h"

struct nudge_service;

/* Makes its pool for about so many at once; NULL where there is no memory. */
struct nudge_service *nudge_service_open(struct port *port, struct staging *staging, struct timers *timers, size_t at_once);
/* Starts one; staging_nudged() follows, also where the pool is full. Fits struct staging_hooks. */
void nudge_service_send(void *service, const struct staging_nudge *nudge);
/* Staging came to be after the service. */
void nudge_service_join(struct nudge_service *service, struct staging *staging);
void nudge_service_close(struct nudge_service *service);

#endif
