#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/content/firmware.h"
#include "app/image_builder.h"

static struct firmware_work work;

/* Checks the bytes in a block of exactly their size. */
static struct firmware_header check(const uint8_t *data, size_t size)
{
    struct firmware_header header;
    uint8_t *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    memset(&work, 0xa5, sizeof work); /* nothing may be expected in it */
    enum firmware_header_result result = firmware_header_check(copy, size, &work, &header);
    free(copy);
    assert_int_equal(result, header.result);
    return header;
}

static void digests_are_those_of_the_standards(void **state)
{
    uint8_t out[DIGEST_SHA256_SIZE];
    char hex[DIGEST_HEX_MAX];
    struct digest digest;
    (void)state;
    digest_md5("message digest", 14, out); /* RFC 1321 A.5 */
    assert_string_equal(digest_hex(out, DIGEST_MD5_SIZE, hex), "f96b697d7cb7938d525a2f31aaf161d0");
    digest_sha256("abc", 3, out); /* FIPS 180-2 B.1 */
    assert_string_equal(digest_hex(out, DIGEST_SHA256_SIZE, hex),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_start(&digest, DIGEST_SHA256);
    digest_add(&digest, "a", 1);
    digest_add(&digest, "bc", 2);
    digest_finish(&digest, out);
    assert_memory_equal(digest_hex(out, DIGEST_SHA256_SIZE, hex), "ba7816bf", 8);
}

static void a_sound_image_is_sound(void **state)
{
    static const size_t sizes[] = {1, 100, 5000, 200000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct image image = image_make("7.5.2b", sizes[i], 1);
        struct firmware_header header = check(image.data, image.size);
        char text[VERSION_TEXT_MAX];
        assert_int_equal(header.result, FIRMWARE_H_SOUND);
        assert_int_equal(header.sector_count, IMAGE_SECTORS);
        assert_string_equal(version_format(&header.version, text), "7.5.2b");
        free(image.data);
    }
}

static void padding_between_sectors_is_no_damage_but_data_is(void **state)
{
    struct image image = image_make_gaps("7.5.2b", 500, 16, 1);
    (void)state;
    assert_int_equal(check(image.data, image.size).result, FIRMWARE_H_SOUND);
    image.data[IMAGE_HEADER + IMAGE_SECTORS * IMAGE_ENTRY + 3] = 1;
    assert_int_equal(check(image.data, image.size).result, FIRMWARE_H_BOUNDS);
    free(image.data);
}

static void every_flipped_bit_is_found(void **state)
{
    struct image image = image_make("7.5.2b", 300, 1);
    (void)state;
    for (size_t at = 0; at < image.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            image.data[at] = (uint8_t)(image.data[at] ^ (1 << bit));
            if (check(image.data, image.size).result == FIRMWARE_H_SOUND)
                fail_msg("bit %d of byte %zu", bit, at);
            image.data[at] = (uint8_t)(image.data[at] ^ (1 << bit));
        }
    assert_int_equal(check(image.data, image.size).result, FIRMWARE_H_SOUND);
    free(image.data);
}

static void every_cut_is_found(void **state)
{
    struct image image = image_make("7.5.2b", 300, 1);
    uint8_t *grown = calloc(1, image.size + 1);
    (void)state;
    assert_non_null(grown);
    for (size_t size = 0; size < image.size; size++)
        assert_int_not_equal(check(image.data, size).result, FIRMWARE_H_SOUND);
    memcpy(grown, image.data, image.size);
    assert_int_equal(check(grown, image.size + 1).result, FIRMWARE_H_SIZE);
    free(grown);
    free(image.data);
}

static void put_flags_raw(uint8_t *entry)
{
    entry[3] |= 1;
}

/* One change to a sound image, the header's own digest put right again. */
static const struct {
    const char *why;
    size_t at;
    uint32_t value; /* 32 bits, big-endian */
    enum firmware_header_result result;
} changes[] = {
    {"header length", 0x50, 0x84, FIRMWARE_H_LAYOUT},
    {"entry length", 0x54, 0x20, FIRMWARE_H_LAYOUT},
    {"no sectors", 0x7c, 0, FIRMWARE_H_LAYOUT},
    {"file size", 0x58, 1, FIRMWARE_H_SIZE},
    {"more sectors than the file has room for", 0x7c, 0x40000000, FIRMWARE_H_SHORT},
    {"version", 0x5c, 0x41414141, FIRMWARE_H_VERSION},
    {"size of a sector", 0x80 + 4, 0x7fffffff, FIRMWARE_H_BOUNDS},
    {"size that wraps", 0x80 + 4, 0xffffffff, FIRMWARE_H_BOUNDS},
    {"offset within the header", 0x80 + 8, 0, FIRMWARE_H_BOUNDS},
    {"offset behind the file", 0x80 + 8, 0xfffffff0, FIRMWARE_H_BOUNDS},
    {"two sectors overlap", 0xc0 + 8, 0x80 + 4 * 0x40, FIRMWARE_H_BOUNDS},
    {"a sector's digest", 0x80 + 12, 0, FIRMWARE_H_SECTOR},
    {"a packed sector is cut", 0xc0 + 4, 5, FIRMWARE_H_INFLATE},
    {"a packed sector is empty", 0xc0 + 4, 0, FIRMWARE_H_INFLATE},
    {"a raw sector is said to be packed", 0x80, 0, FIRMWARE_H_INFLATE},
};

static void wrong_values_under_a_right_digest_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct image image = image_make("7.5.2b", 300, 1);
        image_put32(image.data + changes[i].at, changes[i].value);
        image_seal(image, IMAGE_SECTORS);
        struct firmware_header header = check(image.data, image.size);
        if (header.result != changes[i].result)
            fail_msg("%s: %d", changes[i].why, header.result);
        free(image.data);
    }
    struct image image = image_make("7.5.2b", 300, 1);
    put_flags_raw(image.data + 0xc0);
    image_seal(image, IMAGE_SECTORS);
    assert_int_equal(check(image.data, image.size).result, FIRMWARE_H_SECTOR);
    free(image.data);
}

