/* test_tls_steps.c - the private-key operation in pieces: OpenSSL's numbers for keys of every length, blinded, checked,
 * and no piece long. */
#include "net/tls/memory.h"
#include "net/tls/steps.h"
#include "test/unit/net/tls_lab.h"

#include "mbedtls/pk.h"

#define LEN_MAX 512
#define PIECES_MAX 200

struct own_key {
    EVP_PKEY *pkey;
    mbedtls_pk_context pk;
    mbedtls_rsa_context *rsa;
};

static void make(struct own_key *k, unsigned bits)
{
    struct lab_cert cert = {.key = EVP_RSA_gen(bits)};
    size_t len;
    char *pem = lab_pem(&cert, true, &len);
    k->pkey = cert.key;
    mbedtls_pk_init(&k->pk);
    assert_int_equal(mbedtls_pk_parse_key(&k->pk, (unsigned char *)pem, len + 1, NULL, 0), 0);
    free(pem);
    k->rsa = mbedtls_pk_rsa(k->pk);
    assert_true(tls_steps_prepare(k->rsa, lab_random, NULL));
}

static void drop(struct own_key *k)
{
    mbedtls_pk_free(&k->pk);
    EVP_PKEY_free(k->pkey);
}

/* out^e is `in`, by OpenSSL. */
static bool is_root(const struct own_key *k, const uint8_t *in, const uint8_t *out, size_t len)
{
    uint8_t back[LEN_MAX];
    size_t back_len = sizeof back;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
    bool ok = EVP_PKEY_encrypt_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
              EVP_PKEY_encrypt(ctx, back, &back_len, out, len) > 0;
    EVP_PKEY_CTX_free(ctx);
    return ok && back_len == len && memcmp(back, in, len) == 0;
}

/* How many pieces it took; negative: the error. */
static int operate(struct own_key *k, const uint8_t *in, uint8_t *out)
{
    struct tls_steps *steps = tls_steps_begin(k->rsa, in);
    int pieces = 1, result = steps ? 1 : -1;
    while (result > 0 && ++pieces < PIECES_MAX)
        result = tls_steps_run(steps, out);
    tls_steps_end(steps);
    return result < 0 ? result : pieces;
}

static void of_every_length(void **state)
{
    (void)state;
    static const unsigned lengths[] = {1024, 1030, 2048};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct own_key k;
        uint8_t in[LEN_MAX], out[LEN_MAX];
        make(&k, lengths[i]);
        for (unsigned round = 0; round < 5; round++) {
            lab_random(NULL, in, k.rsa->len);
            in[0] = 0;
            assert_true(operate(&k, in, out) > 0);
            assert_true(is_root(&k, in, out, k.rsa->len));
        }
        drop(&k);
    }
}

static void small_numbers(void **state)
{
    (void)state;
    struct own_key k;
    make(&k, 1024);
    for (uint8_t last = 0; last < 3; last++) {
        uint8_t in[128] = {0}, out[128];
        in[127] = last;
        assert_true(operate(&k, in, out) > 0);
        assert_true(last < 2 ? memcmp(in, out, sizeof in) == 0 : is_root(&k, in, out, sizeof in));
    }
    uint8_t n[128], out[128];
    mbedtls_mpi_write_binary(&k.rsa->N, n, sizeof n);
    assert_true(operate(&k, n, out) < 0);
    drop(&k);
}

/* What one piece may cost is fixed: a longer key has more of them. The last piece is one with the public key. */
static void in_pieces(void **state)
{
    (void)state;
    for (unsigned bits = 2048; bits <= 3072; bits += 1024) {
        struct own_key k;
        uint8_t in[LEN_MAX] = {0}, out[LEN_MAX];
        make(&k, bits);
        in[5] = 7;
        size_t limbs = k.rsa->P.n, windows = limbs * sizeof(mbedtls_mpi_uint) * 2;
        size_t each = TLS_POWER_PIECE / (10 * limbs * limbs) + 1;
        int least = (int)(2 * (windows / each) + 3);
        assert_in_range(operate(&k, in, out), least, least + 4);
        drop(&k);
    }
}

static void blinded(void **state)
{
    (void)state;
    struct own_key k;
    make(&k, 1024);
    uint8_t in[128] = {0}, out[128], first[128], second[128];
    in[127] = 2;
    for (unsigned round = 0; round < 2; round++) {
        struct tls_steps *steps = tls_steps_begin(k.rsa, in);
        assert_int_equal(mbedtls_mpi_write_binary(&k.rsa->Vi, round == 0 ? first : second, 128), 0);
        struct tls_power plain, own;
        mbedtls_mpi x;
        mbedtls_mpi_init(&x);
        mbedtls_mpi_lset(&x, 2);
        assert_int_equal(tls_power_begin(&plain, &x, &k.rsa->DP, &k.rsa->P, &k.rsa->RP), 0);
        memcpy(&own, tls_steps_power(steps), sizeof own);
        assert_memory_not_equal(own.table + own.limbs, plain.table + own.limbs, own.limbs * sizeof *own.table);
        tls_power_end(&plain);
        mbedtls_mpi_free(&x);
        tls_steps_end(steps);
    }
    assert_memory_not_equal(first, second, 128);
    assert_true(operate(&k, in, out) > 0);
    drop(&k);
}

/* A fault of the machine, here a wrong d modulo one of the primes, would give the key away: nothing comes out. */
static void a_fault_is_noticed(void **state)
{
    (void)state;
    struct own_key k;
    make(&k, 1024);
    uint8_t in[128] = {0}, out[128] = {0}, zero[128] = {0};
    in[127] = 3;
    assert_int_equal(mbedtls_mpi_sub_int(&k.rsa->DQ, &k.rsa->DQ, 2), 0);
    assert_true(operate(&k, in, out) < 0);
    assert_memory_equal(out, zero, sizeof out);
    drop(&k);
}

/* Left alone in the middle it gives back what it took. */
static void given_up(void **state)
{
    (void)state;
    size_t need = tls_memory_need(1, 1, 0);
    void *memory = malloc(need);
    assert_true(tls_memory_begin(memory, need));
    struct own_key k;
    make(&k, 2048);
    uint8_t in[256] = {1}, out[256];
    size_t used = tls_memory_used();
    for (unsigned pieces = 0; pieces < 5; pieces++) {
        struct tls_steps *steps = tls_steps_begin(k.rsa, in);
        assert_non_null(steps);
        for (unsigned i = 0; i < pieces; i++)
            assert_true(tls_steps_run(steps, out) > 0);
        tls_steps_end(steps);
        assert_in_range(tls_memory_used(), used, used + 2048); /* the blinding numbers may have grown */
    }
    drop(&k);
    assert_int_equal(tls_memory_used(), 0);
    tls_memory_end();
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_length), cmocka_unit_test(small_numbers),      cmocka_unit_test(in_pieces),
        cmocka_unit_test(blinded),         cmocka_unit_test(a_fault_is_noticed), cmocka_unit_test(given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
