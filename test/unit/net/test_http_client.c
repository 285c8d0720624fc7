/* The client's part: requests with and without authorization, responses, challenges. */
#include "net/http/client.h"

#include "test_http_md5.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof(a)[0])

/* The examples of RFC 2617 section 3.5 and RFC 7616 section 3.9.1. */
static const struct http_digest rfc2617 = {
    .there = true,
    .qop_auth = true,
    .realm = "testrealm@host.com",
    .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    .opaque = "5ccc069c403ebaf9f0171e9517f40e41",
    .has_opaque = true,
};

static struct http_client_request digest_request(const struct http_digest *digest)
{
    return (struct http_client_request){
        .method = "GET",
        .target = "/dir/index.html",
        .host = "host.com",
        .auth = HTTP_AUTH_DIGEST,
        .user = "Mufasa",
        .password = "Circle Of Life",
        .digest = digest,
        .cnonce = "0a4f113b",
        .nonce_count = 1,
        .md5 = md5_of,
    };
}

/* Builds into buffers of every size: only those from the right one on are enough. */
static void expect_request(const struct http_client_request *request, const char *want)
{
    size_t len = strlen(want);
    for (size_t cap = 0; cap <= len + 1; cap++) {
        char *buf = malloc(cap > 0 ? cap : 1);
        size_t n = http_client_build(buf, cap, request);
        if (n != (cap >= len ? len : 0))
            fail_msg("%zu of %zu bytes for %zu: %.*s", n, len, cap, (int)n, buf);
        if (n > 0 && memcmp(buf, want, len) != 0)
            fail_msg("is %.*s\nnot %s", (int)n, buf, want);
        free(buf);
    }
}

static void test_plain_request(void **state)
{
    (void)state;
    struct http_client_request r = {
        .method = "GET", .target = "/admin/resync?http://192.168.10.10/spa504G.cfg", .host = "192.168.10.51"};
    expect_request(&r, "GET /admin/resync?http://192.168.10.10/spa504G.cfg HTTP/1.1\r\n"
                       "Host: 192.168.10.51\r\n"
                       "Connection: close\r\n\r\n");
    r.user_agent = "stagebox";
    expect_request(&r, "GET /admin/resync?http://192.168.10.10/spa504G.cfg HTTP/1.1\r\n"
                       "Host: 192.168.10.51\r\n"
                       "User-Agent: stagebox\r\n"
                       "Connection: close\r\n\r\n");
}

static void test_basic_request(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password, *want;
    } cases[] = {
        {"Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"test", "123\xc2\xa3", "dGVzdDoxMjPCow=="},
        {"", "", "Og=="},
        {"a", "", "YTo="},
        {"ab", "", "YWI6"},
        {"admin", "a:b", "YWRtaW46YTpi"},
    };
    for (size_t i = 0; i < N(cases); i++) {
        char want[300];
        struct http_client_request r = {.method = "GET", .target = "/", .host = "h", .auth = HTTP_AUTH_BASIC};
        r.user = cases[i].user;
        r.password = cases[i].password;
        snprintf(want, sizeof want,
                 "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic %s\r\nConnection: close\r\n\r\n",
                 cases[i].want);
        expect_request(&r, want);
    }
}

static void test_digest_request(void **state)
{
    (void)state;
    struct http_client_request r = digest_request(&rfc2617);
    expect_request(&r, "GET /dir/index.html HTTP/1.1\r\nHost: host.com\r\n"
                       "Authorization: Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
                       "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
                       "response=\"6629fae49393a05397450978507c4ef1\", qop=auth, nc=00000001, "
                       "cnonce=\"0a4f113b\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\r\n"
                       "Connection: close\r\n\r\n");
}

static void expect_response(const struct http_client_request *r, const char *response, const char *also)
{
    char buf[1000] = "";
    size_t n = http_client_build(buf, sizeof buf - 1, r);
    assert_true(n > 0);
    buf[n] = '\0';
    if (strstr(buf, response) == NULL || strstr(buf, also) == NULL)
        fail_msg("'%s' or '%s' is not in %s", response, also, buf);
}

