#include "net/dhcp/reply.h"

#include <string.h>

#include "net/dhcp/pool.h"
#include "net/dhcp/tell.h"
#include "net/dhcp/wire.h"

/* What the engine itself can say, by code. */
struct values {
    struct dhcp_bytes of[256];
    uint8_t numbers[64]; /* where the addresses and numbers among them lie */
    size_t used;
};

/* Options that go out asked for or not. Where not all fit, the first ones do. */
static const uint8_t always[] = {
    DHCP_MESSAGE_TYPE,     DHCP_SERVER_ID,
    DHCP_LEASE_TIME,       DHCP_RELAY_INFO,
    DHCP_CLIENT_ID,        DHCP_SUBNET_MASK,
    DHCP_TFTP_SERVER_NAME, DHCP_PROVISIONING_160,
    DHCP_PROVISIONING_159, DHCP_TFTP_SERVER_ADDRESSES,
    DHCP_RENEWAL_TIME,     DHCP_REBINDING_TIME,
};
/* Those of them that stand in front, whatever the client's list says, and those that follow it. */
static const uint8_t front[] = {DHCP_MESSAGE_TYPE, DHCP_SERVER_ID, DHCP_LEASE_TIME};
static const uint8_t back[] = {
    DHCP_SUBNET_MASK,           DHCP_RENEWAL_TIME,     DHCP_REBINDING_TIME,   DHCP_TFTP_SERVER_NAME,
    DHCP_TFTP_SERVER_ADDRESSES, DHCP_PROVISIONING_159, DHCP_PROVISIONING_160, DHCP_CLIENT_ID,
};
/* What a client without a list gets besides, and before the free-form options. */
static const uint8_t plain[] = {DHCP_ROUTER, DHCP_DNS_SERVER, DHCP_DOMAIN_NAME, DHCP_NTP_SERVER, DHCP_HOST_NAME};

bool dhcp_option_settable(uint8_t code)
{
    bool protocol = code >= DHCP_REQUESTED_ADDRESS && code <= DHCP_REBINDING_TIME;
    return !protocol && code != DHCP_PAD && code != DHCP_SUBNET_MASK && code != DHCP_CLIENT_ID &&
           code != DHCP_RELAY_INFO && code != DHCP_END;
}

/* -- values ---------------------------------------------------------------------------------- */

static void add_u32(struct values *values, uint8_t code, uint32_t value)
{
    uint8_t *at = values->numbers + values->used;
    wire_put_u32(at, value);
    values->used += 4;
    values->of[code] = (struct dhcp_bytes){at, 4};
}

static void add_address(struct values *values, uint8_t code, ip4 address)
{
    if (address != 0)
        add_u32(values, code, address);
}

static void add_lease_times(struct values *values, uint32_t seconds)
{
    add_u32(values, DHCP_LEASE_TIME, seconds);
    add_u32(values, DHCP_RENEWAL_TIME, seconds / 2);
    add_u32(values, DHCP_REBINDING_TIME, (uint32_t)((uint64_t)seconds * 7 / 8));
}

static void add_provision(struct values *values, const struct dhcp_message *message,
                          const struct dhcp_provision *provision)
{
    values->of[DHCP_TFTP_SERVER_NAME] = provision->option66;
    values->of[DHCP_TFTP_SERVER_ADDRESSES] = provision->option150;
    values->of[DHCP_PROVISIONING_159] = provision->option159;
    values->of[DHCP_PROVISIONING_160] = provision->option160;
    bool named = provision->host_name.len > 0;
    values->of[DHCP_HOST_NAME] = named ? provision->host_name : message->option[DHCP_HOST_NAME];
    add_address(values, DHCP_NTP_SERVER, provision->ntp);
}

static void add_settings(struct values *values, const struct dhcp_config *config)
{
    add_u32(values, DHCP_SUBNET_MASK, ip4_mask(config->prefix));
    add_address(values, DHCP_ROUTER, config->router);
    add_address(values, DHCP_DNS_SERVER, config->dns);
    values->of[DHCP_DOMAIN_NAME] = config->domain;
}

/* The operator's own options go over everything that may be set. */
static void add_free_form(struct values *values, const struct dhcp_server *server)
{
    for (uint32_t i = 0; i < server->config.option_count; i++) {
        const struct dhcp_setting *setting = &server->config.options[i];
        if (server->setting_at[setting->code] == i + 1)
            values->of[setting->code] = setting->value;
    }
}

/* -- writing --------------------------------------------------------------------------------- */

struct composer {
    struct dhcp_writer writer;
    const struct values *values;
    bool reserved[256]; /* has its room kept in the writer */
    bool done[256];
    bool cut;
};

