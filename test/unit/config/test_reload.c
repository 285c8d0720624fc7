/* test_reload.c - what of a changed file can take effect while the box runs. */
#include "config/reading.h"

static const char running_text[] = "[box]\ninterface=eth0\n";

/* What is said of going over to `text`. */
static const struct {
    const char *why, *text, *said;
} cases[] = {
    {"nothing new", "[box]\ninterface=eth0\naddress = 192.168.10.10/24\n", ""},
    {"what can change",
     "[dhcp]\nlease=2h\npool=192.168.10.60-192.168.10.70\n[upgrade]\ntarget=7.6.1\n[web]\n"
     "enabled=no\n[gate x]\nto=1\nneeds=1\n[dns]\ncapture=yes\n[box]\nname=other\n",
     ""},
    {"the interface", "[box]\ninterface=eth1\n", "2: warning: [box] interface has changed: this needs a restart\n"},
    {"the prefix only", "[box]\naddress=192.168.10.10/25\n",
     "2: warning: [box] address has changed: this needs a restart\n"},
    {"a port", "[http]\nport=8080\n", "2: warning: [http] port has changed: this needs a restart\n"},
    {"whether a service listens", "[tftp]\nenabled=no\n",
     "2: warning: [tftp] enabled has changed: this needs a restart\n"},
    {"limits", "[limits]\nphones=100\ntls=16\n",
     "2: warning: [limits] phones has changed: this needs a restart\n"
     "3: warning: [limits] tls has changed: this needs a restart\n"},
};

static void compares(void **state)
{
    (void)state;
    struct reading *running = reading_of(running_text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading *fresh = reading_of(cases[i].text);
        assert_string_equal(fresh->said, "");
        bool needed =
            settings_restart_needed(&running->settings, &fresh->settings, "stagebox.ini", &fresh->problems);
        if (strcmp(fresh->said, cases[i].said) != 0 || needed != (cases[i].said[0] != '\0'))
            fail_msg("%s: %s", cases[i].why, fresh->said);
        free(fresh);
    }
    free(running);
}

static void keeps_what_runs(void **state)
{
    (void)state;
    struct reading *running = reading_of(running_text);
    struct reading *fresh = reading_of("[box]\ninterface=eth1\naddress=10.0.0.1/8\nname=other\n[http]\nport=8080\n"
                                       "[limits]\nphones=1\n[upgrade]\ntarget=7.6.1\n");
    settings_keep_running(&running->settings, &fresh->settings);
    assert_string_equal(fresh->settings.box.interface, "eth0");
    assert_int_equal(fresh->settings.box.address, running->settings.box.address);
    assert_int_equal(fresh->settings.box.prefix, 24);
    assert_int_equal(fresh->settings.http.port, 80);
    assert_int_equal(fresh->settings.limits.phones, 512);
    assert_string_equal(fresh->settings.box.name, "other");
    assert_string_equal(fresh->settings.upgrade.target, "7.6.1");
    assert_false(settings_restart_needed(&running->settings, &fresh->settings, "stagebox.ini", &fresh->problems));
    free(fresh);
    free(running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(compares), cmocka_unit_test(keeps_what_runs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
