/* What staging decides for several phones at once, and what it does about those that do not get on. */
#include "test/unit/app/https_house.h"

#define BELOW(mac) "Cisco/SPA514G-7.5.5 (" mac ")(CCQ16380FYH)"
#define LISTED "58BFEA1104E6"
#define MINUTE_MS UINT64_C(60000)

static struct {
    unsigned count;
    enum nudge_kind kind;
    char url[200];
    char passwords[100]; /* with a blank behind each */
} nudged;

static void note_nudge(void *ctx, const struct staging_nudge *nudge)
{
    (void)ctx;
    nudged.count++;
    nudged.kind = nudge->kind;
    snprintf(nudged.url, sizeof nudged.url, "%s", nudge->url);
    nudged.passwords[0] = '\0';
    for (size_t i = 0; i < nudge->password_count; i++)
        strcat(strcat(nudged.passwords, nudge->passwords[i]), " ");
}

static struct house *open_house(const char *ini)
{
    struct house *h = house_open(ini);
    h->staging->hooks.nudge = note_nudge;
    memset(&nudged, 0, sizeof nudged);
    return h;
}

/* Another phone than the house's, known by its User-Agent; takes all of the answer. */
static enum stage ask_from(struct house *h, ip4 address, const char *agent, enum staging_kind kind, const char *path)
{
    struct staging_answer answer;
    struct staging_request request = {.carrier = CARRIER_HTTP, .address = address, .path = path, .path_len = strlen(path),
                                      .user_agent = agent, .user_agent_len = agent ? strlen(agent) : 0};
    staging_ask(h->staging, &request, &answer);
    assert_int_equal(answer.kind, kind);
    enum stage stage = answer.delivery->stage;
    staging_end(h->staging, answer.delivery, true);
    return stage;
}

static enum stage ask(struct house *h, unsigned number)
{
    char agent[80];
    snprintf(agent, sizeof agent, "Cisco/SPA514G-7.5.5 (58BFEA1200%02X)", number);
    return ask_from(h, HOUSE_PHONE + number, agent, STAGING_PROFILE, "/");
}

static void load(struct house *h, unsigned number)
{
    char agent[80];
    snprintf(agent, sizeof agent, "Cisco/SPA514G-7.5.5 (58BFEA1200%02X)", number);
    ask_from(h, HOUSE_PHONE + number, agent, STAGING_IMAGE, "/spa51x-7-5-7.bin");
}

static void later(struct house *h, uint64_t ms)
{
    uint64_t until = fake_now(h->port) + ms;
    while (timers_next(&h->timers) <= until) {
        if (timers_next(&h->timers) > fake_now(h->port))
            fake_set_now(h->port, timers_next(&h->timers));
        timers_run(&h->timers, fake_now(h->port));
    }
    fake_set_now(h->port, until);
}

static enum phone_state state_of(const struct house *h)
{
    struct ladder_plan plan;
    staging_plan(h->staging, house_phone(h), &plan);
    return status_of(house_phone(h), &plan);
}

/* -- parallel ---------------------------------------------------------------------------------- */

static void so_many_load_at_once(void **state)
{
    (void)state;
    struct house *h = open_house("[upgrade]\nparallel = 2\n");
    assert_int_equal(ask(h, 1), STAGE_LADDER);
    assert_int_equal(ask(h, 2), STAGE_LADDER);
    assert_int_equal(ask(h, 3), STAGE_WAIT);
    assert_int_equal(ask(h, 1), STAGE_LADDER); /* who has begun goes on */
    load(h, 2);
    assert_int_equal(ask(h, 3), STAGE_LADDER);
    assert_int_equal(ask(h, 4), STAGE_WAIT);
    house_close(h);
}

static void who_needs_a_hand_keeps_nobody_waiting(void **state)
{
    (void)state;
    struct house *h = open_house("[upgrade]\nparallel = 1\nattempts = 1\nresync = 60s\n");
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    for (int i = 0; i < 6; i++) {
        assert_int_equal(h->stage, STAGE_LADDER);
        later(h, MINUTE_MS);
        house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    }
    assert_int_equal(state_of(h), PHONE_NEEDS_HAND);
    assert_int_equal(ask(h, 1), STAGE_LADDER);
    house_close(h);
}

