/* test_fatfs.c - files of a FAT card: names, content, replacing, a card that is full or fails. */
#include "port_fat/card.h"

#include <stdlib.h>
#include <string.h>

static const char *const usual[] = {"stagebox.ini", "[box]", "Firmware/spa50x-30x-7-5-2b.bin", "image",
                                    "state/a", "A", "files/Türklingel.wav", "ding", NULL};

struct names {
    char text[400];
    unsigned stop_after;
};

static bool add_name(void *ctx, const struct port_file *file)
{
    struct names *names = ctx;
    strcat(strcat(names->text, file->name), file->not_a_file ? "/ " : " ");
    return --names->stop_after > 0;
}

static const char *listed(struct fatfs *fatfs, const char *dir, unsigned most)
{
    static struct names names;
    names = (struct names){.stop_after = most};
    int count = fatfs_files.list(fatfs, dir, add_name, &names);
    if (count < 0)
        fail_msg("%s", fatfs_files.sentence(fatfs));
    return names.text;
}

static const char *content(struct fatfs *fatfs, const char *path)
{
    static char text[100];
    int len = fatfs_files.read(fatfs, path, 0, text, sizeof text - 1);
    if (len < 0)
        return fatfs_files.sentence(fatfs);
    text[len] = '\0';
    return text;
}

static int replace(struct fatfs *fatfs, const char *path, const char *text)
{
    return fatfs_files.replace(fatfs, path, text, strlen(text));
}

static void names_without_case(void **state)
{
    (void)state;
    static const unsigned bits[] = {12, 16, 32};
    for (unsigned i = 0; i < 3; i++) {
        struct card *card = card_new(bits[i], usual);
        struct fatfs *fatfs = card_mount(card);
        assert_string_equal(content(fatfs, "STAGEBOX.INI"), "[box]");
        assert_string_equal(content(fatfs, "./firmware//SPA50x-30x-7-5-2b.bin"), "image");
        assert_string_equal(content(fatfs, "files/türklingel.wav"), "ding");
        assert_string_equal(content(fatfs, "/state/a"), "A");
        assert_string_equal(listed(fatfs, "firmware", 9), "spa50x-30x-7-5-2b.bin ");
        assert_string_equal(listed(fatfs, "", 9), "stagebox.ini Firmware/ state/ files/ "); /* the label is left out */
        assert_string_equal(listed(fatfs, "files", 9), "Türklingel.wav ");
        fatfs_close(fatfs);
        card_free(card);
    }
}

static void what_is_not_there(void **state)
{
    (void)state;
    struct card *card = card_new(16, usual);
    struct fatfs *fatfs = card_mount(card);
    const struct board_files *files = &fatfs_files;
    struct port_file file;
    char buf[8];
    assert_int_equal(files->read(fatfs, "none", 0, buf, 8), PORT_E_NOENT);
    assert_string_equal(files->sentence(fatfs), "none is not there");
    assert_int_equal(files->stat(fatfs, "none/at/all", &file), PORT_E_NOENT);
    assert_int_equal(files->stat(fatfs, "state", &file), PORT_E_ACCESS);
    assert_int_equal(files->read(fatfs, "state", 0, buf, 8), PORT_E_ACCESS);
    assert_int_equal(files->stat(fatfs, "", &file), PORT_E_ACCESS);
    assert_int_equal(files->read(fatfs, "files/../stagebox.ini", 0, buf, 8), PORT_E_ACCESS);
    assert_string_equal(files->sentence(fatfs), "files/../stagebox.ini leads out of the card's folder");
    assert_int_equal(files->read(fatfs, "files\\x", 0, buf, 8), PORT_E_NOENT);
    assert_int_equal(files->list(fatfs, "none", add_name, NULL), PORT_E_NOENT);
    assert_int_equal(files->read(fatfs, "stagebox.ini", 3, buf, 8), 2);
    assert_memory_equal(buf, "x]", 2);
    assert_int_equal(files->read(fatfs, "stagebox.ini", 5, buf, 8), 0);
    assert_int_equal(files->read(fatfs, "stagebox.ini", UINT64_MAX, buf, 8), 0);
    fatfs_close(fatfs);
    card_free(card);
}

