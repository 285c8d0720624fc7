#include "net/http/date.h"

#include <string.h>

#include "net/calendar.h"

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char long_days[7][10] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static char *put_words(char *at, const char *first, const char *second)
{
    while (*first != '\0')
        *at++ = *first++;
    while (*second != '\0')
        *at++ = *second++;
    return at;
}

static char *put_two(char *at, int value)
{
    *at++ = (char)('0' + value / 10 % 10);
    *at++ = (char)('0' + value % 10);
    return at;
}

/* Each answer has one, so no snprintf(). */
char *http_date_format(int64_t unix_s, char out[HTTP_DATE_MAX])
{
    const int64_t end = 253402300799; /* the last second of 9999 */
    int64_t t = unix_s < 0 ? 0 : unix_s > end ? end : unix_s;
    struct calendar d = calendar_of(t);
    char *at = put_words(out, days[(t / 86400 + 4) % 7], ", ");
    at = put_words(put_two(at, d.day), " ", months[d.month - 1]);
    at = put_two(put_two(put_words(at, " ", ""), d.year / 100), d.year % 100);
    at = put_two(put_words(at, " ", ""), d.hour);
    at = put_two(put_words(at, ":", ""), d.minute);
    at = put_two(put_words(at, ":", ""), d.second);
    *put_words(at, " GMT", "") = '\0';
    return out;
}

/* -- reading: each part takes what it knows off the front ------------------------------------- */

static bool take_text(struct http_slice *s, const char *text)
{
    size_t len = strlen(text);
    if (s->len < len || memcmp(s->p, text, len) != 0)
        return false;
    s->p += len;
    s->len -= len;
    return true;
}

/* Exactly `digits` digits; with `pad`, the first may be a space. */
static bool take_digits(struct http_slice *s, size_t digits, bool pad, int *out)
{
    int value = 0;
    if (s->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = pad && i == 0 && s->p[i] == ' ' ? '0' : s->p[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    s->p += digits;
    s->len -= digits;
    *out = value;
    return true;
}

static bool take_month(struct http_slice *s, int *month)
{
    for (int m = 0; m < 12; m++)
        if (take_text(s, months[m])) {
            *month = m + 1;
            return true;
        }
    return false;
}

static bool take_day_name(struct http_slice *s, bool is_long)
{
    for (int d = 0; d < 7; d++)
        if (take_text(s, is_long ? long_days[d] : days[d]))
            return true;
    return false;
}

static bool take_time(struct http_slice *s, struct calendar *d)
{
    return take_digits(s, 2, false, &d->hour) && take_text(s, ":") && take_digits(s, 2, false, &d->minute) &&
           take_text(s, ":") && take_digits(s, 2, false, &d->second);
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool read_fixdate(struct http_slice s, struct calendar *d)
{
    return take_day_name(&s, false) && take_text(&s, ", ") && take_digits(&s, 2, false, &d->day) &&
           take_text(&s, " ") && take_month(&s, &d->month) && take_text(&s, " ") &&
           take_digits(&s, 4, false, &d->year) && take_text(&s, " ") && take_time(&s, d) && http_is(s, " GMT");
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool read_rfc850(struct http_slice s, struct calendar *d)
{
    if (!(take_day_name(&s, true) && take_text(&s, ", ") && take_digits(&s, 2, false, &d->day) &&
          take_text(&s, "-") && take_month(&s, &d->month) && take_text(&s, "-") &&
          take_digits(&s, 2, false, &d->year) && take_text(&s, " ") && take_time(&s, d) && http_is(s, " GMT")))
        return false;
    d->year += d->year < 70 ? 2000 : 1900;
    return true;
}

/* Sun Nov  6 08:49:37 1994 */
static bool read_asctime(struct http_slice s, struct calendar *d)
{
    return take_day_name(&s, false) && take_text(&s, " ") && take_month(&s, &d->month) && take_text(&s, " ") &&
           take_digits(&s, 2, true, &d->day) && take_text(&s, " ") && take_time(&s, d) && take_text(&s, " ") &&
           take_digits(&s, 4, false, &d->year) && s.len == 0;
}

static bool is_real(const struct calendar *d)
{
    static const int length[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);
    if (d->year < 1601 || d->day < 1 || d->day > length[d->month - 1] || (d->month == 2 && d->day == 29 && !leap))
        return false;
    return d->hour < 24 && d->minute < 60 && d->second <= 60;
}

bool http_date_parse(struct http_slice text, int64_t *unix_s)
{
    struct calendar d;
    if (!read_fixdate(text, &d) && !read_rfc850(text, &d) && !read_asctime(text, &d))
        return false;
    if (!is_real(&d))
        return false;
    *unix_s = calendar_seconds(&d);
    return true;
}
