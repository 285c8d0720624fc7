/* What makes a phone `done`: the target's version, and the final configuration acknowledged whole. */
#include "test/unit/app/https_house.h"

#define INI "[profile]\ntemplate = profiles/full.xml\nauth = none\ntransport = any\n"
#define AT_TARGET HOUSE_AGENT("7.5.7")

static struct house *done_house(bool template)
{
    struct house *h = house_card();
    if (template)
        fake_file_text(h->port, "profiles/full.xml", "<flat-profile><Proxy_1_>the-site</Proxy_1_></flat-profile>");
    house_read(h, template ? INI : "");
    house_open_staging(h);
    return h;
}

/* The phone asks and takes the first `acked` bytes of the answer; the state that it has then. */
static enum phone_state ask_part(struct house *h, const char *agent, uint64_t acked, bool whole)
{
    struct staging_answer answer;
    struct staging_request request = {.carrier = CARRIER_HTTP, .address = HOUSE_PHONE, .path = "/58bfea1104e6.xml",
                                      .path_len = 17, .user_agent = agent, .user_agent_len = strlen(agent)};
    staging_ask(h->staging, &request, &answer);
    assert_int_equal(answer.kind, STAGING_PROFILE);
    staging_progress(h->staging, answer.delivery, acked);
    staging_end(h->staging, answer.delivery, whole);
    struct ladder_plan plan;
    staging_plan(h->staging, house_phone(h), &plan);
    return status_of(house_phone(h), &plan);
}

static void only_the_whole_counts(void **state)
{
    (void)state;
    struct house *h = done_house(true);
    assert_int_equal(ask_part(h, AT_TARGET, 0, false), PHONE_CONFIGURING);
    assert_int_equal(ask_part(h, AT_TARGET, 10, false), PHONE_CONFIGURING);
    assert_int_equal(ask_part(h, AT_TARGET, 10, true), PHONE_DONE);
    house_close(h);
}

static void below_the_target_it_is_not(void **state)
{
    (void)state;
    struct house *h = done_house(true);
    assert_int_equal(ask_part(h, HOUSE_AGENT("7.5.5"), 10, true), PHONE_WAITING);
    house_close(h);
}

static void without_a_template_seeing_it_is_enough(void **state)
{
    (void)state;
    struct house *h = done_house(false);
    assert_int_equal(ask_part(h, AT_TARGET, 0, false), PHONE_DONE);
    house_close(h);
}

static void it_stays_so_over_a_restart(void **state)
{
    (void)state;
    struct house *h = done_house(true);
    ask_part(h, AT_TARGET, 10, true);
    house_restart(h);
    struct ladder_plan plan;
    staging_plan(h->staging, house_phone(h), &plan);
    assert_int_equal(status_of(house_phone(h), &plan), PHONE_DONE);
    house_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_whole_counts),
        cmocka_unit_test(below_the_target_it_is_not),
        cmocka_unit_test(without_a_template_seeing_it_is_enough),
        cmocka_unit_test(it_stays_so_over_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
