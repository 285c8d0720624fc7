/* What a client gets, from its first DISCOVER to the end of its lease. RFC 2131 section 4.3. */
#include "test/unit/net/dhcp_lab.h"

static const uint8_t provisioning[] = {DHCP_TFTP_SERVER_NAME, DHCP_TFTP_SERVER_ADDRESSES, DHCP_PROVISIONING_159,
                                       DHCP_PROVISIONING_160};

static unsigned provisioned(const struct lab *lab)
{
    unsigned n = 0;
    for (size_t i = 0; i < sizeof provisioning; i++)
        n += lab->read.option[provisioning[i]].len > 0;
    return n;
}

static void a_life(void **state)
{
    struct lab *lab = lab_ready();
    (void)state;
    ip4 address = lease_to(lab, phone_mac);
    assert_true(address >= POOL && address <= POOL + 7);
    assert_int_equal(provisioned(lab), 4);
    assert_int_equal(lab->read.siaddr, BOX);
    assert_int_equal(dhcp_option_u32(&lab->read, DHCP_LEASE_TIME), 3600);
    assert_int_equal(dhcp_option_u32(&lab->read, DHCP_RENEWAL_TIME), 1800);
    assert_int_equal(lab->record.state, DHCP_RECORD_BOUND);
    assert_int_equal(lab->told[DHCP_EVENT_BOUND], 1);
    assert_non_null(dhcp_server_lease_at(&lab->server, address));
    let_pass(lab, 1000000);
    struct packet renew = message(DHCP_REQUEST, phone_mac);
    set_address(&renew, DHCP_AT_CIADDR, address);
    assert_int_equal(give(lab, renew, address, BOX), DHCP_REPLY);
    assert_int_equal(lab->read.type, DHCP_ACK);
    assert_int_equal(lab->reply.dst, address);
    assert_int_equal(lab->told[DHCP_EVENT_RENEWED], 1);
    let_pass(lab, 3700000);
    assert_int_equal(lab->told[DHCP_EVENT_EXPIRED], 1);
    assert_int_equal(lab->record.state, DHCP_RECORD_EXPIRED);
    assert_null(dhcp_server_lease_at(&lab->server, address));
    assert_int_equal(lease_to(lab, phone_mac), address); /* remembered */
    struct packet release = message(DHCP_RELEASE, phone_mac);
    set_address(&release, DHCP_AT_CIADDR, address);
    assert_int_equal(give(lab, release, address, BOX), DHCP_SILENT);
    assert_int_equal(lab->record.state, DHCP_RECORD_RELEASED);
    assert_true(dhcp_server_forget(&lab->server, phone_mac, lab->now));
    assert_false(dhcp_server_forget(&lab->server, phone_mac, lab->now));
    assert_int_equal(lab->record.state, DHCP_RECORD_FORGOTTEN);
    lab_close(lab);
}

static struct packet claiming(ip4 address)
{
    struct packet p = message(DHCP_REQUEST, phone_mac);
    put_address(&p, DHCP_REQUESTED_ADDRESS, address);
    return p;
}

static void claims(void **state)
{
    struct lab *lab = lab_ready();
    (void)state;
    assert_int_equal(ask(lab, claiming(0x0a000001)), DHCP_NAK); /* of another network */
    assert_int_equal(provisioned(lab), 0);
    assert_int_equal(lab->read.siaddr, 0);
    assert_int_equal(ask(lab, claiming(POOL + 5)), DHCP_ACK); /* forgotten, but free: INIT-REBOOT */
    assert_int_equal(ask(lab, claiming(POOL + 6)), DHCP_NAK); /* known now, by another address */
    assert_int_equal(ask(lab, claiming(POOL + 5)), DHCP_ACK);
    struct packet nothing = message(DHCP_REQUEST, phone_mac);
    assert_int_equal(give(lab, nothing, 0, EVERYBODY), DHCP_E_MESSAGE);
    /* Beside another server only who is ours is answered. */
    struct packet offer = message(DHCP_OFFER, phone_mac);
    offer.data[DHCP_AT_OP] = DHCP_BOOTREPLY;
    struct dhcp_rx rx = {.data = offer.data, .len = offer.len, .src = OTHER, .dst = EVERYBODY};
    dhcp_server_overheard(&lab->server, &rx, lab->now);
    assert_int_equal(dhcp_server_other(&lab->server), OTHER);
    assert_int_equal(ask(lab, claiming(0x0a000001)), 0);
    lab->config.authoritative = DHCP_AUTHORITATIVE_YES;
    dhcp_server_configure(&lab->server, &lab->config, lab->now);
    assert_int_equal(ask(lab, claiming(0x0a000001)), DHCP_NAK);
    lab->config.authoritative = DHCP_AUTHORITATIVE_NO;
    dhcp_server_configure(&lab->server, &lab->config, lab->now);
    assert_int_equal(ask(lab, claiming(0x0a000001)), 0);
    lab_close(lab);
}

