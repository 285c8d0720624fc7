/* fuzz_sntp.c - any bytes as an SNTP request, behind eight bytes of clock. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/sntp/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sntp_clock clock = {true, 0};
    uint8_t out[SNTP_REPLY_LEN];
    if (size < sizeof clock.unix_ms)
        return 0;
    memcpy(&clock.unix_ms, data, sizeof clock.unix_ms);
    data += sizeof clock.unix_ms;
    size -= sizeof clock.unix_ms;
    size_t len = sntp_server_answer(&clock, data, size, out);
    if (len != 0 && (len != SNTP_REPLY_LEN || memcmp(out + 24, data + 40, 8) != 0))
        abort();
    /* A reply is no request. */
    uint8_t again[SNTP_REPLY_LEN];
    if (len != 0 && sntp_server_answer(&clock, out, len, again) != 0)
        abort();
    return 0;
}
