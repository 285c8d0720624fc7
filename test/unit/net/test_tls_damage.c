/* test_tls_damage.c - the client's bytes of a handshake cut, one at a time, and damaged, at every place: never open,
 * never a crash, never a leak (which the sanitizer sees). */
#include "test/unit/net/tls_lab.h"

static struct {
    struct lab_cert box, client_ca, phone;
    struct tls_pair *pair;
} lab;

static int setup(void **state)
{
    (void)state;
    lab.client_ca = lab_cert((struct lab_wish){.cn = "Phones", .bits = 1024, .md = EVP_sha1()}, NULL);
    lab.phone = lab_cert((struct lab_wish){.cn = "SPA-504G, MAC: 58BFEA1104E6", .bits = 1024, .md = EVP_sha1()},
                         &lab.client_ca);
    lab.box = lab_cert((struct lab_wish){.cn = "stage.example", .bits = 1024}, NULL);
    lab.pair = lab_pair(&lab.box, &lab.client_ca, TLS_1_0, NULL);
    return lab.pair ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tls_pair_release(lab.pair);
    lab_cert_free(&lab.box);
    lab_cert_free(&lab.client_ca);
    lab_cert_free(&lab.phone);
    return 0;
}

/* Shakes hands with such a way between; what it came to when the stream then ends. */
static enum tls_state shake(struct lab_way *way, char words[128])
{
    struct lab_client c;
    lab_client(&c, TLS1_VERSION, "AES128-SHA", &lab.phone, NULL);
    struct tls_server *s = tls_server_new(lab.pair);
    assert_non_null(s);
    enum tls_state state = lab_pump(&c, s, way);
    if (state == TLS_WAIT) {
        tls_server_eof(s);
        state = tls_server_turn(s);
    }
    snprintf(words, 128, "%s", tls_server_words(s));
    tls_server_end(s);
    lab_client_free(&c);
    return state;
}

#define MOST 4096

/* The bytes of a handshake that succeeds. */
static size_t whole(uint8_t copy[MOST])
{
    char words[128];
    struct lab_way way = {.copy = copy};
    assert_int_equal(shake(&way, words), TLS_OPEN);
    return way.carried;
}

static void byte_by_byte(void **state)
{
    (void)state;
    static const size_t slices[] = {1, 2, 7, 255};
    char words[128];
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        struct lab_way way = {.slice = slices[i]};
        assert_int_equal(shake(&way, words), TLS_OPEN);
        assert_int_equal(way.privates, 1);
    }
}

/* Certificate, key exchange and its proof in one record, as some stacks send them. */
static void merged_into_one_record(void **state)
{
    (void)state;
    static const size_t slices[] = {0, 1, 100};
    uint8_t copy[MOST];
    size_t len = whole(copy);
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        char words[128];
        struct lab_way way = {.merge = true, .slice = slices[i]};
        assert_int_equal(shake(&way, words), TLS_OPEN);
        assert_int_equal(way.privates, 1);
        assert_int_equal(way.carried, len - 2 * 5); /* the heads of two records */
    }
}

static void cut_at_every_byte(void **state)
{
    (void)state;
    uint8_t copy[MOST];
    size_t len = whole(copy);
    for (size_t cut = 1; cut <= len; cut++) {
        char words[128];
        struct lab_way way = {.cut = cut};
        if (shake(&way, words) != TLS_FAILED)
            fail_msg("open although cut before byte %zu of %zu", cut, len);
        if ((words[0] == 0) != (cut == 1))
            fail_msg("cut before byte %zu: \"%s\"", cut, words);
    }
}

/* Whether byte `at`, counted from 1, is the minor version in a record's head. Old stacks are let off lightly there:
 * nothing depends on it (RFC 5246 appendix E.1), and the encrypted one is under the MAC. */
static bool is_minor_version(const uint8_t *stream, size_t len, size_t at)
{
    for (size_t i = 0; i + 5 <= len; i += 5u + (size_t)(stream[i + 3] << 8 | stream[i + 4]))
        if (at == i + 3)
            return true;
    return false;
}

static void damaged_at_every_byte(void **state)
{
    (void)state;
    static const uint8_t bits[] = {0x01, 0x80, 0xff};
    uint8_t copy[MOST];
    size_t len = whole(copy);
    for (size_t i = 0; i < len * sizeof bits; i++) {
        char words[128];
        struct lab_way way = {.damage = i / sizeof bits + 1, .with = bits[i % sizeof bits]};
        enum tls_state came_to = shake(&way, words);
        if (is_minor_version(copy, len, way.damage))
            continue;
        if (came_to != TLS_FAILED)
            fail_msg("open although byte %zu of %zu was damaged", way.damage, len);
        assert_true(words[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(merged_into_one_record),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(damaged_at_every_byte),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
