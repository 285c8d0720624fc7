/* test_tls.c - the versions and ciphers of old and new clients, what their certificates are worth, sessions that are
 * resumed, and why a handshake failed, in words. */
#include "test/unit/net/tls_lab.h"

static struct {
    struct lab_cert box, client_ca, foreign_ca;
    struct tls_pair *pair;
} lab;

static int setup(void **state)
{
    (void)state;
    lab.client_ca = lab_cert((struct lab_wish){.cn = "Phones", .bits = 1024, .md = EVP_md5()}, NULL);
    lab.foreign_ca = lab_cert((struct lab_wish){.cn = "Others", .bits = 1024}, NULL);
    lab.box = lab_cert((struct lab_wish){.cn = "stage.example", .bits = 2048}, NULL);
    lab.pair = lab_pair(&lab.box, &lab.client_ca, TLS_1_0, NULL);
    return lab.pair ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tls_pair_release(lab.pair);
    lab_cert_free(&lab.box);
    lab_cert_free(&lab.client_ca);
    lab_cert_free(&lab.foreign_ca);
    return 0;
}

static void echo(struct lab_client *c, struct tls_server *s, struct lab_way *way)
{
    char buf[64];
    assert_int_equal(SSL_write(c->ssl, "GET / HTTP/1.0\r\n", 16), 16);
    lab_to_server(c, s, way);
    assert_int_equal(tls_server_read(s, buf, sizeof buf), 16);
    assert_memory_equal(buf, "GET / HTTP/1.0\r\n", 16);
    assert_int_equal(tls_server_read(s, buf, sizeof buf), 0);
    assert_int_equal(tls_server_write(s, "HTTP/1.0 200\r\n", 14), 14);
    size_t len;
    const uint8_t *out = tls_server_out(s, &len);
    /* One record: old stacks choke on a first one of a single byte. */
    assert_int_equal(5 + (out[3] << 8 | out[4]), len);
    lab_to_client(c, s);
    assert_int_equal(SSL_read(c->ssl, buf, sizeof buf), 14);
    SSL_shutdown(c->ssl);
    lab_to_server(c, s, way);
    assert_int_equal(tls_server_read(s, buf, sizeof buf), -1);
}

static void versions_and_ciphers(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int version;
        const char *offered, *version_name, *cipher;
        size_t privates;
    } rows[] = {
        {"TLS 1.0 as phones speak it", TLS1_VERSION, "AES128-SHA", "TLSv1.0", "TLS-RSA-WITH-AES-128-CBC-SHA", 1},
        {"TLS 1.0, RSA key exchange before DHE", TLS1_VERSION, "DHE-RSA-AES256-SHA:AES256-SHA", "TLSv1.0",
         "TLS-RSA-WITH-AES-256-CBC-SHA", 1},
        {"TLS 1.0, DHE alone", TLS1_VERSION, "DHE-RSA-AES256-SHA", "TLSv1.0", "TLS-DHE-RSA-WITH-AES-256-CBC-SHA", LAB_EPHEMERAL},
        {"TLS 1.1", TLS1_1_VERSION, "AES128-SHA", "TLSv1.1", "TLS-RSA-WITH-AES-128-CBC-SHA", 1},
        {"TLS 1.2, the old cipher", TLS1_2_VERSION, "AES128-SHA", "TLSv1.2", "TLS-RSA-WITH-AES-128-CBC-SHA", 1},
        {"TLS 1.2, what browsers have", TLS1_2_VERSION, "AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2",
         "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256", LAB_EPHEMERAL},
        {"TLS 1.2, DHE signed", TLS1_2_VERSION, "DHE-RSA-AES128-SHA", "TLSv1.2", "TLS-DHE-RSA-WITH-AES-128-CBC-SHA", LAB_EPHEMERAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lab_client c;
        struct lab_way way = {0};
        struct tls_client client;
        lab_client(&c, rows[i].version, rows[i].offered, NULL, NULL);
        struct tls_server *s = tls_server_new(lab.pair);
        if (lab_pump(&c, s, &way) != TLS_OPEN)
            fail_msg("%s: %s", rows[i].why, tls_server_words(s));
        assert_string_equal(tls_server_version(s), rows[i].version_name);
        assert_string_equal(tls_server_cipher(s), rows[i].cipher);
        assert_int_equal(way.privates, rows[i].privates);
        tls_server_client(s, &client);
        assert_false(client.shown); /* asked for, not required */
        echo(&c, s, &way);
        tls_server_end(s);
        lab_client_free(&c);
    }
}

