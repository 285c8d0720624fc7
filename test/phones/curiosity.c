#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum purpose { FIRMWARE, FIRMWARE_BY_TFTP, OTHERS_PROFILE, NEVER_SERVED, HEAD_BEFORE, GET_BETWEEN, HEAD_AFTER, LAST_URL };

struct question {
    enum purpose purpose;
    struct url url;
};

struct curiosity {
    struct phone *phone;
    struct question *list;
    size_t count, at;
    struct fetch *fetch;
    struct http_head before, between;
};

static void ask_next(struct curiosity *c);

static void add(struct curiosity *c, enum purpose purpose, const char *path)
{
    struct url u = {.scheme = SCHEME_HTTP, .port = 80};
    text_copy(u.host, sizeof u.host, ip_format(c->phone->lease.siaddr).s);
    text_copy(u.path, sizeof u.path, path);
    c->list = mem_grow(c->list, (c->count + 1) * sizeof *c->list);
    c->list[c->count++] = (struct question){purpose, u};
}

/* By TFTP only what must be refused: there is no HEAD, and a transfer that was begun should not be broken off. */
static void add_forbidden(struct curiosity *c, const char *name, const char *path)
{
    char family[32], version[32];
    enum harm_kind kind;
    if (!version_from_file(name, family, sizeof family, version, sizeof version) ||
        judge_step(c->phone, family, version, &kind) || kind == HARM_REFLASH)
        return;
    add(c, FIRMWARE_BY_TFTP, path);
    c->list[c->count - 1].url.scheme = SCHEME_TFTP;
    c->list[c->count - 1].url.port = 69;
}

static void add_firmware(struct curiosity *c)
{
    const struct sim *s = c->phone->sim;
    for (size_t i = 0; i < s->firmware_count; i++) {
        char path[NAME_SIZE + 16];
        snprintf(path, sizeof path, "/%s", s->firmware[i]);
        add(c, FIRMWARE, path);
        add_forbidden(c, s->firmware[i], path);
        snprintf(path, sizeof path, "/00c0ffee1-%s", s->firmware[i]);
        add(c, FIRMWARE, path);
    }
}

static void add_nosy(struct curiosity *c)
{
    static const char *const never[] = {
        "/phones.csv", "/stagebox.ini", "/STAGEBOX.INI", "/state/journal", "/journal", "/profiles/full.xml",
        "/full.xml", "/certs/server.key", "/server.key", "/../stagebox.ini", "/%2e%2e/phones.csv",
        "/files/../phones.csv", "//phones.csv", "/..%5cphones.csv", "/report.csv"};
    const struct sim *s = c->phone->sim;
    char path[64];
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        add(c, NEVER_SERVED, never[i]);
    for (size_t i = 0, asked = 0; i < s->phone_count && asked < 3; i++) {
        if (s->phones[i] == c->phone)
            continue;
        snprintf(path, sizeof path, asked == 1 ? "/spa%s.xml" : "/%s.cfg", mac_lower(&s->phones[i]->station.mac).s);
        add(c, OTHERS_PROFILE, path);
        asked++;
    }
}

static void add_heads(struct curiosity *c)
{
    char path[64];
    snprintf(path, sizeof path, "/spa%s.cfg", c->phone->model->psn);
    add(c, HEAD_BEFORE, path);
    add(c, GET_BETWEEN, path);
    add(c, HEAD_AFTER, path);
    if (c->phone->memory.has_last && c->phone->path.count > 0)
        add(c, LAST_URL, c->phone->memory.last.path);
}

static bool same_head(const struct http_head *a, const struct http_head *b)
{
    return a->status == b->status && a->length == b->length && a->has_length == b->has_length &&
           strcmp(a->type, b->type) == 0 && strcmp(a->etag, b->etag) == 0;
}

static void judge_firmware(struct phone *p, const struct url *url)
{
    char family[32], version[32], last[32];
    enum harm_kind kind;
    const char *name = url_file_name(url);
    if (!version_from_file(name, family, sizeof family, version, sizeof version) ||
        judge_step(p, family, version, &kind) || kind == HARM_REFLASH)
        return;
    const char *mine = url_file_name(&p->memory.last); /* the image it was last given stays allowed */
    if (p->memory.has_last && version_from_file(mine, family, sizeof family, last, sizeof last) &&
        strcmp(family, p->model->family) == 0 && strcmp(version, last) == 0 && kind != HARM_FAMILY_OFFERED)
        return;
    phone_harm(p, HARM_GUARD, "%s is served to a phone that runs %s (%s)", name, p->version, harm_name(kind));
}

