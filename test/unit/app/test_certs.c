/* What `check` says of certificates, and what the rest of the box takes from them. */
#include "net/tls/tls.h"
#include "test/unit/app/https_house.h"

static struct x509_made made;

struct wish {
    const char *name, *alt;
    unsigned bits;
    const char *from, *to;
};

/* A server's certificate from the CA of the house at `stem`. */
static void put_server(struct house *h, const char *stem, struct wish w)
{
    const char *why = "", *names[] = {w.alt ? w.alt : "alt.example"};
    const char *ca = house_made[HOUSE_CA].certificate, *key = house_made[HOUSE_CA].key;
    struct x509_wish wish = {.common_name = w.name, .alt_names = names, .alt_count = 1, .key_bits = w.bits ? w.bits : 1024,
                             .digest = X509_SHA256, .not_before = w.from ? w.from : "19700101000000",
                             .not_after = w.to ? w.to : "20371231235959"};
    char path[64];
    if (!x509_make_server(h->port, &wish, ca, strlen(ca), key, strlen(key), &made, &why))
        fail_msg("%s", why);
    snprintf(path, sizeof path, "%s.crt", stem);
    fake_file_text(h->port, path, made.certificate);
    snprintf(path, sizeof path, "%s.key", stem);
    fake_file_text(h->port, path, made.key);
}

static void said(const struct house *h, const char *text)
{
    if (!strstr(h->heard.text, text))
        fail_msg("not said: %s\nbut: %s", text, h->heard.text);
}

static void close_card(struct house *h)
{
    content_close(&h->content);
    fake_port_free(h->port);
    free(h->settings);
    free(h->journal);
    free(h);
}

/* -- files that are wrong ------------------------------------------------------------------------- */

