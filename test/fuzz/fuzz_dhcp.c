/* Datagrams and ARP frames of a hostile segment. The input is a row of steps: what (one byte), an argument (one
 * byte), a length (two bytes, big endian), and so many bytes; they go to a server on a virtual clock that has few
 * addresses and fewer entries. What it sends must read as a sound message of a server. */
#include <stdlib.h>
#include <string.h>

#include "net/dhcp/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOX UINT32_C(0xc0a80a0a) /* 192.168.10.10 */

enum step { STEP_INPUT, STEP_OVERHEARD, STEP_ARP, STEP_TIME, STEP_RESUME, STEP_KINDS };

struct input {
    const uint8_t *at;
    size_t left;
};
struct bench {
    struct dhcp_server server;
    struct dhcp_reply reply;
    struct dhcp_message message;
    uint64_t now;
};

static void demand(bool held)
{
    if (!held)
        abort();
}

/* In an allocation of exactly its size. */
static uint8_t *next_step(struct input *in, uint8_t *what, uint8_t *argument, size_t *len)
{
    if (in->left < 4)
        return NULL;
    *what = in->at[0] % STEP_KINDS;
    *argument = in->at[1];
    *len = (size_t)(in->at[2] << 8 | in->at[3]);
    in->at += 4;
    in->left -= 4;
    *len = *len < in->left ? *len : in->left;
    uint8_t *bytes = malloc(*len > 0 ? *len : 1);
    demand(bytes != NULL);
    memcpy(bytes, in->at, *len);
    in->at += *len;
    in->left -= *len;
    return bytes;
}

static bool yields(void *ctx, struct mac mac)
{
    (void)ctx;
    return mac.b[5] % 2 == 1;
}

static bool accept(void *ctx, const struct dhcp_client *client)
{
    (void)ctx;
    return client->user_class.len != 1;
}

static void provision(void *ctx, const struct dhcp_client *client, struct dhcp_provision *out)
{
    static const uint8_t url[] = "http://192.168.10.10";
    (void)ctx;
    struct dhcp_bytes all = {url, sizeof url - 1};
    out->option66 = out->option150 = out->option159 = out->option160 = all;
    out->host_name = client->host_name;
    out->ntp = client->address;
}

static void record(void *ctx, const struct dhcp_lease_record *r)
{
    (void)ctx;
    demand(r->id_len <= sizeof r->id && r->address >> 8 == BOX >> 8 && r->address != BOX);
}

static void event(void *ctx, const struct dhcp_event *e)
{
    (void)ctx;
    demand(dhcp_event_text(e->kind)[0] != '\0');
}

/* A server's own search is a DISCOVER; all else is a reply with an address of the pool, a NAK, or an answer to
 * an INFORM, which has none. */
static void check_reply(struct bench *b)
{
    static const uint8_t end = DHCP_END;
    const struct dhcp_message *m = &b->message;
    demand(b->reply.len <= DHCP_MESSAGE_MAX && b->reply.len >= DHCP_AT_OPTIONS);
    demand(memchr(b->reply.buf + DHCP_AT_OPTIONS, end, b->reply.len - DHCP_AT_OPTIONS) != NULL);
    demand(dhcp_parse(b->reply.buf, b->reply.len, &b->message) == DHCP_SILENT);
    if (m->type == DHCP_DISCOVER)
        return;
    demand(m->op == DHCP_BOOTREPLY && (m->type == DHCP_OFFER || m->type == DHCP_ACK || m->type == DHCP_NAK));
    demand(m->yiaddr == 0 || (m->yiaddr >> 8 == BOX >> 8 && m->yiaddr != BOX));
    demand((m->type != DHCP_NAK || m->yiaddr == 0) && (m->type != DHCP_OFFER || m->yiaddr != 0));
}

