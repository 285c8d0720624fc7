#include "net/discovery/common.h"

#include <string.h>

void discovery_text(char out[DISCOVERY_TEXT_MAX], const uint8_t *bytes, size_t len)
{
    while (len > 0 && (bytes[0] == ' ' || bytes[0] == 0))
        bytes++, len--;
    while (len > 0 && (bytes[len - 1] <= ' '))
        len--;
    if (len > DISCOVERY_TEXT_MAX - 1)
        len = DISCOVERY_TEXT_MAX - 1;
    for (size_t i = 0; i < len; i++)
        out[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? (char)bytes[i] : '?';
    out[len] = '\0';
}

void discovery_begin(struct discovery *out, const uint8_t *frame)
{
    memset(out, 0, sizeof *out);
    memcpy(out->source.b, frame + 6, sizeof out->source.b);
}

unsigned vlan_of(const uint8_t *frame, size_t len)
{
    if (len < FRAME_HEAD + 4 || frame[12] != 0x81 || frame[13] != 0)
        return 0;
    unsigned vlan = (unsigned)(frame[14] << 8 | frame[15]) & 0xfff;
    return vlan == 0xfff ? 0 : vlan;
}
