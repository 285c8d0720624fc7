#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/heard.h"
#include "app/staging/ladder.h"
#include "config/settings.h"

static struct heard heard;

struct card {
    struct ladder ladder;
    struct rules rules;
    struct ladder_image images[16];
    char names[512];
};

static struct version v(const char *text)
{
    struct version version = {{0}, 0, ""};
    if (text[0] && !version_parse(text, strlen(text), &version))
        fail_msg("%s cannot be read", text);
    return version;
}

/* A card with files named as in `names` (blanks between; a leading + means: a [firmware] section
 * names the file), and the built-in rules. */
static void card_init(struct card *card, const char *names, const char *target)
{
    memset(card, 0, sizeof *card);
    rules_init(&card->rules);
    snprintf(card->names, sizeof card->names, "%s", names);
    size_t count = 0;
    for (char *name = strtok(card->names, " "); name; name = strtok(NULL, " ")) {
        size_t at, len;
        struct ladder_image *image = &card->images[count++];
        image->named = name[0] == '+';
        image->file = name + (image->named ? 1 : 0);
        image->family = family_of_file(image->file, strlen(image->file), &at, &len);
        assert_true(version_parse_file_part(image->file + at, len, &image->version));
    }
    card->ladder = (struct ladder){
        .images = card->images, .image_count = count, .rules = &card->rules, .target = v(target)};
}

/* "7.5.2b 7.6.1" | "done 7.6.1" | "model" | "no firmware" | "no path" */
static const char *describe(const struct ladder_plan *plan)
{
    static char out[400];
    char text[VERSION_TEXT_MAX];
    out[0] = '\0';
    if (plan->result == LADDER_DONE)
        snprintf(out, sizeof out, "done %s", version_format(&plan->end, text));
    else if (plan->result < 0)
        strcpy(out, plan->result == LADDER_E_MODEL         ? "model"
                    : plan->result == LADDER_E_NO_FIRMWARE ? "no firmware"
                    : plan->result == LADDER_E_NO_PATH     ? "no path"
                    : plan->result == LADDER_E_AWAY        ? "away"
                                                           : "no version");
    for (size_t i = 0; i < plan->rung_count; i++) {
        strcat(out, i > 0 ? " " : "");
        strcat(out, version_format(&plan->rungs[i]->version, text));
    }
    return out;
}

#define F50 "spa50x-30x-"
#define BATCH F50 "7-5-2b.bin " F50 "7-5-7.bin " F50 "7-6-1.bin"

