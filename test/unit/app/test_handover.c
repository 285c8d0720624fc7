#include "test/unit/app/https_house.h"

#define OLD_URL "https://box.example/$MA.xml"
#define NEW_URL "https://new.example/$MA.xml"
#define TWO_PAIRS                                                                                                  \
    "[certificate new]\nfrom = 7.5.6\ncertificate = certs/new.crt\nkey = certs/new.key\n"
#define V752B HOUSE_AGENT("7.5.2b")
#define V757 HOUSE_AGENT("7.5.7")
#define REFUSAL "refused our certificate: unknown CA"

static struct staging_certificate own = {.names_phone = true, .mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}}};
static struct staging_certificate other = {.names_phone = true, .mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe7}}};
static struct staging_certificate generic = {.names_phone = false};

/* -- the two rules --------------------------------------------------------------------------------- */

static void probe_keeps_http_in_front(void **state)
{
    (void)state;
    struct house *h = house_open("");
    house_ask(h, CARRIER_HTTP, V752B);
    assert_int_equal(h->stage, STAGE_LADDER);
    assert_rules(h, HOUSE_HTTP, OLD_URL);
    house_close(h);
}

static void places_change_once_it_was_seen_there(void **state)
{
    (void)state;
    struct house *h = house_open("");
    house_ask(h, CARRIER_HTTP, V752B);
    house_ask(h, CARRIER_HTTPS, V752B);
    assert_rules(h, OLD_URL, HOUSE_HTTP);
    house_wait(h);
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, OLD_URL, HOUSE_HTTP);
    house_close(h);
}

static void direct_changes_them_at_once(void **state)
{
    (void)state;
    struct house *h = house_open("[https]\nhandover = direct\n");
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, OLD_URL, HOUSE_HTTP);
    for (int i = 0; i < 2; i++) {
        house_refuse(h, REFUSAL);
        house_wait(h);
        house_ask(h, CARRIER_HTTP, V752B);
    }
    assert_rules(h, HOUSE_HTTP, "");
    house_close(h);
}

static void nothing_of_it_in_these_cases(void **state)
{
    (void)state;
    static const struct {
        const char *why, *ini, *agent;
        enum carrier carrier;
    } rows[] = {
        {"firmware older than [https] from", "", HOUSE_AGENT("7.5.2a"), CARRIER_HTTP},
        {"firmware older than another `from`", "[https]\nfrom = 7.5.6\n", V752B, CARRIER_HTTP},
        {"no version known", "", NULL, CARRIER_TFTP},
        {"switched off", "[https]\nenabled = no\n", V752B, CARRIER_HTTP},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house *h = house_open(rows[i].ini);
        const char *profile = house_ask(h, rows[i].carrier, rows[i].agent);
        if (strstr(profile, "https://") || !strstr(profile, HOUSE_HTTP))
            fail_msg("%s: %s", rows[i].why, profile);
        house_close(h);
    }
}

static void from_is_inclusive_and_the_port_is_named(void **state)
{
    (void)state;
    struct house *h = house_open("[https]\nport = 8443\nfrom = 7.5.2b\n");
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, HOUSE_HTTP, "https://box.example:8443/$MA.xml");
    house_close(h);
}

/* -- twice, and no more ---------------------------------------------------------------------------- */

static void two_probes_and_then_none(void **state)
{
    (void)state;
    for (int told = 0; told < 2; told++) { /* whether or not the box hears of the failed handshake */
        struct house *h = house_open("");
        for (int i = 0; i < 4; i++) {
            house_ask(h, CARRIER_HTTP, V752B);
            assert_rules(h, HOUSE_HTTP, i < 2 ? OLD_URL : "");
            if (told && i < 2)
                house_refuse(h, REFUSAL);
            house_wait(h);
        }
        if (told)
            assert_non_null(strstr(house_row(h), "HTTPS: " REFUSAL));
        house_ask(h, CARRIER_HTTP, HOUSE_AGENT("7.5.5")); /* another version: it is tried again */
        assert_rules(h, HOUSE_HTTP, OLD_URL);
        assert_null(strstr(house_row(h), REFUSAL));
        house_close(h);
    }
}

