/* Other servers, machines that sit on an address, and what the journal brings back. */
#include "test/unit/net/dhcp_lab.h"

static void hear_another(struct lab *lab, ip4 from, ip4 server_id, ip4 relay)
{
    struct packet p = message(DHCP_OFFER, phone_mac);
    p.data[DHCP_AT_OP] = DHCP_BOOTREPLY;
    set_address(&p, DHCP_AT_GIADDR, relay);
    put_address(&p, DHCP_SERVER_ID, server_id);
    struct dhcp_rx rx = {.data = p.data, .len = p.len, .src = from, .dst = EVERYBODY};
    dhcp_server_overheard(&lab->server, &rx, lab->now);
}

static void guards(void **state)
{
    struct lab *lab = lab_open(DHCP_ROGUE_GUARD);
    (void)state;
    dhcp_server_start(&lab->server, lab->now);
    assert_int_equal(dhcp_server_guard(&lab->server), DHCP_GUARD_LOOKING);
    assert_int_equal(drain(lab), 1); /* our own DISCOVER */
    assert_int_equal(dhcp_parse(lab->reply.buf, lab->reply.len, &lab->read), DHCP_SILENT);
    assert_int_equal(lab->read.type, DHCP_DISCOVER);
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, phone_mac)), 0);
    hear_another(lab, BOX, BOX, 0);                      /* ourselves */
    hear_another(lab, OTHER, BOX, UINT32_C(0x0a000001)); /* a relay that hands on what is ours */
    assert_int_equal(dhcp_server_other(&lab->server), 0);
    hear_another(lab, OTHER, BOX, 0); /* whatever its option 54 says */
    assert_int_equal(dhcp_server_guard(&lab->server), DHCP_GUARD_HELD);
    assert_int_equal(lab->told[DHCP_EVENT_SERVER_FOUND], 1);
    let_pass(lab, 60000);
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, phone_mac)), 0);
    dhcp_server_resume(&lab->server, lab->now);
    assert_int_equal(lab->told[DHCP_EVENT_GUARD_CLEAR], 1);
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, phone_mac)), DHCP_OFFER);
    lab_close(lab);
}

static void looks_and_goes_on(void **state)
{
    struct lab *lab = lab_open(DHCP_ROGUE_GUARD);
    (void)state;
    dhcp_server_start(&lab->server, lab->now);
    let_pass(lab, DHCP_LOOK_MS + 1);
    assert_int_equal(dhcp_server_guard(&lab->server), DHCP_GUARD_CLEAR);
    hear_another(lab, OTHER, OTHER, 0); /* later it is only told */
    assert_int_equal(dhcp_server_guard(&lab->server), DHCP_GUARD_CLEAR);
    let_pass(lab, 20000);
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, phone_mac)), DHCP_OFFER);
    lab_close(lab);
    lab = lab_open(DHCP_ROGUE_GUARD);
    dhcp_server_start(&lab->server, lab->now);
    hear_another(lab, OTHER, OTHER, 0);
    lab->config.rogue = DHCP_ROGUE_WARN; /* a reload that does not guard any more */
    dhcp_server_configure(&lab->server, &lab->config, lab->now);
    assert_int_equal(dhcp_server_guard(&lab->server), DHCP_GUARD_CLEAR);
    lab_close(lab);
}

static void arp(struct lab *lab, enum arp_operation operation, struct mac sender, ip4 sender_ip, ip4 target_ip)
{
    uint8_t frame[ARP_FRAME_LEN];
    struct arp_packet packet = {operation, sender, sender_ip, {{0}}, target_ip};
    arp_build(frame, sender, &packet);
    dhcp_server_arp(&lab->server, frame, sizeof frame, lab->now);
}

static void addresses_in_use(void **state)
{
    static const struct mac squatter = {{2, 0, 0, 0, 0, 0x44}};
    struct lab *lab = lab_open(DHCP_ROGUE_IGNORE);
    struct dhcp_stats stats;
    (void)state;
    dhcp_server_start(&lab->server, lab->now);
    drain(lab);
    assert_true(lab->probes > 0);
    arp(lab, ARP_REPLY, squatter, POOL, BOX);            /* an answer to the probe */
    arp(lab, ARP_REQUEST, squatter, 0, POOL + 1);        /* another one probes, too */
    arp(lab, ARP_REQUEST, lab->config.mac, 0, POOL + 2); /* our own probe comes back */
    dhcp_server_arp(&lab->server, (const uint8_t *)"short", 5, lab->now);
    let_pass(lab, 20000);
    dhcp_server_stats(&lab->server, &stats);
    assert_int_equal(stats.resting, 2);
    assert_int_equal(lab->told[DHCP_EVENT_CONFLICT], 2);
    ip4 address = lease_to(lab, phone_mac);
    assert_true(address > POOL + 1);
    arp(lab, ARP_REPLY, squatter, address, BOX); /* beside the phone that has it */
    arp(lab, ARP_REPLY, squatter, address, BOX);
    assert_int_equal(lab->told[DHCP_EVENT_CONFLICT], 3); /* told once */
    arp(lab, ARP_REPLY, phone_mac, address, BOX);
    assert_non_null(dhcp_server_lease_at(&lab->server, address));
    lab_close(lab);
}

static struct dhcp_lease_record remembered(uint8_t number, ip4 address, enum dhcp_record_state what)
{
    return (struct dhcp_lease_record){
        .address = address, .state = what, .mac = {{2, 0, 0, 0, 4, number}}, .remaining_s = 600};
}

static void restores(void **state)
{
    struct lab *lab = lab_open(DHCP_ROGUE_WARN);
    struct dhcp_lease_record r[] = {
        remembered(1, POOL, DHCP_RECORD_BOUND),         remembered(2, POOL + 1, DHCP_RECORD_EXPIRED),
        remembered(3, POOL + 2, DHCP_RECORD_DECLINED),  remembered(4, POOL + 3, DHCP_RECORD_RELEASED),
        remembered(5, POOL + 100, DHCP_RECORD_BOUND),   remembered(6, 0x0a000001, DHCP_RECORD_BOUND),
        remembered(7, POOL + 100, DHCP_RECORD_EXPIRED), remembered(8, BOX, DHCP_RECORD_BOUND),
        remembered(1, POOL + 4, DHCP_RECORD_BOUND),     remembered(2, POOL + 1, DHCP_RECORD_FORGOTTEN),
    };
    static const bool taken[] = {true, true, true, true, true, false, false, false, true, true};
    (void)state;
    for (size_t i = 0; i < sizeof r / sizeof *r; i++)
        assert_int_equal(dhcp_server_restore(&lab->server, &r[i], lab->now), taken[i]);
    dhcp_server_start(&lab->server, lab->now);
    assert_int_equal(lab->records, 0);
    assert_null(dhcp_server_lease_at(&lab->server, POOL)); /* its client has moved since */
    assert_non_null(dhcp_server_lease_at(&lab->server, POOL + 4));
    let_pass(lab, 20000);
    assert_int_equal(lease_to(lab, r[3].mac), POOL + 3);
    lab_close(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guards),
        cmocka_unit_test(looks_and_goes_on),
        cmocka_unit_test(addresses_in_use),
        cmocka_unit_test(restores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
