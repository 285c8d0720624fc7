#include "app/record/journal.h"

#include "app/record/encode.h"
#include "app/record/journal_sector.h"

#include <stdio.h>
#include <string.h>

#define STEP_BYTES 4096 /* of a snapshot, in one turn */
#define POLL_MS 20
#define NO_ROOM PORT_E_TOOBIG /* of the file, not of the card */

static struct journal_file *current(struct journal *j)
{
    return &j->file[j->current];
}

static struct journal_file *other(struct journal *j)
{
    return &j->file[1 - j->current];
}

static bool is_filling(const struct journal *j)
{
    return j->mode == JOURNAL_SNAPSHOT || j->mode == JOURNAL_SETTLING;
}

static uint32_t sectors_for(size_t bytes)
{
    return bytes == 0 ? 1 : (uint32_t)((bytes + SECTOR_ROOM - 1) / SECTOR_ROOM);
}

static void set_error(struct journal *j, int error)
{
    const char *why = error == NO_ROOM ? "the journal is too small" : port_error_sentence(j->port);
    j->error = error;
    snprintf(j->sentence, sizeof j->sentence, "what happens cannot be kept in state/: %.180s", why ? why : "");
}

/* -- writing one batch into one file -- */

static int write_bytes(struct journal *j, struct journal_file *f, enum sector_kind kind, const uint8_t *bytes,
                       size_t len, uint64_t now_ms)
{
    uint32_t parts = sectors_for(len);
    if (parts > f->sectors - f->next)
        return NO_ROOM;
    for (uint32_t part = 0; part < parts; part++) {
        size_t from = (size_t)part * SECTOR_ROOM;
        size_t left = len - from;
        struct sector_head head = {.state_id = j->state_id,
                                   .generation = f->generation,
                                   .index = f->next + part,
                                   .batch = f->batch,
                                   .synced = f->synced,
                                   .part = (uint16_t)part,
                                   .parts = (uint16_t)parts,
                                   .used = (uint16_t)(left < SECTOR_ROOM ? left : SECTOR_ROOM),
                                   .kind = (uint8_t)kind};
        sector_write(&head, bytes + from, j->image + (size_t)part * JOURNAL_SECTOR);
    }
    int error =
        port_store_write(f->store, (uint64_t)f->next * JOURNAL_SECTOR, j->image, (size_t)parts * JOURNAL_SECTOR);
    if (error < 0)
        return error;
    f->next += parts;
    f->batch++;
    if (f->dirty_ms == UINT64_MAX)
        f->dirty_ms = now_ms;
    return 0;
}

static int write_batch(struct journal *j, struct journal_file *f, enum sector_kind kind,
                       const struct journal_batch *batch, uint64_t now_ms)
{
    return write_bytes(j, f, kind, batch->bytes, batch->len, now_ms);
}

/* A sector that says something by its kind alone. */
static int write_mark(struct journal *j, struct journal_file *f, enum sector_kind kind, uint64_t now_ms)
{
    static const uint8_t nothing[1];
    return write_bytes(j, f, kind, nothing, 0, now_ms);
}

static bool add_record(struct journal_batch *batch, uint8_t type, uint8_t version, const void *payload, size_t len)
{
    struct encoder e;
    encoder_init(&e, batch->bytes + batch->len, SECTOR_BATCH_MAX - batch->len);
    encode_u8(&e, type);
    encode_u8(&e, version);
    encode_u16(&e, (uint16_t)len);
    encode_bytes(&e, payload, len);
    if (!e.failed)
        batch->len += e.len;
    return !e.failed;
}

/* -- syncs -- */

/* Notes a sync that is over, and starts one that is due. */
static void sync_file(struct journal *j, struct journal_file *f, uint64_t now_ms, bool at_once)
{
    if (f->syncing > f->synced && port_store_synced(f->store))
        f->synced = f->syncing;
    if (f->dirty_ms == UINT64_MAX || (!at_once && now_ms - f->dirty_ms < JOURNAL_SYNC_MS))
        return;
    if (f->syncing > f->synced) { /* one at a time, so that it is known what it was for */
        j->poll_ms = now_ms + POLL_MS;
        return;
    }
    port_store_sync(f->store);
    f->syncing = f->batch;
    f->dirty_ms = UINT64_MAX;
}

/* -- snapshots -- */

/* The file that was being filled did not take something: it will be filled anew later. */
static void give_up_filling(struct journal *j, int error, uint64_t now_ms)
{
    set_error(j, error);
    j->mode = j->lagging ? JOURNAL_BROKEN : JOURNAL_RUNNING;
    j->retry_ms = now_ms + JOURNAL_RETRY_MS;
}

