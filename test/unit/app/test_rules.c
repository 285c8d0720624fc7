#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/heard.h"
#include "app/staging/rules.h"
#include "config/settings.h"

static struct heard heard;

static struct version v(const char *text)
{
    struct version version = {{0}, 0, ""};
    if (!version_parse(text, strlen(text), &version))
        fail_msg("%s cannot be read", text);
    return version;
}

/* The name of the rule that forbids the step, or "". */
static const char *forbid(const struct rules *rules, enum family_id family, const char *from, const char *to)
{
    struct version a = v(from), b = v(to);
    const struct rule *rule = rules_forbid(rules, family, &a, &b);
    return rule ? rule->name : "";
}

static const struct {
    const char *why;
    enum family_id family;
    const char *from, *to, *rule;
} builtin[] = {
    {"to the stop itself", FAMILY_SPA50X_30X, "7.3.7", "7.5.2b", ""},
    {"past it", FAMILY_SPA50X_30X, "7.3.7", "7.5.5", "transition"},
    {"from just below", FAMILY_SPA50X_30X, "7.5.2a", "7.6.1", "transition"},
    {"7.5.2 is below 7.5.2b", FAMILY_SPA50X_30X, "7.5.2", "7.6.1", "transition"},
    {"from the stop on", FAMILY_SPA50X_30X, "7.5.2b", "7.6.1", ""},
    {"below the stop", FAMILY_SPA50X_30X, "7.1.3a", "7.4.9c", ""},
    {"51x has no stop", FAMILY_SPA51X, "7.3.7", "7.6.1", ""},
    {"525G has no stop", FAMILY_SPA525G, "7.4.4", "7.6.1", ""},
    {"XU by way of 7.5.7", FAMILY_SPA50X_30X, "7.5.6(XU)", "7.6.1", "leave-xu"},
    {"... only", FAMILY_SPA50X_30X, "7.5.6(XU)", "7.5.6a", "leave-xu"},
    {"... which is allowed", FAMILY_SPA50X_30X, "7.5.6(XU)", "7.5.7", ""},
    {"... in every family", FAMILY_SPA51X, "7.5.6(XU)", "7.6.1", "leave-xu"},
    {"... 525G, too", FAMILY_SPA525G, "7.5.6(XU)", "7.6.1", "leave-xu"},
    {"no longer when it is at 7.5.7", FAMILY_SPA50X_30X, "7.5.7(XU)", "7.6.1", ""},
    {"nor above", FAMILY_SPA50X_30X, "7.6.0(XU)", "7.6.1", ""},
    {"XU below the stop: both rules", FAMILY_SPA50X_30X, "7.4.9(XU)", "7.5.7", "transition"},
    {"XU below the stop: both rules", FAMILY_SPA50X_30X, "7.4.9(XU)", "7.5.2b", "leave-xu"},
};

static void built_in_rules(void **state)
{
    struct rules rules;
    (void)state;
    rules_init(&rules);
    assert_int_equal(rules.count, 2);
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
        if (strcmp(forbid(&rules, builtin[i].family, builtin[i].from, builtin[i].to), builtin[i].rule) != 0)
            fail_msg("%s: %s -> %s", builtin[i].why, builtin[i].from, builtin[i].to);
}

static void a_gate_is_added(void **state)
{
    struct rules rules;
    struct rule_text text = {.name = "stop-at-757",
                             .family = "SPA51X",
                             .to = ">= 7.6.1",
                             .needs = "=7.5.7",
                             .file = "stagebox.ini",
                             .line = 4};
    (void)state;
    rules_init(&rules);
    assert_true(rules_add(&rules, &text, heard_clear(&heard)));
    assert_string_equal(heard.text, "");
    assert_int_equal(rules.count, 3);
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.6", "7.6.1"), "stop-at-757");
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.7", "7.6.1"), "");
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.6", "7.5.7"), "");
    assert_string_equal(forbid(&rules, FAMILY_SPA525G, "7.5.6", "7.6.1"), "");
}

static void needs_and_via_in_one_gate_both_count(void **state)
{
    struct rules rules;
    struct rule_text text = {.name = "both", .from = ">=7.4.0", .to = "<7.7.0", .needs = ">=7.5.0", .via = "7.5.5"};
    (void)state;
    rules_init(&rules);
    assert_true(rules_add(&rules, &text, heard_clear(&heard)));
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.4.9", "7.5.5"), "both"); /* needs */
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.2", "7.5.7"), "both"); /* via */
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.2", "7.5.5"), "");
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.2", "7.8.1"), ""); /* `to` */
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.3.7", "7.5.7"), ""); /* `from` */
}

