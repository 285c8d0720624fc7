#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "web_auth.h"

#include <ctype.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GUESTS = 4, PATIENCE_MS = 10000, REQUEST_LIMIT = 4096 };

struct guest {
    struct web *web; /* NULL: free */
    struct watch watch;
    struct timer timer;
    struct buf in;
    uint32_t from;
};

struct web {
    struct phone *phone;
    struct watch watch;
    struct guest guests[GUESTS];
    char nonce[20];
};

struct request {
    char method[8];
    char path[64];  /* up to `?` */
    char query[500]; /* percent decoded */
    char authorization[900];
};

static void dismiss(struct guest *g, bool abrupt)
{
    struct loop *l = g->web->phone->sim->loop;
    loop_unwatch(l, &g->watch);
    timer_stop(l, &g->timer);
    if (abrupt)
        station_drop(g->watch.fd);
    else
        close(g->watch.fd);
    buf_free(&g->in);
    g->web = NULL;
}

static void answer(struct guest *g, const char *status, const char *fields, const char *body)
{
    struct buf out = {0};
    buf_format(&out, "HTTP/1.0 %s\r\nServer: SipuraSPA\r\n%sContent-Type: text/html\r\nContent-Length: %zu\r\n\r\n%s",
               status, fields, strlen(body), body);
    ssize_t n = send(g->watch.fd, out.data, out.len, MSG_NOSIGNAL);
    (void)n;
    buf_free(&out);
    dismiss(g, false);
}

static void decode(const char *in, size_t len, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < len && used + 1 < size; i++) {
        unsigned value;
        if (in[i] == '%' && i + 2 < len + 1 && isxdigit((unsigned char)in[i + 1]) &&
            sscanf(in + i + 1, "%2x", &value) == 1) {
            out[used++] = (char)value;
            i += 2;
        } else {
            out[used++] = in[i];
        }
    }
    out[used] = '\0';
}

static bool parse_request(const char *text, struct request *r)
{
    size_t method = strcspn(text, " \r");
    *r = (struct request){0};
    if (text[method] != ' ' || method >= sizeof r->method)
        return false;
    memcpy(r->method, text, method);
    const char *target = text + method + 1;
    size_t len = strcspn(target, " \r");
    const char *mark = memchr(target, '?', len);
    size_t path = mark ? (size_t)(mark - target) : len;
    snprintf(r->path, sizeof r->path, "%.*s", (int)path, target);
    if (mark != NULL)
        decode(mark + 1, len - path - 1, r->query, sizeof r->query);
    const char *field = strcasestr(text, "\r\nAuthorization:");
    if (field != NULL) {
        field += strlen("\r\nAuthorization:");
        field += strspn(field, " ");
        snprintf(r->authorization, sizeof r->authorization, "%.*s", (int)strcspn(field, "\r"), field);
    }
    return true;
}

static bool allowed(const struct web *w, const struct request *r)
{
    const char *password = params_get(w->phone->params, "Admin_Passwd");
    if (password[0] == '\0')
        return true;
    if (w->phone->quirks.value[QUIRK_WEB] == WEB_DIGEST)
        return web_auth_digest(r->authorization, r->method, w->nonce, password);
    return web_auth_basic(r->authorization, password);
}

static void challenge(struct guest *g)
{
    char fields[160];
    if (g->web->phone->quirks.value[QUIRK_WEB] == WEB_DIGEST)
        snprintf(fields, sizeof fields, "WWW-Authenticate: Digest realm=\"spa admin\", nonce=\"%s\", qop=\"auth\"\r\n",
                 g->web->nonce);
    else
        snprintf(fields, sizeof fields, "WWW-Authenticate: Basic realm=\"spa admin\"\r\n");
    phone_event(g->web->phone, "nudge", "%s", "refused: no or wrong admin password");
    answer(g, "401 Unauthorized", fields, "<html>401</html>");
}

/* No server in it: the host that asked; no path: `otherwise` (phones.md 5.2). */
static void complete(const struct guest *g, const char *query, const char *otherwise, char *out, size_t size)
{
    struct url u;
    out[0] = '\0';
    if (!url_parse(query, &u))
        return;
    if (u.host[0] == '\0')
        text_copy(u.host, sizeof u.host, ip_format(g->from).s);
    if (u.path[0] == '\0')
        text_copy(u.path, sizeof u.path, otherwise);
    url_format(&u, out, size);
}

