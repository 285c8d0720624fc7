/* The name on the bench: announced, answered, taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/services/mdns.h"
#include "net/dns/mdns.h"
#include "test/unit/fake_port/fake_port.h"

#define QUERY "\0\0\0\0\0\1\0\0\0\0\0\0\x09stagebox\x37\x05local\0\0\1\0\1"

static struct settings settings;

static void begin(struct port **port, struct timers *timers)
{
    *port = fake_port_new();
    timers_init(timers);
    settings_defaults(&settings);
    strcpy(settings.box.name, "stagebox7");
    settings.box.address = UINT32_C(0xc0a80a0a);
    settings.box.prefix = 24;
    assert_int_equal(port_interface_open(*port, "eth0", settings.box.address, 24), 0);
}

/* What was sent: to the group, or to whom. */
static void assert_sent(struct port *port, ip4 to, uint16_t number, uint32_t ttl)
{
    struct fake_datagram d;
    assert_true(fake_udp_take(port, &d));
    assert_int_equal(d.dst, to);
    assert_int_equal(d.dst_port, number);
    assert_int_equal(d.data[12], 9); /* no question in front of the name */
    assert_int_equal((uint32_t)d.data[35] << 8 | d.data[36], ttl);
}

static void asks(struct port *port, ip4 from)
{
    struct fake_datagram in = {.src = from, .dst = MDNS_GROUP, .src_port = MDNS_PORT, .dst_port = MDNS_PORT};
    assert_true(fake_udp_in(port, &in, QUERY, sizeof QUERY - 1));
    fake_turn(port);
}

static void its_life(void **state)
{
    struct port *port;
    struct timers timers;
    (void)state;
    begin(&port, &timers);
    struct mdns_service *m = mdns_service_open(port, &timers, &settings);
    assert_non_null(m);
    assert_sent(port, MDNS_GROUP, MDNS_PORT, 120);
    fake_set_now(port, fake_now(port) + 1000);
    timers_run(&timers, fake_now(port));
    assert_sent(port, MDNS_GROUP, MDNS_PORT, 120);
    asks(port, UINT32_C(0xc0a80a02));
    assert_sent(port, MDNS_GROUP, MDNS_PORT, 120);
    asks(port, UINT32_C(0x0a000001)); /* of another network */
    assert_int_equal(fake_udp_pending(port), 0);
    mdns_service_reloaded(m);
    assert_int_equal(fake_udp_pending(port), 0);
    strcpy(settings.box.name, "stagebox8");
    mdns_service_reloaded(m);
    assert_sent(port, MDNS_GROUP, MDNS_PORT, 0);
    assert_sent(port, MDNS_GROUP, MDNS_PORT, 120);
    mdns_service_close(m);
    assert_sent(port, MDNS_GROUP, MDNS_PORT, 0);
    assert_int_equal(fake_udp_pending(port), 0);
    fake_port_free(port);
}

static void another_one_does_it(void **state)
{
    struct port *port;
    struct timers timers;
    (void)state;
    begin(&port, &timers);
    fake_fail(port, FAKE_UDP_OPEN, 0, 1, PORT_E_BUSY, "UDP port 5353 is held by avahi-daemon");
    assert_null(mdns_service_open(port, &timers, &settings));
    assert_non_null(fake_log_find(port, 0, "avahi-daemon"));
    fake_port_free(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(its_life), cmocka_unit_test(another_one_does_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
