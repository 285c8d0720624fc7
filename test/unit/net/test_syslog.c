/* test_syslog.c - lines of phones, and of anything else that sends to UDP 514. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/syslog/message.h"

#define B(s) (const uint8_t *)(s), sizeof(s) - 1
#define M "58bfea1104e6"

/* facility severity host mac model kind url server reason | text; "-" for nothing */
static const struct {
    const char *why;
    const uint8_t *in;
    size_t len;
    const char *out;
} cases[] = {
    {"RFC 3164, a phone that asks",
     B("<134>Nov 23 23:39:00 SEP58BFEA1104E6.local SPA504G 58:bf:ea:11:04:e6 -- "
       "Requesting resync tftp://192.168.10.10:69/spa504G.cfg"),
     "16 6 SEP58BFEA1104E6.local " M " SPA504G 1 tftp://192.168.10.10:69/spa504G.cfg c0a80a0a - | "
     "SPA504G 58:bf:ea:11:04:e6 -- Requesting resync tftp://192.168.10.10:69/spa504G.cfg"},
    {"neither PRI nor header", B("SPA504G 58:bf:ea:11:04:e6 -- Successful resync http://192.168.10.10:80/a.xml"),
     "1 5 - " M " SPA504G 2 http://192.168.10.10:80/a.xml c0a80a0a - | "
     "SPA504G 58:bf:ea:11:04:e6 -- Successful resync http://192.168.10.10:80/a.xml"},
    {"MAC without colons, PRI alone", B("<13>SPA303 58BFEA1104E6 -- Resync failed: file not found"),
     "1 5 - " M " SPA303 3 - 0 file_not_found | SPA303 58BFEA1104E6 -- Resync failed: file not found"},
    {"upgrade asked for",
     B("SPA504G 58-bf-ea-11-04-e6 -- Requesting upgrade http://192.168.10.10:80/0a0b0c0d1-x.bin"),
     "1 5 - " M " SPA504G 4 http://192.168.10.10:80/0a0b0c0d1-x.bin c0a80a0a - | "
     "SPA504G 58-bf-ea-11-04-e6 -- Requesting upgrade http://192.168.10.10:80/0a0b0c0d1-x.bin"},
    {"upgrade done, with the version",
     B("SPA504G 58bf.ea11.04e6 -- Successful upgrade http://box:80/x.bin -- 7.5.2b"),
     "1 5 - " M " SPA504G 5 http://box:80/x.bin 0 7.5.2b | "
     "SPA504G 58bf.ea11.04e6 -- Successful upgrade http://box:80/x.bin -- 7.5.2b"},
    {"upgrade done, reason empty", B("SPA504G 58bfea1104e6 -- Successful upgrade http://1.2.3.4/x.bin -- "),
     "1 5 - " M " SPA504G 5 http://1.2.3.4/x.bin 1020304 - | "
     "SPA504G 58bfea1104e6 -- Successful upgrade http://1.2.3.4/x.bin --"},
    {"upgrade failed", B("<131>SPA504G 58:bf:ea:11:04:e6 -- Upgrade failed: corrupt file\r\n"),
     "16 3 - " M " SPA504G 6 - 0 corrupt_file | SPA504G 58:bf:ea:11:04:e6 -- Upgrade failed: corrupt file"},
    {"dashes in the reason", B("SPA504G 58:bf:ea:11:04:e6 -- Upgrade failed: a -- Resync failed: b"),
     "1 5 - " M " SPA504G 6 - 0 a_--_Resync_failed:_b | SPA504G 58:bf:ea:11:04:e6 -- Upgrade failed: a -- Resync "
     "failed: b"},
    {"dashes before", B("spa -- boot -- SPA504G 58:bf:ea:11:04:e6 -- Requesting resync /x"),
     "1 5 - " M " SPA504G 1 /x 0 - | spa -- boot -- SPA504G 58:bf:ea:11:04:e6 -- Requesting resync /x"},
    {"the phrase alone", B("Requesting resync http://1.2.3.4:80/x"),
     "1 5 - - - 1 http://1.2.3.4:80/x 1020304 - | Requesting resync http://1.2.3.4:80/x"},
    {"model and MAC empty", B("  -- Requesting resync http://1.2.3.4:80/x"),
     "1 5 - - - 1 http://1.2.3.4:80/x 1020304 - | -- Requesting resync http://1.2.3.4:80/x"},
    {"a MAC that is none: the host's", B("<158>SEP58BFEA1104E6.local SPA504G $MAC -- Resync failed: x"),
     "19 6 SEP58BFEA1104E6.local " M " $MAC 3 - 0 x | SPA504G $MAC -- Resync failed: x"},
    {"the text's MAC goes first",
     B("Nov  3 23:39:00 SEP000000000001 SPA504G 58:bf:ea:11:04:e6 -- Resync failed: x"),
     "1 5 SEP000000000001 " M " SPA504G 3 - 0 x | SPA504G 58:bf:ea:11:04:e6 -- Resync failed: x"},
    {"a time but no host", B("<134>Jan  1 00:00:10 SPA504G 58:bf:ea:11:04:e6 -- Resync failed: x"),
     "16 6 - " M " SPA504G 3 - 0 x | SPA504G 58:bf:ea:11:04:e6 -- Resync failed: x"},
    {"debug text", B("<159>Jan  1 00:00:10 SEP58BFEA1104E6.local HTTPD_DEBUG got GET /admin"),
     "19 7 SEP58BFEA1104E6.local " M " - 0 - 0 - | HTTPD_DEBUG got GET /admin"},
    {"a host name without a time", B("SIP58bfea1104e6 HTTPD_DEBUG x"),
     "1 5 SIP58bfea1104e6 " M " - 0 - 0 - | HTTPD_DEBUG x"},
    {"a host that is a MAC", B("Jan 10 00:00:10 58bfea1104e6 x"), "1 5 58bfea1104e6 " M " - 0 - 0 - | x"},
    {"another device's host", B("Jan 10 00:00:10 router7 up"), "1 5 router7 - - 0 - 0 - | up"},
    {"try upgrade", B("<159>SEP58BFEA1104E6.local try upgrade: tftp://192.168.10.22(0xc0a80a16):69//spa.bin"),
     "19 7 SEP58BFEA1104E6.local " M " - 7 tftp://192.168.10.22:69//spa.bin c0a80a16 - | "
     "try upgrade: tftp://192.168.10.22(0xc0a80a16):69//spa.bin"},
    {"try upgrade behind other text", B("[0]  try upgrade: http://1.2.3.4/a(1).bin"),
     "1 5 - - - 7 http://1.2.3.4/a(1).bin 1020304 - | [0]  try upgrade: http://1.2.3.4/a(1).bin"},
    {"RFC 5424",
     B("<165>1 2003-10-11T22:14:15.003Z SEP58BFEA1104E6.local spa 17 ID47 - SPA504G 58:bf:ea:11:04:e6 -- "
       "Upgrade failed: http_get failed"),
     "20 5 SEP58BFEA1104E6.local " M
     " SPA504G 6 - 0 http_get_failed | SPA504G 58:bf:ea:11:04:e6 -- Upgrade failed: "
     "http_get failed"},
    {"RFC 5424, structured data and a byte order mark",
     B("<165>1 - - - - - [a@1 k=\"x\\\"] y\"][b@1 c=\"]\"] \xef\xbb\xbf"
       "hello"),
     "20 5 - - - 0 - 0 - | hello"},
    {"RFC 5424 without a message", B("<0>1 2003-10-11T22:14:15Z h a p m -"), "0 0 h - - 0 - 0 - | "},
    {"structured data that does not end: all text", B("<0>1 - h a p m [x=\"] y"),
     "0 0 - - - 0 - 0 - | 1 - h a p m [x=\"] y"},
    {"a 1 is no version yet", B("<0>1 ring 2 rings"), "0 0 - - - 0 - 0 - | 1 ring 2 rings"},
    {"largest PRI", B("<191>x"), "23 7 - - - 0 - 0 - | x"},
    {"PRI too large", B("<192>x"), "1 5 - - - 0 - 0 - | <192>x"},
    {"PRI of four digits", B("<0134>x"), "1 5 - - - 0 - 0 - | <0134>x"},
    {"PRI without an end", B("<13"), "1 5 - - - 0 - 0 - | <13"},
    {"PRI empty", B("<>x"), "1 5 - - - 0 - 0 - | <>x"},
    {"bytes that cannot be printed", B("a\x1b[31m\tb\0c\xff\0\n"), "1 5 - - - 0 - 0 - | a?[31m b?c?"},
    {"nothing", B(""), "1 5 - - - 0 - 0 - | "},
    {"blanks", B(" \r\n\0"), "1 5 - - - 0 - 0 - | "},
};

