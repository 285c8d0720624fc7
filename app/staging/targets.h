/* targets.h - the journal's records of what `newest` must not sink below (struct ladder_kept). */
#ifndef STAGEBOX_APP_STAGING_TARGETS_H
#define STAGEBOX_APP_STAGING_TARGETS_H

#include "app/phones/phone_record.h"
#include "app/staging/ladder.h"

struct journal_record;
struct port;

/* Puts a record for each family that can be upgraded, also where nothing is kept: it takes the place of an older one. */
void targets_write(const struct ladder *ladder, phone_record_put *put, void *ctx);
/* Takes a record of type RECORD_TARGET in; one that cannot be read, or is of a family that is not known, changes nothing. */
void targets_restore(struct ladder *ladder, const struct journal_record *record);
/* For commands beside a box: takes the records out of state/'s journal, where there is one that can be read. */
void targets_recall(struct ladder *ladder, struct port *port);

#endif
