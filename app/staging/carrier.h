/* carrier.h - by what a phone and the box speak when content goes over. */
#ifndef STAGEBOX_APP_STAGING_CARRIER_H
#define STAGEBOX_APP_STAGING_CARRIER_H

enum carrier { CARRIER_TFTP, CARRIER_HTTP, CARRIER_HTTPS };

#endif
