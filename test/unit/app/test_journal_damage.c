/* The journal on cards that cut, lose and reorder. */
#include "test/unit/app/journal_bench.h"

static uint32_t le32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* A journal whose current file is all but full, everything synced. `ends[i]`: bytes of the current file
 * behind which commit i is whole. */
struct filled {
    struct bench *b;
    unsigned store;
    size_t first; /* the first commit in the current file */
    size_t ends[HISTORY];
};

static void fill(struct filled *f, uint32_t seed, uint64_t size, unsigned changes_of_file)
{
    struct bench *b = f->b = bench_new(size, seed);
    unsigned was = b->journal.current;
    while (changes_of_file > 0) {
        bench_change(b);
        journal_turn(&b->journal, b->now += 50);
        changes_of_file -= was != b->journal.current;
        was = b->journal.current;
    }
    b->now += 5000;
    journal_turn(&b->journal, b->now);
    journal_turn(&b->journal, b->now);
    f->store = b->journal.current;
    f->first = b->commits;
    struct journal_file *file = &b->journal.file[f->store];
    f->ends[b->commits - 1] = (size_t)file->next * JOURNAL_SECTOR;
    while (file->sectors - file->next > 8) { /* no turns, so no further snapshot, but all is synced */
        bench_change(b);
        file->synced = file->batch;
        f->ends[b->commits - 1] = (size_t)file->next * JOURNAL_SECTOR;
    }
    b->now += 5000;
    port_store_sync(&b->card.store[f->store]);
}

/* What the newest file gives when only its first n bytes are there, for every n. */
static void cut_at_every_byte(void **state)
{
    (void)state;
    struct filled *f = calloc(1, sizeof *f);
    fill(f, 7, SIZE + 8 * 1024, 1);
    struct bench *b = f->b;
    struct port_store *store = &b->card.store[f->store];
    struct port_store *other = &b->card.store[1 - f->store];
    assert_true((size_t)b->journal.file[f->store].next * JOURNAL_SECTOR >= 64 * 1024);
    memset(other->now, 0, other->size); /* this file alone */
    size_t whole = b->commits - 1;
    for (size_t n = (size_t)b->journal.file[f->store].next * JOURNAL_SECTOR; n-- > f->ends[f->first - 1];) {
        uint32_t found[KEYS];
        struct journal_loss loss;
        bool was_empty = store->now[n] == 0;
        store->now[n] = 0;
        if (was_empty && n % JOURNAL_SECTOR != 0)
            continue; /* the same bytes as before */
        while (f->ends[whole] > n)
            whole--;
        bench_find(b, found, &loss);
        assert_memory_equal(found, b->history[whole], sizeof found);
        if (n % JOURNAL_SECTOR != 0)
            assert_false(loss_is_none(&loss));
    }
    /* Into the snapshot: what is there is a part of it, and that is told. */
    for (size_t n = f->ends[f->first - 1]; n-- > 0;) {
        uint32_t found[KEYS];
        struct journal_loss loss;
        store->now[n] = 0;
        bench_find(b, found, &loss);
        assert_true(loss.snapshot_damaged || loss.records == 0 ||
                    memcmp(found, b->history[f->first - 1], sizeof found) == 0);
    }
    bench_free(b);
    free(f);
}

/* The same beside an older file, which says that it is out of date. Nothing that was deleted comes back
 * unsaid. */
static void cut_beside_an_older_file(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        struct filled *f = calloc(1, sizeof *f);
        fill(f, seed, SIZE, seed + 1); /* the first change leaves an empty file behind */
        struct bench *b = f->b;
        struct port_store *store = &b->card.store[f->store];
        uint8_t *sound = malloc(store->size);
        memcpy(sound, store->now, store->size);
        for (size_t n = 0; n < f->ends[b->commits - 1]; n += 101) {
            uint32_t found[KEYS];
            struct journal_loss loss;
            memcpy(store->now, sound, n);
            memset(store->now + n, 0, store->size - n);
            bench_find(b, found, &loss);
            if (n >= f->ends[f->first - 1])
                assert_int_not_equal(bench_which(b, found), -1);
            else if (memcmp(found, b->history[b->commits - 1], sizeof found) != 0)
                assert_true(!loss_is_none(&loss) || bench_which(b, found) >= (int)f->first - 2);
            if (n < f->ends[f->first - 1] / 2)
                assert_true(loss.outdated || loss.snapshot_damaged);
        }
        free(sound);
        bench_free(b);
        free(f);
    }
}

