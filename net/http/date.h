/* date.h - times as HTTP writes them (RFC 9110 section 5.6.7). */
#ifndef STAGEBOX_NET_HTTP_DATE_H
#define STAGEBOX_NET_HTTP_DATE_H

#include "net/http/text.h"

#define HTTP_DATE_MAX 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and its NUL */

/* IMF-fixdate of seconds since 1970, years 1970 to 9999 (others are clamped); returns `out`. */
char *http_date_format(int64_t unix_s, char out[HTTP_DATE_MAX]);
/* Reads IMF-fixdate, RFC 850 and asctime forms; false for anything else. Two-digit years below 70
 * are of this century. */
bool http_date_parse(struct http_slice text, int64_t *unix_s);

#endif
