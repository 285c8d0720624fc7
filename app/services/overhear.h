/* overhear.h - listens to frames that are not for us: VLAN tags, ARP, CDP and LLDP. Sends nothing. */
#ifndef STAGEBOX_APP_SERVICES_OVERHEAR_H
#define STAGEBOX_APP_SERVICES_OVERHEAR_H

#include "app/staging/staging.h"

struct overhear_service;

/* Listens to what the machine lets it listen to; the rest is missing, and said in the log. NULL where there is no
 * memory. */
struct overhear_service *overhear_service_open(struct port *port, struct staging *staging);
void overhear_service_close(struct overhear_service *service);

#endif
