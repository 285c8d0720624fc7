#include "app/content/profile.h"
#include "app/content/xml.h"
#include "test/unit/app/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define HTTP "http://192.168.10.10/58bfea1104e6.xml"
#define HTTPS "https://stagebox.example/58bfea1104e6.xml"
#define BIN "http://192.168.10.10/01ab45cf1-spa50x-30x-7-5-2b.bin"

static char profile[16384];

static const char *write_profile(const struct profile_facts *facts)
{
    size_t len = profile_write(facts, profile, sizeof profile - 1);
    assert_in_range(len, 1, sizeof profile - 1);
    profile[len] = '\0';
    return profile;
}

/* The value of a parameter as the phone would read it: the last one; NULL where it is left out. */
static const char *value(const char *text, const char *name)
{
    static char out[8][256];
    static int turn;
    struct xml_scan scan;
    struct xml_token token;
    char *found = NULL;
    bool inside = false;
    turn = (turn + 1) % 8;
    xml_scan_init(&scan, text, strlen(text));
    while (xml_next(&scan, &token) != XML_END) {
        assert_int_not_equal(token.kind, XML_ERROR);
        bool ours =
            token.name_len == strlen(name) && strncmp(token.name ? token.name : "", name, token.name_len) == 0;
        if (token.kind == XML_OPEN || token.kind == XML_EMPTY) {
            inside = ours && token.kind == XML_OPEN;
            if (ours) {
                found = out[turn];
                found[0] = '\0';
            }
        } else if (token.kind == XML_TEXT && inside) {
            snprintf(found, sizeof out[0], "%.*s", (int)token.text_len, token.text);
        } else if (token.kind == XML_CLOSE) {
            inside = false;
        }
    }
    return found;
}

static void expect(const char *text, const char *name, const char *expected)
{
    const char *is = value(text, name);
    if (expected ? !is || strcmp(is, expected) != 0 : is != NULL)
        fail_msg("%s is %s, not %s", name, is ? is : "left out", expected ? expected : "left out");
}

static struct profile_facts facts_of(enum stage stage)
{
    return (struct profile_facts){.stage = stage,
                                  .http_url = HTTP,
                                  .https_url = HTTPS,
                                  .upgrade_url = BIN,
                                  .resync_s = 180,
                                  .syslog = "192.168.10.10:514",
                                  .final_rule = ""};
}

/* The list of the contract, written out again: nothing may be forgotten while a phone is staged. */
static const char *const listed[] = {"Provision_Enable",
                                     "Resync_On_Reset",
                                     "Resync_Random_Delay",
                                     "Resync_Periodic",
                                     "Resync_Error_Retry_Delay",
                                     "Resync_After_Upgrade_Attempt",
                                     "Profile_Rule",
                                     "Profile_Rule_B",
                                     "Profile_Rule_C",
                                     "Profile_Rule_D",
                                     "Upgrade_Enable",
                                     "Upgrade_Rule",
                                     "Upgrade_Error_Retry_Delay",
                                     "Downgrade_Rev_Limit",
                                     "Syslog_Server",
                                     "Debug_Level",
                                     "Log_Resync_Request_Msg",
                                     "Log_Resync_Success_Msg",
                                     "Log_Resync_Failure_Msg",
                                     "Log_Upgrade_Request_Msg",
                                     "Log_Upgrade_Success_Msg",
                                     "Log_Upgrade_Failure_Msg",
                                     "SPCP_Auto-detect",
                                     "Signaling_Protocol"};

static void the_whole_list_while_staged(void **state)
{
    (void)state;
    static const enum stage stages[] = {STAGE_FIRST, STAGE_LADDER, STAGE_WAIT, STAGE_FINAL};
    for (size_t s = 0; s < 4; s++) {
        struct profile_facts facts = facts_of(stages[s]);
        for (int bare = 0; bare < 2; bare++) {
            const char *text = write_profile(&facts);
            for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++) {
                if (!value(text, listed[i]))
                    fail_msg("%s leaves out %s", stage_name(stages[s]), listed[i]);
            }
            expect(text, "Custom_CA_URL", NULL);
            expect(text, "Text_Logo", NULL);
            expect(text, "Station_Name", NULL);
            facts = (struct profile_facts){.stage = stages[s], .http_url = HTTP}; /* and with all else unknown */
        }
    }
}

