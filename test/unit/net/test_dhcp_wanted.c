/* More clients than addresses: those that have what they came for leave theirs to the others, no address is ever
 * two clients' at once, and twice as many are served in at most twice the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/dhcp/server.h"

enum {
    PLACES = 20,    /* addresses in the pool */
    CLIENTS = 2 * PLACES,
    ROUNDS = 3,     /* times that a client works, and restarts in between */
    SPREAD_S = 300, /* in which all are switched on */
    FLASH_S = 150,  /* dark between two rounds */
    MESSAGE = 300,
    NEVER = INT32_MAX
};
static const ip4 box = 0xc0a8010a, first = 0xc0a80132;

/* What a client believes; times in seconds. */
struct client {
    unsigned number;
    int on_s;              /* from when on it is there; NEVER: unplugged for good */
    int work_s;            /* of each round */
    int rounds;            /* left; 0: done */
    int round_ends_s;
    int discover_s, wait_s; /* the next DISCOVER, and how long until the one after */
    ip4 address;           /* 0: none */
    int granted_s, ends_s, renew_s;
    bool lost_ack;         /* the next ACK does not reach it */
};

struct bench {
    struct dhcp_server server;
    void *memory;
    struct client client[CLIENTS];
    unsigned count;
    int now_s;
    bool unplugs; /* who is done is taken away */
    unsigned turned_away;
};

static struct bench b;

static uint64_t now_ms(void)
{
    return (uint64_t)b.now_s * 1000 + 1000;
}

static struct mac mac_of(unsigned number)
{
    return (struct mac){{0x58, 0xbf, 0xea, 0, (uint8_t)(number >> 8), (uint8_t)number}};
}

static bool is_done(void *ctx, struct mac mac)
{
    (void)ctx;
    return b.client[mac.b[4] << 8 | mac.b[5]].rounds == 0;
}

static void on_event(void *ctx, const struct dhcp_event *event)
{
    (void)ctx;
    b.turned_away += event->kind == DHCP_EVENT_POOL_EMPTY || event->kind == DHCP_EVENT_TABLE_FULL;
    assert_int_not_equal(event->kind, DHCP_EVENT_CONFLICT);
    assert_int_not_equal(event->kind, DHCP_EVENT_REFUSED);
}

static ip4 u32_at(const uint8_t *at)
{
    return (ip4)at[0] << 24 | (ip4)at[1] << 16 | (ip4)at[2] << 8 | at[3];
}

