#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/content/depot.h"
#include "app/heard.h"
#include "app/image_builder.h"
#include "fake_port/fake_port.h"

static struct heard heard;

struct box {
    struct port *port;
    struct depot *depot;
};

static int start(void **state)
{
    static struct box box;
    box.port = fake_port_new();
    box.depot = depot_open(box.port);
    *state = &box;
    return box.port && box.depot ? 0 : -1;
}

static int stop(void **state)
{
    struct box *box = *state;
    depot_close(box->depot);
    assert_int_equal(fake_blobs(box->port), 0);
    fake_port_free(box->port);
    return 0;
}

static void put_image(struct box *box, const char *path, const char *version, unsigned seed)
{
    struct image image = image_make(version, 300, seed);
    fake_file(box->port, path, image.data, image.size);
    free(image.data);
}

static void scan(struct box *box)
{
    assert_int_equal(depot_scan(box->depot, NULL, 0, heard_clear(&heard)), 0);
}

static const struct depot_item *find(struct box *box, const char *name)
{
    return depot_find(box->depot, name, strlen(name), NULL);
}

static void serves_what_it_verified(void **state)
{
    struct box *box = *state;
    struct image image = image_make("7.5.2b", 300, 1);
    size_t count;
    put_image(box, "firmware/spa50x-30x-7-5-2b.bin", "7.5.2b", 1);
    put_image(box, "firmware/spa50x-30x-7-5-6-XU.bin", "7.5.6", 2);
    fake_file_text(box->port, "files/ring.wav", "RIFF");
    scan(box);
    assert_string_equal(heard.text, "");
    const struct ladder_image *images = depot_images(box->depot, &count);
    assert_int_equal(count, 2);
    const struct depot_item *item = find(box, "spa50x-30x-7-5-2b.bin");
    assert_non_null(item);
    assert_ptr_equal(depot_item_of(box->depot, item->image), item);
    assert_int_equal(item->content->blob->size, image.size);
    assert_memory_equal(item->content->blob->data, image.data, image.size);
    assert_int_equal(item->image->family, FAMILY_SPA50X_30X);
    assert_false(item->image->named);
    assert_true(version_is_xu(&images[1].version));
    assert_null(find(box, "ring.wav")->image);
    assert_null(find(box, "other.wav"));
    free(image.data);
}

static void names_have_no_case_and_may_stand_behind_a_token(void **state)
{
    static const struct {
        const char *name;
        bool found;
        uint32_t state, attempt; /* of the token; attempt 0: none */
    } cases[] = {
        {"SPA50X-30x-7-5-2B.bin", true, 0, 0},
        {"0123abcd1-spa50x-30x-7-5-2b.bin", true, 0x0123abcd, 1},
        {"FFFFFFFF999999-SPA50X-30X-7-5-2b.BIN", true, 0xffffffff, 999999},
        {"0123abcd1234567-spa50x-30x-7-5-2b.bin", false, 0, 0},
        {"0123abcd-spa50x-30x-7-5-2b.bin", false, 0, 0},
        {"0123abc1-spa50x-30x-7-5-2b.bin", false, 0, 0},
        {"0123abcg1-spa50x-30x-7-5-2b.bin", false, 0, 0},
        {"0123abcd1spa50x-30x-7-5-2b.bin", false, 0, 0},
        {"0123abcd1-0123abcd1-spa50x-30x-7-5-2b.bin", false, 0, 0},
        {"0123abcd1-ring.wav", false, 0, 0},
        {"0123abcd1-", false, 0, 0},
        {"0123abcd1", false, 0, 0},
        {"spa50x-30x-7-5-2b.bi", false, 0, 0},
        {"spa50x-30x-7-5-2b.bin ", false, 0, 0},
        {"firmware/spa50x-30x-7-5-2b.bin", false, 0, 0},
        {"", false, 0, 0},
    };
    struct box *box = *state;
    put_image(box, "firmware/spa50x-30x-7-5-2b.bin", "7.5.2b", 1);
    fake_file_text(box->port, "files/ring.wav", "RIFF");
    fake_file_text(box->port, "files/0123abcd7-x.wav", "RIFF");
    scan(box);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct depot_token token;
        size_t len = strlen(cases[i].name);
        char *name = malloc(len + 1);
        assert_non_null(name);
        memcpy(name, cases[i].name, len);
        const struct depot_item *item = depot_find(box->depot, name, len, &token);
        free(name);
        if ((item != NULL) != cases[i].found)
            fail_msg("%s", cases[i].name);
        assert_int_equal(token.present, cases[i].attempt != 0);
        assert_int_equal(token.state, cases[i].state);
        assert_int_equal(token.attempt, cases[i].attempt);
    }
    assert_non_null(find(box, "0123ABCD7-x.wav")); /* its own name looks like a token */
    char longer[200];
    memset(longer, 'a', sizeof longer);
    assert_null(depot_find(box->depot, longer, sizeof longer, NULL));
}

