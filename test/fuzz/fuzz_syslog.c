/* fuzz_syslog.c - any bytes as a syslog line: every text printable and ended. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/syslog/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t cap)
{
    const char *end = memchr(text, 0, cap);
    size_t len = end ? (size_t)(end - text) : cap;
    if (len == cap)
        abort();
    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct syslog_message message;
    syslog_parse(data, size, &message);
    check(message.hostname, sizeof message.hostname);
    check(message.model, sizeof message.model);
    check(message.url, sizeof message.url);
    check(message.reason, sizeof message.reason);
    check(message.text, sizeof message.text);
    if (syslog_kind_text(message.kind)[0] == 0)
        abort();
    if (message.facility > 23 || message.severity > 7 || message.kind > SYSLOG_UPGRADE_TRY)
        abort();
    return 0;
}
