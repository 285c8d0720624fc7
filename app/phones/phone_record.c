#include "app/phones/phone_record.h"

#include <string.h>

#include "app/record/encode.h"

static void put_moment(struct encoder *e, struct moment m)
{
    encode_bool(e, m.set);
    encode_i64(e, m.wall_ms);
}

/* Uptimes end with the run: only the wall clock's time is kept. */
static struct moment get_moment(struct decoder *d)
{
    struct moment m = {.set = decode_bool(d)};
    m.wall_ms = decode_i64(d);
    return m;
}

/* One that is mostly the same as another one that stands before it. */
static void put_moment_beside(struct encoder *e, struct moment m, struct moment other)
{
    bool same = m.set == other.set && m.wall_ms == other.wall_ms;
    encode_bool(e, same);
    if (!same)
        put_moment(e, m);
}

static struct moment get_moment_beside(struct decoder *d, struct moment other)
{
    return decode_bool(d) ? other : get_moment(d);
}

static void put_version(struct encoder *e, const struct version *v)
{
    for (int i = 0; i < 3; i++)
        encode_u16(e, v->number[i]);
    encode_u8(e, (uint8_t)v->letter);
    encode_text(e, v->suffix);
}

static struct version get_version(struct decoder *d)
{
    struct version v;
    memset(&v, 0, sizeof v);
    for (int i = 0; i < 3; i++)
        v.number[i] = decode_u16(d);
    v.letter = (char)decode_u8(d);
    decode_text(d, v.suffix, sizeof v.suffix);
    return v;
}

static void put_key(struct encoder *e, const struct phone *phone)
{
    encode_bytes(e, phone->mac.b, sizeof phone->mac.b);
    encode_text(e, phone->serial);
}

size_t phone_key_put(const struct phone *phone, uint8_t out[PHONE_KEY_MAX])
{
    struct encoder e;
    encoder_init(&e, out, PHONE_KEY_MAX);
    put_key(&e, phone);
    return e.len;
}

int phone_key_order(struct mac a, const char *a_serial, struct mac b, const char *b_serial)
{
    int by_mac = memcmp(a.b, b.b, sizeof a.b);
    return by_mac ? by_mac : strcmp(a_serial, b_serial);
}

static void get_key(struct decoder *d, struct phone_key *key)
{
    decode_bytes(d, key->mac.b, sizeof key->mac.b);
    decode_text(d, key->serial, sizeof key->serial);
}

bool phone_key_get(const void *payload, size_t len, struct phone_key *key)
{
    struct decoder d;
    decoder_init(&d, payload, len);
    get_key(&d, key);
    return !d.failed;
}

static void put_offer(struct encoder *e, const struct offer *o)
{
    encode_text(e, o->file);
    put_version(e, &o->from);
    put_version(e, &o->to);
    encode_u32(e, o->token);
    encode_u8(e, (uint8_t)o->carrier);
    put_moment(e, o->at);
    put_moment(e, o->fetched);
    encode_u32(e, o->refetches);
    put_moment(e, o->loading);
    put_moment(e, o->whole);
    put_moment(e, o->rebooted);
}

static void get_offer(struct decoder *d, struct offer *o)
{
    decode_text(d, o->file, sizeof o->file);
    o->from = get_version(d);
    o->to = get_version(d);
    o->token = decode_u32(d);
    uint8_t carrier = decode_u8(d);
    o->carrier = carrier <= CARRIER_HTTPS ? (enum carrier)carrier : CARRIER_HTTP;
    o->at = get_moment(d);
    o->fetched = get_moment(d);
    o->refetches = decode_u32(d);
    o->loading = get_moment(d);
    o->whole = get_moment(d);
    o->rebooted = get_moment(d);
}

