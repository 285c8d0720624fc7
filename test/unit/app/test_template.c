#include "app/content/template.h"
#include "test/unit/app/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define S(s) s, sizeof(s) - 1
#define ROOT(inside) "<flat-profile>" inside "</flat-profile>"

static const uint64_t seed[2] = {1, 2};

static struct {
    struct heard heard;
    struct inventory inventory;
    void *block;
    struct template template;
    char *text;
} t;

static bool read_template(const char *text, size_t len)
{
    template_free(&t.template);
    free(t.text);
    t.text = malloc(len > 0 ? len : 1);
    memcpy(t.text, text, len);
    return template_read(&t.template, "full.xml", t.text, len, heard_clear(&t.heard));
}

static int set_up(void **state)
{
    static const char csv[] = "mac,Extension,password,empty,mo del\n58bfea1104e6,101,<&>\"'{{mac}}\xc3\xb6,,\n";
    (void)state;
    size_t size = INVENTORY_MEMORY(sizeof csv);
    t.block = malloc(size);
    return inventory_read(&t.inventory, "phones.csv", csv, sizeof csv - 1, t.block, size, seed,
                          heard_clear(&t.heard))
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(t.block);
    template_free(&t.template);
    free(t.text);
    return 0;
}

static struct template_values values(void)
{
    return (struct template_values){.mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}},
                                    .model = "SPA504G",
                                    .box_address = "192.168.10.10",
                                    .inventory = &t.inventory,
                                    .row = 0};
}

/* What phones get, for each kind of thing in a template. */
static void rendering(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"nothing", S(ROOT("")), ""},
        {"as it stands", S(ROOT("<A>b</A><B/>")), "<A>b</A>\n<B/>\n"},
        {"attributes stay", S(ROOT("<A ua=\"na\" group='x'>b</A><B ua=\"ro\"/>")),
         "<A ua=\"na\" group='x'>b</A>\n<B ua=\"ro\"/>\n"},
        {"attributes in ASCII", S(ROOT("<A g=\"\xc3\xb6\xe9\n'\">b</A>")), "<A g=\"&#246;&#233; '\">b</A>\n"},
        {"the root's attributes go",
         S("<?xml version=\"1.0\"?>\n<flat-profile xmlns=\"x\"> <A>b</A> </flat-profile>\n\n"), "<A>b</A>\n"},
        {"comments go", S("<!-- a -->" ROOT("<!-- {{nobody}} --><A>b<!-- c -->d</A>") "<!-- e -->"), "<A>bd</A>\n"},
        {"loose text goes", S(ROOT("// k0ste {{nobody}}\n<A>b</A> // more")), "<A>b</A>\n"},
        {"CDATA becomes text", S(ROOT("<A><![CDATA[a<b&amp;{{extension}}]]></A>")), "<A>a&lt;b&amp;amp;101</A>\n"},
        {"entities stay", S(ROOT("<A>&amp;&#65;&lt;></A>")), "<A>&amp;&#65;&lt;&gt;</A>\n"},
        {"not ASCII", S(ROOT("<A>J\xc3\xb6rg \xe2\x82\xac</A>")), "<A>J&#246;rg &#8364;</A>\n"},
        {"lines in a value", S(ROOT("<A>a\n\tb</A>")), "<A>a  b</A>\n"},
        {"the three", S(ROOT("<A>{{mac}} {{ Model }}{{BOX.ADDRESS}}</A>")),
         "<A>58bfea1104e6 SPA504G192.168.10.10</A>\n"},
        {"columns", S(ROOT("<A>x{{ extension }}y{{EMPTY}}z</A>")), "<A>x101yz</A>\n"},
        {"a name with a blank", S(ROOT("<A>{{mo del}}</A>")), "<A></A>\n"},
        {"values are escaped, and put in once", S(ROOT("<A>{{password}}</A>")),
         "<A>&lt;&amp;&gt;&quot;&apos;{{mac}}&#246;</A>\n"},
        {"single braces are text", S(ROOT("<A>{a} {b}} c</A>")), "<A>{a} {b}} c</A>\n"},
        {"twice is twice", S(ROOT("<A>1</A><A>2</A>")), "<A>1</A>\n<A>2</A>\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buf[512];
        struct out out;
        struct template_values v = values();
        if (!read_template(cases[i].in, cases[i].len))
            fail_msg("%s: %s", cases[i].why, t.heard.text);
        out_window(&out, buf, sizeof buf - 1, 0);
        template_render(&t.template, &v, 0, &out);
        buf[out_filled(&out)] = '\0';
        if (out.failed || strcmp(buf, cases[i].out) != 0)
            fail_msg("%s: %s", cases[i].why, buf);
    }
}

