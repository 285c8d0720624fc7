/* The journal on a card that behaves: starts, kills, snapshots, and a card that refuses. */
#include "test/unit/app/journal_bench.h"

static void checksum(void **state)
{
    (void)state;
    assert_int_equal(sector_crc("123456789", 9), 0xe3069283); /* RFC 3720 B.4's polynomial, the usual check value */
    uint8_t zeros[32] = {0};
    assert_int_equal(sector_crc(zeros, 32), 0x8a9136aa); /* RFC 3720 B.4 */
}

static void a_new_state(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 1);
    char id[JOURNAL_STATE_ID_MAX];
    assert_true(journal_is_fresh(&b->journal));
    assert_string_equal(journal_state_id(&b->journal, id), "5a5a5a5a");
    uint32_t found[KEYS];
    struct journal_loss loss;
    bench_put(b, 3, 77);
    assert_int_equal(journal_commit(&b->journal, b->now), 0);
    bench_find(b, found, &loss);
    assert_int_equal(found[3], 77);
    assert_int_equal(loss.records, 1);
    assert_true(loss_is_none(&loss));
    bench_start(b, &loss);
    assert_false(journal_is_fresh(&b->journal));
    assert_int_equal(b->value[3], 77);
    bench_free(b);
}

static void only_committed_records_are_written_and_once(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 1);
    unsigned writes = b->card.writes;
    journal_commit(&b->journal, b->now);
    assert_int_equal(b->card.writes, writes);
    bench_put(b, 1, 5);
    bench_put(b, 2, 6);
    assert_int_equal(b->card.writes, writes);
    assert_int_equal(journal_deadline(&b->journal), 0);
    journal_commit(&b->journal, b->now);
    assert_int_equal(b->card.writes, writes + 1);
    bench_free(b);
}

static void too_long_a_record(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 1);
    uint8_t payload[JOURNAL_PAYLOAD_MAX + 1] = {0};
    assert_false(journal_put(&b->journal, PUT, 1, payload, sizeof payload, b->now));
    assert_false(journal_snapshot_put(&b->journal, PUT, 1, payload, sizeof payload));
    bench_free(b);
}

static void a_sync_within_the_second(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 1);
    journal_turn(&b->journal, b->now);
    b->now += 10000;
    journal_turn(&b->journal, b->now);
    uint64_t idle = journal_deadline(&b->journal);
    assert_true(idle == UINT64_MAX);
    b->card.hold_sync = true;
    bench_change(b);
    uint64_t due = journal_deadline(&b->journal);
    assert_int_equal(due, b->now + JOURNAL_SYNC_MS);
    journal_turn(&b->journal, due - 1);
    assert_false(b->card.store[0].outstanding || b->card.store[1].outstanding);
    journal_turn(&b->journal, due);
    assert_true(b->card.store[0].outstanding || b->card.store[1].outstanding);
    bench_free(b);
}

/* -- kills -- */

struct killer {
    struct bench *b;
    size_t checks;
};

/* A kill right after any write of the journal's finds the state before or after the commit. */
static void killed_after(void *ctx, unsigned store, uint64_t off, size_t len)
{
    struct killer *k = ctx;
    struct bench *b = k->b;
    (void)store;
    (void)off;
    (void)len;
    if (bench_random(b) % 3 != 0)
        return;
    uint32_t found[KEYS];
    struct journal_loss loss;
    bench_find(b, found, &loss);
    int which = bench_which(b, found);
    bool is_next = memcmp(found, b->value, sizeof found) == 0;
    assert_true(is_next || which == (int)b->commits - 1 ||
                (which >= 0 && memcmp(b->history[which], b->history[b->commits - 1], sizeof found) == 0));
    assert_true(loss_is_none(&loss));
    k->checks++;
}