/* Old TLS 1.2 clients know no signatures but SHA-1. */
static void sha1_signature(void **state)
{
    (void)state;
    struct lab_client c;
    struct lab_way way = {0};
    lab_client(&c, TLS1_2_VERSION, "DHE-RSA-AES128-SHA", NULL, NULL);
    assert_int_equal(SSL_set1_sigalgs_list(c.ssl, "RSA+SHA1"), 1);
    struct tls_server *s = tls_server_new(lab.pair);
    assert_int_equal(lab_pump(&c, s, &way), TLS_OPEN);
    tls_server_end(s);
    lab_client_free(&c);
}

static const struct who {
    const char *why;
    struct lab_wish wish;
    bool foreign, believed, has_mac;
} whos[] = {
    {"SHA-1, RSA-1024, the MAC in the CN", {"SPA-504G, MAC: 58BFEA1104E6, Serial: CCQ1", NULL, 1024, NULL, 0, 0}, false,
     true, true},
    {"the MAC as state", {"SPA-962", "58bfea1104e6", 2048, NULL, 0, 0}, false, true, true},
    {"a foreign CA", {"SPA-504G, MAC: 58BFEA1104E6", NULL, 1024, NULL, 0, 0}, true, false, true},
    {"expired", {"SPA-504G, MAC: 58BFEA1104E6", NULL, 1024, NULL, -2000000, -1000000}, false, true, true},
    {"not yet valid", {"SPA-504G, MAC: 58BFEA1104E6", NULL, 1024, NULL, 1000000, 2000000}, false, true, true},
    {"generic, Sipura", {"SPA-2000, MAC: sipurageneric, Serial: sipurageneric", "sipurageneric", 1024, NULL, 0, 0}, false,
     true, false},
    {"generic, Cisco", {"x", "ciscogeneric", 1024, NULL, 0, 0}, false, true, false},
    {"two phones in one", {"SPA-504G, MAC: 58BFEA1104E6", "000E08ABCDEF", 1024, NULL, 0, 0}, false, true, false},
    {"RSA-512 is too little", {"SPA-504G, MAC: 58BFEA1104E6", NULL, 512, NULL, 0, 0}, false, false, true},
};

static void expect(const struct who *who, const struct tls_client *client)
{
    static const struct mac phone = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}};
    if (!client->shown || client->believed != who->believed || client->has_mac != who->has_mac)
        fail_msg("%s: shown %d, believed %d, names a phone %d", who->why, client->shown, client->believed,
                 client->has_mac);
    if (client->has_mac)
        assert_true(mac_equal(client->mac, phone));
}

/* Twice each: what the certificate says counts for the resumed session too, which needs no private operation. */
static void client_certificates(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_2_VERSION};
    for (size_t i = 0; i < 2 * sizeof whos / sizeof whos[0]; i++) {
        const struct who *who = &whos[i / 2];
        struct lab_wish wish = who->wish;
        wish.md = EVP_sha1();
        struct lab_cert own = lab_cert(wish, who->foreign ? &lab.foreign_ca : &lab.client_ca);
        SSL_SESSION *session = NULL;
        for (int again = 0; again < 2; again++) {
            struct lab_client c;
            struct lab_way way = {0};
            struct tls_client client;
            lab_client(&c, versions[i % 2], "AES128-SHA", &own, session);
            struct tls_server *s = tls_server_new(lab.pair);
            if (lab_pump(&c, s, &way) != TLS_OPEN)
                fail_msg("%s: %s", who->why, tls_server_words(s));
            assert_int_equal(way.privates, again ? 0 : 1);
            assert_int_equal(SSL_session_reused(c.ssl), again);
            tls_server_client(s, &client);
            expect(who, &client);
            SSL_SESSION_free(session);
            session = SSL_get1_session(c.ssl);
            SSL_set_shutdown(c.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* else OpenSSL forgets it */
            tls_server_end(s);
            lab_client_free(&c);
        }
        SSL_SESSION_free(session);
        lab_cert_free(&own);
    }
}