static void put_facts(struct encoder *e, const struct phone *p)
{
    encode_text(e, p->model);
    encode_u32(e, p->address);
    encode_bool(e, p->has_version);
    put_version(e, &p->version);
    put_moment(e, p->version_at);
    put_version(e, &p->first_version);
    put_moment(e, p->first_seen);
    put_moment(e, p->last_seen);
    put_moment(e, p->asked);
    encode_u8(e, (uint8_t)p->stage);
    encode_bool(e, p->has_stage);
    encode_bool(e, p->holds_rule);
    put_offer(e, &p->offer);
    encode_u32(e, p->attempts);
    put_moment(e, p->remedy_at);
    put_moment(e, p->configured);
    put_moment(e, p->started);
    put_moment(e, p->done_at);
    encode_u32(e, p->next_token);
    encode_bool(e, p->ignored);
    encode_bool(e, p->needs_hand);
    encode_u8(e, (uint8_t)p->note_level);
    encode_text(e, p->note);
}

static void get_facts(struct decoder *d, struct phone *p)
{
    decode_text(d, p->model, sizeof p->model);
    p->family = family_of_model(p->model);
    p->address = decode_u32(d);
    p->has_version = decode_bool(d);
    p->version = get_version(d);
    p->version_at = get_moment(d);
    p->first_version = get_version(d);
    p->first_seen = get_moment(d);
    p->last_seen = get_moment(d);
    p->asked = get_moment(d);
    uint8_t stage = decode_u8(d);
    p->stage = stage <= STAGE_IDLE ? (enum stage)stage : STAGE_IDLE;
    p->has_stage = decode_bool(d);
    p->holds_rule = decode_bool(d);
    get_offer(d, &p->offer);
    p->attempts = decode_u32(d);
    p->remedy_at = get_moment(d);
    p->configured = get_moment(d);
    p->started = get_moment(d);
    p->done_at = get_moment(d);
    p->next_token = decode_u32(d);
    p->ignored = decode_bool(d);
    p->needs_hand = decode_bool(d);
    uint8_t level = decode_u8(d);
    p->note_level = level <= NOTE_HAND ? (enum note_level)level : NOTE_HINT;
    decode_text(d, p->note, sizeof p->note);
}

static bool write_rung(const struct phone *phone, unsigned i, phone_record_put *put, void *ctx)
{
    const struct rung_done *rung = &phone->history[i];
    uint8_t payload[JOURNAL_PAYLOAD_MAX];
    struct encoder e;
    encoder_init(&e, payload, sizeof payload);
    put_key(&e, phone);
    encode_u8(&e, (uint8_t)i);
    encode_text(&e, rung->file);
    put_version(&e, &rung->from);
    put_version(&e, &rung->to);
    put_moment(&e, rung->at);
    encode_u32(&e, rung->seconds);
    return !e.failed && put(ctx, RECORD_RUNG, PHONE_RECORD_VERSION, payload, e.len);
}

static bool met_https(const struct handover *h)
{
    return h->count > 0 || h->told || h->got_ca || h->got_display;
}

static bool write_handover(const struct phone *phone, phone_record_put *put, void *ctx)
{
    const struct handover *h = &phone->handover;
    uint8_t payload[JOURNAL_PAYLOAD_MAX];
    struct encoder e;
    encoder_init(&e, payload, sizeof payload);
    put_key(&e, phone);
    encode_u8(&e, (uint8_t)h->count);
    for (size_t i = 0; i < h->count; i++) {
        encode_u64(&e, h->tries[i].certificate);
        put_version(&e, &h->tries[i].version);
        encode_u8(&e, h->tries[i].probes);
        encode_u8(&e, h->tries[i].refusals);
        encode_bool(&e, h->tries[i].seen);
    }
    encode_u64(&e, h->told);
    put_version(&e, &h->told_at);
    put_moment(&e, h->told_when);
    encode_text(&e, h->refusal);
    encode_bool(&e, h->no_certificate);
    encode_bool(&e, h->got_ca);
    encode_bool(&e, h->got_display);
    return !e.failed && put(ctx, RECORD_HANDOVER, PHONE_RECORD_VERSION, payload, e.len);
}