static void judge_body(struct phone *p, const struct fetch_result *r, enum purpose purpose, const struct url *url)
{
    struct profile profile;
    bool readable = profile_parse(r->body, r->len, &profile);
    judge_secrets(p, r->body, r->len, readable && profile_is_final(p, &profile), r->scheme);
    if (purpose == NEVER_SERVED && !readable)
        phone_harm(p, HARM_NEVER_SERVED, "%s is served", url->path);
    profile_free(&profile);
}

/* All three; 503 is a refusal for now, whatever was asked for. */
static bool answered_all(const struct curiosity *c, const struct fetch_result *r)
{
    const int status[] = {c->before.status, c->between.status, r->head.status};
    for (size_t i = 0; i < 3; i++)
        if (status[i] == 0 || status[i] == 503)
            return false;
    return true;
}

static void judge(struct curiosity *c, const struct fetch_result *r)
{
    const struct question *q = &c->list[c->at];
    struct phone *p = c->phone;
    bool found = r->end == FETCH_DONE;
    switch (q->purpose) {
    case FIRMWARE:
    case FIRMWARE_BY_TFTP:
        if (found)
            judge_firmware(p, &q->url);
        break;
    case OTHERS_PROFILE:
    case NEVER_SERVED:
        if (found)
            judge_body(p, r, q->purpose, &q->url);
        break;
    case HEAD_BEFORE: c->before = r->head; break;
    case GET_BETWEEN: c->between = r->head; break;
    case HEAD_AFTER:
        if (answered_all(c, r) && !same_head(&c->between, &c->before) &&
            !same_head(&c->between, &r->head))
            phone_harm(p, HARM_HEAD, "%s: GET says %d and %llu bytes, HEAD %d and %llu", q->url.path,
                       c->between.status, (unsigned long long)c->between.length, r->head.status,
                       (unsigned long long)r->head.length);
        break;
    case LAST_URL:
        if (r->end == FETCH_MISSING)
            phone_harm(p, HARM_URL_GONE, "%s is not served any more", q->url.path);
        else if (found && p->load_head.status != 0 && !same_head(&p->load_head, &r->head))
            phone_harm(p, HARM_HEAD, "%s: GET said %llu bytes, HEAD %llu", q->url.path,
                       (unsigned long long)p->load_head.length, (unsigned long long)r->head.length);
        break;
    }
}

static void answered(void *ctx, const struct fetch_result *r)
{
    struct curiosity *c = ctx;
    c->fetch = NULL;
    judge_answer(c->phone, r, &c->list[c->at].url, false);
    judge(c, r);
    c->at++;
    ask_next(c);
}

static const char *method_for(enum purpose purpose)
{
    bool head = purpose == FIRMWARE || purpose == HEAD_BEFORE || purpose == HEAD_AFTER || purpose == LAST_URL;
    return head ? "HEAD" : "GET";
}

static void ask_next(struct curiosity *c)
{
    struct phone *p = c->phone;
    if (c->at == c->count) {
        curiosity_stop(p);
        return;
    }
    const struct question *q = &c->list[c->at];
    struct fetch_request r = ask_profile(p, &q->url);
    r.method = method_for(q->purpose);
    c->fetch = fetch_start(&p->station, &r, &(struct fetch_events){.ctx = c, .done = answered});
}

void curiosity_start(struct phone *p)
{
    char moment[40];
    snprintf(moment, sizeof moment, "%s%s", p->version, p->final ? " final" : "");
    if (p->curiosity != NULL || p->state != PHONE_UP || p->lease.siaddr == 0 || strcmp(moment, p->curious_at) == 0)
        return;
    struct curiosity *c = mem_new(1, sizeof *c);
    c->phone = p;
    if (p->quirks.value[QUIRK_GREEDY])
        add_firmware(c);
    if (p->quirks.value[QUIRK_NOSY])
        add_nosy(c);
    if (p->quirks.value[QUIRK_HEAD])
        add_heads(c);
    p->curiosity = c;
    text_copy(p->curious_at, sizeof p->curious_at, moment);
    ask_next(c);
}

void curiosity_stop(struct phone *p)
{
    struct curiosity *c = p->curiosity;
    if (c == NULL)
        return;
    fetch_cancel(c->fetch);
    free(c->list);
    free(c);
    p->curiosity = NULL;
}