static void what_is_wrong_is_told_at_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        bool usable;
        const char *told;
    } cases[] = {
        {"empty", S(""), false, "full.xml:0: error: holds no <flat-profile>\n"},
        {"only a comment", S("<!-- -->\n"), false, "full.xml:0: error: holds no <flat-profile>\n"},
        {"another root", S("\n<device><flat-profile/></device>"), false,
         "full.xml:2: error: the outermost element is <device>; phones want <flat-profile>\n"},
        {"the root's letter case", S("<Flat-Profile/>"), false,
         "full.xml:1: error: the outermost element is <Flat-Profile>; phones want <flat-profile>\n"},
        {"text before the root", S("x<flat-profile/>"), false,
         "full.xml:1: error: the text does not begin with <flat-profile>\n"},
        {"two roots", S("<flat-profile/>\n<flat-profile/>"), false,
         "full.xml:2: error: something stands behind </flat-profile>\n"},
        {"text behind the root", S("<flat-profile/>\n\nx"), false,
         "full.xml:1: error: something stands behind </flat-profile>\n"},
        {"root not closed", S("<flat-profile>\n<A/>\n"), false,
         "full.xml:1: error: <flat-profile> is never closed\n"},
        {"parameter not closed", S(ROOT("\n<A>b\n")), false,
         "full.xml:3: error: </flat-profile> does not close <A> of line 2 (letter case counts)\n"},
        {"parameter not closed before the next", S(ROOT("\n<A>b\n<B>c</B></A>")), false,
         "full.xml:3: error: <B> stands inside <A> of line 2: parameters cannot hold others, or that one is not "
         "closed\n"},
        {"cut in a parameter", S("<flat-profile>\n\n<A>b"), false, "full.xml:3: error: <A> is never closed\n"},
        {"letter case of the end", S(ROOT("<Ab>c</AB>")), false,
         "full.xml:1: error: </AB> does not close <Ab> of line 1 (letter case counts)\n"},
        {"an end without a beginning", S("</A>"), false, "full.xml:1: error: </A> closes nothing\n"},
        {"plain ampersand", S(ROOT("<A>\nx & y</A>")), false,
         "full.xml:2: error: `&` begins no entity that phones know: a plain one is written `&amp;`\n"},
        {"braces that never close", S(ROOT("<A>{{mac</A>")), false,
         "full.xml:1: error: `{{` begins no name of the form {{column}}\n"},
        {"braces around nothing", S(ROOT("<A>{{ }} {{mac}}</A>")), false,
         "full.xml:1: error: `{{` begins no name of the form {{column}}\n"},
        {"braces in braces", S(ROOT("<A>{{a{{b}}</A>")), false,
         "full.xml:1: error: `{{` begins no name of the form {{column}}\n"},
        {"braces in a tag", S(ROOT("\n<A ua=\"{{mac}}\">x</A>")), false,
         "full.xml:2: error: {{...}} may only stand in the value of a parameter, not inside a tag\n"},
        {"UTF-16", S("\xff\xfe<\0"), false, "full.xml:0: error: is not UTF-8 text\n"},
        {"NUL", S("<flat-profile/>\0"), false, "full.xml:0: error: is not UTF-8 text\n"},
        {"several braces are all told", S(ROOT("<A>{{</A>\n<B>{{</B>")), false,
         "full.xml:1: error: `{{` begins no name of the form {{column}}\n"
         "full.xml:2: error: `{{` begins no name of the form {{column}}\n"},
        {"set twice", S(ROOT("<A/>\n<Ab/><A >x</A>\n<A/>")), true,
         "full.xml:2: warning: A is set a second time; phones take the last value\n"
         "full.xml:3: warning: A is set a second time; phones take the last value\n"},
        {"loose text", S(ROOT("<A/>\n// x\n<B/>y")), true,
         "full.xml:1: warning: text between the parameters is left out (a comment is written <!-- like this "
         "-->)\n"},
        {"ISO 8859-1", S(ROOT("<A>\xe4</A>\n<B>\xf6</B>")), true,
         "full.xml:1: warning: has a character that is not UTF-8 and is taken for ISO 8859-1\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool usable = read_template(cases[i].in, cases[i].len);
        if (usable != cases[i].usable || strcmp(t.heard.text, cases[i].told) != 0)
            fail_msg("%s: %s", cases[i].why, t.heard.text);
    }
}

static void unknown_names_are_told_with_the_nearest(void **state)
{
    (void)state;
    assert_true(read_template(S(ROOT("<A>{{Extensoin}}</A>\n<B>a\nb {{mac}}{{modle}}\n</B><C>{{xyzzy}}</C>"
                                     "<!-- {{zz}} -->// {{loose}}\n<D>{{EXTENSION}}</D>"))));
    assert_false(template_check(&t.template, &t.inventory, heard_clear(&t.heard)));
    assert_string_equal(
        t.heard.text,
        "full.xml:1: error: {{Extensoin}}: phones.csv has no such column; did you mean {{Extension}}?\n"
        "full.xml:3: error: {{modle}}: phones.csv has no such column; did you mean {{model}}?\n"
        "full.xml:4: error: {{xyzzy}}: phones.csv has no such column\n");
    assert_false(template_check(&t.template, NULL, heard_clear(&t.heard)));
    assert_non_null(strstr(t.heard.text, "full.xml:4: error: {{xyzzy}}: there is no inventory to take it from\n"));
    assert_true(read_template(S(ROOT("<A>{{mac}}{{model}}{{box.address}}</A>"))));
    assert_true(template_check(&t.template, NULL, heard_clear(&t.heard)));
}