static const char *command_of(const struct request *r)
{
    const char *path = strncmp(r->path, "/admin/", 7) == 0 ? r->path + 6 : r->path;
    static const char *const commands[] = {"/resync", "/upgrade", "/reboot"};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(path, commands[i]) == 0)
            return commands[i];
    return NULL;
}

static void obey(struct guest *g, const char *command, const struct request *r)
{
    struct phone *p = g->web->phone;
    char url[URL_SIZE];
    phone_event(p, "nudge", "%s %s", command, r->query);
    if (strcmp(command, "/resync") == 0) {
        complete(g, r->query, "/spa$PSN.cfg", url, sizeof url);
        answer(g, "200 OK", "", "<html>SPA will resync the profile when it is not in use</html>");
        if (p->state == PHONE_UP && !p->resync.running)
            resync_start(p, RESYNC_EXPLICIT, r->query[0] ? url : NULL);
    } else if (strcmp(command, "/upgrade") == 0) {
        complete(g, r->query, "/spa.bin", url, sizeof url);
        answer(g, "200 OK", "", "<html>SPA will upgrade its firmware when it is not in use</html>");
        upgrade_command(p, url);
    } else {
        answer(g, "200 OK", "", "<html>SPA will reboot when it is not in use</html>");
        phone_reboot(p, BOOT_COMMAND);
    }
}

static void handle(struct guest *g)
{
    struct request r;
    if (!parse_request((const char *)g->in.data, &r)) {
        answer(g, "400 Bad Request", "", "");
        return;
    }
    const char *command = command_of(&r);
    if (!allowed(g->web, &r))
        challenge(g);
    else if (command == NULL)
        answer(g, strcmp(r.path, "/") == 0 ? "200 OK" : "404 Not Found", "", "<html>SPA Configuration</html>");
    else
        obey(g, command, &r);
}

static void readable(void *ctx, uint32_t events)
{
    struct guest *g = ctx;
    char data[2048];
    (void)events;
    ssize_t n = recv(g->watch.fd, data, sizeof data, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0 || g->in.len > REQUEST_LIMIT) {
        dismiss(g, false);
        return;
    }
    buf_add(&g->in, data, (size_t)n);
    if (memmem(g->in.data, g->in.len, "\r\n\r\n", 4) != NULL)
        handle(g);
}

static void impatient(void *ctx)
{
    dismiss(ctx, false);
}

static void admit(struct web *w, int fd, uint32_t from)
{
    struct loop *l = w->phone->sim->loop;
    for (size_t i = 0; i < GUESTS; i++) {
        struct guest *g = &w->guests[i];
        if (g->web != NULL)
            continue;
        *g = (struct guest){.web = w, .from = from};
        g->watch = (struct watch){.fd = fd, .ready = readable, .ctx = g};
        g->timer = (struct timer){.fire = impatient, .ctx = g};
        loop_watch(l, &g->watch, EPOLLIN);
        timer_set(l, &g->timer, PATIENCE_MS);
        return;
    }
    close(fd);
}

static void knocked(void *ctx, uint32_t events)
{
    struct web *w = ctx;
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    (void)events;
    int fd = accept4(w->watch.fd, (struct sockaddr *)&a, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        admit(w, fd, ntohl(a.sin_addr.s_addr));
}

void web_start(struct phone *p)
{
    if (p->web != NULL || p->quirks.value[QUIRK_WEB] == WEB_OFF || !params_yes(p->params, "Enable_Web_Server"))
        return;
    int fd = station_listen(&p->station, 80);
    if (fd < 0) {
        phone_event(p, "error", "web server: %s", strerror(errno));
        return;
    }
    struct web *w = mem_new(1, sizeof *w);
    w->phone = p;
    snprintf(w->nonce, sizeof w->nonce, "%016llx", (unsigned long long)rng_next(&p->station.rng));
    w->watch = (struct watch){.fd = fd, .ready = knocked, .ctx = w};
    loop_watch(p->sim->loop, &w->watch, EPOLLIN);
    p->web = w;
}

void web_stop(struct phone *p)
{
    struct web *w = p->web;
    if (w == NULL)
        return;
    for (size_t i = 0; i < GUESTS; i++)
        if (w->guests[i].web != NULL)
            dismiss(&w->guests[i], true);
    loop_unwatch(p->sim->loop, &w->watch);
    close(w->watch.fd);
    free(w);
    p->web = NULL;
}
