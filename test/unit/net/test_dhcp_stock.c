/* Addresses are probed ahead of need: once the box had a few seconds, as many clients as it may know can come in
 * the same moment, and nobody waits. Decline and starvation do not eat the stock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/dhcp/server.h"

enum { CLIENTS = 512, MESSAGE = 244 };

static const struct dhcp_config config = {
    .address = 0xc0a8010a,
    .prefix = 22,
    .mac = {{2, 0, 0, 0, 0, 1}},
    .pool_first = 0xc0a80200,
    .pool_last = 0xc0a803fe,
    .lease_s = 3600,
    .probe = true,
    .rogue = DHCP_ROGUE_WARN,
};

struct house {
    struct dhcp_server server;
    void *memory;
    uint64_t now;
    unsigned probes, most; /* ARP frames in all, and in one moment */
};

static void drain(struct house *h)
{
    struct dhcp_reply reply;
    uint8_t frame[ARP_FRAME_LEN];
    unsigned burst = 0;
    enum dhcp_output out;
    while ((out = dhcp_server_output(&h->server, h->now, &reply, frame)) != DHCP_OUT_NONE)
        burst += out == DHCP_OUT_ARP;
    h->probes += burst;
    h->most = burst > h->most ? burst : h->most;
}

static void open_house(struct house *h, uint32_t leases)
{
    struct dhcp_limits limits = {.leases = leases, .hosts = 4};
    struct dhcp_callbacks nothing = {0};
    size_t size = dhcp_server_memory(&limits);
    memset(h, 0, sizeof *h);
    h->now = 1000;
    h->memory = calloc(1, size);
    assert_non_null(h->memory);
    assert_true(dhcp_server_init(&h->server, h->memory, size, &limits, &nothing, 7));
    dhcp_server_configure(&h->server, &config, h->now);
    dhcp_server_start(&h->server, h->now);
    drain(h);
}

/* Works until so much time has passed. */
static void let_pass(struct house *h, uint64_t ms)
{
    uint64_t stop = h->now + ms;
    for (uint64_t due; (due = dhcp_server_deadline(&h->server)) <= stop;) {
        h->now = due > h->now ? due : h->now;
        drain(h);
    }
    h->now = stop;
}

static enum dhcp_result discover(struct house *h, unsigned number, struct dhcp_reply *reply)
{
    uint8_t message[MESSAGE] = {1, 1, 6, 0, 1, 2, 3, (uint8_t)number};
    const uint8_t chaddr[6] = {0x58, 0xbf, 0xea, 0, (uint8_t)(number >> 8), (uint8_t)number};
    const uint8_t options[] = {99, 130, 83, 99, 53, 1, DHCP_DISCOVER, 255};
    memcpy(message + 28, chaddr, sizeof chaddr);
    memcpy(message + 236, options, sizeof options);
    struct dhcp_rx rx = {.data = message, .len = sizeof message, .dst = 0xffffffff};
    return dhcp_server_input(&h->server, &rx, h->now, reply);
}

static ip4 offered(const struct dhcp_reply *reply)
{
    return (ip4)reply->buf[16] << 24 | (ip4)reply->buf[17] << 16 | (ip4)reply->buf[18] << 8 | reply->buf[19];
}

static void test_all_at_once(void **state)
{
    (void)state;
    static struct house h;
    static bool taken[1024];
    struct dhcp_reply reply;
    open_house(&h, CLIENTS);
    let_pass(&h, 10000);
    assert_int_equal(h.probes, 3 * 511); /* the pool has so many */
    assert_true(h.most <= 64);           /* no storm */
    for (unsigned i = 0; i < 511; i++) {
        assert_int_equal(discover(&h, i, &reply), DHCP_REPLY);
        ip4 address = offered(&reply);
        assert_in_range(address, config.pool_first, config.pool_last);
        assert_false(taken[address - config.pool_first]);
        taken[address - config.pool_first] = true;
    }
    assert_int_equal(discover(&h, 600, &reply), DHCP_E_POOL);
    free(h.memory);
}

/* More clients than there is room for, again and again: the stock comes back by itself. */
static void test_starvation(void **state)
{
    (void)state;
    static struct house h;
    struct dhcp_reply reply;
    open_house(&h, 100);
    let_pass(&h, 5000);
    for (unsigned i = 0; i < 5000; i++)
        discover(&h, i, &reply);
    let_pass(&h, 20000); /* offers lapse after 15 s */
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(discover(&h, 10000 + i, &reply), DHCP_REPLY);
    free(h.memory);
}

/* What was probed before the cable was put in is probed again, and nobody is offered anything of it before. */
static void test_cable_comes_late(void **state)
{
    (void)state;
    static struct house h;
    struct dhcp_reply reply;
    open_house(&h, 100);
    let_pass(&h, 5000);
    assert_int_equal(h.probes, 3 * 100);
    dhcp_server_start(&h.server, h.now);
    assert_int_equal(discover(&h, 1, &reply), DHCP_SILENT);
    let_pass(&h, 5000);
    assert_int_equal(h.probes, 6 * 100 + 3); /* who waited was offered one, and the next was probed */
    assert_int_equal(discover(&h, 1, &reply), DHCP_REPLY);
    dhcp_server_start(&h.server, h.now); /* something was answered: the stock stays */
    assert_int_equal(discover(&h, 2, &reply), DHCP_REPLY);
    free(h.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_starvation),
        cmocka_unit_test(test_cable_comes_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
