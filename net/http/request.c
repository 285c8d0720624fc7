#include "net/http/request.h"

static const char *const methods[] = {"GET", "HEAD", "PUT", "POST", "DELETE", "?"};

const char *http_method_name(enum http_method method)
{
    return methods[method];
}

static struct http_slice value_at(const struct http_request *r, unsigned index)
{
    return (struct http_slice){r->base + r->headers[index].value, r->headers[index].value_len};
}

struct http_slice http_request_field(const struct http_request *r, enum http_field field)
{
    if (r->first[field] == 0)
        return (struct http_slice){NULL, 0};
    return value_at(r, r->first[field] - 1u);
}

bool http_request_next(const struct http_request *r, enum http_field field, unsigned *at, struct http_slice *value)
{
    unsigned i = *at == 0 ? r->first[field] : *at + 1;
    for (; i > 0 && i <= r->header_count; i++) {
        if (r->headers[i - 1].field != field)
            continue;
        *at = i;
        *value = value_at(r, i - 1);
        return true;
    }
    return false;
}

struct http_slice http_request_header(const struct http_request *r, const char *name)
{
    for (unsigned i = 0; i < r->header_count; i++) {
        const struct http_header *h = &r->headers[i];
        if (http_is_nocase((struct http_slice){r->base + h->name, h->name_len}, name))
            return value_at(r, i);
    }
    return (struct http_slice){NULL, 0};
}