static void a_kill_loses_nothing(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        struct bench *b = bench_new(SIZE, seed);
        struct killer k = {b, 0};
        unsigned rounds = 0;
        b->card.written = killed_after;
        b->card.ctx = &k;
        for (int i = 0; i < 700; i++) {
            unsigned was = b->journal.current;
            bench_change(b);
            for (uint32_t turns = bench_random(b) % 4; turns > 0; turns--) {
                b->now += bench_random(b) % 200;
                journal_turn(&b->journal, b->now);
            }
            rounds += was != b->journal.current;
            if (i % 97 == 96) { /* and a real one */
                uint32_t before[KEYS];
                struct journal_loss loss;
                memcpy(before, b->value, sizeof before);
                b->card.written = NULL;
                bench_start(b, &loss);
                b->card.written = killed_after;
                assert_memory_equal(before, b->value, sizeof before);
                assert_true(loss_is_none(&loss));
            }
        }
        assert_true(rounds > 5);
        assert_true(k.checks > 200);
        bench_free(b);
    }
}

/* A turn that puts more than a batch, again and again, without any turn of the loop in between. */
static void floods_make_their_own_room(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 9);
    uint32_t found[KEYS];
    struct journal_loss loss;
    for (int i = 0; i < 60; i++) {
        for (uint32_t key = 0; key < KEYS; key++)
            bench_put(b, key, ++b->next);
        assert_int_equal(journal_commit(&b->journal, b->now), 0);
    }
    bench_find(b, found, &loss);
    assert_memory_equal(found, b->value, sizeof found);
    bench_free(b);
}

/* The snapshot goes out a few sectors a turn, not at once. */
static void no_turn_waits_for_a_snapshot(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 4);
    for (uint32_t key = 0; key < KEYS; key++)
        bench_put(b, key, 11 * (80 + key)); /* long ones */
    for (int i = 0; i < 2000 && b->journal.mode != JOURNAL_SNAPSHOT; i++) {
        journal_turn(&b->journal, b->now += 20);
        bench_change(b);
    }
    assert_int_equal(b->journal.mode, JOURNAL_SNAPSHOT);
    unsigned turns = 0;
    while (b->journal.mode == JOURNAL_SNAPSHOT) {
        uint32_t next = b->journal.file[1 - b->journal.current].next;
        assert_int_equal(journal_deadline(&b->journal), 0);
        journal_turn(&b->journal, ++b->now);
        assert_true(b->journal.file[0].next - next <= 32 || b->journal.file[1].next - next <= 32);
        turns++;
    }
    assert_true(turns >= 3);
    bench_free(b);
}

/* -- a card that refuses -- */

static void recover(struct bench *b)
{
    for (int i = 0; i < 200 && journal_commit(&b->journal, b->now) != 0; i++) {
        uint64_t at = journal_deadline(&b->journal);
        assert_true(at != UINT64_MAX);
        b->now = at > b->now ? at : b->now + 1;
        journal_turn(&b->journal, b->now);
    }
    assert_int_equal(journal_commit(&b->journal, b->now), 0);
    assert_string_equal(journal_sentence(&b->journal), "");
}

static void a_refused_write_is_told_and_mended(void **state)
{
    (void)state;
    for (int store = -1; store < 2; store++) {
        for (int skip = 0; skip < 60; skip++) {
            struct bench *b = bench_new(SIZE, (uint32_t)skip + 1);
            for (int i = 0; i < skip * 5; i++) {
                bench_change(b);
                journal_turn(&b->journal, b->now += 100);
            }
            b->card.fail_store = store;
            b->card.fail_writes = 1 + skip % 4;
            for (int i = 0; i < 30; i++) {
                bench_change(b);
                journal_turn(&b->journal, b->now += 100);
            }
            b->card.fail_writes = 0;
            recover(b);
            for (int i = 0; i < 10; i++)
                bench_change(b);
            uint32_t found[KEYS];
            struct journal_loss loss;
            bench_find(b, found, &loss);
            assert_memory_equal(found, b->value, sizeof found);
            bench_free(b);
        }
    }
}

static void a_card_that_is_full_for_good(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 3);
    b->card.fail_writes = -1;
    bench_put(b, 1, 9);
    assert_int_equal(journal_commit(&b->journal, b->now), PORT_E_IO);
    assert_string_equal(journal_sentence(&b->journal), "what happens cannot be kept in state/: the card is broken");
    for (int i = 0; i < 100; i++) {
        bench_change(b);
        assert_int_equal(journal_turn(&b->journal, b->now += 1000), PORT_E_IO);
    }
    bench_free(b);
}