static void what_a_phone_lacks(void **state)
{
    (void)state;
    char name[TEMPLATE_COLUMN_MAX], buf[256];
    struct template_values v = values();
    assert_true(read_template(S(ROOT("<A>{{mac}}</A><B>{{extension}}{{ pin }}</B>"))));
    assert_true(template_lacks(&t.template, &v, name));
    assert_string_equal(name, "pin");
    v.row = INVENTORY_NONE;
    assert_true(template_lacks(&t.template, &v, name));
    assert_string_equal(name, "extension");
    struct out out;
    out_window(&out, buf, sizeof buf, 0);
    template_render(&t.template, &v, 0, &out);
    assert_true(out.failed);
    v.inventory = NULL;
    assert_true(template_lacks(&t.template, &v, name));
    assert_true(read_template(S(ROOT("<A>{{mac}}</A>"))));
    assert_false(template_lacks(&t.template, &v, name));
    assert_string_equal(name, "");
    v = values();
    assert_true(read_template(S(ROOT("<A>{{empty}}</A>"))));
    assert_false(template_lacks(&t.template, &v, name)); /* an empty cell is a value */
}

static void which_of_ours_it_sets(void **state)
{
    (void)state;
    char buf[256];
    struct template_values v = values();
    struct out out;
    assert_true(read_template(S(ROOT("<Profile_Rule>x</Profile_Rule><Profile_Rule_B/><profile_rule_c/><Foo/>"
                                     "<!-- <Upgrade_Rule/> -->"))));
    assert_true(t.template.sets ==
                (PARAMETER_BIT(PARAMETER_PROFILE_RULE) | PARAMETER_BIT(PARAMETER_PROFILE_RULE_B)));
    out_window(&out, buf, sizeof buf - 1, 0);
    template_render(&t.template, &v, PARAMETER_BIT(PARAMETER_PROFILE_RULE), &out);
    buf[out_filled(&out)] = '\0';
    assert_string_equal(buf, "<Profile_Rule_B/>\n<profile_rule_c/>\n<Foo/>\n");
    template_render(&t.template, &v, t.template.sets, &out);
}

/* Whatever a cut leaves is read within its bounds, and never usable but for the whole. */
static void cut_at_every_byte(void **state)
{
    (void)state;
    static const char text[] =
        "\xef\xbb\xbf<?xml?><flat-profile>\n<A ua='na'>{{ mac }}{{extension}} &amp;\xc3\xb6<![CDATA[x]]>"
        "</A>\n<!-- c --><B/></flat-profile>";
    for (size_t n = 0; n < sizeof text - 1; n++)
        assert_false(read_template(text, n));
    assert_true(read_template(S(text)));
}

static void paths(void **state)
{
    (void)state;
    char out[32];
    assert_true(template_path("profiles/%model%.xml", "SPA504G", out, sizeof out));
    assert_string_equal(out, "profiles/SPA504G.xml");
    assert_true(template_path("%model%/%model%", "A", out, sizeof out));
    assert_string_equal(out, "A/A");
    assert_true(template_path("full.xml", "SPA504G", out, 9));
    assert_false(template_path("full.xml", "SPA504G", out, 8));
    assert_true(template_path_has_model("a/%model%"));
    assert_false(template_path_has_model("a/%MODEL"));
}

/* A template longer than any buffer is rendered window by window. */
static void in_windows(void **state)
{
    (void)state;
    struct template_values v = values();
    char whole[256], part[7];
    struct out out;
    assert_true(read_template(S(ROOT("<A>{{password}}</A><B ua=\"na\">&amp;\xc3\xb6</B><C/>"))));
    out_window(&out, whole, sizeof whole, 0);
    template_render(&t.template, &v, 0, &out);
    size_t len = out_filled(&out);
    for (size_t at = 0; at < len; at += sizeof part) {
        out_window(&out, part, sizeof part, at);
        template_render(&t.template, &v, 0, &out);
        assert_int_equal(out.total, len);
        assert_memory_equal(part, whole + at, out_filled(&out));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendering),
        cmocka_unit_test(what_is_wrong_is_told_at_its_line),
        cmocka_unit_test(unknown_names_are_told_with_the_nearest),
        cmocka_unit_test(what_a_phone_lacks),
        cmocka_unit_test(which_of_ours_it_sets),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(paths),
        cmocka_unit_test(in_windows),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
