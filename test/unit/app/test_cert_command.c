/* `stagebox cert`: what it writes, what it says, and what it leaves alone. */
#include "test/unit/fake_port/fake_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/cli/command.h"
#include "app/content/x509.h"

struct call {
    struct port *port;
    char out[4096], err[4096];
};

static struct call *open_card(void)
{
    struct call *c = calloc(1, sizeof *c);
    c->port = fake_port_new();
    fake_file_text(c->port, "stagebox.ini", "[box]\nname = bench\n");
    return c;
}

static void close_card(struct call *c)
{
    fake_port_free(c->port);
    free(c);
}

static void slurp(FILE *file, char *out, size_t cap)
{
    rewind(file);
    out[fread(out, 1, cap - 1, file)] = '\0';
    fclose(file);
}

/* The words behind `cert`, by blanks. */
static int run(struct call *c, const char *words)
{
    char text[256], *argv[20];
    int argc = 0;
    snprintf(text, sizeof text, "%s", words);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    FILE *out = tmpfile(), *err = tmpfile();
    struct command_call call = {.port = c->port, .file = "stagebox.ini", .argc = argc, .argv = argv, .out = out, .err = err};
    int status = command_cert(&call);
    slurp(out, c->out, sizeof c->out);
    slurp(err, c->err, sizeof c->err);
    return status;
}

static void read_facts(struct call *c, const char *path, struct x509_facts *facts)
{
    size_t len;
    const char *why = "", *text = fake_file_get(c->port, path, &len);
    if (!text || !x509_read(text, len, facts, &why))
        fail_msg("%s: %s", path, text ? why : "not there");
}

static void a_ca_and_a_server(void **state)
{
    (void)state;
    struct call *c = open_card();
    struct x509_facts ca, server;
    assert_int_equal(run(c, "ca --key 1024"), 0);
    assert_string_equal(c->out, "certs/ca.key\ncerts/ca.crt\n");
    assert_int_equal(run(c, "server --key 1024 --digest sha1"), 0);
    assert_string_equal(c->out, "certs/server.key\ncerts/server.crt\n");

    read_facts(c, "certs/ca.crt", &ca);
    assert_string_equal(ca.common_name, "bench staging CA");
    assert_true(ca.is_ca && ca.has_root && ca.count == 1 && ca.ca_count == 1);
    read_facts(c, "certs/server.crt", &server);
    assert_string_equal(server.common_name, "bench.local");
    assert_int_equal(server.alt_count, 2);
    assert_string_equal(server.alt_names[0], "bench.local");
    assert_string_equal(server.alt_names[1], "bench");
    assert_string_equal(server.digest, "SHA-1");
    assert_int_equal(server.key_bits, 1024);
    assert_string_equal(server.not_before, "1970-01-01T00:00:00"); /* where phones without a clock are */
    assert_string_equal(server.not_after, "2037-12-31T23:59:59");  /* and where 32 bits end */
    assert_true(!server.is_ca && server.in_order && server.count == 2 && server.has_root);
    assert_string_equal(server.top, "bench staging CA");

    size_t len, key_len;
    const char *why, *chain = fake_file_get(c->port, "certs/server.crt", &len);
    const char *key = fake_file_get(c->port, "certs/server.key", &key_len);
    assert_true(x509_key_fits(chain, len, key, key_len, &why));
    key = fake_file_get(c->port, "certs/ca.key", &key_len);
    assert_false(x509_key_fits(chain, len, key, key_len, &why));
    close_card(c);
}

static void options_count(void **state)
{
    (void)state;
    struct call *c = open_card();
    struct x509_facts f;
    assert_int_equal(run(c, "ca --key 1024 --out certs/mine --name Ours"), 0);
    fake_set_wall(c->port, true, INT64_C(1750000000000)); /* 2025-06-15 */
    assert_int_equal(run(c, "server --ca certs/mine --out certs/x --name a.example --alt b.example --alt *.c.example "
                            "--key 1024 --days 10"), 0);
    read_facts(c, "certs/x.crt", &f);
    assert_string_equal(f.common_name, "a.example");
    assert_int_equal(f.alt_count, 3);
    assert_string_equal(f.alt_names[2], "*.c.example");
    assert_string_equal(f.top, "Ours");
    assert_memory_equal(f.not_before, "2025-06-14", 10);
    assert_memory_equal(f.not_after, "2025-06-25", 10);
    assert_string_equal(f.digest, "SHA-256");
    close_card(c);
}

