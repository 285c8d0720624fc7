/* options.h - the numbers of DHCP: options, message types, ports, sizes. */
#ifndef STAGEBOX_NET_DHCP_OPTIONS_H
#define STAGEBOX_NET_DHCP_OPTIONS_H

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68

enum dhcp_option {
    DHCP_PAD = 0,
    DHCP_SUBNET_MASK = 1,             /* RFC 2132 3.3 */
    DHCP_ROUTER = 3,                  /* 3.5 */
    DHCP_DNS_SERVER = 6,              /* 3.8 */
    DHCP_HOST_NAME = 12,              /* 3.14 */
    DHCP_DOMAIN_NAME = 15,            /* 3.17 */
    DHCP_NTP_SERVER = 42,             /* 8.3 */
    DHCP_REQUESTED_ADDRESS = 50,      /* 9.1 */
    DHCP_LEASE_TIME = 51,             /* 9.2, seconds */
    DHCP_OVERLOAD = 52,               /* 9.3 */
    DHCP_MESSAGE_TYPE = 53,           /* 9.6 */
    DHCP_SERVER_ID = 54,              /* 9.7 */
    DHCP_PARAMETER_LIST = 55,         /* 9.8 */
    DHCP_MESSAGE_TEXT = 56,           /* 9.9 */
    DHCP_MAX_SIZE = 57,               /* 9.10 */
    DHCP_RENEWAL_TIME = 58,           /* 9.11, T1 */
    DHCP_REBINDING_TIME = 59,         /* 9.12, T2 */
    DHCP_VENDOR_CLASS = 60,           /* 9.13 */
    DHCP_CLIENT_ID = 61,              /* 9.14, RFC 4361, RFC 6842 */
    DHCP_TFTP_SERVER_NAME = 66,       /* 9.4 */
    DHCP_BOOTFILE_NAME = 67,          /* 9.5 */
    DHCP_USER_CLASS = 77,             /* RFC 3004 */
    DHCP_RELAY_INFO = 82,             /* RFC 3046 */
    DHCP_TFTP_SERVER_ADDRESSES = 150, /* RFC 5859 */
    DHCP_PROVISIONING_159 = 159,      /* private use; the phones' URLs */
    DHCP_PROVISIONING_160 = 160,
    DHCP_END = 255
};

enum dhcp_relay_suboption {
    DHCP_RELAY_LINK_SELECTION = 5, /* RFC 3527 */
    DHCP_RELAY_SERVER_ID = 11      /* RFC 5107 */
};

enum dhcp_message_type {
    DHCP_DISCOVER = 1,
    DHCP_OFFER = 2,
    DHCP_REQUEST = 3,
    DHCP_DECLINE = 4,
    DHCP_ACK = 5,
    DHCP_NAK = 6,
    DHCP_RELEASE = 7,
    DHCP_INFORM = 8
};

#define DHCP_BOOTREQUEST 1
#define DHCP_BOOTREPLY 2
#define DHCP_COOKIE 0x63825363u
#define DHCP_FLAG_BROADCAST 0x8000u
#define DHCP_CLIENT_ID_RFC4361 255 /* first byte of an identifier made of IAID and DUID */

/* Offsets of the fixed part, RFC 2131 figure 1. */
enum dhcp_offset {
    DHCP_AT_OP = 0,
    DHCP_AT_HTYPE = 1,
    DHCP_AT_HLEN = 2,
    DHCP_AT_HOPS = 3,
    DHCP_AT_XID = 4,
    DHCP_AT_SECS = 8,
    DHCP_AT_FLAGS = 10,
    DHCP_AT_CIADDR = 12,
    DHCP_AT_YIADDR = 16,
    DHCP_AT_SIADDR = 20,
    DHCP_AT_GIADDR = 24,
    DHCP_AT_CHADDR = 28,
    DHCP_AT_SNAME = 44,
    DHCP_AT_FILE = 108,
    DHCP_AT_COOKIE = 236,
    DHCP_AT_OPTIONS = 240
};
#define DHCP_SNAME_LEN 64
#define DHCP_FILE_LEN 128

#define DHCP_UDP_OVERHEAD 28 /* IPv4 and UDP header, which option 57 counts in */
#define DHCP_IP_MIN 576      /* what every client takes, RFC 2131 2 */
#define DHCP_BOOTP_MIN 300   /* shorter messages are padded: old relays and clients drop them */
#define DHCP_MESSAGE_MAX (1500 - DHCP_UDP_OVERHEAD)

#endif
