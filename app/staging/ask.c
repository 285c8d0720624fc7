#include "app/staging/core.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/staging/guard.h"

struct question {
    const struct staging_request *request;
    const char *name;
    size_t name_len;
    struct asker asker;
    struct staging_answer *answer;
};

static void refuse(struct question *q, const char *reason)
{
    q->answer->kind = STAGING_NOT_FOUND;
    q->answer->reason = reason;
}

static void busy(struct question *q, const char *reason)
{
    q->answer->kind = STAGING_BUSY;
    q->answer->reason = reason;
}

static const char *carrier_name(enum carrier carrier)
{
    static const char *const name[] = {"TFTP", "HTTP", "HTTPS"};
    return name[carrier];
}

static struct staging_delivery *deliver(struct staging *s, struct question *q, enum staging_kind kind)
{
    struct staging_delivery *d = staging_take_delivery(s);
    if (!d) {
        busy(q, "no delivery is free");
        return NULL;
    }
    d->kind = kind;
    if (q->asker.phone && !q->asker.by_name && !q->asker.doubt && !q->request->head) {
        d->phone = registry_index(&s->registry, q->asker.phone);
        d->generation = q->asker.phone->generation;
    }
    q->answer->kind = kind;
    q->answer->delivery = d;
    return d;
}

/* -- profiles ------------------------------------------------------------------------------------ */

static void find_row(struct staging *s, struct phone *phone)
{
    struct inventory *inventory = &s->content->inventory;
    if (mac_is_zero(phone->mac) || phone->row >= 0)
        return;
    phone->row = inventory_find(inventory, phone->mac);
    if (phone->row >= 0 || !family_get(phone->family)->upgradable)
        return;
    struct inventory_claim claim;
    phone->row = inventory_claim(inventory, phone->mac, &claim);
    if (phone->row >= 0)
        staging_put_claim(s, &claim);
}

static void note_decision(struct staging *s, struct phone *phone, const struct decision *decision)
{
    if (decision->lack[0])
        staging_note(s, phone, NOTE_TROUBLE, "%s: {{%s}}", decision->why, decision->lack);
    else if (decision->hold != HOLD_NONE)
        staging_note(s, phone, NOTE_HINT, "%s", decision->why);
    else if (decision->why[0])
        staging_note(s, phone, NOTE_TROUBLE, "%s", decision->why);
    else if (phone->attempts == 0)
        staging_clear_note(s, phone, NOTE_TROUBLE);
}

static void begin_again(struct staging *s, struct phone *phone)
{
    phone->done_at.set = false;
    phone->configured.set = false;
    rollout_done(&s->rollout, phone, false);
}

/* It is sent a profile that tells of HTTPS and what goes with it; or it has no way there any more. */
static void note_https(struct staging *s, struct phone *phone, const struct decision *decision)
{
    if (decision->stage != STAGE_LADDER && decision->stage != STAGE_WAIT)
        return;
    phone->handover.got_ca = phone->handover.got_ca || staging_offers_ca(s, phone);
    phone->handover.got_display = phone->handover.got_display || s->settings->phones.show_state;
    bool stuck = decision->refused && staging_stuck(s, phone);
    staging_https_told(s, phone, &decision->https);
    if (stuck || !decision->refused || !phone->needs_hand)
        return;
    phone->needs_hand = false; /* somebody did something about it */
    staging_clear_note(s, phone, NOTE_HAND);
}

/* It loads nothing now; while paused, and while only its version has to be heard again, it stays where it is. */
static bool has_left_the_ladder(const struct decision *decision)
{
    return decision->stage != STAGE_LADDER && decision->stage != STAGE_FIRST && decision->hold != HOLD_PAUSED;
}

/* It gets what it got the last time, and what follows from that has followed. */
static bool is_repeated(const struct phone *phone, const struct decision *decision)
{
    return phone->has_stage && phone->stage == decision->stage && decision->stage == STAGE_FINAL && !phone->holds_rule;
}

/* What follows for the phone's facts from the stage that it is sent; what has functions of its own says itself that it
 * changed. */
static void note_stage(struct staging *s, struct phone *phone, const struct decision *decision)
{
    bool repeated = is_repeated(phone, decision);
    phone->asked = staging_now(s);
    phone->held = decision->hold != HOLD_NONE;
    note_decision(s, phone, decision);
    if (decision->plan.result >= 0 && ladder_keep(&s->content->ladder, phone->family))
        staging_put_targets(s);
    if (decision->stage == STAGE_LADDER) {
        if (phone->done_at.set)
            begin_again(s, phone);
        staging_offer(s, phone, decision->rung);
    }
    if (has_left_the_ladder(decision))
        rollout_release(&s->rollout, phone);
    phone->stage = decision->stage;
    phone->has_stage = true;
    if (decision->stage != STAGE_FINAL && decision->stage != STAGE_IDLE)
        phone->holds_rule = true;
    note_https(s, phone, decision);
    if (decision->stage == STAGE_FINAL && !s->content->has_template)
        staging_done(s, phone);
    if (repeated)
        staging_saw(s, phone);
    else
        staging_touch(s, phone);
    staging_schedule(s, phone);
}

