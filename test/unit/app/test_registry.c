/* The registry against a plain list of what should be in it, through many random changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/phones/registry.h"

#define PLACES 24
#define KEYS 40 /* more MACs than places, so that it gets full */

struct known {
    struct phone *phone; /* NULL: not in it */
    struct mac mac;
    char serial[8];
    ip4 address;
    uint32_t generation;
    size_t index;
};

static uint32_t random_state = 1;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static struct mac mac_of(unsigned n)
{
    return (struct mac){{0x58, 0xbf, 0xea, 0, 0, (uint8_t)n}};
}

static void add(struct registry *r, struct known *k, unsigned n)
{
    k->mac = draw(4) ? mac_of(n) : (struct mac){{0}};
    snprintf(k->serial, sizeof k->serial, "%s%u", "CBT", n);
    if (draw(4) == 0 && !mac_is_zero(k->mac))
        k->serial[0] = '\0';
    k->address = 0;
    k->phone = registry_add(r, k->mac, k->serial);
    if (!k->phone) {
        assert_int_equal(r->count, PLACES);
        return;
    }
    k->index = registry_index(r, k->phone);
    k->generation = k->phone->generation;
}

static void move(struct registry *r, struct known *all, struct known *k)
{
    ip4 address = draw(6) ? UINT32_C(0xc0a80a00) + draw(PLACES) : 0;
    for (unsigned i = 0; i < KEYS && address; i++)
        if (all[i].phone && &all[i] != k && all[i].address == address)
            all[i].address = 0; /* it is another's now */
    registry_set_address(r, k->phone, address);
    k->address = address;
}

static void change(struct registry *r, struct known *all, unsigned n)
{
    struct known *k = &all[n];
    if (!k->phone) {
        add(r, k, n);
    } else if (draw(4) == 0) {
        registry_remove(r, k->phone);
        assert_null(registry_at(r, k->index, k->generation));
        k->phone = NULL;
    } else if (mac_is_zero(k->mac)) {
        registry_set_mac(r, k->phone, k->mac = mac_of(n));
    } else {
        move(r, all, k);
    }
}

static void compare(const struct registry *r, const struct known *all)
{
    size_t count = 0, seen = 0, at = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        const struct known *k = &all[i];
        char serial[16];
        snprintf(serial, sizeof serial, "CBT%u", i);
        bool by_mac = k->phone && !mac_is_zero(k->mac), by_serial = k->phone && k->serial[0];
        assert_ptr_equal(registry_by_mac(r, mac_of(i)), by_mac ? k->phone : NULL);
        assert_ptr_equal(registry_by_serial(r, serial), by_serial ? k->phone : NULL);
        if (!k->phone)
            continue;
        count++;
        assert_ptr_equal(registry_at(r, k->index, k->generation), k->phone);
        assert_int_equal(k->phone->address, k->address);
        if (k->address)
            assert_ptr_equal(registry_by_address(r, k->address), k->phone);
    }
    while (registry_next(r, &at))
        seen++;
    assert_int_equal(r->count, count);
    assert_int_equal(seen, count);
}

static void as_a_plain_list(void **state)
{
    (void)state;
    static struct known all[KEYS];
    const uint64_t seed[2] = {5, 6};
    struct registry r;
    assert_true(registry_init(&r, PLACES, seed));
    for (int i = 0; i < 20000; i++) {
        change(&r, all, draw(KEYS));
        compare(&r, all);
    }
    assert_null(registry_by_mac(&r, (struct mac){{0}}));
    assert_null(registry_by_serial(&r, ""));
    assert_null(registry_by_address(&r, 0));
    registry_dispose(&r);
}

/* Full: what may go is whoever was only ever leased an address, the longest unseen first. */
static void who_may_go(void **state)
{
    (void)state;
    const uint64_t seed[2] = {5, 6};
    struct registry r;
    struct phone *phone[4];
    assert_true(registry_init(&r, 4, seed));
    assert_null(registry_victim(&r));
    for (unsigned i = 0; i < 4; i++) {
        phone[i] = registry_add(&r, mac_of(i), "");
        phone[i]->last_seen.uptime_ms = 100 - i;
    }
    assert_null(registry_add(&r, mac_of(9), ""));
    assert_ptr_equal(registry_victim(&r), phone[3]);
    phone[3]->asked.set = true;
    assert_ptr_equal(registry_victim(&r), phone[2]);
    phone[2]->row = 0;
    phone[1]->has_version = true;
    assert_ptr_equal(registry_victim(&r), phone[0]);
    phone[0]->ignored = true;
    assert_null(registry_victim(&r));
    registry_dispose(&r);
}

/* A serial that is another phone's already only stands on the row. */
static void a_serial_belongs_to_the_first(void **state)
{
    (void)state;
    const uint64_t seed[2] = {5, 6};
    struct registry r;
    assert_true(registry_init(&r, 4, seed));
    struct phone *first = registry_add(&r, mac_of(1), "CBT1"), *second = registry_add(&r, mac_of(2), "");
    registry_set_serial(&r, second, "CBT1");
    assert_string_equal(second->serial, "CBT1");
    assert_ptr_equal(registry_by_serial(&r, "CBT1"), first);
    registry_remove(&r, second);
    assert_ptr_equal(registry_by_serial(&r, "CBT1"), first);
    registry_dispose(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_plain_list),
        cmocka_unit_test(who_may_go),
        cmocka_unit_test(a_serial_belongs_to_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