static void what_keeps_https_from_working(void **state)
{
    (void)state;
    static const struct {
        const char *why, *path, *content; /* NULL: not there */
        const char *ini, *says;
    } rows[] = {
        {"no certificate in it", "certs/server.crt", "hello\n", "", "certs/server.crt:0: error: holds no certificate"},
        {"cut", "certs/server.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "",
         "certs/server.crt:0: error: holds a certificate that cannot be read"},
        {"a key where the certificate should be", "certs/server.crt", "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n", "",
         "certs/server.crt:0: error: holds no certificate, but something else"},
        {"empty", "certs/server.crt", "", "", "certs/server.crt:0: error: is empty"},
        {"another key", "certs/server.key", "new", "", "certs/server.key:0: error: is not the key of the first certificate"},
        {"no key in it", "certs/server.key", "hello\n", "", "certs/server.key:0: error: holds no private key"},
        {"a key with a password", "certs/server.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "",
         "certs/server.key:0: error: is protected by a password"},
        {"the named one is not there", "x", "", "[https]\ncertificate = certs/none.crt\n",
         "stagebox.ini:5: error: certs/none.crt: "},
        {"wanted and not there", "certs/server.key", NULL, "[https]\nenabled = yes\n", "error: certs/server.key: "},
        {"not a CA file", "certs/client-ca.pem", "hello\n", "", "certs/client-ca.pem:0: error: holds no certificate"},
        {"the CA of one's own is not there", "x", "", "[https]\ncustom_ca = certs/ca.crt\n",
         "stagebox.ini:5: error: certs/ca.crt: "},
        {"not a version", "x", "", "[https]\nfrom = soon\n", "stagebox.ini:5: error: soon is not a version"},
        {"nor this", "x", "", "[https]\ncustom_ca_from = 7\n", "stagebox.ini:5: error: 7 is not a version"},
        {"nor that", "x", "", "[certificate n]\nfrom = x\ncertificate = certs/server.crt\nkey = certs/server.key\n",
         "stagebox.ini:5: error: x is not a version"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house *h = house_card();
        const char *content = rows[i].content;
        if (content && strcmp(content, "new") == 0)
            content = house_made[HOUSE_NEW].key;
        if (content)
            fake_file_text(h->port, rows[i].path, content);
        else
            fake_file_remove(h->port, rows[i].path);
        house_read(h, rows[i].ini);
        if (!strstr(h->heard.text, rows[i].says) || h->heard.problems.errors != 1)
            fail_msg("%s: %s", rows[i].why, h->heard.text);
        assert_int_equal(h->content.certs.pair_count, 0);
        close_card(h);
    }
}

/* A chain of any length is read, and one that no handshake has room for is refused, with both numbers. */
static void a_chain_that_is_too_long(void **state)
{
    (void)state;
    static char text[60000];
    struct house *h = house_card();
    size_t own, ca, fits;
    put_server(h, "certs/server", (struct wish){.name = "stage.example"});
    struct x509_facts facts;
    const char *why;
    strcpy(text, house_made[HOUSE_CA].certificate);
    assert_true(x509_read(text, strlen(text), &facts, &why));
    ca = facts.message - 7;
    strcpy(text, made.certificate);
    assert_true(x509_read(text, strlen(text), &facts, &why));
    own = facts.message;
    fits = facts.count + (TLS_CHAIN_MAX - own) / ca;
    for (size_t count = facts.count; count <= fits + 1; count++) {
        char says[160];
        fake_file_text(h->port, "certs/server.crt", text);
        house_read(h, "");
        assert_int_equal(h->heard.problems.errors, count > fits);
        if (count > fits) {
            snprintf(says, sizeof says,
                     "certs/server.crt:0: error: holds %zu certificates, which take %zu bytes in a handshake, and there is "
                     "room for 8192: ",
                     count, own + (count - facts.count) * ca);
            said(h, says);
        }
        strcat(text, house_made[HOUSE_CA].certificate);
    }
    close_card(h);
}

/* Not only the first; and what only follows from them is not told beside them. */
static void all_that_is_wrong_is_told(void **state)
{
    (void)state;
    struct house *h = house_card();
    fake_file_text(h->port, "profiles/full.xml", "<flat-profile><A>{{name}}</A></flat-profile>");
    fake_file_text(h->port, "phones.csv", "mac,name\n58bfea1104e6,a\n5-8,b\n");
    fake_file_text(h->port, "certs/server.key", "hello\n");
    fake_file_text(h->port, "certs/client-ca.pem", "hello\n");
    house_read(h, "[https]\ncustom_ca = certs/ca.crt\nfrom = soon\n[certificate n]\nfrom = 7.5.6\n"
                  "certificate = certs/none.crt\nkey = certs/none.key\n");
    said(h, "phones.csv:3: error: \"5-8\" is no MAC address");
    said(h, "certs/server.key:0: error: holds no private key");
    said(h, "certs/client-ca.pem:0: error: holds no certificate");
    said(h, "stagebox.ini:5: error: certs/ca.crt: ");
    said(h, "stagebox.ini:6: error: soon is not a version");
    said(h, "stagebox.ini:9: error: certs/none.crt: ");
    said(h, "stagebox.ini:10: error: certs/none.key: ");
    assert_int_equal(h->heard.problems.errors, 7);
    house_read(h, "[https]\nenabled = no\n[profile]\nauth = inventory\ntransport = any\n");
    assert_int_equal(h->heard.problems.errors, 1);
    fake_file_text(h->port, "phones.csv", "mac\n58bfea1104e6\n");
    house_read(h, "[https]\nenabled = no\n[profile]\nauth = inventory\ntransport = any\n");
    said(h, "profiles/full.xml:1: error: {{name}}: ");
    fake_file_text(h->port, "phones.csv", "mac,name\n");
    house_read(h, "[https]\nenabled = no\n[profile]\nauth = inventory\ntransport = any\n");
    said(h, "stagebox.ini:7: error: auth = inventory, but there is no phone in phones.csv");
    close_card(h);
}

static void what_is_broken_leaves_the_old_in_force(void **state)
{
    (void)state;
    struct house *h = house_card();
    house_read(h, "");
    uint64_t id = h->content.certs.pairs[0].id;
    assert_true(id != 0);
    fake_file_text(h->port, "certs/server.crt", "hello\n");
    house_read(h, "");
    assert_int_equal(h->content.certs.pair_count, 1);
    assert_true(certs_find(&h->content.certs, id) == &h->content.certs.pairs[0]);
    assert_null(certs_find(&h->content.certs, id + 1));
    close_card(h);
}

static void auto_means_both_files(void **state)
{
    (void)state;
    struct house *h = house_card();
    house_read(h, "");
    assert_true(certs_serve(&h->content.certs, h->settings));
    house_read(h, "[https]\nenabled = no\n");
    assert_false(certs_serve(&h->content.certs, h->settings));
    fake_file_remove(h->port, "certs/server.key");
    house_read(h, "");
    assert_false(certs_serve(&h->content.certs, h->settings));
    said(h, "certs/server.crt:0: warning: is there, but not certs/server.key: HTTPS stays off without it");
    assert_int_equal(h->heard.problems.errors, 0);
    close_card(h);
}

/* -- what is worth knowing -------------------------------------------------------------------------- */

static void warnings_about_a_certificate(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        struct wish wish;
        const char *ini, *says;
    } rows[] = {
        {"no name", {.name = "192.168.10.10"}, "", "its common name \"192.168.10.10\" is no host name"},
        {"a long key", {.name = "box.example", .bits = 3072}, "", "its RSA key has 3072 bits"},
        {"expired", {.name = "box.example", .to = "20200101000000"}, "", "has expired on 2020-01-01"},
        {"not yet", {.name = "box.example", .from = "20300101000000"}, "", "is valid only from 2030-01-01"},
        {"a CA of nobody's", {.name = "box.example"}, "", "is signed by Test CA, which no phone is known to trust"},
        {"no DNS", {.name = "box.example"}, "[dns]\nenabled = no\n", "phones must find that name elsewhere"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house *h = house_card();
        fake_set_wall(h->port, true, INT64_C(1750000000000)); /* June 2025 */
        put_server(h, "certs/server", rows[i].wish);
        house_read(h, rows[i].ini);
        if (!strstr(h->heard.text, rows[i].says) || h->heard.problems.errors != 0)
            fail_msg("%s: %s", rows[i].why, h->heard.text);
        close_card(h);
    }
}

static void no_word_of_dates_without_a_clock(void **state)
{
    (void)state;
    struct house *h = house_card();
    put_server(h, "certs/server", (struct wish){.name = "box.example", .to = "20200101000000"});
    house_read(h, "");
    assert_null(strstr(h->heard.text, "expired"));
    close_card(h);
}

/* The vendor's CAs, by their names. */
static void which_phones_accept_it(void **state)
{
    (void)state;
    static const struct {
        const char *ca, *says;
    } rows[] = {
        {"Cisco Small Business Provisioning Root Authority 1", "note: box.example, RSA 1024, SHA-256, signed by Cisco Small "
                                                               "Business Provisioning Root Authority 1: accepted by SPA 3xx "
                                                               "and 5xx phones"},
        {"Cisco Small Business Root CA 2k", "accepted by SPA 5xx phones with 7.5.6 or newer"},
        {"Sipura Technology Provisioning Root Authority 1", "accepted by SPA 9xx phones"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct x509_made ca;
        const char *why = "";
        struct house *h = house_card();
        const char *names[] = {"box.example"};
        struct x509_wish wish = {.common_name = rows[i].ca, .key_bits = 1024, .not_before = "19700101000000",
                                 .not_after = "20371231235959"};
        assert_true(x509_make_ca(h->port, &wish, &ca, &why));
        wish.digest = X509_SHA256;
        wish.common_name = "box.example";
        wish.alt_names = names;
        wish.alt_count = 1;
        assert_true(x509_make_server(h->port, &wish, ca.certificate, strlen(ca.certificate), ca.key, strlen(ca.key), &made,
                                     &why));
        fake_file_text(h->port, "certs/server.crt", made.certificate);
        fake_file_text(h->port, "certs/server.key", made.key);
        house_read(h, "");
        said(h, rows[i].says);
        assert_null(strstr(h->heard.text, "certs/server.crt:0: warning"));
        close_card(h);
    }
}

static void order_and_pairs(void **state)
{
    (void)state;
    struct house *h = house_card();
    char chain[3 * X509_PEM_MAX];
    snprintf(chain, sizeof chain, "%s%s", house_made[HOUSE_OLD].certificate, house_made[HOUSE_NEW].certificate);
    fake_file_text(h->port, "certs/server.crt", chain);
    house_put_pair(h, "certs/new", HOUSE_NEW);
    house_read(h, "[certificate n]\nfrom = 7.5.6\ncertificate = certs/new.crt\nkey = certs/new.key\n");
    said(h, "certs/server.crt:0: warning: its certificates are not in order");
    said(h, "stagebox.ini:4: warning: [certificate n] is for new.example, the first one for box.example");
    house_read(h, "[certificate n]\nfrom = 7.5.6\ncertificate = certs/server.crt\nkey = certs/server.key\n");
    said(h, "is the same certificate as the first one");
    close_card(h);
}

/* -- a template that nobody could get ------------------------------------------------------------------ */

static void both_ways_out_are_said(void **state)
{
    (void)state;
    static const struct {
        const char *why, *gone, *ini, *says[2]; /* NULL: fine */
    } rows[] = {
        {"all is there", NULL, "", {NULL, NULL}},
        {"no certificate", "certs/server.crt", "", {"transport = https, but there is no HTTPS", "transport = any"}},
        {"switched off", NULL, "[https]\nenabled = no\n", {"transport = https, but there is no HTTPS", "certs/server.crt"}},
        {"no CA for phones", "certs/client-ca.pem", "", {"auth = certificate, but there is no certs/client-ca.pem",
                                                         "auth = inventory"}},
        {"any, but a certificate", "certs/server.key", "[profile]\ntransport = any\n",
         {"auth = certificate, but there is no HTTPS", "auth = inventory"}},
        {"nothing needs HTTPS", "certs/server.key", "[profile]\ntransport = any\nauth = none\n", {NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house *h = house_card();
        fake_file_text(h->port, "profiles/full.xml", "<flat-profile><A>1</A></flat-profile>");
        if (rows[i].gone)
            fake_file_remove(h->port, rows[i].gone);
        house_read(h, rows[i].ini);
        bool fine = rows[i].says[0] == NULL;
        if (fine != (h->heard.problems.errors == 0) ||
            (!fine && (!strstr(h->heard.text, rows[i].says[0]) || !strstr(h->heard.text, rows[i].says[1]))))
            fail_msg("%s: %s", rows[i].why, h->heard.text);
        close_card(h);
    }
}

static void a_target_below_from_is_said(void **state)
{
    (void)state;
    struct house *h = house_card();
    fake_file_text(h->port, "profiles/full.xml", "<flat-profile><A>1</A></flat-profile>");
    house_read(h, "[https]\nfrom = 7.6.1\n");
    said(h, "stagebox.ini:5: warning: [https] from = 7.6.1, but spa51x phones end at 7.5.7");
    close_card(h);
}

/* -- which one, which names ------------------------------------------------------------------------------ */

static void the_pair_for_a_version(void **state)
{
    (void)state;
    static const struct {
        const char *version, *pair;
    } rows[] = {{"", ""}, {"7.3.7", ""}, {"7.5.5", ""}, {"7.5.6", "b"}, {"7.5.7", "b"}, {"7.6.1", "a"}, {"7.6.2g", "a"}};
    struct certs certs = {.pair_count = 3};
    strcpy(certs.pairs[1].name, "a");
    strcpy(certs.pairs[2].name, "b");
    version_parse("7.6.1", 5, &certs.pairs[1].from);
    version_parse("7.5.6", 5, &certs.pairs[2].from);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct version version = {{0}, 0, ""};
        version_parse(rows[i].version, strlen(rows[i].version), &version);
        assert_string_equal(certs_for(&certs, &version)->name, rows[i].pair);
    }
    assert_null(certs_for(&(struct certs){.pair_count = 0}, &certs.pairs[1].from));
}

static void its_names(void **state)
{
    (void)state;
    static const struct {
        const char *common, *alt, *host, *second;
    } rows[] = {
        {"box.example", "alt.example", "box.example", "alt.example"},
        {"box.example/more text", "box.example", "box.example", NULL},
        {"192.168.10.10", "box.example", "", "box.example"},
        {"*.example", "box.example", "", "*.example"},
        {"Our Box", "*.box.example", "", "*.box.example"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house *h = house_card();
        put_server(h, "certs/server", (struct wish){.name = rows[i].common, .alt = rows[i].alt});
        house_read(h, "");
        const struct certs_pair *pair = &h->content.certs.pairs[0];
        assert_string_equal(pair->names[0], rows[i].host);
        if (rows[i].second)
            assert_string_equal(pair->names[1], rows[i].second);
        else
            assert_int_equal(pair->name_count, 1);
        close_card(h);
    }
}

static void host_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool wild, is;
    } rows[] = {{"box", false, true},   {"box.example", false, true}, {"a-b.c1", false, true}, {"", false, false},
                {".x", false, false},   {"x.", false, false},         {"a..b", false, false},  {"a b", false, false},
                {"1.2.3.4", false, false}, {"*.a", false, false},     {"*.a", true, true},     {"*", true, false},
                {"a.*.b", true, false}, {"a_b", false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (x509_is_host_name(rows[i].name, rows[i].wild) != rows[i].is)
            fail_msg("%s", rows[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_keeps_https_from_working),
        cmocka_unit_test(a_chain_that_is_too_long),
        cmocka_unit_test(all_that_is_wrong_is_told),
        cmocka_unit_test(what_is_broken_leaves_the_old_in_force),
        cmocka_unit_test(auto_means_both_files),
        cmocka_unit_test(warnings_about_a_certificate),
        cmocka_unit_test(no_word_of_dates_without_a_clock),
        cmocka_unit_test(which_phones_accept_it),
        cmocka_unit_test(order_and_pairs),
        cmocka_unit_test(both_ways_out_are_said),
        cmocka_unit_test(a_target_below_from_is_said),
        cmocka_unit_test(the_pair_for_a_version),
        cmocka_unit_test(its_names),
        cmocka_unit_test(host_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
