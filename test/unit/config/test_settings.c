/* test_settings.c - stagebox.ini as values: defaults, every key, every type. */
#include "config/reading.h"

#include "config/schema.h"

static ip4 at(const char *text)
{
    ip4 address = 0;
    assert_true(ip4_parse(text, strlen(text), &address));
    return address;
}

/* Reads a text in which nothing is wrong. */
static struct reading *sound(const char *text)
{
    struct reading *r = reading_of(text);
    if (r->said[0])
        fail_msg("%s\nsaid %s", text, r->said);
    return r;
}

static void an_empty_file_has_the_defaults(void **state)
{
    (void)state;
    struct reading *r = sound("");
    struct settings *defaults = malloc(sizeof *defaults);
    assert_non_null(defaults);
    memset(defaults, 0x5a, sizeof *defaults);
    settings_defaults(defaults);
    assert_memory_equal(&r->settings, defaults, sizeof *defaults);
    free(defaults);
    free(r);
}

static void defaults_of_the_contract(void **state)
{
    (void)state;
    struct reading *r = sound("");
    const struct settings *s = &r->settings;
    assert_string_equal(s->box.interface, "eth0");
    assert_int_equal(s->box.address, at("192.168.10.10"));
    assert_int_equal(s->box.prefix, 24);
    assert_string_equal(s->box.name, "stagebox");
    assert_int_equal(s->dhcp.pool.first, at("192.168.10.50"));
    assert_int_equal(s->dhcp.pool.last, at("192.168.10.250"));
    assert_int_equal(s->dhcp.lease_s, 3600);
    assert_int_equal(s->dhcp.answer, ANSWER_ANY);
    assert_int_equal(s->dhcp.router, 0);
    assert_int_equal(s->dhcp.rogue, ROGUE_GUARD);
    assert_int_equal(s->dhcp.authoritative, SETTINGS_AUTO);
    assert_int_equal(s->dhcp.option66.mode, OPTION_AUTO);
    assert_int_equal(s->dhcp.option150.mode, OPTION_AUTO);
    assert_int_equal(s->https.enabled, SETTINGS_AUTO);
    assert_int_equal(s->http.port, 80);
    assert_int_equal(s->https.port, 443);
    assert_string_equal(s->https.certificate, "certs/server.crt");
    assert_string_equal(s->https.key, "certs/server.key");
    assert_string_equal(s->https.client_ca, "certs/client-ca.pem");
    assert_int_equal(s->https.min_version, MIN_TLS_1_0);
    assert_string_equal(s->https.from, "7.5.2b");
    assert_int_equal(s->https.handover, HANDOVER_PROBE);
    assert_string_equal(s->https.custom_ca, "");
    assert_string_equal(s->https.custom_ca_from, "7.5.7");
    assert_string_equal(s->upgrade.target, "newest");
    assert_int_equal(s->upgrade.downgrade, DOWNGRADE_NEVER);
    assert_int_equal(s->upgrade.parallel, 0);
    assert_int_equal(s->upgrade.canary, 0);
    assert_int_equal(s->upgrade.stall_s, 600);
    assert_int_equal(s->upgrade.attempts, 4);
    assert_int_equal(s->upgrade.resync_s, 180);
    assert_string_equal(s->profile.template, "profiles/full.xml");
    assert_string_equal(s->profile.inventory, "phones.csv");
    assert_int_equal(s->profile.auth, AUTH_CERTIFICATE);
    assert_int_equal(s->profile.transport, TRANSPORT_HTTPS);
    assert_string_equal(s->profile.final_rule, "");
    assert_true(s->dhcp.enabled && s->tftp.enabled && s->http.enabled && s->syslog.enabled && s->ntp.enabled);
    assert_true(s->dns.enabled && s->web.enabled);
    assert_false(s->dns.capture || s->phones.show_state);
    assert_int_equal(s->phones.password_count + s->phones.oui_count, 0);
    assert_int_equal(s->limits.phones, 512);
    assert_int_equal(s->limits.leases, 512);
    assert_int_equal(s->limits.tftp, 128);
    assert_int_equal(s->limits.connections, 128);
    assert_int_equal(s->limits.tls, 32);
    assert_string_equal(s->web.password, "");
    free(r);
}