static void put_u32(uint8_t *at, ip4 value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The value of a four-byte option of a reply. */
static uint32_t option_of(const struct dhcp_reply *reply, uint8_t code)
{
    for (size_t at = 240; at + 1 < reply->len && reply->buf[at] != 255; at += 2u + reply->buf[at + 1])
        if (reply->buf[at] == code)
            return u32_at(reply->buf + at + 2);
    return 0;
}

static void hold(struct client *c, ip4 address, uint32_t seconds)
{
    for (unsigned i = 0; i < b.count; i++)
        if (&b.client[i] != c && b.client[i].address == address && b.client[i].on_s <= b.now_s)
            fail_msg("at %d s client %u is given the address that %u holds until %d s", b.now_s, c->number, i,
                     b.client[i].ends_s);
    if (c->address == 0 && c->rounds > 0)
        c->round_ends_s = b.now_s + c->work_s;
    c->address = address;
    c->granted_s = b.now_s;
    c->ends_s = b.now_s + (int)seconds;
    c->renew_s = b.now_s + (int)seconds / 2;
}

static void say(struct client *c, uint8_t type, ip4 requested);

static void hear(const struct dhcp_reply *reply)
{
    const uint8_t *chaddr = reply->buf + 28;
    struct client *c = &b.client[chaddr[4] << 8 | chaddr[5]];
    ip4 address = u32_at(reply->buf + 16);
    if (c->on_s > b.now_s)
        return;
    uint8_t type = reply->buf[242];
    if (type == DHCP_OFFER && c->address == 0)
        say(c, DHCP_REQUEST, address);
    else if (type == DHCP_ACK && c->lost_ack)
        c->lost_ack = false;
    else if (type == DHCP_ACK)
        hold(c, address, option_of(reply, DHCP_LEASE_TIME));
}

/* `requested` 0: it discovers, or renews what it has. */
static void say(struct client *c, uint8_t type, ip4 requested)
{
    uint8_t message[MESSAGE] = {1, 1, 6, 0, 1, 2, 3, (uint8_t)c->number};
    const uint8_t cookie[] = {99, 130, 83, 99, 53, 1, type};
    struct mac mac = mac_of(c->number);
    struct dhcp_reply reply;
    size_t at = 236 + sizeof cookie;
    memcpy(message + 28, mac.b, sizeof mac.b);
    memcpy(message + 236, cookie, sizeof cookie);
    if (requested != 0) {
        message[at] = DHCP_REQUESTED_ADDRESS;
        message[at + 6] = DHCP_SERVER_ID;
        message[at + 1] = message[at + 7] = 4;
        put_u32(message + at + 2, requested);
        put_u32(message + at + 8, box);
        at += 12;
    } else if (type == DHCP_REQUEST) {
        put_u32(message + 12, c->address);
    }
    message[at] = 255;
    struct dhcp_rx rx = {.data = message, .len = sizeof message, .src = requested ? 0 : c->address,
                         .dst = type == DHCP_REQUEST && !requested ? box : 0xffffffff};
    if (dhcp_server_input(&b.server, &rx, now_ms(), &reply) == DHCP_REPLY)
        hear(&reply);
}

/* Whoever holds the address answers. */
static void answer_arp(const uint8_t *frame)
{
    ip4 address = u32_at(frame + 38);
    for (unsigned i = 0; i < b.count; i++) {
        struct client *c = &b.client[i];
        if (c->address != address || c->on_s > b.now_s)
            continue;
        uint8_t reply[ARP_FRAME_LEN];
        memcpy(reply, frame, sizeof reply);
        struct mac mac = mac_of(i);
        reply[21] = 2;
        memcpy(reply + 6, mac.b, 6);
        memcpy(reply + 22, mac.b, 6);
        put_u32(reply + 28, address);
        dhcp_server_arp(&b.server, reply, sizeof reply, now_ms());
    }
}

static void drain(void)
{
    struct dhcp_reply reply;
    uint8_t frame[ARP_FRAME_LEN];
    enum dhcp_output out;
    while ((out = dhcp_server_output(&b.server, now_ms(), &reply, frame)) != DHCP_OUT_NONE) {
        if (out == DHCP_OUT_ARP)
            answer_arp(frame);
        else
            hear(&reply);
    }
}

/* Dark for so long, and then as from the box. */
static void restart(struct client *c, int dark_s)
{
    c->address = 0;
    c->on_s = b.now_s + dark_s;
    c->discover_s = c->on_s;
    c->wait_s = 4;
}

static void end_round(struct client *c)
{
    c->rounds--;
    if (c->rounds > 0)
        restart(c, FLASH_S);
    else if (b.unplugs)
        c->on_s = NEVER;
    c->round_ends_s = NEVER;
}

static void step(struct client *c)
{
    if (c->on_s > b.now_s)
        return;
    if (c->address != 0 && b.now_s >= c->ends_s)
        restart(c, 0);
    if (c->address != 0 && b.now_s >= c->round_ends_s) {
        end_round(c);
    } else if (c->address != 0 && b.now_s >= c->renew_s) {
        int half = (c->ends_s - b.now_s) / 2;
        c->renew_s = b.now_s + (half > 60 ? half : 60);
        say(c, DHCP_REQUEST, 0);
    } else if (c->address == 0 && b.now_s >= c->discover_s) {
        c->discover_s = b.now_s + c->wait_s;
        c->wait_s = c->wait_s < 64 ? c->wait_s * 2 : 64;
        say(c, DHCP_DISCOVER, 0);
    }
}

static void open_bench(unsigned count, uint32_t leases, unsigned places, bool unplugs, unsigned seed)
{
    const struct dhcp_config config = {
        .address = box, .prefix = 24, .mac = {{2, 0, 0, 0, 0, 1}}, .pool_first = first,
        .pool_last = first + places - 1, .lease_s = 3600, .probe = true, .rogue = DHCP_ROGUE_WARN};
    struct dhcp_limits limits = {.leases = leases, .hosts = 4};
    struct dhcp_callbacks calls = {.yields = is_done, .event = on_event};
    size_t size = dhcp_server_memory(&limits);
    memset(&b, 0, sizeof b);
    b.memory = calloc(1, size);
    b.count = count;
    b.unplugs = unplugs;
    for (unsigned i = 0; i < count; i++) {
        seed = seed * 1103515245u + 12345u;
        b.client[i] = (struct client){.number = i, .rounds = ROUNDS, .round_ends_s = NEVER, .wait_s = 4,
                                      .work_s = 60 + (int)(seed >> 16) % 120,
                                      .on_s = 5 + (int)(i * SPREAD_S / count)};
        b.client[i].discover_s = b.client[i].on_s;
    }
    assert_true(dhcp_server_init(&b.server, b.memory, size, &limits, &calls, seed));
    dhcp_server_configure(&b.server, &config, now_ms());
    dhcp_server_start(&b.server, now_ms());
    drain();
}

static bool all_done(void)
{
    for (unsigned i = 0; i < b.count; i++)
        if (b.client[i].rounds > 0)
            return false;
    return true;
}

static void tick(void)
{
    b.now_s++;
    drain();
    for (unsigned i = 0; i < b.count; i++)
        step(&b.client[i]);
    drain();
}

/* Seconds until all are done. */
static int play(unsigned count, uint32_t leases, unsigned places, bool unplugs, unsigned seed)
{
    open_bench(count, leases, places, unplugs, seed);
    while (!all_done()) {
        if (b.now_s > 20000)
            fail_msg("seed %u: they never end", seed);
        tick();
    }
    free(b.memory);
    return b.now_s;
}

static void twice_as_many_in_twice_the_time(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++)
        for (int unplugs = 0; unplugs < 2; unplugs++) {
            int once = play(PLACES, CLIENTS, PLACES, unplugs, seed);
            assert_int_equal(b.turned_away, 0);
            int by_pool = play(CLIENTS, CLIENTS, PLACES, unplugs, seed);
            assert_true(b.turned_away > 0);
            int by_table = play(CLIENTS, PLACES, CLIENTS + 10, unplugs, seed);
            assert_true(b.turned_away > 0);
            if (by_pool > 2 * once || by_table > 2 * once)
                fail_msg("seed %u, unplugged %d: %u clients take %d s, twice as many %d s by the pool, %d s by the table",
                         seed, unplugs, PLACES, once, by_pool, by_table);
        }
}

