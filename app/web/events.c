#include "app/web/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/phones/registry.h"
#include "app/version.h"
#include "app/web/diary.h"
#include "app/web/line_cache.h"
#include "app/web/phone_cache.h"
#include "app/web/phone_json.h"
#include "config/text.h"
#include "net/http/response.h"

#define PIECE 8192
#define END_OF_EVENT 2 /* two line feeds */
#define MADE_MAX 4     /* texts that are made for one piece of output: phones wait meanwhile */
#define SUMMARY_MAX 6144
#define GONE 32      /* names of forgotten phones that are kept; who lags behind by more begins anew */
#define SLOW_MS 1000 /* how often progress and summary are told */

struct viewer {
    struct events *events;
    bool used, begun;
    uint8_t *dirty, *slow;                      /* a byte a place of the registry */
    size_t at;                                  /* next place to look at */
    bool any;                                   /* something may be dirty */
    uint64_t slow_ms, gone, log, summary;       /* the number of the last summary that it was told */
    const char *kind;                           /* of the piece */
    char name[PHONE_SERIAL_MAX + MAC_TEXT_MAX]; /* of its phone, or "" */
    size_t data, len, sent;                     /* where its JSON begins; bytes in all, and bytes that went out */
    char *piece; /* PIECE bytes, while it watches */
};

struct events {
    struct port *port;
    const struct staging *staging;
    struct diary *log;
    struct phone_cache *cache;
    struct line_cache *lines;
    unsigned made; /* texts that no viewer had been told before */
    size_t viewers, phones, watching; /* watching: viewers that are there */
    struct viewer *pool;
    uint8_t *flags;
    uint64_t summary, summary_due_ms; /* summaries in all: one for all viewers */
    size_t summary_len;
    char summary_text[SUMMARY_MAX];
    uint64_t gone; /* names in all */
    char names[GONE][PHONE_SERIAL_MAX + MAC_TEXT_MAX];
    bool is_mac[GONE];
};

/* -- what happens ---------------------------------------------------------------------------------------- */

static void mark(struct events *e, size_t phone, bool slow)
{
    phone_cache_changed(e->cache, phone);
    for (size_t i = 0, left = e->watching; left > 0 && phone < e->phones; i++) {
        struct viewer *v = &e->pool[i];
        if (!v->used)
            continue;
        left--;
        (slow ? v->slow : v->dirty)[phone] = 1;
        v->any = v->any || !slow;
    }
}

void events_changed(void *events, size_t phone)
{
    mark(events, phone, false);
}

void events_progressed(void *events, size_t phone)
{
    mark(events, phone, true);
}

static bool name_of(const struct phone *phone, char *out, size_t cap)
{
    char mac[MAC_TEXT_MAX];
    bool is_mac = !mac_is_zero(phone->mac);
    text_cut(out, cap, is_mac ? mac_format(phone->mac, mac) : phone->serial);
    return is_mac;
}

void events_gone(void *events, const struct phone *phone)
{
    struct events *e = events;
    size_t at = e->gone++ % GONE;
    e->is_mac[at] = name_of(phone, e->names[at], sizeof e->names[at]);
}

void events_said(void *events, const struct phone *phone, enum port_level level, const char *text)
{
    struct events *e = events;
    struct diary_line line = {.uptime_ms = port_now_ms(e->port), .level = (uint8_t)level};
    char who[DIARY_WHO_MAX] = "";
    size_t place = DIARY_NOBODY;
    if (!port_wall_ms(e->port, &line.wall_ms))
        line.wall_ms = 0;
    if (phone && e->staging) {
        name_of(phone, who, sizeof who);
        place = registry_index(staging_registry(e->staging), phone);
    }
    text_cut(line.text, sizeof line.text, text);
    diary_add(e->log, place, phone ? phone->generation : 0, who, &line);
}

const struct diary *events_diary(const struct events *e)
{
    return e->log;
}

static void begin(struct viewer *v)
{
    struct events *e = v->events;
    memset(v->dirty, 1, e->phones);
    memset(v->slow, 0, e->phones);
    v->begun = false;
    v->any = true;
    v->at = 0;
    v->gone = e->gone;
    v->slow_ms = v->summary = 0;
}

void events_all(struct events *e)
{
    for (size_t i = 0; i < e->phones; i++)
        mark(e, i, false);
}

/* -- what is told ------------------------------------------------------------------------------------------ */

static void open_event(struct viewer *v, const char *kind, struct json *json)
{
    v->kind = kind;
    v->name[0] = '\0';
    v->data = v->len = (size_t)snprintf(v->piece, PIECE, "event: %s\ndata: ", kind);
    json_init(json, v->piece + v->len, PIECE - v->len - END_OF_EVENT);
}

static bool close_event(struct viewer *v, const struct json *json)
{
    v->len += json->len;
    memcpy(v->piece + v->len, "\n\n", END_OF_EVENT);
    v->len += END_OF_EVENT;
    return true;
}

static bool tell_reset(struct viewer *v)
{
    struct json json;
    v->begun = true;
    open_event(v, "reset", &json);
    json_object(&json);
    json_key_text(&json, "state_id", staging_state_id(v->events->staging));
    json_object_end(&json);
    return close_event(v, &json);
}

static bool tell_gone(struct viewer *v)
{
    struct json json;
    struct events *e = v->events;
    if (v->gone == e->gone)
        return false;
    if (e->gone - v->gone > GONE) {
        begin(v);
        return tell_reset(v);
    }
    size_t at = v->gone++ % GONE;
    open_event(v, "gone", &json);
    json_object(&json);
    memcpy(v->name, e->names[at], sizeof v->name);
    json_key_text(&json, e->is_mac[at] ? "mac" : "id", e->names[at]);
    json_object_end(&json);
    return close_event(v, &json);
}