static void who_leaves_the_ladder_keeps_nobody_waiting(void **state)
{
    (void)state;
    struct house *h = house_card();
    fake_file_text(h->port, "profiles/full.xml", "<flat-profile><A>1</A></flat-profile>");
    house_read(h, "[upgrade]\nparallel = 1\n");
    house_open_staging(h);
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    assert_int_equal(ask(h, 1), STAGE_WAIT);
    house_read(h, "[upgrade]\nparallel = 1\ntarget = 7.5.5\n"); /* nothing to do for it any more */
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    assert_int_equal(h->stage, STAGE_WAIT); /* for its configuration */
    house_read(h, "[upgrade]\nparallel = 1\n");
    assert_int_equal(ask(h, 1), STAGE_LADDER);
    house_close(h);
}

static void who_is_in_doubt_keeps_nobody_waiting(void **state)
{
    (void)state;
    struct house *h = open_house("[upgrade]\nparallel = 1\n");
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    assert_int_equal(ask(h, 1), STAGE_WAIT);
    house_ask(h, CARRIER_HTTP, BELOW("58BFEA1200FF")); /* another phone's agent at its lease */
    assert_int_equal(h->stage, STAGE_WAIT);
    assert_int_equal(ask(h, 1), STAGE_LADDER);
    house_close(h);
}

/* -- pause ------------------------------------------------------------------------------------- */

static void paused_means_where_it_is(void **state)
{
    (void)state;
    struct house *h = open_house("[upgrade]\nstall = 10m\n");
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    staging_pause(h->staging, true);
    assert_int_equal(ask(h, 1), STAGE_WAIT);
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    assert_int_equal(h->stage, STAGE_WAIT);
    later(h, 60 * MINUTE_MS);
    assert_int_equal(house_phone(h)->attempts, 0); /* it is not to blame */
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.7"));
    assert_int_equal(h->stage, STAGE_WAIT);
    assert_int_equal(state_of(h), PHONE_WAITING);
    staging_pause(h->staging, false);
    assert_int_equal(ask(h, 1), STAGE_LADDER);
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.7"));
    assert_int_equal(h->stage, STAGE_FINAL);
    assert_int_equal(state_of(h), PHONE_DONE);
    staging_pause(h->staging, true);
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.7")); /* a finished one keeps what it has */
    assert_int_equal(state_of(h), PHONE_DONE);
    house_close(h);
}

/* -- remedies ---------------------------------------------------------------------------------- */

/* The file's name in the rule of the phone's profile now. */
static const char *rule(struct house *h)
{
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    return house_value(h, "Upgrade_Rule");
}

static void a_silent_rule_is_helped_in_this_order(void **state)
{
    (void)state;
    struct house *h = open_house("[upgrade]\nstall = 10m\nattempts = 4\n[phones]\nadmin_password = one, two\n");
    char first[200];
    snprintf(first, sizeof first, "%s", rule(h));
    assert_non_null(strstr(first, "http://192.168.10.10/"));
    later(h, 10 * MINUTE_MS - 1000);
    assert_int_equal(house_phone(h)->attempts, 0);
    later(h, 2000);
    assert_int_equal(house_phone(h)->attempts, 1); /* another name */
    assert_int_equal(nudged.count, 0);
    assert_int_equal(state_of(h), PHONE_STALLED);
    char second[200];
    snprintf(second, sizeof second, "%s", rule(h));
    assert_string_not_equal(second, first);
    later(h, 10 * MINUTE_MS); /* a resync is asked for */
    assert_int_equal(nudged.count, 1);
    assert_int_equal(nudged.kind, NUDGE_RESYNC);
    assert_string_equal(nudged.passwords, "one two ");
    later(h, 10 * MINUTE_MS); /* an upgrade by the phone's web page, of a name of its own */
    assert_int_equal(nudged.count, 2);
    assert_int_equal(nudged.kind, NUDGE_UPGRADE);
    assert_non_null(strstr(nudged.url, "-spa51x-7-5-7.bin"));
    assert_string_not_equal(nudged.url, second);
    later(h, 10 * MINUTE_MS); /* another carrier */
    assert_int_equal(nudged.count, 3);
    assert_non_null(strstr(rule(h), "tftp://192.168.10.10/"));
    assert_int_equal(house_phone(h)->attempts, 4);
    later(h, 10 * MINUTE_MS);
    assert_int_equal(state_of(h), PHONE_NEEDS_HAND);
    assert_non_null(strstr(house_row(h), "/admin/upgrade?tftp://"));
    later(h, 60 * MINUTE_MS);
    assert_int_equal(nudged.count, 3);
    house_close(h);
}

