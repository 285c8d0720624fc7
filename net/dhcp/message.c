#include "net/dhcp/message.h"

#include <string.h>

#include "net/dhcp/wire.h"

/* The fields that options are read from, in the order of RFC 3396 section 5. */
struct fields {
    struct dhcp_bytes field[3];
    int count;
};

const char *dhcp_result_text(enum dhcp_result result)
{
    switch (result) {
    case DHCP_REPLY:
        return "answered";
    case DHCP_SILENT:
        return "not answered";
    case DHCP_E_SHORT:
        return "the packet ends before its options";
    case DHCP_E_COOKIE:
        return "plain BOOTP, or not DHCP at all";
    case DHCP_E_OPTION:
        return "an option runs past the packet's end";
    case DHCP_E_CLIENT:
        return "the hardware address is not an Ethernet client's";
    case DHCP_E_MESSAGE:
        return "what a message of this type needs is missing";
    case DHCP_E_POOL:
        return "no address is left for this client";
    }
    return "unknown";
}

/* The code at *at, its data skipped over and put into `data`; DHCP_END at the field's end, DHCP_PAD
 * where the field is broken. */
static uint8_t next_option(struct dhcp_bytes field, size_t *at, struct dhcp_bytes *data)
{
    while (*at < field.len && field.data[*at] == DHCP_PAD)
        (*at)++;
    if (*at >= field.len || field.data[*at] == DHCP_END)
        return DHCP_END;
    uint8_t code = field.data[*at];
    if (field.len - *at < 2 || field.len - *at - 2 < field.data[*at + 1])
        return DHCP_PAD;
    *data = (struct dhcp_bytes){field.data + *at + 2, field.data[*at + 1]};
    *at += 2 + data->len;
    return code;
}

/* Notes where each option is and how long all its pieces are together; repeated[] says which have
 * more than one. */
static bool scan(struct dhcp_message *out, const struct fields *fields, uint8_t repeated[256])
{
    bool any = false;
    for (int i = 0; i < fields->count; i++) {
        size_t at = 0;
        struct dhcp_bytes data;
        uint8_t code;
        while ((code = next_option(fields->field[i], &at, &data)) != DHCP_END) {
            if (code == DHCP_PAD)
                return false;
            struct dhcp_bytes *option = &out->option[code];
            any |= repeated[code] = option->data != NULL;
            *option = (struct dhcp_bytes){option->data != NULL ? option->data : data.data, option->len + data.len};
        }
    }
    repeated[DHCP_PAD] = any;
    return true;
}

/* Copies the pieces of one option together. */
static void join(struct dhcp_message *out, const struct fields *fields, uint8_t wanted, size_t *used)
{
    uint8_t *start = out->joined + *used;
    for (int i = 0; i < fields->count; i++) {
        size_t at = 0;
        struct dhcp_bytes data;
        uint8_t code;
        while ((code = next_option(fields->field[i], &at, &data)) != DHCP_END) {
            if (code != wanted)
                continue;
            memcpy(out->joined + *used, data.data, data.len);
            *used += data.len;
        }
    }
    out->option[wanted].data = start;
}

static bool join_repeated(struct dhcp_message *out, const struct fields *fields, const uint8_t repeated[256])
{
    size_t used = 0;
    for (unsigned code = 1; repeated[DHCP_PAD] && code < 255; code++) {
        if (!repeated[code])
            continue;
        if (out->option[code].len > sizeof out->joined - used)
            return false;
        join(out, fields, (uint8_t)code, &used);
    }
    return true;
}

/* Option 52 stands in the options field only (RFC 2132 9.3). */
static void add_overloaded(struct fields *fields, const uint8_t *packet)
{
    size_t at = 0;
    struct dhcp_bytes data;
    uint8_t code;
    uint8_t overload = 0;
    while ((code = next_option(fields->field[0], &at, &data)) != DHCP_END && code != DHCP_PAD)
        if (code == DHCP_OVERLOAD && data.len > 0)
            overload = data.data[0];
    if (overload & 1)
        fields->field[fields->count++] = (struct dhcp_bytes){packet + DHCP_AT_FILE, DHCP_FILE_LEN};
    if (overload & 2)
        fields->field[fields->count++] = (struct dhcp_bytes){packet + DHCP_AT_SNAME, DHCP_SNAME_LEN};
}