static const struct {
    const char *why, *path, *version; /* version of a sound image; "": some text */
    bool served;
    const char *said;
} reports[] = {
    {"no header", "firmware/spa50x-30x-7-5-5.bin", "", false,
     "firmware/spa50x-30x-7-5-5.bin:0: error: it has no vendor header"},
    {"another version", "firmware/spa50x-30x-7-5-5.bin", "7.5.2b", false,
     "error: its name says 7.5.5, its content 7.5.2b"},
    {"51x without header", "firmware/spa51x-7-6-1.bin", "", true,
     "firmware/spa51x-7-6-1.bin:0: warning: content not verified"},
    {"zip", "firmware/SPA30x_SPA50x_7.6.2SR7_FW.zip", "", false, ".zip:0: warning: unpack it"},
    {"exe", "firmware/upgrade.EXE", "", false, ".EXE:0: warning: unpack it"},
    {"text", "firmware/readme.txt", "", false, "warning: not a firmware image"},
    {"legacy", "firmware/spa942-6-1-5a.bin", "", false, "error: firmware for the 900 line"},
    {"unknown prefix", "firmware/spa5x5-7-4-4.bin", "7.4.4", false, "error: its name tells no firmware family"},
    {".bin in files/", "files/dictionary.bin", "", true, "files/dictionary.bin:0: warning: if this is firmware"},
    {"named like firmware in files/", "files/spa51x-7-6-1.bin", "", false,
     "files/spa51x-7-6-1.bin:0: warning: a firmware image is not served from here"},
    {"a profile in files/", "files/spa504G.cfg", "", false,
     "files/spa504G.cfg:0: warning: never served: who asks for this name is given the phone's profile"},
    {"a profile by MAC in files/", "files/58BFEA1104E6.xml", "", false, "58BFEA1104E6.xml:0: warning: never served"},
    {"no phone's profile", "files/dial.xml", "", true, ""},
    {"spa.bin in files/", "files/SPA.bin", "", false, "files/SPA.bin:0: warning: never served: who asks for this name is "
     "given the image"},
    {"firmware under another name in files/", "files/ring.wav", "7.5.2b", false,
     "a firmware image is not served from here"},
    {"long name",
     "firmware/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123.bin",
     "7.5.2b", false,
     "firmware:0: warning: 0123456789012345678901234567890123456789...: a name has at most 96 bytes"},
    {"litter of other systems", "firmware/._spa51x-7-6-1.bin", "", false, ""},
    {"litter of other systems", "files/Thumbs.db", "", false, ""},
};

static void problems_are_told(void **state)
{
    struct box *box = *state;
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        if (reports[i].version[0])
            put_image(box, reports[i].path, reports[i].version, 1);
        else
            fake_file_text(box->port, reports[i].path, "some text");
        scan(box);
        if (reports[i].said[0] ? !strstr(heard.text, reports[i].said) : heard.text[0] != '\0')
            fail_msg("%s: said %s", reports[i].why, heard.text);
        if ((find(box, strchr(reports[i].path, '/') + 1) != NULL) != reports[i].served)
            fail_msg("%s: served or not", reports[i].why);
        fake_file_remove(box->port, reports[i].path);
    }
}

