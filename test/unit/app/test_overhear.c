/* Phones that ask the box for nothing: what their frames tell. Each makes a row with a sentence. */
#include "test/unit/app/https_house.h"

#include "app/services/overhear.h"
#include "net/arp/arp.h"

struct bench {
    struct house *house;
    struct overhear_service *service;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->house = house_open("");
    b->service = overhear_service_open(b->house->port, b->house->staging);
    *state = b;
    return b->service ? 0 : -1;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    overhear_service_close(b->service);
    house_close(b->house);
    free(b);
    return 0;
}

static void hears(struct bench *b, const void *frame, size_t len)
{
    assert_true(fake_frame_in(b->house->port, frame, len));
    fake_settle(b->house->port);
}

static void tagged_frame(struct bench *b, struct mac from, unsigned vlan)
{
    uint8_t frame[60] = {255, 255, 255, 255, 255, 255};
    memcpy(frame + 6, from.b, 6);
    memcpy(frame + 12, (uint8_t[]){0x81, 0, (uint8_t)(vlan >> 8), (uint8_t)vlan, 0x08, 0x00}, 6);
    hears(b, frame, sizeof frame);
}

static void arp_frame(struct bench *b, struct mac from, ip4 address)
{
    static const struct mac all = {{255, 255, 255, 255, 255, 255}};
    uint8_t frame[ARP_FRAME_LEN];
    struct arp_packet packet = {
        .operation = ARP_REQUEST, .sender = from, .sender_ip = address, .target_ip = address + 1};
    arp_build(frame, all, &packet);
    hears(b, frame, sizeof frame);
}

static void lldp_frame(struct bench *b, struct mac from, const char *model, const char *version)
{
    uint8_t frame[200] = {0x01, 0x80, 0xc2, 0, 0, 0x0e};
    size_t len = 14;
    const char *texts[] = {version, model};
    memcpy(frame + 6, from.b, 6);
    frame[12] = 0x88;
    frame[13] = 0xcc;
    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(texts[i]);
        memcpy(frame + len, (uint8_t[]){127 << 1, (uint8_t)(size + 4), 0x00, 0x12, 0xbb, i == 0 ? 7 : 10}, 6);
        memcpy(frame + len + 6, texts[i], size);
        len += 6 + size;
    }
    hears(b, frame, len + 2);
}

static const struct mac stranger = {{0x00, 0x11, 0x22, 0x33, 0x44, 0x55}};

/* A phone without an address, and what its row says. */
static void assert_row(struct bench *b, const char *part)
{
    struct phone *phone = house_phone(b->house);
    assert_non_null(phone);
    assert_int_equal(phone->address, 0);
    assert_non_null(strstr(phone->note, part));
}

static void a_voice_vlan_of_the_old_site(void **state)
{
    struct bench *b = *state;
    tagged_frame(b, stranger, 100);
    tagged_frame(b, house_mac, 0); /* a priority only */
    assert_int_equal(staging_registry(b->house->staging)->count, 0);
    tagged_frame(b, house_mac, 100);
    assert_row(b, "keeps voice VLAN 100 of its old site: ");
    assert_non_null(strstr(house_phone(b->house)->note, model_reset_sentence("")));
    tagged_frame(b, house_mac, 101);
    assert_row(b, "voice VLAN 101");
}

static void a_fixed_address_of_the_old_site(void **state)
{
    struct bench *b = *state;
    arp_frame(b, stranger, UINT32_C(0x0a010132));
    arp_frame(b, house_mac, 0);                    /* a probe */
    arp_frame(b, house_mac, UINT32_C(0xc0a80a63)); /* of this network */
    arp_frame(b, house_mac, UINT32_C(0xa9fe0102)); /* 169.254.1.2: it asked for an address in vain */
    assert_int_equal(staging_registry(b->house->staging)->count, 0);
    arp_frame(b, house_mac, UINT32_C(0x0a010132));
    assert_row(b, "keeps 10.1.1.50 of its old site: Look for Factory Reset");
}

/* Nothing is due for a phone that was only overheard, now or after a restart. */
static void the_silent_are_left_alone(void **state)
{
    struct bench *b = *state;
    tagged_frame(b, house_mac, 100);
    for (int i = 0; i < 2; i++) {
        fake_set_now(b->house->port, fake_now(b->house->port) + 100 * 60000);
        timers_run(&b->house->timers, fake_now(b->house->port));
        assert_row(b, "keeps voice VLAN 100");
        assert_int_equal(house_phone(b->house)->attempts, 0);
        overhear_service_close(b->service);
        b->service = NULL;
        house_restart(b->house);
    }
}