static void one_resync_is_one_probe(void **state)
{
    (void)state;
    struct house *h = house_open("");
    for (int i = 0; i < 5; i++) {
        house_ask(h, CARRIER_HTTP, V752B);
        assert_rules(h, HOUSE_HTTP, OLD_URL);
    }
    house_close(h);
}

static void another_certificate_is_tried_anew(void **state)
{
    (void)state;
    struct house *h = house_open("");
    for (int i = 0; i < 2; i++) {
        house_ask(h, CARRIER_HTTP, V752B);
        house_refuse(h, REFUSAL);
        house_wait(h);
    }
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, HOUSE_HTTP, "");
    house_put_pair(h, "certs/server", HOUSE_NEW);
    house_read(h, "");
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, HOUSE_HTTP, NEW_URL);
    house_close(h);
}

static void it_outlives_a_restart(void **state)
{
    (void)state;
    struct house *h = house_open("");
    house_ask(h, CARRIER_HTTP, V752B);
    house_refuse(h, REFUSAL);
    house_wait(h);
    house_ask(h, CARRIER_HTTP, V752B);
    house_refuse(h, REFUSAL);
    house_restart(h);
    assert_non_null(strstr(house_row(h), REFUSAL));
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, HOUSE_HTTP, "");
    house_ask(h, CARRIER_HTTPS, V752B); /* it comes by itself after all */
    house_restart(h);
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, OLD_URL, HOUSE_HTTP);
    house_close(h);
}

static void two_refusals_after_it_was_seen_leave_it_out(void **state)
{
    (void)state;
    struct house *h = house_open("");
    house_ask(h, CARRIER_HTTPS, V752B);
    house_refuse(h, "hung up after our certificate");
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, OLD_URL, HOUSE_HTTP);
    house_refuse(h, "hung up after our certificate");
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, HOUSE_HTTP, "");
    house_close(h);
}

/* -- which certificate ------------------------------------------------------------------------------- */

static struct house *open_two(void)
{
    struct house *h = house_card();
    house_put_pair(h, "certs/new", HOUSE_NEW);
    house_read(h, TWO_PAIRS);
    house_open_staging(h);
    return h;
}

static const char *shown(const struct house *h)
{
    const struct certs_pair *pair = staging_pair(h->staging, HOUSE_PHONE);
    return pair ? pair->name[0] ? pair->name : "first" : "none";
}

static void by_version_and_by_the_image_that_went_out(void **state)
{
    (void)state;
    struct house *h = open_two();
    assert_string_equal(shown(h), "first"); /* nobody we know */
    house_ask(h, CARRIER_HTTP, V752B);
    assert_string_equal(house_value(h, "Profile_Rule_B"), OLD_URL);
    assert_string_equal(shown(h), "first");
    house_ask(h, CARRIER_HTTPS, V752B);
    char *slash = strrchr(house_value(h, "Upgrade_Rule"), '/');
    char name[128];
    snprintf(name, sizeof name, "%s", slash);
    assert_string_equal(shown(h), "first");
    house_get(h, CARRIER_HTTP, V752B, name);
    assert_int_equal(h->kind, STAGING_IMAGE);
    assert_string_equal(shown(h), "new"); /* it flashes, and comes back with 7.5.7 */
    house_restart(h);
    fake_set_wall(h->port, true, INT64_C(1700000000000));
    house_ask(h, CARRIER_HTTP, V752B); /* it comes back with what it had */
    assert_string_equal(shown(h), "first");
    house_ask(h, CARRIER_HTTP, V757);
    assert_string_equal(shown(h), "new");
    house_close(h);
}