static const struct {
    const char *why, *files, *target, *model, *from, *plan;
    const char *said; /* part of the sentence; "": none */
} plans[] = {
    {"the field's own way", BATCH, "", "SPA504G", "7.3.7", "7.5.2b 7.6.1", ""},
    {"from the oldest", BATCH, "", "SPA303", "7.1.3a", "7.5.2b 7.6.1", ""},
    {"at the stop", BATCH, "", "SPA504G", "7.5.2b", "7.6.1", ""},
    {"XU by way of 7.5.7", BATCH, "", "SPA504G", "7.5.6(XU)", "7.5.7 7.6.1", ""},
    {"XU below the stop may go nowhere", BATCH, "", "SPA504G", "7.4.9(XU)", "no path",
     "and by rule leave-xu (from *(XU) via 7.5.7) none by way of 7.5.2b"},
    {"at the target", BATCH, "", "SPA504G", "7.6.1", "done 7.6.1", ""},
    {"at the target with a bracket", BATCH, "", "SPA504G", "7.6.1(ES_RC01)", "done 7.6.1(ES_RC01)", ""},
    {"above it", BATCH, "", "SPA504G", "7.6.2g", "done 7.6.2g", ""},
    {"target set", BATCH, "7.5.7", "SPA504G", "7.3.7", "7.5.2b 7.5.7", ""},
    {"target is the stop", BATCH, "7.5.2b", "SPA504G", "7.3.7", "7.5.2b", ""},
    {"target below the stop", F50 "7-4-9c.bin " BATCH, "7.4.9c", "SPA504G", "7.3.7", "7.4.9c", ""},
    {"above a target that is not there", "", "7.5.7", "SPA504G", "7.6.1", "done 7.6.1", ""},
    {"the stop is missing", F50 "7-5-7.bin " F50 "7-6-1.bin", "", "SPA504G", "7.3.7", "no path",
     "spa50x-30x-7-5-2b.bin is missing: by rule transition"},
    {"the way out of XU is missing", F50 "7-5-2b.bin " F50 "7-6-1.bin", "", "SPA504G", "7.5.6(XU)", "no path",
     "spa50x-30x-7-5-7.bin is missing: by rule leave-xu"},
    {"the target is missing", BATCH, "7.6.2", "SPA504G", "7.5.7", "no path",
     "spa50x-30x-7-6-2.bin is missing: it is the"},
    {"stop and target are missing", F50 "7-5-7.bin", "7.6.2", "SPA504G", "7.3.7", "no path",
     "spa50x-30x-7-5-2b.bin and spa50x-30x-7-6-2.bin are missing"},
    {"XU may not overshoot", F50 "7-5-6a.bin " BATCH, "7.5.6a", "SPA504G", "7.5.6(XU)", "no path", "leave-xu"},
    {"nothing for the family", BATCH, "", "SPA525G", "7.4.4", "no firmware", "spa525g"},
    {"nothing for the family, target set", BATCH, "7.6.1", "SPA525G", "7.4.4", "no firmware", "spa525g-7-6-1.bin"},
    {"an empty card", "", "", "SPA504G", "7.3.7", "no firmware", "no firmware for spa50x-30x"},
    {"51x needs no stop", "spa51x-7-5-5.bin spa51x-7-6-1.bin", "", "SPA514G", "7.3.7", "7.6.1", ""},
    {"525G2 takes the 525G's", "spa525g-7-6-2e-bt.bin", "", "SPA525G2", "7.4.5", "7.6.2e-bt", ""},
    {"legacy", BATCH, "", "SPA942", "6.1.5(a)", "model", "takes no 7.x firmware"},
    {"legacy above the target still is refused", BATCH, "5.0.0", "SPA942", "6.1.5(a)", "model", "SPA942 takes no"},
    {"unknown model", BATCH, "", "SPA122", "1.4.1(002)", "model", "SPA122 is not a model"},
    {"DECT", BATCH, "", "SPA302D", "7.4.9", "model", "not known"},
    {"unknown version", BATCH, "", "SPA504G", "", "no version", "version is not known"},
    {"XU images are not newest", F50 "7-5-2b.bin " F50 "7-6-5-XU.bin", "", "SPA504G", "7.3.7", "7.5.2b", ""},
    {"... nor all there is", F50 "7-5-6-XU.bin", "", "SPA504G", "7.5.5", "no firmware", "(XU)"},
    {"... unless the target names it", F50 "7-5-2b.bin " F50 "7-5-6-XU.bin", "7.5.6(XU)", "SPA504G", "7.3.7",
     "7.5.2b 7.5.6(XU)", ""},
    {"... not by its number alone", F50 "7-5-2b.bin " F50 "7-5-6-XU.bin", "7.5.6", "SPA504G", "7.3.7", "no path",
     "spa50x-30x-7-5-6.bin is missing"},
    {"... or a section names it", F50 "7-5-2b.bin +" F50 "7-5-6-XU.bin", "", "SPA504G", "7.3.7", "7.5.2b 7.5.6(XU)",
     ""},
    {"a suffix goes behind none", F50 "7-5-7-6.bin " F50 "7-5-7.bin", "", "SPA504G", "7.5.5", "7.5.7", ""},
    {"... but the target's own goes first", F50 "7-5-7-6.bin " F50 "7-5-7.bin", "7.5.7(6)", "SPA504G", "7.5.5",
     "7.5.7(6)", ""},
    {"... and the number alone is enough", F50 "7-5-7.bin", "7.5.7(6)", "SPA504G", "7.5.5", "7.5.7", ""},
    {"at equal weight by name", F50 "7-5-7-9.bin " F50 "7-5-7-6.bin", "", "SPA504G", "7.5.5", "7.5.7(6)", ""},
};

