/* test_tls_memory.c - the arena: right under any order of taking and giving back, and a politely refused handshake where
 * it is full. */
#include "mbedtls/platform.h"
#include "net/tls/memory.h"
#include "test/unit/net/tls_lab.h"

#define BLOCKS 300

struct piece {
    uint8_t *data;
    size_t len;
    uint8_t fill;
};

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void check_and_give(struct piece *p)
{
    for (size_t i = 0; i < p->len; i++)
        assert_int_equal(p->data[i], p->fill);
    mbedtls_free(p->data);
    p->data = NULL;
}

static void take(struct piece *p, uint32_t *seed, const uint8_t *begin, const uint8_t *end)
{
    p->len = next(seed) % (next(seed) % 8 == 0 ? 6000 : 90);
    p->data = mbedtls_calloc(1, p->len);
    if (!p->data)
        return;
    assert_true(p->data >= begin && p->data + p->len <= end);
    assert_int_equal((uintptr_t)p->data % 16, 0);
    for (size_t i = 0; i < p->len; i++)
        assert_int_equal(p->data[i], 0);
    p->fill = (uint8_t)next(seed);
    memset(p->data, p->fill, p->len);
}

static void any_order(void **state)
{
    (void)state;
    static struct piece pieces[BLOCKS];
    size_t size = 200 * 1024;
    uint8_t *memory = malloc(size);
    uint32_t seed = 1;
    size_t refused = 0;
    assert_true(tls_memory_begin(memory + 1, size - 1));
    assert_false(tls_memory_begin(memory + 1, size - 1));
    for (size_t i = 0; i < 100000; i++) {
        struct piece *p = &pieces[next(&seed) % BLOCKS];
        if (p->data)
            check_and_give(p);
        else
            take(p, &seed, memory, memory + size);
        refused += !p->data && p->len > 4000;
    }
    assert_true(refused > 0);
    for (size_t i = 0; i < BLOCKS; i++)
        if (pieces[i].data)
            check_and_give(&pieces[i]);
    assert_int_equal(tls_memory_used(), 0);
    /* Nothing is left in pieces. */
    void *all = mbedtls_calloc(1, size - 64);
    assert_non_null(all);
    assert_null(mbedtls_calloc(1, 64));
    mbedtls_free(all);
    assert_null(mbedtls_calloc(SIZE_MAX / 2, 3));
    assert_null(mbedtls_calloc(1, SIZE_MAX - 3));
    tls_memory_end();
    free(memory);
}

static void from_before_there_was_an_arena(void **state)
{
    (void)state;
    void *memory = malloc(8192), *old = mbedtls_calloc(1, 10);
    assert_false(tls_memory_begin(memory, 100));
    assert_true(tls_memory_begin(memory, 8192));
    mbedtls_free(old);
    mbedtls_free(NULL);
    assert_int_equal(tls_memory_used(), 0);
    tls_memory_end();
    free(memory);
}

/* What a handshake comes to; -1: there is not even room for the connection. */
static int shake(struct tls_pair *pair, const struct lab_cert *phone)
{
    struct lab_client c;
    struct lab_way way = {0};
    struct tls_server *s = tls_server_new(pair);
    if (!s)
        return -1;
    lab_client(&c, TLS1_VERSION, "AES128-SHA", phone, NULL);
    enum tls_state came_to = lab_pump(&c, s, &way);
    tls_server_end(s);
    lab_client_free(&c);
    return (int)came_to;
}

/* Handshakes in arenas of every size that are too small for them: refused, nothing is left behind, and the
 * next one, with room, succeeds. */
static void full(void **state)
{
    (void)state;
    struct lab_cert ca = lab_cert((struct lab_wish){.cn = "Phones", .bits = 1024, .md = EVP_sha1()}, NULL);
    struct lab_cert box = lab_cert((struct lab_wish){.cn = "stage.example", .bits = 1024}, NULL);
    struct lab_cert phone = lab_cert((struct lab_wish){.cn = "MAC: 58BFEA1104E6", .bits = 1024, .md = EVP_sha1()}, &ca);
    size_t size = tls_memory_need(1, 1, 0), failed = 0, opened = 0, refused = 0;
    void *memory = malloc(size);
    assert_true(tls_memory_begin(memory, size));
    struct tls_pair *pair = lab_pair(&box, &ca, TLS_1_0, NULL);
    assert_int_equal(shake(pair, &phone), TLS_OPEN); /* mbedTLS keeps some numbers with the key then */
    size_t idle = tls_memory_used();
    for (size_t taken = 0; taken + idle < size; taken += 997) {
        void *hog = mbedtls_calloc(1, taken);
        int came_to = hog ? shake(pair, &phone) : -1;
        opened += came_to == TLS_OPEN;
        failed += came_to == TLS_FAILED;
        refused += came_to == -1;
        mbedtls_free(hog);
        assert_in_range(tls_memory_used(), 1, idle + 512); /* the key's blinding numbers grow and shrink */
    }
    assert_true(opened > 0 && failed > 0 && refused > 0);
    tls_pair_release(pair);
    assert_int_equal(tls_memory_used(), 0);
    tls_memory_end();
    free(memory);
    lab_cert_free(&ca);
    lab_cert_free(&box);
    lab_cert_free(&phone);
}

/* As many connections as the arena was made for are open at a time. */
static void enough_for_all(void **state)
{
    (void)state;
    enum { N = 32 };
    struct lab_cert ca = lab_cert((struct lab_wish){.cn = "Phones", .bits = 2048}, NULL);
    struct lab_cert box = lab_cert((struct lab_wish){.cn = "stage.example", .bits = 2048}, NULL);
    struct lab_cert phone = lab_cert((struct lab_wish){.cn = "MAC: 58BFEA1104E6", .bits = 2048}, &ca);
    size_t size = tls_memory_need(N, 1, 0);
    void *memory = malloc(size);
    struct lab_client c[N];
    struct tls_server *s[N];
    assert_true(tls_memory_begin(memory, size));
    struct tls_pair *pair = lab_pair(&box, &ca, TLS_1_0, NULL);
    for (size_t i = 0; i < N; i++) {
        struct lab_way way = {0};
        lab_client(&c[i], TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", &phone, NULL);
        s[i] = tls_server_new(pair);
        assert_non_null(s[i]);
        assert_int_equal(lab_pump(&c[i], s[i], &way), TLS_OPEN);
    }
    for (size_t i = 0; i < N; i++) {
        tls_server_end(s[i]);
        lab_client_free(&c[i]);
    }
    tls_pair_release(pair);
    assert_int_equal(tls_memory_used(), 0);
    tls_memory_end();
    free(memory);
    lab_cert_free(&ca);
    lab_cert_free(&box);
    lab_cert_free(&phone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order),
        cmocka_unit_test(from_before_there_was_an_arena),
        cmocka_unit_test(full),
        cmocka_unit_test(enough_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
