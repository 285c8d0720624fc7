#include "report.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *path_json(const struct version_path *path)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < path->count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(path->version[i]));
    return list;
}

static cJSON *events_json(const struct phone *p)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < p->event_count; i++) {
        cJSON *o = cJSON_CreateObject();
        cJSON_AddNumberToObject(o, "at", p->events[i].at);
        cJSON_AddStringToObject(o, "event", p->events[i].kind);
        cJSON_AddStringToObject(o, "text", p->events[i].text);
        cJSON_AddItemToArray(list, o);
    }
    return list;
}

static cJSON *harms_json(const struct phone *p)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < p->harms.count; i++) {
        cJSON *o = cJSON_CreateObject();
        cJSON_AddNumberToObject(o, "at", p->harms.items[i].at);
        cJSON_AddStringToObject(o, "harm", harm_name(p->harms.items[i].kind));
        cJSON_AddStringToObject(o, "text", p->harms.items[i].text);
        cJSON_AddItemToArray(list, o);
    }
    return list;
}

/* Those that differ from the factory's, or did before. */
static cJSON *params_json(const struct phone *p, const struct params *values)
{
    const struct catalogue *c = p->sim->catalogue;
    cJSON *o = cJSON_CreateObject();
    for (size_t i = 0; i < catalogue_size(c); i++)
        if (strcmp(params_at(values, i), catalogue_factory(c, i)) != 0)
            cJSON_AddStringToObject(o, catalogue_name(c, i), params_at(values, i));
    return o;
}

static cJSON *phone_json(const struct phone *p)
{
    char text[400];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "mac", mac_lower(&p->station.mac).s);
    cJSON_AddStringToObject(o, "model", p->model->name);
    cJSON_AddStringToObject(o, "serial", p->serial);
    cJSON_AddStringToObject(o, "ip", p->station.ip ? ip_format(p->station.ip).s : "");
    cJSON_AddStringToObject(o, "start", p->start_version);
    cJSON_AddStringToObject(o, "version", p->version);
    cJSON_AddItemToObject(o, "path", path_json(&p->path));
    cJSON_AddStringToObject(o, "state", phone_state_name(p->state));
    cJSON_AddBoolToObject(o, "final", p->final);
    cJSON_AddBoolToObject(o, "finished", phone_finished(p));
    quirks_describe(&p->quirks, text, sizeof text);
    cJSON_AddStringToObject(o, "quirks", text);
    finish_complaint(p, text, sizeof text);
    cJSON_AddStringToObject(o, "complaint", text);
    cJSON_AddItemToObject(o, "harms", harms_json(p));
    cJSON_AddItemToObject(o, "params_before", params_json(p, p->before));
    cJSON_AddItemToObject(o, "params", params_json(p, p->params));
    cJSON_AddItemToObject(o, "events", events_json(p));
    return o;
}

static cJSON *delays_json(struct delays *d)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddNumberToObject(o, "count", (double)d->count);
    cJSON_AddNumberToObject(o, "p50", delays_percentile(d, 50));
    cJSON_AddNumberToObject(o, "p99", delays_percentile(d, 99));
    cJSON_AddNumberToObject(o, "max", delays_percentile(d, 100));
    return o;
}

static cJSON *run_json(struct sim *s)
{
    cJSON *o = cJSON_CreateObject(), *list = cJSON_CreateArray();
    size_t finished = 0;
    for (size_t i = 0; i < s->phone_count; i++) {
        finished += phone_finished(s->phones[i]);
        cJSON_AddItemToArray(list, phone_json(s->phones[i]));
    }
    cJSON_AddNumberToObject(o, "clock", s->clock.factor);
    cJSON_AddNumberToObject(o, "seconds", (double)(loop_now(s->loop) - s->started) / 1000.0);
    cJSON_AddNumberToObject(o, "phones_total", (double)s->phone_count);
    cJSON_AddNumberToObject(o, "phones_finished", (double)finished);
    cJSON_AddNumberToObject(o, "harms_total", s->harms);
    cJSON_AddItemToObject(o, "first_byte_ms", delays_json(&s->first_bytes));
    cJSON_AddNumberToObject(o, "bad_checksums", wire_bad_checksums(s->wire));
    cJSON_AddItemToObject(o, "phones", list);
    return o;
}

bool report_write(struct sim *s, const char *path)
{
    FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (f == NULL)
        return false;
    cJSON *o = run_json(s);
    char *text = cJSON_Print(o);
    cJSON_Delete(o);
    bool fine = text != NULL && fputs(text, f) >= 0 && fputc('\n', f) != EOF;
    free(text);
    if (f != stdout)
        fine = fclose(f) == 0 && fine;
    return fine;
}

void report_progress(const struct sim *s)
{
    unsigned states[PHONE_RECOVERY + 1] = {0}, finished = 0;
    for (size_t i = 0; i < s->phone_count; i++) {
        states[s->phones[i]->state]++;
        finished += phone_finished(s->phones[i]);
    }
    fprintf(stderr, "%7.1f s  %u of %zu finished;", (double)(loop_now(s->loop) - s->started) / 1000.0, finished,
            s->phone_count);
    for (int i = 0; i <= PHONE_RECOVERY; i++)
        if (states[i] > 0)
            fprintf(stderr, " %u %s", states[i], phone_state_name((enum phone_state)i));
    fprintf(stderr, "; %u harms\n", s->harms);
}