static void plans_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct card card;
        struct ladder_plan plan;
        struct version from = v(plans[i].from);
        card_init(&card, plans[i].files, plans[i].target);
        ladder_plan(&card.ladder, plans[i].model, &from, &plan);
        if (strcmp(describe(&plan), plans[i].plan) != 0)
            fail_msg("%s: %s (%s)", plans[i].why, describe(&plan), plan.sentence);
        if (plans[i].said[0] == '\0' ? plan.sentence[0] != '\0' : !strstr(plan.sentence, plans[i].said))
            fail_msg("%s: said \"%s\"", plans[i].why, plan.sentence);
    }
}

static void add_gate(struct card *card, const char *name, const char *to, const char *needs)
{
    struct rule_text text = {.name = name, .to = to, .needs = needs, .file = "stagebox.ini"};
    assert_true(rules_add(&card->rules, &text, heard_clear(&heard)));
}

static void the_shortest_way_counts_and_the_newest_first_rung(void **state)
{
    struct card card;
    struct ladder_plan plan;
    struct version from = v("7.4.4");
    (void)state;
    card_init(&card, "spa51x-7-5-2b.bin spa51x-7-5-5.bin spa51x-7-5-6.bin spa51x-7-5-7.bin spa51x-7-6-1.bin", "");
    ladder_plan(&card.ladder, "SPA514G", &from, &plan);
    assert_string_equal(describe(&plan), "7.6.1");
    add_gate(&card, "one-stop", ">=7.6.1", ">=7.5.5");
    ladder_plan(&card.ladder, "SPA514G", &from, &plan);
    assert_string_equal(describe(&plan), "7.5.7 7.6.1");
    add_gate(&card, "no-757", "7.5.7", ">=7.5.2b");
    ladder_plan(&card.ladder, "SPA514G", &from, &plan);
    assert_string_equal(describe(&plan), "7.5.6 7.6.1");
}

static void downgrades_only_where_allowed(void **state)
{
    struct card card;
    struct ladder_plan plan;
    struct version from = v("7.6.2"), xu = v("7.5.6(XU)");
    (void)state;
    card_init(&card, F50 "7-4-9c.bin " BATCH, "7.5.2b");
    ladder_plan(&card.ladder, "SPA504G", &from, &plan);
    assert_string_equal(describe(&plan), "done 7.6.2");
    card.ladder.downgrade = true;
    ladder_plan(&card.ladder, "SPA504G", &from, &plan);
    assert_string_equal(describe(&plan), "7.5.2b");
    add_gate(&card, "down", "<=7.5.2b", "<=7.5.7");
    ladder_plan(&card.ladder, "SPA504G", &from, &plan);
    assert_string_equal(describe(&plan), "7.5.7 7.5.2b");
    ladder_plan(&card.ladder, "SPA504G", &xu, &plan); /* only 7.5.7 may be next, which is no way down */
    assert_string_equal(describe(&plan), "no path");
    card.ladder.target = v("7.6.2(6)");
    ladder_plan(&card.ladder, "SPA504G", &from, &plan);
    assert_string_equal(describe(&plan), "done 7.6.2");
}

