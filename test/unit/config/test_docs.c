/* test_docs.c - the documents in docs/ are what the table says, and the sample can be used. */
#include "config/reading.h"

#include "config/docs.h"
#include "config/schema.h"

#define PAGE_MAX (1 << 17)

static void collect(void *ctx, const char *text)
{
    char *page = ctx;
    size_t used = strlen(page);
    assert_true(used + strlen(text) < PAGE_MAX);
    strcpy(page + used, text);
}

static char *page_of(void (*make)(docs_put *put, void *ctx))
{
    char *page = calloc(1, PAGE_MAX);
    assert_non_null(page);
    make(collect, page);
    return page;
}

static void check_committed(const char *path, void (*make)(docs_put *put, void *ctx))
{
    char *page = page_of(make);
    char *committed = reading_file(path);
    if (strcmp(page, committed) != 0)
        fail_msg("%s is not what config/schema.c says: make it anew with stagebox_settings_doc", path);
    free(committed);
    free(page);
}

static void committed_documents(void **state)
{
    (void)state;
    check_committed("docs/stagebox.ini.md", docs_markdown);
    check_committed("docs/stagebox.ini.sample", docs_sample);
}

static void every_key_is_told_of(void **state)
{
    (void)state;
    char *markdown = page_of(docs_markdown);
    char *sample = page_of(docs_sample);
    for (size_t i = 0; i < schema_sections; i++) {
        char text[64];
        snprintf(text, sizeof text, "\n## [%s", schema[i].name);
        char *section = strstr(markdown, text);
        assert_non_null(section);
        assert_non_null(strstr(sample, text + 4));
        for (size_t k = 0; k < schema[i].key_count; k++) {
            snprintf(text, sizeof text, "\n| `%s` |", schema[i].keys[k].name);
            assert_non_null(strstr(section, text));
        }
    }
    free(markdown);
    free(sample);
}

static void the_sample_says_the_defaults(void **state)
{
    (void)state;
    char *sample = page_of(docs_sample);
    struct reading *r = reading_of(sample);
    struct reading *empty = reading_of("");
    assert_string_equal(r->said, "");
    memset(&r->settings.box.at, 0, sizeof r->settings.box.at);
    for (size_t i = 0; i < schema_sections; i++)
        if (schema[i].kind == KIND_ONE)
            memset(schema_item(&schema[i], &r->settings, 0), 0, sizeof(struct settings_lines));
    assert_memory_equal(&r->settings, &empty->settings, sizeof r->settings);
    free(empty);
    free(r);
    free(sample);
}

/* With the ; taken away from every line that can be a setting. */
static void the_whole_sample_is_sound(void **state)
{
    (void)state;
    char *sample = page_of(docs_sample);
    size_t freed = 0;
    for (char *line = sample; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (line[0] == ';' && line[1] != ' ' && line[1] != '\n' && line[1] != '\0') {
            line[0] = ' ';
            freed++;
        }
    }
    struct reading *r = reading_of(sample);
    assert_string_equal(r->said, "");
    assert_true(freed > 50);
    assert_int_equal(r->settings.gate_count, 2);
    assert_int_equal(r->settings.host_count, 1);
    assert_int_equal(r->settings.option_count, 3);
    assert_int_equal(r->settings.upgrade.stall_s, 600);
    free(r);
    free(sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_documents),
        cmocka_unit_test(every_key_is_told_of),
        cmocka_unit_test(the_sample_says_the_defaults),
        cmocka_unit_test(the_whole_sample_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