static enum dhcp_result parse_options(const uint8_t *packet, size_t len, struct dhcp_message *out)
{
    struct fields fields = {.field = {{packet + DHCP_AT_OPTIONS, len - DHCP_AT_OPTIONS}}, .count = 1};
    add_overloaded(&fields, packet);
    uint8_t repeated[256] = {0};
    memset(out->option, 0, sizeof out->option);
    if (!scan(out, &fields, repeated) || !join_repeated(out, &fields, repeated))
        return DHCP_E_OPTION;
    if (out->option[DHCP_MESSAGE_TYPE].len == 0)
        return DHCP_E_COOKIE;
    out->type = out->option[DHCP_MESSAGE_TYPE].data[0];
    return DHCP_SILENT;
}

static void parse_fixed(const uint8_t *packet, struct dhcp_message *out)
{
    out->op = packet[DHCP_AT_OP];
    out->htype = packet[DHCP_AT_HTYPE];
    out->hlen = packet[DHCP_AT_HLEN];
    out->hops = packet[DHCP_AT_HOPS];
    out->xid = wire_u32(packet + DHCP_AT_XID);
    out->secs = wire_u16(packet + DHCP_AT_SECS);
    out->flags = wire_u16(packet + DHCP_AT_FLAGS);
    out->ciaddr = wire_u32(packet + DHCP_AT_CIADDR);
    out->yiaddr = wire_u32(packet + DHCP_AT_YIADDR);
    out->siaddr = wire_u32(packet + DHCP_AT_SIADDR);
    out->giaddr = wire_u32(packet + DHCP_AT_GIADDR);
    memcpy(out->chaddr.b, packet + DHCP_AT_CHADDR, sizeof out->chaddr.b);
    memcpy(out->chaddr_field, packet + DHCP_AT_CHADDR, sizeof out->chaddr_field);
}

enum dhcp_result dhcp_parse(const uint8_t *packet, size_t len, struct dhcp_message *out)
{
    if (len < DHCP_AT_COOKIE)
        return DHCP_E_SHORT;
    if (len < DHCP_AT_OPTIONS || wire_u32(packet + DHCP_AT_COOKIE) != DHCP_COOKIE)
        return DHCP_E_COOKIE;
    parse_fixed(packet, out);
    enum dhcp_result result = parse_options(packet, len, out);
    if (result != DHCP_SILENT)
        return result;
    bool ethernet = out->htype == 1 && out->hlen == 6;
    if (!ethernet || mac_is_zero(out->chaddr) || (out->chaddr.b[0] & 1) != 0)
        return DHCP_E_CLIENT;
    return DHCP_SILENT;
}

uint32_t dhcp_option_u32(const struct dhcp_message *message, uint8_t code)
{
    const struct dhcp_bytes *option = &message->option[code];
    return option->len < 4 ? 0 : wire_u32(option->data);
}

uint16_t dhcp_option_u16(const struct dhcp_message *message, uint8_t code)
{
    const struct dhcp_bytes *option = &message->option[code];
    return option->len < 2 ? 0 : wire_u16(option->data);
}

struct dhcp_bytes dhcp_relay_suboption(const struct dhcp_message *message, uint8_t code)
{
    struct dhcp_bytes info = message->option[DHCP_RELAY_INFO];
    /* Not next_option(): in here 0 and 255 are codes like any other (RFC 3046 2.0). */
    for (size_t at = 0; at + 2 <= info.len;) {
        size_t len = info.data[at + 1];
        if (len > info.len - at - 2)
            break;
        if (info.data[at] == code)
            return (struct dhcp_bytes){info.data + at + 2, len};
        at += 2 + len;
    }
    return (struct dhcp_bytes){NULL, 0};
}

size_t dhcp_reply_limit(const struct dhcp_message *message)
{
    size_t limit = dhcp_option_u16(message, DHCP_MAX_SIZE);
    if (limit < DHCP_IP_MIN)
        limit = DHCP_IP_MIN;
    limit -= DHCP_UDP_OVERHEAD;
    return limit > DHCP_MESSAGE_MAX ? DHCP_MESSAGE_MAX : limit;
}