static void a_file_with_every_key(void **state)
{
    (void)state;
    char *text = reading_file("test/unit/config/data/every-key.ini");
    struct reading *r = sound(text);
    const struct settings *s = &r->settings;
    assert_string_equal(s->certificates[0].name, "NAME");
    assert_string_equal(s->certificates[0].certificate, "certs/server-2k.crt");
    assert_int_equal(s->gate_count, 2);
    assert_string_equal(s->gates[0].to, ">7.5.2b");
    assert_string_equal(s->gates[1].name, "leave-xu");
    assert_string_equal(s->gates[1].from, "*(XU)");
    assert_string_equal(s->gates[1].family, "");
    assert_string_equal(s->firmware[0].name, "spa50x-30x-custom.bin");
    assert_false(s->firmware[0].has_sha256);
    assert_int_not_equal(settings_line(s, "upgrade", NULL, "resync"), 0);
    free(r);
    free(text);
}

static void what_values_become(void **state)
{
    (void)state;
    struct reading *r =
        sound("[BOX]\nInterface = staging.17\naddress=10.0.0.1/8\n"
              "[Dhcp]\npool = 10.0.1.1 - 10.0.1.9\noption66 = http://10.0.0.1/$MA.xml\n"
              "option150 = 10.0.0.1, 10.0.0.2\noption159 = OFF\nauthoritative = on\nrouter=10.0.0.2\n"
              "enabled = TRUE\nanswer = Phones\n"
              "[profile]\ntemplate = profiles\\%model%.xml\ninventory =\n"
              "[https]\nenabled = off\nmin_version = TLS1.1\nport = 8443\n"
              "[upgrade]\ntarget = Newest\n"
              "[phones]\nadmin_password = one, two words ,three\noui = 58:bf:ea, 649EF3,\n"
              "[firmware a b.bin]\nsha256 = "
              "00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100\n");
    const struct settings *s = &r->settings;
    assert_string_equal(s->box.interface, "staging.17");
    assert_int_equal(s->dhcp.pool.last, at("10.0.1.9"));
    assert_int_equal(s->dhcp.option66.mode, OPTION_LITERAL);
    assert_string_equal(s->dhcp.option66.text, "http://10.0.0.1/$MA.xml");
    assert_int_equal(s->dhcp.option150.count, 2);
    assert_int_equal(s->dhcp.option150.list[1], at("10.0.0.2"));
    assert_int_equal(s->dhcp.option159.mode, OPTION_OFF);
    assert_int_equal(s->dhcp.authoritative, SETTINGS_YES);
    assert_int_equal(s->dhcp.answer, ANSWER_PHONES);
    assert_string_equal(s->profile.template, "profiles/%model%.xml");
    assert_string_equal(s->profile.inventory, "");
    assert_int_not_equal(settings_line(s, "profile", NULL, "inventory"), 0);
    assert_int_equal(s->https.enabled, SETTINGS_NO);
    assert_int_equal(s->https.min_version, MIN_TLS_1_1);
    assert_int_equal(s->https.port, 8443);
    assert_string_equal(s->upgrade.target, "newest");
    assert_int_equal(s->phones.password_count, 3);
    assert_string_equal(s->phones.admin_password[1], "two words");
    assert_int_equal(s->phones.oui_count, 2);
    assert_memory_equal(s->phones.oui[1].b, "\x64\x9e\xf3", 3);
    assert_string_equal(s->firmware[0].name, "a b.bin");
    assert_true(s->firmware[0].has_sha256);
    assert_int_equal(s->firmware[0].sha256[31], 0);
    assert_int_equal(s->firmware[0].sha256[16], 0xff);
    free(r);
}

static void options_and_hosts(void **state)
{
    (void)state;
    struct reading *r = sound("[dhcp.option]\n15 = text:staging.example\n7=IP: 192.168.10.9,192.168.10.8\n"
                              "43 = hex:01:04\n"
                              "[dhcp.host]\n58:bf:ea:11:04:e6 = 192.168.10.20\n58-BF-EA-11-04-E7 = 192.168.10.60\n"
                              "58bfea1104e8 : 192.168.10.21\n");
    const struct settings *s = &r->settings;
    assert_int_equal(s->option_count, 3);
    assert_int_equal(s->options[0].code, 15);
    assert_int_equal(s->options[0].len, 15);
    assert_memory_equal(s->options[0].data, "staging.example", 15);
    assert_int_equal(s->options[1].len, 8);
    assert_memory_equal(s->options[1].data, "\xc0\xa8\x0a\x09\xc0\xa8\x0a\x08", 8);
    assert_int_equal(s->options[2].len, 2);
    assert_memory_equal(s->options[2].data, "\1\4", 2);
    assert_int_equal(s->host_count, 3);
    assert_int_equal(s->hosts[0].mac.b[5], 0xe6);
    assert_int_equal(s->hosts[1].address, at("192.168.10.60"));
    assert_int_equal(s->hosts[2].line, 8);
    free(r);
}