static void after_a_refusal_the_other_one(void **state)
{
    (void)state;
    static const char *const urls[] = {OLD_URL, NEW_URL, OLD_URL, NEW_URL, "", ""};
    struct house *h = open_two();
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        house_ask(h, CARRIER_HTTP, V752B);
        assert_rules(h, HOUSE_HTTP, urls[i]);
        if (urls[i][0]) {
            assert_string_equal(shown(h), i % 2 ? "new" : "first");
            house_refuse(h, REFUSAL);
        }
        house_wait(h);
    }
    house_close(h);
}

static void who_comes_by_itself_is_shown_one_after_the_other(void **state)
{
    (void)state;
    struct house *h = open_two();
    char url[128];
    struct staging_lease lease = {.mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}}, .address = HOUSE_PHONE, .fresh = true,
                                  .vendor_class = "Cisco SPA514G", .vendor_class_len = 13, .host_name = ""};
    staging_leased(h->staging, &lease);
    for (int i = 0; i < 4; i++) {
        staging_https_option(h->staging, house_mac, url, sizeof url);
        assert_string_equal(url, i % 2 ? NEW_URL : OLD_URL);
        assert_string_equal(shown(h), i % 2 ? "new" : "first");
        house_refuse(h, REFUSAL);
    }
    staging_https_option(h->staging, house_mac, url, sizeof url);
    assert_string_equal(url, ""); /* plain HTTP from then on */
    house_close(h);
}

static void no_common_name_means_the_address(void **state)
{
    (void)state;
    const char *why;
    static struct x509_made made;
    struct house *h = house_card();
    const char *names[] = {"box.example"};
    struct x509_wish wish = {.common_name = "192.168.10.10", .alt_names = names, .alt_count = 1, .key_bits = 1024,
                             .not_before = "19700101000000", .not_after = "20371231235959"};
    const char *ca = house_made[HOUSE_CA].certificate, *key = house_made[HOUSE_CA].key;
    assert_true(x509_make_server(h->port, &wish, ca, strlen(ca), key, strlen(key), &made, &why));
    fake_file_text(h->port, "certs/server.crt", made.certificate);
    fake_file_text(h->port, "certs/server.key", made.key);
    house_read(h, "");
    house_open_staging(h);
    house_ask(h, CARRIER_HTTP, V752B);
    assert_rules(h, HOUSE_HTTP, "https://192.168.10.10/$MA.xml");
    house_close(h);
}

/* -- the end ---------------------------------------------------------------------------------------- */

#define TEMPLATE "<flat-profile><Secret>{{mac}}</Secret></flat-profile>"

static struct house *open_with_template(const char *ini)
{
    struct house *h = house_card();
    fake_file_text(h->port, "profiles/full.xml", TEMPLATE);
    fake_file_text(h->port, "phones.csv", "mac\n58bfea1104e6\n");
    house_read(h, ini);
    house_open_staging(h);
    return h;
}

