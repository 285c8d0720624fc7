/* test_tls_rsa.c - the machine's own RSA: the same numbers as OpenSSL's, blinded, checked, from several threads at once;
 * and so are whole handshakes with it. */
#include <pthread.h>

#include "net/tls/rsa.h"
#include "ports/port.h"
#include "test/unit/net/tls_lab.h"

#define LEN 256
#define THREADS 4
#define ROUNDS 20

static struct {
    EVP_PKEY *pkey;
    const struct tls_rsa_engine *engine;
    uint8_t numbers[5][LEN];
    void *key;
} lab;

static struct tls_rsa_numbers numbers(void)
{
    return (struct tls_rsa_numbers){.n = {lab.numbers[0], LEN},
                                    .e = {lab.numbers[1], LEN},
                                    .d = {lab.numbers[2], LEN},
                                    .p = {lab.numbers[3], LEN},
                                    .q = {lab.numbers[4], LEN}};
}

static int setup(void **state)
{
    (void)state;
    static const char *const names[] = {"n", "e", "d", "rsa-factor1", "rsa-factor2"};
    lab.pkey = EVP_RSA_gen(LEN * 8);
    lab.engine = port_rsa(NULL);
    for (size_t i = 0; i < 5; i++) {
        BIGNUM *number = NULL;
        EVP_PKEY_get_bn_param(lab.pkey, names[i], &number);
        BN_bn2binpad(number, lab.numbers[i], LEN);
        BN_clear_free(number);
    }
    struct tls_rsa_numbers all = numbers();
    lab.key = lab.engine->load(&all);
    return lab.key ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    lab.engine->drop(lab.key);
    EVP_PKEY_free(lab.pkey);
    return 0;
}

/* in = out^e, by OpenSSL. */
static bool is_root(const uint8_t *in, const uint8_t *out)
{
    uint8_t back[LEN];
    size_t len = sizeof back;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(lab.pkey, NULL);
    bool ok = EVP_PKEY_encrypt_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
              EVP_PKEY_encrypt(ctx, back, &len, out, LEN) > 0;
    EVP_PKEY_CTX_free(ctx);
    return ok && len == LEN && memcmp(back, in, LEN) == 0;
}

static int counted_random(void *ctx, unsigned char *out, size_t len)
{
    size_t *calls = ctx;
    ++*calls;
    return lab_random(NULL, out, len);
}

static int no_random(void *ctx, unsigned char *out, size_t len)
{
    (void)ctx;
    (void)out;
    (void)len;
    return -1;
}

static void right_and_blinded(void **state)
{
    (void)state;
    uint8_t in[LEN], out[LEN];
    size_t calls = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        lab_random(NULL, in, sizeof in);
        in[0] = 0;
        assert_int_equal(lab.engine->power(lab.key, in, out, LEN, counted_random, &calls), 0);
        assert_true(is_root(in, out));
    }
    assert_int_equal(calls, ROUNDS);
    assert_int_equal(lab.engine->power(lab.key, in, out, LEN, no_random, NULL), -1);
}

static void small_numbers(void **state)
{
    (void)state;
    for (uint8_t last = 0; last < 3; last++) {
        uint8_t in[LEN] = {0}, out[LEN];
        in[LEN - 1] = last;
        assert_int_equal(lab.engine->power(lab.key, in, out, LEN, lab_random, NULL), 0);
        assert_true(last < 2 ? memcmp(in, out, LEN) == 0 : is_root(in, out));
    }
    uint8_t out[LEN];
    assert_int_equal(lab.engine->power(lab.key, lab.numbers[0], out, LEN, lab_random, NULL), -1); /* n itself */
}

static void nonsense_is_no_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        static const uint8_t zero[LEN];
        struct tls_rsa_numbers all = numbers();
        struct tls_rsa_number *each[] = {&all.n, &all.e, &all.d, &all.p, &all.q};
        each[i]->data = zero;
        assert_null(lab.engine->load(&all));
    }
}

