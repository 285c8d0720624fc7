/* Lines of phones.csv without a MAC: given out once, kept over a restart, free again when a phone is forgotten. */
#include "test/unit/app/https_house.h"

#define AGENT(last) "Cisco/SPA514G-7.5.7 (58BFEA1104" last ")(CCQ163800" last ")"
#define INI "[profile]\ntemplate = profiles/full.xml\nauth = none\ntransport = any\n"

static struct house *claims_house(void)
{
    struct house *h = house_card();
    fake_file_text(h->port, "profiles/full.xml", "<flat-profile><Station_Name>{{name}}</Station_Name></flat-profile>");
    fake_file_text(h->port, "phones.csv", "mac,name\n,first\n,second\n,third\n");
    house_read(h, INI);
    house_open_staging(h);
    return h;
}

/* The name that this phone is given; "" for none. */
static const char *name_of(struct house *h, const char *agent)
{
    struct staging_answer answer;
    static char name[40];
    struct staging_request request = {.carrier = CARRIER_HTTP, .address = UINT32_C(0xc0a80a40), .path = "/spa514g.cfg",
                                      .path_len = 12, .user_agent = agent, .user_agent_len = strlen(agent)};
    name[0] = '\0';
    staging_ask(h->staging, &request, &answer);
    assert_int_equal(answer.kind, STAGING_PROFILE);
    snprintf(h->profile, sizeof h->profile, "%.*s", (int)answer.size, (const char *)answer.data);
    staging_end(h->staging, answer.delivery, true);
    staging_commit(h->staging);
    const char *value = house_value(h, "Station_Name");
    snprintf(name, sizeof name, "%s", value ? value : "");
    return name;
}

static void forget(struct house *h, uint8_t last)
{
    struct mac mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, last}};
    struct phone *phone = registry_by_mac(&h->staging->registry, mac);
    assert_non_null(phone);
    staging_drop_phone(h->staging, phone);
    staging_commit(h->staging);
}

static void rows_are_given_once_and_kept(void **state)
{
    (void)state;
    struct house *h = claims_house();
    assert_string_equal(name_of(h, AGENT("A1")), "first");
    assert_string_equal(name_of(h, AGENT("A2")), "second");
    assert_string_equal(name_of(h, AGENT("A1")), "first");
    house_restart(h);
    assert_string_equal(name_of(h, AGENT("A3")), "third");
    assert_string_equal(name_of(h, AGENT("A2")), "second");
    assert_string_equal(name_of(h, AGENT("A4")), "");
    house_close(h);
}

static void forgotten_rows_are_free(void **state)
{
    (void)state;
    for (int restart = 0; restart < 2; restart++) {
        struct house *h = claims_house();
        name_of(h, AGENT("A1"));
        name_of(h, AGENT("A2"));
        name_of(h, AGENT("A3"));
        forget(h, 0xa1);
        if (restart)
            house_restart(h);
        assert_string_equal(name_of(h, AGENT("A4")), "first");
        assert_string_equal(name_of(h, AGENT("A3")), "third");
        assert_string_equal(name_of(h, AGENT("A2")), "second");
        house_close(h);
    }
}

/* Nothing is lost, whenever a phone is forgotten while a snapshot is being written. */
static void a_snapshot_has_all(void **state)
{
    (void)state;
    for (unsigned after = 0; after < 4; after++) {
        struct house *h = claims_house();
        uint64_t cursor = 0;
        name_of(h, AGENT("A1"));
        name_of(h, AGENT("A2"));
        name_of(h, AGENT("A3"));
        for (unsigned i = 0; i < after; i++)
            staging_snapshot(h->staging, h->journal, &cursor);
        forget(h, 0xa1);
        while (staging_snapshot(h->staging, h->journal, &cursor))
            ;
        house_restart(h);
        assert_string_equal(name_of(h, AGENT("A2")), "second");
        assert_string_equal(name_of(h, AGENT("A3")), "third");
        house_close(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_given_once_and_kept),
        cmocka_unit_test(forgotten_rows_are_free),
        cmocka_unit_test(a_snapshot_has_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