static void a_request(void **state)
{
    (void)state;
    struct call *c = open_card();
    size_t len;
    assert_int_equal(run(c, "csr --key 1024 --name box.example.org"), 0);
    assert_string_equal(c->out, "certs/server.key\ncerts/server.csr\n");
    const char *text = fake_file_get(c->port, "certs/server.csr", &len);
    assert_memory_equal(text, "-----BEGIN CERTIFICATE REQUEST-----", 35);
    assert_null(fake_file_get(c->port, "certs/server.crt", &len));
    close_card(c);
}

static void nothing_is_overwritten(void **state)
{
    (void)state;
    static const struct {
        const char *there, *words;
    } rows[] = {{"certs/ca.crt", "ca"},         {"certs/ca.key", "ca"},         {"certs/server.crt", "server"},
                {"certs/server.key", "server"}, {"certs/server.key", "csr"},    {"certs/server.csr", "csr"},
                {"certs/SERVER.KEY", "csr"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct call *c = open_card();
        size_t len;
        assert_int_equal(run(c, "ca --key 1024 --out certs/x"), 0);
        fake_file_text(c->port, rows[i].there, "mine");
        uint64_t before = fake_seq(c->port);
        char words[64];
        snprintf(words, sizeof words, "%s --key 1024%s", rows[i].words,
                 strcmp(rows[i].words, "server") == 0 ? " --ca certs/x" : "");
        assert_int_equal(run(c, words), 1);
        assert_non_null(strstr(c->err, "is there already: nothing is overwritten"));
        assert_string_equal(fake_file_get(c->port, rows[i].there, &len), "mine");
        assert_true(fake_seq(c->port) == before);
        close_card(c);
    }
}

static void what_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        int status;
        const char *says;
    } rows[] = {
        {"", 2, "say what to make: ca, server or csr"},
        {"everything", 2, "say what to make"},
        {"ca --key", 2, "where is its value"},
        {"ca --key 512", 2, "--key 512 is not understood"},
        {"ca --key 5000", 2, "is not understood"},
        {"ca --digest md5", 2, "--digest md5 is not understood"},
        {"ca --days 0", 2, "--days 0 is not understood"},
        {"ca --colour red", 2, "--colour red is not understood"},
        {"server --alt a_b", 2, "--alt a_b is not understood"},
        {"server", 1, "certs/ca.crt cannot be read: make a CA with `stagebox cert ca` first"},
        {"server --name 192.168.10.10", 1, "192.168.10.10 is no host name"},
        {"ca --name a=b --key 1024", 1, "a name may hold neither"},
        {"ca --days 10 --key 1024", 1, "the clock of this machine is not set"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct call *c = open_card();
        int status = run(c, rows[i].words);
        if (status != rows[i].status || !strstr(c->err, rows[i].says))
            fail_msg("%s: %d, %s", rows[i].words, status, c->err);
        assert_string_equal(c->out, "");
        close_card(c);
    }
}

static void a_card_that_is_full_and_no_randomness(void **state)
{
    (void)state;
    struct call *c = open_card();
    fake_fail(c->port, FAKE_REPLACE, 0, 1, PORT_E_FULL, "the card is full");
    assert_int_equal(run(c, "ca --key 1024"), 1);
    assert_non_null(strstr(c->err, "the card is full"));
    fake_fail(c->port, FAKE_RANDOM, 0, -1, PORT_E_SYSTEM, NULL);
    assert_int_equal(run(c, "ca --key 1024"), 1);
    assert_non_null(strstr(c->err, "randomness"));
    close_card(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ca_and_a_server),      cmocka_unit_test(options_count), cmocka_unit_test(a_request),
        cmocka_unit_test(nothing_is_overwritten), cmocka_unit_test(what_it_says),
        cmocka_unit_test(a_card_that_is_full_and_no_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
