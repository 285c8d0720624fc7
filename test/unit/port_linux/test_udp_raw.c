/* test_udp_raw.c - IPv4 and UDP headers by hand. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include "ports/linux/udp.h"

/* An OFFER's beginning: 192.168.10.22:67 -> 255.255.255.255:68, four bytes. */
static const uint8_t packet[] = {
    0x45, 0x00, 0x00, 0x20, /* version and header length, TOS, total length 32 */
    0x12, 0x34, 0x40, 0x00, /* identification, don't fragment */
    0x40, 0x11, 0x00, 0x00, /* TTL, UDP, checksum (the kernel's business) */
    192,  168,  10,   22,   /* source */
    255,  255,  255,  255,  /* destination */
    0x00, 67,   0x00, 68,   /* ports */
    0x00, 0x0c, 0x00, 0x00, /* length 12, no checksum */
    2,    1,    6,    0,    /* data */
};

static bool parse(const uint8_t *bytes, size_t len, struct port_udp_in *in)
{
    uint8_t *exact = malloc(len > 0 ? len : 1); /* so that ASan sees a read past the end */
    memcpy(exact, bytes, len);
    bool fine = udp_raw_parse(exact, len, 68, in);
    if (fine)
        assert_in_range((uintptr_t)in->data, (uintptr_t)exact, (uintptr_t)exact + len - in->len);
    free(exact);
    return fine;
}

static void test_whole(void **state)
{
    struct port_udp_in in;
    (void)state;
    assert_true(udp_raw_parse(packet, sizeof packet, 68, &in));
    assert_int_equal(in.src, 0xc0a80a16);
    assert_int_equal(in.dst, 0xffffffff);
    assert_int_equal(in.src_port, 67);
    assert_int_equal(in.len, 4);
    assert_ptr_equal(in.data, packet + 28);
    assert_false(udp_raw_parse(packet, sizeof packet, 67, &in));
}

static void test_cut_everywhere(void **state)
{
    struct port_udp_in in;
    (void)state;
    for (size_t len = 0; len < sizeof packet; len++)
        assert_false(parse(packet, len, &in));
}

static const struct {
    const char *why;
    size_t at;
    uint8_t value;
    bool fine;
    size_t len;
} changes[] = {
    {"IPv6", 0, 0x65, false, 0},
    {"a header shorter than a header", 0, 0x44, false, 0},
    {"options that leave no room for UDP", 0, 0x47, false, 0},
    {"a total length beyond the packet", 3, 0x21, false, 0},
    {"a total length that cuts the data", 3, 0x1f, false, 0},
    {"a total length without UDP's header", 3, 0x1b, false, 0},
    {"more fragments follow", 6, 0x20, false, 0},
    {"a later fragment", 7, 0x01, false, 0},
    {"may be fragmented", 6, 0x00, true, 4},
    {"TCP", 9, 6, false, 0},
    {"another port", 23, 69, false, 0},
    {"UDP shorter than its header", 25, 7, false, 0},
    {"UDP of nothing", 25, 8, true, 0},
    {"UDP shorter than IP: padding", 25, 11, true, 3},
    {"UDP longer than IP", 25, 13, false, 0},
};

static void test_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t bytes[sizeof packet];
        struct port_udp_in in;
        print_message("%s\n", changes[i].why);
        memcpy(bytes, packet, sizeof bytes);
        bytes[changes[i].at] = changes[i].value;
        assert_int_equal(parse(bytes, sizeof bytes, &in), changes[i].fine);
        if (changes[i].fine)
            assert_int_equal(in.len, changes[i].len);
    }
}

static void test_options_are_skipped(void **state)
{
    uint8_t bytes[sizeof packet + 4];
    struct port_udp_in in;
    (void)state;
    memcpy(bytes, packet, 20);
    memset(bytes + 20, 1, 4); /* NOP */
    memcpy(bytes + 24, packet + 20, 12);
    bytes[0] = 0x46;
    bytes[3] = 36;
    assert_true(udp_raw_parse(bytes, sizeof bytes, 68, &in));
    assert_int_equal(in.src_port, 67);
    assert_memory_equal(in.data, packet + 28, 4);
}

static uint16_t sum(const uint8_t *bytes, size_t len, uint32_t total)
{
    for (size_t i = 0; i < len; i++)
        total += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)total;
}

/* A checksum is right when the sum over everything, itself included, is all ones (RFC 1071). */
static void test_header(void **state)
{
    uint8_t whole[UDP_HEADERS + 8] = {0};
    (void)state;
    for (size_t cut = 0; cut <= 7; cut++) {
        struct port_udp_out out = {.dst = 0xc0a80a99,
                                   .dst_port = 68,
                                   .head = "abcdefg",
                                   .head_len = cut,
                                   .body = &"abcdefg"[cut],
                                   .body_len = 7 - cut};
        udp_raw_header(whole, BOX, 67, 0x1234, &out);
        memcpy(whole + UDP_HEADERS, "abcdefg", 7);
        assert_int_equal(sum(whole, 20, 0), 0xffff);
        assert_int_equal(sum(whole + 12, sizeof whole - 12, 17 + 15), 0xffff);
        struct port_udp_in in;
        assert_true(udp_raw_parse(whole, UDP_HEADERS + 7, 68, &in));
        assert_int_equal(in.src, BOX);
        assert_int_equal(in.dst, 0xc0a80a99);
        assert_int_equal(in.len, 7);
    }
}

/* A sum of zero is written as all ones: zero would say that there is none. */
static void test_header_whose_checksum_is_zero(void **state)
{
    uint8_t header[UDP_HEADERS], data[2];
    struct port_udp_out out = {.dst = 1, .dst_port = 2, .head = data, .head_len = 2};
    (void)state;
    for (unsigned value = 0; value < 65536; value++) {
        data[0] = (uint8_t)(value >> 8);
        data[1] = (uint8_t)value;
        udp_raw_header(header, BOX, 67, 1, &out);
        assert_true(header[26] != 0 || header[27] != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),   cmocka_unit_test(test_cut_everywhere),
        cmocka_unit_test(test_changed), cmocka_unit_test(test_options_are_skipped),
        cmocka_unit_test(test_header),  cmocka_unit_test(test_header_whose_checksum_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
