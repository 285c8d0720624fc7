/* lldp.c - IEEE 802.1AB: seven bits of type and nine of length before each value; LLDP-MED's inventory
 * (ANSI/TIA-1057) in organisation-specific ones. */
#include "net/discovery/common.h"

#include <string.h>

enum { LLDP_END = 0, LLDP_CHASSIS = 1, LLDP_PORT = 2, LLDP_OWN = 127 };
enum { MED_FIRMWARE = 6, MED_SOFTWARE = 7, MED_SERIAL = 8, MED_MODEL = 10 };

/* Chassis (sub-type 4) and port (3) may be named by a MAC. */
static void read_id(struct discovery *out, const uint8_t *value, size_t len, uint8_t mac_subtype)
{
    if (len != 7 || value[0] != mac_subtype || out->has_mac)
        return;
    out->has_mac = true;
    memcpy(out->mac.b, value + 1, sizeof out->mac.b);
}

static void read_med(struct discovery *out, const uint8_t *value, size_t len)
{
    static const uint8_t tia[3] = {0x00, 0x12, 0xbb};
    if (len < 4 || memcmp(value, tia, sizeof tia) != 0)
        return;
    if (value[3] == MED_SOFTWARE || (value[3] == MED_FIRMWARE && !out->version[0]))
        discovery_text(out->version, value + 4, len - 4);
    else if (value[3] == MED_SERIAL)
        discovery_text(out->serial, value + 4, len - 4);
    else if (value[3] == MED_MODEL)
        discovery_text(out->platform, value + 4, len - 4);
}

bool lldp_parse(const uint8_t *frame, size_t len, struct discovery *out)
{
    struct discovery found;
    if (len < FRAME_HEAD || frame[12] != 0x88 || frame[13] != 0xcc)
        return false;
    discovery_begin(&found, frame);
    for (size_t at = FRAME_HEAD; len - at >= 2;) {
        unsigned type = frame[at] >> 1;
        size_t size = (size_t)((frame[at] & 1) << 8 | frame[at + 1]);
        const uint8_t *value = frame + at + 2;
        if (type == LLDP_END) { /* the rest is padding */
            *out = found;
            return true;
        }
        if (size > len - at - 2)
            return false;
        if (type == LLDP_CHASSIS || type == LLDP_PORT)
            read_id(&found, value, size, type == LLDP_CHASSIS ? 4 : 3);
        else if (type == LLDP_OWN)
            read_med(&found, value, size);
        at += 2 + size;
    }
    return false;
}