static void test_other_digests(void **state)
{
    (void)state;
    struct http_digest d = rfc2617;
    struct http_client_request r = digest_request(&d);
    d.qop_auth = false; /* RFC 2069 */
    expect_response(&r, "response=\"670fd8c2df070c60b045671b8b24ff02\"", ", opaque=\"");
    d = (struct http_digest){.there = true, .qop_auth = true, .algorithm_named = true, .has_opaque = true};
    strcpy(d.realm, "http-auth@example.org");
    strcpy(d.nonce, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
    strcpy(d.opaque, "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
    r.password = "Circle of Life";
    r.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    expect_response(&r, "response=\"8ca523f5e9506fed4657c9700eebdbec\"",
                    ", algorithm=MD5, qop=auth, nc=00000001, ");
    r.nonce_count = 0xabcdef01;
    expect_response(&r, "nc=abcdef01", "Digest");
}

/* H(A1) of MD5-sess is H(H(user:realm:password):nonce:cnonce). */
static void test_digest_of_a_session(void **state)
{
    (void)state;
    struct http_digest d = rfc2617;
    struct http_client_request r = digest_request(&d);
    d.sess = d.algorithm_named = true;
    static const char a2[] = "39aff3a2bab6126f332b942af96d3366"; /* GET:/dir/index.html, of RFC 2617 */
    char text[300], hex[4][33];
    const char *inputs[2] = {"Mufasa:testrealm@host.com:Circle Of Life", text};
    for (int step = 0; step < 2; step++) {
        uint8_t digest[16];
        struct http_slice whole = http_slice(inputs[step]);
        md5_of(NULL, &whole, 1, digest);
        for (int i = 0; i < 16; i++)
            snprintf(hex[step] + 2 * i, 3, "%02x", digest[i]);
        snprintf(text, sizeof text, "%s:%s:0a4f113b", hex[0], d.nonce);
    }
    snprintf(text, sizeof text, "%s:%s:00000001:0a4f113b:auth:%s", hex[1], d.nonce, a2);
    uint8_t digest[16];
    struct http_slice whole = http_slice(text);
    md5_of(NULL, &whole, 1, digest);
    for (int i = 0; i < 16; i++)
        snprintf(hex[2] + 2 * i, 3, "%02x", digest[i]);
    snprintf(text, sizeof text, "response=\"%s\"", hex[2]);
    expect_response(&r, text, ", algorithm=MD5-sess, qop=auth");
}

static void test_requests_that_cannot_be(void **state)
{
    (void)state;
    char buf[1000];
    static const char *const targets[] = {"", "admin", "/a b", "/a\r\nX: y", "/a\tb", "/\x7f", "/\xc3\xa4"};
    for (size_t i = 0; i < N(targets); i++) {
        struct http_client_request r = {.method = "GET", .target = targets[i], .host = "h"};
        assert_int_equal(http_client_build(buf, sizeof buf, &r), 0);
    }
    struct http_client_request r = {.method = "G T", .target = "/", .host = "h"};
    assert_int_equal(http_client_build(buf, sizeof buf, &r), 0);
    r = (struct http_client_request){.method = "GET", .target = "/", .host = "h\r\nX: y"};
    assert_int_equal(http_client_build(buf, sizeof buf, &r), 0);
    r = (struct http_client_request){.method = "GET", .target = "/", .host = "h", .user_agent = "a\nb"};
    assert_int_equal(http_client_build(buf, sizeof buf, &r), 0);
    r = (struct http_client_request){.method = "GET", .target = "/", .host = "h", .auth = HTTP_AUTH_BASIC};
    r.user = "a:b";
    r.password = "c";
    assert_int_equal(http_client_build(buf, sizeof buf, &r), 0);
    struct http_digest d = rfc2617;
    r = digest_request(&d);
    r.user = "a\r\nb";
    assert_int_equal(http_client_build(buf, sizeof buf, &r), 0);
    r.user = "a\"b\\c";
    expect_response(&r, "username=\"a\\\"b\\\\c\"", "Digest");
}

/* -- responses --------------------------------------------------------------------------------- */

#define DONE HTTP_CLIENT_DONE
#define BAD HTTP_CLIENT_BAD

static const struct {
    const char *why, *in;
    enum http_client_state state, at_end; /* after the bytes; after the peer's end */
    int status;
} responses[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", DONE, DONE, 200},
    {"length not reached", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", HTTP_CLIENT_BODY, DONE, 200},
    {"length 0", "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", DONE, DONE, 200},
    {"to the end", "HTTP/1.0 200 OK\r\n\r\nabc", HTTP_CLIENT_BODY, DONE, 200},
    {"bare LF", "HTTP/1.0 401 No\nContent-Length: 0\n\n", DONE, DONE, 401},
    {"no reason", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", DONE, DONE, 404},
    {"reason of nothing", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", DONE, DONE, 404},
    {"no body", "HTTP/1.1 204 No Content\r\n\r\n", DONE, DONE, 204},
    {"interim first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", DONE, DONE,
     503},
    {"a line without a colon is passed over", "HTTP/1.1 200 OK\r\nrubbish\r\nContent-Length: 0\r\n\r\n", DONE, DONE,
     200},
    {"head cut", "HTTP/1.1 200 OK\r\nContent-Le", HTTP_CLIENT_HEAD, BAD, 200},
    {"nothing", "", HTTP_CLIENT_HEAD, BAD, 0},
    {"not HTTP", "SSH-2.0-dropbear\r\n", BAD, BAD, 0},
    {"HTTP/2", "HTTP/2.0 200 OK\r\n", BAD, BAD, 0},
    {"status of two digits", "HTTP/1.1 20 OK\r\n", BAD, BAD, 0},
    {"status of four digits", "HTTP/1.1 2000 OK\r\n", BAD, BAD, 0},
    {"status 099", "HTTP/1.1 099 OK\r\n", BAD, BAD, 99},
    {"status 600", "HTTP/1.1 600 OK\r\n", BAD, BAD, 600},
};

static void test_responses(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(responses); i++) {
        size_t len = strlen(responses[i].in);
        for (size_t cut = 0; cut <= len; cut++) {
            struct http_client c;
            http_client_init(&c);
            char *first = malloc(cut + 1), *second = malloc(len - cut + 1);
            memcpy(first, responses[i].in, cut);
            memcpy(second, responses[i].in + cut, len - cut);
            http_client_input(&c, first, cut);
            enum http_client_state s = http_client_input(&c, second, len - cut);
            if (s != responses[i].state || http_client_eof(&c) != responses[i].at_end)
                fail_msg("%s, cut at %zu: %d", responses[i].why, cut, (int)s);
            if (responses[i].at_end == DONE)
                assert_int_equal(c.status, responses[i].status);
            free(first);
            free(second);
        }
    }
}

static void test_response_bounds(void **state)
{
    (void)state;
    struct http_client *c = malloc(sizeof *c);
    char line[HTTP_CLIENT_LINE_MAX + 2];
    memset(line, 'x', sizeof line);
    for (size_t over = 0; over < 2; over++) { /* one long line */
        http_client_init(c);
        http_client_input(c, "HTTP/1.1 200 OK\r\n", 17);
        http_client_input(c, line, HTTP_CLIENT_LINE_MAX + over);
        assert_int_equal(http_client_input(c, "\n", 1), over ? BAD : HTTP_CLIENT_HEAD);
    }
    http_client_init(c); /* many lines */
    http_client_input(c, "HTTP/1.1 200 OK\r\n", 17);
    for (size_t n = 17; n + 6 <= HTTP_CLIENT_HEAD_MAX; n += 6)
        assert_int_equal(http_client_input(c, "A: b\r\n", 6), HTTP_CLIENT_HEAD);
    assert_int_equal(http_client_input(c, "A: b\r\n", 6), BAD);
    http_client_init(c); /* interim responses without end */
    for (size_t n = 0; n < HTTP_CLIENT_HEAD_MAX; n += 25)
        http_client_input(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    assert_int_equal(c->state, BAD);
    http_client_init(c); /* a body without end */
    http_client_input(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", 49);
    for (size_t n = 0; n < HTTP_CLIENT_BODY_MAX - 1024; n += 1024)
        assert_int_equal(http_client_input(c, line, 1024), HTTP_CLIENT_BODY);
    assert_int_equal(http_client_input(c, line, 1024), DONE);
    free(c);
}

/* -- challenges -------------------------------------------------------------------------------- */

static const struct {
    const char *why, *in;
    bool basic, digest;
    const char *realm, *nonce;
} challenges[] = {
    {"Basic", "Basic realm=\"SPA\"", true, false, "", ""},
    {"Basic in any case, without a realm", "bAsIc", true, false, "", ""},
    {"Digest", "Digest realm=\"SPA\", nonce=\"abc\", qop=\"auth\"", false, true, "SPA", "abc"},
    {"unquoted, odd spaces", "Digest  realm = SPA ,nonce= abc", false, true, "SPA", "abc"},
    {"escapes", "Digest realm=\"a\\\"b\\\\c\", nonce=\"n,=x\"", false, true, "a\"b\\c", "n,=x"},
    {"both in one line", "Basic realm=\"b\", Digest realm=\"d\", nonce=\"n\"", true, true, "d", "n"},
    {"both, the other way", "Digest realm=\"d\", nonce=\"n\", Basic realm=\"b\"", true, true, "d", "n"},
    {"the first digest that can be answered",
     "Digest realm=\"s\", nonce=\"1\", algorithm=SHA-256, Digest realm=\"m\", "
     "nonce=\"2\", algorithm=MD5, Digest realm=\"x\", nonce=\"3\"",
     false, true, "m", "2"},
    {"unknown scheme", "Negotiate abc==, Basic realm=\"b\"", true, false, "", ""},
    {"auth-int only", "Digest realm=\"d\", nonce=\"n\", qop=\"auth-int\"", false, false, "", ""},
    {"auth among others", "Digest realm=\"d\", nonce=\"n\", qop=\"auth-int, auth\"", false, true, "d", "n"},
    {"no nonce", "Digest realm=\"d\"", false, false, "", ""},
    {"quote that does not end", "Digest realm=\"d\", nonce=\"n", false, false, "", ""},
    {"back-slash at the end", "Digest nonce=\"n\\", false, false, "", ""},
    {"nothing", "", false, false, "", ""},
    {"commas", ",,,", false, false, "", ""},
    {"rubbish", "\x01\x02=;;(", false, false, "", ""},
};

static void test_challenges(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(challenges); i++) {
        size_t len = strlen(challenges[i].in);
        for (size_t cut = 0; cut <= len; cut++) {
            bool basic = false;
            struct http_digest digest = {.there = false};
            char *in = malloc(cut > 0 ? cut : 1);
            memcpy(in, challenges[i].in, cut);
            http_challenges((struct http_slice){in, cut}, &basic, &digest);
            free(in);
            if (cut < len)
                continue;
            if (basic != challenges[i].basic || digest.there != challenges[i].digest ||
                strcmp(digest.realm, challenges[i].realm) != 0 || strcmp(digest.nonce, challenges[i].nonce) != 0)
                fail_msg("%s: %d %d '%s' '%s'", challenges[i].why, basic, digest.there, digest.realm, digest.nonce);
        }
    }
}

static void test_challenge_details(void **state)
{
    (void)state;
    bool basic = false;
    struct http_digest d = {.there = false};
    http_challenges(
        http_slice("Digest nonce=\"n\", opaque=\"\", stale=TRUE, algorithm=MD5-sess, qop=auth, domain=\"/\""),
        &basic, &d);
    assert_true(d.there && d.stale && d.sess && d.qop_auth && d.algorithm_named && d.has_opaque);
    d = (struct http_digest){.there = false};
    http_challenges(http_slice("Digest nonce=n, stale=false"), &basic, &d);
    assert_true(d.there && !d.stale && !d.sess && !d.qop_auth && !d.algorithm_named && !d.has_opaque);
}

static void test_long_challenge_is_left_out(void **state)
{
    (void)state;
    for (size_t len = HTTP_AUTH_TEXT_MAX - 1; len <= HTTP_AUTH_TEXT_MAX; len++) {
        char text[400] = "Digest nonce=\"";
        memset(text + strlen(text), 'n', len);
        strcat(text, "\"");
        bool basic = false;
        struct http_digest d = {.there = false};
        http_challenges(http_slice(text), &basic, &d);
        assert_int_equal(d.there, len < HTTP_AUTH_TEXT_MAX);
    }
}

static void test_challenges_of_a_response(void **state)
{
    (void)state;
    static const char in[] = "HTTP/1.1 401 Unauthorized\r\n"
                             "WWW-Authenticate: Basic realm=\"SPA Admin\"\r\n"
                             "www-authenticate: Digest realm=\"SPA\", nonce=\"42\", algorithm=MD5, qop=\"auth\"\r\n"
                             "Content-Length: 0\r\n\r\n";
    struct http_client c;
    http_client_init(&c);
    for (size_t i = 0; i < sizeof in - 1; i++)
        http_client_input(&c, in + i, 1);
    assert_int_equal(c.state, DONE);
    assert_true(c.basic && c.digest.there);
    assert_string_equal(c.digest.nonce, "42");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_request),
        cmocka_unit_test(test_basic_request),
        cmocka_unit_test(test_digest_request),
        cmocka_unit_test(test_other_digests),
        cmocka_unit_test(test_digest_of_a_session),
        cmocka_unit_test(test_requests_that_cannot_be),
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_response_bounds),
        cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_challenge_details),
        cmocka_unit_test(test_long_challenge_is_left_out),
        cmocka_unit_test(test_challenges_of_a_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