static void the_version_may_fill_its_field(void **state)
{
    struct image image = image_make("7.5.2b", 300, 1);
    (void)state;
    memset(image.data + 0x5c, '7', 32); /* no NUL: unreadable, and not read past */
    image_seal(image, IMAGE_SECTORS);
    assert_int_equal(check(image.data, image.size).result, FIRMWARE_H_VERSION);
    free(image.data);
}

/* An image of one packed sector of 300 MB of zeros: 1.3 MB on the card. */
static void a_bomb_is_left_early(void **state)
{
    size_t unpacked = (size_t)FIRMWARE_UNPACKED_MAX + (40u << 20);
    uint8_t *zeros = calloc(1, 1 << 20), *data = calloc(1, 4 << 20);
    size_t offset = IMAGE_HEADER + IMAGE_ENTRY;
    z_stream z = {0};
    (void)state;
    assert_non_null(zeros);
    assert_non_null(data);
    assert_int_equal(deflateInit(&z, 1), Z_OK);
    z.next_out = data + offset;
    z.avail_out = (uInt)((4 << 20) - offset);
    for (size_t done = 0; done < unpacked; done += 1 << 20) {
        z.next_in = zeros;
        z.avail_in = 1 << 20;
        deflate(&z, done + (1 << 20) < unpacked ? Z_NO_FLUSH : Z_FINISH);
    }
    size_t size = offset + z.total_out;
    assert_int_not_equal(z.avail_out, 0);
    deflateEnd(&z);
    memcpy(data, "SkOsMo5 fIrMwArE", 16);
    memcpy(data + 0x5c, "7.6.1", 5);
    image_put32(data + 0x50, IMAGE_HEADER);
    image_put32(data + 0x54, IMAGE_ENTRY);
    image_put32(data + 0x58, (uint32_t)size);
    image_put32(data + 0x7c, 1);
    image_put32(data + 0x84, (uint32_t)z.total_out);
    image_put32(data + 0x88, (uint32_t)offset);
    image_seal((struct image){data, size}, 1);
    assert_int_equal(check(data, size).result, FIRMWARE_H_TOOBIG);
    free(zeros);
    free(data);
}

