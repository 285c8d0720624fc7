/* Reading the journal's two files at start. Each is gone over three times, a few sectors at a time:
 * for its generation, for which batches are whole, and for their records. */
#include "app/record/journal_sector.h"

#include "app/record/encode.h"

#include <stdio.h>
#include <string.h>

/* What is known of a file. */
struct survey {
    uint32_t generation; /* 0: no sound sector */
    uint32_t state_id;
    uint32_t synced;  /* the highest that any of its sectors tells */
    uint32_t damaged; /* sectors */
    uint32_t end;     /* sector behind the last sound one */
    uint32_t batches; /* highest number of a batch that any sector tells, + 1 */
    bool alone;       /* it has counted */
    bool retired;     /* ...and does not any more */
    uint32_t whole;   /* batches that are whole */
    uint32_t limit;   /* batches from here on lie behind a gap of the last moment */
    bool complete;    /* the snapshot is whole */
};

/* One pass over a file. */
struct pass {
    struct journal *journal;
    struct journal_file *file;
    struct survey *survey;
    struct journal_loss *loss;
    void (*each)(void *ctx, const struct journal_record *record);
    void *ctx;
    /* The batch that is being put together, in journal->turn. */
    uint32_t batch;
    uint32_t got, parts; /* parts 0: none */
    uint32_t expected;   /* number of the next batch */
    bool gap;            /* in what came so far */
};

/* -- reading sectors -- */

/* Reads `count` sectors from `first` on into journal->image. What the card does not give is made to
 * look damaged (ones), what is behind the file's end empty. */
static void read_sectors(struct journal *j, struct journal_file *f, uint32_t first, uint32_t count)
{
    size_t len = (size_t)count * JOURNAL_SECTOR;
    memset(j->image, 0, len);
    if (port_store_read(f->store, (uint64_t)first * JOURNAL_SECTOR, j->image, len) >= 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *sector = j->image + (size_t)i * JOURNAL_SECTOR;
        if (port_store_read(f->store, (uint64_t)(first + i) * JOURNAL_SECTOR, sector, JOURNAL_SECTOR) < 0)
            memset(sector, 0xff, JOURNAL_SECTOR);
    }
}

static void each_sector(struct pass *p, void (*take)(struct pass *p, uint32_t index, const uint8_t *sector))
{
    for (uint32_t first = 0; first < p->file->sectors; first += JOURNAL_BATCH_SECTORS) {
        uint32_t left = p->file->sectors - first;
        uint32_t count = left < JOURNAL_BATCH_SECTORS ? left : JOURNAL_BATCH_SECTORS;
        read_sectors(p->journal, p->file, first, count);
        for (uint32_t i = 0; i < count; i++)
            take(p, first + i, p->journal->image + (size_t)i * JOURNAL_SECTOR);
    }
}

/* -- first pass: generation -- */

static void survey_sector(struct pass *p, uint32_t index, const uint8_t *sector)
{
    struct survey *s = p->survey;
    struct sector_head head;
    if (!sector_is_sound(sector) || !sector_head(sector, &head)) {
        s->damaged += !sector_is_empty(sector);
        return;
    }
    p->file->sound[index / 8] |= (uint8_t)(1u << index % 8);
    if (head.index != index || head.generation < s->generation)
        return;
    if (head.generation > s->generation)
        *s = (struct survey){.generation = head.generation, .state_id = head.state_id, .damaged = s->damaged};
    if (head.synced > s->synced)
        s->synced = head.synced;
    if (head.batch >= s->batches)
        s->batches = head.batch + 1;
    s->end = index + 1;
    s->alone |= head.kind == SECTOR_ALONE;
    s->retired |= head.kind == SECTOR_RETIRED;
}

/* -- second and third pass: batches -- */