/* What each stage says on the bench: one line a value. */
static void values_on_the_bench(void **state)
{
    (void)state;
    static const struct {
        const char *name, *first, *ladder, *wait;
    } rows[] = {
        {"Profile_Rule", HTTP, HTTP, HTTP},
        {"Profile_Rule_B", HTTP, HTTPS, HTTPS},
        {"Profile_Rule_C", "", "", ""},
        {"Profile_Rule_D", "", "", ""},
        {"Upgrade_Rule", "", BIN, ""},
        {"Upgrade_Enable", "Yes", "Yes", "Yes"},
        {"Provision_Enable", "Yes", "Yes", "Yes"},
        {"Resync_On_Reset", "Yes", "Yes", "Yes"},
        {"Resync_After_Upgrade_Attempt", "Yes", "Yes", "Yes"},
        {"Resync_Periodic", "180", "180", "180"},
        {"Resync_Random_Delay", "0", "0", "0"},
        {"Resync_Error_Retry_Delay", "30", "30", "30"},
        {"Upgrade_Error_Retry_Delay", "60", "60", "60"},
        {"Downgrade_Rev_Limit", "", "", ""},
        {"Syslog_Server", "192.168.10.10:514", "192.168.10.10:514", "192.168.10.10:514"},
        {"Debug_Level", "1", "1", "1"},
        {"SPCP_Auto-detect", "No", "No", "No"},
        {"Signaling_Protocol", "SIP", "SIP", "SIP"},
        {"Log_Resync_Failure_Msg", "$PN $MAC -- Resync failed: $ERR", "$PN $MAC -- Resync failed: $ERR",
         "$PN $MAC -- Resync failed: $ERR"},
    };
    struct profile_facts first = facts_of(STAGE_FIRST), ladder = facts_of(STAGE_LADDER),
                         wait = facts_of(STAGE_WAIT);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect(write_profile(&first), rows[i].name, rows[i].first);
        expect(write_profile(&ladder), rows[i].name, rows[i].ladder);
        expect(write_profile(&wait), rows[i].name, rows[i].wait);
    }
}

static void the_two_places_of_https(void **state)
{
    (void)state;
    struct profile_facts facts = facts_of(STAGE_LADDER);
    facts.https_first = true;
    expect(write_profile(&facts), "Profile_Rule", HTTPS);
    expect(write_profile(&facts), "Profile_Rule_B", HTTP);
    facts.stage = STAGE_FIRST; /* whose version nobody knows: never HTTPS */
    expect(write_profile(&facts), "Profile_Rule", HTTP);
    expect(write_profile(&facts), "Profile_Rule_B", HTTP);
    facts.stage = STAGE_WAIT;
    facts.https_url = "";
    expect(write_profile(&facts), "Profile_Rule", HTTP);
    expect(write_profile(&facts), "Profile_Rule_B", "");
    facts.syslog = NULL;
    expect(write_profile(&facts), "Syslog_Server", "");
    expect(write_profile(&facts), "Debug_Level", "0");
}

static void only_where_the_settings_ask_for_it(void **state)
{
    (void)state;
    struct profile_facts facts = facts_of(STAGE_WAIT);
    facts.states_ca = facts.states_display = true;
    facts.custom_ca_url = "http://192.168.10.10/ca.crt";
    facts.text_logo = "1 of 2";
    facts.station_name = "J\xc3\xb6rg & Co";
    expect(write_profile(&facts), "Custom_CA_URL", "http://192.168.10.10/ca.crt");
    expect(write_profile(&facts), "Text_Logo", "1 of 2");
    expect(write_profile(&facts), "Station_Name", "J&#246;rg &amp; Co");
    facts.stage = STAGE_FINAL; /* nothing of it is left behind */
    expect(write_profile(&facts), "Custom_CA_URL", "");
    expect(write_profile(&facts), "Text_Logo", "");
    expect(write_profile(&facts), "Station_Name", "");
}

