#include "net/dhcp/message.h"

#include <string.h>

#include "net/dhcp/wire.h"

void dhcp_write_header(struct dhcp_writer *writer, const struct dhcp_header *header)
{
    uint8_t *buf = writer->buf;
    memset(buf, 0, DHCP_AT_OPTIONS);
    buf[DHCP_AT_OP] = header->op;
    buf[DHCP_AT_HTYPE] = 1;
    buf[DHCP_AT_HLEN] = 6;
    wire_put_u32(buf + DHCP_AT_XID, header->xid);
    wire_put_u16(buf + DHCP_AT_SECS, header->secs);
    wire_put_u16(buf + DHCP_AT_FLAGS, header->flags);
    wire_put_u32(buf + DHCP_AT_CIADDR, header->ciaddr);
    wire_put_u32(buf + DHCP_AT_YIADDR, header->yiaddr);
    wire_put_u32(buf + DHCP_AT_SIADDR, header->siaddr);
    wire_put_u32(buf + DHCP_AT_GIADDR, header->giaddr);
    memcpy(buf + DHCP_AT_CHADDR, header->chaddr, 16);
    if (header->file.len > 0 && header->file.len < DHCP_FILE_LEN)
        memcpy(buf + DHCP_AT_FILE, header->file.data, header->file.len);
    wire_put_u32(buf + DHCP_AT_COOKIE, DHCP_COOKIE);
    writer->len = DHCP_AT_OPTIONS;
}

size_t dhcp_option_size(size_t len)
{
    size_t pieces = len == 0 ? 1 : (len + 254) / 255;
    return len + 2 * pieces;
}

bool dhcp_put(struct dhcp_writer *writer, uint8_t code, const void *data, size_t len)
{
    size_t used = writer->len + writer->reserved + 1;
    if (used > writer->cap || dhcp_option_size(len) > writer->cap - used)
        return false;
    const uint8_t *from = data;
    do {
        size_t piece = len > 255 ? 255 : len;
        writer->buf[writer->len] = code;
        writer->buf[writer->len + 1] = (uint8_t)piece;
        if (piece > 0)
            memcpy(writer->buf + writer->len + 2, from, piece);
        writer->len += 2 + piece;
        from += piece;
        len -= piece;
    } while (len > 0);
    return true;
}

bool dhcp_put_u8(struct dhcp_writer *writer, uint8_t code, uint8_t value)
{
    return dhcp_put(writer, code, &value, 1);
}

bool dhcp_put_u32(struct dhcp_writer *writer, uint8_t code, uint32_t value)
{
    uint8_t bytes[4];
    wire_put_u32(bytes, value);
    return dhcp_put(writer, code, bytes, sizeof bytes);
}

size_t dhcp_write_end(struct dhcp_writer *writer)
{
    writer->buf[writer->len++] = DHCP_END;
    if (writer->len < DHCP_BOOTP_MIN) {
        memset(writer->buf + writer->len, DHCP_PAD, DHCP_BOOTP_MIN - writer->len);
        writer->len = DHCP_BOOTP_MIN;
    }
    return writer->len;
}