/* Adds a sector to the batch that is being put together; true where that is whole then. */
static bool assemble(struct pass *p, uint32_t index, const uint8_t *sector, struct sector_head *head)
{
    struct journal_batch *batch = &p->journal->turn;
    bool sound = p->file->sound[index / 8] >> index % 8 & 1; /* as the first pass found it */
    bool ours = sound && sector_head(sector, head) && head->index == index &&
                head->generation == p->survey->generation && head->state_id == p->survey->state_id &&
                head->batch >= p->expected;
    if (ours && head->part == 0) {
        p->batch = head->batch;
        p->parts = head->parts;
        p->got = 0;
        batch->len = 0;
    }
    if (!ours || p->parts == 0 || head->batch != p->batch || head->part != p->got || head->parts != p->parts) {
        p->parts = 0;
        return false;
    }
    memcpy(batch->bytes + batch->len, sector + SECTOR_HEAD, head->used);
    batch->len += head->used;
    if (++p->got < p->parts)
        return false;
    p->parts = 0;
    return true;
}

static void survey_batch(struct pass *p, uint32_t index, const uint8_t *sector)
{
    struct survey *s = p->survey;
    struct sector_head head;
    if (!assemble(p, index, sector, &head))
        return;
    if (head.batch > p->expected) {
        uint32_t missing = p->expected > s->synced ? p->expected : s->synced;
        if (missing < head.batch && s->limit == UINT32_MAX)
            s->limit = missing;
        p->gap = true;
    }
    s->complete |= head.kind == SECTOR_END && !p->gap;
    s->whole++;
    p->expected = head.batch + 1;
}

/* Hands on the records of the batch in journal->turn. */
static void give_records(struct pass *p)
{
    const struct journal_batch *batch = &p->journal->turn;
    struct decoder d;
    decoder_init(&d, batch->bytes, batch->len);
    while (d.len > 0) {
        struct journal_record record;
        record.type = decode_u8(&d);
        record.version = decode_u8(&d);
        record.len = decode_u16(&d);
        if (d.failed || record.len > d.len || record.len > JOURNAL_PAYLOAD_MAX)
            return;
        record.payload = d.in;
        d.in += record.len;
        d.len -= record.len;
        p->loss->records++;
        p->each(p->ctx, &record);
    }
}

static void give_batch(struct pass *p, uint32_t index, const uint8_t *sector)
{
    struct sector_head head;
    if (!assemble(p, index, sector, &head))
        return;
    p->expected = head.batch + 1;
    if (head.batch < p->survey->limit)
        give_records(p);
    else
        p->loss->batches_undone++;
}

static void survey_file(struct journal *j, struct journal_file *f, struct survey *s)
{
    *s = (struct survey){.limit = UINT32_MAX};
    struct pass first = {.journal = j, .file = f, .survey = s};
    each_sector(&first, survey_sector);
    s->limit = UINT32_MAX;
    struct pass second = {.journal = j, .file = f, .survey = s};
    each_sector(&second, survey_batch);
}

static void give_file(struct pass *p)
{
    p->loss->batches_lost += p->survey->batches - p->survey->whole;
    each_sector(p, give_batch);
}

/* -- which file counts -- */

/* Chooses the files to read, in order; how many (0: there is nothing). */
static unsigned choose(const struct survey s[2], struct journal_loss *loss, unsigned order[2])
{
    unsigned newer = s[1].generation > s[0].generation ? 1 : 0;
    unsigned older = 1 - newer;
    order[0] = newer;
    if (s[newer].generation == 0)
        return 0;
    loss->foreign = s[older].generation > 0 && s[older].state_id != s[newer].state_id;
    bool has_older = s[older].generation > 0 && !loss->foreign;
    if (s[newer].complete || !has_older) {
        loss->snapshot_damaged = !s[newer].complete;
        loss->outdated = s[newer].retired;
        return 1;
    }
    if (!s[newer].alone && !s[older].retired) { /* a snapshot that was never finished: nobody needs it */
        order[0] = older;
        loss->snapshot_damaged = !s[older].complete;
        return 1;
    }
    loss->snapshot_damaged = true;
    order[0] = older;
    order[1] = newer;
    return 2;
}

