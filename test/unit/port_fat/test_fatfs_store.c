/* test_fatfs_store.c - the journal's files on a FAT card. */
#include "port_fat/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 100000u

static const struct board_files *const files = &fatfs_files;

static struct board_store *opened(struct fatfs *fatfs, const char *path, uint64_t size)
{
    struct board_store *store;
    if (files->store_open(fatfs, path, size, &store) != 0)
        fail_msg("%s", files->sentence(fatfs));
    return store;
}

static void sync_now(struct fatfs *fatfs, struct board_store *store)
{
    files->store_sync(store);
    while (files->step(fatfs))
        ;
    assert_true(files->store_synced(store));
}

static void written_and_read_again(void **state)
{
    (void)state;
    char buf[1200], other[1200];
    struct card *card = card_new(16, NULL);
    struct fatfs *fatfs = card_mount(card);
    struct board_store *store = opened(fatfs, "state/journal.a", SIZE);
    assert_int_equal(files->store_size(store), SIZE);
    assert_int_equal(files->store_read(store, SIZE - 8, buf, 20), 8);
    assert_memory_equal(buf, "\0\0\0\0\0\0\0\0", 8);
    memset(buf, 'j', sizeof buf);
    assert_int_equal(files->store_write(store, 500, buf, sizeof buf), 0); /* parts of sectors at both ends */
    sync_now(fatfs, store);
    files->store_close(store);
    store = opened(fatfs, "STATE/Journal.A", 512); /* at least so much: it stays as it is */
    assert_int_equal(files->store_size(store), SIZE);
    store = opened(fatfs, "state/journal.a", SIZE + 5000);
    assert_int_equal(files->store_size(store), SIZE + 5000);
    fatfs_close(fatfs); /* closes stores */
    fatfs = card_mount(card);
    assert_int_equal(files->read(fatfs, "state/journal.a", 500, other, sizeof other), sizeof other);
    assert_memory_equal(other, buf, sizeof buf);
    assert_int_equal(files->read(fatfs, "state/journal.a", 499, other, 1), 1);
    assert_int_equal(other[0], 0);
    fatfs_close(fatfs);
    assert_string_equal(card_check(card), "");
    card_free(card);
}

static void bounds(void **state)
{
    (void)state;
    char buf[10];
    struct card *card = card_new(16, NULL);
    struct fatfs *fatfs = card_mount(card);
    struct board_store *store = opened(fatfs, "bounds", 1000);
    assert_int_equal(files->store_write(store, 990, "0123456789", 10), 0);
    assert_int_equal(files->store_write(store, 991, "0123456789", 10), PORT_E_TOOBIG);
    assert_string_equal(files->sentence(fatfs), "bounds has only 1000 bytes");
    assert_int_equal(files->store_write(store, UINT64_MAX, "0", 1), PORT_E_TOOBIG);
    assert_int_equal(files->store_read(store, 995, buf, 10), 5);
    assert_int_equal(files->store_read(store, 1000, buf, 10), 0);
    assert_int_equal(files->store_open(fatfs, "../x", 512, &store), PORT_E_ACCESS);
    assert_int_equal(files->store_open(fatfs, "huge", UINT64_MAX, &store), PORT_E_FULL);
    fatfs_close(fatfs);
    card_free(card);
}

/* Old bytes of the card are not in a new file. */
static void new_bytes_are_zero(void **state)
{
    (void)state;
    uint8_t buf[512];
    struct card *card = card_new(16, NULL);
    struct fatfs *fatfs = card_mount(card);
    memset(card->sectors + (size_t)card->device.sectors / 2 * BLOCK_BYTES, 0xaa, (size_t)card->device.sectors / 2 * BLOCK_BYTES);
    struct board_store *store = opened(fatfs, "half-of-all", (uint64_t)card->device.sectors / 4 * 3 * BLOCK_BYTES);
    for (uint64_t at = 0; at < files->store_size(store); at += sizeof buf) {
        assert_int_equal(files->store_read(store, at, buf, sizeof buf), sizeof buf);
        for (size_t i = 0; i < sizeof buf; i++)
            assert_int_equal(buf[i], 0);
    }
    fatfs_close(fatfs);
    card_free(card);
}