static void a_refused_file_comes_with_the_lines_that_allow_it(void **state)
{
    static const char said[] =
        "firmware/spa50x-30x-7-5-5.bin:0: error: it has no vendor header: not a firmware image, or damaged. "
        "To send it all the same:\n[firmware spa50x-30x-7-5-5.bin]\nfamily = spa50x-30x\nversion = 7.5.5\n"
        "sha256 = ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
    struct box *box = *state;
    uint8_t sha256[DIGEST_SHA256_SIZE];
    struct firmware_claim claim = {"SPA50x-30x-7-5-5.BIN", "spa50x-30x", "7.5.5", sha256, "stagebox.ini", 7};
    fake_file(box->port, "firmware/spa50x-30x-7-5-5.bin", "abc", 3);
    scan(box);
    assert_string_equal(heard.text, said);
    assert_int_equal(fake_blobs(box->port), 0); /* no memory for what is not served */
    digest_sha256("abc", 3, sha256);
    depot_scan(box->depot, &claim, 1, heard_clear(&heard));
    assert_string_equal(heard.text, "");
    assert_true(find(box, "spa50x-30x-7-5-5.bin")->image->named);
    sha256[0] ^= 1;
    depot_scan(box->depot, &claim, 1, heard_clear(&heard));
    assert_non_null(strstr(heard.text, "error: its sha256 is not the one"));
    assert_null(find(box, "spa50x-30x-7-5-5.bin"));
}

static void the_lines_are_never_cut(void **state)
{
    struct box *box = *state;
    char path[140] = "firmware/spa50x-30x-", name[DEPOT_NAME_MAX];
    memset(path + strlen(path), 'x', 140 - 44);
    strcpy(path + 9 + DEPOT_NAME_MAX - 1 - 4, ".bin");
    strcpy(name, path + 9);
    put_image(box, path, "7.5.2b", 1);
    scan(box);
    assert_int_equal(strlen(name), DEPOT_NAME_MAX - 1);
    size_t len = strlen(heard.text);
    assert_int_equal(heard.text[len - 1], '\n');
    assert_non_null(strstr(heard.text, "\nsha256 = "));
    assert_int_equal(strlen(strstr(heard.text, "sha256 = ")), 9 + 64 + 1);
}

static void sections_are_checked(void **state)
{
    struct box *box = *state;
    struct firmware_claim claims[] = {
        {"gone.bin", "spa51x", "7.6.1", NULL, "stagebox.ini", 3},
        {"spa51x-7-6-1.bin", "spa50x", "7.6", NULL, "stagebox.ini", 9},
    };
    fake_file_text(box->port, "firmware/spa51x-7-6-1.bin", "some text");
    depot_scan(box->depot, claims, 2, heard_clear(&heard));
    assert_non_null(strstr(heard.text, "stagebox.ini:3: warning: [firmware gone.bin]: no such file"));
    assert_non_null(
        strstr(heard.text, "stagebox.ini:9: error: [firmware spa51x-7-6-1.bin] family = spa50x: allowed"));
    assert_non_null(
        strstr(heard.text, "stagebox.ini:9: error: [firmware spa51x-7-6-1.bin] version = 7.6: not a version"));
    assert_null(find(box, "spa51x-7-6-1.bin"));
}

static void firmware_goes_before_files_of_the_same_name(void **state)
{
    struct box *box = *state;
    struct firmware_claim claim = {"custom.bin", "spa51x", "7.6.1", NULL, "stagebox.ini", 3};
    put_image(box, "firmware/custom.bin", "7.6.1", 1);
    fake_file_text(box->port, "files/Custom.bin", "some text");
    depot_scan(box->depot, &claim, 1, heard_clear(&heard));
    assert_non_null(
        strstr(heard.text, "files/Custom.bin:0: warning: the same name, letter case aside, is in firmware/"));
    assert_non_null(find(box, "custom.bin")->image);
    fake_file_remove(box->port, "firmware/custom.bin");
    scan(box);
    assert_null(find(box, "custom.bin")->image);
}

