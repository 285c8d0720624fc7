#include "phone.h"

#include "mem.h"
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double phone_seconds(const struct phone *p)
{
    return clock_seconds(&p->sim->clock, loop_now(p->sim->loop));
}

static void add_event(struct phone *p, const char *kind, char *text)
{
    const struct sim *s = p->sim;
    double at = phone_seconds(p);
    if ((p->event_count & (p->event_count + 1)) == 0) /* 0, 1, 3, 7 …: room for twice as many */
        p->events = mem_grow(p->events, (p->event_count * 2 + 2) * sizeof *p->events);
    p->events[p->event_count++] = (struct event){at, kind, text};
    if (s->options.verbose)
        fprintf(stderr, "%9.1f %s %s %s: %s\n", at, mac_lower(&p->station.mac).s, p->model->name, kind, text);
}

static char *format_text(const char *format, va_list args)
{
    char text[1200];
    vsnprintf(text, sizeof text, format, args);
    return mem_text(text);
}

void phone_event(struct phone *p, const char *kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_event(p, kind, format_text(format, args));
    va_end(args);
}

void phone_harm(struct phone *p, enum harm_kind kind, const char *format, ...)
{
    struct sim *s = p->sim;
    va_list args;
    if (s->harm_ignored[kind])
        return;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
    char *copy = mem_text(text);
    if (!harm_add(&p->harms, kind, phone_seconds(p), text)) {
        free(copy);
        return;
    }
    s->harms++;
    fprintf(stderr, "HARM %s %s %s: %s: %s\n", mac_lower(&p->station.mac).s, p->model->name, p->version,
            harm_name(kind), copy);
    add_event(p, "harm", copy);
}

void phone_after(struct phone *p, struct timer *t, double seconds)
{
    timer_set(p->sim->loop, t, clock_real_ms(&p->sim->clock, seconds));
}

const char *phone_state_name(enum phone_state s)
{
    static const char *const names[] = {"off", "booting", "no-address", "up", "loading", "flashing", "recovery"};
    return names[s];
}

bool phone_is_up(const struct phone *p)
{
    return p->state == PHONE_UP || p->state == PHONE_LOADING;
}

static void copy_plan(struct phone *p, const struct phone_plan *plan)
{
    p->model = plan->model;
    p->quirks = plan->quirks;
    p->expect = plan->expect;
    text_copy(p->version, sizeof p->version, plan->version);
    text_copy(p->start_version, sizeof p->start_version, plan->version);
    text_copy(p->serial, sizeof p->serial, plan->serial);
    text_copy(p->extension, sizeof p->extension, plan->extension);
    text_copy(p->password, sizeof p->password, plan->password);
    p->station.mac = plan->mac;
    p->station.loss = (unsigned)plan->quirks.value[QUIRK_LOSS];
}

struct phone *phone_new(struct sim *s, const struct phone_plan *plan, unsigned number)
{
    struct phone *p = mem_new(1, sizeof *p);
    p->sim = s;
    copy_plan(p, plan);
    p->station.loop = s->loop;
    p->station.wire = s->wire;
    p->station.first_bytes = &s->first_bytes;
    p->station.rng.state = rng_next(&s->rng);
    snprintf(p->station.ifname, sizeof p->station.ifname, "phone%u", number);
    p->station.ifindex = macvlan_add(&s->links, p->station.ifname, &p->station.mac);
    if (p->station.ifindex < 0) {
        text_copy(s->error, sizeof s->error, s->links.error);
        free(p);
        return NULL;
    }
    p->params = params_new(s->catalogue);
    p->before = params_new(s->catalogue);
    for (size_t i = 0; i < plan->setting_count; i++)
        params_set(p->params, plan->settings[i].name, plan->settings[i].value);
    params_copy(p->before, p->params);
    p->touched = mem_new(catalogue_size(s->catalogue), sizeof(bool));
    phone_connect(p);
    return p;
}

void phone_free(struct phone *p)
{
    if (p->state != PHONE_OFF)
        phone_power_off(p);
    timer_stop(p->sim->loop, &p->boot_timer);
    dhcp_free(p->dhcp);
    phone_tls_free(p);
    params_free(p->params);
    params_free(p->before);
    free(p->touched);
    for (size_t i = 0; i < p->event_count; i++)
        free(p->events[i].text);
    free(p->events);
    harm_free(&p->harms);
    free(p);
}
