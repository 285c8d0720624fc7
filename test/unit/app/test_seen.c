/* A phone that asks again takes a short record in the journal where nothing else is otherwise; after a restart all is as
 * it was. */
#include "test/unit/app/https_house.h"

#define INI "[profile]\ntemplate = profiles/full.xml\nauth = none\ntransport = any\n"
#define AT_TARGET HOUSE_AGENT("7.5.7")
#define ELSEWHERE UINT32_C(0xc0a80a77)
#define START_MS INT64_C(1800000000000)

static struct house *open_seen(void)
{
    return house_open_at(INI, START_MS);
}

/* Asks, takes all of the answer, and has it written; what that was. */
static enum phone_unsaved ask(struct house *h, ip4 address, const char *agent)
{
    struct staging_answer answer;
    struct staging_request request = {.carrier = CARRIER_HTTP, .address = address, .path = "/58bfea1104e6.xml",
                                      .path_len = 17, .user_agent = agent, .user_agent_len = strlen(agent)};
    fake_set_now(h->port, fake_now(h->port) + 1000);
    staging_ask(h->staging, &request, &answer);
    assert_int_equal(answer.kind, STAGING_PROFILE);
    staging_end(h->staging, answer.delivery, true);
    enum phone_unsaved what = house_phone(h)->unsaved;
    staging_commit(h->staging);
    return what;
}

static void check_moment(struct moment before, struct moment after)
{
    assert_int_equal(before.set, after.set);
    assert_true(before.wall_ms == after.wall_ms);
}

/* What the journal keeps is as it was. */
static void check_restart(struct house *h)
{
    struct phone before = *house_phone(h);
    house_restart(h);
    const struct phone *after = house_phone(h);
    check_moment(before.last_seen, after->last_seen);
    check_moment(before.asked, after->asked);
    check_moment(before.version_at, after->version_at);
    check_moment(before.configured, after->configured);
    check_moment(before.done_at, after->done_at);
    assert_int_equal(before.address, after->address);
    assert_int_equal(before.stage, after->stage);
    assert_string_equal(before.serial, after->serial);
    assert_string_equal(before.note, after->note);
    assert_true(version_same_suffix(&before.version, &after->version));
}

static void asking_again_is_short_and_comes_back(void **state)
{
    (void)state;
    struct house *h = open_seen();
    ask(h, HOUSE_PHONE, AT_TARGET);
    assert_int_equal(ask(h, HOUSE_PHONE, AT_TARGET), PHONE_SEEN);
    check_restart(h);
    assert_int_equal(ask(h, HOUSE_PHONE, "Cisco/SPA514G (58BFEA1104E6)(CCQ16380FYH)"), PHONE_SEEN);
    assert_true(house_phone(h)->version_at.wall_ms < house_phone(h)->asked.wall_ms); /* its request said none */
    check_restart(h);
    assert_int_equal(ask(h, ELSEWHERE, AT_TARGET), PHONE_SEEN);
    assert_int_equal(house_phone(h)->address, ELSEWHERE);
    check_restart(h);
    house_close(h);
}

/* Also what changed together with a request, before it or behind it. */
static void anything_else_comes_back_too(void **state)
{
    (void)state;
    struct house *h = open_seen();
    ask(h, HOUSE_PHONE, AT_TARGET);
    staging_note(h->staging, house_phone(h), NOTE_HAND, "look at it");
    staging_saw(h->staging, house_phone(h));
    staging_commit(h->staging);
    check_restart(h);
    ask(h, HOUSE_PHONE, HOUSE_AGENT("7.5.7(special)"));
    check_restart(h);
    ask(h, HOUSE_PHONE, HOUSE_AGENT("7.5.5"));
    check_restart(h);
    assert_int_equal(house_phone(h)->stage, STAGE_LADDER);
    ask(h, HOUSE_PHONE, AT_TARGET);
    check_restart(h);
    house_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asking_again_is_short_and_comes_back),
        cmocka_unit_test(anything_else_comes_back_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
