#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/cli/plan.h"

static struct ladder_image images[] = {
    {"spa50x-30x-7-5-2b.bin", {{7, 5, 2}, 'b', ""}, FAMILY_SPA50X_30X, false},
    {"spa50x-30x-7-5-7.bin", {{7, 5, 7}, 0, ""}, FAMILY_SPA50X_30X, false},
    {"spa50x-30x-7-6-1.bin", {{7, 6, 1}, 0, ""}, FAMILY_SPA50X_30X, false},
};
static struct rules rules;
static struct ladder ladder = {.images = images, .image_count = 3, .rules = &rules};

/* What was written to a stream since the last call. */
static const char *drain(FILE *stream)
{
    static char text[2][32768];
    static int turn;
    char *out = text[turn = !turn];
    rewind(stream);
    size_t len = fread(out, 1, sizeof text[0] - 1, stream);
    out[len] = '\0';
    return out;
}

static const struct {
    const char *why;
    const char *words[5];
    int status;
    const char *out, *err; /* err: a part of it; "": nothing at all */
} runs[] = {
    {"the contract's example",
     {"SPA504G", "7.3.7"},
     0,
     "7.3.7 -> 7.5.2b  spa50x-30x-7-5-2b.bin\n7.5.2b -> 7.6.1  spa50x-30x-7-6-1.bin\ndone at 7.6.1\n",
     ""},
    {"without SPA, any case", {"504g", "7.5.2b"}, 0, "7.5.2b -> 7.6.1  spa50x-30x-7-6-1.bin\ndone at 7.6.1\n", ""},
    {"above", {"spa504G", "7.6.2g"}, 0, "done at 7.6.2g\n", ""},
    {"unknown model", {"SPA122", "7.3.7"}, 1, "", "SPA122 is not a model"},
    {"not the shape of a model", {"toaster", "7.3.7"}, 1, "", "toaster is not a model"},
    {"no firmware", {"SPA525G", "7.3.7"}, 1, "", "no firmware for spa525g"},
    {"unreadable version", {"SPA504G", "seven"}, 2, "", "seven is not a version"},
    {"unreadable version comes first", {"toaster", ""}, 2, "", "is not a version"},
    {"JSON",
     {"504G", "7.5.6(XU)", "--json"},
     0,
     "{\"model\":\"SPA504G\",\"family\":\"spa50x-30x\",\"from\":\"7.5.6(XU)\",\"target\":\"7.6.1\",\"rungs\":["
     "{\"from\":\"7.5.6(XU)\",\"to\":\"7.5.7\",\"file\":\"spa50x-30x-7-5-7.bin\"},"
     "{\"from\":\"7.5.7\",\"to\":\"7.6.1\",\"file\":\"spa50x-30x-7-6-1.bin\"}],\"problem\":null}\n",
     ""},
    {"JSON at the target",
     {"--json", "504G", "7.6.1"},
     0,
     "{\"model\":\"SPA504G\",\"family\":\"spa50x-30x\",\"from\":\"7.6.1\",\"target\":\"7.6.1\",\"rungs\":[],"
     "\"problem\":null}\n",
     ""},
    {"JSON of a strange model",
     {"a\"b\n", "7.6.1", "--json"},
     1,
     "{\"model\":\"a\\\"b\\n\",\"family\":null,\"from\":\"7.6.1\",\"target\":null,\"rungs\":[],"
     "\"problem\":\"a\\\"b\\n is not a model that stagebox upgrades\"}\n",
     "is not a model"},
    {"JSON of an unreadable version", {"504G", "7", "--json"}, 2, "", "7 is not a version"},
    {"rules",
     {"--gates"},
     0,
     "transition       spa50x-30x   to >7.5.2b needs >=7.5.2b  (built in)\n"
     "leave-xu         every family from *(XU) via 7.5.7  (built in)\n",
     ""},
    {"rules and plan",
     {"504G", "7.6.1", "--gates"},
     0,
     "transition       spa50x-30x   to >7.5.2b needs >=7.5.2b  (built in)\n"
     "leave-xu         every family from *(XU) via 7.5.7  (built in)\ndone at 7.6.1\n",
     ""},
    {"rules as JSON",
     {"--gates", "--json"},
     0,
     "{\"gates\":[{\"name\":\"transition\",\"family\":\"spa50x-30x\",\"rule\":\"to >7.5.2b needs >=7.5.2b\","
     "\"builtin\":true},{\"name\":\"leave-xu\",\"family\":null,\"rule\":\"from *(XU) via "
     "7.5.7\",\"builtin\":true}]}\n",
     ""},
    {"no words", {NULL}, 2, "", "usage:"},
    {"one word", {"504G"}, 2, "", "usage:"},
    {"three words", {"504G", "7.3.7", "7.6.1"}, 2, "", "usage:"},
    {"unknown option", {"504G", "7.3.7", "--jason"}, 2, "", "usage:"},
};

/* `<` may be written as an escape: the page embeds such JSON. */
static void unescape(char *text)
{
    char *found;
    while ((found = strstr(text, "\\u003c")) != NULL || (found = strstr(text, "\\u003C")) != NULL) {
        found[0] = '<';
        memmove(found + 1, found + 6, strlen(found + 6) + 1);
    }
}

static int run(char *const *words, FILE *out, FILE *err)
{
    struct plan_options options;
    int count = 0;
    while (words[count])
        count++;
    return plan_parse(count, words, &options, err) ? plan_run(&ladder, &options, out, err) : 2;
}

static void says_what_the_contract_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        FILE *out = tmpfile(), *err = tmpfile();
        assert_non_null(out);
        assert_non_null(err);
        char *words[5];
        memcpy(words, runs[i].words, sizeof words);
        int status = run(words, out, err);
        char said[32768];
        strcpy(said, drain(out));
        unescape(said);
        const char *problem = drain(err);
        if (status != runs[i].status || strcmp(said, runs[i].out) != 0)
            fail_msg("%s: %d, %s", runs[i].why, status, said);
        if (runs[i].err[0] ? !strstr(problem, runs[i].err) : problem[0] != '\0')
            fail_msg("%s: %s", runs[i].why, problem);
        fclose(out);
        fclose(err);
    }
}

static void json_into_a_buffer(void **state)
{
    char buf[PLAN_JSON_MAX];
    size_t len;
    (void)state;
    assert_int_equal(plan_json(&ladder, "504G", "7.3.7", buf, sizeof buf, &len), 0);
    assert_int_equal(len, strlen(buf));
    assert_int_equal(buf[len - 1], '}');
    assert_int_equal(plan_json(&ladder, "504G", "x", buf, sizeof buf, &len), 2);
    assert_int_equal(len, 0);
    assert_int_equal(plan_json(&ladder, "504G", "7.3.7", buf, 20, &len), 0); /* too small: nothing, but no harm */
    assert_int_equal(len, 0);
}

static int setup(void **state)
{
    (void)state;
    rules_init(&rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_contract_says),
        cmocka_unit_test(json_into_a_buffer),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
