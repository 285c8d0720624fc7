/* dhcp_lab.h - a DHCP server on a virtual clock, and messages of clients, byte by byte. */
#ifndef STAGEBOX_TEST_DHCP_LAB_H
#define STAGEBOX_TEST_DHCP_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/dhcp/server.h"

#define BOX UINT32_C(0xc0a80a0a)   /* 192.168.10.10 */
#define POOL UINT32_C(0xc0a80a32)  /* .50, the first of eight */
#define OTHER UINT32_C(0xc0a80a63) /* .99, another server or relay */
#define EVERYBODY UINT32_C(0xffffffff)

static const struct mac phone_mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}};
static const struct mac fixed_mac = {{2, 0, 0, 0, 0, 9}};

/* A message that is being written. */
struct packet {
    uint8_t data[1400];
    size_t len;
};

static inline void put_bytes(struct packet *p, uint8_t code, const void *data, size_t len)
{
    p->data[p->len++] = code;
    p->data[p->len++] = (uint8_t)len;
    memcpy(p->data + p->len, data, len);
    p->len += len;
}

static inline void put_address(struct packet *p, uint8_t code, ip4 a)
{
    const uint8_t bytes[4] = {(uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a};
    put_bytes(p, code, bytes, 4);
}

static inline void set_address(struct packet *p, enum dhcp_offset at, ip4 a)
{
    for (unsigned i = 0; i < 4; i++)
        p->data[at + i] = (uint8_t)(a >> (24 - 8 * i));
}

static inline struct packet message(uint8_t type, struct mac mac)
{
    static const uint8_t cookie[4] = {99, 130, 83, 99};
    struct packet p = {.data = {DHCP_BOOTREQUEST, 1, 6, 0, 1, 2, 3, 4}, .len = DHCP_AT_OPTIONS};
    memcpy(p.data + DHCP_AT_CHADDR, mac.b, 6);
    memcpy(p.data + DHCP_AT_COOKIE, cookie, 4);
    put_bytes(&p, DHCP_MESSAGE_TYPE, &type, 1);
    return p;
}

struct lab {
    struct dhcp_server server;
    void *memory;
    uint64_t now;
    struct dhcp_reply reply;
    struct dhcp_message read; /* the reply, read */
    struct dhcp_config config;
    struct dhcp_lease_record record; /* the last one */
    unsigned records, probes;
    unsigned told[DHCP_EVENT_KINDS];
    bool closed; /* nobody is accepted */
};

static inline bool lab_accept(void *ctx, const struct dhcp_client *client)
{
    return client->mac.b[0] != 0xee && !((struct lab *)ctx)->closed;
}

static inline void lab_provision(void *ctx, const struct dhcp_client *client, struct dhcp_provision *out)
{
    static const uint8_t url[] = "http://192.168.10.10";
    (void)ctx;
    (void)client;
    out->option66 = out->option150 = out->option159 = out->option160 = (struct dhcp_bytes){url, sizeof url - 1};
    out->ntp = BOX;
}

static inline void lab_record(void *ctx, const struct dhcp_lease_record *record)
{
    struct lab *lab = ctx;
    lab->record = *record;
    lab->records++;
}

static inline void lab_event(void *ctx, const struct dhcp_event *event)
{
    assert_true(strlen(dhcp_event_text(event->kind)) > 0);
    ((struct lab *)ctx)->told[event->kind]++;
}

/* What is due now; a message of ours is left in lab->reply. */
static inline unsigned drain(struct lab *lab)
{
    uint8_t frame[ARP_FRAME_LEN];
    unsigned replies = 0;
    enum dhcp_output out;
    struct dhcp_reply reply;
    while ((out = dhcp_server_output(&lab->server, lab->now, &reply, frame)) != DHCP_OUT_NONE) {
        lab->probes += out == DHCP_OUT_ARP;
        replies += out == DHCP_OUT_REPLY;
        if (out == DHCP_OUT_REPLY)
            lab->reply = reply;
    }
    return replies;
}

static inline void let_pass(struct lab *lab, uint64_t ms)
{
    uint64_t stop = lab->now + ms;
    for (uint64_t due; (due = dhcp_server_deadline(&lab->server)) <= stop;) {
        lab->now = due > lab->now ? due : lab->now;
        drain(lab);
    }
    lab->now = stop;
}

static inline struct lab *lab_open(enum dhcp_rogue_policy rogue)
{
    static const struct dhcp_limits limits = {.leases = 12, .hosts = 2};
    static const struct dhcp_host host = {{{2, 0, 0, 0, 0, 9}}, POOL + 50};
    struct lab *lab = calloc(1, sizeof *lab);
    struct dhcp_callbacks calls = {lab, lab_accept, NULL, NULL, lab_provision, lab_record, lab_event};
    size_t size = dhcp_server_memory(&limits);
    lab->memory = calloc(1, size);
    lab->now = 1000;
    lab->config = (struct dhcp_config){.address = BOX,
                                       .prefix = 24,
                                       .mac = {{2, 0, 0, 0, 0, 1}},
                                       .pool_first = POOL,
                                       .pool_last = POOL + 7,
                                       .lease_s = 3600,
                                       .rogue = rogue,
                                       .probe = true,
                                       .dns = BOX,
                                       .hosts = &host,
                                       .host_count = 1};
    assert_true(dhcp_server_init(&lab->server, lab->memory, size, &limits, &calls, 7));
    assert_false(dhcp_server_init(&lab->server, lab->memory, size - 1, &limits, &calls, 7));
    dhcp_server_configure(&lab->server, &lab->config, lab->now);
    return lab;
}

/* Started, with its stock probed. */
static inline struct lab *lab_ready(void)
{
    struct lab *lab = lab_open(DHCP_ROGUE_WARN);
    dhcp_server_start(&lab->server, lab->now);
    let_pass(lab, 20000);
    return lab;
}

static inline void lab_close(struct lab *lab)
{
    free(lab->memory);
    free(lab);
}

/* Puts the end option behind the message and gives it to the server. */
static inline enum dhcp_result give(struct lab *lab, struct packet p, ip4 from, ip4 to)
{
    p.data[p.len++] = DHCP_END;
    struct dhcp_rx rx = {.data = p.data, .len = p.len, .src = from, .dst = to};
    enum dhcp_result result = dhcp_server_input(&lab->server, &rx, lab->now, &lab->reply);
    if (result == DHCP_REPLY)
        assert_int_equal(dhcp_parse(lab->reply.buf, lab->reply.len, &lab->read), DHCP_SILENT);
    return result;
}

/* The type of the answer, 0 for none. */
static inline unsigned ask(struct lab *lab, struct packet p)
{
    return give(lab, p, 0, EVERYBODY) == DHCP_REPLY ? lab->read.type : 0;
}

static inline struct packet selecting(struct mac mac, ip4 address)
{
    struct packet p = message(DHCP_REQUEST, mac);
    put_address(&p, DHCP_REQUESTED_ADDRESS, address);
    put_address(&p, DHCP_SERVER_ID, BOX);
    return p;
}

/* DISCOVER to ACK; the address. */
static inline ip4 lease_to(struct lab *lab, struct mac mac)
{
    assert_int_equal(ask(lab, message(DHCP_DISCOVER, mac)), DHCP_OFFER);
    ip4 address = lab->read.yiaddr;
    assert_int_equal(ask(lab, selecting(mac, address)), DHCP_ACK);
    assert_int_equal(lab->read.yiaddr, address);
    return address;
}

#endif