/* Keeps room for what always goes out, as far as there is any. */
static void reserve(struct composer *composer)
{
    struct dhcp_writer *writer = &composer->writer;
    for (size_t i = 0; i < sizeof always; i++) {
        size_t len = composer->values->of[always[i]].len;
        if (len == 0)
            continue;
        size_t size = dhcp_option_size(len);
        if (writer->len + writer->reserved + size + 1 > writer->cap) {
            composer->cut = composer->done[always[i]] = true;
            continue;
        }
        composer->reserved[always[i]] = true;
        writer->reserved += size;
    }
}

static void emit(struct composer *composer, uint8_t code)
{
    struct dhcp_bytes value = composer->values->of[code];
    if (composer->done[code] || value.len == 0)
        return;
    composer->done[code] = true;
    if (composer->reserved[code])
        composer->writer.reserved -= dhcp_option_size(value.len);
    if (!dhcp_put(&composer->writer, code, value.data, value.len))
        composer->cut = true;
}

static void emit_all(struct composer *composer, const uint8_t *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (codes[i] != DHCP_RELAY_INFO)
            emit(composer, codes[i]);
}

static void emit_wanted(struct composer *composer, const struct dhcp_server *server)
{
    const struct dhcp_bytes *list = &server->message.option[DHCP_PARAMETER_LIST];
    if (list->len > 0) {
        emit_all(composer, list->data, list->len);
        return;
    }
    emit_all(composer, plain, sizeof plain);
    for (uint32_t i = 0; i < server->config.option_count; i++)
        emit_all(composer, &server->config.options[i].code, 1);
}

static struct dhcp_header header_for(const struct dhcp_message *message)
{
    return (struct dhcp_header){.op = DHCP_BOOTREPLY,
                                .xid = message->xid,
                                .flags = message->flags,
                                .giaddr = message->giaddr,
                                .chaddr = message->chaddr_field};
}

/* RFC 2131 4.1. */
static void address_reply(const struct dhcp_message *message, ip4 yiaddr, struct dhcp_reply *reply)
{
    reply->port = message->giaddr != 0 ? DHCP_SERVER_PORT : DHCP_CLIENT_PORT;
    reply->mac = message->chaddr;
    reply->to_mac = false;
    if (message->giaddr != 0) {
        reply->dst = message->giaddr;
    } else if (message->ciaddr != 0 && message->ciaddr == yiaddr) {
        reply->dst = message->ciaddr;
    } else if ((message->flags & DHCP_FLAG_BROADCAST) != 0 || yiaddr == 0) {
        reply->dst = 0xffffffffu;
    } else {
        reply->dst = yiaddr;
        reply->to_mac = true;
    }
}

/* -- the three replies ----------------------------------------------------------------------- */

void dhcp_reply_client(const struct dhcp_server *server, ip4 address, const struct dhcp_lease *lease,
                       struct dhcp_client *out)
{
    const struct dhcp_message *message = &server->message;
    *out = (struct dhcp_client){.type = message->type,
                                .mac = message->chaddr,
                                .address = address,
                                .giaddr = message->giaddr,
                                .vendor_class = message->option[DHCP_VENDOR_CLASS],
                                .user_class = message->option[DHCP_USER_CLASS],
                                .host_name = message->option[DHCP_HOST_NAME],
                                .client_id = message->option[DHCP_CLIENT_ID],
                                .relay_info = message->option[DHCP_RELAY_INFO],
                                .lease = lease};
}

ip4 dhcp_reply_server_id(const struct dhcp_server *server)
{
    struct dhcp_bytes id = dhcp_relay_suboption(&server->message, DHCP_RELAY_SERVER_ID);
    ip4 demanded = id.len == 4 ? wire_u32(id.data) : 0;
    return demanded != 0 ? demanded : server->config.address;
}

/* What is left of a binding that is not to last any longer. */
static uint32_t rest_of(const struct dhcp_lease *lease, uint64_t now_ms)
{
    uint64_t rest_s = lease->due_ms > now_ms ? (lease->due_ms - now_ms) / 1000 : 0;
    return rest_s > 0 ? (uint32_t)rest_s : 1;
}

uint32_t dhcp_reply_lease_time(const struct dhcp_server *server, const struct dhcp_lease *lease, uint64_t now_ms)
{
    uint32_t most = server->config.lease_s;
    if (lease->state == DHCP_LEASE_BOUND && dhcp_pool_fixed(server, lease->mac) == 0 &&
        dhcp_pool_yields(server, lease->mac, now_ms))
        return rest_of(lease, now_ms);
    if (most > DHCP_LEASE_WANTED_S && dhcp_pool_wanted(server, now_ms))
        most = DHCP_LEASE_WANTED_S;
    uint32_t wish = dhcp_option_u32(&server->message, DHCP_LEASE_TIME);
    if (wish == 0 || wish > most)
        return most;
    if (wish < DHCP_LEASE_MIN_S)
        return most < DHCP_LEASE_MIN_S ? most : DHCP_LEASE_MIN_S;
    return wish;
}

