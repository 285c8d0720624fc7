#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/staging/family.h"

static const struct {
    const char *model;
    enum family_id family;
    const char *refusal; /* part of it; NULL: can be upgraded */
} models[] = {
    {"SPA301", FAMILY_SPA50X_30X, NULL},        {"SPA303", FAMILY_SPA50X_30X, NULL},
    {"SPA501G", FAMILY_SPA50X_30X, NULL},       {"SPA502G", FAMILY_SPA50X_30X, NULL},
    {"SPA504G", FAMILY_SPA50X_30X, NULL},       {"SPA508G", FAMILY_SPA50X_30X, NULL},
    {"SPA509G", FAMILY_SPA50X_30X, NULL},       {"SPA512G", FAMILY_SPA51X, NULL},
    {"SPA514G", FAMILY_SPA51X, NULL},           {"SPA525G", FAMILY_SPA525G, NULL},
    {"SPA525G2", FAMILY_SPA525G, NULL},         {"SPA901", FAMILY_SPA9XX, "7.x"},
    {"SPA921", FAMILY_SPA9XX, "7.x"},           {"SPA922", FAMILY_SPA9XX, "7.x"},
    {"SPA941", FAMILY_SPA9XX, "7.x"},           {"SPA942", FAMILY_SPA9XX, "7.x"},
    {"SPA962", FAMILY_SPA9XX, "7.x"},           {"SPA302D", FAMILY_UNKNOWN, "not known"},
    {"SPA301D", FAMILY_UNKNOWN, "not known"},   {"SPA122", FAMILY_UNKNOWN, "not a model"},
    {"SPA8000", FAMILY_UNKNOWN, "not a model"}, {"SPA504", FAMILY_UNKNOWN, "not a model"},
    {"", FAMILY_UNKNOWN, "not a model"},
};

static void every_model_has_its_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const char *refusal = family_refusal(models[i].model);
        assert_int_equal(family_of_model(models[i].model), models[i].family);
        assert_int_equal(family_get(models[i].family)->upgradable, models[i].refusal == NULL);
        assert_int_equal(refusal == NULL, models[i].refusal == NULL);
        if (refusal)
            assert_non_null(strstr(refusal, models[i].refusal));
    }
}

static const struct {
    const char *why, *name;
    enum family_id family;
    const char *part; /* version part */
    enum family_id guess;
} files[] = {
    {"as the vendor names it", "spa50x-30x-7-5-2b.bin", FAMILY_SPA50X_30X, "7-5-2b", FAMILY_SPA50X_30X},
    {"on a FAT card", "SPA50X-30X-7-5-2B.BIN", FAMILY_SPA50X_30X, "7-5-2B", FAMILY_SPA50X_30X},
    {"51x", "spa51x-7-6-1.bin", FAMILY_SPA51X, "7-6-1", FAMILY_SPA51X},
    {"525G", "spa525g-7-6-2e-bt.bin", FAMILY_SPA525G, "7-6-2e-bt", FAMILY_SPA525G},
    {"version that cannot be read", "spa50x-30x-custom.bin", FAMILY_SPA50X_30X, "custom", FAMILY_SPA50X_30X},
    {"nothing behind the prefix", "spa51x-.bin", FAMILY_SPA51X, "", FAMILY_SPA51X},
    {"older spelling, not certain", "spa5x5-7-4-4.bin", FAMILY_UNKNOWN, "7-4-4", FAMILY_SPA50X_30X},
    {"legacy", "spa942-6-1-5a.bin", FAMILY_SPA9XX, "6-1-5a", FAMILY_SPA9XX},
    {"another prefix", "spa50x-7-5-5.bin", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {"longer prefix", "spa51xx-7-5-5.bin", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {"525G2 has none of its own", "spa525g2-7-5-5.bin", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {"renamed", "copy of spa51x-7-6-1.bin", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {"no .bin", "spa51x-7-6-1.zip", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {".bin alone", ".bin", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {"shorter than .bin", "bin", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {"empty", "", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
    {"prefix and .bin overlap", "spa51x.bin", FAMILY_UNKNOWN, "", FAMILY_UNKNOWN},
};

static void file_names_tell_the_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t at, len, name_len = strlen(files[i].name);
        enum family_id family = family_of_file(files[i].name, name_len, &at, &len);
        if (family != files[i].family || len != strlen(files[i].part) ||
            memcmp(files[i].name + at, files[i].part, len) != 0)
            fail_msg("%s: %s", files[i].why, files[i].name);
        assert_int_equal(family_guess_of_file(files[i].name, name_len), files[i].guess);
    }
}

static void families_have_names(void **state)
{
    (void)state;
    assert_int_equal(family_by_name("spa50x-30x", 10), FAMILY_SPA50X_30X);
    assert_int_equal(family_by_name("SPA50X-30X", 10), FAMILY_SPA50X_30X);
    assert_int_equal(family_by_name("spa51x", 6), FAMILY_SPA51X);
    assert_int_equal(family_by_name("spa525g", 7), FAMILY_SPA525G);
    assert_int_equal(family_by_name("spa525", 6), FAMILY_UNKNOWN);
    assert_int_equal(family_by_name("", 0), FAMILY_UNKNOWN);
    assert_true(family_get(FAMILY_SPA50X_30X)->header_required);
    assert_false(family_get(FAMILY_SPA51X)->header_required);
    assert_false(family_get(FAMILY_SPA525G)->header_required);
    assert_string_equal(family_get((enum family_id)99)->name, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_has_its_family),
        cmocka_unit_test(file_names_tell_the_family),
        cmocka_unit_test(families_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
