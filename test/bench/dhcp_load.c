/* dhcp_load - as many four-way exchanges as a DHCP server can do: DISCOVER, OFFER, REQUEST, ACK.
 *
 *     dhcp_load INTERFACE SECONDS AT-ONCE PHONES FIRST
 *
 * PHONES phones, numbered from FIRST on, take their turn, AT-ONCE of them at a time; a phone that had an address
 * begins anew with a DISCOVER, as after power. SECONDS 0: each phone has one turn, and it ends when all have an
 * address. Prints "EXCHANGES SECONDS CPU DROPS NAKS": an exchange that waits a second for any answer is dropped,
 * and its phone begins again. Exit status 1 where two phones were given one address, or after 60 seconds. */
#include "bytes.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE_MAX = 1024, PHONES_MAX = 1 << 20, SERVER_PORT = 67, CLIENT_PORT = 68 };
enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6, BOOTP_OPTIONS = 236, COOKIE = 4, MESSAGE_MIN = 300 };
static const double WAIT_S = 1.0, LONGEST_S = 60.0;

struct exchange {
    uint32_t phone;
    uint32_t xid;
    uint8_t mac[6];
    bool busy, requested;
    double due;
};

struct load {
    struct wire wire;
    struct exchange exchanges[AT_ONCE_MAX];
    size_t at_once;
    uint32_t phones, first, turn;
    bool once;
    uint32_t *address; /* by phone: the last that was acknowledged */
    uint32_t *owner;   /* by the address's low 20 bits: phone + 1 */
    uint64_t done, drops, naks, begun, twice;
};

static uint8_t *option(uint8_t *at, uint8_t code, const void *value, uint8_t len)
{
    *at++ = code;
    *at++ = len;
    memcpy(at, value, len);
    return at + len;
}

/* What an SPA504G sends; `server` and the address only with a REQUEST. */
static void ask(struct load *l, struct exchange *x, uint8_t type, uint32_t address, const uint8_t *server)
{
    static const uint8_t cookie[] = {99, 130, 83, 99}, wanted[] = {1, 3, 6, 15, 42, 66, 67, 150, 159, 160};
    static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
    static const char vendor[] = "LINKSYS SPA-504G";
    uint8_t message[MESSAGE_MIN + 100] = {1, 1, 6}, id[7] = {1}, wish[4];
    put32(message + 4, x->xid);
    memcpy(message + 28, x->mac, 6);
    memcpy(message + BOOTP_OPTIONS, cookie, sizeof cookie);
    memcpy(id + 1, x->mac, 6);
    put32(wish, address);
    uint8_t *at = option(message + BOOTP_OPTIONS + COOKIE, 53, &type, 1);
    at = option(at, 61, id, sizeof id);
    at = option(at, 60, vendor, sizeof vendor - 1);
    at = option(at, 55, wanted, sizeof wanted);
    if (server) {
        at = option(at, 50, wish, 4);
        at = option(at, 54, server, 4);
    }
    *at++ = 255;
    size_t len = (size_t)(at - message);
    wire_put(&l->wire, &(struct wire_datagram){.dst = UINT32_MAX,
                                               .src_port = CLIENT_PORT,
                                               .dst_port = SERVER_PORT,
                                               .from_mac = x->mac,
                                               .dst_mac = everybody,
                                               .data = message,
                                               .len = len < MESSAGE_MIN ? MESSAGE_MIN : len});
    x->due = wire_now() + WAIT_S;
}

/* The phone of this place begins, perhaps again. */
static void discover(struct load *l, struct exchange *x)
{
    x->requested = false;
    /* The low bits tell which exchange it is. */
    x->xid = (uint32_t)++l->begun << 10 | (uint32_t)(x - l->exchanges);
    ask(l, x, DISCOVER, 0, NULL);
}

