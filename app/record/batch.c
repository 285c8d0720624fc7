#include "app/record/batch.h"

#include <stdlib.h>
#include <string.h>

#include "app/phones/phone_record.h"
#include "app/phones/registry.h"
#include "app/record/journal.h"
#include "app/staging/status.h"
#include "app/version.h"

struct row_texts {
    char mac[MAC_TEXT_MAX], ip[IP4_TEXT_MAX];
    char before[VERSION_TEXT_MAX], after[VERSION_TEXT_MAX], target[VERSION_TEXT_MAX];
    char from[PHONE_HISTORY_MAX][VERSION_TEXT_MAX], to[PHONE_HISTORY_MAX][VERSION_TEXT_MAX];
    struct report_rung rungs[PHONE_HISTORY_MAX];
    char note[STATUS_NOTE_MAX];
};

static void fill_rungs(const struct phone *p, struct row_texts *t)
{
    for (unsigned i = 0; i < p->history_count; i++) {
        const struct rung_done *r = &p->history[i];
        t->rungs[i] = (struct report_rung){version_format(&r->from, t->from[i]), version_format(&r->to, t->to[i]),
                                           r->file, r->seconds, r->at.wall_ms};
    }
}

static struct report_row row_of(const struct staging *s, const struct phone *p, struct row_texts *t)
{
    struct ladder_plan plan;
    ladder_plan(&staging_content(s)->ladder, p->model, &p->version, &plan);
    enum phone_state state = status_of(p, &plan);
    bool upgradable = family_get(p->family)->upgradable;
    fill_rungs(p, t);
    return (struct report_row){
        .mac = mac_is_zero(p->mac) ? "" : mac_format(p->mac, t->mac),
        .serial = p->serial,
        .model = p->model,
        .family = family_get(p->family)->name,
        .ip = p->address ? ip4_format(p->address, t->ip) : "",
        .state = status_name(state),
        .before = version_format(&p->first_version, t->before),
        .after = version_format(&p->version, t->after),
        .target = upgradable ? version_format(&plan.target, t->target) : "",
        .note = status_note(p, state, &plan, t->note),
        .attempts = p->attempts,
        .first_seen_ms = p->first_seen.wall_ms,
        .done_at_ms = p->done_at.set ? p->done_at.wall_ms : 0,
        .rungs = t->rungs,
        .rung_count = p->history_count,
        .inventory_row = p->row,
    };
}

static int order(const struct phone *p, struct mac mac, const char *serial)
{
    return phone_key_order(p->mac, p->serial, mac, serial);
}

const struct phone *batch_after(const struct staging *s, const struct batch_place *place)
{
    const struct phone *next = NULL;
    size_t at = 0;
    for (const struct phone *p; (p = registry_next(staging_registry(s), &at));) {
        bool behind = !place->begun || order(p, place->mac, place->serial) > 0;
        if (behind && (!next || order(p, next->mac, next->serial) < 0))
            next = p;
    }
    const struct phone *retired = staging_retired_after(s, place->begun, place->mac, place->serial);
    return retired && (!next || order(retired, next->mac, next->serial) < 0) ? retired : next;
}

void batch_report_of(const struct staging *s, enum report_format format, bool with_inventory, int64_t now_wall_ms,
                     struct report *out)
{
    size_t at = 0;
    *out = (struct report){
        .format = format,
        .name = staging_settings(s)->box.name,
        .version = STAGEBOX_VERSION_TEXT,
        .state_id = staging_state_id(s),
        .made_ms = now_wall_ms,
        .phones = staging_count(s),
        .inventory = with_inventory ? &staging_content(s)->inventory : NULL,
    };
    for (const struct phone *p; (p = staging_next(s, &at));)
        out->done += p->done_at.set;
}

void batch_row(const struct staging *s, const struct report *report, struct batch_place *place,
               const struct phone *p, struct out *out)
{
    struct row_texts texts;
    struct report_row row = row_of(s, p, &texts);
    report_row(report, &row, place->rows, out);
}

void batch_pass(struct batch_place *place, const struct phone *p)
{
    place->begun = true;
    place->rows++;
    place->mac = p->mac;
    memcpy(place->serial, p->serial, sizeof place->serial);
}

void batch_write(const struct staging *s, enum report_format format, bool with_inventory, int64_t now_wall_ms,
                 struct out *out)
{
    struct report report;
    struct batch_place place = {.begun = false};
    batch_report_of(s, format, with_inventory, now_wall_ms, &report);
    report_head(&report, out);
    for (const struct phone *p; (p = batch_after(s, &place));) {
        batch_row(s, &report, &place, p, out);
        batch_pass(&place, p);
    }
    report_tail(&report, out);
}

/* -- from the card ------------------------------------------------------------------------------------- */

static void on_record(void *ctx, const struct journal_record *record)
{
    staging_restore(ctx, record);
}

static bool no_lease(void *ctx, ip4 address, struct staging_lease *out)
{
    (void)ctx, (void)address, (void)out;
    return false;
}

static int load_and_write(struct port *port, struct staging *s, struct journal *journal, uint64_t size,
                          enum report_format format, struct out *out, FILE *err)
{
    struct journal_loss loss;
    char id[JOURNAL_STATE_ID_MAX], sentence[JOURNAL_SENTENCE_MAX];
    int64_t wall = 0;
    if (journal_load(journal, port, JOURNAL_FILE_A, JOURNAL_FILE_B, size, on_record, s, &loss) < 0) {
        fprintf(err, "report: %s\n", port_error_sentence(port));
        return 1;
    }
    if (journal_loss_text(&loss, sentence)[0])
        fprintf(err, "report: %s\n", sentence);
    staging_restored(s, journal_state_id(journal, id));
    if (!port_wall_ms(port, &wall))
        wall = 0;
    batch_write(s, format, true, wall, out);
    return 0;
}

int batch_report(struct port *port, const struct settings *settings, struct content *content,
                 enum report_format format, struct out *out, FILE *err)
{
    struct port_file file;
    if (port_stat(port, JOURNAL_FILE_A, &file) < 0) {
        fprintf(err, "report: there is no state/ on the card yet: nothing has been staged\n");
        return 1;
    }
    struct timers timers;
    timers_init(&timers);
    struct journal *journal = calloc(1, sizeof *journal);
    struct staging_options options = {.port = port, .settings = settings, .content = content, .timers = &timers,
                                      .journal = journal, .hooks = {.lease_by_address = no_lease}};
    struct staging *s = journal ? staging_open(&options) : NULL;
    int status = 1;
    if (s)
        status = load_and_write(port, s, journal, file.size, format, out, err);
    staging_close(s);
    free(journal);
    return status;
}