/* Who shows what over what, and what it is sent. */
static void secrets_leave_by_auth_and_transport(void **state)
{
    (void)state;
    static const struct {
        const char *why, *ini;
        enum carrier carrier;
        struct staging_certificate *certificate;
        enum stage stage;
    } rows[] = {
        {"its own certificate", "", CARRIER_HTTPS, &own, STAGE_FINAL},
        {"no certificate", "", CARRIER_HTTPS, NULL, STAGE_WAIT},
        {"a generic one", "", CARRIER_HTTPS, &generic, STAGE_WAIT},
        {"another phone's", "", CARRIER_HTTPS, &other, STAGE_WAIT},
        {"plain HTTP", "", CARRIER_HTTP, &own, STAGE_WAIT},
        {"listed, over HTTPS", "[profile]\nauth = inventory\n", CARRIER_HTTPS, NULL, STAGE_FINAL},
        {"listed, over HTTP", "[profile]\nauth = inventory\n", CARRIER_HTTP, NULL, STAGE_WAIT},
        {"listed, any", "[profile]\nauth = inventory\ntransport = any\n", CARRIER_HTTP, NULL, STAGE_FINAL},
        {"certificate, any, over HTTP", "[profile]\ntransport = any\n", CARRIER_HTTP, &own, STAGE_WAIT},
        {"certificate, any, over HTTPS", "[profile]\ntransport = any\n", CARRIER_HTTPS, &own, STAGE_FINAL},
        {"none", "[profile]\nauth = none\n", CARRIER_HTTPS, NULL, STAGE_FINAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house *h = open_with_template(rows[i].ini);
        assert_int_equal(h->heard.problems.errors, 0);
        h->certificate = rows[i].certificate;
        const char *profile = house_ask(h, rows[i].carrier, V757);
        if (h->stage != rows[i].stage || (strstr(profile, "<Secret>") != NULL) != (rows[i].stage == STAGE_FINAL))
            fail_msg("%s: %s\n%s", rows[i].why, stage_name(h->stage), profile);
        house_close(h);
    }
}

static void a_person_is_told_where_no_way_is_left(void **state)
{
    (void)state;
    struct house *h = open_with_template("");
    for (int i = 0; i < 3; i++) {
        house_ask(h, CARRIER_HTTP, V757);
        assert_int_equal(h->stage, STAGE_WAIT);
        assert_rules(h, HOUSE_HTTP, i < 2 ? OLD_URL : "");
        assert_int_equal(house_phone(h)->needs_hand, i == 2);
        if (i < 2)
            house_refuse(h, REFUSAL);
        house_wait(h);
    }
    assert_non_null(strstr(house_row(h), REFUSAL));
    assert_non_null(strstr(house_row(h), "auth = inventory"));
    house_read(h, "[profile]\nauth = inventory\ntransport = any\n");
    house_ask(h, CARRIER_HTTP, V757);
    assert_int_equal(h->stage, STAGE_FINAL);
    assert_true(house_phone(h)->done_at.set);
    assert_false(house_phone(h)->needs_hand);
    house_close(h);
}

static void no_certificate_of_its_own_is_said(void **state)
{
    (void)state;
    struct house *h = open_with_template("");
    house_ask(h, CARRIER_HTTP, V757);
    assert_false(house_phone(h)->needs_hand);
    h->certificate = &generic;
    house_ask(h, CARRIER_HTTPS, V757);
    assert_true(house_phone(h)->needs_hand);
    assert_non_null(strstr(house_row(h), "no certificate of its own"));
    assert_rules(h, OLD_URL, HOUSE_HTTP);
    h->certificate = &own;
    house_ask(h, CARRIER_HTTPS, V757);
    assert_true(house_phone(h)->done_at.set);
    house_close(h);
}

/* Whatever happens in whatever order, one of the two rules is plain HTTP until `final`. */
static void never_without_plain_http(void **state)
{
    (void)state;
    static const char *const agents[] = {HOUSE_AGENT("7.4.9c"), V752B, HOUSE_AGENT("7.5.5"), V757};
    uint32_t random = 1;
    for (int direct = 0; direct < 2; direct++) {
        struct house *h = open_two();
        fake_file_text(h->port, "profiles/full.xml", TEMPLATE);
        house_read(h, direct ? "[https]\nhandover = direct\n" TWO_PAIRS : TWO_PAIRS);
        for (int i = 0; i < 400; i++) {
            random = random * 1664525u + 1013904223u;
            unsigned what = random >> 24;
            if (what % 5 == 0)
                house_refuse(h, REFUSAL);
            if (what % 7 == 0)
                house_wait(h);
            if (what % 53 == 0)
                house_restart(h);
            house_ask(h, what % 3 ? CARRIER_HTTP : CARRIER_HTTPS, agents[(what >> 3) % 4]);
            const char *rule = house_value(h, "Profile_Rule"), *rule_b = house_value(h, "Profile_Rule_B");
            assert_true(strcmp(rule, HOUSE_HTTP) == 0 || strcmp(rule_b, HOUSE_HTTP) == 0);
        }
        house_close(h);
    }
}

/* -- what goes with it --------------------------------------------------------------------------------- */

static void a_ca_of_ones_own(void **state)
{
    (void)state;
    struct house *h = house_card();
    fake_file_text(h->port, "certs/ca.crt", house_made[HOUSE_CA].certificate);
    house_read(h, "[https]\ncustom_ca = certs/ca.crt\n[profile]\nauth = none\n");
    house_open_staging(h);
    house_ask(h, CARRIER_HTTP, V752B);
    assert_null(house_value(h, "Custom_CA_URL"));
    fake_file_text(h->port, "profiles/full.xml", TEMPLATE);
    house_read(h, "[https]\ncustom_ca = certs/ca.crt\n[profile]\nauth = none\n");
    house_ask(h, CARRIER_HTTP, V757);
    assert_int_equal(h->stage, STAGE_WAIT);
    assert_string_equal(house_value(h, "Custom_CA_URL"), "http://192.168.10.10/" CERTS_CUSTOM_CA_NAME);
    house_get(h, CARRIER_HTTP, V757, "/" CERTS_CUSTOM_CA_NAME);
    assert_string_equal(h->profile, house_made[HOUSE_CA].certificate);
    house_restart(h);
    house_ask(h, CARRIER_HTTPS, V757);
    assert_int_equal(h->stage, STAGE_FINAL);
    assert_string_equal(house_value(h, "Custom_CA_URL"), "");
    house_get(h, CARRIER_HTTP, NULL, "/server.key");
    assert_int_equal(h->kind, STAGING_NOT_FOUND);
    house_close(h);
}

static void its_display_says_where_it_is(void **state)
{
    (void)state;
    struct house *h = open_with_template("[phones]\nshow_state = yes\n");
    house_ask(h, CARRIER_HTTP, V752B);
    assert_string_equal(house_value(h, "Text_Logo"), "7.5.2b &gt; 7.5.7");
    assert_string_equal(house_value(h, "Station_Name"), "7.5.2b &gt; 7.5.7");
    house_ask(h, CARRIER_HTTP, V757);
    assert_string_equal(house_value(h, "Text_Logo"), "7.5.7 done");
    h->certificate = &own;
    house_ask(h, CARRIER_HTTPS, V757);
    assert_int_equal(h->stage, STAGE_FINAL);
    assert_string_equal(house_value(h, "Text_Logo"), "");
    house_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_keeps_http_in_front),
        cmocka_unit_test(places_change_once_it_was_seen_there),
        cmocka_unit_test(direct_changes_them_at_once),
        cmocka_unit_test(nothing_of_it_in_these_cases),
        cmocka_unit_test(from_is_inclusive_and_the_port_is_named),
        cmocka_unit_test(two_probes_and_then_none),
        cmocka_unit_test(one_resync_is_one_probe),
        cmocka_unit_test(another_certificate_is_tried_anew),
        cmocka_unit_test(it_outlives_a_restart),
        cmocka_unit_test(two_refusals_after_it_was_seen_leave_it_out),
        cmocka_unit_test(by_version_and_by_the_image_that_went_out),
        cmocka_unit_test(after_a_refusal_the_other_one),
        cmocka_unit_test(who_comes_by_itself_is_shown_one_after_the_other),
        cmocka_unit_test(no_common_name_means_the_address),
        cmocka_unit_test(secrets_leave_by_auth_and_transport),
        cmocka_unit_test(a_person_is_told_where_no_way_is_left),
        cmocka_unit_test(no_certificate_of_its_own_is_said),
        cmocka_unit_test(never_without_plain_http),
        cmocka_unit_test(a_ca_of_ones_own),
        cmocka_unit_test(its_display_says_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
