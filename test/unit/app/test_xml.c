#include "app/content/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S(s) s, sizeof(s) - 1

/* The tokens as one line: "<name attributes>" "<name/>" "</name>" "text" "[cdata]", "|" between them,
 * "!LINE" where it is wrong. */
static void tokens(const char *text, size_t len, char *out, size_t cap)
{
    char *copy = malloc(len > 0 ? len : 1);
    struct xml_scan scan;
    struct xml_token token;
    size_t at = 0;
    memcpy(copy, text, len);
    xml_scan_init(&scan, copy, len);
    out[0] = '\0';
    while (xml_next(&scan, &token) != XML_END) {
        int name = (int)token.name_len, n = (int)token.text_len;
        const char *gap = at > 0 ? "|" : "";
        switch (token.kind) {
        case XML_OPEN:
        case XML_EMPTY:
            at += (size_t)snprintf(out + at, cap - at, "%s<%.*s%s%.*s%s>", gap, name, token.name, n > 0 ? " " : "",
                                   n, token.text, token.kind == XML_EMPTY ? "/" : "");
            break;
        case XML_CLOSE:
            at += (size_t)snprintf(out + at, cap - at, "%s</%.*s>", gap, name, token.name);
            break;
        case XML_TEXT:
            at += (size_t)snprintf(out + at, cap - at, "%s%.*s", gap, n, token.text);
            break;
        case XML_CDATA:
            at += (size_t)snprintf(out + at, cap - at, "%s[%.*s]", gap, n, token.text);
            break;
        default:
            assert_non_null(scan.error);
            assert_int_equal(xml_next(&scan, &token), XML_ERROR); /* it stays so */
            at += (size_t)snprintf(out + at, cap - at, "%s!%d", gap, scan.error_line);
            free(copy);
            return;
        }
    }
    free(copy);
}

static void scanning(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        const char *out;
    } cases[] = {
        {"nothing", S(""), ""},
        {"a parameter", S("<A>b</A>"), "<A>|b|</A>"},
        {"byte order mark", S("\xef\xbb\xbf<A/>"), "<A/>"},
        {"attributes of both quotes", S("<A ua=\"na\" group = 'x/y' >"), "<A ua=\"na\" group = 'x/y'>"},
        {"empty with attributes", S("<A ua=\"rw\" />"), "<A ua=\"rw\"/>"},
        {"names as phones have them", S("<SPCP_Auto-detect></User_ID_1_ >"), "<SPCP_Auto-detect>|</User_ID_1_>"},
        {"comments and instructions are passed over", S("<?xml v='1'?><!-- <A> -- --><A/>"), "<A/>"},
        {"a comment splits text", S("a<!---->b"), "a|b"},
        {"CDATA", S("<![CDATA[a<b&c]]]>"), "[a<b&c]]"},
        {"known entities", S("&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#x10FFFF;"),
         "&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#x10FFFF;"},
        {"a lone > is text", S("a>b"), "a>b"},
        {"plain ampersand", S("\n\na & b"), "!3"},
        {"entity of HTML", S("&nbsp;"), "!1"},
        {"entity never ends", S("&amp"), "!1"},
        {"number never ends", S("&#65"), "!1"},
        {"number without digits", S("&#;"), "!1"},
        {"hex without digits", S("&#x;"), "!1"},
        {"number of a control", S("&#0;"), "!1"},
        {"number too large", S("&#x110000;"), "!1"},
        {"huge number does not wrap", S("&#4294967361;"), "!1"},
        {"ampersand in an attribute", S("<A b=\"c&d\">"), "!1"},
        {"comment never ends", S("\r\n<!-- a -"), "\r\n|!2"},
        {"instruction never ends", S("<?xml ?"), "!1"},
        {"CDATA never ends", S("<![CDATA[a]]"), "!1"},
        {"DOCTYPE", S("\r\r<!DOCTYPE a>"), "\r\r|!3"},
        {"tag never ends", S("<A"), "!1"},
        {"tag never ends after a slash", S("<A/"), "!1"},
        {"attribute never ends", S("<A b=\"c"), "!1"},
        {"attribute without value", S("<A b>"), "!1"},
        {"attribute without quotes", S("<A b=c>"), "!1"},
        {"attributes without a blank between", S("<A b=\"\"c=\"\">"), "!1"},
        {"tag inside an attribute", S("<A b=\"<\">"), "!1"},
        {"blank name", S("< A>"), "!1"},
        {"name begins with a digit", S("<1A>"), "!1"},
        {"closing tag with attributes", S("</A b=\"\">"), "!1"},
        {"closing tag never ends", S("</A"), "!1"},
        {"closing nothing", S("</>"), "!1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[512];
        tokens(cases[i].in, cases[i].len, out, sizeof out);
        if (strcmp(out, cases[i].out) != 0)
            fail_msg("%s: %s", cases[i].why, out);
    }
}

/* A document cut at every byte ends in END or ERROR and reads nothing behind its end (ASan). */
static void cut_at_every_byte(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf<?xml version=\"1.0\"?><!-- c --><flat-profile>\r\n<A ua='na'>x &amp; "
                               "&#x41;<![CDATA[y]]></A><B/></flat-profile>";
    char out[512];
    for (size_t n = 0; n < sizeof text; n++)
        tokens(text, n, out, sizeof out);
}

static void written(void (*writer)(struct out *out, const char *text, size_t len), const char *in, size_t len,
                    const char *expected, const char *why)
{
    char buf[256], *copy = malloc(len > 0 ? len : 1);
    struct out out;
    memcpy(copy, in, len);
    out_window(&out, buf, sizeof buf - 1, 0);
    writer(&out, copy, len);
    buf[out_filled(&out)] = '\0';
    if (strcmp(buf, expected) != 0)
        fail_msg("%s: %s", why, buf);
    free(copy);
}

static void writing(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        const char *text, *raw;
    } cases[] = {
        {"ASCII", S("a b=c;{}"), "a b=c;{}", "a b=c;{}"},
        {"markup", S("<a href=\"b\">'&amp;"), "&lt;a href=&quot;b&quot;&gt;&apos;&amp;amp;",
         "&lt;a href=&quot;b&quot;&gt;&apos;&amp;"},
        {"UTF-8 as numbers", S("J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x93\x9e"), "J&#246;rg &#8364; &#128222;",
         "J&#246;rg &#8364; &#128222;"},
        {"ISO 8859-1 as numbers", S("J\xf6rg"), "J&#246;rg", "J&#246;rg"},
        {"cut UTF-8", S("\xe2\x82"), "&#226; ", "&#226; "},
        {"controls as blanks", S("a\n\t\r\0b\x7f\xc2\x85"), "a    b  ", "a    b  "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        written(xml_write_text, cases[i].in, cases[i].len, cases[i].text, cases[i].why);
        written(xml_write_raw, cases[i].in, cases[i].len, cases[i].raw, cases[i].why);
    }
}

static void names(void **state)
{
    (void)state;
    assert_true(xml_is_name(S("Profile_Rule_B")));
    assert_true(xml_is_name(S("_a-b.c:1")));
    assert_false(xml_is_name(S("")));
    assert_false(xml_is_name(S("1a")));
    assert_false(xml_is_name(S("a b")));
    assert_false(xml_is_name(S("a[1]")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scanning),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(writing),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
