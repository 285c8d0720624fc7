/* test_ini.c - lines, sections, keys and values, however the file was saved. */
#include "config/reading.h"

#include "config/ini.h"

struct log {
    const char *text;
    size_t len;
    size_t at;
    size_t step;
    char out[4096];
};

static int bytes(void *ctx, void *buf, size_t cap)
{
    struct log *log = ctx;
    size_t len = log->len - log->at;
    len = len > log->step ? log->step : len;
    len = len > cap ? cap : len;
    if (len > 0)
        memcpy(buf, log->text + log->at, len);
    log->at += len;
    return (int)len;
}

static void add(struct log *log, const char *format, int line, const char *a, const char *b)
{
    size_t used = strlen(log->out);
    snprintf(log->out + used, sizeof log->out - used, format, line, a, b);
}

static bool on_section(void *ctx, int line, const char *name)
{
    add(ctx, "%d[%s%s] ", line, name, "");
    return strcmp(name, "dhcp.host") == 0;
}

static void on_value(void *ctx, int line, const char *key, const char *value)
{
    add(ctx, "%d(%s|%s) ", line, key, value);
}

static void on_wrong(void *ctx, int line, const char *sentence)
{
    add(ctx, "%d!%.9s%s ", line, sentence, "");
}

static const char *events_of(struct log *log, const char *text, size_t len, size_t step)
{
    *log = (struct log){.text = text, .len = len, .step = step};
    ini_read(bytes, log, &(struct ini_events){log, on_section, on_value, on_wrong});
    return log->out;
}

#define B(s) s, sizeof(s) - 1
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X195 X50 X50 X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *why, *text;
    size_t len;
    const char *events;
} cases[] = {
    {"a plain file", B("[box]\nname = a\n"), "1[box] 2(name|a) "},
    {"no newline at the end", B("[box]\nname=a"), "1[box] 2(name|a) "},
    {"CR LF", B("[box]\r\nname = a\r\n\r\nx=1\r\n"), "1[box] 2(name|a) 4(x|1) "},
    {"CR alone", B("[box]\rname = a\r\rx=1"), "1[box] 2(name|a) 4(x|1) "},
    {"LF CR is two lines", B("a=1\n\rb=2"), "1(a|1) 3(b|2) "},
    {"a byte order mark", B("\xef\xbb\xbf[box]\nname=a"), "1[box] 2(name|a) "},
    {"UTF-16", B("\xff\xfe[\0b\0"), "1!the file  "},
    {"UTF-16, the other way", B("\xfe\xff\0[\0b"), "1!the file  "},
    {"an empty file", B(""), ""},
    {"blanks around everything", B("  [ gate  a b ]  \n \t key \t=  v w \t\n"), "1[gate  a b] 2(key|v w) "},
    {"an indented key is no continuation", B("a = 1\n  b = 2\n"), "1(a|1) 2(b|2) "},
    {"nor an indented word", B("a = 1\n  more\n"), "1(a|1) 2!neither a "},
    {"a colon for the equals sign", B("a: 1"), "1(a|1) "},
    {"the first of both counts", B("a = http://x:1/=b"), "1(a|http://x:1/=b) "},
    {"a comment line", B("; a = 1\n # b = 2\nc=3"), "3(c|3) "},
    {"a comment behind a value", B("a = 1 ; b\nc =\t; d\n"), "1(a|1) 2(c|) "},
    {"a semicolon inside a value", B("a = 1;2"), "1(a|1;2) "},
    {"a hash in a value", B("a = 1 # 2"), "1(a|1 # 2) "},
    {"a comment behind a section", B("[box] ; mine\na=1"), "1[box] 2(a|1) "},
    {"no equals sign", B("[box]\nname a\n\nb\n"), "1[box] 2!neither a 4!neither a "},
    {"no key", B("= a\n : b\n"), "1!a name is 2!a name is "},
    {"no bracket", B("[box\na=1"), "1!a section 2(a|1) "},
    {"something behind the bracket", B("[box] a=1\nb=2"), "1!nothing m 2(b|2) "},
    {"an empty section", B("[]"), "1[] "},
    {"a section of more than 50 characters", B("[gate " X50 "]"), "1[gate " X50 "] "},
    {"199 characters", B("a=" X195 "yy\n"), "1(a|" X195 "yy) "},
    {"200 characters", B("a=" X195 "yyy\nb=1"), "1!this line 2(b|1) "},
    {"199 characters and a long comment", B("a=" X195 "yy ; " X195 X195 "\n"), "1(a|" X195 "yy) "},
    {"a long comment line", B(";" X195 X195 X195 "\nb=1"), "2(b|1) "},
    {"a short value and many blanks",
     B("a = 1          "
       "                                                  "
       "                                                  "
       "                                                  "
       "                                                  ; x\n"),
     "1(a|1) "},
    {"a NUL", B("a = 1\0002\nb=1"), "1!a control 2(b|1) "},
    {"an escape", B("a = \033[31m\nb=1"), "1!a control 2(b|1) "},
    {"DEL", B("a = \177\n"), "1!a control "},
    {"a control character in a comment", B("a = 1 ; \001\n"), "1!a control "},
    {"UTF-8 in a value", B("a = \xc3\xa4\n"), "1(a|\xc3\xa4) "},
    {"a MAC with colons", B("[dhcp.host]\n58:bf:ea:11:04:e6 = 1\n"), "1[dhcp.host] 2(58bfea1104e6|1) "},
    {"colons only where they belong", B("[dhcp.host]\n[box]\na:b = 1\n"), "1[dhcp.host] 2[box] 3(a|b = 1) "},
    {"a colon first is no key", B("[dhcp.host]\n:[a=1\n: ;b=1\n"), "1[dhcp.host] 2!a name is 3!a name is "},
};

static void reads(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 7, 1000};
    struct log log;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < 3; k++)
            if (strcmp(events_of(&log, cases[i].text, cases[i].len, steps[k]), cases[i].events) != 0)
                fail_msg("%s: %s", cases[i].why, log.out);
}

static void cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf[box]\r\nname = a ; b\r\n[dhcp.host]\n58:bf:ea:11:04:e6 = 1\rx\0y=2\n[";
    struct log log;
    for (size_t len = 0; len < sizeof text; len++) {
        char *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, text, len);
        events_of(&log, exact, len, 3);
        assert_int_equal(log.at, len);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(cut_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
