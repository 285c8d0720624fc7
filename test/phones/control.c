#include "control.h"

#include "mem.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLERS = 8, LINE_LIMIT = 65536 };

struct caller {
    struct control *control; /* NULL: free */
    struct watch watch;
    int out;
    struct buf in;
};

struct control {
    struct sim *sim;
    struct batch *batch;
    struct watch watch;
    struct caller callers[CALLERS];
};

static void reply(const struct caller *c, const char *text)
{
    ssize_t n = write(c->out, text, strlen(text));
    n = write(c->out, "\n", 1);
    (void)n;
}

static void power(struct phone *p, bool on)
{
    if (on) {
        phone_power_on(p);
        return;
    }
    phone_event(p, "power-cut", "%s", "by command");
    phone_power_off(p);
    timer_stop(p->sim->loop, &p->boot_timer);
}

static bool command_phone(struct phone *p, const char *verb, const char *rest)
{
    if (strcmp(verb, "off") == 0)
        power(p, false);
    else if (strcmp(verb, "on") == 0)
        power(p, true);
    else if (strcmp(verb, "cut") == 0)
        phone_power_cycle(p, "by command");
    else if (strcmp(verb, "cut-flash") == 0)
        p->cut_next_flash = true;
    else if (strcmp(verb, "reboot") == 0)
        phone_reboot(p, BOOT_COMMAND);
    else if (strcmp(verb, "reset") == 0)
        phone_factory_reset(p);
    else if (strcmp(verb, "release") == 0)
        dhcp_release(p->dhcp);
    else if (strcmp(verb, "resync") == 0)
        return resync_start(p, RESYNC_EXPLICIT, *rest ? rest : NULL);
    else
        return false;
    return true;
}

static void describe(const struct caller *c, const struct phone *p)
{
    char line[300];
    snprintf(line, sizeof line, "ok %s %s %s %s %s%s", mac_lower(&p->station.mac).s, p->model->name, p->version,
             phone_state_name(p->state), ip_format(p->station.ip).s, p->final ? " final" : "");
    reply(c, line);
}

static void describe_all(const struct caller *c)
{
    const struct sim *s = c->control->sim;
    size_t finished = 0;
    char line[120];
    for (size_t i = 0; i < s->phone_count; i++)
        finished += phone_finished(s->phones[i]);
    snprintf(line, sizeof line, "ok %zu phones, %zu finished, %u harms", s->phone_count, finished, s->harms);
    reply(c, line);
}

static void add_phones(const struct caller *c, const char *json)
{
    struct control *k = c->control;
    size_t before = k->batch->count;
    if (!batch_group(k->batch, json)) {
        reply(c, k->batch->error);
        return;
    }
    for (size_t i = before; i < k->batch->count; i++)
        if (!sim_add(k->sim, &k->batch->plans[i], 0)) {
            reply(c, k->sim->error);
            return;
        }
    reply(c, "ok");
}

static void obey(struct caller *c, char *line)
{
    struct sim *s = c->control->sim;
    char *verb = line, *rest = line + strcspn(line, " ");
    if (*rest != '\0')
        *rest++ = '\0';
    if (strcmp(verb, "add") == 0) {
        add_phones(c, rest);
        return;
    }
    if (strcmp(verb, "quit") == 0) {
        reply(c, "ok");
        loop_stop(s->loop);
        return;
    }
    if (strcmp(verb, "report") == 0) {
        reply(c, report_write(s, *rest ? rest : "-") ? "ok" : strerror(errno));
        return;
    }
    if (strcmp(verb, "status") == 0 && *rest == '\0') {
        describe_all(c);
        return;
    }
    char *after = rest + strcspn(rest, " ");
    if (*after != '\0')
        *after++ = '\0';
    struct mac mac;
    struct phone *p = mac_parse(rest, &mac) ? sim_find_mac(s, &mac) : NULL;
    if (p == NULL)
        reply(c, "error: no such phone or command");
    else if (strcmp(verb, "status") == 0)
        describe(c, p);
    else
        reply(c, command_phone(p, verb, after) ? "ok" : "error: not now, or no such command");
}

static void hang_up(struct caller *c)
{
    loop_unwatch(c->control->sim->loop, &c->watch);
    if (c->watch.fd != STDIN_FILENO)
        close(c->watch.fd);
    buf_free(&c->in);
    c->control = NULL;
}

static void readable(void *ctx, uint32_t events)
{
    struct caller *c = ctx;
    char data[4096];
    (void)events;
    ssize_t n = read(c->watch.fd, data, sizeof data);
    if (n <= 0 || c->in.len > LINE_LIMIT) {
        hang_up(c);
        return;
    }
    buf_add(&c->in, data, (size_t)n);
    uint8_t *end;
    while ((end = memchr(c->in.data, '\n', c->in.len)) != NULL) {
        size_t len = (size_t)(end - c->in.data) + 1;
        *end = '\0';
        obey(c, (char *)c->in.data);
        memmove(c->in.data, c->in.data + len, c->in.len - len);
        c->in.len -= len;
    }
}

static void admit(struct control *k, int in, int out)
{
    for (size_t i = 0; i < CALLERS; i++) {
        struct caller *c = &k->callers[i];
        if (c->control != NULL)
            continue;
        *c = (struct caller){.control = k, .out = out};
        c->watch = (struct watch){.fd = in, .ready = readable, .ctx = c};
        loop_watch(k->sim->loop, &c->watch, EPOLLIN);
        return;
    }
    close(in);
}

static void knocked(void *ctx, uint32_t events)
{
    struct control *k = ctx;
    (void)events;
    int fd = accept4(k->watch.fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        admit(k, fd, fd);
}

static int listen_at(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    text_copy(a.sun_path, sizeof a.sun_path, path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 4) == 0)
        return fd;
    return -1;
}

struct control *control_open(struct sim *s, struct batch *b)
{
    struct control *k = mem_new(1, sizeof *k);
    *k = (struct control){.sim = s, .batch = b, .watch = {.fd = -1}};
    if (s->options.commands)
        admit(k, STDIN_FILENO, STDOUT_FILENO);
    if (s->options.control == NULL)
        return k;
    k->watch = (struct watch){.fd = listen_at(s->options.control), .ready = knocked, .ctx = k};
    if (k->watch.fd < 0) {
        snprintf(s->error, sizeof s->error, "%s: %s", s->options.control, strerror(errno));
        free(k);
        return NULL;
    }
    loop_watch(s->loop, &k->watch, EPOLLIN);
    return k;
}

void control_close(struct control *k)
{
    for (size_t i = 0; i < CALLERS; i++)
        if (k->callers[i].control != NULL)
            hang_up(&k->callers[i]);
    if (k->watch.fd >= 0) {
        loop_unwatch(k->sim->loop, &k->watch);
        close(k->watch.fd);
        unlink(k->sim->options.control);
    }
    free(k);
}