static void other_files_have_no_header(void **state)
{
    (void)state;
    assert_int_equal(check((const uint8_t *)"", 0).result, FIRMWARE_H_NONE);
    assert_int_equal(check((const uint8_t *)"PK\3\4zip", 7).result, FIRMWARE_H_NONE);
    assert_int_equal(check((const uint8_t *)"SkOsMo5 fIrMwAr", 15).result, FIRMWARE_H_NONE);
    assert_int_equal(check((const uint8_t *)"SkOsMo5 fIrMwArE", 16).result, FIRMWARE_H_SHORT);
}

/* -- the verdict ---------------------------------------------------------------------------- */

#define SHA "0123456789abcdef0123456789abcdef"
static const uint8_t file_sha256[DIGEST_SHA256_SIZE + 1] = SHA;
static const uint8_t other_sha256[DIGEST_SHA256_SIZE + 1] = "another.another.another.another.";

enum sha { NO_SHA, RIGHT, WRONG };

static const struct {
    const char *why, *name;
    const char *inside; /* version in a sound header; "": no header; "!": a damaged one */
    bool claimed;
    const char *family, *version; /* of the section */
    enum sha sha;
    enum firmware_verdict verdict;
    const char *as; /* "family version" of the result or guess */
} cases[] = {
    {"name and header agree", "spa50x-30x-7-5-2b.bin", "7.5.2b", false, "", "", NO_SHA, FIRMWARE_OFFERED,
     "spa50x-30x 7.5.2b"},
    {"in upper case", "SPA50X-30X-7-5-2B.BIN", "7.5.2b", false, "", "", NO_SHA, FIRMWARE_OFFERED,
     "spa50x-30x 7.5.2b"},
    {"the header leaves the bracket out", "spa50x-30x-7-5-6-XU.bin", "7.5.6", false, "", "", NO_SHA,
     FIRMWARE_OFFERED, "spa50x-30x 7.5.6(XU)"},
    {"the header has it, too", "spa50x-30x-7-5-6-XU.bin", "7.5.6(XU)", false, "", "", NO_SHA, FIRMWARE_OFFERED,
     "spa50x-30x 7.5.6(XU)"},
    {"the header has another bracket", "spa50x-30x-7-5-7-6.bin", "7.5.7(XU)", false, "", "", NO_SHA,
     FIRMWARE_R_DISAGREE, "spa50x-30x 7.5.7(6)"},
    {"an XU image under a plain name", "spa50x-30x-7-5-6.bin", "7.5.6(XU)", false, "", "", NO_SHA,
     FIRMWARE_R_DISAGREE, "spa50x-30x 7.5.6"},
    {"another version in it", "spa50x-30x-7-5-5.bin", "7.5.2b", false, "", "", NO_SHA, FIRMWARE_R_DISAGREE,
     "spa50x-30x 7.5.5"},
    {"another letter in it", "spa50x-30x-7-5-2b.bin", "7.5.2", false, "", "", NO_SHA, FIRMWARE_R_DISAGREE,
     "spa50x-30x 7.5.2b"},
    {"50x without header", "spa50x-30x-7-5-2b.bin", "", false, "", "", NO_SHA, FIRMWARE_R_HEADER,
     "spa50x-30x 7.5.2b"},
    {"50x damaged", "spa50x-30x-7-5-2b.bin", "!", false, "", "", NO_SHA, FIRMWARE_R_HEADER, "spa50x-30x 7.5.2b"},
    {"51x without header", "spa51x-7-6-1.bin", "", false, "", "", NO_SHA, FIRMWARE_UNVERIFIED, "spa51x 7.6.1"},
    {"51x with the header", "spa51x-7-6-1.bin", "7.6.1", false, "", "", NO_SHA, FIRMWARE_OFFERED, "spa51x 7.6.1"},
    {"51x with another version in it", "spa51x-7-6-1.bin", "7.5.5", false, "", "", NO_SHA, FIRMWARE_R_DISAGREE,
     "spa51x 7.6.1"},
    {"51x damaged", "spa51x-7-6-1.bin", "!", false, "", "", NO_SHA, FIRMWARE_R_HEADER, "spa51x 7.6.1"},
    {"525G without header", "spa525g-7-6-2e-bt.bin", "", false, "", "", NO_SHA, FIRMWARE_UNVERIFIED,
     "spa525g 7.6.2e-bt"},
    {"unknown prefix", "spa5x5-7-4-4.bin", "7.4.4", false, "", "", NO_SHA, FIRMWARE_R_FAMILY, "spa50x-30x 7.4.4"},
    {"unknown prefix, nothing to guess", "firmware.bin", "7.4.4", false, "", "", NO_SHA, FIRMWARE_R_FAMILY,
     " 7.4.4"},
    {"legacy", "spa942-6-1-5a.bin", "", false, "", "", NO_SHA, FIRMWARE_R_LEGACY, "spa9xx 6.1.5a"},
    {"no version in the name", "spa50x-30x-custom.bin", "7.5.2b", false, "", "", NO_SHA, FIRMWARE_R_VERSION,
     "spa50x-30x 7.5.2b"},
    {"the section tells family and version", "custom.bin", "7.5.2b", true, "spa50x-30x", "7.5.2b", NO_SHA,
     FIRMWARE_OFFERED, "spa50x-30x 7.5.2b"},
    {"the contract's example", "spa50x-30x-custom.bin", "7.5.2b", true, "spa50x-30x", "7.5.2b", NO_SHA,
     FIRMWARE_OFFERED, "spa50x-30x 7.5.2b"},
    {"the section tells the family, the header the version", "custom.bin", "7.5.2b", true, "SPA50x-30x", "", NO_SHA,
     FIRMWARE_OFFERED, "spa50x-30x 7.5.2b"},
    {"... but no header, no version", "custom.bin", "", true, "spa51x", "", NO_SHA, FIRMWARE_R_VERSION, "spa51x "},
    {"a section cannot excuse a missing header", "custom.bin", "", true, "spa50x-30x", "7.5.2b", NO_SHA,
     FIRMWARE_R_HEADER, "spa50x-30x 7.5.2b"},
    {"nor a damaged one", "spa50x-30x-7-5-2b.bin", "!", true, "", "", NO_SHA, FIRMWARE_R_HEADER,
     "spa50x-30x 7.5.2b"},
    {"nor contradict the header", "custom.bin", "7.5.5", true, "spa50x-30x", "7.5.2b", NO_SHA, FIRMWARE_R_CLAIM,
     "spa50x-30x 7.5.2b"},
    {"nor the name's family", "spa51x-7-6-1.bin", "7.6.1", true, "spa50x-30x", "7.6.1", NO_SHA, FIRMWARE_R_CLAIM,
     "spa50x-30x 7.6.1"},
    {"nor the name's version", "spa50x-30x-7-6-1.bin", "7.6.1", true, "", "7.6.2", NO_SHA, FIRMWARE_R_CLAIM,
     "spa50x-30x 7.6.2"},
    {"an empty section for a good file", "spa50x-30x-7-6-1.bin", "7.6.1", true, "", "", NO_SHA, FIRMWARE_OFFERED,
     "spa50x-30x 7.6.1"},
    {"a right sha256 excuses a missing header", "spa50x-30x-7-5-2b.bin", "", true, "", "", RIGHT, FIRMWARE_OFFERED,
     "spa50x-30x 7.5.2b"},
    {"... a damaged one", "spa50x-30x-7-5-2b.bin", "!", true, "", "", RIGHT, FIRMWARE_OFFERED, "spa50x-30x 7.5.2b"},
    {"... and overrules name and header", "spa51x-7-6-1.bin", "7.6.1", true, "spa50x-30x", "7.5.2b", RIGHT,
     FIRMWARE_OFFERED, "spa50x-30x 7.5.2b"},
    {"... with the header's version", "custom.bin", "7.5.2b", true, "spa50x-30x", "", RIGHT, FIRMWARE_OFFERED,
     "spa50x-30x 7.5.2b"},
    {"... but somebody must tell the family", "custom.bin", "7.5.2b", true, "", "7.5.2b", RIGHT, FIRMWARE_R_FAMILY,
     " 7.5.2b"},
    {"... and the version", "custom.bin", "", true, "spa51x", "", RIGHT, FIRMWARE_R_VERSION, "spa51x "},
    {"another sha256 is never offered", "spa50x-30x-7-5-2b.bin", "7.5.2b", true, "", "", WRONG, FIRMWARE_R_SHA256,
     "spa50x-30x 7.5.2b"},
    {"... in no family", "spa51x-7-6-1.bin", "", true, "spa51x", "7.6.1", WRONG, FIRMWARE_R_SHA256, "spa51x 7.6.1"},
    {"family that cannot be read", "spa51x-7-6-1.bin", "", true, "spa5", "", NO_SHA, FIRMWARE_R_VALUE,
     "spa51x 7.6.1"},
    {"version that cannot be read", "spa51x-7-6-1.bin", "", true, "", "7.6", RIGHT, FIRMWARE_R_VALUE,
     "spa51x 7.6.1"},
};

