/* DHCP messages as bytes: what is read, what is refused, and why. RFC 2131, 2132, 3396, 3046. */
#include "test/unit/net/dhcp_lab.h"

static enum dhcp_result read_it(struct packet p, struct dhcp_message *out)
{
    p.data[p.len++] = DHCP_END;
    return dhcp_parse(p.data, p.len, out);
}

static void broken_ones_say_why(void **state)
{
    struct dhcp_message m;
    struct packet good = message(DHCP_DISCOVER, phone_mac), p = good;
    (void)state;
    assert_int_equal(read_it(good, &m), DHCP_SILENT);
    assert_int_equal(dhcp_parse(good.data, DHCP_AT_COOKIE - 1, &m), DHCP_E_SHORT);
    assert_int_equal(dhcp_parse(good.data, DHCP_AT_COOKIE + 2, &m), DHCP_E_COOKIE);
    p.data[DHCP_AT_COOKIE] ^= 1;
    assert_int_equal(read_it(p, &m), DHCP_E_COOKIE);
    assert_int_equal(dhcp_parse(good.data, DHCP_AT_OPTIONS, &m), DHCP_E_COOKIE); /* no message type */
    assert_int_equal(dhcp_parse(good.data, good.len - 1, &m), DHCP_E_OPTION);    /* cut in its value */
    p = good;
    p.data[DHCP_AT_HTYPE] = 6;
    assert_int_equal(read_it(p, &m), DHCP_E_CLIENT);
    p = good;
    memset(p.data + DHCP_AT_CHADDR, 0, 6);
    assert_int_equal(read_it(p, &m), DHCP_E_CLIENT);
    p.data[DHCP_AT_CHADDR] = 1; /* a group address */
    assert_int_equal(read_it(p, &m), DHCP_E_CLIENT);
    for (int r = DHCP_E_POOL; r <= DHCP_REPLY; r++)
        for (int other = DHCP_E_POOL; other < r; other++)
            assert_string_not_equal(dhcp_result_text((enum dhcp_result)r),
                                    dhcp_result_text((enum dhcp_result)other));
}

static void pieces_are_joined(void **state)
{
    struct dhcp_message m;
    struct packet p = message(DHCP_DISCOVER, phone_mac);
    uint8_t both = 3;
    (void)state;
    put_bytes(&p, DHCP_OVERLOAD, &both, 1);
    put_bytes(&p, DHCP_VENDOR_CLASS, "LINK", 4);
    memcpy(p.data + DHCP_AT_FILE, "\x3c\x04SYS \x42\x01x\xff", 10);
    memcpy(p.data + DHCP_AT_SNAME, "\0\x3c\x03SPA\xff", 7);
    assert_int_equal(read_it(p, &m), DHCP_SILENT);
    assert_int_equal(m.option[DHCP_VENDOR_CLASS].len, 11);
    assert_memory_equal(m.option[DHCP_VENDOR_CLASS].data, "LINKSYS SPA", 11);
    assert_int_equal(m.option[DHCP_TFTP_SERVER_NAME].len, 1);
    memcpy(p.data + DHCP_AT_FILE, "\x3c\xf0", 2); /* runs past the field */
    assert_int_equal(read_it(p, &m), DHCP_E_OPTION);
}

static void more_than_fits_is_refused(void **state)
{
    static const uint8_t many[255] = {7};
    struct dhcp_message *m = malloc(sizeof *m);
    uint8_t *packet = calloc(1, DHCP_AT_OPTIONS + 3 + 8 * 257);
    struct packet p = message(DHCP_DISCOVER, phone_mac);
    size_t len = p.len;
    (void)state;
    memcpy(packet, p.data, len);
    for (unsigned i = 0; i < 8; i++) {
        packet[len++] = 224;
        packet[len++] = 255;
        memcpy(packet + len, many, 255);
        len += 255;
    }
    assert_true(8 * 255 > DHCP_MESSAGE_MAX);
    assert_int_equal(dhcp_parse(packet, len, m), DHCP_E_OPTION);
    free(packet);
    free(m);
}

static void numbers_and_suboptions(void **state)
{
    static const uint8_t info[] = {0, 1, 'z', 5, 4, 10, 1, 1, 0, 9, 40, 'x'}; /* the last one is cut */
    struct dhcp_message m;
    struct packet p = message(DHCP_DISCOVER, phone_mac);
    (void)state;
    put_bytes(&p, DHCP_RELAY_INFO, info, sizeof info);
    put_bytes(&p, DHCP_MAX_SIZE, "\x02", 1); /* too short to count */
    assert_int_equal(read_it(p, &m), DHCP_SILENT);
    assert_int_equal(dhcp_relay_suboption(&m, 0).len, 1);
    assert_int_equal(dhcp_relay_suboption(&m, DHCP_RELAY_LINK_SELECTION).len, 4);
    assert_int_equal(dhcp_relay_suboption(&m, 9).len, 0);
    assert_int_equal(dhcp_relay_suboption(&m, 11).len, 0);
    assert_int_equal(dhcp_option_u16(&m, DHCP_MAX_SIZE), 0);
    assert_int_equal(dhcp_option_u32(&m, DHCP_REQUESTED_ADDRESS), 0);
    assert_int_equal(dhcp_reply_limit(&m), 576 - 28);
    p = message(DHCP_DISCOVER, phone_mac);
    put_bytes(&p, DHCP_MAX_SIZE, "\xff\xff", 2);
    assert_int_equal(read_it(p, &m), DHCP_SILENT);
    assert_int_equal(dhcp_reply_limit(&m), DHCP_MESSAGE_MAX);
}

static void long_options_are_split(void **state)
{
    static uint8_t value[300];
    uint8_t buf[600];
    struct dhcp_writer w = {.buf = buf, .cap = sizeof buf};
    struct dhcp_header header = {.op = DHCP_BOOTREPLY, .chaddr = value, .file = {value, 127}};
    struct dhcp_message m;
    uint8_t chaddr[16] = {2, 0, 0, 0, 0, 1};
    (void)state;
    memset(value, 'v', sizeof value);
    header.chaddr = chaddr;
    dhcp_write_header(&w, &header);
    assert_int_equal(buf[DHCP_AT_FILE + 126], 'v');
    assert_int_equal(buf[DHCP_AT_FILE + 127], 0); /* a text ends */
    assert_int_equal(dhcp_option_size(300), 304);
    assert_int_equal(dhcp_option_size(0), 2);
    assert_true(dhcp_put_u8(&w, DHCP_MESSAGE_TYPE, DHCP_ACK));
    assert_true(dhcp_put(&w, 224, value, sizeof value));
    assert_false(dhcp_put(&w, 225, value, sizeof value)); /* does not fit: nothing of it is written */
    assert_true(dhcp_put_u32(&w, DHCP_LEASE_TIME, 60));
    size_t len = dhcp_write_end(&w);
    assert_int_equal(dhcp_parse(buf, len, &m), DHCP_SILENT);
    assert_int_equal(m.option[224].len, 300);
    assert_int_equal(m.option[225].len, 0);
    assert_int_equal(dhcp_option_u32(&m, DHCP_LEASE_TIME), 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_ones_say_why),       cmocka_unit_test(pieces_are_joined),
        cmocka_unit_test(more_than_fits_is_refused), cmocka_unit_test(numbers_and_suboptions),
        cmocka_unit_test(long_options_are_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
