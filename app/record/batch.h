/* batch.h - the batch as it stands in the journal, without a running box. */
#ifndef STAGEBOX_APP_RECORD_BATCH_H
#define STAGEBOX_APP_RECORD_BATCH_H

#include <stdio.h>

#include "app/content/content.h"
#include "app/phones/phone.h"
#include "app/record/report.h"
#include "app/staging/staging.h"

/* Writes the whole report of state/. 0; 1 where there is no state, or it cannot be read (said on
 * `err`). Nothing on the card is changed. */
int batch_report(struct port *port, const struct settings *settings, struct content *content,
                 enum report_format format, struct out *out, FILE *err);
/* The same of a staging that runs. `operator`: columns of the inventory are shown. */
void batch_write(const struct staging *s, enum report_format format, bool with_inventory, int64_t now_wall_ms,
                 struct out *out);

/* The same row by row, for a reader who takes his time. */
struct batch_place {
    bool begun;
    size_t rows;    /* that were passed */
    struct mac mac; /* of the last one, and its serial */
    char serial[PHONE_SERIAL_MAX];
};
/* Fills the report's head; its texts belong to `s`. */
void batch_report_of(const struct staging *s, enum report_format format, bool with_inventory, int64_t now_wall_ms,
                     struct report *out);
/* The phone behind the place in the order of MACs (those without one by their serials), so that equal batches give
 * equal reports; NULL: that was the last. Looks at all phones. */
const struct phone *batch_after(const struct staging *s, const struct batch_place *place);
/* Writes the phone's row; then the place goes on. */
void batch_row(const struct staging *s, const struct report *report, struct batch_place *place,
               const struct phone *p, struct out *out);
void batch_pass(struct batch_place *place, const struct phone *p);

#endif
