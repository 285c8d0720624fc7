/* dashboard.c - the page at `/`. */
#include "app/web/dashboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "app/web/core.h"
#include "app/web/page/page.h"

/* The weight of one element of Accept-Encoding in thousandths; -1: it names another coding. */
static int weight_of(struct http_slice element, const char *coding)
{
    struct http_slice name = element;
    const char *semicolon = memchr(element.p, ';', element.len);
    if (semicolon)
        name.len = (size_t)(semicolon - element.p);
    if (!http_is_nocase(http_trim(name), coding))
        return -1;
    if (!semicolon)
        return 1000;
    struct http_slice rest = {semicolon + 1, element.len - name.len - 1};
    rest = http_trim(rest);
    if (rest.len < 3 || (rest.p[0] | 0x20) != 'q' || rest.p[1] != '=')
        return 1000;
    for (size_t i = 2; i < rest.len; i++)
        if (rest.p[i] >= '1' && rest.p[i] <= '9')
            return 1;
    return 0;
}

bool dashboard_gzip_accepted(struct http_slice header)
{
    struct http_slice element;
    int named = -1, any = -1;
    while (header.p && http_next_element(&header, &element)) {
        int gzip = weight_of(element, "gzip"), star = weight_of(element, "*");
        if (gzip >= 0)
            named = gzip;
        if (star >= 0)
            any = star;
    }
    return named >= 0 ? named > 0 : any > 0;
}

static void *zlib_memory(void *ctx, unsigned items, unsigned size)
{
    (void)ctx;
    return calloc(items, size);
}

static void zlib_free(void *ctx, void *memory)
{
    (void)ctx;
    free(memory);
}

/* `out` has page_len bytes. */
static bool unpack(char *out)
{
    z_stream z = {.zalloc = zlib_memory, .zfree = zlib_free, .next_in = page_gzip};
    z.avail_in = (unsigned)page_gzip_len;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)page_len;
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return false;
    bool whole = inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_out == 0;
    inflateEnd(&z);
    return whole;
}

static void plain(struct api *api, struct api_answer *answer)
{
    struct json buffer;
    if (!api_take(api, answer) || !api_large(answer, page_len, &buffer))
        return;
    if (!unpack(buffer.buf)) {
        api_error(api, 503, "There is not memory enough to unpack the page; ask with Accept-Encoding: gzip.", answer);
        return;
    }
    answer->response.memory = buffer.buf;
    answer->response.length = page_len;
}

void api_dashboard(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    static const struct http_line lines[] = {{"Content-Security-Policy", page_policy},
                                             {"Cache-Control", "no-cache"},
                                             {"Vary", "Accept-Encoding"},
                                             {"X-Content-Type-Options", "nosniff"},
                                             {"Referrer-Policy", "no-referrer"},
                                             {"Content-Encoding", "gzip"}};
    bool gzip = dashboard_gzip_accepted(http_request_header(request->http, "Accept-Encoding"));
    struct http_response *r = &answer->response;
    if (gzip) {
        r->memory = page_gzip;
        r->length = page_gzip_len;
    } else {
        plain(api, answer);
        if (!r->memory || r->status)
            return;
    }
    snprintf(api->etag, sizeof api->etag, "\"%s%s\"", page_digest, gzip ? "-gz" : "");
    r->status = 200;
    r->body = HTTP_BODY_MEMORY;
    r->content_type = "text/html; charset=utf-8";
    r->etag = api->etag;
    r->lines = lines;
    r->line_count = sizeof lines / sizeof lines[0] - (gzip ? 0 : 1);
}