/* -- single sectors -- */

/* The keys that the batch speaks of which sector `at` belongs to. False: it is of no batch. */
static bool keys_of(const uint8_t *file, uint32_t sectors, uint32_t at, bool keys[KEYS])
{
    static uint8_t bytes[SECTOR_BATCH_MAX];
    struct sector_head head;
    struct decoder d;
    size_t len = 0;
    memset(keys, 0, KEYS * sizeof *keys);
    if (!sector_is_sound(file + (size_t)at * JOURNAL_SECTOR) ||
        !sector_head(file + (size_t)at * JOURNAL_SECTOR, &head))
        return false;
    uint32_t first = at - head.part;
    for (uint32_t i = 0; i < head.parts && first + i < sectors; i++) {
        struct sector_head part;
        const uint8_t *sector = file + (size_t)(first + i) * JOURNAL_SECTOR;
        assert_true(sector_is_sound(sector) && sector_head(sector, &part));
        memcpy(bytes + len, sector + SECTOR_HEAD, part.used);
        len += part.used;
    }
    decoder_init(&d, bytes, len);
    while (d.len >= 4) {
        size_t record = (size_t)(d.in[2] | d.in[3] << 8);
        keys[le32(d.in + 4)] = true;
        d.in += 4 + record;
        d.len -= 4 + record;
    }
    return true;
}

enum harm { HARM_ZERO, HARM_ONES, HARM_BIT, HARM_OLD, HARM_ELSEWHERE, HARM_UNREADABLE, HARM_KINDS };

static void harm(struct bench *b, struct port_store *store, const uint8_t *older, uint32_t at, enum harm how)
{
    uint8_t *sector = store->now + (size_t)at * JOURNAL_SECTOR;
    switch (how) {
    case HARM_ZERO:
        memset(sector, 0, JOURNAL_SECTOR);
        break;
    case HARM_ONES:
        memset(sector, 0xff, JOURNAL_SECTOR);
        break;
    case HARM_BIT:
        sector[bench_random(b) % JOURNAL_SECTOR] ^= (uint8_t)(1u << bench_random(b) % 8);
        break;
    case HARM_OLD: /* what stood there in an earlier generation */
        memcpy(sector, older + (size_t)at * JOURNAL_SECTOR, JOURNAL_SECTOR);
        break;
    case HARM_ELSEWHERE: /* written to the wrong place */
        memmove(sector, sector + (at < 60 ? 30 * JOURNAL_SECTOR : -30 * JOURNAL_SECTOR), JOURNAL_SECTOR);
        break;
    case HARM_UNREADABLE:
        store->bad_read = (int)at;
        break;
    case HARM_KINDS:
        break;
    }
}

