/* A hostile HTTP client: the first byte says in what pieces the rest arrives and how the host behaves;
 * what the engine makes is checked for its order, and for strictness of what it lets through. */
#include "net/http/server.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct host {
    struct http_server s;
    uint64_t now;
    size_t room; /* bytes the peer takes at a time */
    unsigned produced;
    bool waiting; /* a request is to be answered */
};

static void demand(bool held)
{
    if (!held)
        abort();
}

static volatile uint8_t sink;

static void touch(const void *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sink = ((const uint8_t *)p)[i];
}

static int produce(void *ctx, uint8_t *buf, size_t cap)
{
    struct host *h = ctx;
    size_t n = h->produced++ % 5;
    demand(cap >= 128);
    memset(buf, 'p', cap);
    return n == 0 ? HTTP_PRODUCE_LATER : n == 4 ? HTTP_PRODUCE_END : (int)(n * 40);
}

static void respond(struct host *h)
{
    static const char memory[3000] = "x";
    const struct http_request *q = &h->s.request;
    struct http_response r = {.status = 200, .etag = "\"e\"", .last_modified_s = 784111777, .length = 3000};
    static const enum http_body_kind kinds[] = {HTTP_BODY_NONE, HTTP_BODY_COPY, HTTP_BODY_MEMORY, HTTP_BODY_EXTENT,
                                                HTTP_BODY_PRODUCER};
    r.body = kinds[q->path.len % 5];
    r.memory = memory;
    r.produce = produce;
    r.produce_ctx = h;
    r.content_type = "text/plain";
    h->waiting = false;
    if (r.body == HTTP_BODY_COPY)
        r.length = 100;
    http_server_respond(&h->s, &r, h->now);
}

static void check_request(const struct http_request *q)
{
    char value[20];
    unsigned at = 0;
    struct http_slice line;
    demand(q->path.len > 0 && q->path.p[0] == '/' && q->minor <= 1);
    for (size_t i = 0; i < q->path.len; i++)
        demand((unsigned char)q->path.p[i] >= 0x20 && q->path.p[i] != 0x7f);
    touch(q->query.p, q->query.len);
    http_query_get(q->query, "model", value, sizeof value);
    for (int f = 0; f < HTTP_FIELD_COUNT; f++)
        for (at = 0; http_request_next(q, (enum http_field)f, &at, &line);)
            touch(line.p, line.len);
    line = http_request_header(q, "X-Stagebox");
    touch(line.p, line.len);
    http_cookie(http_request_field(q, HTTP_FIELD_COOKIE), "session");
    demand(!(q->chunked && q->content_length > 0));
}

static void on_body(struct host *h)
{
    size_t n;
    const uint8_t *p = http_server_body(&h->s, &n);
    demand(n > 0);
    touch(p, n);
    http_server_body_used(&h->s, n > 3 ? n - 1 : n, h->now);
}

static void on_event(struct host *h, enum http_event event)
{
    demand(!(h->waiting && event == HTTP_REQUEST));
    if (event == HTTP_REQUEST) {
        check_request(&h->s.request);
        h->waiting = true;
        if (h->s.request.has_body && h->s.request.method != HTTP_GET)
            h->waiting = http_server_accept_body(&h->s, 500, h->now);
        else
            respond(h);
    } else if (event == HTTP_BODY) {
        on_body(h);
    } else if (event == HTTP_BODY_END) {
        demand(h->waiting);
        respond(h);
    } else if (event == HTTP_BODY_LOST) {
        demand(h->waiting);
        h->waiting = false;
    }
}

static bool send_some(struct host *h)
{
    struct http_out out;
    bool any = false;
    for (int turns = 0; turns < 200 && http_server_output(&h->s, &out, h->now); turns++) {
        demand(out.len > 0);
        if (out.kind == HTTP_OUT_MEMORY)
            touch(out.data, out.len);
        else
            demand(out.off + out.len <= 3000);
        size_t n = out.len < h->room ? out.len : h->room;
        http_server_sent(&h->s, n, h->now);
        http_server_unacked(&h->s, turns % 2 ? n : 0, h->now);
        any = true;
    }
    return any;
}

static void run(struct host *h)
{
    enum http_event event;
    bool moved;
    int turns = 0;
    do {
        event = http_server_event(&h->s, h->now);
        on_event(h, event);
        moved = send_some(h);
        demand(++turns < 100000);
    } while (event != HTTP_CLOSE && (event != HTTP_WAIT || moved));
}

static void feed(struct host *h, const uint8_t *data, size_t size, size_t step)
{
    while (size > 0) {
        size_t want = size < step ? size : step;
        size_t n = http_server_input(&h->s, data, want, h->now);
        demand(n <= want);
        data += n;
        size -= n;
        run(h);
        h->now += 7;
        demand(n > 0); /* this host answers at once, so that there is always room */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct host *h = calloc(1, sizeof *h);
    uint8_t *in = malloc(HTTP_IN_MIN), *out = malloc(HTTP_OUT_MIN);
    if (h != NULL && in != NULL && out != NULL) {
        h->room = data[0] & 0x80 ? 50 : SIZE_MAX;
        http_server_init(&h->s, &http_limits_default, in, HTTP_IN_MIN, out, HTTP_OUT_MIN, 0);
        feed(h, data + 1, size - 1, (data[0] & 0x3f) + 1u);
        if (data[0] & 0x40)
            http_server_eof(&h->s, h->now);
        else if (size % 2)
            http_server_drain(&h->s, h->now);
        for (int turns = 0; turns < 10 && http_server_event(&h->s, h->now) != HTTP_CLOSE; turns++) {
            h->now = http_server_deadline(&h->s) == UINT64_MAX ? h->now : http_server_deadline(&h->s);
            http_server_expire(&h->s, h->now);
            run(h);
        }
    }
    if (h != NULL && http_server_why(&h->s))
        demand(http_server_why(&h->s)[0] != 0);
    free(h);
    free(in);
    free(out);
    return 0;
}
