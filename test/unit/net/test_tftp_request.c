/* The datagram that opens a TFTP transfer: what is read from it, and how it is refused. */
#include "net/tftp/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define B(s) s, sizeof(s) - 1

static const struct {
    const char *why;
    const char *in;
    size_t len;
    enum tftp_request_result result;
    const char *seen; /* name|mode|option=value|... in order, as the client spelled them */
} cases[] = {
    {"plain read", B("\0\1spa504G.cfg\0octet\0"), TFTP_REQUEST_READ, "spa504G.cfg|octet"},
    {"a leading slash stays", B("\0\1/spa504G.cfg\0octet\0"), TFTP_REQUEST_READ, "/spa504G.cfg|octet"},
    {"slashes, back-slashes and dots stay", B("\0\1//..\\a\0OCTET\0"), TFTP_REQUEST_READ, "//..\\a|octet"},
    {"mode in any case", B("\0\1a\0NetASCII\0"), TFTP_REQUEST_READ, "a|netascii"},
    {"empty name", B("\0\1\0octet\0"), TFTP_REQUEST_READ, "|octet"},
    {"all options", B("\0\1a\0octet\0blksize\0"
                      "1428\0tsize\0"
                      "0\0timeout\0"
                      "3\0windowsize\0"
                      "8\0"),
     TFTP_REQUEST_READ, "a|octet|blksize=1428|tsize=0|timeout=3|windowsize=8"},
    {"option names in any case", B("\0\1a\0octet\0BlkSize\0"
                                   "1428\0"),
     TFTP_REQUEST_READ, "a|octet|BlkSize=1428"},
    {"unknown option is left out", B("\0\1a\0octet\0multicast\0\0tsize\0"
                                     "0\0"),
     TFTP_REQUEST_READ, "a|octet|tsize=0"},
    {"blksize below 8", B("\0\1a\0octet\0blksize\0"
                          "7\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"blksize 8", B("\0\1a\0octet\0blksize\0"
                    "8\0"),
     TFTP_REQUEST_READ, "a|octet|blksize=8"},
    {"blksize 65464", B("\0\1a\0octet\0blksize\0"
                        "65464\0"),
     TFTP_REQUEST_READ, "a|octet|blksize=65464"},
    {"blksize above 65464", B("\0\1a\0octet\0blksize\0"
                              "65465\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"timeout 0", B("\0\1a\0octet\0timeout\0"
                    "0\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"timeout 256", B("\0\1a\0octet\0timeout\0"
                      "256\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"windowsize 0", B("\0\1a\0octet\0windowsize\0"
                       "0\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"not a number", B("\0\1a\0octet\0blksize\0"
                       "12x\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"signed number", B("\0\1a\0octet\0blksize\0"
                        "+512\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"empty value", B("\0\1a\0octet\0blksize\0\0"), TFTP_REQUEST_READ, "a|octet"},
    {"a number beyond 64 bits", B("\0\1a\0octet\0tsize\0"
                                  "18446744073709551617\0"),
     TFTP_REQUEST_READ, "a|octet"},
    {"second of the same option is left out", B("\0\1a\0octet\0blksize\0"
                                                "1024\0BLKSIZE\0"
                                                "512\0"),
     TFTP_REQUEST_READ, "a|octet|blksize=1024"},
    {"value without its NUL", B("\0\1a\0octet\0blksize\0"
                                "1428"),
     TFTP_REQUEST_READ, "a|octet"},
    {"padding behind the mode", B("\0\1a\0octet\0\0\0\0\0\0"), TFTP_REQUEST_READ, "a|octet"},
    {"write", B("\0\2a\0octet\0"), TFTP_REQUEST_WRITE, "a|octet"},
    {"mail", B("\0\1a\0mail\0"), TFTP_REQUEST_E_MAIL, ""},
    {"other mode", B("\0\1a\0binary\0"), TFTP_REQUEST_E_MODE, ""},
    {"mode that begins right", B("\0\1a\0octets\0"), TFTP_REQUEST_E_MODE, ""},
    {"mode without NUL", B("\0\1a\0octet"), TFTP_REQUEST_E_MODE, ""},
    {"no mode", B("\0\1ab\0"), TFTP_REQUEST_E_MODE, ""},
    {"name without NUL", B("\0\1firmware"), TFTP_REQUEST_E_NAME, ""},
    {"data", B("\0\3\0\1x"), TFTP_REQUEST_E_OTHER, ""},
    {"opcode 0", B("\0\0a\0octet\0"), TFTP_REQUEST_E_OTHER, ""},
    {"opcode 7", B("\0\7a\0octet\0"), TFTP_REQUEST_E_OTHER, ""},
    {"opcode 257", B("\1\1a\0octet\0"), TFTP_REQUEST_E_OTHER, ""},
    {"too short", B("\0\1a"), TFTP_REQUEST_E_OTHER, ""},
    {"empty", B(""), TFTP_REQUEST_E_OTHER, ""},
};

/* A copy that ends where its allocation ends, so that one byte too far is seen. */
static uint8_t *exact(const char *in, size_t len)
{
    uint8_t *p = malloc(len > 0 ? len : 1);
    assert_non_null(p);
    memcpy(p, in, len);
    return p;
}

static void describe(const struct tftp_request *req, char *out, size_t cap)
{
    int n = snprintf(out, cap, "%.*s|%s", (int)req->name_len, req->name, req->mode == TFTP_OCTET ? "octet" : "netascii");
    for (unsigned i = 0; i < req->asked_count; i++)
        n += snprintf(out + n, cap - (size_t)n, "|%.*s=%llu", (int)req->asked[i].name_len, req->asked[i].name,
                      (unsigned long long)req->asked[i].value);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tftp_request req;
        char seen[256] = "";
        uint8_t *pkt = exact(cases[i].in, cases[i].len);
        enum tftp_request_result result = tftp_request_parse(pkt, cases[i].len, &req);
        if (result >= 0)
            describe(&req, seen, sizeof seen);
        if (result != cases[i].result || strcmp(seen, cases[i].seen) != 0)
            fail_msg("%s: result %d, '%s'", cases[i].why, (int)result, seen);
        free(pkt);
    }
}

static void test_every_cut(void **state)
{
    (void)state;
    static const char whole[] = "\0\1/spa504G.cfg\0octet\0blksize\0"
                                "1428\0tsize\0"
                                "0";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        struct tftp_request req;
        uint8_t *pkt = exact(whole, len);
        enum tftp_request_result want = len < 4    ? TFTP_REQUEST_E_OTHER
                                        : len < 15 ? TFTP_REQUEST_E_NAME
                                        : len < 21 ? TFTP_REQUEST_E_MODE
                                                   : TFTP_REQUEST_READ;
        assert_int_equal(tftp_request_parse(pkt, len, &req), want);
        if (want == TFTP_REQUEST_READ)
            assert_int_equal(req.asked_count, len < 34 ? 0 : 1);
        free(pkt);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        enum tftp_request_result result;
        int code; /* -1: nothing is sent */
    } refused[] = {
        {TFTP_REQUEST_READ, -1},    {TFTP_REQUEST_E_OTHER, -1}, {TFTP_REQUEST_WRITE, TFTP_ERR_ACCESS},
        {TFTP_REQUEST_E_NAME, 4},   {TFTP_REQUEST_E_MODE, 4},   {TFTP_REQUEST_E_MAIL, 4},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        uint8_t out[TFTP_ERROR_MAX];
        size_t n = tftp_request_refusal(refused[i].result, out);
        assert_int_equal(n > 0, refused[i].code >= 0);
        if (n == 0)
            continue;
        assert_int_equal(tftp_opcode(out, n), TFTP_ERROR);
        assert_int_equal(out[3], refused[i].code);
        assert_int_equal(out[n - 1], 0);
        assert_int_equal(strlen((char *)out + 4), n - 5);
    }
}

static void test_error_text_is_cut(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    uint8_t *out = malloc(TFTP_ERROR_MAX);
    assert_int_equal(tftp_error_build(out, TFTP_ERR_NOT_FOUND, text), TFTP_ERROR_MAX);
    assert_int_equal(out[TFTP_ERROR_MAX - 1], 0);
    assert_int_equal(out[TFTP_ERROR_MAX - 2], 'x');
    assert_memory_equal(out, "\0\5\0\1", 4);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_error_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