static struct firmware_header header_of(const char *inside)
{
    struct firmware_header header = {.result = inside[0] ? FIRMWARE_H_SOUND : FIRMWARE_H_NONE};
    if (inside[0] == '!')
        header = (struct firmware_header){.result = FIRMWARE_H_SECTOR, .sector = 2, .sector_count = 75};
    else if (inside[0])
        assert_true(version_parse(inside, strlen(inside), &header.version));
    return header;
}

static void name_header_and_section_are_weighed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const uint8_t *const shas[] = {NULL, file_sha256, other_sha256};
        struct firmware_header header = header_of(cases[i].inside);
        struct firmware_claim claim = {cases[i].name,      cases[i].family, cases[i].version,
                                       shas[cases[i].sha], "x.ini",         1};
        struct firmware_judgement judgement;
        char as[64], version[VERSION_TEXT_MAX], sentence[FIRMWARE_SENTENCE_MAX];
        firmware_judge(cases[i].name, &header, cases[i].sha ? file_sha256 : NULL, cases[i].claimed ? &claim : NULL,
                       &judgement);
        snprintf(as, sizeof as, "%s %s", family_get(judgement.family)->name,
                 version_format(&judgement.version, version));
        if (judgement.verdict != cases[i].verdict || strcmp(as, cases[i].as) != 0)
            fail_msg("%s: %d as %s", cases[i].why, judgement.verdict, as);
        firmware_verdict_sentence(cases[i].name, &header, &judgement, sentence);
        assert_int_equal(sentence[0] == '\0', judgement.verdict == FIRMWARE_OFFERED);
        assert_in_range(strlen(sentence), 0, FIRMWARE_SENTENCE_MAX - 2);
    }
}