static void unchanged_files_keep_their_copy(void **state)
{
    struct box *box = *state;
    put_image(box, "firmware/spa51x-7-6-1.bin", "7.6.1", 1);
    scan(box);
    const struct depot_content *before = find(box, "spa51x-7-6-1.bin")->content;
    fake_fail(box->port, FAKE_BLOB, 0, -1, PORT_E_IO, NULL);
    scan(box);
    assert_string_equal(heard.text, "");
    assert_ptr_equal(find(box, "spa51x-7-6-1.bin")->content, before);
}

static void a_change_never_mixes_into_what_is_held(void **state)
{
    struct box *box = *state;
    struct image old = image_make("7.6.1", 300, 1);
    put_image(box, "firmware/spa51x-7-6-1.bin", "7.6.1", 1);
    scan(box);
    const struct depot_content *held = depot_hold(box->depot, find(box, "spa51x-7-6-1.bin")->content);
    depot_hold(box->depot, held);
    put_image(box, "firmware/spa51x-7-6-1.bin", "7.6.1", 2);
    scan(box);
    const struct depot_content *now = find(box, "spa51x-7-6-1.bin")->content;
    assert_ptr_not_equal(now, held);
    assert_true(now->stamp != held->stamp);
    assert_memory_equal(held->blob->data, old.data, old.size);
    assert_int_equal(fake_blobs(box->port), 2);
    depot_release(box->depot, held);
    assert_int_equal(fake_blobs(box->port), 2);
    depot_release(box->depot, held);
    assert_int_equal(fake_blobs(box->port), 1);
    depot_release(box->depot, depot_hold(box->depot, now));
    assert_int_equal(fake_blobs(box->port), 1);
    free(old.data);
}

static void a_change_to_something_bad_is_not_served(void **state)
{
    struct box *box = *state;
    put_image(box, "firmware/spa50x-30x-7-5-2b.bin", "7.5.2b", 1);
    scan(box);
    const struct depot_content *held = depot_hold(box->depot, find(box, "spa50x-30x-7-5-2b.bin")->content);
    fake_file_text(box->port, "firmware/spa50x-30x-7-5-2b.bin", "damaged");
    scan(box);
    assert_null(find(box, "spa50x-30x-7-5-2b.bin"));
    assert_non_null(held->blob); /* a transfer that runs ends with what it began with */
    fake_file_remove(box->port, "firmware/spa50x-30x-7-5-2b.bin");
    scan(box);
    assert_string_equal(heard.text, "");
    depot_release(box->depot, held);
    assert_int_equal(fake_blobs(box->port), 0);
}

static void files_that_cannot_be_read_are_told_and_the_others_served(void **state)
{
    struct box *box = *state;
    put_image(box, "firmware/spa51x-7-6-1.bin", "7.6.1", 1);
    put_image(box, "firmware/spa51x-7-6-2.bin", "7.6.2", 1);
    fake_fail(box->port, FAKE_BLOB, 0, 1, PORT_E_IO, "the card does not answer");
    scan(box);
    assert_non_null(strstr(heard.text, "error: cannot be read: the card does not answer"));
    assert_null(find(box, "spa51x-7-6-1.bin"));
    assert_non_null(find(box, "spa51x-7-6-2.bin"));
}

static void a_file_that_changes_under_the_scan_waits_for_the_next(void **state)
{
    struct box *box = *state;
    put_image(box, "firmware/spa51x-7-6-1.bin", "7.6.1", 1);
    fake_fail(box->port, FAKE_STAT, 0, 1, PORT_E_NOENT, NULL);
    scan(box);
    assert_non_null(strstr(heard.text, "firmware/spa51x-7-6-1.bin:0: warning: changed while it was read"));
    assert_null(find(box, "spa51x-7-6-1.bin"));
    assert_int_equal(fake_blobs(box->port), 0);
    scan(box);
    assert_non_null(find(box, "spa51x-7-6-1.bin"));
}

