#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/phones/useragent.h"

static bool parse(const char *text, size_t len, struct useragent *out)
{
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool ok = useragent_parse(copy, len, out);
    free(copy);
    return ok;
}

static const struct {
    const char *why, *text;
    enum vendor vendor;
    const char *model, *version, *mac, *serial; /* "": none */
} agents[] = {
    {"phones.md 2.1: MAC and serial", "Cisco/SPA504G-7.4.9c (649EF3788E6A)(CCQ162306EA)", VENDOR_CISCO, "SPA504G",
     "7.4.9c", "649ef3788e6a", "CCQ162306EA"},
    {"... 501G", "Cisco/SPA501G-7.4.4 (8843E157DDCC)(CBT141100HR)", VENDOR_CISCO, "SPA501G", "7.4.4",
     "8843e157ddcc", "CBT141100HR"},
    {"... 508G", "Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT141400UK)", VENDOR_CISCO, "SPA508G", "7.4.8a",
     "0002fdff2103", "CBT141400UK"},
    {"525G: serial only", "Cisco/SPA525G-7.4.4 (CBT141900G7)", VENDOR_CISCO, "SPA525G", "7.4.4", "", "CBT141900G7"},
    {"legacy: hyphen, bracket in the version, a serial that looks like a MAC",
     "Linksys/SPA-942-6.1.5(a) (88019FA42805)", VENDOR_LINKSYS, "SPA942", "6.1.5(a)", "", "88019FA42805"},
    {"legacy: serial", "Linksys/SPA-962-6.1.5(a) (4MM00F903042)", VENDOR_LINKSYS, "SPA962", "6.1.5(a)", "",
     "4MM00F903042"},
    {"legacy: serial", "Linksys/SPA-921-5.1.8 (4MJ00HC02158)", VENDOR_LINKSYS, "SPA921", "5.1.8", "",
     "4MJ00HC02158"},
    {"bracket in the version", "Cisco/SPA504G-7.5.6(XU) (58BFEA1104E6)(CCQ16380FYH)", VENDOR_CISCO, "SPA504G",
     "7.5.6(XU)", "58bfea1104e6", "CCQ16380FYH"},
    {"7.4.3a: vendor Linksys, nothing else", "Linksys/SPA504G-7.4.3a", VENDOR_LINKSYS, "SPA504G", "7.4.3a", "", ""},
    {"7.4.3a with identity", "Linksys/SPA504G-7.4.3a (58BFEA1104E6)(CCQ16380FYH)", VENDOR_LINKSYS, "SPA504G",
     "7.4.3a", "58bfea1104e6", "CCQ16380FYH"},
    {"release candidate", "Cisco/SPA303-7.6.1(ES_RC01) (58BFEA1104E6)(CCQ16380FYH)", VENDOR_CISCO, "SPA303",
     "7.6.1(ES_RC01)", "58bfea1104e6", "CCQ16380FYH"},
    {"hyphen in the version", "Cisco/SPA525G2-7.6.2e-bt (CBT141900G7)", VENDOR_CISCO, "SPA525G2", "7.6.2e-bt", "",
     "CBT141900G7"},
    {"model in lower case", "Cisco/SPA525g-7.4.5 (CBT141900G7)", VENDOR_CISCO, "SPA525G", "7.4.5", "",
     "CBT141900G7"},
    {"vendor in another case", "CISCO/spa301-7.4.9c (649EF3788E6A)(CCQ162306EA)", VENDOR_CISCO, "SPA301", "7.4.9c",
     "649ef3788e6a", "CCQ162306EA"},
    {"one bracket with a phone's MAC", "Cisco/SPA504G-7.5.2b (649EF3788E6A)", VENDOR_CISCO, "SPA504G", "7.5.2b",
     "649ef3788e6a", ""},
    {"MAC in lower case", "Cisco/SPA504G-7.5.2b (649ef3788e6a)(ccq162306ea)", VENDOR_CISCO, "SPA504G", "7.5.2b",
     "649ef3788e6a", "CCQ162306EA"},
    {"an ATA is named, too", "Cisco/SPA122-1.4.1(002) (58BFEA1104E6)(CCQ16380FYH)", VENDOR_CISCO, "SPA122",
     "1.4.1(002)", "58bfea1104e6", "CCQ16380FYH"},
    {"version that cannot be read", "Cisco/SPA504G-next (649EF3788E6A)(CCQ162306EA)", VENDOR_CISCO, "SPA504G", "",
     "649ef3788e6a", "CCQ162306EA"},
    {"no version", "Cisco/SPA504G (649EF3788E6A)(CCQ162306EA)", VENDOR_CISCO, "SPA504G", "", "649ef3788e6a",
     "CCQ162306EA"},
    {"model alone", "Cisco/SPA504G", VENDOR_CISCO, "SPA504G", "", "", ""},
    {"the first bracket is no MAC", "Cisco/SPA504G-7.5.2b (nonsense)(CCQ162306EA)", VENDOR_CISCO, "SPA504G",
     "7.5.2b", "", "CCQ162306EA"},
    {"a zero MAC is nobody's", "Cisco/SPA504G-7.5.2b (000000000000)(CCQ162306EA)", VENDOR_CISCO, "SPA504G",
     "7.5.2b", "", "CCQ162306EA"},
    {"a multicast MAC is nobody's", "Cisco/SPA504G-7.5.2b (FFFFFFFFFFFF)(CCQ162306EA)", VENDOR_CISCO, "SPA504G",
     "7.5.2b", "", "CCQ162306EA"},
    {"bracket not closed", "Cisco/SPA504G-7.5.2b (649EF3788E6A", VENDOR_CISCO, "SPA504G", "7.5.2b", "", ""},
    {"second bracket not closed", "Cisco/SPA504G-7.5.2b (649EF3788E6A)(CCQ", VENDOR_CISCO, "SPA504G", "7.5.2b",
     "649ef3788e6a", ""},
    {"a serial of bad characters", "Cisco/SPA525G-7.4.4 (../../etc)", VENDOR_CISCO, "SPA525G", "7.4.4", "", ""},
    {"a serial that is too long", "Cisco/SPA525G-7.4.4 (ABCDEFGHIJKLMNOPQRSTUVWX)", VENDOR_CISCO, "SPA525G",
     "7.4.4", "", ""},
    {"the longest serial", "Cisco/SPA525G-7.4.4 (ABCDEFGHIJKLMNOPQRSTUVW)", VENDOR_CISCO, "SPA525G", "7.4.4", "",
     "ABCDEFGHIJKLMNOPQRSTUVW"},
    {"something behind", "Cisco/SPA504G-7.5.2b (649EF3788E6A)(CCQ162306EA) more", VENDOR_CISCO, "SPA504G", "7.5.2b",
     "649ef3788e6a", "CCQ162306EA"},
    {"two blanks", "Cisco/SPA525G-7.4.4  (CBT141900G7)", VENDOR_CISCO, "SPA525G", "7.4.4", "", "CBT141900G7"},
};

