/* dhcp_provision.h - what a phone is told by DHCP: options 66, 150, 159 and 160. */
#ifndef STAGEBOX_APP_SERVICES_DHCP_PROVISION_H
#define STAGEBOX_APP_SERVICES_DHCP_PROVISION_H

#include "config/settings.h"
#include "net/dhcp/server.h"

/* Fills the four options by the settings for a client with this option 60 (contract, section 4,
 * "DHCP"). `https_url`: its profile over HTTPS, "" for none. The text lies in out->scratch. */
void dhcp_provision_options(const struct settings *settings, const struct dhcp_bytes *vendor_class,
                            const char *https_url, struct dhcp_provision *out);

#endif
