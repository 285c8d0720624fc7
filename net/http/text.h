/* text.h - spans of bytes in somebody else's buffer, and what HTTP does with them. */
#ifndef STAGEBOX_NET_HTTP_TEXT_H
#define STAGEBOX_NET_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Without a NUL behind it; p is NULL where the thing is absent, and then len is 0. */
struct http_slice {
    const char *p;
    size_t len;
};

struct http_slice http_slice(const char *text); /* of a NUL-terminated string; NULL gives the absent one */
bool http_is(struct http_slice s, const char *text);        /* equal, byte for byte */
bool http_is_nocase(struct http_slice s, const char *text); /* equal but for ASCII case */
/* Without spaces and tabs at both ends (OWS, RFC 9110 section 5.6.3). */
struct http_slice http_trim(struct http_slice s);
/* Takes the next element of a comma-separated list off *list, trimmed; quoted strings (RFC 9110
 * section 5.6.4) are kept whole. False at the end. Empty elements are skipped. */
bool http_next_element(struct http_slice *list, struct http_slice *element);
/* 1*DIGIT and nothing else; false for anything else and for numbers that do not fit. */
bool http_number(struct http_slice s, uint64_t *out);
bool http_is_token_char(char c); /* tchar, RFC 9110 section 5.6.2 */
bool http_is_token(struct http_slice s);
int http_hex(char c); /* 0..15, -1 for anything else */

/* Undoes percent-encoding once (RFC 3986 section 2.1), in place or elsewhere (out may be in.p);
 * `plus`: a '+' is a space, for form data. The length; -1 for a % without two hex digits and for
 * a byte below 0x20 or 0x7f, encoded (%00) or not. */
ptrdiff_t http_percent_decode(struct http_slice in, bool plus, char *out);

/* The value of `name` in "a=1&b=2" (a query, or a form), decoded, with a NUL. False where it is
 * not there, malformed, or does not fit into `cap`. */
bool http_query_get(struct http_slice query, const char *name, char *out, size_t cap);
/* The value of a cookie in a Cookie header (RFC 6265 section 4.2.1), absent if it is not there. */
struct http_slice http_cookie(struct http_slice header, const char *name);

#endif