static bool offer_stands(const struct phone *phone, const struct ladder_image *rung)
{
    return strcmp(phone->offer.file, rung->file) == 0 && version_compare(&phone->offer.from, &phone->version) == 0;
}

/* "HTTP spa504G.cfg: wait, because". */
static void log_profile(const struct staging *s, const struct question *q, const struct decision *decision)
{
    char text[STAGING_LINE_MAX];
    struct out out;
    out_window(&out, text, sizeof text - 1, 0);
    out_text(&out, carrier_name(q->request->carrier));
    out_char(&out, ' ');
    out_bytes(&out, q->name, q->name_len);
    out_text(&out, ": ");
    out_text(&out, stage_name(decision->stage));
    if (decision->why[0])
        out_text(&out, ", ");
    out_text(&out, decision->why);
    text[out_filled(&out)] = '\0';
    staging_say(s, PORT_INFO, q->asker.phone, text);
}

static void serve_profile(struct staging *s, struct question *q)
{
    struct asker *a = &q->asker;
    struct decision decision;
    if (a->full) {
        busy(q, "the table of phones is full");
        return;
    }
    bool counts = a->phone && !a->by_name && !a->doubt;
    if (counts)
        find_row(s, a->phone);
    staging_decide(s, a, q->request->carrier, &decision);
    /* Somebody who only names a phone gets no rung that the phone was not given already. */
    if (!counts && decision.stage == STAGE_LADDER && !offer_stands(a->phone, decision.rung))
        decision.stage = STAGE_WAIT;
    if (counts)
        note_stage(s, a->phone, &decision);

    struct staging_delivery *d = deliver(s, q, STAGING_PROFILE);
    if (!d)
        return;
    d->stage = decision.stage;
    const char *text = staging_write_profile(s, q->request, a, &decision, d);
    if (!text) {
        staging_give_delivery(s, d);
        q->answer->delivery = NULL;
        busy(q, "no room to write its profile");
        return;
    }
    q->answer->data = (const uint8_t *)text;
    q->answer->size = d->size;
    q->answer->content_type = "text/xml";
    q->answer->no_store = true;
    q->answer->reason = stage_name(decision.stage);
    log_profile(s, q, &decision);
}

/* -- files ---------------------------------------------------------------------------------------- */

static void serve_content(struct staging *s, struct question *q, const struct depot_item *item,
                          enum staging_kind kind)
{
    struct staging_delivery *d = deliver(s, q, kind);
    if (!d)
        return;
    d->content = depot_hold(s->content->depot, item->content);
    d->size = item->content->blob->size;
    snprintf(d->etag, sizeof d->etag, "\"%llx-%llx\"", (unsigned long long)item->content->stamp,
             (unsigned long long)d->size);
    struct staging_answer *answer = q->answer;
    answer->data = item->content->blob->data;
    answer->size = d->size;
    answer->blob = item->content->blob;
    answer->content_type = "application/octet-stream";
    answer->etag = d->etag;
    answer->modified_s = item->content->modified_s;
    answer->reason = item->content->name;
}

static void begin_load(struct staging *s, struct question *q, const struct ladder_image *image)
{
    struct phone *phone = q->asker.phone;
    struct staging_delivery *d = q->answer->delivery;
    staging_log(s, PORT_INFO, phone, "%s %.*s: sending", carrier_name(q->request->carrier), (int)q->name_len, q->name);
    if (!d->generation)
        return;
    phone->loads++;
    phone->load_acked = 0;
    phone->load_size = d->size;
    phone->progress_ms = port_now_ms(s->port);
    d->is_offer = strcmp(phone->offer.file, image->file) == 0;
    if (d->is_offer) {
        phone->offer.loading = staging_now(s);
        phone->offer.refetches = 0;
        staging_clear_note(s, phone, NOTE_TROUBLE);
    }
    staging_touch(s, phone);
    staging_schedule(s, phone);
}

/* What the User-Agent alone says, for somebody who has no row that could be relied on. */
static enum guard_verdict judge_agent(const struct staging *s, const struct asker *a, const struct ladder_image *image)
{
    struct phone claimed;
    memset(&claimed, 0, sizeof claimed);
    if (a->has_agent) {
        strcpy(claimed.model, a->agent.model);
        claimed.family = family_of_model(claimed.model);
        claimed.version = a->agent.version;
        claimed.has_version = version_known(&a->agent.version);
    }
    return guard_judge(&s->content->ladder, &claimed, image);
}

