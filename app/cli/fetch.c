#include "app/cli/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fetch {
    struct port *port;
    ip4 address;
    uint16_t number;
    fetch_fn *fn;
    void *ctx;
    struct port_tcp *tcp; /* NULL: no connection */
    uint64_t deadline;    /* UINT64_MAX: nothing is asked */
    bool ended;           /* to be handed over in the next turn */
    char why[200];        /* "" while nothing is wrong */
    char request[256];
    size_t asked, sent; /* bytes of it */
    char *buf;
    size_t len;
};

static void fail(struct fetch *f, const char *why)
{
    snprintf(f->why, sizeof f->why, "%s", why);
    f->ended = true;
}

static void write_out(struct fetch *f)
{
    int n = port_tcp_write(f->tcp, f->request + f->sent, f->asked - f->sent, false);
    if (n > 0)
        f->sent += (size_t)n;
}

static void on_connected(void *ctx)
{
    write_out(ctx);
}

static void on_writable(void *ctx)
{
    struct fetch *f = ctx;
    if (f->sent < f->asked)
        write_out(f);
}

static void on_readable(void *ctx)
{
    struct fetch *f = ctx;
    if (f->ended) {
        port_tcp_want_read(f->tcp, false);
        return;
    }
    int n = port_tcp_read(f->tcp, f->buf + f->len, FETCH_MAX - f->len);
    if (n > 0)
        f->len += (size_t)n;
    if (f->len == FETCH_MAX)
        fail(f, "its answer is too long");
    else if (n < 0)
        f->ended = true;
}

static void on_ended(void *ctx, enum port_end why)
{
    struct fetch *f = ctx;
    f->tcp = NULL;
    if (why == PORT_END_RESET && !f->ended)
        fail(f, "nobody answers there");
    f->ended = true;
}

static const struct port_tcp_events events = {on_readable, on_writable, on_ended, on_connected};

struct fetch *fetch_open(struct port *port, ip4 address, uint16_t number, fetch_fn *fn, void *ctx)
{
    struct fetch *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    *f = (struct fetch){
        .port = port, .address = address, .number = number, .fn = fn, .ctx = ctx, .deadline = UINT64_MAX};
    f->buf = malloc(FETCH_MAX + 1);
    if (f->buf)
        return f;
    free(f);
    return NULL;
}

static void drop(struct fetch *f)
{
    if (f->tcp)
        port_tcp_abort(f->tcp);
    f->tcp = NULL;
}

void fetch_close(struct fetch *f)
{
    if (!f)
        return;
    drop(f);
    free(f->buf);
    free(f);
}

/* HTTP/1.0: the answer comes without chunks, and ends with the connection. */
void fetch_start(struct fetch *f, const char *path)
{
    char host[IP4_TEXT_MAX];
    int n = snprintf(f->request, sizeof f->request, "GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n",
                     path, ip4_format(f->address, host));
    f->asked = (size_t)n;
    f->sent = f->len = 0;
    f->ended = false;
    f->why[0] = '\0';
    f->deadline = port_now_ms(f->port) + FETCH_TIMEOUT_MS;
    if (port_tcp_connect(f->port, f->address, f->number, &events, f, &f->tcp) < 0) {
        f->tcp = NULL;
        fail(f, port_error_sentence(f->port));
    }
}

uint64_t fetch_deadline(const struct fetch *f)
{
    return f->ended ? 0 : f->deadline;
}

/* The body behind the head; NULL, and why, where it is no 200. */
static char *body_of(struct fetch *f, size_t *len)
{
    f->buf[f->len] = '\0';
    if (f->why[0])
        return NULL;
    char *body = strstr(f->buf, "\r\n\r\n");
    if (strncmp(f->buf, "HTTP/1.", 7) != 0 || !body) {
        snprintf(f->why, sizeof f->why, "what answers there is no box");
        return NULL;
    }
    if (strncmp(f->buf + 8, " 200", 4) != 0) {
        snprintf(f->why, sizeof f->why, "it answers %d", atoi(f->buf + 9));
        return NULL;
    }
    body += 4;
    *len = f->len - (size_t)(body - f->buf);
    return body;
}

void fetch_turn(struct fetch *f, uint64_t now_ms)
{
    size_t len = 0;
    if (!f->ended && now_ms >= f->deadline)
        fail(f, "it does not answer in time");
    if (!f->ended)
        return;
    drop(f);
    f->ended = false;
    f->deadline = UINT64_MAX;
    char *body = body_of(f, &len);
    f->fn(f->ctx, body, len, f->why);
}
