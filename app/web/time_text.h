/* time_text.h - times as browsers write them. */
#ifndef STAGEBOX_APP_WEB_TIME_TEXT_H
#define STAGEBOX_APP_WEB_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads an RFC 3339 time of the years 1970 to 9999, "2026-01-02T03:04:05.678Z" or with "+02:00", as milliseconds
 * since 1970. A leap second counts as the one before it. False for anything else. */
bool time_parse(const char *text, size_t len, int64_t *unix_ms);

#endif
