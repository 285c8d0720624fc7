/* batch.h - the batch as it stands in the journal, without a running box. */
#ifndef STAGEBOX_APP_RECORD_BATCH_H
#define STAGEBOX_APP_RECORD_BATCH_H

#include <stdio.h>

#include "app/content/content.h"
#include "app/record/report.h"
#include "app/staging/staging.h"

/* Writes the whole report of state/. 0; 1 where there is no state, or it cannot be read (said on
 * `err`). Nothing on the card is changed. */
int batch_report(struct port *port, const struct settings *settings, struct content *content,
                 enum report_format format, struct out *out, FILE *err);
/* The same of a staging that runs. `operator`: columns of the inventory are shown. */
void batch_write(const struct staging *s, enum report_format format, bool with_inventory, int64_t now_wall_ms,
                 struct out *out);

#endif