/* Each sector of the newest file lost in turn: what its batch says is lost, nothing else, and it is told. */
static void each_sector_lost(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 2; seed++) {
        struct filled *f = calloc(1, sizeof *f);
        fill(f, seed, SIZE, 2); /* the second file to be current, after two changes the first again */
        struct bench *b = f->b;
        struct port_store *store = &b->card.store[f->store];
        uint8_t *sound = malloc(store->size);
        uint8_t *older = calloc(1, store->size);
        memcpy(sound, store->now, store->size);
        memcpy(older, b->card.store[1 - f->store].now, store->size);
        uint32_t used = b->journal.file[f->store].next;
        for (uint32_t at = 0; at < used; at++) {
            for (unsigned how = 0; how < HARM_KINDS; how++) {
                bool keys[KEYS];
                uint32_t found[KEYS];
                struct journal_loss loss;
                assert_true(keys_of(sound, SIZE / JOURNAL_SECTOR, at, keys));
                memcpy(store->now, sound, store->size);
                store->bad_read = -1;
                harm(b, store, older, at, (enum harm)how);
                bench_find(b, found, &loss);
                for (uint32_t key = 0; key < KEYS; key++) {
                    if (!keys[key])
                        assert_int_equal(found[key], b->value[key]);
                }
                /* The last batch alone cannot be missed where its sector looks never written. */
                if (at + 1 < used)
                    assert_false(loss_is_none(&loss));
            }
        }
        store->bad_read = -1;
        free(sound);
        free(older);
        bench_free(b);
        free(f);
    }
}

/* -- power cuts -- */

/* Of the sectors that are not sure to be on the card, any may be there or not, whole, old, or half. */
static void cut_power(struct bench *b)
{
    for (int i = 0; i < 2; i++) {
        struct port_store *store = &b->card.store[i];
        uint32_t mode = bench_random(b) % 3;
        for (uint64_t at = 0; at < store->size / JOURNAL_SECTOR; at++) {
            uint8_t *now = store->now + at * JOURNAL_SECTOR;
            const uint8_t *sure = store->sure + at * JOURNAL_SECTOR;
            uint32_t luck = bench_random(b) % 8;
            if (!store->unsure[at] || (mode == 0 && luck > 0) || (mode == 1 && luck > 3))
                continue;
            size_t from = luck == 7 ? bench_random(b) % JOURNAL_SECTOR : 0;
            memcpy(now + from, sure + from, JOURNAL_SECTOR - from);
        }
        memcpy(store->sure, store->now, store->size);
        memset(store->unsure, 0, store->size / JOURNAL_SECTOR);
        store->outstanding = false;
    }
}

static void a_power_cut_loses_a_second_and_no_order(void **state)
{
    (void)state;
    unsigned lost = 0, gaps = 0, filling = 0;
    for (uint32_t seed = 1; seed <= 150; seed++) {
        struct bench *b = bench_new(SIZE, seed);
        b->card.hold_sync = true;
        for (int cut = 0; cut < 4; cut++) {
            size_t first = b->commits - 1;
            uint64_t started = b->now;
            uint32_t changes = bench_random(b) % 200;
            bool slow = bench_random(b) % 4 == 0;
            for (uint32_t i = 0; i < changes; i++) {
                bench_change(b);
                for (uint32_t turns = bench_random(b) % 3; turns > 0; turns--) {
                    journal_turn(&b->journal, b->now += bench_random(b) % 60);
                    for (int s = 0; s < 2; s++) { /* a sync takes up to some 200 ms */
                        if (bench_random(b) % (slow ? 8 : 3) == 0)
                            card_sync_done(&b->card.store[s]);
                    }
                }
            }
            filling += b->journal.mode != JOURNAL_RUNNING;
            size_t last = b->commits - 1;
            cut_power(b);
            uint32_t found[KEYS];
            struct journal_loss loss;
            bench_find(b, found, &loss);
            int which = bench_which(b, found);
            assert_int_not_equal(which, -1);
            /* The state at the start counts as sure only once its own snapshot was synced. */
            uint64_t sure = b->now - started > 3000 ? b->now - 3000 : 0;
            size_t least = first;
            while (least + 1 <= last && b->when[least + 1] <= sure)
                least++;
            assert_true((size_t)which >= least);
            lost += (size_t)which < last;
            gaps += loss.batches_undone > 0;
            b->commits = 0; /* a new life */
            bench_start(b, &loss);
            assert_memory_equal(found, b->value, sizeof found);
        }
        bench_free(b);
    }
    assert_true(lost > 50 && gaps > 20 && filling > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(cut_beside_an_older_file),
        cmocka_unit_test(each_sector_lost),
        cmocka_unit_test(a_power_cut_loses_a_second_and_no_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
