/* `stagebox status`: what is drawn of the API's JSON, and how it is fetched. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/cli/command.h"
#include "app/cli/status_draw.h"
#include "test/unit/fake_port/fake_port.h"

#define SUMMARY                                                                                                    \
    "{\"name\":\"bench\",\"phones\":3,\"rate_bps\":1500000,\"states\":{\"done\":1,\"loading\":1,\"needs-hand\":1}" \
    ","                                                                                                            \
    "\"warnings\":[\"The clock is not set.\"]}"
#define PHONES                                                                                                     \
    "{\"phones\":[{\"mac\":\"58bfea000003\",\"model\":\"SPA504G\",\"version\":\"7.6.1\",\"state\":\"done\","       \
    "\"rungs\":[],"                                                                                                \
    "\"progress\":0,\"note\":null},{\"mac\":\"58bfea000002\",\"model\":\"SPA504G\",\"version\":\"7.5.2b\","        \
    "\"state\":"                                                                                                   \
    "\"loading\",\"rungs\":[\"7.6.1\"],\"progress\":0.5,\"note\":null},{\"mac\":null,\"id\":\"CCQ1\",\"model\":"   \
    "null,"                                                                                                        \
    "\"version\":null,\"state\":\"needs-hand\",\"rungs\":[],\"progress\":0,\"note\":\"Press \\u001b[2J \\u009b1m " \
    "here\"}]}"

static const char *drawn(const char *summary, const char *phones, unsigned columns, unsigned rows)
{
    static char text[4096];
    struct out out;
    cJSON *s = cJSON_Parse(summary), *p = cJSON_Parse(phones);
    out_window(&out, text, sizeof text - 1, 0);
    status_draw(s, p, columns, rows, &out);
    text[out_filled(&out)] = '\0';
    cJSON_Delete(s);
    cJSON_Delete(p);
    return text;
}

static void what_needs_a_hand_comes_first(void **state)
{
    (void)state;
    assert_string_equal(drawn(SUMMARY, PHONES, 100, 0),
                        "bench: 3 phones, 1 needs-hand, 1 loading, 1 done; 1.5 MB/s\n"
                        "! The clock is not set.\n"
                        "CCQ1         ?         needs-hand  ?                        Press .[2J .1m here\n"
                        "58bfea000002 SPA504G   loading     7.5.2b > 7.6.1           [########........]  50%\n"
                        "58bfea000003 SPA504G   done        7.6.1                    \n");
}

static void it_fits_the_terminal(void **state)
{
    (void)state;
    const char *text = drawn(SUMMARY, PHONES, 72, 5); /* a line stays free for the cursor */
    assert_non_null(strstr(text, "CCQ1"));
    assert_non_null(strstr(text, "and 2 more\n"));
    assert_null(strstr(text, "58bfea000002"));
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 72);
}

/* Whatever answers: no crash, and nothing that moves the cursor. */
static void odd_answers(void **state)
{
    static const char *const odd[] = {
        "{}",
        "[]",
        "null",
        "7",
        "{\"phones\":7,\"states\":[],\"warnings\":{\"a\":1}}",
        "{\"phones\":[1,{},{\"rungs\":[1],\"progress\":1e99,\"state\":\"loading\"}]}"};
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        for (size_t j = 0; j < sizeof odd / sizeof *odd; j++)
            for (const char *c = drawn(odd[i], odd[j], 80, 24); *c; c++)
                assert_true(*c == '\n' || (unsigned char)*c >= ' ');
}

/* What a terminal would obey, in every text that a box could send: escape sequences, ISO 8859's and UTF-8's control
 * characters, bytes that are no UTF-8, what turns the direction around; and numbers without end. */
static void hostile_texts(void **state)
{
    static const char *const texts[] = {"\\u001b[2J\\u001b]0;x\\u0007",
                                        "\\r\\n\\b\\u007f",
                                        "\xc2\x9b[31m\xc2\x9d",
                                        "\x9b[2J\x90\x9c",
                                        "\xc0\x9b\xe0\x82\x9b\xf4",
                                        "\xe2\x80\xae\xe2\x81\xa6\xd8\x9c"};
    char summary[1024], phones[1024];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *t = texts[i];
        snprintf(summary, sizeof summary, "{\"name\":\"<%s>\",\"phones\":1,\"warnings\":[\"<%s>\"]}", t, t);
        snprintf(phones, sizeof phones,
                 "{\"phones\":[{\"mac\":\"<%s>\",\"model\":\"<%s>\",\"state\":\"<%s>\",\"version\":\"<%s>\","
                 "\"note\":\"<%s>\",\"rungs\":[\"<%s>\"]}]}",
                 t, t, t, t, t, t);
        size_t seen = 0;
        for (const char *c = drawn(summary, phones, 300, 0); *c; c++) {
            assert_true(*c == '\n' || ((unsigned char)*c >= ' ' && (unsigned char)*c < 0x7f));
            seen += *c == '<';
        }
        assert_int_equal(seen, 8);
    }
    assert_non_null(strstr(drawn("{\"name\":\"B\xc3\xbcro \xe2\x82\xac\"}", "{}", 80, 0), "B\xc3\xbcro \xe2\x82\xac"));
    drawn("{\"phones\":1e308,\"rate_bps\":1e308,\"states\":{\"done\":1e308,\"new\":1e308,\"loading\":1e308}}", "{}", 80, 0);
}