static void lines_of_values(void **state)
{
    (void)state;
    struct reading *r =
        sound("; first\n[upgrade]\ntarget = 7.6.1\n\n[gate A]\nto=>7.5.2b\nneeds=7.5.2b\n[upgrade]\n"
              "canary=1\n[gate b]\nfrom=*(XU)\nvia=7.5.7\n");
    const struct settings *s = &r->settings;
    static const struct {
        const char *section, *name, *key;
        int line;
    } cases[] = {
        {"upgrade", NULL, NULL, 2},    {"upgrade", NULL, "target", 3}, {"UPGRADE", NULL, "Canary", 9},
        {"upgrade", NULL, "stall", 0}, {"upgrade", NULL, "none", 0},   {"none", NULL, "target", 0},
        {"upgrade", "x", "target", 0}, {"gate", "a", NULL, 5},         {"gate", "a", "needs", 7},
        {"gate", "B", "via", 12},      {"gate", "b", "to", 0},         {"gate", "c", "to", 0},
        {"gate", NULL, "to", 0},       {"box", NULL, NULL, 0},         {"dhcp.host", NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (settings_line(s, cases[i].section, cases[i].name, cases[i].key) != cases[i].line)
            fail_msg("[%s] %s", cases[i].section, cases[i].key ? cases[i].key : "");
    free(r);
}

static void the_pool_follows_the_box(void **state)
{
    (void)state;
    static const struct {
        const char *why, *box, *first, *last;
    } cases[] = {
        {"a /24", "10.1.2.3/24", "10.1.2.50", "10.1.2.250"},
        {"the box in the middle: the larger side", "10.1.2.100/24", "10.1.2.101", "10.1.2.250"},
        {"the other side", "10.1.2.200/24", "10.1.2.50", "10.1.2.199"},
        {"the box where the pool would begin", "10.1.2.50/24", "10.1.2.51", "10.1.2.250"},
        {"the box where it would end", "10.1.2.250/24", "10.1.2.50", "10.1.2.249"},
        {"a /23", "10.1.2.3/23", "10.1.2.50", "10.1.3.250"},
        {"a /8: as many as there can be fixed addresses", "10.0.0.1/8", "10.0.0.50", "10.0.2.49"},
        {"a /26", "10.1.2.1/26", "10.1.2.2", "10.1.2.62"},
        {"a /30, the box first", "10.1.2.1/30", "10.1.2.2", "10.1.2.2"},
        {"a /30, the box last", "10.1.2.2/30", "10.1.2.1", "10.1.2.1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "[box]\naddress = %s\n", cases[i].box);
        struct reading *r = sound(text);
        if (r->settings.dhcp.pool.first != at(cases[i].first) || r->settings.dhcp.pool.last != at(cases[i].last))
            fail_msg("%s", cases[i].why);
        free(r);
    }
}

static void interface_of_the_command_line(void **state)
{
    (void)state;
    struct reading *r = sound("");
    assert_true(settings_set_interface(&r->settings, "eth1"));
    assert_string_equal(r->settings.box.interface, "eth1");
    static const char *const bad[] = {"", "a b", "a/b", "sixteen-letters-"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(settings_set_interface(&r->settings, bad[i]));
    assert_string_equal(r->settings.box.interface, "eth1");
    free(r);
}

static void passwords_plain_or_not(void **state)
{
    (void)state;
    assert_false(settings_password_is_plain(""));
    assert_false(settings_password_is_plain("$pbkdf2$x"));
    assert_true(settings_password_is_plain("hunter2"));
}

/* Each row of the table must be able to hold what it says. */
static void the_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_sections; i++) {
        const struct schema_section *section = &schema[i];
        assert_ptr_equal(schema_find(section->name), section);
        assert_true(section->key_count <= SETTINGS_SECTION_KEYS);
        assert_int_equal(section->kind == KIND_ONE, section->example == NULL);
        for (size_t k = 0; k < section->key_count; k++) {
            assert_ptr_equal(schema_find_key(section, section->keys[k].name), &section->keys[k]);
            assert_true(section->keys[k].offset >= sizeof(struct settings_lines));
            assert_non_null(section->keys[k].texts);
            assert_non_null(section->keys[k].texts->doc);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_has_the_defaults),
        cmocka_unit_test(defaults_of_the_contract),
        cmocka_unit_test(a_file_with_every_key),
        cmocka_unit_test(what_values_become),
        cmocka_unit_test(options_and_hosts),
        cmocka_unit_test(lines_of_values),
        cmocka_unit_test(the_pool_follows_the_box),
        cmocka_unit_test(interface_of_the_command_line),
        cmocka_unit_test(passwords_plain_or_not),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
