/* The simulator's own parsers: rules, profiles, versions, URLs, answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../http_head.h"
#include "../profile.h"
#include "../rule.h"
#include "../url.h"
#include "../version.h"

static const char *macro(void *ctx, const char *name, size_t len)
{
    static const char *const known[][2] = {
        {"MA", "58bfea1104e6"}, {"MAU", "58BFEA1104E6"}, {"PSN", "504G"}, {"SWVER", "7.5.5"}, {"A", "$MA"}};
    (void)ctx;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i][0]) == len && memcmp(known[i][0], name, len) == 0)
            return known[i][1];
    return NULL;
}

static void expands(void **state)
{
    static const struct {
        const char *why, *in, *out;
    } cases[] = {
        {"a name ends at the first character that cannot be in one", "/spa$PSN.cfg", "/spa504G.cfg"},
        {"the longest known name counts", "$MAU-$MA", "58BFEA1104E6-58bfea1104e6"},
        {"an unknown one stays", "$XYZ/$", "$XYZ/$"},
        {"what is put in is not looked at again", "$A", "$MA"},
        {"two make one", "$$MA", "$MA"},
        {"brackets, and a part", "$(PSN)x$(MA:6:6)", "504Gx1104e6"},
        {"a part beyond the end", "[$(PSN:9:2)]", "[]"},
        {"an open bracket", "$(PSN", "$(PSN"},
    };
    char out[100];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rule_expand(cases[i].in, macro, NULL, out, sizeof out);
        if (strcmp(out, cases[i].out) != 0)
            fail_msg("%s: %s", cases[i].why, out);
    }
}

static void evaluates(void **state)
{
    static const struct {
        const char *why, *in;
        bool conditions;
        enum rule_end end;
        const char *url;
    } cases[] = {
        {"a plain URL", "http://box/a", true, RULE_URL, "http://box/a"},
        {"old firmware takes all of it", "( $SWVER lt 7.6 )? a | b", false, RULE_URL, "( 7.5.5 lt 7.6 )? a | b"},
        {"the first that holds", "( $SWVER lt 7.6 )? a | b", true, RULE_URL, "a"},
        {"the other", "( $SWVER lt 7.5.2b )? a | b", true, RULE_URL, "b"},
        {"letters count", "( 7.5.2 lt 7.5.2b )? a | b", true, RULE_URL, "a"},
        {"signs", "( $SWVER >= 7.5.5 )? a | b", true, RULE_URL, "a"},
        {"and", "( $SWVER ge 7.5 and $SWVER lt 7.5.5 )? a | b", true, RULE_URL, "b"},
        {"quoted text", "( \"$PSN\" eq \"504G\" )? a | b", true, RULE_URL, "a"},
        {"quoted text is not ordered", "( \"$PSN\" lt \"504G\" )? a | b", true, RULE_BROKEN, NULL},
        {"none holds", "( $SWVER lt 7 )? a", true, RULE_NONE, NULL},
        {"options", "[--key $PSN] http://box/a", true, RULE_URL, "http://box/a"},
        {"no question mark", "( $SWVER lt 7 ) a", true, RULE_BROKEN, NULL},
        {"an unknown operator", "( $SWVER is 7 )? a", true, RULE_BROKEN, NULL},
        {"cut in the middle", "( $SWVER", true, RULE_BROKEN, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_result r;
        rule_evaluate(cases[i].in, cases[i].conditions, macro, NULL, &r);
        if (r.end != cases[i].end || (cases[i].url && strcmp(r.url, cases[i].url) != 0))
            fail_msg("%s: %d %s", cases[i].why, (int)r.end, r.url);
    }
}

static void reads_profiles(void **state)
{
    static const struct {
        const char *why, *in;
        bool fine;
        const char *a; /* value of A; NULL: not in it */
    } cases[] = {
        {"empty", "<flat-profile></flat-profile>", true, NULL},
        {"one", "<flat-profile><A>1</A></flat-profile>", true, "1"},
        {"attributes", "<flat-profile x=\"1\"><A ua=\"na\">1</A></flat-profile>", true, "1"},
        {"blanks are cut, a line break is a blank", "<flat-profile><A> 1\n2 </A></flat-profile>", true, "1 2"},
        {"entities", "<flat-profile><A>&lt;&amp;&quot;&#65;&#x42;</A></flat-profile>", true, "<&\"AB"},
        {"an unknown entity stays", "<flat-profile><A>&x;</A></flat-profile>", true, "&x;"},
        {"an empty element", "<flat-profile><A/></flat-profile>", true, ""},
        {"the last counts", "<flat-profile><A>1</A><A>2</A></flat-profile>", true, "2"},
        {"letter case counts", "<flat-profile><a>1</a></flat-profile>", true, NULL},
        {"text between", "<flat-profile>// x\n<A>1</A></flat-profile>", true, "1"},
        {"no end", "<flat-profile><A>1</A>", false, NULL},
        {"an element without its end", "<flat-profile><A>1</flat-profile>", false, NULL},
        {"something else", "<html></html>", false, NULL},
        {"nothing", "", false, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct profile p;
        bool fine = profile_parse((const uint8_t *)cases[i].in, strlen(cases[i].in), &p);
        const char *a = profile_get(&p, "A");
        if (fine != cases[i].fine || (fine && (a == NULL) != (cases[i].a == NULL)) ||
            (fine && a && strcmp(a, cases[i].a) != 0))
            fail_msg("%s: %s %s", cases[i].why, a, p.error);
        profile_free(&p);
    }
}