static void two_resyncs_without_loading_are_enough(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint64_t gap_ms;
        bool remedy;
    } rows[] = {{"at the rhythm it was told", 180000, true},
                {"half of it", 91000, true},
                {"more often: a bench technician presses buttons", 30000, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house *h = open_house("[upgrade]\nstall = 1h\nresync = 180s\n");
        char first[200];
        snprintf(first, sizeof first, "%s", rule(h));
        later(h, rows[i].gap_ms);
        assert_string_equal(rule(h), first); /* once is nothing */
        later(h, rows[i].gap_ms);
        if ((strcmp(rule(h), first) != 0) != rows[i].remedy || (house_phone(h)->attempts == 1) != rows[i].remedy)
            fail_msg("%s", rows[i].why);
        house_close(h);
    }
}

static void without_a_rule_it_has_an_hour(void **state)
{
    (void)state;
    struct house *h = open_house("[upgrade]\nstall = 10m\n");
    house_get(h, CARRIER_TFTP, NULL, "/spa514G.cfg");
    assert_int_equal(h->stage, STAGE_FIRST);
    later(h, 64 * MINUTE_MS);
    assert_int_equal(house_phone(h)->attempts, 0);
    later(h, 2 * MINUTE_MS);
    assert_int_equal(house_phone(h)->attempts, 1);
    assert_int_equal(nudged.kind, NUDGE_RESYNC);
    house_close(h);
}

static void a_lease_without_a_request_is_nudged(void **state)
{
    (void)state;
    struct house *h = open_house("[upgrade]\nstall = 10m\n");
    struct staging_lease lease = {.mac = house_mac, .address = HOUSE_PHONE, .vendor_class = "Cisco SPA514G",
                                  .vendor_class_len = 13, .host_name = ""};
    staging_leased(h->staging, &lease);
    later(h, 3 * MINUTE_MS - 1000);
    assert_int_equal(nudged.count, 0);
    later(h, 2000);
    assert_int_equal(nudged.count, 1);
    assert_int_equal(nudged.kind, NUDGE_RESYNC);
    assert_non_null(strstr(house_row(h), "asks for nothing: "));
    house_close(h);
}

static void its_own_password_comes_first(void **state)
{
    (void)state;
    struct house *h = house_card();
    fake_file_text(h->port, "phones.csv", "mac,Admin_Password\n58bfea1104e6,mine\n");
    house_read(h, "[phones]\nadmin_password = one\n");
    house_open_staging(h);
    h->staging->hooks.nudge = note_nudge;
    house_ask(h, CARRIER_HTTP, BELOW(LISTED));
    assert_true(staging_act(h->staging, house_phone(h), STAGING_NUDGE));
    assert_string_equal(nudged.passwords, "mine one ");
    house_close(h);
}

/* -- what the row says --------------------------------------------------------------------------- */

static void at_the_target_and_not_allowed_is_waiting(void **state)
{
    (void)state;
    struct house *h = house_card();
    fake_file_text(h->port, "profiles/full.xml", "<flat-profile><A>1</A></flat-profile>");
    house_read(h, "");
    house_open_staging(h);
    house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.7"));
    assert_int_equal(h->stage, STAGE_WAIT);
    assert_int_equal(state_of(h), PHONE_WAITING);
    assert_non_null(strstr(house_row(h), "[profile] transport"));
    house_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_load_at_once),
        cmocka_unit_test(who_needs_a_hand_keeps_nobody_waiting),
        cmocka_unit_test(who_leaves_the_ladder_keeps_nobody_waiting),
        cmocka_unit_test(who_is_in_doubt_keeps_nobody_waiting),
        cmocka_unit_test(paused_means_where_it_is),
        cmocka_unit_test(a_silent_rule_is_helped_in_this_order),
        cmocka_unit_test(two_resyncs_without_loading_are_enough),
        cmocka_unit_test(without_a_rule_it_has_an_hour),
        cmocka_unit_test(a_lease_without_a_request_is_nudged),
        cmocka_unit_test(its_own_password_comes_first),
        cmocka_unit_test(at_the_target_and_not_allowed_is_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
