/* datagram.h - the small listeners: syslog, DNS and SNTP. */
#ifndef STAGEBOX_APP_SERVICES_DATAGRAM_H
#define STAGEBOX_APP_SERVICES_DATAGRAM_H

#include "app/staging/staging.h"
#include "config/settings.h"

struct syslog_service;
struct dns_service;
struct ntp_service;

/* Each opens its UDP port. NULL: port_error_sentence() says why, or there is no memory. `settings` is
 * the same memory at each reload. */
struct syslog_service *syslog_service_open(struct port *port, struct staging *staging);
void syslog_service_close(struct syslog_service *service);
struct dns_service *dns_service_open(struct port *port, struct staging *staging, const struct settings *settings);
/* Settings were read anew. */
void dns_service_reloaded(struct dns_service *service);
void dns_service_close(struct dns_service *service);
struct ntp_service *ntp_service_open(struct port *port);
void ntp_service_close(struct ntp_service *service);

#endif
