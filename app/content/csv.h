/* csv.h - RFC 4180 as spreadsheets write it: field by field, from a text in memory.
 *
 * Lines end in CRLF, LF or CR; a quoted field may hold separators, line ends and doubled quotes; a
 * byte order mark is passed over. Fields come as slices; csv_copy() undoes the quoting.
 */
#ifndef STAGEBOX_APP_CONTENT_CSV_H
#define STAGEBOX_APP_CONTENT_CSV_H

#include "app/out.h"

enum csv_event {
    CSV_FIELD,   /* a field; `last` in it says that its record ends with it */
    CSV_END,     /* the text is over */
    CSV_E_QUOTE, /* a quoted field never ends; the scan is over */
    CSV_E_AFTER  /* something stands behind a closing quote; the scan is over */
};

struct csv_field {
    const char *raw; /* without the outer quotes */
    size_t len;
    bool quoted; /* doubled quotes in it mean one */
    bool last;   /* of its record */
    int line;    /* where it begins, from 1 */
};

struct csv_scan {
    const char *text;
    size_t len;
    size_t at;
    int line;
    char separator;
    bool over; /* the last record's last field is out */
};

/* `separator` 0: found from the first line, comma, semicolon or tab, whichever stands there most
 * often outside quotes; a first line "sep=;" is obeyed and passed over. */
void csv_scan_init(struct csv_scan *scan, const char *text, size_t len, char separator);
/* The next field; empty lines are passed over. On an error field->line says where. */
enum csv_event csv_next(struct csv_scan *scan, struct csv_field *field);
/* Copies the field's value, at most `cap` bytes; returns its whole length (never above field->len). */
size_t csv_copy(const struct csv_field *field, char *out, size_t cap);

/* Whether a spreadsheet might take the value for a formula: it begins with = + - @, tab or CR,
 * apostrophes before that aside. */
bool csv_is_formula(const char *text, size_t len);
/* Writes a value as a field: quoted where it has to be, and with an apostrophe in front where
 * csv_is_formula() (whoever reads it back takes one away from such a value). */
void csv_write(struct out *out, const char *text, size_t len);

#endif