/* What the phones of this batch were led to; the guard follows the plan. */
static void the_target_does_not_sink(void **state)
{
    struct card before, card;
    struct ladder_plan plan;
    struct version old = v("7.3.7"), middle = v("7.5.2b"), target = v("7.6.1");
    (void)state;
    card_init(&before, BATCH, "");
    assert_true(ladder_keep(&before.ladder, FAMILY_SPA50X_30X));
    assert_false(ladder_keep(&before.ladder, FAMILY_SPA50X_30X));
    assert_false(ladder_keep(&before.ladder, FAMILY_SPA51X));
    assert_null(ladder_away(&before.ladder, FAMILY_SPA50X_30X));

    card_init(&card, F50 "7-5-2b.bin " F50 "7-5-7.bin", "");
    memcpy(card.ladder.kept, before.ladder.kept, sizeof card.ladder.kept);
    assert_false(ladder_keep(&card.ladder, FAMILY_SPA50X_30X));
    assert_string_equal(ladder_away(&card.ladder, FAMILY_SPA50X_30X)->file, F50 "7-6-1.bin");
    ladder_plan(&card.ladder, "SPA504G", &old, &plan);
    assert_string_equal(describe(&plan), "away");
    assert_non_null(strstr(plan.sentence, F50 "7-6-1.bin, the target of this batch, is damaged or gone"));
    assert_int_equal(version_compare(&plan.target, &target), 0);
    ladder_plan(&card.ladder, "SPA504G", &middle, &plan);
    assert_string_equal(describe(&plan), "away");
    ladder_plan(&card.ladder, "SPA504G", &target, &plan);
    assert_string_equal(describe(&plan), "done 7.6.1");
    assert_false(ladder_allows(&card.ladder, "SPA504G", &old, &card.images[0]));
    assert_false(ladder_let_go(&card.ladder));

    card.ladder.target = v("7.5.7"); /* named: deliberate */
    assert_null(ladder_away(&card.ladder, FAMILY_SPA50X_30X));
    ladder_plan(&card.ladder, "SPA504G", &middle, &plan);
    assert_string_equal(describe(&plan), "7.5.7");
    assert_true(ladder_let_go(&card.ladder));
    card.ladder.target = v("");
    ladder_plan(&card.ladder, "SPA504G", &middle, &plan);
    assert_string_equal(describe(&plan), "7.5.7");
    assert_true(ladder_keep(&card.ladder, FAMILY_SPA50X_30X));
}

static void too_many_rungs_are_said(void **state)
{
    static struct ladder_image images[40];
    static char names[40][40];
    struct rules rules;
    struct ladder ladder = {.images = images, .image_count = 40, .rules = &rules};
    struct version from = v("7.0.9");
    struct ladder_plan plan;
    (void)state;
    rules_init(&rules);
    for (int i = 0; i < 40; i++) {
        char to[16], before[16], gate[16];
        snprintf(names[i], sizeof names[i], "spa51x-7-1-%d.bin", 10 + i);
        snprintf(to, sizeof to, "7.1.%d", 10 + i);
        snprintf(before, sizeof before, "7.1.%d", 9 + i);
        snprintf(gate, sizeof gate, "g%d", i);
        images[i] = (struct ladder_image){names[i], v(to), FAMILY_SPA51X, false};
        struct rule_text text = {.name = gate, .to = to, .needs = before, .file = "stagebox.ini"};
        if (i > 0)
            assert_true(rules_add(&rules, &text, heard_clear(&heard)));
    }
    assert_int_equal(ladder_plan(&ladder, "SPA514G", &from, &plan), LADDER_E_NO_PATH);
    assert_non_null(strstr(plan.sentence, "more than 32 rungs"));
    assert_int_equal(plan.rung_count, 0);
    ladder.target = v("7.1.41");
    assert_int_equal(ladder_plan(&ladder, "SPA514G", &from, &plan), LADDER_RUNGS);
    assert_int_equal(plan.rung_count, 32);
}