/* The box's and the operator's values for this client; what `provision` points to must outlive them. */
static void collect(struct dhcp_server *server, uint8_t *type, ip4 address, uint32_t seconds,
                    const struct dhcp_lease *lease, struct dhcp_provision *provision, struct values *values)
{
    const struct dhcp_message *message = &server->message;
    struct dhcp_client client;
    dhcp_reply_client(server, address, lease, &client);
    if (server->call.provision != NULL)
        server->call.provision(server->call.ctx, &client, provision);
    values->of[DHCP_MESSAGE_TYPE] = (struct dhcp_bytes){type, 1};
    add_u32(values, DHCP_SERVER_ID, dhcp_reply_server_id(server));
    if (seconds != 0)
        add_lease_times(values, seconds);
    add_settings(values, &server->config);
    add_provision(values, message, provision);
    add_free_form(values, server);
    values->of[DHCP_CLIENT_ID] = message->option[DHCP_CLIENT_ID];
    values->of[DHCP_RELAY_INFO] = message->option[DHCP_RELAY_INFO];
}

static void start(struct composer *composer, struct dhcp_server *server, uint8_t type, ip4 address,
                  uint32_t seconds, struct dhcp_reply *reply)
{
    const struct dhcp_message *message = &server->message;
    struct dhcp_header header = header_for(message);
    header.ciaddr = type == DHCP_OFFER ? 0 : message->ciaddr;
    header.yiaddr = seconds != 0 ? address : 0;
    header.siaddr = server->config.address;
    header.file = composer->values->of[DHCP_BOOTFILE_NAME];
    composer->writer = (struct dhcp_writer){.buf = reply->buf, .cap = dhcp_reply_limit(message)};
    dhcp_write_header(&composer->writer, &header);
}

void dhcp_reply_grant(struct dhcp_server *server, enum dhcp_message_type type, ip4 address, uint32_t seconds,
                      const struct dhcp_lease *lease, uint64_t now_ms, struct dhcp_reply *reply)
{
    uint8_t type_byte = (uint8_t)type;
    struct dhcp_provision provision = {0};
    struct values values = {0};
    collect(server, &type_byte, address, seconds, lease, &provision, &values);
    struct composer composer = {.values = &values};
    start(&composer, server, type_byte, address, seconds, reply);
    reserve(&composer);
    emit_all(&composer, front, sizeof front);
    emit_wanted(&composer, server);
    emit_all(&composer, back, sizeof back);
    emit(&composer, DHCP_RELAY_INFO);
    reply->len = dhcp_write_end(&composer.writer);
    address_reply(&server->message, address, reply);
    if (composer.cut)
        dhcp_tell_client(server, DHCP_EVENT_TRUNCATED, server->message.chaddr, address, now_ms);
}

static void echo(struct dhcp_writer *writer, const struct dhcp_message *message, uint8_t code)
{
    const struct dhcp_bytes *option = &message->option[code];
    if (option->len > 0)
        dhcp_put(writer, code, option->data, option->len);
}

void dhcp_reply_refuse(struct dhcp_server *server, const char *text, struct dhcp_reply *reply)
{
    const struct dhcp_message *message = &server->message;
    struct dhcp_header header = header_for(message);
    /* The client may have no address on this subnet, so the relay must broadcast (RFC 2131 4.3.2). */
    if (message->giaddr != 0)
        header.flags |= DHCP_FLAG_BROADCAST;
    struct dhcp_writer writer = {.buf = reply->buf, .cap = dhcp_reply_limit(message)};
    dhcp_write_header(&writer, &header);
    dhcp_put_u8(&writer, DHCP_MESSAGE_TYPE, DHCP_NAK);
    dhcp_put_u32(&writer, DHCP_SERVER_ID, dhcp_reply_server_id(server));
    dhcp_put(&writer, DHCP_MESSAGE_TEXT, text, strlen(text));
    writer.reserved = dhcp_option_size(message->option[DHCP_RELAY_INFO].len);
    echo(&writer, message, DHCP_CLIENT_ID);
    writer.reserved = 0;
    echo(&writer, message, DHCP_RELAY_INFO);
    reply->len = dhcp_write_end(&writer);
    reply->dst = message->giaddr != 0 ? message->giaddr : 0xffffffffu;
    reply->port = message->giaddr != 0 ? DHCP_SERVER_PORT : DHCP_CLIENT_PORT;
    reply->to_mac = false;
    reply->mac = message->chaddr;
}
