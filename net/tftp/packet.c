#include "net/tftp/packet.h"

#include <string.h>

enum tftp_op tftp_opcode(const uint8_t *pkt, size_t len)
{
    if (len < 4 || pkt[0] != 0 || pkt[1] < TFTP_RRQ || pkt[1] > TFTP_OACK)
        return TFTP_OP_NONE;
    return (enum tftp_op)pkt[1];
}

size_t tftp_error_build(uint8_t out[TFTP_ERROR_MAX], enum tftp_error_code code, const char *text)
{
    size_t len = strlen(text);
    if (len > TFTP_ERROR_TEXT_MAX - 1)
        len = TFTP_ERROR_TEXT_MAX - 1;
    out[0] = 0;
    out[1] = TFTP_ERROR;
    out[2] = 0;
    out[3] = (uint8_t)code;
    memcpy(out + 4, text, len);
    out[4 + len] = 0;
    return 4 + len + 1;
}