static void choosing(void **state)
{
    struct lab *lab = lab_ready();
    (void)state;
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, phone_mac)), DHCP_OFFER);
    ip4 offered = lab->read.yiaddr;
    struct packet other = message(DHCP_REQUEST, phone_mac);
    put_address(&other, DHCP_REQUESTED_ADDRESS, OTHER + 1);
    put_address(&other, DHCP_SERVER_ID, OTHER);
    assert_int_equal(ask(lab, other), 0); /* it chose another: the offer is taken back */
    assert_null(dhcp_server_lease_of(&lab->server, phone_mac));
    assert_int_equal(ask(lab, selecting(phone_mac, offered)), DHCP_ACK); /* and after all */
    assert_int_equal(ask(lab, selecting(phone_mac, offered + 1)), DHCP_NAK);
    /* An offer that nobody takes up goes back to the stock. */
    struct mac second = {{2, 0, 0, 0, 1, 2}};
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, second)), DHCP_OFFER);
    let_pass(lab, 20000);
    assert_null(dhcp_server_lease_of(&lab->server, second));
    struct mac refused = {{0xee, 0, 0, 0, 0, 1}};
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, refused)), 0);
    assert_int_equal(lab->told[DHCP_EVENT_NOT_ACCEPTED], 1);
    lab_close(lab);
}

static void declines(void **state)
{
    struct lab *lab = lab_ready();
    (void)state;
    ip4 address = lease_to(lab, phone_mac);
    struct packet decline = message(DHCP_DECLINE, fixed_mac);
    put_address(&decline, DHCP_REQUESTED_ADDRESS, address);
    assert_int_equal(give(lab, decline, 0, EVERYBODY), DHCP_SILENT);
    assert_int_equal(lab->told[DHCP_EVENT_DECLINED], 0); /* not its own */
    memcpy(decline.data + DHCP_AT_CHADDR, phone_mac.b, 6);
    struct packet elsewhere = decline;
    put_address(&elsewhere, DHCP_SERVER_ID, OTHER);
    give(lab, elsewhere, 0, EVERYBODY);
    assert_int_equal(lab->told[DHCP_EVENT_DECLINED], 0); /* another server's */
    give(lab, decline, 0, EVERYBODY);
    assert_int_equal(lab->told[DHCP_EVENT_DECLINED], 1);
    assert_int_equal(lab->record.state, DHCP_RECORD_DECLINED);
    struct dhcp_stats stats;
    dhcp_server_stats(&lab->server, &stats);
    assert_int_equal(stats.resting, 1);
    assert_int_not_equal(lease_to(lab, phone_mac), address);
    let_pass(lab, 700000); /* ten minutes' rest, and then probed again */
    dhcp_server_stats(&lab->server, &stats);
    assert_int_equal(stats.resting, 0);
    assert_int_equal(give(lab, message(DHCP_RELEASE, phone_mac), 0, BOX), DHCP_E_MESSAGE);
    lab_close(lab);
}

static void informs(void **state)
{
    struct lab *lab = lab_ready();
    struct packet inform = message(DHCP_INFORM, phone_mac);
    (void)state;
    assert_int_equal(give(lab, inform, 0, EVERYBODY), DHCP_E_MESSAGE);
    assert_int_equal(give(lab, inform, BOX + 100, BOX), DHCP_REPLY);
    assert_int_equal(lab->read.type, DHCP_ACK);
    assert_int_equal(lab->read.yiaddr, 0);
    assert_int_equal(lab->read.option[DHCP_LEASE_TIME].len, 0);
    assert_int_equal(provisioned(lab), 4);
    set_address(&inform, DHCP_AT_CIADDR, 0x0a000001);
    assert_int_equal(give(lab, inform, 0x0a000001, BOX), DHCP_SILENT); /* not to be used against others */
    lab_close(lab);
}

