#include "sim.h"

#include "mem.h"
#include "report.h"
#include "template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 200, PROGRESS_MS = 5000 };

bool sim_open(struct sim *s)
{
    if (!macvlan_open(&s->links, s->options.interface)) {
        text_copy(s->error, sizeof s->error, s->links.error);
        return false;
    }
    s->wire = wire_open(s->loop, s->links.parent);
    if (s->wire == NULL)
        snprintf(s->error, sizeof s->error, "packet socket on %s: %s", s->options.interface, strerror(errno));
    return s->wire != NULL;
}

void sim_close(struct sim *s)
{
    for (size_t i = 0; i < s->phone_count; i++)
        phone_free(s->phones[i]);
    macvlan_remove_all(&s->links);
    free(s->phones);
    if (s->wire != NULL)
        wire_close(s->wire);
    macvlan_close(&s->links);
    profile_free(&s->template_names);
    free(s->template_text);
    catalogue_free(s->catalogue);
    tls_lab_close(s->lab);
    delays_free(&s->first_bytes);
}

bool sim_add(struct sim *s, const struct phone_plan *plan, double delay)
{
    if (sim_find_mac(s, &plan->mac) != NULL) {
        snprintf(s->error, sizeof s->error, "two phones with MAC %s", mac_lower(&plan->mac).s);
        return false;
    }
    struct phone *p = phone_new(s, plan, s->next_number++);
    if (p == NULL)
        return false;
    if (s->phone_count == s->phone_room) {
        s->phone_room = s->phone_room * 2 + 64;
        s->phones = mem_grow(s->phones, s->phone_room * sizeof(struct phone *));
    }
    s->phones[s->phone_count++] = p;
    phone_after(p, &p->boot_timer, delay);
    return true;
}

struct phone *sim_find_mac(const struct sim *s, const struct mac *mac)
{
    for (size_t i = 0; i < s->phone_count; i++)
        if (mac_same(&s->phones[i]->station.mac, mac))
            return s->phones[i];
    return NULL;
}

struct phone *sim_find_ip(const struct sim *s, uint32_t ip)
{
    for (size_t i = 0; i < s->phone_count; i++)
        if (s->phones[i]->station.ip == ip)
            return s->phones[i];
    return NULL;
}

struct phone *sim_find_password(const struct sim *s, const char *text, size_t len)
{
    for (size_t i = 0; i < s->phone_count; i++)
        if (strncmp(s->phones[i]->password, text, len) == 0)
            return s->phones[i];
    return NULL;
}

bool sim_expected(const struct sim *s, const struct phone *p, struct profile *out)
{
    struct phone_plan plan = {.model = p->model, .mac = p->station.mac};
    if (s->template_text == NULL)
        return false;
    text_copy(plan.extension, sizeof plan.extension, p->extension);
    text_copy(plan.password, sizeof plan.password, p->password);
    char *text = template_render(s->template_text, &plan, p->lease.siaddr);
    bool fine = profile_parse((const uint8_t *)text, strlen(text), out);
    free(text);
    return fine;
}

static void bench(struct phone *p)
{
    p->benched = true;
    phone_event(p, "bench", "%s", "switched off and on again when it was finished");
    phone_power_cycle(p, "on the bench");
}

static size_t count_finished(struct sim *s)
{
    size_t finished = 0;
    for (size_t i = 0; i < s->phone_count; i++) {
        struct phone *p = s->phones[i];
        if (!phone_finished(p))
            continue;
        if (p->quirks.value[QUIRK_BENCH_REBOOT] && !p->benched && p->expect.end != END_ANY)
            bench(p);
        else
            finished++;
    }
    return finished;
}

/* True: it is time to end. */
static bool time_to_end(struct sim *s)
{
    const struct sim_options *o = &s->options;
    uint64_t now = loop_now(s->loop);
    double ran = (double)(now - s->started) / 1000.0;
    bool all = count_finished(s) == s->phone_count;
    if (o->until > 0)
        return ran >= o->until;
    if (!all)
        s->finished_since = 0;
    else if (s->finished_since == 0)
        s->finished_since = now;
    if (all && !o->commands && o->control == NULL)
        return (double)(now - s->finished_since) / 1000.0 >= o->settle;
    return o->timeout > 0 && ran >= o->timeout;
}

static void tick(void *ctx)
{
    struct sim *s = ctx;
    uint64_t now = loop_now(s->loop);
    if (!s->options.quiet && now - s->progress_at >= PROGRESS_MS) {
        s->progress_at = now;
        report_progress(s);
    }
    if (time_to_end(s))
        loop_stop(s->loop);
    else
        timer_set(s->loop, &s->tick, TICK_MS);
}

static void judge_all(struct sim *s)
{
    unsigned complaints = 0;
    for (size_t i = 0; i < s->phone_count; i++) {
        struct phone *p = s->phones[i];
        char why[160];
        finish_check(p);
        finish_complaint(p, why, sizeof why);
        if (why[0] == '\0')
            continue;
        complaints++;
        fprintf(stderr, "NOT %s %s %s: %s\n", mac_lower(&p->station.mac).s, p->model->name, p->start_version, why);
    }
    bool bad_sums = wire_bad_checksums(s->wire) > 0 && !s->options.bad_cable;
    if (bad_sums)
        fprintf(stderr, "NOT the box: %u frames with a wrong checksum\n", wire_bad_checksums(s->wire));
    s->exit_status = s->harms > 0 || complaints > 0 || bad_sums;
}

void sim_run(struct sim *s)
{
    s->started = s->progress_at = loop_now(s->loop);
    s->tick = (struct timer){.fire = tick, .ctx = s};
    timer_set(s->loop, &s->tick, TICK_MS);
    loop_run(s->loop);
    judge_all(s);
    if (!s->options.quiet)
        report_progress(s);
}
