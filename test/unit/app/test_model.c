#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/phones/model.h"

static char *exact(const char *text, size_t *len)
{
    *len = strlen(text);
    char *copy = malloc(*len > 0 ? *len : 1);
    assert_non_null(copy);
    memcpy(copy, text, *len);
    return copy;
}

static const struct {
    const char *text, *model; /* NULL: not the shape of a model */
} names[] = {
    {"SPA504G", "SPA504G"},
    {"spa504g", "SPA504G"},
    {"504G", "SPA504G"},
    {"504g", "SPA504G"},
    {"SPA-942", "SPA942"},
    {"spa525g2", "SPA525G2"},
    {"SPA301", "SPA301"},
    {"SPA302D", "SPA302D"},
    {"8000", "SPA8000"},
    {"SPA122", "SPA122"},
    {"", NULL},
    {"SPA", NULL},
    {"SPA-", NULL},
    {"G504", NULL},
    {"SPA50", NULL},
    {"SPA50455", NULL},
    {"SPA504G ", NULL},
    {"504GGGG", NULL},
    {"SPA504-G", NULL},
    {"58bfea1104e6", NULL},
    {"-504G", NULL},
    {"SPASPA504G", NULL},
    {"SPA504\xc4\x9e", NULL},
};

static void reads_model_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char model[MODEL_TEXT_MAX] = "kept";
        size_t len;
        char *text = exact(names[i].text, &len);
        if (model_parse(text, len, model) != (names[i].model != NULL))
            fail_msg("\"%s\"", names[i].text);
        assert_string_equal(model, names[i].model ? names[i].model : "kept");
        free(text);
    }
}

static const struct {
    const char *name, *model;
} profiles[] = {
    {"spa504G.cfg", "SPA504G"},
    {"spa504g.cfg", "SPA504G"},
    {"SPA525G2.CFG", "SPA525G2"},
    {"spa942.cfg", "SPA942"},
    {"spa.cfg", NULL},
    {"504G.cfg", NULL},
    {"spa504G.xml", NULL},
    {"spa504G", NULL},
    {"spa58bfea1104e6.cfg", NULL},
    {".cfg", NULL},
    {"", NULL},
    {"spacfg", NULL},
    {"cfg", NULL},
};

static void reads_profile_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        char model[MODEL_TEXT_MAX] = "kept";
        size_t len;
        char *text = exact(profiles[i].name, &len);
        if (model_from_profile_name(text, len, model) != (profiles[i].model != NULL))
            fail_msg("\"%s\"", profiles[i].name);
        assert_string_equal(model, profiles[i].model ? profiles[i].model : "kept");
        free(text);
    }
}

static const struct {
    const char *option;
    enum vendor vendor; /* VENDOR_UNKNOWN: not a phone's class */
    const char *model;
} classes[] = {
    {"LINKSYS SPA-942", VENDOR_LINKSYS, "SPA942"},
    {"LINKSYS SPA-962", VENDOR_LINKSYS, "SPA962"},
    {"LINKSYS SPA8000", VENDOR_LINKSYS, "SPA8000"},
    {"LINKSYS SPA-901", VENDOR_LINKSYS, "SPA901"},
    {"Cisco SPA501G", VENDOR_CISCO, "SPA501G"},
    {"Cisco SPA525g", VENDOR_CISCO, "SPA525G"},
    {"Cisco SPA525G2", VENDOR_CISCO, "SPA525G2"},
    {"CISCO SPA122", VENDOR_CISCO, "SPA122"},
    {"Cisco SPA301", VENDOR_CISCO, "SPA301"},
    {"Cisco Systems, Inc. IP Phone SPA504G", VENDOR_CISCO, "SPA504G"},
    {"cisco systems, inc. ip phone spa525g", VENDOR_CISCO, "SPA525G"},
    {"Cisco SPA-strange", VENDOR_CISCO, ""},
    {"Cisco SPA504G ", VENDOR_CISCO, "SPA504G"},
    {"Cisco Systems, Inc. IP Phone CP-7940G", VENDOR_UNKNOWN, ""},
    {"Cisco AP c1130", VENDOR_UNKNOWN, ""},
    {"MSFT 5.0", VENDOR_UNKNOWN, ""},
    {"udhcp 1.30.1", VENDOR_UNKNOWN, ""},
    {"TI-dhcp 0.1", VENDOR_UNKNOWN, ""},
    {"Cisco", VENDOR_UNKNOWN, ""},
    {"Cisco SP", VENDOR_UNKNOWN, ""},
    {"", VENDOR_UNKNOWN, ""},
};