/* A session of one pair is nothing to the other, and who could not resume is who it now shows to be: nobody. */
static void another_pairs_session(void **state)
{
    (void)state;
    struct lab_cert own = lab_cert(whos[0].wish, &lab.client_ca);
    struct tls_pair *other = lab_pair(&lab.box, &lab.client_ca, TLS_1_0, NULL);
    SSL_SESSION *session = NULL;
    for (int again = 0; again < 2; again++) {
        struct lab_client c;
        struct lab_way way = {0};
        struct tls_client client;
        lab_client(&c, TLS1_VERSION, "AES128-SHA", again ? NULL : &own, session);
        struct tls_server *s = tls_server_new(again ? other : lab.pair);
        assert_int_equal(lab_pump(&c, s, &way), TLS_OPEN);
        assert_int_equal(way.privates, 1);
        tls_server_client(s, &client);
        assert_int_equal(client.shown, !again);
        SSL_SESSION_free(session);
        session = SSL_get1_session(c.ssl);
        SSL_set_shutdown(c.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        tls_server_end(s);
        lab_client_free(&c);
    }
    SSL_SESSION_free(session);
    tls_pair_release(other);
    lab_cert_free(&own);
}

/* -- why it failed ------------------------------------------------------------------------------------ */

static int refuse(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    X509_STORE_CTX_set_error(store, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    return 0;
}

static void refused_certificate(void **state)
{
    (void)state;
    struct lab_client c;
    struct lab_way way = {0};
    lab_client(&c, TLS1_VERSION, "AES128-SHA", NULL, NULL);
    SSL_set_verify(c.ssl, SSL_VERIFY_PEER, refuse);
    struct tls_server *s = tls_server_new(lab.pair);
    assert_int_equal(lab_pump(&c, s, &way), TLS_FAILED);
    assert_string_equal(tls_server_words(s), "refused our certificate: unknown CA");
    assert_int_equal(way.privates, 0);
    tls_server_end(s);
    lab_client_free(&c);
}

static void hung_up(void **state)
{
    (void)state;
    /* The hello arrives and our certificate goes out; then it ends, without a word or after a mere warning. */
    static const uint8_t warning[] = {21, 3, 1, 0, 2, 1, 42};
    for (int warns = 0; warns < 2; warns++) {
        struct lab_client c;
        struct lab_way way = {0};
        lab_client(&c, TLS1_VERSION, "AES128-SHA", NULL, NULL);
        SSL_do_handshake(c.ssl);
        struct tls_server *s = tls_server_new(lab.pair);
        lab_to_server(&c, s, &way);
        assert_int_equal(tls_server_turn(s), TLS_WAIT);
        size_t cap;
        uint8_t *room = tls_server_room(s, &cap);
        if (warns) {
            memcpy(room, warning, sizeof warning);
            tls_server_took(s, sizeof warning);
        }
        tls_server_eof(s);
        assert_int_equal(tls_server_turn(s), TLS_FAILED);
        assert_string_equal(tls_server_words(s), warns ? "refused our certificate: bad certificate"
                                                       : "hung up after our certificate");
        tls_server_end(s);
        lab_client_free(&c);
    }
}

#define RANDOM "0123456789abcdef0123456789abcdef"
#define B(s) (const uint8_t *)(s), sizeof(s) - 1

static void offers(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const uint8_t *bytes;
        size_t len;
        const char *words;
    } rows[] = {
        {"SSL 3 at most", B("\x16\x03\x00\x00\x2d\x01\x00\x00\x29\x03\x00" RANDOM "\x00\x00\x02\x00\x2f\x01\x00"),
         "offers only SSLv3"},
        {"RC4 and DES", B("\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" RANDOM "\x00\x00\x04\x00\x05\x00\x09\x01\x00"),
         "offers only RC4 and weaker ciphers"},
        {"RC4, with the sign of secure renegotiation",
         B("\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" RANDOM "\x00\x00\x04\x00\x05\x00\xff\x01\x00"),
         "offers only RC4 and weaker ciphers"},
        {"triple DES is not weak, but not spoken", B("\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x01" RANDOM "\x00\x00\x02\x00\x0a\x01\x00"),
         "offers no cipher that the box speaks"},
        {"SSL 2's hello", B("\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f" RANDOM),
         "says hello in SSL 2, which the box does not speak"},
        {"HTTP at the wrong door", B("GET / HTTP/1.0\r\n\r\n"), "does not speak TLS"},
        {"nothing", (const uint8_t *)"", 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tls_server *s = tls_server_new(lab.pair);
        size_t cap;
        memcpy(tls_server_room(s, &cap), rows[i].bytes, rows[i].len);
        tls_server_took(s, rows[i].len);
        if (tls_server_turn(s) != TLS_FAILED) {
            tls_server_eof(s);
            assert_int_equal(tls_server_turn(s), TLS_FAILED);
        }
        if (strcmp(tls_server_words(s), rows[i].words) != 0)
            fail_msg("%s: %s", rows[i].why, tls_server_words(s));
        tls_server_end(s);
    }
}

static void too_old(void **state)
{
    (void)state;
    struct tls_pair *strict = lab_pair(&lab.box, NULL, TLS_1_2, NULL);
    struct lab_client c;
    struct lab_way way = {0};
    lab_client(&c, TLS1_1_VERSION, "AES128-SHA", NULL, NULL);
    struct tls_server *s = tls_server_new(strict);
    assert_int_equal(lab_pump(&c, s, &way), TLS_FAILED);
    assert_string_equal(tls_server_words(s), "offers no version of TLS that [https] min_version allows");
    tls_server_end(s);
    lab_client_free(&c);
    tls_pair_release(strict);
}

/* The longest chain that TLS_CHAIN_MAX allows is shown whole. */
static void longest_chain(void **state)
{
    (void)state;
    struct lab_cert ca = lab_cert((struct lab_wish){.cn = "Phones", .bits = 2048}, NULL);
    struct lab_cert box = lab_cert((struct lab_wish){.cn = "stage.example", .bits = 1024}, &ca);
    size_t more_len, key_len, chain_len, each = (size_t)i2d_X509(ca.crt, NULL) + 3;
    size_t fits = (TLS_CHAIN_MAX - 7 - ((size_t)i2d_X509(box.crt, NULL) + 3)) / each;
    char *more = lab_pem(&ca, false, &more_len), *key = lab_pem(&box, true, &key_len), *own = lab_pem(&box, false, &chain_len);
    char *chain = calloc(1, chain_len + fits * more_len + 1);
    strcpy(chain, own);
    for (size_t i = 0; i < fits; i++)
        strcat(chain, more);
    struct tls_options o = {.random = lab_random, .chain = chain, .chain_len = strlen(chain), .key = key, .key_len = key_len};
    struct tls_pair *pair = tls_pair_new(&o);
    struct lab_client c;
    struct lab_way way = {0};
    assert_non_null(pair);
    struct tls_server *s = tls_server_new(pair);
    lab_client(&c, TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", NULL, NULL);
    assert_int_equal(lab_pump(&c, s, &way), TLS_OPEN);
    assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(c.ssl)), fits + 1);
    tls_server_end(s);
    lab_client_free(&c);
    tls_pair_release(pair);
    free(chain);
    free(more);
    free(key);
    free(own);
    lab_cert_free(&ca);
    lab_cert_free(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_and_ciphers), cmocka_unit_test(sha1_signature), cmocka_unit_test(client_certificates),
        cmocka_unit_test(another_pairs_session), cmocka_unit_test(refused_certificate), cmocka_unit_test(hung_up),
        cmocka_unit_test(offers), cmocka_unit_test(too_old),
        cmocka_unit_test(longest_chain),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