static void make_state_id(struct journal *j)
{
    if (port_random(j->port, &j->state_id, sizeof j->state_id) < 0) { /* it only has to differ */
        int64_t wall = 0;
        port_wall_ms(j->port, &wall);
        uint64_t now = port_now_ms(j->port);
        j->state_id = sector_crc(&wall, sizeof wall) ^ sector_crc(&now, sizeof now);
    }
}

/* What a file has, so that it can be marked as retired. */
static void take_over(struct journal_file *f, const struct survey *s)
{
    f->generation = s->generation;
    f->next = s->end;
    f->batch = s->batches;
}

static int open_files(struct journal *j, const char *const paths[2], uint64_t size)
{
    for (unsigned i = 0; i < 2; i++) {
        struct journal_file *f = &j->file[i];
        int error = port_store_open(j->port, paths[i], size, &f->store);
        if (error < 0) {
            f->store = NULL;
            return error;
        }
        uint64_t sectors = port_store_size(f->store) / JOURNAL_SECTOR;
        f->sectors = sectors < JOURNAL_SECTORS_MAX ? (uint32_t)sectors : JOURNAL_SECTORS_MAX;
        f->dirty_ms = UINT64_MAX;
    }
    return 0;
}

int journal_load(struct journal *j, struct port *port, const char *path_a, const char *path_b, uint64_t size,
                 void (*each)(void *ctx, const struct journal_record *record), void *ctx, struct journal_loss *loss)
{
    struct survey survey[2];
    unsigned order[2];
    memset(j, 0, sizeof *j);
    *loss = (struct journal_loss){0};
    j->port = port;
    j->error = open_files(j, (const char *const[]){path_a, path_b}, size);
    if (j->error < 0) {
        snprintf(j->sentence, sizeof j->sentence, "what happens cannot be kept in state/: %.180s",
                 port_error_sentence(port));
        return j->error;
    }
    for (unsigned i = 0; i < 2; i++) {
        survey_file(j, &j->file[i], &survey[i]);
        loss->sectors_damaged += survey[i].damaged;
        take_over(&j->file[i], &survey[i]);
    }
    unsigned count = choose(survey, loss, order);
    for (unsigned i = 0; i < count; i++) {
        struct pass pass = {.journal = j,
                            .file = &j->file[order[i]],
                            .survey = &survey[order[i]],
                            .loss = loss,
                            .each = each,
                            .ctx = ctx};
        give_file(&pass);
    }
    j->turn.len = 0;
    j->fresh = count == 0;
    j->current = count == 0 ? 0 : order[count - 1];
    if (j->fresh)
        make_state_id(j);
    else
        j->state_id = survey[j->current].state_id;
    return 0;
}

bool journal_is_fresh(const struct journal *j)
{
    return j->fresh;
}

char *journal_state_id(const struct journal *j, char out[JOURNAL_STATE_ID_MAX])
{
    snprintf(out, JOURNAL_STATE_ID_MAX, "%08lx", (unsigned long)j->state_id);
    return out;
}

const char *journal_loss_text(const struct journal_loss *loss, char out[JOURNAL_SENTENCE_MAX])
{
    struct {
        bool said;
        const char *text;
    } whole[] = {{loss->outdated, "the newest file is gone, an older one was read"},
                 {loss->snapshot_damaged, "the snapshot has gaps"},
                 {loss->foreign, "one file is of another batch and was left out"}};
    const struct {
        uint32_t count;
        const char *text;
    } counts[] = {{loss->batches_lost, "lost batches"},
                  {loss->batches_undone, "batches behind a gap"},
                  {loss->sectors_damaged, "damaged sectors"}};
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < 3; i++) {
        if (whole[i].said)
            at += (size_t)snprintf(out + at, JOURNAL_SENTENCE_MAX - at, "%s%s", at ? ", " : "", whole[i].text);
    }
    for (size_t i = 0; i < 3; i++) {
        if (counts[i].count > 0)
            at += (size_t)snprintf(out + at, JOURNAL_SENTENCE_MAX - at, "%s%s: %lu", at ? ", " : "", counts[i].text,
                                   (unsigned long)counts[i].count);
    }
    return out;
}
