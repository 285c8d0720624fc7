/* dhcp_record.h - a lease as a record of the journal. A private part of the DHCP service. */
#ifndef STAGEBOX_APP_SERVICES_DHCP_RECORD_H
#define STAGEBOX_APP_SERVICES_DHCP_RECORD_H

#include "app/record/journal.h"
#include "net/dhcp/server.h"

#define DHCP_RECORD_VERSION 1
#define DHCP_RECORD_BYTES 128 /* room that is enough for any */

/* Writes `r` to `out`; its length, 0 where it does not fit. `wall_ms`: unix milliseconds now, 0 while the clock is not set. */
size_t dhcp_record_put(const struct dhcp_lease_record *r, int64_t wall_ms, void *out, size_t cap);
/* Reads it back; what has passed of its time since it was written goes off where both clocks are known. False, and *out
 * undefined: the bytes make no sense. */
bool dhcp_record_get(const struct journal_record *record, int64_t wall_ms, struct dhcp_lease_record *out);

#endif
