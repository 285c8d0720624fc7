/* tftp_load - as many bytes by TFTP as a server gives to some clients at once, each with an address of its own.
 *
 *     tftp_load INTERFACE FIRST-ADDRESS CLIENTS SERVER FILE BLKSIZE WINDOWSIZE SECONDS
 *
 * Each client asks for the base name of FILE again and again and compares what comes with FILE. Options are asked
 * for where they are not RFC 1350's: blksize (RFC 2348), windowsize (RFC 7440); where the latter is not granted, it
 * goes on in lock-step. Prints "MB SECONDS CPU TRANSFERS REPEATED": bytes of data / 10^6 received in order, seconds
 * of the wall and of the processor that this program took, whole transfers, and datagrams that were sent again
 * after a second without an answer. Exit status 1 where content was wrong, the block size was not granted, or an
 * ERROR came. */
#include "wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLIENTS_MAX = 256, TFTP_PORT = 69, RRQ = 1, DATA = 3, ACK = 4, ERROR = 5, OACK = 6, PORT_MIN = 20000 };
static const double REPEAT_S = 1.0;

struct client {
    uint32_t address;
    uint8_t mac[6];
    uint16_t port, peer; /* peer 0: the server's port is not known yet */
    uint64_t block;      /* received in order */
    uint64_t acked;
    bool gap;   /* told the server of it */
    double due; /* repeat then */
};

struct load {
    struct wire wire;
    uint32_t server;
    uint8_t server_mac[6];
    const uint8_t *file;
    uint64_t size;
    const char *name;
    size_t blksize, window;
    uint64_t bytes, transfers, repeated;
    const char *wrong;
    struct client clients[CLIENTS_MAX];
    size_t count;
};

static void put(struct load *l, struct client *c, uint16_t port, const uint8_t *data, size_t len)
{
    wire_put(&l->wire, &(struct wire_datagram){.src = c->address,
                                               .dst = l->server,
                                               .src_port = c->port,
                                               .dst_port = port,
                                               .from_mac = c->mac,
                                               .dst_mac = l->server_mac,
                                               .data = data,
                                               .len = len});
    c->due = wire_now() + REPEAT_S;
}

static bool with_options(const struct load *l)
{
    return l->blksize != 512 || l->window != 1;
}

static void ask(struct load *l, struct client *c)
{
    char request[300];
    int len = snprintf(request, sizeof request, "%c%c%s%coctet", 0, RRQ, l->name, 0) + 1;
    if (l->blksize != 512)
        len += snprintf(request + len, sizeof request - (size_t)len, "blksize%c%zu", 0, l->blksize) + 1;
    if (l->window != 1)
        len += snprintf(request + len, sizeof request - (size_t)len, "windowsize%c%zu", 0, l->window) + 1;
    put(l, c, TFTP_PORT, (const uint8_t *)request, (size_t)len);
}

static void begin(struct load *l, struct client *c)
{
    c->port = c->port < PORT_MIN || c->port == UINT16_MAX ? PORT_MIN : (uint16_t)(c->port + 1);
    c->peer = 0;
    c->block = c->acked = 0;
    c->gap = false;
    ask(l, c);
}

static void acknowledge(struct load *l, struct client *c)
{
    uint8_t ack[4] = {0, ACK, (uint8_t)(c->block >> 8), (uint8_t)c->block};
    c->acked = c->block;
    put(l, c, c->peer, ack, sizeof ack);
}

static void take_data(struct load *l, struct client *c, const uint8_t *data, size_t len)
{
    uint16_t number = (uint16_t)(data[2] << 8 | data[3]);
    uint64_t at = c->block * l->blksize, left = l->size - at;
    size_t expected = left < l->blksize ? (size_t)left : l->blksize;
    if (number != (uint16_t)(c->block + 1)) {
        if (l->window > 1 && !c->gap && (int16_t)(number - (uint16_t)c->block) > 1) {
            c->gap = true;
            acknowledge(l, c);
        }
        return;
    }
    if (len - 4 != expected || memcmp(data + 4, l->file + at, expected) != 0) {
        l->wrong = "the content is not the file's";
        return;
    }
    c->block++;
    c->gap = false;
    l->bytes += expected;
    bool last = expected < l->blksize;
    if (last || c->block - c->acked >= l->window)
        acknowledge(l, c);
    if (last) {
        l->transfers++;
        begin(l, c);
    }
}

