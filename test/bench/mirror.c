/* mirror - the least that a DHCP or TFTP server can do, to see how much the clients of the bench can take.
 *
 *     mirror INTERFACE ADDRESS dhcp|dhcp-one-address
 *     mirror INTERFACE ADDRESS tftp FILE BLKSIZE WINDOWSIZE
 *
 * It keeps no state at all: to an ACK it sends the window that follows, to a DISCOVER an OFFER of an address that
 * is made of the client's MAC (dhcp-one-address: the same for all, which no client of the bench may stand). It
 * serves until it is ended. */
#include "wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { TFTP_PORT = 69, TID = 4000, DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68 };
enum {
    RRQ = 1,
    DATA = 3,
    ACK = 4,
    OACK = 6,
    DISCOVER = 1,
    DHCP_REPLY_LEN = 300,
    BOOTP_OPTIONS = 236,
    UNDER_WAY = 256
};

static struct {
    struct wire wire;
    uint32_t address;
    uint8_t mac[6];
    const uint8_t *file;
    uint64_t size;
    size_t blksize, window;
    bool one_address;
} m;

static void answer(const struct wire_datagram *d, uint16_t from, const uint8_t *head, size_t head_len,
                   const uint8_t *data, size_t len)
{
    wire_put(&m.wire, &(struct wire_datagram){.src = m.address,
                                              .dst = d->src,
                                              .src_port = from,
                                              .dst_port = d->src_port,
                                              .from_mac = m.mac,
                                              .dst_mac = d->src_mac,
                                              .head = head,
                                              .head_len = head_len,
                                              .data = data,
                                              .len = len});
}

static void send_window(const struct wire_datagram *d, size_t block)
{
    for (size_t i = 0; i < m.window; i++, block++) {
        uint64_t at = (uint64_t)block * m.blksize;
        uint8_t head[4] = {0, DATA, (uint8_t)((block + 1) >> 8), (uint8_t)(block + 1)};
        if (at > m.size)
            return;
        uint64_t left = m.size - at;
        answer(d, TID, head, sizeof head, m.file + at, left < m.blksize ? (size_t)left : m.blksize);
    }
}

static void tftp(const struct wire_datagram *d)
{
    char oack[60];
    if (d->len >= 4 && d->dst_port == TID && d->data[1] == ACK)
        send_window(d, (size_t)(d->data[2] << 8 | d->data[3]));
    if (d->len < 4 || d->dst_port != TFTP_PORT || d->data[1] != RRQ)
        return;
    if (m.blksize == 512 && m.window == 1) {
        send_window(d, 0);
        return;
    }
    int len =
        snprintf(oack, sizeof oack, "%c%cblksize%c%zu%cwindowsize%c%zu", 0, OACK, 0, m.blksize, 0, 0, m.window);
    answer(d, TID, (const uint8_t *)oack, (size_t)len + 1, NULL, 0);
}

/* The clients of dhcp_load put the message's type first among the options. */
static void dhcp(const struct wire_datagram *d)
{
    uint8_t reply[DHCP_REPLY_LEN] = {2}, *at = reply + BOOTP_OPTIONS;
    static const uint8_t cookie[] = {99, 130, 83, 99, 53, 1};
    if (d->dst_port != DHCP_SERVER_PORT || d->len < BOOTP_OPTIONS + 8)
        return;
    memcpy(reply + 1, d->data + 1, 7); /* htype, hlen, hops, xid */
    memcpy(reply + 28, d->data + 28, 16);
    reply[16] = 10;
    if (!m.one_address)
        memcpy(reply + 17, d->data + 31, 3);
    memcpy(at, cookie, sizeof cookie);
    at[6] = d->data[BOOTP_OPTIONS + 6] == DISCOVER ? 2 : 5;
    at[7] = 54;
    at[8] = 4;
    for (int i = 0; i < 4; i++)
        at[9 + i] = (uint8_t)(m.address >> (24 - 8 * i));
    at[13] = 255;
    wire_put(&m.wire, &(struct wire_datagram){.src = m.address,
                                              .dst = UINT32_MAX,
                                              .src_port = DHCP_SERVER_PORT,
                                              .dst_port = DHCP_CLIENT_PORT,
                                              .from_mac = m.mac,
                                              .dst_mac = d->data + 28,
                                              .data = reply,
                                              .len = sizeof reply});
}

static void map_file(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0)
        m.file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (m.file == NULL || m.file == MAP_FAILED) {
        perror(path);
        exit(2);
    }
    m.size = (uint64_t)st.st_size;
}

int main(int argc, char **argv)
{
    bool is_tftp = argc == 7 && strcmp(argv[3], "tftp") == 0;
    m.one_address = argc == 4 && strcmp(argv[3], "dhcp-one-address") == 0;
    if (!is_tftp && !m.one_address && !(argc == 4 && strcmp(argv[3], "dhcp") == 0)) {
        fprintf(stderr, "usage: mirror INTERFACE ADDRESS dhcp|dhcp-one-address|tftp [FILE BLKSIZE WINDOWSIZE]\n");
        return 2;
    }
    m.address = wire_address(argv[2]);
    if (is_tftp) {
        map_file(argv[4]);
        m.blksize = strtoul(argv[5], NULL, 10);
        m.window = strtoul(argv[6], NULL, 10);
    }
    wire_mac(m.address, m.mac);
    wire_open(&m.wire, argv[1], m.address, 1, UNDER_WAY);
    for (;;) {
        unsigned n = wire_receive(&m.wire);
        struct wire_datagram d;
        for (unsigned i = 0; i < n; i++) {
            if (!wire_datagram(&m.wire, i, &d))
                continue;
            if (is_tftp)
                tftp(&d);
            else
                dhcp(&d);
        }
        wire_flush(&m.wire);
    }
}