/* Every second cluster is another file's: the store finds its pieces, and leaves the others alone. */
static void in_pieces(void **state)
{
    (void)state;
    char name[20], buf[1024], expected[1024];
    struct card *card = card_new(12, NULL);
    struct fatfs *fatfs = card_mount(card);
    struct board_store *a = NULL, *b = NULL;
    for (unsigned i = 1; i <= 20; i++) { /* each grows a little behind the other */
        a = opened(fatfs, "a", i * 4096);
        b = opened(fatfs, "b", i * 4096);
    }
    for (unsigned i = 0; i < 80; i++) {
        memset(buf, (int)(i + 1), sizeof buf);
        assert_int_equal(files->store_write(a, i * 1024, buf, 1024), 0);
        memset(buf, 0xff - (int)i, sizeof buf);
        assert_int_equal(files->store_write(b, i * 1024, buf, 1024), 0);
    }
    for (unsigned i = 0; i < 80; i++) {
        memset(expected, (int)(i + 1), sizeof expected);
        assert_int_equal(files->read(fatfs, "a", i * 1024, buf, 1024), 1024);
        assert_memory_equal(buf, expected, 1024);
        memset(expected, 0xff - (int)i, sizeof expected);
        assert_int_equal(files->store_read(b, i * 1024, buf, 1024), 1024);
        assert_memory_equal(buf, expected, 1024);
    }
    for (unsigned i = 1; i <= 70; i++) { /* more pieces than there is room for */
        a = NULL;
        if (files->store_open(fatfs, "many", i * 4096, &a) != 0)
            break;
        snprintf(name, sizeof name, "between.%u", i);
        assert_int_equal(files->replace(fatfs, name, "x", 1), 0);
    }
    assert_null(a);
    assert_string_equal(files->sentence(fatfs), "many lies in too many pieces: copy it away and back");
    fatfs_close(fatfs);
    assert_string_equal(card_check(card), "");
    card_free(card);
}

/* Writing and syncing changes the file's own sectors only: whenever power goes, the card is clean. */
static void power_cut(void **state)
{
    (void)state;
    char record[2048];
    memset(record, 'r', sizeof record);
    struct card *card = card_new(16, NULL);
    struct fatfs *fatfs = card_mount(card);
    struct board_store *store = opened(fatfs, "state/journal.a", SIZE);
    files->store_close(store);
    fatfs_close(fatfs);
    for (unsigned cut = 0; cut < 8; cut++) {
        card_power_on(card);
        fatfs = card_mount(card);
        store = opened(fatfs, "state/journal.a", SIZE);
        assert_int_equal(card->writes, 0); /* opening changes nothing */
        card->writes_left = cut;
        assert_int_equal(files->store_write(store, 4096 * cut, record, sizeof record), 0);
        sync_now(fatfs, store);
        assert_int_equal(files->store_write(store, 4096 * cut + 2048, record, sizeof record), 0);
        assert_int_equal(card->writes, cut);
        fatfs_close(fatfs);
        assert_string_equal(card_check(card), "");
    }
    card_free(card);
}

static void a_card_that_refuses(void **state)
{
    (void)state;
    struct card *card = card_new(16, NULL);
    struct fatfs *fatfs = card_mount(card);
    struct board_store *store = opened(fatfs, "state/journal.a", SIZE);
    card->broken = true;
    assert_int_equal(files->store_write(store, 0, "record", 6), PORT_E_IO);
    assert_string_equal(files->sentence(fatfs), "state/journal.a: the card failed: save its files and take another one");
    card_power_on(card);
    assert_int_equal(files->store_write(store, 0, "record", 6), 0);
    card->broken_sync = true;
    sync_now(fatfs, store);
    card->broken_sync = false;
    assert_int_equal(files->store_write(store, 0, "record", 6), PORT_E_IO); /* the failed sync is told once */
    assert_int_equal(files->store_write(store, 0, "record", 6), 0);
    fatfs_close(fatfs);
    card_free(card);
}

static void nobody_waits_for_a_busy_card(void **state)
{
    (void)state;
    struct card *card = card_new(16, NULL);
    struct fatfs *fatfs = card_mount(card);
    struct board_store *store = opened(fatfs, "state/journal.a", SIZE);
    assert_int_equal(files->store_write(store, 0, "record", 6), 0);
    card->busy = true;
    files->store_sync(store);
    unsigned syncs = card->syncs;
    assert_true(files->step(fatfs));
    assert_false(files->store_synced(store));
    assert_int_equal(card->syncs, syncs);
    card->busy = false;
    assert_false(files->step(fatfs));
    assert_true(files->store_synced(store));
    assert_int_equal(card->syncs, syncs + 1);
    fatfs_close(fatfs);
    card_free(card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read_again), cmocka_unit_test(bounds),
        cmocka_unit_test(new_bytes_are_zero), cmocka_unit_test(in_pieces),
        cmocka_unit_test(power_cut), cmocka_unit_test(a_card_that_refuses),
        cmocka_unit_test(nobody_waits_for_a_busy_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
