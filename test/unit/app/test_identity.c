/* Who is asking: every combination of what the wire can tell, against the contract's order said once more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/phones/identity.h"

static const struct mac macs[] = {{{0x58, 0xbf, 0xea, 0, 0, 1}}, {{0x58, 0xbf, 0xea, 0, 0, 2}}};

/* 0: not told; else 1 + which of the two. */
static const struct mac *pick(unsigned which)
{
    return which == 0 ? NULL : &macs[which - 1];
}

static struct identity_evidence evidence_of(unsigned n)
{
    struct identity_evidence e = {.certificate = pick(n % 3), .lease = pick(n / 3 % 3), .neighbour = pick(n / 9 % 3),
                                  .user_agent = pick(n / 27 % 3), .name = pick(n / 81 % 3)};
    e.link_is_phone = n / 243 % 2 == 1 && (e.lease || e.neighbour);
    e.user_agent_names_phone = e.user_agent || n / 486 == 1;
    return e;
}

#define COMBINATIONS (3u * 3 * 3 * 3 * 3 * 2 * 2)

static const struct mac *link_of(const struct identity_evidence *e)
{
    return e->lease ? e->lease : e->neighbour; /* ARP counts only without a lease */
}

static bool differ(const struct mac *a, const struct mac *b)
{
    return a && b && !mac_equal(*a, *b);
}

static void the_strongest_counts(void **state)
{
    (void)state;
    for (unsigned n = 0; n < COMBINATIONS; n++) {
        struct identity_evidence e = evidence_of(n);
        struct identity id = identity_weigh(&e);
        const struct mac *link = e.link_is_phone ? link_of(&e) : NULL;
        const struct mac *expected = e.certificate ? e.certificate : link ? link : e.user_agent;
        if (expected) {
            if (!mac_equal(id.mac, *expected))
                fail_msg("combination %u: another phone", n);
        } else if (e.user_agent_names_phone) {
            assert_true(e.lease ? mac_equal(id.mac, *e.lease) : mac_is_zero(id.mac));
        } else {
            assert_true(e.name ? mac_equal(id.mac, *e.name) && id.source == IDENTITY_NAME : mac_is_zero(id.mac));
        }
    }
}

static void two_that_disagree_are_doubt(void **state)
{
    (void)state;
    for (unsigned n = 0; n < COMBINATIONS; n++) {
        struct identity_evidence e = evidence_of(n);
        const struct mac *link = e.link_is_phone ? link_of(&e) : NULL; /* no phone's MAC disagrees with nobody */
        bool expected = differ(e.certificate, link) || differ(e.certificate, e.user_agent) || differ(link, e.user_agent);
        if (identity_weigh(&e).doubt != expected)
            fail_msg("combination %u: doubt should be %d", n, expected);
    }
}

static void the_name_never_disagrees(void **state)
{
    (void)state;
    for (unsigned n = 0; n < COMBINATIONS; n++) {
        struct identity_evidence e = evidence_of(n), without = e;
        struct identity with_name = identity_weigh(&e);
        without.name = NULL;
        struct identity id = identity_weigh(&without);
        if (id.source == IDENTITY_NOBODY)
            continue;
        assert_int_equal(with_name.source, id.source);
        assert_true(mac_equal(with_name.mac, id.mac));
        assert_int_equal(with_name.doubt, id.doubt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strongest_counts),
        cmocka_unit_test(two_that_disagree_are_doubt),
        cmocka_unit_test(the_name_never_disagrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