/* Cut at every byte it is no profile, and nothing behind the cut is read. */
static void cut_profiles(void **state)
{
    static const char whole[] = "<flat-profile>\n<A x=\"1\">&lt;1&#65;</A><!-- c --><B/></flat-profile>";
    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        uint8_t *exact = malloc(len ? len : 1);
        struct profile p;
        memcpy(exact, whole, len);
        assert_false(profile_parse(exact, len, &p));
        profile_free(&p);
        free(exact);
    }
}

static void orders_versions(void **state)
{
    static const char *const order[] = {"5.1.8", "6.1.5(a)", "7.1.3a", "7.3.7", "7.4.3a", "7.4.9", "7.4.9a", "7.5.2",
                                        "7.5.2b", "7.5.6(XU)", "7.5.7", "7.6.1(ES_RC01)", "7.6.2", "7.6.2e-bt", "7.6.2g"};
    (void)state;
    for (size_t i = 0; i + 1 < sizeof order / sizeof order[0]; i++)
        assert_true(version_compare_text(order[i], order[i + 1]) < 0);
    assert_int_equal(version_compare_text("7.5.6(XU)", "7.5.6"), 0);
}

static void reads_file_names(void **state)
{
    static const struct {
        const char *name, *family, *version;
    } cases[] = {
        {"spa50x-30x-7-5-2b.bin", "spa50x-30x", "7.5.2b"},  {"0123abcd12-spa50x-30x-7-5-6-XU.bin", "spa50x-30x", "7.5.6(XU)"},
        {"spa525g-7-6-2e-bt.bin", "spa525g", "7.6.2e-bt"},  {"SPA51X-7-6-1.BIN", "SPA51X", "7.6.1"},
        {"spa5x5-7-4-4.bin", "spa5x5", "7.4.4"},            {"spa.bin", NULL, NULL},
        {"spa50x-30x.bin", NULL, NULL},                     {"spa50x-30x-7-5-2b.zip", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char family[32], version[32];
        bool fine = version_from_file(cases[i].name, family, sizeof family, version, sizeof version);
        assert_int_equal(fine, cases[i].family != NULL);
        if (fine) {
            assert_string_equal(family, cases[i].family);
            assert_string_equal(version, cases[i].version);
        }
    }
}

static void reads_urls(void **state)
{
    static const struct {
        const char *in;
        bool fine;
        enum scheme scheme;
        const char *host, *path;
        uint16_t port;
    } cases[] = {
        {"http://box/a?b=c", true, SCHEME_HTTP, "box", "/a?b=c", 80},
        {"HTTPS://box:8443/a", true, SCHEME_HTTPS, "box", "/a", 8443},
        {"box/a", true, SCHEME_TFTP, "box", "/a", 69},
        {"/a", true, SCHEME_TFTP, "", "/a", 69},
        {"192.168.10.10", true, SCHEME_TFTP, "192.168.10.10", "", 69},
        {"ftp://box/a", false, 0, "", "", 0},
        {"http://box:0/a", false, 0, "", "", 0},
        {"http://box/a b", false, 0, "", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct url u;
        assert_int_equal(url_parse(cases[i].in, &u), cases[i].fine);
        if (!cases[i].fine)
            continue;
        assert_int_equal(u.scheme, cases[i].scheme);
        assert_string_equal(u.host, cases[i].host);
        assert_string_equal(u.path, cases[i].path);
        assert_int_equal(u.port, cases[i].port);
    }
}

static void reads_heads(void **state)
{
    static const struct {
        const char *why, *in;
        bool fine;
        int status;
        bool has_length;
    } cases[] = {
        {"whole", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, 200, true},
        {"no length", "HTTP/1.0 404 Not Found\r\nX: y\r\n\r\n", true, 404, false},
        {"two lengths that differ", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", false, 0, false},
        {"a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\n", false, 0, false},
        {"a line without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", false, 0, false},
        {"another protocol", "HTTP/2.0 200 OK\r\n\r\n", false, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_head h;
        bool fine = http_head_parse(cases[i].in, strlen(cases[i].in), &h);
        if (fine != cases[i].fine || (fine && (h.status != cases[i].status || h.has_length != cases[i].has_length)))
            fail_msg("%s", cases[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expands),         cmocka_unit_test(evaluates),        cmocka_unit_test(reads_profiles),
        cmocka_unit_test(cut_profiles),    cmocka_unit_test(orders_versions),  cmocka_unit_test(reads_file_names),
        cmocka_unit_test(reads_urls),      cmocka_unit_test(reads_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
