/* What staging keeps in the journal, and gets back from it. */
#include "app/staging/core.h"

#include <string.h>

#include "app/record/encode.h"
#include "app/staging/targets.h"

#define BATCH_RECORD_VERSION 1
#define CLAIM_RECORD_VERSION 1

static bool put_now(void *ctx, uint8_t type, uint8_t version, const void *payload, size_t len)
{
    struct staging *s = ctx;
    return journal_put(s->journal, type, version, payload, len, port_now_ms(s->port));
}

static bool put_snapshot(void *ctx, uint8_t type, uint8_t version, const void *payload, size_t len)
{
    return journal_snapshot_put(ctx, type, version, payload, len);
}

static bool put_batch(const struct staging *s, phone_record_put *put, void *ctx)
{
    uint8_t payload[8];
    struct encoder e;
    encoder_init(&e, payload, sizeof payload);
    encode_bool(&e, s->paused);
    encode_u32(&e, s->token_base);
    return put(ctx, RECORD_BATCH, BATCH_RECORD_VERSION, payload, e.len);
}

static bool write_claim(const struct inventory_claim *claim, phone_record_put *put, void *ctx)
{
    uint8_t payload[24];
    struct encoder e;
    encoder_init(&e, payload, sizeof payload);
    encode_bytes(&e, claim->mac.b, sizeof claim->mac.b);
    encode_u64(&e, claim->digest);
    encode_u32(&e, claim->line);
    return put(ctx, RECORD_CLAIM, CLAIM_RECORD_VERSION, payload, e.len);
}

static void keep_claim(struct staging *s, const struct inventory_claim *claim)
{
    size_t at = 0;
    while (at < s->claim_count && !mac_equal(s->claims[at].mac, claim->mac))
        at++;
    if (at == s->claim_places)
        return;
    if (at == s->claim_count)
        s->claim_count++;
    s->claims[at] = *claim;
}

void staging_put_targets(struct staging *s)
{
    targets_write(&s->content->ladder, put_now, s);
}

void staging_put_claim(struct staging *s, const struct inventory_claim *claim)
{
    keep_claim(s, claim);
    write_claim(claim, put_now, s);
}

bool staging_commit(struct staging *s)
{
    for (size_t i = 0; i < s->dirty_count; i++) {
        if (s->dirty[i]->unsaved == PHONE_SEEN)
            phone_seen_write(s->dirty[i], put_now, s);
        else
            phone_record_write(s->dirty[i], put_now, s);
        s->dirty[i]->unsaved = PHONE_SAVED;
    }
    s->dirty_count = 0;
    if (s->batch_dirty)
        put_batch(s, put_now, s);
    s->batch_dirty = false;
    bool ok = journal_commit(s->journal, port_now_ms(s->port)) == 0;
    if (!ok && !s->journal_failed)
        staging_warn(s, "journal", journal_sentence(s->journal));
    if (ok && s->journal_failed)
        staging_warn(s, "journal", NULL);
    s->journal_failed = !ok;
    return ok;
}

bool staging_behind(const struct staging *s)
{
    return journal_behind(s->journal);
}

/* The phone is forgotten: its line of the inventory is free again. The claim that takes the place of the
 * one that goes may have been passed by a running snapshot, so it is put once more. */
void staging_drop_claim(struct staging *s, struct mac mac)
{
    struct record_gone gone = {.type = RECORD_CLAIM, .key_len = sizeof mac.b};
    uint8_t payload[RECORD_KEY_MAX + 8];
    size_t at = 0;
    while (at < s->claim_count && !mac_equal(s->claims[at].mac, mac))
        at++;
    if (at == s->claim_count)
        return;
    inventory_release(&s->content->inventory, mac);
    memcpy(gone.key, mac.b, sizeof mac.b);
    put_now(s, RECORD_GONE, CLAIM_RECORD_VERSION, payload, record_gone_put(&gone, payload, sizeof payload));
    s->claims[at] = s->claims[--s->claim_count];
    if (at < s->claim_count)
        write_claim(&s->claims[at], put_now, s);
}

#define AT_RETIRED (UINT64_C(1) << 31)
#define AT_PHONES (UINT64_C(1) << 32)