static void reads_vendor_classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        struct vendor_class class = {.vendor = VENDOR_UNKNOWN, .model = ""};
        size_t len;
        char *text = exact(classes[i].option, &len);
        if (vendor_class_parse(text, len, &class) != (classes[i].vendor != VENDOR_UNKNOWN))
            fail_msg("\"%s\"", classes[i].option);
        assert_int_equal(class.vendor, classes[i].vendor);
        assert_string_equal(class.model, classes[i].model);
        free(text);
    }
    struct vendor_class padded;
    assert_true(vendor_class_parse("Cisco SPA504G\0", 14, &padded));
    assert_string_equal(padded.model, "SPA504G");
}

/* phones.md 3 and the User-Agents of 2.1 */
static void knows_the_prefixes(void **state)
{
    static const char *const phones[] = {
        "002699000001", "503de5000001", "00e16d000001", "00da55000001", "10bd18000001", "000c41000001",
        "000e08000001", "000f66000001", "001217000001", "001310000001", "0014bf000001", "0016b6000001",
        "001839000001", "0018f8000001", "8843e157ddcc", "0002fdff2103", "649ef3788e6a", "58bfea1104e6"};
    static const char *const others[] = {"000000000001", "525400123456", "88019fa42805",
                                         "ffffffffffff", "002698ffffff", "58bfeb000000"};
    struct mac mac;
    (void)state;
    for (size_t i = 0; i < sizeof phones / sizeof *phones; i++) {
        assert_true(mac_parse(phones[i], 12, &mac));
        assert_true(oui_is_phone(mac, NULL));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_true(mac_parse(others[i], 12, &mac));
        assert_false(oui_is_phone(mac, NULL));
    }
}

static void takes_further_prefixes(void **state)
{
    struct oui_list list = {{0}, 0};
    const uint8_t prefix[3] = {0x52, 0x54, 0x00};
    struct mac mac = {{0x52, 0x54, 0x00, 1, 2, 3}}, other = {{0x52, 0x54, 0x01, 1, 2, 3}};
    (void)state;
    assert_false(oui_is_phone(mac, &list));
    for (int i = 0; i < OUI_EXTRA_MAX; i++)
        assert_true(oui_add(&list, prefix));
    assert_false(oui_add(&list, prefix));
    assert_true(oui_is_phone(mac, &list));
    assert_false(oui_is_phone(other, &list));
}

static void says_how_to_reset(void **state)
{
    (void)state;
    assert_non_null(strstr(model_reset_sentence("SPA504G"), "Factory Reset"));
    assert_non_null(strstr(model_reset_sentence("SPA301"), "73738#"));
    assert_non_null(strstr(model_reset_sentence("SPA501G"), "73738#"));
    assert_non_null(strstr(model_reset_sentence("SPA525G2"), "Device Administration"));
    assert_non_null(strstr(model_reset_sentence(""), "Factory Reset"));
    assert_non_null(strstr(model_reset_sentence("SPA8000"), "Factory Reset"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_model_names),      cmocka_unit_test(reads_profile_names),
        cmocka_unit_test(reads_vendor_classes),   cmocka_unit_test(knows_the_prefixes),
        cmocka_unit_test(takes_further_prefixes), cmocka_unit_test(says_how_to_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
