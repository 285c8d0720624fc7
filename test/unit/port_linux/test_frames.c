/* test_frames.c - Ethernet frames through a real cable. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#define ARP 0x0806
#define CDP 0x0004

struct caught {
    int count;
    size_t len;
    uint8_t frame[1600];
    bool close;
    struct port_frames *frames;
};

static void caught_one(void *ctx, const uint8_t *frame, size_t len)
{
    struct caught *caught = ctx;
    caught->count++;
    caught->len = len;
    memcpy(caught->frame, frame, len);
    if (caught->close)
        port_frames_close(caught->frames);
}

static bool has_caught(void *ctx)
{
    return ((struct caught *)ctx)->count > 0;
}

static struct port_frames *opened(struct port *port, uint16_t ethertype, struct caught *caught)
{
    if (port_frames_open(port, ethertype, caught_one, caught, &caught->frames) != 0)
        fail_msg("%s", port_error_sentence(port));
    return caught->frames;
}

/* A frame of 60 bytes: to everybody, from the phone, then two bytes of type or length. */
static void make(uint8_t frame[60], unsigned type, uint8_t fill)
{
    static const uint8_t addresses[12] = {255, 255, 255, 255, 255, 255, 0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6};
    memset(frame, fill, 60);
    memcpy(frame, addresses, 12);
    frame[12] = (uint8_t)(type >> 8);
    frame[13] = (uint8_t)type;
}

static void phone_sends(int fd, unsigned type, uint8_t fill)
{
    uint8_t frame[60];
    make(frame, type, fill);
    assert_int_equal(send(fd, frame, sizeof frame, 0), sizeof frame);
}

static void test_only_that_type(void **state)
{
    (void)state;
    struct caught caught = {0};
    struct port *port = bench_joined();
    opened(port, ARP, &caught);
    int phone = bench_phone_frames(ETHERTYPE_ARP);
    phone_sends(phone, ETHERTYPE_IP, 1);
    phone_sends(phone, 0x88cc, 2);
    phone_sends(phone, ARP, 3);
    assert_true(bench_run(port, has_caught, &caught));
    bench_idle(port);
    assert_int_equal(caught.count, 1);
    assert_int_equal(caught.len, 60);
    assert_int_equal(caught.frame[0], 0xff);
    assert_int_equal(caught.frame[11], 0xe6);
    assert_int_equal(caught.frame[14], 3);
    close(phone);
    port_linux_close(port);
}

static void test_lengths_are_802_2(void **state)
{
    (void)state;
    struct caught caught = {0};
    struct port *port = bench_joined();
    opened(port, CDP, &caught);
    int phone = bench_phone_frames(ETHERTYPE_ARP);
    phone_sends(phone, 46, 0xaa);
    assert_true(bench_run(port, has_caught, &caught));
    assert_int_equal(caught.frame[13], 46);
    close(phone);
    port_linux_close(port);
}

/* A trunk carries other VLANs too; what happens there is none of ours. */
static void test_tags_of_other_networks_are_left_out(void **state)
{
    (void)state;
    struct caught caught = {0};
    uint8_t tagged[64];
    struct port *port = bench_joined();
    opened(port, ARP, &caught);
    int phone = bench_phone_frames(ETHERTYPE_ARP);
    make(tagged, ETHERTYPE_VLAN, 7);
    memcpy(tagged + 14, "\x00\x0a\x08\x06", 4); /* VLAN 10, then ARP */
    assert_int_equal(send(phone, tagged, sizeof tagged, 0), sizeof tagged);
    phone_sends(phone, ARP, 9);
    assert_true(bench_run(port, has_caught, &caught));
    bench_idle(port);
    assert_int_equal(caught.count, 1);
    assert_int_equal(caught.frame[14], 9);
    close(phone);
    port_linux_close(port);
}

/* Who asks for tags gets them, with the frame as it was on the wire, and nothing else. */
static void test_tagged_frames(void **state)
{
    (void)state;
    struct caught caught = {0};
    uint8_t tagged[64];
    struct port *port = bench_joined();
    opened(port, ETHERTYPE_VLAN, &caught);
    int phone = bench_phone_frames(ETHERTYPE_ARP);
    phone_sends(phone, ARP, 9);
    make(tagged, ETHERTYPE_VLAN, 7);
    memcpy(tagged + 14, "\x00\x64\x08\x06", 4); /* VLAN 100, then ARP */
    assert_int_equal(send(phone, tagged, 60, 0), 60);
    assert_true(bench_run(port, has_caught, &caught));
    phone_sends(phone, ARP, 9);
    bench_idle(port);
    assert_int_equal(caught.count, 1);
    assert_int_equal(caught.len, 60);
    assert_memory_equal(caught.frame, tagged, 60);
    close(phone);
    port_linux_close(port);
}

static void test_frames_to_others_are_left_out(void **state)
{
    (void)state;
    struct caught caught = {0};
    uint8_t other[60];
    struct port *port = bench_joined();
    bench_sh("ip link set box0 promisc on");
    opened(port, ARP, &caught);
    int phone = bench_phone_frames(ETHERTYPE_ARP);
    make(other, ARP, 1);
    memcpy(other, "\x02\x00\x00\x00\x00\x99", 6);
    assert_int_equal(send(phone, other, sizeof other, 0), sizeof other);
    phone_sends(phone, ARP, 2);
    assert_true(bench_run(port, has_caught, &caught));
    bench_idle(port);
    assert_int_equal(caught.count, 1);
    assert_int_equal(caught.frame[14], 2);
    bench_sh("ip link set box0 promisc off");
    close(phone);
    port_linux_close(port);
}

static bool phone_got(void *ctx)
{
    uint8_t frame[1600];
    int *fd = ctx;
    ssize_t len = recv(*fd, frame, sizeof frame, 0);
    return len == 60 && frame[14] == 5;
}

static void test_sending(void **state)
{
    (void)state;
    struct caught caught = {0};
    uint8_t frame[60];
    struct port *port = bench_joined();
    struct port_frames *frames = opened(port, ARP, &caught);
    int phone = bench_phone_frames(ETHERTYPE_ARP);
    make(frame, ARP, 5);
    memcpy(frame + 6, port->interface.mac.b, 6);
    port_frames_send(frames, frame, sizeof frame);
    assert_true(bench_run(port, phone_got, &phone));
    bench_idle(port);
    assert_int_equal(caught.count, 0); /* our own */
    close(phone);
    port_linux_close(port);
}

static void test_closed_in_its_callback(void **state)
{
    (void)state;
    struct caught caught = {.close = true};
    struct port *port = bench_joined();
    opened(port, ARP, &caught);
    int phone = bench_phone_frames(ETHERTYPE_ARP);
    for (uint8_t i = 0; i < 10; i++)
        phone_sends(phone, ARP, i);
    assert_true(bench_run(port, has_caught, &caught));
    bench_idle(port);
    assert_int_equal(caught.count, 1);
    close(phone);
    port_linux_close(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_that_type),
        cmocka_unit_test(test_lengths_are_802_2),
        cmocka_unit_test(test_tags_of_other_networks_are_left_out),
        cmocka_unit_test(test_tagged_frames),
        cmocka_unit_test(test_frames_to_others_are_left_out),
        cmocka_unit_test(test_sending),
        cmocka_unit_test(test_closed_in_its_callback),
    };
    return cmocka_run_group_tests(tests, bench_make, bench_remove);
}
