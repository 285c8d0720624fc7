/* message.h - DHCP messages: reading (RFC 2131, 2132, long options of RFC 3396) and writing. */
#ifndef STAGEBOX_NET_DHCP_MESSAGE_H
#define STAGEBOX_NET_DHCP_MESSAGE_H

#include "net/addr.h"
#include "net/dhcp/options.h"

/* A piece of somebody else's memory; len 0: not there. */
struct dhcp_bytes {
    const uint8_t *data;
    size_t len;
};

enum dhcp_result {
    DHCP_REPLY = 1,      /* a packet is ready to send */
    DHCP_SILENT = 0,     /* well formed, but not to be answered, or not now */
    DHCP_E_SHORT = -1,   /* ends before the options */
    DHCP_E_COOKIE = -2,  /* plain BOOTP or junk */
    DHCP_E_OPTION = -3,  /* an option runs past its field's end */
    DHCP_E_CLIENT = -4,  /* not Ethernet, or a hardware address that cannot be a client's */
    DHCP_E_MESSAGE = -5, /* what the message's type demands is missing (RFC 2131 table 5) */
    DHCP_E_POOL = -6     /* no address is left, or no entry for a client */
};
/* One sentence for a log, without a full stop. Never NULL. */
const char *dhcp_result_text(enum dhcp_result result);

/* A message as read. Everything points into the packet, or into `joined` where an option came in
 * several pieces; both must outlive the use of it. */
struct dhcp_message {
    uint8_t op, htype, hlen, hops;
    uint32_t xid;
    uint16_t secs, flags;
    ip4 ciaddr, yiaddr, siaddr, giaddr;
    struct mac chaddr;
    uint8_t chaddr_field[16]; /* as it came, to be sent back whole */
    uint8_t type;             /* enum dhcp_message_type or another value of option 53 */
    struct dhcp_bytes option[256];
    uint8_t joined[DHCP_MESSAGE_MAX];
};

/* Reads a UDP payload of `len` bytes. Options are read from the options field, then, where option 52
 * says so, from file and sname, in this order; pieces of one option are joined (RFC 3396). A missing
 * end option is forgiven. Returns DHCP_SILENT (0) when `out` is filled; else
 * DHCP_E_SHORT, DHCP_E_COOKIE (also without option 53), DHCP_E_OPTION (also where joined pieces are
 * longer together than DHCP_MESSAGE_MAX), DHCP_E_CLIENT (htype not 1, hlen not 6, chaddr zero or a
 * group address). On an error `out` is unspecified. */
enum dhcp_result dhcp_parse(const uint8_t *packet, size_t len, struct dhcp_message *out);

/* The option's first four bytes as an address or number; 0 where it is missing or shorter. */
uint32_t dhcp_option_u32(const struct dhcp_message *message, uint8_t code);
/* The option's first two bytes as a number; 0 where it is missing or shorter. */
uint16_t dhcp_option_u16(const struct dhcp_message *message, uint8_t code);
/* The data of a sub-option of option 82 (RFC 3046 2.0); len 0 where it is missing or cut. */
struct dhcp_bytes dhcp_relay_suboption(const struct dhcp_message *message, uint8_t code);

/* The most bytes of UDP payload that this client takes: option 57 (which counts the IP and UDP
 * headers), at least 576, at most DHCP_MESSAGE_MAX with its headers. */
size_t dhcp_reply_limit(const struct dhcp_message *message);

/* Writes a message into caller's memory of at least DHCP_IP_MIN - DHCP_UDP_OVERHEAD bytes. */
struct dhcp_writer {
    uint8_t *buf;
    size_t cap;
    size_t len;
    size_t reserved; /* bytes that dhcp_put() may not use: set by the caller at will */
};

struct dhcp_header {
    uint8_t op;
    uint32_t xid;
    uint16_t secs, flags;
    ip4 ciaddr, yiaddr, siaddr, giaddr;
    const uint8_t *chaddr;  /* 16 bytes */
    struct dhcp_bytes file; /* goes into the file field where it is no longer than 127 bytes */
};

/* Writes the fixed part (htype 1, hlen 6, sname empty) and the cookie. */
void dhcp_write_header(struct dhcp_writer *writer, const struct dhcp_header *header);
/* Bytes that an option with `len` bytes of data takes, in pieces of up to 255 (RFC 3396). */
size_t dhcp_option_size(size_t len);
/* Adds an option, split where it is longer than 255. False, and nothing written, where it does not
 * fit before the end option and what is reserved. */
bool dhcp_put(struct dhcp_writer *writer, uint8_t code, const void *data, size_t len);
bool dhcp_put_u8(struct dhcp_writer *writer, uint8_t code, uint8_t value);
bool dhcp_put_u32(struct dhcp_writer *writer, uint8_t code, uint32_t value);
/* Writes the end option and pads to DHCP_BOOTP_MIN; returns the length. */
size_t dhcp_write_end(struct dhcp_writer *writer);

#endif