/* A field without blanks in it, so that the fields can be told apart. */
static const char *field(char *text)
{
    for (char *c = text; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    return text[0] ? text : "-";
}

static void parse(const uint8_t *in, size_t len, struct syslog_message *out)
{
    uint8_t *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, in, len);
    memset(out, 0x5a, sizeof *out);
    syslog_parse(exact, len, out);
    free(exact);
}

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct syslog_message m;
        char mac[MAC_TEXT_MAX], out[2048];
        parse(cases[i].in, cases[i].len, &m);
        snprintf(out, sizeof out, "%u %u %s %s %s %d %s %lx %s | %s", m.facility, m.severity, field(m.hostname),
                 m.has_mac ? mac_format(m.mac, mac) : "-", field(m.model), (int)m.kind, field(m.url),
                 (unsigned long)m.server, field(m.reason), m.text);
        if (strcmp(out, cases[i].out) != 0)
            fail_msg("%s:\n%s\ninstead of\n%s", cases[i].why, out, cases[i].out);
    }
}

/* Every line cut at every byte: nothing is read behind the end, everything ends in NUL. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t len = 0; len < cases[i].len; len++) {
            struct syslog_message m;
            parse(cases[i].in, len, &m);
            assert_true(strlen(m.text) <= len);
            assert_true(strlen(m.url) + strlen(m.reason) + strlen(m.model) <= strlen(m.text));
        }
    }
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    struct syslog_message m;
    uint8_t line[4096];
    memset(line, 'x', sizeof line);
    parse(line, sizeof line, &m);
    assert_int_equal(strlen(m.text), SYSLOG_TEXT_MAX - 1);
    memcpy(line, "m 58bfea1104e6 -- Requesting upgrade ", 37);
    parse(line, sizeof line, &m);
    assert_int_equal(m.kind, SYSLOG_UPGRADE_REQUEST);
    assert_int_equal(strlen(m.url), SYSLOG_URL_MAX - 1);
    memcpy(line, "Jan 10 00:00:10 ", 16);
    memset(line + 16, 'h', 200);
    line[216] = ' ';
    parse(line, sizeof line, &m);
    assert_int_equal(strlen(m.hostname), SYSLOG_HOST_MAX - 1);
    memset(line, ' ', 700);
    parse(line, sizeof line, &m);
    assert_int_equal(m.text[0], 'x');
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (int a = SYSLOG_OTHER; a <= SYSLOG_UPGRADE_TRY; a++)
        for (int b = SYSLOG_OTHER; b < a; b++)
            assert_string_not_equal(syslog_kind_text((enum syslog_kind)a), syslog_kind_text((enum syslog_kind)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