static void reads_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
        struct useragent agent;
        char version[VERSION_TEXT_MAX], mac[MAC_TEXT_MAX];
        if (!parse(agents[i].text, strlen(agents[i].text), &agent))
            fail_msg("%s: %s", agents[i].why, agents[i].text);
        assert_int_equal(agent.vendor, agents[i].vendor);
        assert_string_equal(agent.model, agents[i].model);
        assert_string_equal(version_format(&agent.version, version), agents[i].version);
        assert_string_equal(agent.has_mac ? mac_format(agent.mac, mac) : "", agents[i].mac);
        assert_string_equal(agent.serial, agents[i].serial);
    }
}

static void refuses_what_is_no_phone(void **state)
{
    static const char *const others[] = {
        "",
        "Cisco",
        "Cisco/",
        "Cisco/SPA",
        "Cisco/SPA-",
        "Cisco/SPA504", /* cut below */
        "Mozilla/5.0 (X11; Linux x86_64)",
        "curl/7.88.1",
        "Polycom/SPA504G-7.4.9c",
        "Cisco-SPA504G/7.5.5",
        "Cisco/504G-7.5.5 (649EF3788E6A)(CCQ162306EA)",
        "Cisco/SPAxyz-7.5.5",
        "Cisco/SPA12345-7.5.5",
        "Cisco/SPA504GGGGG-7.5.5",
        "Cisco/SPA--504G-7.5.5",
        " Cisco/SPA504G-7.5.5",
        "Cisco/SPA504G.cfg",
        "xCisco/SPA504G-7.5.5",
        "Cisco/WIP310-5.0.13",
    };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct useragent agent = {.model = "kept"};
        bool is_phone = parse(others[i], strlen(others[i]), &agent);
        if (strcmp(others[i], "Cisco/SPA504") == 0) { /* has the shape of a model; the family table knows it not */
            assert_true(is_phone);
            continue;
        }
        if (is_phone)
            fail_msg("\"%s\" was read", others[i]);
        assert_string_equal(agent.model, "kept");
    }
}

static void may_be_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++)
        for (size_t len = 0; len <= strlen(agents[i].text); len++) {
            struct useragent agent;
            if (!parse(agents[i].text, len, &agent))
                continue;
            assert_in_range(strlen(agent.model), 6, MODEL_TEXT_MAX - 1);
            assert_in_range(strlen(agent.serial), 0, SERIAL_TEXT_MAX - 1);
            assert_true(agent.has_mac || mac_is_zero(agent.mac));
        }
}

static void zero_bytes_do_not_end_the_text(void **state)
{
    static const char text[] = "Cisco/SPA504G-7.5.2b\0 (649EF3788E6A)(CCQ162306EA)";
    struct useragent agent;
    (void)state;
    assert_true(parse(text, sizeof text - 1, &agent));
    assert_false(version_known(&agent.version));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(refuses_what_is_no_phone),
        cmocka_unit_test(may_be_cut_anywhere),
        cmocka_unit_test(zero_bytes_do_not_end_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