/* False: that was the last. */
static bool snapshot_one(const struct staging *s, struct journal *journal, uint64_t *cursor)
{
    if (*cursor < AT_RETIRED && *cursor >= s->claim_count)
        *cursor = AT_RETIRED;
    if (*cursor >= AT_RETIRED && *cursor < AT_PHONES && *cursor - AT_RETIRED >= s->retired.highest)
        *cursor = AT_PHONES;
    uint64_t at = (*cursor)++;
    if (at < AT_RETIRED)
        return write_claim(&s->claims[at], put_snapshot, journal);
    if (at < AT_PHONES) {
        retired_write(&s->retired.place[at - AT_RETIRED], put_snapshot, journal);
        return true;
    }
    size_t place = (size_t)(at - AT_PHONES);
    if (place >= s->registry.highest)
        return false;
    if (s->registry.pool[place].used)
        phone_record_write(&s->registry.pool[place], put_snapshot, journal);
    return true;
}

/* Cursor: 0 the batch's own record and the first claim; then claims; from AT_RETIRED on retired phones, so that each is done
 * with before there is no place when they are read; from AT_PHONES on phones by their places. */
bool staging_snapshot(struct staging *s, struct journal *journal, uint64_t *cursor)
{
    if (*cursor == 0)
        put_batch(s, put_snapshot, journal);
    if (*cursor == 0)
        targets_write(&s->content->ladder, put_snapshot, journal);
    for (int n = 0; n < 8; n++)
        if (!snapshot_one(s, journal, cursor))
            return false;
    return true;
}

/* -- back from the journal -------------------------------------------------------------------------- */

static struct phone *phone_of_key(struct staging *s, const struct phone_key *key)
{
    return mac_is_zero(key->mac) ? registry_by_serial(&s->registry, key->serial)
                                 : registry_by_mac(&s->registry, key->mac);
}

static void restore_phone(struct staging *s, const struct journal_record *record)
{
    struct phone_key key;
    if (!phone_key_get(record->payload, record->len, &key))
        return;
    struct phone *phone = phone_of_key(s, &key);
    if (!phone)
        phone = staging_restore_place(s, &key, record->type != RECORD_SEEN);
    if (!phone)
        return;
    if (record->type == RECORD_SEEN) {
        phone_seen_read(phone, record);
        return;
    }
    if (key.serial[0])
        registry_set_serial(&s->registry, phone, key.serial);
    if (record->type == RECORD_PHONE) {
        phone->history_count = 0;
        memset(&phone->handover, 0, sizeof phone->handover);
        phone_record_read(phone, record);
    } else if (record->type == RECORD_RUNG) {
        phone_rung_read(phone, record);
    } else {
        phone_handover_read(phone, record);
    }
}

static void restore_batch(struct staging *s, const struct journal_record *record)
{
    struct decoder d;
    decoder_init(&d, record->payload, record->len);
    bool paused = decode_bool(&d);
    uint32_t base = decode_u32(&d);
    if (d.failed)
        return;
    s->paused = paused;
    s->token_base = base;
}

static void restore_claim(struct staging *s, const struct journal_record *record)
{
    struct inventory_claim claim = {.row = INVENTORY_NONE};
    struct decoder d;
    decoder_init(&d, record->payload, record->len);
    decode_bytes(&d, claim.mac.b, sizeof claim.mac.b);
    claim.digest = decode_u64(&d);
    claim.line = decode_u32(&d);
    if (!d.failed)
        keep_claim(s, &claim);
}

static bool restore_gone(struct staging *s, const struct journal_record *record)
{
    struct record_gone gone;
    struct phone_key key;
    if (!record_gone_get(&gone, record->payload, record->len))
        return false;
    if (gone.type == RECORD_PHONE && phone_key_get(gone.key, gone.key_len, &key)) {
        struct phone *phone = phone_of_key(s, &key);
        struct retired_phone *retired = mac_is_zero(key.mac) ? NULL : retired_find(&s->retired, key.mac, "");
        if (phone)
            registry_remove(&s->registry, phone);
        else if (retired)
            retired_drop(&s->retired, retired);
    }
    if (gone.type == RECORD_CLAIM)
        for (size_t i = 0; i < s->claim_count; i++)
            if (memcmp(s->claims[i].mac.b, gone.key, sizeof s->claims[i].mac.b) == 0)
                s->claims[i--] = s->claims[--s->claim_count];
    return gone.type == RECORD_PHONE || gone.type == RECORD_CLAIM;
}

bool staging_restore(struct staging *s, const struct journal_record *record)
{
    switch (record->type) {
    case RECORD_BATCH:
        restore_batch(s, record);
        return true;
    case RECORD_PHONE:
    case RECORD_RUNG:
    case RECORD_HANDOVER:
    case RECORD_SEEN:
        restore_phone(s, record);
        return true;
    case RECORD_CLAIM:
        restore_claim(s, record);
        return true;
    case RECORD_GONE:
        return restore_gone(s, record);
    case RECORD_TARGET:
        targets_restore(&s->content->ladder, record);
        return true;
    default:
        return false;
    }
}
