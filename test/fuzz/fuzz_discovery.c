/* fuzz_discovery.c - any frame as CDP and LLDP: every text printable and ended. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/discovery/discovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char text[DISCOVERY_TEXT_MAX])
{
    const char *end = memchr(text, 0, DISCOVERY_TEXT_MAX);
    if (!end)
        abort();
    for (const char *c = text; c < end; c++)
        if (*c < ' ' || *c > '~')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool (*const parse[])(const uint8_t *, size_t, struct discovery *) = {cdp_parse, lldp_parse};
    for (size_t i = 0; i < 2; i++) {
        struct discovery d;
        if (!parse[i](data, size, &d))
            continue;
        check(d.platform);
        check(d.version);
        check(d.serial);
    }
    if (vlan_of(data, size) > 4094)
        abort();
    return 0;
}
