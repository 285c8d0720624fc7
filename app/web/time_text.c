#include "app/web/time_text.h"

#include <stdio.h>

/* The civil date of a day since 1970-01-01 in the Gregorian calendar, counted in eras of 400 years
 * that begin in March, so that the leap day is the last of its year. */
static void date_of(int64_t day, int *year, int *month, int *mday)
{
    int64_t z = day + 719468;
    int64_t era = z / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *mday = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

char *time_text(int64_t unix_ms, char out[TIME_TEXT_MAX])
{
    int year, month, day;
    int64_t s = unix_ms / 1000;
    date_of(s / 86400, &year, &month, &day);
    int rest = (int)(s % 86400);
    snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", year % 10000, month, day, rest / 3600,
             rest / 60 % 60, rest % 60);
    return out;
}
