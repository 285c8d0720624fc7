/* mdns.h - answers for [box] name with .local, for browsers on the bench (RFC 6762). */
#ifndef STAGEBOX_APP_SERVICES_MDNS_H
#define STAGEBOX_APP_SERVICES_MDNS_H

#include "app/timers.h"
#include "config/settings.h"
#include "ports/port.h"

struct mdns_service;

/* Opens UDP 5353 and announces the name. NULL, said in the log, where somebody else holds the port (avahi does that
 * work then), where the name is none, or there is no memory. `settings` is the same memory at each reload. */
struct mdns_service *mdns_service_open(struct port *port, struct timers *timers, const struct settings *settings);
/* Settings were read anew. */
void mdns_service_reloaded(struct mdns_service *service);
/* Says that the name goes. */
void mdns_service_close(struct mdns_service *service);

#endif
