#include "app/web/time_text.h"

#include <string.h>

struct reader {
    const char *at, *end;
    bool bad;
};

static int digits(struct reader *r, int count)
{
    int value = 0;
    for (; count > 0; count--, r->at++) {
        if (r->at == r->end || *r->at < '0' || *r->at > '9') {
            r->bad = true;
            return 0;
        }
        value = value * 10 + (*r->at - '0');
    }
    return value;
}

/* One of these characters; 0 where none of them stands there. */
static char one_of(struct reader *r, const char *chars)
{
    if (r->at < r->end && *r->at && strchr(chars, *r->at))
        return *r->at++;
    r->bad = true;
    return 0;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970. */
static int64_t date(struct reader *r)
{
    int year = digits(r, 4);
    one_of(r, "-");
    int month = digits(r, 2);
    one_of(r, "-");
    int day = digits(r, 2);
    if (r->bad || year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
        r->bad = true;
        return 0;
    }
    int64_t days = day - 1;
    for (int y = 1970; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += days_in(year, m);
    return days;
}

/* Seconds of the day. */
static int64_t time_of_day(struct reader *r)
{
    int hour = digits(r, 2);
    one_of(r, ":");
    int minute = digits(r, 2);
    one_of(r, ":");
    int second = digits(r, 2);
    if (hour > 23 || minute > 59 || second > 60)
        r->bad = true;
    return hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
}

static int fraction_ms(struct reader *r)
{
    int ms = 0, scale = 100;
    if (r->at == r->end || *r->at != '.')
        return 0;
    r->at++;
    ms = digits(r, 1) * scale;
    while (!r->bad && r->at < r->end && *r->at >= '0' && *r->at <= '9')
        ms += digits(r, 1) * (scale /= 10);
    return ms;
}

/* Seconds that the text's clock is ahead of UTC. */
static int64_t offset(struct reader *r)
{
    char sign = one_of(r, "Zz+-");
    if (r->bad || sign == 'Z' || sign == 'z')
        return 0;
    int hours = digits(r, 2);
    one_of(r, ":");
    int minutes = digits(r, 2);
    if (hours > 23 || minutes > 59)
        r->bad = true;
    return (sign == '-' ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
}

bool time_parse(const char *text, size_t len, int64_t *unix_ms)
{
    struct reader r = {text, text + len, false};
    int64_t s = date(&r) * 86400;
    one_of(&r, "Tt ");
    s += time_of_day(&r);
    int ms = fraction_ms(&r);
    s -= offset(&r);
    if (r.bad || r.at != r.end || s < 0)
        return false;
    *unix_ms = s * 1000 + ms;
    return true;
}
