/* report.h - the run's outcome as JSON. */
#ifndef PHONES_REPORT_H
#define PHONES_REPORT_H

#include "sim.h"

/* Writes the report to a file, `-` for stdout. False: errno says why. */
bool report_write(struct sim *s, const char *path);
/* One line on stderr: how many phones are where. */
void report_progress(const struct sim *s);

#endif