/* Who renews keeps what it was promised, also where the ACK with the shorter time is lost. */
static void a_promise_is_kept(void **state)
{
    (void)state;
    struct client *a = &b.client[0], *c = &b.client[1];
    open_bench(2, 2, 1, false, 1);
    a->work_s = 10000;
    for (int i = 0; i < 10; i++)
        tick();
    assert_int_equal(a->address, first);
    c->on_s = c->discover_s = b.now_s = 1790; /* turned away just before the other renews */
    a->lost_ack = true;
    for (int i = 0; i < 400; i++)
        tick(); /* hold() looks whether the address is given away */
    assert_true(b.turned_away > 0);
    assert_int_equal(a->address, first);
    assert_int_equal(c->address, 0);
    free(b.memory);
}

/* Nobody waits: who is done goes on with its address as ever. */
static void who_is_done_renews_while_nobody_waits(void **state)
{
    (void)state;
    open_bench(1, 2, 2, false, 1);
    b.client[0].rounds = 1;
    for (int i = 0; i < 8000; i++)
        tick();
    assert_int_equal(b.client[0].rounds, 0);
    assert_int_equal(b.client[0].ends_s - b.client[0].granted_s, 3600);
    assert_true(b.client[0].ends_s > 8000);
    free(b.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_as_many_in_twice_the_time),
        cmocka_unit_test(a_promise_is_kept),
        cmocka_unit_test(who_is_done_renews_while_nobody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