static void begin_snapshot(struct journal *j)
{
    struct journal_file *f = other(j);
    uint32_t newest = j->file[0].generation > j->file[1].generation ? j->file[0].generation : j->file[1].generation;
    f->generation = newest + 1;
    f->next = f->batch = f->end = f->end_batch = f->synced = f->syncing = 0;
    f->dirty_ms = UINT64_MAX;
    j->cursor = 0;
    j->shot.len = 0;
    j->mode = JOURNAL_SNAPSHOT;
}

static void flush_shot(struct journal *j, enum sector_kind kind, uint64_t now_ms)
{
    int error = write_batch(j, other(j), kind, &j->shot, now_ms);
    j->shot.len = 0;
    if (error < 0)
        give_up_filling(j, error, now_ms);
}

/* One step: some records, or the end. */
static void step_snapshot(struct journal *j, uint64_t now_ms)
{
    bool more = true;
    while (more && j->mode == JOURNAL_SNAPSHOT && j->shot.len < STEP_BYTES)
        more = j->snapshot(j->ctx, j, &j->cursor);
    if (j->mode == JOURNAL_SNAPSHOT && j->shot.len > 0)
        flush_shot(j, SECTOR_SNAPSHOT, now_ms);
    if (more || j->mode != JOURNAL_SNAPSHOT)
        return;
    flush_shot(j, SECTOR_END, now_ms);
    if (j->mode != JOURNAL_SNAPSHOT)
        return;
    struct journal_file *f = other(j);
    f->end = f->next;
    f->end_batch = f->batch - 1;
    j->mode = JOURNAL_SETTLING;
    sync_file(j, f, now_ms, true);
    j->poll_ms = now_ms + POLL_MS;
}

static void run_snapshot(struct journal *j, uint64_t now_ms)
{
    while (j->mode == JOURNAL_SNAPSHOT)
        step_snapshot(j, now_ms);
}

/* The other file counts from now on. The old one says so at its end, where it can: should the new one
 * ever be missing, the old one is known to be out of date. */
static void change_over(struct journal *j, uint64_t now_ms)
{
    struct journal_file *old = current(j);
    if (old->generation > 0 && write_mark(j, old, SECTOR_RETIRED, now_ms) == 0)
        port_store_sync(old->store);
    j->current = 1 - j->current;
    j->lagging = false;
    j->mode = JOURNAL_RUNNING;
    j->error = 0;
    j->sentence[0] = '\0';
}

/* Once the snapshot is on the card. A failed sync shows only in the next write: so one is made, and it
 * carries the proof that the snapshot is on the card. */
static void settle(struct journal *j, uint64_t now_ms)
{
    struct journal_file *f = other(j);
    sync_file(j, f, now_ms, f->synced <= f->end_batch);
    j->poll_ms = now_ms + POLL_MS;
    if (f->synced <= f->end_batch)
        return;
    int error = write_mark(j, f, SECTOR_ALONE, now_ms);
    if (error < 0)
        give_up_filling(j, error, now_ms);
    else
        change_over(j, now_ms);
}

/* -- records of a turn -- */

/* One sector of the current file is kept for the mark that it is retired. */
static bool has_room(const struct journal_file *f, uint32_t parts)
{
    return f->sectors - f->next > parts;
}

/* Makes sure that the files that take records have room for `parts` more sectors. Waits for a
 * snapshot only where it could not be made in time. */
static void make_room(struct journal *j, uint32_t parts, uint64_t now_ms)
{
    if (j->mode == JOURNAL_SNAPSHOT && !j->lagging && !has_room(current(j), parts))
        run_snapshot(j, now_ms);
    if (j->mode == JOURNAL_SETTLING && !j->lagging && !has_room(current(j), parts))
        j->lagging = true;
    if (j->mode == JOURNAL_SETTLING && j->lagging && !has_room(other(j), parts))
        change_over(j, now_ms); /* before it is synced: a power cut now would find the older file */
    if (j->mode == JOURNAL_RUNNING && !has_room(current(j), parts)) {
        begin_snapshot(j);
        run_snapshot(j, now_ms);
        j->lagging = true;
        if (j->mode == JOURNAL_RUNNING)
            j->mode = JOURNAL_BROKEN;
    }
}

static void write_turn(struct journal *j, uint64_t now_ms)
{
    if (j->turn.len == 0)
        return;
    make_room(j, sectors_for(j->turn.len), now_ms);
    if (!j->lagging) {
        int error = write_batch(j, current(j), SECTOR_ALONE, &j->turn, now_ms);
        if (error < 0) {
            set_error(j, error);
            j->lagging = true;
            if (!is_filling(j)) {
                j->mode = JOURNAL_BROKEN;
                j->retry_ms = now_ms + JOURNAL_RETRY_MS;
            }
        }
    }
    if (is_filling(j)) {
        int error = write_batch(j, other(j), SECTOR_BESIDE, &j->turn, now_ms);
        if (error < 0)
            give_up_filling(j, error, now_ms);
    }
    j->turn.len = 0;
}

