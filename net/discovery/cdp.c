/* cdp.c - Cisco Discovery Protocol: an 802.2 frame with a SNAP head, then type, length (of all three), value. */
#include "net/discovery/common.h"

#include <string.h>

#define HEAD (FRAME_HEAD + 8 + 4) /* LLC and SNAP; version, time to live, checksum */

enum { CDP_DEVICE = 1, CDP_VERSION = 5, CDP_PLATFORM = 6 };

static unsigned two(const uint8_t *at)
{
    return (unsigned)(at[0] << 8 | at[1]);
}

static void read_device(struct discovery *out, const uint8_t *value, size_t len)
{
    struct mac mac;
    if (len != 15 || memcmp(value, "SIP", 3) != 0 || !mac_parse((const char *)value + 3, len - 3, &mac))
        return;
    out->has_mac = true;
    out->mac = mac;
}

static void read_value(struct discovery *out, unsigned type, const uint8_t *value, size_t len)
{
    if (type == CDP_DEVICE)
        read_device(out, value, len);
    else if (type == CDP_VERSION)
        discovery_text(out->version, value, len);
    else if (type == CDP_PLATFORM)
        discovery_text(out->platform, value, len);
}

bool cdp_parse(const uint8_t *frame, size_t len, struct discovery *out)
{
    static const uint8_t snap[8] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00};
    struct discovery found;
    if (len < HEAD || two(frame + 12) > 1500 || memcmp(frame + FRAME_HEAD, snap, sizeof snap) != 0)
        return false;
    size_t end = FRAME_HEAD + two(frame + 12); /* what follows is padding */
    if (end > len || end < HEAD)
        return false;
    discovery_begin(&found, frame);
    for (size_t at = HEAD; at < end;) {
        if (end - at < 4 || two(frame + at + 2) < 4 || two(frame + at + 2) > end - at)
            return false;
        size_t size = two(frame + at + 2);
        read_value(&found, two(frame + at), frame + at + 4, size - 4);
        at += size;
    }
    *out = found;
    return true;
}
