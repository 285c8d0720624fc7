/* calendar.h - seconds since 1970 as a date of the Gregorian calendar, UTC, and back. */
#ifndef STAGEBOX_NET_CALENDAR_H
#define STAGEBOX_NET_CALENDAR_H

#include <stdint.h>

struct calendar {
    int year, month, day; /* month 1..12, day 1..31 */
    int hour, minute, second;
};

/* For times from 1970 on. */
struct calendar calendar_of(int64_t unix_s);
/* Each part must be within its bounds. */
int64_t calendar_seconds(const struct calendar *date);

#endif