static void drain(struct bench *b)
{
    uint8_t frame[ARP_FRAME_LEN];
    enum dhcp_output out;
    for (unsigned n = 0; (out = dhcp_server_output(&b->server, b->now, &b->reply, frame)) != DHCP_OUT_NONE; n++) {
        struct arp_packet packet;
        demand(n < 1000);
        if (out == DHCP_OUT_REPLY)
            check_reply(b);
        else
            demand(arp_parse(frame, sizeof frame, &packet));
    }
    demand(dhcp_server_deadline(&b->server) > b->now);
}

static void look_up(struct bench *b, const uint8_t *bytes, size_t len)
{
    struct dhcp_message *m = &b->message;
    if (dhcp_parse(bytes, len, m) != DHCP_SILENT)
        return;
    for (unsigned code = 0; code < 256; code++) {
        struct dhcp_bytes part = dhcp_relay_suboption(m, (uint8_t)code);
        demand(part.len <= m->option[DHCP_RELAY_INFO].len && m->option[code].len <= 2 * DHCP_MESSAGE_MAX);
    }
    demand(dhcp_reply_limit(m) <= DHCP_MESSAGE_MAX);
    const struct dhcp_lease *lease = dhcp_server_lease_at(&b->server, m->ciaddr);
    demand(lease == NULL || lease->address == m->ciaddr);
}

static void take(struct bench *b, uint8_t what, uint8_t argument, const uint8_t *bytes, size_t len)
{
    ip4 source = argument == 0 ? 0 : (BOX & ~UINT32_C(0xff)) + argument;
    struct dhcp_rx rx = {.data = bytes, .len = len, .src = source, .dst = argument % 2 ? BOX : UINT32_MAX};
    enum dhcp_result result;
    switch ((enum step)what) {
    case STEP_INPUT:
        result = dhcp_server_input(&b->server, &rx, b->now, &b->reply);
        demand(dhcp_result_text(result)[0] != '\0');
        if (result == DHCP_REPLY)
            check_reply(b);
        look_up(b, bytes, len);
        break;
    case STEP_OVERHEARD:
        dhcp_server_overheard(&b->server, &rx, b->now);
        break;
    case STEP_ARP:
        dhcp_server_arp(&b->server, bytes, len, b->now);
        break;
    case STEP_TIME:
        b->now += argument * UINT64_C(250);
        break;
    case STEP_RESUME:
        dhcp_server_resume(&b->server, b->now);
        break;
    case STEP_KINDS:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dhcp_limits limits = {.leases = 6, .stock = 4, .hosts = 2, .parked = 3};
    static const struct dhcp_callbacks callbacks = {NULL, accept, yields, NULL, provision, record, event};
    static const struct dhcp_host host = {{{2, 0, 0, 0, 0, 9}}, BOX + 90};
    static const struct dhcp_setting setting = {DHCP_DOMAIN_NAME, {(const uint8_t *)"bench", 5}};
    static const struct mac mac = {{2, 0, 0, 0, 0, 1}};
    struct dhcp_config config = {.address = BOX,
                                 .prefix = 24,
                                 .mac = mac,
                                 .pool_first = BOX + 40,
                                 .pool_last = BOX + 47,
                                 .lease_s = 3600,
                                 .rogue = DHCP_ROGUE_GUARD,
                                 .probe = true,
                                 .dns = BOX,
                                 .options = &setting,
                                 .option_count = 1,
                                 .hosts = &host,
                                 .host_count = 1};
    struct input in = {data, size};
    struct bench *b = calloc(1, sizeof *b);
    size_t memory = dhcp_server_memory(&limits), len;
    void *block = malloc(memory);
    uint8_t what, argument, *bytes;
    demand(b != NULL && block != NULL && dhcp_server_init(&b->server, block, memory, &limits, &callbacks, 7));
    if (size > 0)
        config.rogue = (enum dhcp_rogue_policy)(data[0] >> 6) % 3;
    dhcp_server_configure(&b->server, &config, 0);
    dhcp_server_start(&b->server, 0);
    drain(b);
    while ((bytes = next_step(&in, &what, &argument, &len)) != NULL) {
        take(b, what, argument, bytes, len);
        free(bytes);
        drain(b);
    }
    free(block);
    free(b);
    return 0;
}