/* -- final -- */

static const char *const factory[][2] = {
    {"Provision_Enable", "Yes"},
    {"Resync_On_Reset", "Yes"},
    {"Resync_Random_Delay", "2"},
    {"Resync_Periodic", "3600"},
    {"Resync_Error_Retry_Delay", "3600"},
    {"Resync_After_Upgrade_Attempt", "Yes"},
    {"Profile_Rule", "/spa$PSN.cfg"},
    {"Profile_Rule_B", ""},
    {"Profile_Rule_C", ""},
    {"Profile_Rule_D", ""},
    {"Upgrade_Enable", "Yes"},
    {"Upgrade_Rule", ""},
    {"Upgrade_Error_Retry_Delay", "3600"},
    {"Downgrade_Rev_Limit", ""},
    {"Syslog_Server", ""},
    {"Debug_Level", "0"},
    {"Log_Resync_Request_Msg", "$PN $MAC -- Requesting resync $SCHEME://$SERVIP:$PORT$PATH"},
    {"Log_Resync_Success_Msg", "$PN $MAC -- Successful resync $SCHEME://$SERVIP:$PORT$PATH"},
    {"Log_Resync_Failure_Msg", "$PN $MAC -- Resync failed: $ERR"},
    {"Log_Upgrade_Request_Msg", "$PN $MAC -- Requesting upgrade $SCHEME://$SERVIP:$PORT$PATH"},
    {"Log_Upgrade_Success_Msg", "$PN $MAC -- Successful upgrade $SCHEME://$SERVIP:$PORT$PATH -- $ERR"},
    {"Log_Upgrade_Failure_Msg", "$PN $MAC -- Upgrade failed: $ERR"},
    {"SPCP_Auto-detect", "Yes"},
    {"Signaling_Protocol", "SIP"},
};

static void final_without_a_template_is_the_factory(void **state)
{
    (void)state;
    struct profile_facts facts = facts_of(STAGE_FINAL);
    for (size_t i = 0; i < sizeof factory / sizeof factory[0]; i++) {
        expect(write_profile(&facts), factory[i][0], factory[i][1]);
        expect(write_profile(&facts), "Upgrade_Rule", "");
    }
    assert_null(strstr(write_profile(&facts), "192.168.10.10"));
    facts.final_rule = "https://pbx.example/$MA.xml?a=1&b";
    expect(write_profile(&facts), "Profile_Rule", "https://pbx.example/$MA.xml?a=1&amp;b");
}

static void final_with_a_template(void **state)
{
    (void)state;
    static const char text[] = "<flat-profile><Profile_Rule>https://site/$MA</Profile_Rule><Resync_Periodic>86400"
                               "</Resync_Periodic><User_ID_1_>{{mac}}</User_ID_1_><Debug_Level/></flat-profile>";
    struct template template;
    struct heard heard;
    struct template_values values = {.mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}}, .model = "SPA504G", .row = -1};
    struct profile_facts facts = facts_of(STAGE_FINAL);
    assert_true(template_read(&template, "t", text, sizeof text - 1, heard_clear(&heard)));
    facts.template = &template;
    facts.values = &values;
    const char *out = write_profile(&facts);
    expect(out, "Profile_Rule", "https://site/$MA");
    expect(out, "Resync_Periodic", "86400");
    expect(out, "Debug_Level", "");
    expect(out, "User_ID_1_", "58bfea1104e6");
    expect(out, "Resync_Error_Retry_Delay", "3600");
    assert_ptr_equal(strstr(out, "<Resync_Periodic>"), strstr(out, "<Resync_Periodic>86400")); /* said once */
    facts.final_rule = "https://pbx/";
    out = write_profile(&facts);
    expect(out, "Profile_Rule", "https://pbx/");
    assert_null(strstr(out, "https://site"));
    template_free(&template);
}

