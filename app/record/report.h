/* report.h - the batch as a table for people: CSV for spreadsheets, JSON, and a page to print and sign.
 *
 * head, one row a phone in the caller's order, tail; each writes to a struct out and can be made again,
 * so that a slow reader is served a row at a time. Nothing here is kept between calls.
 *
 * The CSV can be read as an inventory of the next batch: its columns begin with `mac`.
 */
#ifndef STAGEBOX_APP_RECORD_REPORT_H
#define STAGEBOX_APP_RECORD_REPORT_H

#include "app/content/inventory.h"
#include "app/out.h"

enum report_format { REPORT_CSV, REPORT_JSON, REPORT_HTML };

/* False where the name is none of csv, json, html. */
bool report_format_parse(const char *name, enum report_format *out);
/* "text/csv; charset=utf-8" and so on. */
const char *report_content_type(enum report_format format);

struct report_rung {
    const char *from;
    const char *to;
    const char *file;
    uint32_t seconds;
    int64_t at_ms; /* unix milliseconds; 0: the clock was not set */
};

/* Texts may be NULL or "" for unknown: null in JSON, an empty cell elsewhere. */
struct report_row {
    const char *mac; /* twelve hex digits */
    const char *serial;
    const char *model;
    const char *family;
    const char *ip;
    const char *state;
    const char *before; /* version when it was first seen */
    const char *after;  /* version now */
    const char *target;
    const char *note;
    uint32_t attempts;
    int64_t first_seen_ms; /* unix milliseconds; 0: unknown */
    int64_t done_at_ms;
    const struct report_rung *rungs;
    size_t rung_count;
    int inventory_row; /* INVENTORY_NONE: not listed */
};

struct report {
    enum report_format format;
    const char *name;    /* of the box */
    const char *version; /* of stagebox */
    const char *state_id;
    int64_t made_ms; /* unix milliseconds; 0: the clock is not set */
    size_t phones;
    size_t done;
    const struct inventory *inventory; /* whose columns are shown; NULL: none, the reader is not logged in */
};

void report_head(const struct report *report, struct out *out);
/* `index` from 0. */
void report_row(const struct report *report, const struct report_row *row, size_t index, struct out *out);
void report_tail(const struct report *report, struct out *out);

/* The names of the columns that every report.csv begins with; NULL ends them. */
const char *const *report_columns(void);

#define REPORT_TIME_MAX 21 /* "2026-01-02T03:04:05Z" and its NUL */
/* RFC 3339 in UTC, to the second; "" for 0 and outside the years 1970 to 9999. Returns `out`. */
char *report_time(int64_t unix_ms, char out[REPORT_TIME_MAX]);

#endif