static void sentences_say_what_is_wrong(void **state)
{
    struct firmware_judgement judgement = {.verdict = FIRMWARE_R_HEADER};
    struct firmware_header header = header_of("!");
    char sentence[FIRMWARE_SENTENCE_MAX];
    (void)state;
    firmware_verdict_sentence("spa50x-30x-7-5-5.bin", &header, &judgement, sentence);
    assert_string_equal(sentence, "a sector is damaged (sector 3 of 75)");
    for (int result = FIRMWARE_H_TOOBIG; result <= FIRMWARE_H_NONE; result++)
        assert_in_range(strlen(firmware_header_text((enum firmware_header_result)result)), 5, 100);
    header = header_of("7.5.2b");
    judgement.verdict = FIRMWARE_R_DISAGREE;
    firmware_verdict_sentence("spa50x-30x-7-5-5.bin", &header, &judgement, sentence);
    assert_string_equal(sentence, "its name says 7.5.5, its content 7.5.2b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standards),
        cmocka_unit_test(a_sound_image_is_sound),
        cmocka_unit_test(padding_between_sectors_is_no_damage_but_data_is),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(wrong_values_under_a_right_digest_are_found),
        cmocka_unit_test(the_version_may_fill_its_field),
        cmocka_unit_test(a_bomb_is_left_early),
        cmocka_unit_test(other_files_have_no_header),
        cmocka_unit_test(name_header_and_section_are_weighed),
        cmocka_unit_test(sentences_say_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
