/* calendar.c - years begin in March, so that the leap day is the last. */
#include "net/calendar.h"

static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct calendar calendar_of(int64_t unix_s)
{
    int64_t shifted = unix_s / 86400 + 719468;
    int64_t era = shifted / 146097;
    int64_t in_era = shifted - era * 146097;
    int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t day_of_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    struct calendar d;
    d.day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
    d.month = (int)(m < 10 ? m + 3 : m - 9);
    d.year = (int)(year_of_era + era * 400 + (d.month <= 2 ? 1 : 0));
    d.hour = (int)(unix_s / 3600 % 24);
    d.minute = (int)(unix_s / 60 % 60);
    d.second = (int)(unix_s % 60);
    return d;
}

int64_t calendar_seconds(const struct calendar *date)
{
    return days_of(date->year, date->month, date->day) * 86400 + date->hour * 3600 + date->minute * 60 + date->second;
}