bool journal_put(struct journal *j, uint8_t type, uint8_t version, const void *payload, size_t len, uint64_t now_ms)
{
    if (len > JOURNAL_PAYLOAD_MAX)
        return false;
    if (j->mode == JOURNAL_CLOSED || j->mode == JOURNAL_BROKEN)
        return true;
    if (j->turn.len + SECTOR_RECORD_HEAD + len > SECTOR_BATCH_MAX)
        write_turn(j, now_ms);
    return add_record(&j->turn, type, version, payload, len);
}

bool journal_snapshot_put(struct journal *j, uint8_t type, uint8_t version, const void *payload, size_t len)
{
    if (len > JOURNAL_PAYLOAD_MAX)
        return false;
    if (j->mode != JOURNAL_SNAPSHOT) /* given up in the middle of this call */
        return true;
    if (j->shot.len + SECTOR_RECORD_HEAD + len > SECTOR_BATCH_MAX)
        flush_shot(j, SECTOR_SNAPSHOT, 0); /* a sync is due at once */
    return add_record(&j->shot, type, version, payload, len);
}

int journal_commit(struct journal *j, uint64_t now_ms)
{
    if (j->mode == JOURNAL_BROKEN)
        j->turn.len = 0;
    write_turn(j, now_ms);
    return j->error;
}

/* -- the loop -- */

static bool wants_snapshot(const struct journal *j, uint64_t now_ms)
{
    const struct journal_file *f = &j->file[j->current];
    return now_ms >= j->retry_ms && f->next > f->sectors - f->sectors / 4 && f->next - f->end >= f->sectors / 8;
}

int journal_start(struct journal *j, journal_snapshot_fn *snapshot, void *ctx, uint64_t now_ms)
{
    if (!j->file[0].store || !j->file[1].store)
        return j->error;
    j->snapshot = snapshot;
    j->ctx = ctx;
    j->lagging = true;
    begin_snapshot(j);
    run_snapshot(j, now_ms);
    return j->error;
}

int journal_turn(struct journal *j, uint64_t now_ms)
{
    if (j->mode == JOURNAL_CLOSED)
        return j->error;
    journal_commit(j, now_ms);
    j->poll_ms = UINT64_MAX;
    if (!j->lagging)
        sync_file(j, current(j), now_ms, false);
    if (is_filling(j))
        sync_file(j, other(j), now_ms, false);
    if (j->mode == JOURNAL_SETTLING)
        settle(j, now_ms);
    else if ((j->mode == JOURNAL_RUNNING && wants_snapshot(j, now_ms)) ||
             (j->mode == JOURNAL_BROKEN && now_ms >= j->retry_ms))
        begin_snapshot(j);
    else if (j->mode == JOURNAL_SNAPSHOT)
        step_snapshot(j, now_ms);
    return j->error;
}

bool journal_behind(const struct journal *j)
{
    for (unsigned i = 0; i < 2; i++)
        if (j->file[i].store && !port_store_written(j->file[i].store))
            return true;
    return false;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t sync_deadline(const struct journal_file *f)
{
    return f->dirty_ms == UINT64_MAX ? UINT64_MAX : f->dirty_ms + JOURNAL_SYNC_MS;
}

uint64_t journal_deadline(const struct journal *j)
{
    const struct journal_file *f = &j->file[j->current];
    uint64_t at = UINT64_MAX;
    switch (j->mode) {
    case JOURNAL_CLOSED:
        return UINT64_MAX;
    case JOURNAL_SNAPSHOT:
        return 0;
    case JOURNAL_BROKEN:
        return j->retry_ms;
    case JOURNAL_SETTLING:
        at = j->poll_ms;
        break;
    case JOURNAL_RUNNING:
        if (wants_snapshot(j, UINT64_MAX))
            at = j->retry_ms;
        break;
    }
    if (j->turn.len > 0)
        return 0;
    if (!j->lagging)
        at = sooner(at, f->syncing > f->synced && j->poll_ms != UINT64_MAX ? j->poll_ms : sync_deadline(f));
    return at;
}

const char *journal_sentence(const struct journal *j)
{
    return j->sentence;
}

void journal_close(struct journal *j, uint64_t now_ms)
{
    if (j->mode != JOURNAL_CLOSED) {
        journal_commit(j, now_ms);
        for (unsigned i = 0; i < 2; i++)
            port_store_sync(j->file[i].store);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (j->file[i].store)
            port_store_close(j->file[i].store);
        j->file[i].store = NULL;
    }
    j->mode = JOURNAL_CLOSED;
}