static void by_relay(void **state)
{
    static const uint8_t port[] = {1, 2, 'p', '1'}, link[] = {5, 4, 192, 168, 10, 0, 11, 4, 192, 168, 10, 99};
    struct lab *lab = lab_ready();
    struct packet p = message(DHCP_DISCOVER, phone_mac);
    (void)state;
    set_address(&p, DHCP_AT_GIADDR, OTHER);
    put_bytes(&p, DHCP_RELAY_INFO, port, sizeof port);
    assert_int_equal(give(lab, p, OTHER, BOX), DHCP_REPLY);
    assert_int_equal(lab->reply.dst, OTHER);
    assert_int_equal(lab->reply.port, DHCP_SERVER_PORT);
    assert_int_equal(lab->read.option[DHCP_RELAY_INFO].len, sizeof port);
    p = message(DHCP_DISCOVER, phone_mac);
    set_address(&p, DHCP_AT_GIADDR, 0x0a000001);
    assert_int_equal(give(lab, p, 0x0a000001, BOX), DHCP_SILENT); /* of a network without a pool */
    assert_int_equal(lab->told[DHCP_EVENT_WRONG_LINK], 1);
    put_bytes(&p, DHCP_RELAY_INFO, link,
              sizeof link); /* but the client is on ours; and the relay is to be the server */
    assert_int_equal(give(lab, p, 0x0a000001, BOX), DHCP_REPLY);
    assert_int_equal(dhcp_option_u32(&lab->read, DHCP_SERVER_ID), OTHER);
    lab_close(lab);
}

static void lists_and_sizes(void **state)
{
    static const uint8_t list[] = {DHCP_DNS_SERVER, DHCP_HOST_NAME, DHCP_NTP_SERVER, DHCP_SUBNET_MASK};
    struct lab *lab = lab_ready();
    struct packet p = message(DHCP_DISCOVER, phone_mac);
    (void)state;
    put_bytes(&p, DHCP_PARAMETER_LIST, list, sizeof list);
    put_bytes(&p, DHCP_HOST_NAME, "SIP58BFEA", 9);
    put_bytes(&p, DHCP_CLIENT_ID, "\1abcdef", 7);
    put_bytes(&p, DHCP_VENDOR_CLASS, "LINKSYS", 7);
    put_address(&p, DHCP_LEASE_TIME, 1); /* a second: no */
    assert_int_equal(ask(lab, p), DHCP_OFFER);
    assert_int_equal(lab->read.option[DHCP_HOST_NAME].len, 9); /* its own name comes back */
    assert_int_equal(lab->read.option[DHCP_CLIENT_ID].len, 7);
    assert_int_equal(dhcp_option_u32(&lab->read, DHCP_NTP_SERVER), BOX);
    assert_int_equal(dhcp_option_u32(&lab->read, DHCP_LEASE_TIME), DHCP_LEASE_MIN_S);
    assert_int_equal(provisioned(lab), 4); /* not asked for */
    assert_true(lab->reply.to_mac);
    struct packet loud = message(DHCP_DISCOVER, phone_mac);
    loud.data[DHCP_AT_FLAGS] = 0x80;
    assert_int_equal(ask(lab, loud), DHCP_OFFER);
    assert_false(lab->reply.to_mac);
    assert_int_equal(lab->reply.dst, EVERYBODY);
    lab_close(lab);
}

static void fixed_and_full(void **state)
{
    struct lab *lab = lab_ready();
    (void)state;
    assert_int_equal(lease_to(lab, fixed_mac), POOL + 50);
    for (uint8_t i = 0; i < 8; i++)
        lease_to(lab, (struct mac){{2, 0, 0, 0, 2, i}});
    struct mac late = {{2, 0, 0, 0, 3, 1}};
    assert_int_equal(give(lab, message(DHCP_DISCOVER, late), 0, EVERYBODY), DHCP_E_POOL);
    assert_int_equal(lab->told[DHCP_EVENT_POOL_EMPTY], 1);
    assert_int_equal(ask(lab, selecting(late, POOL)), DHCP_NAK);
    unsigned known = 0, kept = 0;
    struct dhcp_lease_record record;
    for (const struct dhcp_lease *l = NULL; (l = dhcp_server_next(&lab->server, l)) != NULL; known++)
        kept += dhcp_lease_record(l, lab->now, &record);
    assert_int_equal(known, 9);
    assert_int_equal(kept, 9);
    lab_close(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life),          cmocka_unit_test(claims),         cmocka_unit_test(choosing),
        cmocka_unit_test(declines),        cmocka_unit_test(informs),        cmocka_unit_test(by_relay),
        cmocka_unit_test(lists_and_sizes), cmocka_unit_test(fixed_and_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