static void via_with_a_suffix_means_just_that(void **state)
{
    struct rules rules;
    struct rule_text text = {.name = "leave-xu", .from = "*(XU)", .via = "7.5.7(6)"};
    struct version xu = v("7.5.7(XU)"), six = v("7.5.7(6)");
    (void)state;
    rules_init(&rules);
    assert_true(rules_add(&rules, &text, heard_clear(&heard)));
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.6(XU)", "7.5.7"), "leave-xu");
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.6(XU)", "7.5.7(6)"), "");
    assert_true(rules_name_version(&rules, FAMILY_SPA51X, &six));
    assert_false(rules_name_version(&rules, FAMILY_SPA51X, &xu));
}

static void a_gate_replaces_the_built_in_of_its_name(void **state)
{
    struct rules rules;
    struct rule_text text = {.name = "Transition", .family = "spa50x-30x", .to = ">7.4.9", .needs = ">=7.4.9"};
    (void)state;
    rules_init(&rules);
    assert_true(rules_add(&rules, &text, heard_clear(&heard)));
    assert_int_equal(rules.count, 2);
    assert_false(rules.rule[0].builtin);
    assert_true(rules.rule[1].builtin);
    assert_string_equal(forbid(&rules, FAMILY_SPA50X_30X, "7.4.9", "7.6.1"), "");
    assert_string_equal(forbid(&rules, FAMILY_SPA50X_30X, "7.4.8", "7.6.1"), "transition");
}

static void a_built_in_can_be_switched_off(void **state)
{
    struct rules rules;
    struct rule_text text = {.name = "leave-xu", .from = "*", .via = "0.0.1", .file = "stagebox.ini", .line = 9};
    (void)state;
    rules_init(&rules);
    assert_true(rules_add(&rules, &text, heard_clear(&heard)));
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.5.6(XU)", "7.6.1"), "");
    assert_string_equal(forbid(&rules, FAMILY_SPA50X_30X, "7.3.7", "7.6.1"), "transition");
    assert_false(rules_add(&rules, &text, heard_clear(&heard)));
    assert_non_null(strstr(heard.text, "stagebox.ini:9: error: [gate leave-xu] is there twice"));
}

static const struct {
    const char *why;
    struct rule_text text;
    const char *said; /* part of the report */
} bad[] = {
    {"family",
     {.name = "a", .family = "spa50x", .needs = "7.5.2", .line = 3, .at = {.family = 5}},
     "stagebox.ini:5: error: family = spa50x"},
    {"legacy family",
     {.name = "a", .family = "spa9xx", .needs = "7.5.2", .line = 3},
     "stagebox.ini:3: error: family"},
    {"from",
     {.name = "a", .from = "seven", .needs = "7.5.2", .line = 3, .at = {.from = 6}},
     ":6: error: from = seven"},
    {"to", {.name = "a", .to = "=>7.5", .needs = "7.5.2", .line = 3, .at = {.to = 7}}, ":7: error: to = =>7.5"},
    {"needs", {.name = "a", .needs = "7.5", .line = 3, .at = {.needs = 8}}, ":8: error: needs = 7.5"},
    {"via is no expression",
     {.name = "a", .via = ">=7.5.7", .line = 3, .at = {.via = 9}},
     ":9: error: via = >=7.5.7"},
    {"nothing it would forbid", {.name = "a", .to = ">7.5.2b", .line = 3}, ":3: error: [gate a] has neither"},
    {"empty, of no built-in's name", {.name = "a", .line = 3}, ":3: error: [gate a] has neither"},
    {"a built-in half said", {.name = "transition", .to = ">7.5.2b", .line = 3}, ":3: error: [gate transition]"},
    {"name too long",
     {.name = "0123456789012345678901234567890123456789", .needs = "7.5.2", .line = 3},
     ":3: error: [gate 0123456789012345678901234567890123456789"},
};

static void bad_gates_are_reported_and_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rules rules, before;
        struct rule_text text = bad[i].text;
        text.file = "stagebox.ini";
        rules_init(&rules);
        before = rules;
        if (rules_add(&rules, &text, heard_clear(&heard)))
            fail_msg("%s was taken", bad[i].why);
        assert_int_equal(heard.problems.errors, 1);
        if (!strstr(heard.text, bad[i].said))
            fail_msg("%s: said %s", bad[i].why, heard.text);
        assert_memory_equal(&rules, &before, sizeof rules);
    }
}