static void files_that_cannot_be_opened(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 3);
    struct journal_loss loss;
    for (int i = 1; i <= 2; i++) {
        b->card.fail_opens = i;
        assert_int_equal(journal_load(&b->journal, &b->card, "a", "b", SIZE, bench_record, b->value, &loss),
                         PORT_E_ACCESS);
        assert_int_equal(journal_start(&b->journal, bench_snapshot, b, b->now), PORT_E_ACCESS);
        bench_put(b, 1, 9);
        assert_int_equal(journal_commit(&b->journal, b->now), PORT_E_ACCESS);
        assert_int_equal(journal_turn(&b->journal, b->now), PORT_E_ACCESS);
        assert_true(journal_deadline(&b->journal) == UINT64_MAX);
        assert_true(strstr(journal_sentence(&b->journal), "the card is broken") != NULL);
        journal_close(&b->journal, b->now);
        b->card.fail_opens = 0;
    }
    bench_free(b);
}

static void more_than_the_files_hold(void **state)
{
    (void)state;
    struct bench *b = bench_new(16 * 1024, 3); /* below the least size: 64 long records do not fit */
    int error = 0;
    for (uint32_t key = 0; key < KEYS; key++) {
        bench_put(b, key, 11 * (80 + key));
        error = journal_commit(&b->journal, b->now);
    }
    assert_true(error < 0);
    assert_true(strstr(journal_sentence(&b->journal), "too small") != NULL);
    bench_free(b);
}

static void files_of_two_states(void **state)
{
    (void)state;
    struct bench *b = bench_new(SIZE, 1), *c = bench_new(SIZE, 2);
    uint32_t found[KEYS];
    struct journal_loss loss;
    for (int i = 0; i < 20; i++)
        bench_change(b);
    unsigned from = b->journal.mode == JOURNAL_SETTLING ? 1 - b->journal.current : b->journal.current;
    c->journal.state_id ^= 1;
    for (int i = 0; i < 3; i++) {
        journal_start(&c->journal, bench_snapshot, c, c->now);
        journal_turn(&c->journal, c->now += 10);
        bench_change(c);
    }
    unsigned to = c->journal.current;
    memcpy(b->card.store[1 - from].now, c->card.store[to].now, SIZE);
    bench_find(b, found, &loss);
    assert_true(loss.foreign);
    assert_memory_equal(found, c->value, sizeof found); /* the higher generation */
    bench_free(b);
    bench_free(c);
}

static void losses_in_words(void **state)
{
    (void)state;
    char text[JOURNAL_SENTENCE_MAX];
    assert_string_equal(journal_loss_text(&(struct journal_loss){.records = 9}, text), "");
    assert_string_equal(journal_loss_text(&(struct journal_loss){.batches_lost = 2, .sectors_damaged = 1}, text),
                        "lost batches: 2, damaged sectors: 1");
    struct journal_loss all = {1, UINT32_MAX, UINT32_MAX, UINT32_MAX, true, true, true};
    journal_loss_text(&all, text);
    assert_true(strstr(text, "damaged sectors: 4294967295") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum),
        cmocka_unit_test(a_new_state),
        cmocka_unit_test(only_committed_records_are_written_and_once),
        cmocka_unit_test(too_long_a_record),
        cmocka_unit_test(a_sync_within_the_second),
        cmocka_unit_test(a_kill_loses_nothing),
        cmocka_unit_test(floods_make_their_own_room),
        cmocka_unit_test(no_turn_waits_for_a_snapshot),
        cmocka_unit_test(a_refused_write_is_told_and_mended),
        cmocka_unit_test(a_card_that_is_full_for_good),
        cmocka_unit_test(files_that_cannot_be_opened),
        cmocka_unit_test(more_than_the_files_hold),
        cmocka_unit_test(files_of_two_states),
        cmocka_unit_test(losses_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