static bool tell_phone(struct viewer *v)
{
    struct json json;
    const struct registry *registry = staging_registry(v->events->staging);
    size_t places = registry->highest < v->events->phones ? registry->highest : v->events->phones;
    for (size_t n = 0; v->any && n < places; n++) {
        size_t place = v->at < places ? v->at : 0;
        v->at = place + 1;
        bool due = v->dirty[place] && registry->pool[place].used;
        v->dirty[place] = 0;
        if (!due)
            continue;
        v->slow[place] = 0;
        open_event(v, "phone", &json);
        name_of(&registry->pool[place], v->name, sizeof v->name);
        json.len = phone_cache_put(v->events->cache, v->events->staging, place, &registry->pool[place],
                                   &v->events->made, json.buf, json.cap);
        return close_event(v, &json);
    }
    v->any = false;
    return false;
}

/* Counting all phones is done once for all viewers. */
static void sum_up(struct events *e, uint64_t now)
{
    struct json json;
    int64_t wall;
    if (now < e->summary_due_ms)
        return;
    if (!port_wall_ms(e->port, &wall))
        wall = 0;
    e->summary_due_ms = now + SLOW_MS;
    e->summary++;
    json_init(&json, e->summary_text, sizeof e->summary_text);
    summary_json(&json, e->staging, now, wall, STAGEBOX_VERSION_TEXT);
    e->summary_len = json.len;
}

static bool tell_summary(struct viewer *v, uint64_t now)
{
    struct json json;
    struct events *e = v->events;
    sum_up(e, now);
    if (v->summary == e->summary)
        return false;
    v->summary = e->summary;
    open_event(v, "summary", &json);
    memcpy(json.buf, e->summary_text, e->summary_len);
    json.len = e->summary_len;
    return close_event(v, &json);
}

static bool tell_line(struct viewer *v)
{
    struct json json;
    const struct diary *log = v->events->log;
    if (v->log < diary_oldest(log))
        v->log = diary_oldest(log);
    const char *who;
    const struct diary_line *line = diary_log(log, v->log, &who);
    if (!line)
        return false;
    open_event(v, "log", &json);
    json.len = line_cache_put(v->events->lines, v->events->staging, v->log++, line, who, &v->events->made, json.buf,
                              json.cap);
    return close_event(v, &json);
}

static void merge_slow(struct viewer *v, uint64_t now)
{
    if (now < v->slow_ms)
        return;
    v->slow_ms = now + SLOW_MS;
    for (size_t i = 0; i < v->events->phones; i++) {
        v->dirty[i] |= v->slow[i];
        v->any = v->any || v->slow[i];
        v->slow[i] = 0;
    }
}

static bool next_piece(struct viewer *v)
{
    uint64_t now = port_now_ms(v->events->port);
    v->sent = v->len = 0;
    if (!v->begun)
        return tell_reset(v);
    merge_slow(v, now);
    return tell_gone(v) || tell_phone(v) || tell_summary(v, now) || tell_line(v);
}

int events_produce(void *viewer, uint8_t *buf, size_t cap)
{
    struct viewer *v = viewer;
    size_t n = 0;
    if (v->events->staging && staging_behind(v->events->staging))
        return HTTP_PRODUCE_LATER;
    unsigned before = v->events->made;
    while (n < cap && (n == 0 || v->events->made - before < MADE_MAX) && (v->sent < v->len || next_piece(v))) {
        size_t part = v->len - v->sent < cap - n ? v->len - v->sent : cap - n;
        memcpy(buf + n, v->piece + v->sent, part);
        v->sent += part;
        n += part;
    }
    return n > 0 ? (int)n : HTTP_PRODUCE_LATER;
}

bool events_next(struct viewer *v, struct event *out)
{
    if (!next_piece(v))
        return false;
    v->sent = v->len;
    *out = (struct event){v->kind, v->name, v->piece + v->data, v->len - v->data - END_OF_EVENT};
    return true;
}

/* -- life -------------------------------------------------------------------------------------------------- */

struct events *events_open(struct port *port, size_t viewers, size_t phones)
{
    struct events *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    *e = (struct events){.port = port, .viewers = viewers, .phones = phones};
    e->log = diary_open(phones, viewers);
    e->cache = phone_cache_open(phones, viewers);
    e->pool = calloc(viewers, sizeof *e->pool);
    e->flags = calloc(viewers, 2 * phones);
    e->lines = line_cache_open(viewers);
    if (!e->log || !e->cache || !e->lines || !e->pool || !e->flags) {
        events_close(e);
        return NULL;
    }
    return e;
}

void events_close(struct events *e)
{
    if (!e)
        return;
    diary_close(e->log);
    phone_cache_close(e->cache);
    line_cache_close(e->lines);
    for (size_t i = 0; e->pool && i < e->viewers; i++)
        free(e->pool[i].piece);
    free(e->pool);
    free(e->flags);
    free(e);
}

void events_show(struct events *e, const struct staging *staging)
{
    e->staging = staging;
}

struct viewer *events_join(struct events *e)
{
    for (size_t i = 0; i < e->viewers; i++) {
        struct viewer *v = &e->pool[i];
        if (v->used)
            continue;
        if (!(v->piece = malloc(PIECE)))
            return NULL;
        v->events = e;
        v->dirty = e->flags + 2 * e->phones * i;
        v->slow = v->dirty + e->phones;
        v->used = true;
        e->watching++;
        v->len = v->sent = 0;
        v->log = 0;
        begin(v);
        return v;
    }
    return NULL;
}

void events_leave(struct viewer *v)
{
    free(v->piece);
    v->piece = NULL;
    v->used = false;
    v->events->watching--;
}