/* -- the command -------------------------------------------------------------------------------------------- */

struct run {
    struct port *port;
    char *out, *err;
    size_t out_len, err_len;
    const char *answers[8]; /* of the box, in turn; NULL: it refuses */
    bool stop_after;
};

static void answer(struct port *port, const char *body)
{
    ip4 address;
    uint16_t number;
    char head[100];
    struct fake_tcp *tcp = fake_tcp_outgoing(port, &address, &number);
    assert_non_null(tcp);
    assert_int_equal(address, UINT32_C(0xc0a80a0a));
    assert_int_equal(number, 80);
    if (!body) {
        fake_tcp_reset(tcp);
        fake_settle(port);
        return;
    }
    fake_tcp_establish(tcp);
    fake_settle(port);
    size_t len;
    assert_memory_equal(fake_tcp_take_text(tcp, &len), "GET /api/v1/", 12);
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\n\r\n", body[0] == '4' ? body : "200 OK");
    fake_tcp_send_text(tcp, head);
    fake_tcp_send_text(tcp, body[0] == '4' ? "" : body);
    fake_tcp_fin(tcp);
    fake_settle(port);
}

static void play(struct port *port, void *ctx)
{
    struct run *r = ctx;
    for (size_t i = 0; i < 8 && r->answers[i]; i++) {
        fake_run_until(port, fake_now(port) + 1000);
        answer(port, strcmp(r->answers[i], "refused") == 0 ? NULL : r->answers[i]);
    }
    if (r->stop_after)
        fake_signal_stop(port);
    assert_true(fake_stopped(port));
}

static int status(struct run *r, int argc, char **argv)
{
    FILE *out = open_memstream(&r->out, &r->out_len), *err = open_memstream(&r->err, &r->err_len);
    struct command_call call = {.argc = argc, .argv = argv, .out = out, .err = err};
    call.port = r->port = fake_port_new();
    fake_script(r->port, play, r);
    int result = command_status(&call);
    fclose(out);
    fclose(err);
    return result;
}

static void done(struct run *r)
{
    fake_port_free(r->port);
    free(r->out);
    free(r->err);
}

static char url[] = "http://192.168.10.10", watch[] = "--watch";

static void it_asks_and_draws(void **state)
{
    struct run r = {.answers = {SUMMARY, PHONES}};
    char *argv[] = {url};
    (void)state;
    assert_int_equal(status(&r, 1, argv), 0);
    assert_memory_equal(r.out, "bench: 3 phones", 15);
    assert_null(strchr(r.out, '\x1b'));
    done(&r);
}

static void nobody_is_there(void **state)
{
    static const char *const answers[] = {"refused", "404 Not Found", "no json", "4\x1b[J"};
    char *argv[] = {url};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct run r = {.answers = {answers[i]}};
        assert_int_equal(status(&r, 1, argv), 1);
        assert_memory_equal(r.err, "status: ", 8);
        assert_null(strchr(r.err, '\x1b'));
        assert_int_equal(r.out_len, 0);
        done(&r);
    }
}

/* Not at a terminal: a line for each change, and it goes on when the box comes back. */
static void watching_tells_changes(void **state)
{
    static const char later[] =
        "{\"phones\":[{\"mac\":\"58bfea000003\",\"model\":\"SPA504G\",\"version\":\"7.6.1\",\"state\":\"done\"},"
        "{\"mac\":\"58bfea000002\",\"model\":\"SPA504G\",\"version\":\"7.6.1\",\"state\":\"done\"}]}";
    struct run r = {.answers = {SUMMARY, PHONES, "refused", SUMMARY, later}, .stop_after = true};
    char *argv[] = {url, watch};
    (void)state;
    assert_int_equal(status(&r, 2, argv), 0);
    assert_string_equal(r.out, "58bfea000003 SPA504G done 7.6.1\n"
                               "58bfea000002 SPA504G loading 7.5.2b > 7.6.1\n"
                               "CCQ1 ? needs-hand ?: Press .[2J .1m here\n"
                               "58bfea000002 SPA504G done 7.6.1\n");
    assert_non_null(strstr(r.err, "status: "));
    done(&r);
}

static void urls(void **state)
{
    static char *const wrong[] = {"https://192.168.10.10",
                                  "http://box.example",
                                  "http://192.168.10.10/x",
                                  "192.168.10.10:0",
                                  "192.168.10.10:99999",
                                  "192.168.10",
                                  "--weird"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct run r = {.stop_after = true};
        char *argv[] = {wrong[i]};
        assert_int_equal(status(&r, 1, argv), 2);
        done(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_needs_a_hand_comes_first),
        cmocka_unit_test(it_fits_the_terminal),
        cmocka_unit_test(odd_answers),
        cmocka_unit_test(hostile_texts),
        cmocka_unit_test(it_asks_and_draws),
        cmocka_unit_test(nobody_is_there),
        cmocka_unit_test(watching_tells_changes),
        cmocka_unit_test(urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