static void what_holds_no_longer_goes(void **state)
{
    struct bench *b = *state;
    struct staging_lease lease = {
        .mac = house_mac, .address = HOUSE_PHONE, .fresh = true, .vendor_class = "", .host_name = ""};
    tagged_frame(b, house_mac, 100);
    staging_leased(b->house->staging, &lease);
    assert_string_equal(house_phone(b->house)->note, "");
    arp_frame(b, house_mac, UINT32_C(0x0a010132));
    house_ask(b->house, CARRIER_HTTP, HOUSE_AGENT("7.5.5"));
    assert_null(strstr(house_phone(b->house)->note, "old site"));
}

/* A phone that the box serves, or has served, may do as its configuration says. */
static void who_is_with_us_is_believed(void **state)
{
    struct bench *b = *state;
    house_ask(b->house, CARRIER_HTTP, HOUSE_AGENT("7.5.5"));
    tagged_frame(b, house_mac, 100);
    arp_frame(b, house_mac, UINT32_C(0x0a010132));
    assert_null(strstr(house_phone(b->house)->note, "old site"));
    fake_set_now(b->house->port, fake_now(b->house->port) + 6 * 60000);
    tagged_frame(b, house_mac, 100);
    assert_non_null(strstr(house_phone(b->house)->note, "old site"));
    house_phone(b->house)->done_at.set = true;
    house_phone(b->house)->note[0] = '\0';
    tagged_frame(b, house_mac, 102);
    assert_string_equal(house_phone(b->house)->note, "");
}

static void a_phone_tells_its_switch(void **state)
{
    static const struct mac unknown_oui = {{0x02, 1, 2, 3, 4, 5}};
    struct bench *b = *state;
    lldp_frame(b, stranger, "WS-C2960", "15.0");
    assert_int_equal(staging_registry(b->house->staging)->count, 0);
    lldp_frame(b, house_mac, "SPA504G", "7.5.5");
    assert_string_equal(house_phone(b->house)->model, "SPA504G");
    assert_true(house_phone(b->house)->has_announced);
    assert_false(house_phone(b->house)->has_version); /* what it says over HTTP counts */
    size_t lines = fake_log_count(b->house->port);
    lldp_frame(b, house_mac, "SPA504G", "7.5.5");
    assert_int_equal(fake_log_count(b->house->port), lines); /* said once */
    lldp_frame(b, house_mac, "SPA504G", "7.6.1");
    assert_non_null(fake_log_find(b->house->port, lines, "LLDP: SPA504G with 7.6.1"));
    lldp_frame(b, unknown_oui, "SPA514G", "");
    assert_non_null(registry_by_mac(staging_registry(b->house->staging), unknown_oui));
    house_ask(b->house, CARRIER_HTTP, HOUSE_AGENT("7.5.5")); /* a SPA514G */
    assert_string_equal(house_phone(b->house)->model, "SPA514G");
    assert_true(house_phone(b->house)->has_version);
}

static void cdp_speaks_for_its_sender_only(void **state)
{
    static const uint8_t cdp[] = {
        1,   0,   0xc,  0xcc, 0xcc, 0xcc, 0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6, 0,   57,  0xaa, 0xaa, 3,   0,
        0,   0xc, 0x20, 0,    2,    180,  0,    0,    0,    1,    0,    19,   'S', 'I', 'P',  '5',  '8', 'B',
        'F', 'E', 'A',  '1',  '1',  '0',  '4',  'E',  '6',  0,    6,    0,    16,  'I', 'P',  ' ',  'P', 'h',
        ' ', '5', '0',  '8',  'G',  0,    0,    0,    5,    0,    10,   '7',  '.', '4', '.',  '9',  'c'};
    struct bench *b = *state;
    uint8_t frame[sizeof cdp];
    memcpy(frame, cdp, sizeof cdp);
    frame[11]++; /* another sender */
    hears(b, frame, sizeof frame);
    assert_int_equal(staging_registry(b->house->staging)->count, 0);
    hears(b, cdp, sizeof cdp);
    assert_non_null(house_phone(b->house));
    assert_string_equal(house_phone(b->house)->model, "SPA508G");
}

static void without_frames_the_box_goes_on(void **state)
{
    struct bench *b = *state;
    overhear_service_close(b->service);
    fake_fail(b->house->port, FAKE_FRAMES_OPEN, 1, 2, PORT_E_ACCESS, "no right to packet sockets");
    b->service = overhear_service_open(b->house->port, b->house->staging);
    assert_non_null(b->service);
    tagged_frame(b, house_mac, 100);
    assert_row(b, "VLAN 100");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_voice_vlan_of_the_old_site),   TEST(a_fixed_address_of_the_old_site),
        TEST(the_silent_are_left_alone),      TEST(what_holds_no_longer_goes),
        TEST(who_is_with_us_is_believed),     TEST(a_phone_tells_its_switch),
        TEST(cdp_speaks_for_its_sender_only), TEST(without_frames_the_box_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
