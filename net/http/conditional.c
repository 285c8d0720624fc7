#include "net/http/conditional.h"

#include "net/http/date.h"

#include <string.h>

/* -- entity tags ------------------------------------------------------------------------------ */

static struct http_slice opaque(struct http_slice tag)
{
    if (tag.len >= 2 && tag.p[0] == 'W' && tag.p[1] == '/')
        return (struct http_slice){tag.p + 2, tag.len - 2};
    return tag;
}

static bool is_weak(struct http_slice tag)
{
    return tag.len >= 2 && tag.p[0] == 'W' && tag.p[1] == '/';
}

/* RFC 9110 section 8.8.3.2. */
static bool tags_match(struct http_slice a, struct http_slice b, bool strong)
{
    if (strong && (is_weak(a) || is_weak(b)))
        return false;
    a = opaque(a);
    b = opaque(b);
    return a.len >= 2 && a.len == b.len && a.p[0] == '"' && memcmp(a.p, b.p, a.len) == 0;
}

/* True where one of the lines of `field` holds "*" or a tag that matches. */
static bool names_tag(const struct http_request *r, enum http_field field, const char *etag, bool strong)
{
    unsigned at = 0;
    struct http_slice list, tag;
    while (http_request_next(r, field, &at, &list))
        while (http_next_element(&list, &tag))
            if (http_is(tag, "*") || (etag != NULL && tags_match(tag, http_slice(etag), strong)))
                return true;
    return false;
}

/* -- preconditions ---------------------------------------------------------------------------- */

/* The date of that field; false where there is none, or no valid one: then it is ignored. */
static bool date_field(const struct http_request *r, enum http_field field, int64_t *date)
{
    return r->first[field] != 0 && http_date_parse(http_request_field(r, field), date);
}

int http_condition_status(const struct http_request *r, const char *etag, int64_t last_modified_s)
{
    int64_t date;
    if (r->first[HTTP_FIELD_IF_MATCH] != 0) {
        if (!names_tag(r, HTTP_FIELD_IF_MATCH, etag, true))
            return 412;
    } else if (last_modified_s != 0 && date_field(r, HTTP_FIELD_IF_UNMODIFIED_SINCE, &date)) {
        if (last_modified_s > date)
            return 412;
    }
    if (r->first[HTTP_FIELD_IF_NONE_MATCH] != 0)
        return names_tag(r, HTTP_FIELD_IF_NONE_MATCH, etag, false) ? 304 : 200;
    if (last_modified_s != 0 && date_field(r, HTTP_FIELD_IF_MODIFIED_SINCE, &date))
        return last_modified_s <= date ? 304 : 200;
    return 200;
}

/* -- ranges ----------------------------------------------------------------------------------- */

static bool if_range_holds(const struct http_request *r, const char *etag, int64_t last_modified_s)
{
    struct http_slice value = http_request_field(r, HTTP_FIELD_IF_RANGE);
    int64_t date;
    if (value.p == NULL)
        return true;
    if (http_date_parse(value, &date))
        return last_modified_s != 0 && date == last_modified_s;
    return etag != NULL && tags_match(value, http_slice(etag), true);
}

/* A position in a range; numbers beyond 64 bits are as good as the largest. */
static bool position(struct http_slice s, uint64_t *out)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    if (s.len > 0 && !http_number(s, out))
        *out = UINT64_MAX;
    return s.len > 0;
}

/* "-500": the last bytes. */
static int suffix_range(uint64_t wanted, uint64_t size, uint64_t *first, uint64_t *count)
{
    if (wanted == 0)
        return 416;
    if (size == 0)
        return 200;
    *count = wanted < size ? wanted : size;
    *first = size - *count;
    return 206;
}

static int one_range(struct http_slice spec, uint64_t size, uint64_t *first, uint64_t *count)
{
    const char *dash = memchr(spec.p, '-', spec.len);
    if (dash == NULL)
        return 200;
    struct http_slice from = {spec.p, (size_t)(dash - spec.p)};
    struct http_slice to = {dash + 1, spec.len - from.len - 1};
    uint64_t a, b = UINT64_MAX;
    if (from.len == 0)
        return position(to, &b) ? suffix_range(b, size, first, count) : 200;
    if (!position(from, &a) || (to.len > 0 && !position(to, &b)) || b < a)
        return 200;
    if (a >= size)
        return 416;
    *first = a;
    *count = (b < size ? b + 1 : size) - a;
    return 206;
}

int http_range_status(const struct http_request *r, const char *etag, int64_t last_modified_s, uint64_t size,
                      uint64_t *first, uint64_t *count)
{
    struct http_slice value = http_request_field(r, HTTP_FIELD_RANGE);
    if (value.p == NULL || r->method != HTTP_GET || value.len < 6 ||
        !http_is_nocase((struct http_slice){value.p, 6}, "bytes="))
        return 200;
    struct http_slice set = http_trim((struct http_slice){value.p + 6, value.len - 6});
    if (set.len == 0 || memchr(set.p, ',', set.len) != NULL || !if_range_holds(r, etag, last_modified_s))
        return 200;
    return one_range(set, size, first, count);
}