/* Whether the OACK grants what was asked for: the value stands behind the name. */
static bool granted(const uint8_t *data, size_t len, const char *name, size_t value)
{
    const char *at = (const char *)data + 2, *end = (const char *)data + len;
    while (at < end) {
        const char *number = at + strnlen(at, (size_t)(end - at)) + 1;
        if (number >= end)
            return false;
        if (strcasecmp(at, name) == 0)
            return strtoul(number, NULL, 10) == value;
        at = number + strnlen(number, (size_t)(end - number)) + 1;
    }
    return false;
}

static void take_oack(struct load *l, struct client *c, const uint8_t *data, size_t len)
{
    if (data[len - 1] != 0 || (l->blksize != 512 && !granted(data, len, "blksize", l->blksize))) {
        l->wrong = "the block size was not granted";
        return;
    }
    if (l->window != 1 && !granted(data, len, "windowsize", l->window))
        l->window = 1;
    acknowledge(l, c);
}

static void take(void *ctx, const struct wire_datagram *d)
{
    struct load *l = ctx;
    uint32_t which = d->dst - l->wire.first;
    if (which >= l->count || d->src != l->server || d->len < 4 || d->data[0] != 0)
        return;
    struct client *c = &l->clients[which];
    if (d->dst_port != c->port || (c->peer != 0 && d->src_port != c->peer))
        return;
    bool first = c->peer == 0;
    c->peer = d->src_port;
    switch (d->data[1]) {
    case DATA:
        if (first && with_options(l))
            l->wrong = "the options were ignored";
        else
            take_data(l, c, d->data, d->len);
        break;
    case OACK:
        take_oack(l, c, d->data, d->len);
        break;
    default:
        l->wrong = "the server sent an ERROR";
    }
}

/* False where something was wrong. */
static bool repeat_what_is_due(void *ctx)
{
    struct load *l = ctx;
    double now = wire_now();
    for (size_t i = 0; i < l->count; i++) {
        struct client *c = &l->clients[i];
        if (c->due > now)
            continue;
        l->repeated++;
        if (c->peer == 0)
            ask(l, c);
        else
            acknowledge(l, c);
    }
    return l->wrong == NULL;
}

static int go(struct load *l, double seconds)
{
    double cpu = wire_cpu();
    struct wire_turns turns = {
        .seconds = seconds, .sweep_s = 0.1, .take = take, .sweep = repeat_what_is_due, .ctx = l};
    for (size_t i = 0; i < l->count; i++)
        begin(l, &l->clients[i]);
    double took = wire_loop(&l->wire, &turns, NULL);
    if (l->wrong != NULL)
        fprintf(stderr, "tftp_load: %s\n", l->wrong);
    printf("%.3f %.3f %.3f %llu %llu\n", (double)l->bytes / 1e6, took, wire_cpu() - cpu,
           (unsigned long long)l->transfers, (unsigned long long)l->repeated);
    return l->wrong == NULL ? 0 : 1;
}

/* So that no server goes on sending to nobody. */
static void say_goodbye(struct load *l)
{
    static const uint8_t error[] = {0, ERROR, 0, 0, 'e', 'n', 'o', 'u', 'g', 'h', 0};
    for (size_t i = 0; i < l->count; i++)
        if (l->clients[i].peer != 0)
            put(l, &l->clients[i], l->clients[i].peer, error, sizeof error);
    wire_flush(&l->wire);
}

static void map_file(struct load *l, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0) {
        perror(path);
        exit(2);
    }
    l->size = (uint64_t)st.st_size;
    l->file = mmap(NULL, (size_t)l->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    if (l->file == MAP_FAILED) {
        perror(path);
        exit(2);
    }
    l->name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

int main(int argc, char **argv)
{
    static struct load load;
    size_t clients = argc == 9 ? strtoul(argv[3], NULL, 10) : 0;
    if (clients < 1 || clients > CLIENTS_MAX) {
        fprintf(stderr,
                "usage: tftp_load INTERFACE FIRST-ADDRESS CLIENTS SERVER FILE BLKSIZE WINDOWSIZE SECONDS\n");
        return 2;
    }
    load.blksize = strtoul(argv[6], NULL, 10);
    load.window = strtoul(argv[7], NULL, 10);
    wire_open(&load.wire, argv[1], wire_address(argv[2]), (uint32_t)clients, (unsigned)(clients * load.window));
    load.server = wire_address(argv[4]);
    map_file(&load, argv[5]);
    load.count = clients;
    for (uint32_t i = 0; i < clients; i++) {
        load.clients[i].address = load.wire.first + i;
        load.clients[i].port = (uint16_t)(PORT_MIN + (unsigned)getpid() % 20000);
        wire_mac(load.wire.first + i, load.clients[i].mac);
    }
    wire_resolve(&load.wire, load.server, load.server_mac);
    int status = go(&load, strtod(argv[8], NULL));
    say_goodbye(&load);
    return status;
}