static void final_that_lacks_a_value_is_not_written(void **state)
{
    (void)state;
    static const char text[] = "<flat-profile><A>{{secret}}</A></flat-profile>";
    struct template template;
    struct heard heard;
    struct template_values values = {.model = "SPA504G", .row = -1};
    struct profile_facts facts = facts_of(STAGE_FINAL);
    assert_true(template_read(&template, "t", text, sizeof text - 1, heard_clear(&heard)));
    facts.template = &template;
    facts.values = &values;
    assert_int_equal(profile_write(&facts, profile, sizeof profile), 0);
    facts.stage = STAGE_WAIT; /* no other stage looks at the template */
    assert_null(strstr(write_profile(&facts), "<A>"));
    template_free(&template);
}

static void idle_touches_nothing_but_our_rules(void **state)
{
    (void)state;
    struct profile_facts facts = facts_of(STAGE_IDLE);
    assert_string_equal(write_profile(&facts), "<flat-profile>\n</flat-profile>\n");
    facts.holds_rule = true;
    assert_string_equal(write_profile(&facts), "<flat-profile>\n<Profile_Rule></Profile_Rule>\n"
                                               "<Profile_Rule_B></Profile_Rule_B>\n<Upgrade_Rule></Upgrade_Rule>\n"
                                               "</flat-profile>\n");
}

static void short_plain_and_bounded(void **state)
{
    (void)state;
    for (enum stage stage = STAGE_FIRST; stage <= STAGE_IDLE; stage++) {
        struct profile_facts facts = facts_of(stage);
        facts.http_url = "http://b\xc3\xb6x/<!-- x -->";
        size_t len = strlen(write_profile(&facts));
        assert_in_range(len, 1, 4096);
        for (size_t i = 0; i < len; i++)
            assert_true(profile[i] == '\n' ||
                        ((unsigned char)profile[i] >= 0x20 && (unsigned char)profile[i] < 0x7f));
        assert_null(strstr(profile, "<!--"));
        assert_int_equal(strncmp(profile, "<flat-profile>", 14), 0);
        assert_string_equal(profile + len - 16, "</flat-profile>\n");
        for (size_t cap = 0; cap < len; cap += 13) {
            char *small = malloc(cap > 0 ? cap : 1);
            assert_int_equal(profile_write(&facts, small, cap), len);
            assert_memory_equal(small, profile, cap);
            free(small);
        }
    }
}

static void parameters_are_found_by_their_exact_name(void **state)
{
    (void)state;
    for (unsigned id = 0; id < PARAMETER_COUNT; id++) {
        const char *name = parameter_get((enum parameter_id)id)->name;
        assert_true(xml_is_name(name, strlen(name)));
        assert_int_equal(parameter_find(name, strlen(name)), id);
        assert_int_equal(parameter_find(name, strlen(name) - 1), PARAMETER_COUNT);
    }
    assert_int_equal(parameter_find("profile_rule", 12), PARAMETER_COUNT);
    assert_string_equal(stage_name((enum stage)9), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_list_while_staged),
        cmocka_unit_test(values_on_the_bench),
        cmocka_unit_test(the_two_places_of_https),
        cmocka_unit_test(only_where_the_settings_ask_for_it),
        cmocka_unit_test(final_without_a_template_is_the_factory),
        cmocka_unit_test(final_with_a_template),
        cmocka_unit_test(final_that_lacks_a_value_is_not_written),
        cmocka_unit_test(idle_touches_nothing_but_our_rules),
        cmocka_unit_test(short_plain_and_bounded),
        cmocka_unit_test(parameters_are_found_by_their_exact_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
