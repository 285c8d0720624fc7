#include "app/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define THINGS 500

struct thing {
    int before;
    struct hash_node node;
    uint32_t key;
};

static bool same(const struct hash_node *node, const void *key, size_t len)
{
    assert_int_equal(len, sizeof(uint32_t));
    return memcmp(&HASH_OWNER(node, const struct thing, node)->key, key, len) == 0;
}

/* The vectors of the SipHash paper's reference: key 00..0f, input 00..n-1. */
static void siphash(void **state)
{
    (void)state;
    static const uint64_t seed[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    uint8_t input[15];
    for (uint8_t i = 0; i < sizeof input; i++)
        input[i] = i;
    assert_true(hash_bytes(seed, input, 0) == 0x726fdb47dd0e0e31u);
    assert_true(hash_bytes(seed, input, 8) == 0x93f5f5799a932462u);
    assert_true(hash_bytes(seed, input, 15) == 0xa129ca6149be45e5u);
}

static void buckets_are_powers_of_two(void **state)
{
    (void)state;
    assert_int_equal(hash_buckets(0), 1);
    assert_int_equal(hash_buckets(1), 1);
    assert_int_equal(hash_buckets(512), 512);
    assert_int_equal(hash_buckets(513), 1024);
}

static void run(size_t buckets_count)
{
    static struct thing things[THINGS];
    static struct hash_node *buckets[1024];
    static const uint64_t seed[2] = {1, 2};
    struct hash hash;
    memset(things, 0, sizeof things);
    memset(buckets, 0xa5, sizeof buckets);
    hash_init(&hash, buckets, buckets_count, seed, same);
    for (uint32_t i = 0; i < THINGS; i++) {
        things[i].key = i * 7919;
        assert_null(hash_find(&hash, &things[i].key, sizeof things[i].key));
        hash_insert(&hash, &things[i].node, &things[i].key, sizeof things[i].key);
    }
    assert_int_equal(hash.count, THINGS);
    for (uint32_t i = 0; i < THINGS; i += 3) {
        hash_remove(&hash, &things[i].node);
        assert_false(things[i].node.linked);
        hash_remove(&hash, &things[i].node); /* nothing happens */
    }
    for (uint32_t i = 0; i < THINGS; i++) {
        struct hash_node *found = hash_find(&hash, &things[i].key, sizeof things[i].key);
        assert_ptr_equal(found, i % 3 == 0 ? NULL : &things[i].node);
    }
    assert_int_equal(hash.count, THINGS - (THINGS + 2) / 3);
}

static void found_until_removed(void **state)
{
    (void)state;
    run(1024);
    run(64);
    run(1); /* everything in one bucket */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash),
        cmocka_unit_test(buckets_are_powers_of_two),
        cmocka_unit_test(found_until_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
