/* While `newest` is in force: the target of a running batch does not sink because its image is damaged or gone. */
#include "test/unit/app/https_house.h"

#include "app/staging/targets.h"

#define NEWEST "firmware/spa51x-7-6-1.bin"
#define HTTP_ONLY "[https]\nenabled = no\n[upgrade]\n"

static struct house *batch(void)
{
    struct house *h = house_card();
    fake_file_text(h->port, NEWEST, "another image of the 51x family");
    house_read(h, HTTP_ONLY);
    house_open_staging(h);
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.2b"));
    assert_int_equal(h->stage, STAGE_LADDER);
    assert_string_equal(house_phone(h)->offer.file, "spa51x-7-6-1.bin");
    return h;
}

static void take_away(struct house *h)
{
    fake_file_remove(h->port, NEWEST);
    house_read(h, HTTP_ONLY);
}

static enum phone_state state_of(const struct house *h)
{
    struct ladder_plan plan;
    staging_plan(h->staging, house_phone(h), &plan);
    return status_of(house_phone(h), &plan);
}

static bool is_warned(const struct house *h)
{
    const char *text;
    for (size_t i = 0; (text = staging_warning_text(h->staging, i)) != NULL; i++)
        if (strstr(text, "spa51x-7-6-1.bin, the target of this batch, is damaged or gone"))
            return true;
    return false;
}

/* Such a phone is led nowhere, and told so on its row. */
static void assert_waits(struct house *h, const char *agent)
{
    house_wait(h);
    house_ask(h, CARRIER_HTTP, agent);
    assert_int_equal(h->stage, STAGE_WAIT);
    assert_string_equal(house_value(h, "Upgrade_Rule"), "");
    assert_int_equal(state_of(h), PHONE_WAITING);
    assert_non_null(strstr(house_row(h), "spa51x-7-6-1.bin, the target of this batch, is damaged or gone: copy it"));
    assert_true(is_warned(h));
}

static void a_phone_waits_and_goes_on(void **state)
{
    (void)state;
    struct house *h = batch();
    take_away(h);
    assert_non_null(strstr(h->heard.text, NEWEST));
    assert_waits(h, HOUSE_AGENT("7.5.2b"));
    assert_waits(h, HOUSE_AGENT("7.5.7")); /* what would be the newest now */
    fake_file_text(h->port, NEWEST, "another image of the 51x family");
    house_read(h, HTTP_ONLY);
    assert_false(is_warned(h));
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.7"));
    assert_int_equal(h->stage, STAGE_LADDER);
    assert_string_equal(house_row(h), "");
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.6.1"));
    assert_int_equal(h->stage, STAGE_FINAL);
    house_close(h);
}

static void it_outlives_a_restart(void **state)
{
    (void)state;
    struct house *h = batch();
    take_away(h);
    for (int i = 0; i < 2; i++) { /* the second time from a snapshot */
        house_restart(h);
        assert_waits(h, HOUSE_AGENT("7.5.7"));
    }
    struct ladder *ladder = &h->content.ladder;
    memset(ladder->kept, 0, sizeof ladder->kept);
    targets_recall(ladder, h->port);
    assert_string_equal(ladder_away(ladder, FAMILY_SPA51X)->file, "spa51x-7-6-1.bin");
    house_close(h);
}

static void naming_a_target_lowers_it(void **state)
{
    (void)state;
    for (int restart = 0; restart < 2; restart++) {
        struct house *h = batch();
        take_away(h);
        assert_waits(h, HOUSE_AGENT("7.5.2b"));
        house_read(h, HTTP_ONLY "target = 7.5.7\n");
        assert_false(is_warned(h));
        house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.2b"));
        assert_int_equal(h->stage, STAGE_LADDER);
        if (restart)
            house_restart(h);
        house_read(h, HTTP_ONLY); /* and newest begins anew */
        house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.7"));
        assert_int_equal(h->stage, STAGE_FINAL);
        house_close(h);
    }
}

static void nobody_was_led_to_it(void **state)
{
    (void)state;
    struct house *h = house_card();
    fake_file_text(h->port, NEWEST, "another image of the 51x family");
    house_read(h, HTTP_ONLY);
    house_open_staging(h);
    take_away(h);
    assert_false(is_warned(h));
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.7"));
    assert_int_equal(h->stage, STAGE_FINAL);
    house_close(h);
}

/* Nothing on the phone's side can be done about it: no remedies, no `needs-hand`. */
static void waiting_costs_no_remedies(void **state)
{
    (void)state;
    struct house *h = batch();
    take_away(h);
    assert_waits(h, HOUSE_AGENT("7.5.2b"));
    fake_set_now(h->port, fake_now(h->port) + 24u * 3600 * 1000);
    timers_run(&h->timers, fake_now(h->port));
    assert_int_equal(house_phone(h)->attempts, 0);
    assert_false(house_phone(h)->needs_hand);
    house_close(h);
}

static void damaged_records_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } records[] = {{"", 0},
                   {"\6\0spa51x\5\0" "7.6.1\3\0a.b", 19},
                   {"\6\0spa51q\5\0" "7.6.1\3\0a.b", 20},
                   {"\6\0spa51x\5\0" "7.x.1\3\0a.b", 20}};
    struct ladder ladder;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        memset(&ladder, 0, sizeof ladder);
        targets_restore(&ladder, &(struct journal_record){9, 1, records[i].bytes, records[i].len});
        for (int id = 0; id < FAMILY_COUNT; id++)
            assert_false(version_known(&ladder.kept[id].version));
    }
    targets_restore(&ladder, &(struct journal_record){9, 1, "\6\0spa51x\5\0" "7.6.1\3\0a.b", 20});
    assert_string_equal(ladder.kept[FAMILY_SPA51X].file, "a.b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phone_waits_and_goes_on),  cmocka_unit_test(it_outlives_a_restart),
        cmocka_unit_test(naming_a_target_lowers_it),  cmocka_unit_test(nobody_was_led_to_it),
        cmocka_unit_test(waiting_costs_no_remedies),  cmocka_unit_test(damaged_records_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