/* In doubt all that speaks must allow it. */
static enum guard_verdict judge(const struct staging *s, const struct asker *a, const struct ladder_image *image)
{
    struct phone *row = a->by_name ? NULL : a->phone;
    enum guard_verdict verdict = guard_judge(&s->content->ladder, row, image);
    if (verdict > GUARD_STRANGER || (row && !a->doubt))
        return verdict;
    return judge_agent(s, a, image);
}

static void serve_image(struct staging *s, struct question *q, const struct depot_item *item)
{
    struct phone *phone = q->asker.by_name || q->asker.doubt ? NULL : q->asker.phone;
    enum guard_verdict verdict = judge(s, &q->asker, item->image);
    if (verdict == GUARD_PASS || verdict == GUARD_STRANGER) {
        if (verdict == GUARD_STRANGER)
            staging_log(s, PORT_WARNING, phone, "%s goes out to somebody who is not identified", item->image->file);
        serve_content(s, q, item, STAGING_IMAGE);
        if (q->answer->delivery)
            begin_load(s, q, item->image);
        return;
    }
    if (q->asker.phone)
        staging_note(s, q->asker.phone, NOTE_TROUBLE, "asked for %s and was refused: %s", item->image->file,
                 guard_text(verdict));
    refuse(q, guard_text(verdict));
}

/* spa.bin: the image of the asking phone's next rung. */
static void serve_next_rung(struct staging *s, struct question *q)
{
    struct phone *phone = q->asker.doubt || q->asker.by_name ? NULL : q->asker.phone;
    struct ladder_plan plan;
    if (!phone || !phone->has_version) {
        refuse(q, "spa.bin: nobody whose next rung is known");
        return;
    }
    staging_plan(s, phone, &plan);
    const struct depot_item *item =
        plan.result == LADDER_RUNGS ? depot_item_of(s->content->depot, plan.rungs[0]) : NULL;
    if (item)
        serve_image(s, q, item);
    else
        refuse(q, "spa.bin: no rung is due");
}

/* -- a CA of one's own ---------------------------------------------------------------------------- */

static bool is_custom_ca(const struct staging *s, const struct question *q)
{
    static const char name[] = CERTS_CUSTOM_CA_NAME;
    if (!s->content->certs.custom_ca.text || q->name_len != sizeof name - 1)
        return false;
    for (size_t i = 0; i < q->name_len; i++)
        if (tolower((unsigned char)q->name[i]) != name[i])
            return false;
    return true;
}

/* A copy: the card may be read anew before it is out. */
static void serve_custom_ca(struct staging *s, struct question *q)
{
    const struct certs_text *ca = &s->content->certs.custom_ca;
    struct staging_delivery *d = deliver(s, q, STAGING_FILE);
    if (!d)
        return;
    if (!staging_take_text(s, d, ca->len)) {
        staging_give_delivery(s, d);
        q->answer->delivery = NULL;
        busy(q, "no room for the CA");
        return;
    }
    memcpy(d->text, ca->text, ca->len);
    q->answer->data = (const uint8_t *)d->text;
    q->answer->size = d->size = ca->len;
    q->answer->content_type = "application/x-x509-ca-cert";
    q->answer->no_store = true;
    q->answer->reason = "the CA of [https] custom_ca";
}

static void serve_name(struct staging *s, struct question *q)
{
    bool has_mac;
    struct mac mac;
    enum name_kind kind = name_classify(q->name, q->name_len, &has_mac, &mac);
    if (kind == NAME_PROFILE) {
        serve_profile(s, q);
        return;
    }
    if (is_custom_ca(s, q)) {
        serve_custom_ca(s, q);
        return;
    }
    const struct depot_item *item = depot_find(s->content->depot, q->name, q->name_len, NULL);
    if (item && item->image)
        serve_image(s, q, item);
    else if (kind == NAME_SPA_BIN)
        serve_next_rung(s, q);
    else if (item)
        serve_content(s, q, item, STAGING_FILE);
    else if (kind == NAME_OTHER && q->asker.has_agent)
        serve_profile(s, q);
    else
        refuse(q, "no such name");
}

void staging_ask(struct staging *s, const struct staging_request *request, struct staging_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    struct question q = {.request = request, .answer = answer};
    name_last_part(request->path, request->path_len, &q.name, &q.name_len);
    staging_identify(s, request, q.name, q.name_len, &q.asker);
    if (request->carrier == CARRIER_HTTPS && q.asker.phone && !q.asker.by_name && !q.asker.doubt)
        staging_https_seen(s, q.asker.phone, request);
    if (s->out_of_service)
        busy(&q, "the card has errors: nothing goes out");
    else
        serve_name(s, &q);
    if (answer->kind == STAGING_NOT_FOUND || answer->kind == STAGING_BUSY)
        staging_log(s, PORT_INFO, q.asker.phone, "%s %.*s: %s", carrier_name(request->carrier), (int)q.name_len, q.name,
                    answer->reason);
}
