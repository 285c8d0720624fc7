/* time_text.h - a moment of the wall clock as RFC 3339 text. */
#ifndef STAGEBOX_APP_WEB_TIME_TEXT_H
#define STAGEBOX_APP_WEB_TIME_TEXT_H

#include <stdint.h>

#define TIME_TEXT_MAX 32

/* "2026-11-23T14:05:09Z" of unix milliseconds >= 0; returns `out`. */
char *time_text(int64_t unix_ms, char out[TIME_TEXT_MAX]);

#endif
