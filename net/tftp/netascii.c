#include "net/tftp/netascii.h"

size_t netascii_fill(const uint8_t *data, uint64_t size, uint64_t *pos, int8_t *carry, uint8_t *out, size_t cap)
{
    size_t n = 0;
    while (n < cap) {
        if (*carry >= 0) {
            out[n++] = (uint8_t)*carry;
            *carry = -1;
            continue;
        }
        if (*pos == size)
            break;
        uint8_t byte = data[(*pos)++];
        out[n++] = byte == '\n' ? '\r' : byte;
        if (byte == '\n' || byte == '\r')
            *carry = byte == '\n' ? '\n' : '\0';
    }
    return n;
}