static void every_bad_value_is_told(void **state)
{
    struct rules rules;
    struct rule_text text = {.name = "a",
                             .family = "x",
                             .from = "x",
                             .to = "x",
                             .needs = "x",
                             .via = "x",
                             .file = "stagebox.ini",
                             .line = 1};
    (void)state;
    rules_init(&rules);
    assert_false(rules_add(&rules, &text, heard_clear(&heard)));
    assert_int_equal(heard.problems.errors, 5);
}

static void too_many_gates_are_reported(void **state)
{
    struct rules rules;
    char name[16];
    struct rule_text text = {.name = name, .needs = ">=7.0.0", .file = "stagebox.ini", .line = 1};
    (void)state;
    rules_init(&rules);
    for (int i = 0; i < RULES_MAX - 2; i++) {
        snprintf(name, sizeof name, "g%d", i);
        assert_true(rules_add(&rules, &text, heard_clear(&heard)));
    }
    strcpy(name, "one-more");
    assert_false(rules_add(&rules, &text, heard_clear(&heard)));
    strcpy(name, "g3");
    assert_false(rules_add(&rules, &text, heard_clear(&heard)));
    assert_non_null(strstr(heard.text, "twice"));
}

static void rules_are_described(void **state)
{
    struct rules rules;
    char text[RULE_TEXT_MAX];
    (void)state;
    rules_init(&rules);
    assert_string_equal(rule_describe(&rules.rule[0], text), "to >7.5.2b needs >=7.5.2b");
    assert_string_equal(rule_describe(&rules.rule[1], text), "from *(XU) via 7.5.7");
    static const char longest[] = ">=9999.9999.9999z(ABCDEFGHIJK)";
    struct rule_text all = {.name = "all", .from = longest, .to = longest, .needs = longest, .via = longest + 2};
    assert_true(rules_add(&rules, &all, heard_clear(&heard)));
    assert_non_null(strstr(rule_describe(&rules.rule[2], text), "via 9999.9999.9999z(ABCDEFGHIJK)"));
}

struct source {
    const char *at;
};

static int read_text(void *ctx, void *buf, size_t cap)
{
    struct source *source = ctx;
    size_t len = strlen(source->at) < cap ? strlen(source->at) : cap;
    memcpy(buf, source->at, len);
    source->at += len;
    return (int)len;
}

static void gates_come_from_the_settings(void **state)
{
    struct settings *settings = calloc(1, sizeof *settings);
    struct source source = {"[gate a]\nfamily = spa51x\nto = >7.5.5\nneeds = >=7.5.5\n[gate b]\nfrom = *\nvia = x\n"
                            "[gate c]\nto = >7.5.5\n"
                            "[gate leave-xu]\nfrom = *(XU)\nvia = 7.5.5\n"};
    struct rules rules;
    (void)state;
    assert_non_null(settings);
    settings_read(settings, "stagebox.ini", read_text, &source, heard_clear(&heard));
    assert_int_equal(heard.problems.errors, 1); /* the incomplete one: told there, not again here */
    assert_false(rules_read(&rules, settings, "stagebox.ini", heard_clear(&heard)));
    assert_non_null(strstr(heard.text, "stagebox.ini:7: error: via = x"));
    assert_int_equal(heard.problems.errors, 1);
    assert_int_equal(rules.count, 3);
    assert_string_equal(forbid(&rules, FAMILY_SPA51X, "7.4.9", "7.5.7"), "a");
    assert_string_equal(forbid(&rules, FAMILY_SPA525G, "7.5.2(XU)", "7.5.7"), "leave-xu");
    assert_string_equal(forbid(&rules, FAMILY_SPA525G, "7.5.6(XU)", "7.6.1"), "");
    free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_rules),
        cmocka_unit_test(a_gate_is_added),
        cmocka_unit_test(needs_and_via_in_one_gate_both_count),
        cmocka_unit_test(via_with_a_suffix_means_just_that),
        cmocka_unit_test(a_gate_replaces_the_built_in_of_its_name),
        cmocka_unit_test(a_built_in_can_be_switched_off),
        cmocka_unit_test(bad_gates_are_reported_and_change_nothing),
        cmocka_unit_test(every_bad_value_is_told),
        cmocka_unit_test(too_many_gates_are_reported),
        cmocka_unit_test(rules_are_described),
        cmocka_unit_test(gates_come_from_the_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