static void whole_files_in_memory(void **state)
{
    (void)state;
    struct card *card = card_new(16, usual);
    struct fatfs *fatfs = card_mount(card);
    const struct port_blob *blob, *old;
    static uint8_t large[300001];
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (uint8_t)(i * 7 >> 3);
    assert_int_equal(fatfs_files.replace(fatfs, "firmware/large.bin", large, sizeof large), 0);
    assert_int_equal(fatfs_files.load(fatfs, "firmware/large.bin", &blob), 0);
    assert_int_equal(blob->size, sizeof large);
    assert_memory_equal(blob->data, large, sizeof large);
    assert_int_equal(fatfs_files.load(fatfs, "stagebox.ini", &old), 0);
    assert_int_equal(replace(fatfs, "stagebox.ini", "other"), 0);
    assert_memory_equal(old->data, "[box]", 5); /* what was loaded stays as it is */
    assert_int_equal(fatfs_loaded(fatfs), sizeof large + 5);
    fatfs_files.release(fatfs, old);
    fatfs_files.release(fatfs, blob);
    assert_int_equal(fatfs_loaded(fatfs), 0);
    assert_int_equal(fatfs_files.load(fatfs, "none", &blob), PORT_E_NOENT);
    fatfs_close(fatfs);
    card_free(card);
}

static void replaced_and_stamped(void **state)
{
    (void)state;
    struct card *card = card_new(16, usual);
    struct fatfs *fatfs = card_mount(card);
    struct port_file before, after;
    card->wall_ms = INT64_C(1700000000123);
    assert_int_equal(fatfs_files.stat(fatfs, "state/a", &before), 0);
    assert_int_equal(replace(fatfs, "STATE/A", "B"), 0);
    assert_int_equal(fatfs_files.stat(fatfs, "state/a", &after), 0);
    assert_string_equal(content(fatfs, "state/a"), "B");
    assert_true(before.stamp != after.stamp);
    assert_int_equal(after.modified_s, 1700000000);
    before = after;
    assert_int_equal(replace(fatfs, "state/a", "C"), 0); /* the same size in the same second */
    assert_int_equal(fatfs_files.stat(fatfs, "state/a", &after), 0);
    assert_true(before.stamp != after.stamp);
    card->wall_ms = 0;
    assert_int_equal(replace(fatfs, "state/reports/58bfea1104e6.xml", ""), 0); /* makes its folder */
    assert_int_equal(fatfs_files.stat(fatfs, "state/reports/58bfea1104e6.xml", &after), 0);
    assert_int_equal(after.size, 0);
    assert_int_equal(after.modified_s, 0);
    assert_string_equal(listed(fatfs, "state", 9), "a reports/ "); /* nothing of ours is left beside it */
    assert_int_equal(replace(fatfs, "state/reports", "x"), PORT_E_ACCESS);
    assert_int_equal(replace(fatfs, "", "x"), PORT_E_ACCESS);
    assert_int_equal(replace(fatfs, "../x", "x"), PORT_E_ACCESS);
    fatfs_close(fatfs);
    assert_string_equal(card_check(card), "");
    card_free(card);
}

static void full(void **state)
{
    (void)state;
    struct card *card = card_new(12, usual);
    struct fatfs *fatfs = card_mount(card);
    struct board_store *store;
    uint64_t room, size;
    size_t too_much = (size_t)card->device.sectors * BLOCK_BYTES;
    uint8_t *data = calloc(1, too_much);
    assert_int_equal(fatfs_files.room(fatfs, &room, &size), 0);
    assert_true(room > size / 2 && size < too_much);
    assert_int_equal(fatfs_files.replace(fatfs, "state/a", data, too_much), PORT_E_FULL);
    assert_string_equal(fatfs_files.sentence(fatfs), "no room for state/a: the card is full");
    assert_string_equal(content(fatfs, "state/a"), "A");
    assert_int_equal(fatfs_files.store_open(fatfs, "state/j", too_much, &store), PORT_E_FULL);
    uint64_t left;
    assert_int_equal(fatfs_files.room(fatfs, &left, &size), 0); /* what could not be had whole was given back */
    assert_int_equal(left, room);
    assert_int_equal(replace(fatfs, "state/a", "B"), 0);
    fatfs_close(fatfs);
    assert_string_equal(card_check(card), "");
    free(data);
    card_free(card);
}

static void no_fat(void **state)
{
    (void)state;
    char why[100];
    struct card *card = card_new(16, usual);
    struct fatfs *fatfs = card_mount(card);
    fatfs_close(fatfs);
    memset(card->sectors + 446, 0, 64);
    assert_null(fatfs_open(&card->device, why, sizeof why));
    assert_string_equal(why, "the card has no FAT partition: format it with FAT32");
    size_t at = (size_t)CARD_PARTITION * BLOCK_BYTES; /* without a partition table: the card itself */
    memmove(card->sectors, card->sectors + at, (size_t)card->device.sectors * BLOCK_BYTES - at);
    fatfs = card_mount(card);
    assert_string_equal(content(fatfs, "stagebox.ini"), "[box]");
    fatfs_close(fatfs);
    card_free(card);
}

