#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
enum { ETHERNET = 14, IP = 20, UDP = 8, HEADERS = ETHERNET + IP + UDP, ARP = 28, RECEIVE_WAIT_MS = 10 };
enum { SLOT = 2048, SLOTS = 512, BLOCK = 1 << 16 };

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(2);
}

double wire_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double wire_cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

uint32_t wire_address(const char *text)
{
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1) {
        fprintf(stderr, "%s is no address\n", text);
        exit(2);
    }
    return ntohl(address.s_addr);
}

void wire_mac(uint32_t address, uint8_t mac[6])
{
    mac[0] = 2;
    mac[1] = 0;
    put32(mac + 2, address);
}

static void set_up_batch(struct wire *w)
{
    for (unsigned i = 0; i < WIRE_BATCH; i++) {
        w->out_span[i] = (struct iovec){w->out_frame[i], 0};
        w->out[i].msg_hdr = (struct msghdr){.msg_iov = &w->out_span[i], .msg_iovlen = 1};
    }
}

/* ARP, and whole UDP datagrams over IPv4 without options. */
static void attach_filter(int fd)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_ARP, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IP, 0, 5),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHERNET + 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHERNET + 6),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        give_up("the filter");
}

/* Memory shared with the kernel (packet(7), PACKET_RX_RING). */
static void map_slots(struct wire *w)
{
    int version = TPACKET_V2;
    struct tpacket_req size = {
        .tp_block_size = BLOCK, .tp_block_nr = SLOT * SLOTS / BLOCK, .tp_frame_size = SLOT, .tp_frame_nr = SLOTS};
    if (setsockopt(w->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
        setsockopt(w->fd, SOL_PACKET, PACKET_RX_RING, &size, sizeof size) != 0)
        give_up("the ring");
    w->slots = mmap(NULL, (size_t)SLOT * SLOTS, PROT_READ | PROT_WRITE, MAP_SHARED, w->fd, 0);
    if (w->slots == MAP_FAILED)
        give_up("the ring");
}

void wire_open(struct wire *w, const char *interface, uint32_t first, uint32_t count)
{
    int on = 1;
    struct sockaddr_ll name = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)};
    w->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (w->fd < 0 || name.sll_ifindex == 0)
        give_up(interface);
    w->first = first;
    w->count = count;
    w->queued = w->slot = w->taken = 0;
    set_up_batch(w);
    attach_filter(w->fd);
    setsockopt(w->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    setsockopt(w->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    map_slots(w);
    if (bind(w->fd, (const struct sockaddr *)&name, sizeof name) != 0)
        give_up(interface);
}

/* -- sending --------------------------------------------------------------------------------------- */

void wire_flush(struct wire *w)
{
    for (unsigned at = 0; at < w->queued;) {
        int sent = sendmmsg(w->fd, &w->out[at], w->queued - at, 0);
        if (sent < 0 && errno != EINTR && errno != ENOBUFS)
            give_up("sending");
        at += sent > 0 ? (unsigned)sent : 0;
    }
    w->queued = 0;
}

static uint8_t *take_frame(struct wire *w, size_t len)
{
    if (w->queued == WIRE_BATCH)
        wire_flush(w);
    w->out_span[w->queued].iov_len = len;
    return w->out_frame[w->queued++];
}

static void put_ethernet(uint8_t *frame, const uint8_t *to, const uint8_t *from, uint16_t type)
{
    memcpy(frame, to, 6);
    memcpy(frame + 6, from, 6);
    put16(frame + 12, type);
}

static uint16_t ip_checksum(const uint8_t *ip)
{
    uint32_t sum = 0;
    for (int i = 0; i < IP; i += 2)
        sum += get16(ip + i);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

void wire_put(struct wire *w, const struct wire_datagram *d)
{
    size_t len = d->head_len + d->len;
    if (HEADERS + len > WIRE_FRAME)
        return;
    uint8_t *frame = take_frame(w, HEADERS + len), *ip = frame + ETHERNET, *udp = ip + IP;
    put_ethernet(frame, d->dst_mac, d->from_mac, ETHERTYPE_IP);
    memset(ip, 0, IP + UDP);
    ip[0] = 0x45;
    put16(ip + 2, IP + UDP + len);
    ip[8] = 64;
    ip[9] = IPPROTO_UDP;
    put32(ip + 12, d->src);
    put32(ip + 16, d->dst);
    put16(ip + 10, ip_checksum(ip));
    put16(udp, d->src_port);
    put16(udp + 2, d->dst_port);
    put16(udp + 4, UDP + len); /* no checksum: RFC 768 */
    if (d->head_len > 0)
        memcpy(udp + UDP, d->head, d->head_len);
    if (d->len > 0)
        memcpy(udp + UDP + d->head_len, d->data, d->len);
}

/* -- ARP (RFC 826) --------------------------------------------------------------------------------- */

static void put_arp(struct wire *w, uint16_t operation, uint32_t sender, uint32_t target, const uint8_t *target_mac)
{
    static const uint8_t head[6] = {0, 1, 8, 0, 6, 4}, everybody[6] = {255, 255, 255, 255, 255, 255};
    uint8_t mac[6], *frame = take_frame(w, ETHERNET + ARP), *arp = frame + ETHERNET;
    wire_mac(sender, mac);
    put_ethernet(frame, target_mac ? target_mac : everybody, mac, ETHERTYPE_ARP);
    memset(arp, 0, ARP);
    memcpy(arp, head, sizeof head);
    put16(arp + 6, operation);
    memcpy(arp + 8, mac, 6);
    put32(arp + 14, sender);
    if (target_mac)
        memcpy(arp + 18, target_mac, 6);
    put32(arp + 24, target);
}

static bool is_arp(const struct wire *w, unsigned i, uint16_t operation)
{
    const uint8_t *frame = w->in[i];
    return w->in_len[i] >= ETHERNET + ARP && get16(frame + 12) == ETHERTYPE_ARP &&
           get16(frame + ETHERNET + 6) == operation;
}

static void answer_arp(struct wire *w, unsigned i)
{
    const uint8_t *arp = w->in[i] + ETHERNET;
    uint32_t wanted = is_arp(w, i, 1) ? get32(arp + 24) : 0;
    if (wanted >= w->first && wanted - w->first < w->count && get32(arp + 14) != 0)
        put_arp(w, 2, wanted, get32(arp + 14), arp + 8);
}

void wire_resolve(struct wire *w, uint32_t address, uint8_t mac[6])
{
    for (int tries = 0; tries < 200; tries++) {
        if (tries % 20 == 0)
            put_arp(w, 1, w->first, address, NULL);
        wire_flush(w);
        unsigned n = wire_receive(w);
        for (unsigned i = 0; i < n; i++) {
            const uint8_t *arp = w->in[i] + ETHERNET;
            if (is_arp(w, i, 2) && get32(arp + 14) == address) {
                memcpy(mac, arp + 8, 6);
                return;
            }
        }
    }
    errno = EHOSTUNREACH;
    give_up("ARP");
}

/* -- receiving ------------------------------------------------------------------------------------- */

static struct tpacket2_hdr *slot(const struct wire *w, unsigned i)
{
    return (struct tpacket2_hdr *)(void *)(w->slots + (size_t)(i % SLOTS) * SLOT);
}

static bool filled(const struct wire *w, unsigned i)
{
    return (__atomic_load_n(&slot(w, i)->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}

unsigned wire_receive(struct wire *w)
{
    for (; w->taken > 0; w->taken--)
        __atomic_store_n(&slot(w, w->slot++)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    if (!filled(w, w->slot))
        poll(&(struct pollfd){.fd = w->fd, .events = POLLIN}, 1, RECEIVE_WAIT_MS);
    for (; w->taken < WIRE_BATCH && filled(w, w->slot + w->taken); w->taken++) {
        const struct tpacket2_hdr *head = slot(w, w->slot + w->taken);
        w->in[w->taken] = (const uint8_t *)head + head->tp_mac;
        w->in_len[w->taken] = head->tp_snaplen;
        answer_arp(w, w->taken);
    }
    return w->taken;
}

bool wire_datagram(struct wire *w, unsigned i, struct wire_datagram *out)
{
    const uint8_t *frame = w->in[i], *ip = frame + ETHERNET, *udp = ip + IP;
    size_t len = w->in_len[i];
    if (len < HEADERS || get16(frame + 12) != ETHERTYPE_IP || ip[0] != 0x45 || ip[9] != IPPROTO_UDP ||
        get16(ip + 2) + (size_t)ETHERNET > len || get16(udp + 4) < UDP || get16(udp + 4) + IP > get16(ip + 2))
        return false;
    *out = (struct wire_datagram){.src = get32(ip + 12),
                                  .dst = get32(ip + 16),
                                  .src_port = get16(udp),
                                  .dst_port = get16(udp + 2),
                                  .src_mac = frame + 6,
                                  .data = udp + UDP,
                                  .len = (size_t)get16(udp + 4) - UDP};
    return true;
}

/* -- turns ----------------------------------------------------------------------------------------- */

double wire_loop(struct wire *w, const struct wire_turns *turns, bool *over)
{
    double begun = wire_now(), swept = begun, now = begun;
    bool goes_on = true;
    wire_flush(w);
    while (goes_on && now < begun + turns->seconds) {
        unsigned n = wire_receive(w);
        struct wire_datagram d;
        for (unsigned i = 0; i < n; i++)
            if (wire_datagram(w, i, &d))
                turns->take(turns->ctx, &d);
        now = wire_now();
        if (now > swept + turns->sweep_s) {
            goes_on = turns->sweep(turns->ctx);
            swept = now;
        }
        wire_flush(w);
    }
    if (over)
        *over = !goes_on;
    return now - begun;
}