bool phone_record_write(const struct phone *phone, phone_record_put *put, void *ctx)
{
    uint8_t payload[JOURNAL_PAYLOAD_MAX];
    struct encoder e;
    encoder_init(&e, payload, sizeof payload);
    put_key(&e, phone);
    put_facts(&e, phone);
    if (e.failed || !put(ctx, RECORD_PHONE, PHONE_RECORD_VERSION, payload, e.len))
        return false;
    for (unsigned i = 0; i < phone->history_count; i++)
        if (!write_rung(phone, i, put, ctx))
            return false;
    return !met_https(&phone->handover) || write_handover(phone, put, ctx);
}

bool phone_seen_write(const struct phone *phone, phone_record_put *put, void *ctx)
{
    uint8_t payload[PHONE_KEY_MAX + 64];
    struct encoder e;
    encoder_init(&e, payload, sizeof payload);
    put_key(&e, phone);
    encode_u32(&e, phone->address);
    put_moment(&e, phone->last_seen);
    put_moment_beside(&e, phone->asked, phone->last_seen);
    put_moment_beside(&e, phone->version_at, phone->last_seen);
    return !e.failed && put(ctx, RECORD_SEEN, PHONE_RECORD_VERSION, payload, e.len);
}

bool phone_seen_read(struct phone *phone, const struct journal_record *record)
{
    struct phone_key key;
    struct decoder d;
    decoder_init(&d, record->payload, record->len);
    get_key(&d, &key);
    ip4 address = decode_u32(&d);
    struct moment last_seen = get_moment(&d);
    struct moment asked = get_moment_beside(&d, last_seen);
    struct moment version_at = get_moment_beside(&d, last_seen);
    if (d.failed || record->version != PHONE_RECORD_VERSION)
        return false;
    phone->address = address;
    phone->last_seen = last_seen;
    phone->asked = asked;
    phone->version_at = version_at;
    return true;
}

bool phone_record_read(struct phone *phone, const struct journal_record *record)
{
    struct phone fresh = *phone;
    struct phone_key key;
    struct decoder d;
    decoder_init(&d, record->payload, record->len);
    get_key(&d, &key);
    get_facts(&d, &fresh);
    if (d.failed || record->version != PHONE_RECORD_VERSION)
        return false;
    *phone = fresh;
    return true;
}

bool phone_rung_read(struct phone *phone, const struct journal_record *record)
{
    struct rung_done rung;
    struct phone_key key;
    struct decoder d;
    decoder_init(&d, record->payload, record->len);
    get_key(&d, &key);
    unsigned i = decode_u8(&d);
    decode_text(&d, rung.file, sizeof rung.file);
    rung.from = get_version(&d);
    rung.to = get_version(&d);
    rung.at = get_moment(&d);
    rung.seconds = decode_u32(&d);
    if (d.failed || i >= PHONE_HISTORY_MAX || record->version != PHONE_RECORD_VERSION)
        return false;
    phone->history[i] = rung;
    if (i >= phone->history_count)
        phone->history_count = i + 1;
    return true;
}

static void get_tries(struct decoder *d, struct handover *h)
{
    h->count = decode_u8(d);
    if (h->count > HANDOVER_TRIES)
        d->failed = true;
    for (size_t i = 0; !d->failed && i < h->count; i++) {
        h->tries[i].certificate = decode_u64(d);
        h->tries[i].version = get_version(d);
        h->tries[i].probes = decode_u8(d);
        h->tries[i].refusals = decode_u8(d);
        h->tries[i].seen = decode_bool(d);
    }
}

bool phone_handover_read(struct phone *phone, const struct journal_record *record)
{
    struct handover fresh;
    struct phone_key key;
    struct decoder d;
    memset(&fresh, 0, sizeof fresh);
    decoder_init(&d, record->payload, record->len);
    get_key(&d, &key);
    get_tries(&d, &fresh);
    fresh.told = decode_u64(&d);
    fresh.told_at = get_version(&d);
    fresh.told_when = get_moment(&d);
    decode_text(&d, fresh.refusal, sizeof fresh.refusal);
    fresh.no_certificate = decode_bool(&d);
    fresh.got_ca = decode_bool(&d);
    fresh.got_display = decode_bool(&d);
    if (d.failed || record->version != PHONE_RECORD_VERSION)
        return false;
    phone->handover = fresh;
    return true;
}
