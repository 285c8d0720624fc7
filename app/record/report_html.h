/* report_html.h - the report as a page to print and sign. Private to the report. */
#ifndef STAGEBOX_APP_RECORD_REPORT_HTML_H
#define STAGEBOX_APP_RECORD_REPORT_HTML_H

#include "app/record/report.h"

void report_html_head(const struct report *report, struct out *out);
void report_html_row(const struct report *report, const struct report_row *row, size_t index, struct out *out);
void report_html_tail(const struct report *report, struct out *out);

#define REPORT_RUNGS_MAX 2048
/* From report.c: "7.3.7 > 7.5.2b in 190 s; ...", no NUL; its length. What does not fit is cut. */
size_t report_rungs_text(const struct report_row *row, char text[REPORT_RUNGS_MAX]);
/* Whether the inventory's column is shown: it has a name, and none of the report's own. */
bool report_shows_column(const struct inventory *inventory, size_t column);

#endif
