/* test_schema.c - the schema as the box has it: without what is for the documentation alone. */
#include "config/reading.h"

#include "config/schema.h"

static void the_box_carries_no_documentation(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_sections; i++) {
        const struct schema_section *section = &schema[i];
        if (section->doc || section->example)
            fail_msg("[%s] has its text", section->name);
        for (size_t k = 0; k < section->key_count; k++)
            if (section->keys[k].texts)
                fail_msg("[%s] %s has its text", section->name, section->keys[k].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_box_carries_no_documentation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