/* The next phone's turn, in the place of one that is through. */
static void begin(struct load *l, struct exchange *x)
{
    x->busy = !l->once || l->turn < l->phones;
    if (!x->busy)
        return;
    x->phone = l->turn++ % l->phones;
    uint32_t number = x->phone + l->first;
    uint8_t mac[6] = {0x58, 0xbf, 0xea, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    memcpy(x->mac, mac, sizeof mac);
    discover(l, x);
}

static void note_address(struct load *l, const struct exchange *x, uint32_t address)
{
    uint32_t *owner = &l->owner[address % PHONES_MAX], *had = &l->address[x->phone];
    if (*owner != 0 && *owner != x->phone + 1)
        l->twice++;
    if (*had != 0 && *had != address)
        l->owner[*had % PHONES_MAX] = 0;
    *had = address;
    *owner = x->phone + 1;
}

/* The value of an option of `len` bytes; NULL where it is not there. */
static const uint8_t *find(const uint8_t *message, size_t size, uint8_t code, uint8_t len)
{
    size_t at = BOOTP_OPTIONS + COOKIE;
    while (at + 1 < size && message[at] != 255) {
        if (message[at] == 0) {
            at++;
            continue;
        }
        if (at + 2 + message[at + 1] > size)
            return NULL;
        if (message[at] == code && message[at + 1] == len)
            return message + at + 2;
        at += 2u + message[at + 1];
    }
    return NULL;
}

static void take(void *ctx, const struct wire_datagram *d)
{
    struct load *l = ctx;
    if (d->dst_port != CLIENT_PORT || d->len < BOOTP_OPTIONS + COOKIE || d->data[0] != 2)
        return;
    uint32_t xid = get32(d->data + 4), address = get32(d->data + 16);
    struct exchange *x = &l->exchanges[xid % AT_ONCE_MAX];
    const uint8_t *type = find(d->data, d->len, 53, 1), *server = find(d->data, d->len, 54, 4);
    if (!x->busy || x->xid != xid || !type || !server)
        return;
    if (*type == OFFER && !x->requested) {
        x->requested = true;
        ask(l, x, REQUEST, address, server);
    } else if (*type == ACK && x->requested) {
        note_address(l, x, address);
        l->done++;
        begin(l, x);
    } else if (*type == NAK) {
        l->naks++;
        discover(l, x);
    }
}

/* Whether anything is still under way. */
static bool drop_what_is_due(void *ctx)
{
    struct load *l = ctx;
    double now = wire_now();
    bool busy = false;
    for (size_t i = 0; i < l->at_once; i++) {
        struct exchange *x = &l->exchanges[i];
        if (x->busy && x->due <= now) {
            l->drops++;
            discover(l, x);
        }
        busy |= x->busy;
    }
    return busy;
}

static int go(struct load *l, double seconds)
{
    double cpu = wire_cpu();
    bool over;
    struct wire_turns turns = {
        .seconds = l->once ? LONGEST_S : seconds, .sweep_s = 0.01, .take = take, .sweep = drop_what_is_due, .ctx = l};
    for (size_t i = 0; i < l->at_once; i++)
        begin(l, &l->exchanges[i]);
    double took = wire_loop(&l->wire, &turns, &over);
    printf("%llu %.3f %.3f %llu %llu\n", (unsigned long long)l->done, took, wire_cpu() - cpu,
           (unsigned long long)l->drops, (unsigned long long)l->naks);
    if (l->twice > 0)
        fprintf(stderr, "dhcp_load: %llu times one address for two phones\n", (unsigned long long)l->twice);
    return l->twice == 0 && (!l->once || over) ? 0 : 1;
}

int main(int argc, char **argv)
{
    static struct load load;
    size_t at_once = argc == 6 ? strtoul(argv[3], NULL, 10) : 0,
           phones = argc == 6 ? strtoul(argv[4], NULL, 10) : 0;
    if (at_once < 1 || at_once > AT_ONCE_MAX || phones < at_once || phones > PHONES_MAX) {
        fprintf(stderr, "usage: dhcp_load INTERFACE SECONDS AT-ONCE PHONES FIRST\n");
        return 2;
    }
    load.at_once = at_once;
    load.phones = (uint32_t)phones;
    load.first = (uint32_t)strtoul(argv[5], NULL, 10);
    load.once = strtod(argv[2], NULL) <= 0;
    load.address = calloc(PHONES_MAX, sizeof *load.address);
    load.owner = calloc(PHONES_MAX, sizeof *load.owner);
    if (!load.address || !load.owner)
        return 2;
    wire_open(&load.wire, argv[1], 0, 0, (unsigned)at_once);
    int status = go(&load, strtod(argv[2], NULL));
    free(load.address);
    free(load.owner);
    return status;
}