static const struct {
    const char *why, *model, *from, *file;
    bool allowed;
} steps[] = {
    {"the plan's first rung", "SPA504G", "7.3.7", F50 "7-5-2b.bin", true},
    {"a skipped gate", "SPA504G", "7.3.7", F50 "7-6-1.bin", false},
    {"a skipped gate", "SPA504G", "7.3.7", F50 "7-5-7.bin", false},
    {"a longer way is safe, too", "SPA504G", "7.3.7", F50 "7-4-9c.bin", true},
    {"a longer way is safe, too", "SPA504G", "7.5.2b", F50 "7-5-7.bin", true},
    {"the target", "SPA504G", "7.5.2b", F50 "7-6-1.bin", true},
    {"a downgrade", "SPA504G", "7.5.7", F50 "7-5-2b.bin", false},
    {"what it runs already", "SPA504G", "7.5.7", F50 "7-5-7.bin", false},
    {"at the target", "SPA504G", "7.6.1", F50 "7-6-1.bin", false},
    {"above the target", "SPA504G", "7.6.2g", F50 "7-6-1.bin", false},
    {"XU: only 7.5.7", "SPA504G", "7.5.6(XU)", F50 "7-6-1.bin", false},
    {"XU: only 7.5.7", "SPA504G", "7.5.6(XU)", F50 "7-5-7.bin", true},
    {"another family's", "SPA514G", "7.3.7", F50 "7-5-2b.bin", false},
    {"another family's", "SPA504G", "7.5.2b", "spa51x-7-6-1.bin", false},
    {"its own", "SPA514G", "7.3.7", "spa51x-7-6-1.bin", true},
    {"an XU image that nobody named", "SPA504G", "7.5.2b", F50 "7-5-6-XU.bin", false},
    {"legacy", "SPA942", "6.1.5", F50 "7-5-2b.bin", false},
    {"unknown version", "SPA504G", "", F50 "7-5-2b.bin", false},
};

static void the_guard_allows_safe_steps_only(void **state)
{
    struct card card;
    (void)state;
    card_init(&card, F50 "7-4-9c.bin " F50 "7-5-6-XU.bin spa51x-7-6-1.bin " BATCH, "");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct version from = v(steps[i].from);
        const struct ladder_image *image = NULL;
        for (size_t j = 0; j < card.ladder.image_count; j++)
            if (strcmp(card.images[j].file, steps[i].file) == 0)
                image = &card.images[j];
        assert_non_null(image);
        if (ladder_allows(&card.ladder, steps[i].model, &from, image) != steps[i].allowed)
            fail_msg("%s: %s at %s, %s", steps[i].why, steps[i].model, steps[i].from, steps[i].file);
    }
}

static void the_guard_asks_whether_the_target_can_be_reached_after_it(void **state)
{
    struct card card;
    struct version from = v("7.4.4");
    (void)state;
    card_init(&card, "spa51x-7-5-2b.bin spa51x-7-5-5.bin spa51x-7-6-1.bin", "");
    add_gate(&card, "from-752b-only", "7.6.1", "=7.5.2b");
    assert_true(ladder_allows(&card.ladder, "SPA514G", &from, &card.images[0]));
    assert_false(ladder_allows(&card.ladder, "SPA514G", &from, &card.images[1])); /* a dead end */
}

static void the_target_comes_from_the_settings(void **state)
{
    static const struct {
        const char *target, *version;
        bool ok;
    } cases[] = {
        {"newest", "", true}, {"", "", true}, {"7.6.1", "7.6.1", true}, {"latest", "", false}, {"7.6", "", false}};
    struct settings *settings = calloc(1, sizeof *settings);
    struct ladder ladder = {0};
    (void)state;
    assert_non_null(settings);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[VERSION_TEXT_MAX];
        strcpy(settings->upgrade.target, cases[i].target);
        assert_int_equal(ladder_read(&ladder, settings, "stagebox.ini", heard_clear(&heard)), cases[i].ok);
        assert_int_equal(heard.problems.errors, !cases[i].ok);
        assert_string_equal(version_format(&ladder.target, text), cases[i].version);
        assert_false(ladder.downgrade);
    }
    settings->upgrade.downgrade = DOWNGRADE_ALLOW;
    ladder_read(&ladder, settings, "stagebox.ini", heard_clear(&heard));
    assert_true(ladder.downgrade);
    free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_right),
        cmocka_unit_test(the_shortest_way_counts_and_the_newest_first_rung),
        cmocka_unit_test(downgrades_only_where_allowed),
        cmocka_unit_test(the_target_does_not_sink),
        cmocka_unit_test(too_many_rungs_are_said),
        cmocka_unit_test(the_guard_allows_safe_steps_only),
        cmocka_unit_test(the_guard_asks_whether_the_target_can_be_reached_after_it),
        cmocka_unit_test(the_target_comes_from_the_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