/* A fault of the machine, here a wrong d modulo one of the primes, would give the key away: nothing comes out. */
static void a_fault_is_noticed(void **state)
{
    (void)state;
    uint8_t in[LEN] = {0}, out[LEN], zero[LEN] = {0};
    struct tls_rsa_numbers all = numbers();
    uint8_t wrong[LEN];
    memcpy(wrong, lab.numbers[2], LEN);
    wrong[LEN - 1] ^= 2;
    all.d.data = wrong;
    void *key = lab.engine->load(&all);
    assert_non_null(key);
    in[LEN - 1] = 3;
    assert_int_equal(lab.engine->power(key, in, out, LEN, lab_random, NULL), -1);
    assert_memory_equal(out, zero, LEN);
    lab.engine->drop(key);
}

static void *hammer(void *arg)
{
    size_t *good = arg;
    for (size_t i = 0; i < ROUNDS; i++) {
        uint8_t in[LEN], out[LEN];
        lab_random(NULL, in, sizeof in);
        in[0] = 0;
        *good += lab.engine->power(lab.key, in, out, LEN, lab_random, NULL) == 0 && is_root(in, out);
    }
    return NULL;
}

static void from_many_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    size_t good[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, hammer, &good[i]);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(good[i], ROUNDS);
    }
}

/* -- handshakes with it, several at a time ---------------------------------------------------------------- */

struct shaking {
    struct lab_client client;
    struct lab_way way;
    struct tls_server *server;
    pthread_t thread;
};

static void *in_thread(void *arg)
{
    struct shaking *s = arg;
    while (tls_server_private(s->server))
        ;
    return NULL;
}

/* Up to the next step that is for another thread; false where the handshake is over. */
static bool wants_thread(struct shaking *s)
{
    for (size_t round = 0; round < 8; round++) {
        SSL_do_handshake(s->client.ssl);
        lab_to_server(&s->client, s->server, &s->way);
        enum tls_state state = tls_server_turn(s->server);
        if (state == TLS_PRIVATE)
            return true;
        assert_int_not_equal(state, TLS_FAILED);
        lab_to_client(&s->client, s->server);
        if (state == TLS_OPEN)
            return false;
    }
    fail_msg("no end of the handshake");
    return false;
}

/* All of them at the same step of the handshake; how many such steps there were. */
static size_t shake_all(struct shaking *all, size_t count)
{
    size_t steps = 0;
    for (;;) {
        size_t waiting = 0;
        for (size_t i = 0; i < count; i++)
            waiting += wants_thread(&all[i]);
        if (waiting == 0)
            return steps;
        assert_int_equal(waiting, count);
        steps++;
        for (size_t i = 0; i < count; i++)
            pthread_create(&all[i].thread, NULL, in_thread, &all[i]);
        for (size_t i = 0; i < count; i++)
            pthread_join(all[i].thread, NULL);
    }
}

/* Signing and decrypting; one pair's connections share nothing that changes. */
static void handshakes(void **state)
{
    (void)state;
    static const struct {
        const char *cipher;
        int version;
        size_t steps;
    } rows[] = {{"AES128-SHA", TLS1_VERSION, 1},
                {"ECDHE-RSA-AES128-GCM-SHA256", TLS1_2_VERSION, LAB_EPHEMERAL},
                {"DHE-RSA-AES128-SHA", TLS1_VERSION, LAB_EPHEMERAL}};
    struct lab_cert box = lab_cert((struct lab_wish){.cn = "stage.example", .bits = 2048}, NULL);
    struct tls_pair *pair = lab_pair(&box, NULL, TLS_1_0, lab.engine);
    for (size_t i = 0; i < 3; i++) {
        struct shaking all[THREADS] = {0};
        for (size_t k = 0; k < THREADS; k++) {
            lab_client(&all[k].client, rows[i].version, rows[i].cipher, NULL, NULL);
            all[k].server = tls_server_new(pair);
        }
        assert_int_equal(shake_all(all, THREADS), rows[i].steps);
        for (size_t k = 0; k < THREADS; k++) {
            tls_server_end(all[k].server);
            lab_client_free(&all[k].client);
        }
    }
    tls_pair_release(pair);
    lab_cert_free(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_and_blinded),  cmocka_unit_test(small_numbers),     cmocka_unit_test(nonsense_is_no_key),
        cmocka_unit_test(a_fault_is_noticed), cmocka_unit_test(from_many_threads), cmocka_unit_test(handshakes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