/* Power goes after each write there is: the file is the old or the new one, no content has two names, and the
 * next replacing works. */
static void power_cut_while_replacing(const char *path, const char *old, bool crowded)
{
    static char name[] = "state/some-longer-name-0";
    for (unsigned cut = 0;; cut++) {
        struct card *card = card_new(16, usual);
        struct fatfs *fatfs = card_mount(card);
        for (char i = '0'; crowded && i <= '3'; i++) { /* so that entries lie in different sectors */
            name[sizeof name - 2] = i;
            replace(fatfs, name, "x");
        }
        card->writes_left = cut;
        int error = replace(fatfs, path, "the new one");
        bool whole = card->writes_left > 0;
        assert_true(error == 0 || !whole);
        fatfs_close(fatfs);
        card_power_on(card);
        fatfs = card_mount(card);
        const char *found = content(fatfs, path);
        if (strcmp(found, "the new one") != 0)
            assert_string_equal(found, old);
        const char *said = card_check(card);
        if (strstr(said, "share clusters") != NULL && strstr(said, "STAGEBOX.NEW") == NULL)
            fail_msg("after %u writes: %s", cut, said);
        assert_int_equal(replace(fatfs, path, "and on"), 0);
        assert_int_equal(replace(fatfs, "state/other", "something else"), 0);
        assert_string_equal(content(fatfs, path), "and on");
        fatfs_close(fatfs);
        assert_null(strstr(card_check(card), "share clusters"));
        card_free(card);
        if (whole)
            return;
    }
}

static void power_cut(void **state)
{
    (void)state;
    power_cut_while_replacing("state/a", "A", false);
    power_cut_while_replacing("state/a", "A", true);
    power_cut_while_replacing("state/new", "state/new is not there", false);
    power_cut_while_replacing("state/a rather long name.csv", "state/a rather long name.csv is not there", true);
}

/* As a power cut leaves it that comes while a new file gets its name: the temporary one is its content's other name. */
static void a_second_name(struct card *card)
{
    size_t size = (size_t)card->device.sectors * BLOCK_BYTES;
    for (size_t at = 0; at + 64 <= size; at += 32) {
        uint8_t *entry = card->sectors + at;
        if (memcmp(entry, "A          ", 11) != 0 || entry[11] == 0x0f)
            continue;
        assert_int_equal(entry[32], 0);
        memcpy(entry + 32, entry, 32);
        memcpy(entry + 32, "STAGEBOXNEW", 11);
        entry[32 + 12] = 0; /* in capitals */
        return;
    }
    fail_msg("state/a has no entry");
}

static void what_a_power_cut_left(void **state)
{
    (void)state;
    struct card *card = card_new(16, usual);
    a_second_name(card);
    assert_non_null(strstr(card_check(card), "share clusters"));
    struct fatfs *fatfs = card_mount(card);
    assert_string_equal(listed(fatfs, "state", 9), "a ");
    assert_int_equal(replace(fatfs, "state/b", "B"), 0);
    assert_string_equal(content(fatfs, "state/a"), "A");
    assert_string_equal(content(fatfs, "state/b"), "B");
    fatfs_close(fatfs);
    assert_string_equal(card_check(card), "");
    card_free(card);
}

static void a_card_that_refuses(void **state)
{
    (void)state;
    for (unsigned after = 0;; after++) {
        struct card *card = card_new(16, usual);
        struct fatfs *fatfs = card_mount(card);
        card->broken = true;
        card->broken_after = after;
        int error = replace(fatfs, "state/a", "B");
        assert_true(error == 0 || error == PORT_E_IO);
        fatfs_close(fatfs);
        card_power_on(card);
        fatfs = card_mount(card);
        const char *found = content(fatfs, "state/a");
        assert_true(strcmp(found, "B") == 0 || (error != 0 && strcmp(found, "A") == 0));
        fatfs_close(fatfs);
        card_free(card);
        if (error == 0)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_without_case), cmocka_unit_test(what_is_not_there),
        cmocka_unit_test(whole_files_in_memory), cmocka_unit_test(replaced_and_stamped),
        cmocka_unit_test(full), cmocka_unit_test(no_fat),
        cmocka_unit_test(power_cut), cmocka_unit_test(what_a_power_cut_left),
        cmocka_unit_test(a_card_that_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