static void a_folder_that_cannot_be_read_leaves_what_was_there(void **state)
{
    struct box *box = *state;
    put_image(box, "firmware/spa51x-7-6-1.bin", "7.6.1", 1);
    fake_file_text(box->port, "files/ring.wav", "RIFF");
    scan(box);
    fake_fail(box->port, FAKE_LIST, 0, 1, PORT_E_IO, "the card does not answer");
    assert_int_equal(depot_scan(box->depot, NULL, 0, heard_clear(&heard)), PORT_E_IO);
    assert_string_equal(heard.text, "firmware:0: error: cannot be read: the card does not answer\n");
    assert_non_null(find(box, "spa51x-7-6-1.bin"));
    assert_non_null(find(box, "spa51x-7-6-1.bin")->image);
    assert_non_null(find(box, "ring.wav"));
}

static void links_that_lead_outside_are_not_served(void **state)
{
    struct box *box = *state;
    fake_file_link_outside(box->port, "firmware/spa51x-7-6-1.bin");
    fake_file_link_outside(box->port, "files/passwd");
    scan(box);
    assert_null(find(box, "spa51x-7-6-1.bin"));
    assert_null(find(box, "passwd"));
    assert_string_equal(heard.text,
                        "firmware/spa51x-7-6-1.bin:0: warning: not a file, and is left out: put files into firmware/ itself\n"
                        "files/passwd:0: warning: not a file, and is left out: put files into files/ itself\n");
}

static void too_many_files_are_told(void **state)
{
    struct box *box = *state;
    char path[64];
    size_t count;
    for (int i = 0; i < DEPOT_IMAGES_MAX + 2; i++) {
        snprintf(path, sizeof path, "firmware/spa525g-7-6-%d.bin", i);
        fake_file_text(box->port, path, "some text");
    }
    for (int i = 0; i < DEPOT_FILES_MAX + 1; i++) {
        snprintf(path, sizeof path, "files/ring%d.wav", i);
        fake_file_text(box->port, path, "some text");
    }
    scan(box);
    depot_images(box->depot, &count);
    assert_int_equal(count, DEPOT_IMAGES_MAX);
    assert_non_null(strstr(heard.text, "files/ring99.wav:0: warning: too many files here"));
    assert_non_null(find(box, "ring0.wav"));
    assert_null(find(box, "ring99.wav"));
    assert_int_equal(heard.problems.warnings, DEPOT_IMAGES_MAX + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(serves_what_it_verified, start, stop),
        cmocka_unit_test_setup_teardown(names_have_no_case_and_may_stand_behind_a_token, start, stop),
        cmocka_unit_test_setup_teardown(problems_are_told, start, stop),
        cmocka_unit_test_setup_teardown(a_refused_file_comes_with_the_lines_that_allow_it, start, stop),
        cmocka_unit_test_setup_teardown(the_lines_are_never_cut, start, stop),
        cmocka_unit_test_setup_teardown(sections_are_checked, start, stop),
        cmocka_unit_test_setup_teardown(firmware_goes_before_files_of_the_same_name, start, stop),
        cmocka_unit_test_setup_teardown(unchanged_files_keep_their_copy, start, stop),
        cmocka_unit_test_setup_teardown(a_change_never_mixes_into_what_is_held, start, stop),
        cmocka_unit_test_setup_teardown(a_change_to_something_bad_is_not_served, start, stop),
        cmocka_unit_test_setup_teardown(files_that_cannot_be_read_are_told_and_the_others_served, start, stop),
        cmocka_unit_test_setup_teardown(a_file_that_changes_under_the_scan_waits_for_the_next, start, stop),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_read_leaves_what_was_there, start, stop),
        cmocka_unit_test_setup_teardown(links_that_lead_outside_are_not_served, start, stop),
        cmocka_unit_test_setup_teardown(too_many_files_are_told, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
