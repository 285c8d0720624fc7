/* discovery.h - what phones tell their switch of themselves: CDP and LLDP with LLDP-MED's inventory. Only read,
 * never answered: a VLAN that we told of would be one more that a phone keeps.
 */
#ifndef STAGEBOX_NET_DISCOVERY_H
#define STAGEBOX_NET_DISCOVERY_H

#include "net/addr.h"

#define CDP_ETHERTYPE 0x0004 /* 802.2 frames, as ports/port.h counts them */
#define LLDP_ETHERTYPE 0x88cc
#define VLAN_ETHERTYPE 0x8100

#define DISCOVERY_TEXT_MAX 64 /* bytes of each text, NUL included; longer ones are cut */

/* Texts are printable ASCII ('?' for any other byte), and "" where the frame has none. */
struct discovery {
    struct mac source; /* of the frame */
    bool has_mac;
    struct mac mac;                    /* named inside: CDP's device id "SIP58BFEA1104E6", LLDP's chassis or port */
    char platform[DISCOVERY_TEXT_MAX]; /* "Cisco IP Phone SPA508G"; LLDP-MED: the model's name */
    char version[DISCOVERY_TEXT_MAX];  /* "7.4.9c"; LLDP-MED: the software's, else the firmware's */
    char serial[DISCOVERY_TEXT_MAX];   /* LLDP-MED only */
};

/* Reads a frame that starts with the destination MAC; *out is written whole where it returns true. False for any
 * other frame, and where a part of it runs past the end. */
bool cdp_parse(const uint8_t *frame, size_t len, struct discovery *out);
bool lldp_parse(const uint8_t *frame, size_t len, struct discovery *out);
/* The VLAN in a frame's tag (IEEE 802.1Q), 1..4094; 0 where there is none, or only a priority. */
unsigned vlan_of(const uint8_t *frame, size_t len);

#endif
