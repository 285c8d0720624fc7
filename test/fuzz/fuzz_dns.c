/* fuzz_dns.c - any bytes as a DNS query: a sound response or silence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns/mdns.h"
#include "net/dns/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_answer(const struct dns_server *server, const uint8_t *data, size_t size)
{
    uint8_t out[DNS_REPLY_MAX];
    struct dns_asked asked;
    size_t len = dns_server_answer(server, data, size, out, sizeof out, &asked);
    if (len > sizeof out || strlen(asked.name) >= sizeof asked.name)
        abort();
    if (len > 0 && (len < 12 || memcmp(out, data, 2) != 0 || !(out[2] & 0x80)))
        abort();
    /* What came out is a response, so it is never answered. */
    if (len > 0 && dns_server_answer(server, out, len, out, sizeof out, &asked) != 0)
        abort();
}

static void try_mdns(const uint8_t *data, size_t size)
{
    struct mdns mdns;
    uint8_t out[DNS_REPLY_MAX], more[DNS_REPLY_MAX];
    bool unicast;
    mdns_init(&mdns, 0xc0a80a0a, "stagebox");
    for (uint16_t port = MDNS_PORT; port < MDNS_PORT + 2; port++) {
        size_t len = mdns_answer(&mdns, data, size, port, out, sizeof out, &unicast);
        if (len > sizeof out || (len > 0 && mdns_answer(&mdns, out, len, port, more, sizeof more, &unicast) != 0))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dns_server server;
    try_mdns(data, size);
    for (int capture = 0; capture < 2; capture++) {
        dns_server_init(&server, 0xc0a80a0a, capture != 0);
        dns_server_add(&server, "stagebox");
        dns_server_add(&server, "*.example");
        try_answer(&server, data, size);
    }
    char name[64] = "";
    memcpy(name, data, size < sizeof name - 1 ? size : sizeof name - 1);
    dns_server_add(&server, name);
    return 0;
}
