#include "wire.h"

#include "bytes.h"

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
enum { ETHERNET = 14, IP = 20, UDP = 8, ARP = 28, RECEIVE_WAIT_MS = 10 };
enum { SLOT = 2048, SLOTS_MIN = 64, BLOCK = 1 << 16 };

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
    put32(mac + 2, address);
    mac[0] = 0;
    mac[1] = 2;
    mac[2] = 0xfd;
}

static void set_up_batch(struct wire *w)
{
    for (unsigned i = 0; i < WIRE_BATCH; i++) {
        w->out_span[i] = (struct iovec){w->out_frame[i], 0};
        w->out[i].msg_hdr = (struct msghdr){.msg_iov = &w->out_span[i], .msg_iovlen = 1};
    }
}

/* ARP, and whole UDP datagrams and TCP segments over IPv4. */
static void attach_filter(int fd)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_ARP, 6, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IP, 0, 6),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHERNET + 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHERNET + 6),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        give_up("the filter");
}

/* Memory shared with the kernel (packet(7), PACKET_RX_RING). No more than is needed: the kernel fills it on the
 * server's time, which takes longer where slots have left the cache before it is their turn again. */
static void map_slots(struct wire *w, unsigned under_way)
{
    for (w->size = SLOTS_MIN; w->size < 2 * under_way; w->size *= 2)
        ;
    int version = TPACKET_V2;
    struct tpacket_req size = {.tp_block_size = BLOCK,
                               .tp_block_nr = SLOT * w->size / BLOCK,
                               .tp_frame_size = SLOT,
                               .tp_frame_nr = w->size};
    if (setsockopt(w->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
        setsockopt(w->fd, SOL_PACKET, PACKET_RX_RING, &size, sizeof size) != 0)
        give_up("the ring");
    w->slots = mmap(NULL, (size_t)SLOT * w->size, PROT_READ | PROT_WRITE, MAP_SHARED, w->fd, 0);
    if (w->slots == MAP_FAILED)
        give_up("the ring");
}

void wire_open(struct wire *w, const char *interface, uint32_t first, uint32_t count, unsigned under_way)
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
    map_slots(w, under_way);
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

uint32_t wire_sum(const uint8_t *data, size_t len, uint32_t sum)
{
    size_t i = 0;
    for (; i + 1 < len; i += 2)
        sum += get16(data + i);
    return i < len ? sum + ((uint32_t)data[i] << 8) : sum;
}

uint16_t wire_checksum(const uint8_t *data, size_t len, uint32_t sum)
{
    sum = wire_sum(data, len, sum);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint8_t *wire_put_packet(struct wire *w, const struct wire_packet *p)
{
    if (ETHERNET + IP + p->len > WIRE_FRAME)
        return NULL;
    uint8_t *frame = take_frame(w, ETHERNET + IP + p->len), *ip = frame + ETHERNET;
    put_ethernet(frame, p->dst_mac, p->from_mac, ETHERTYPE_IP);
    memset(ip, 0, IP);
    ip[0] = 0x45;
    put16(ip + 2, IP + p->len);
    ip[8] = 64;
    ip[9] = p->protocol;
    put32(ip + 12, p->src);
    put32(ip + 16, p->dst);
    put16(ip + 10, wire_checksum(ip, IP, 0));
    return ip + IP;
}

void wire_put(struct wire *w, const struct wire_datagram *d)
{
    size_t len = d->head_len + d->len;
    uint8_t *udp = wire_put_packet(w, &(struct wire_packet){.src = d->src,
                                                            .dst = d->dst,
                                                            .protocol = IPPROTO_UDP,
                                                            .dst_mac = d->dst_mac,
                                                            .from_mac = d->from_mac,
                                                            .len = UDP + len});
    if (!udp)
        return;
    put16(udp, d->src_port);
    put16(udp + 2, d->dst_port);
    put16(udp + 4, UDP + len);
    put16(udp + 6, 0); /* no checksum: RFC 768 */
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
    return (struct tpacket2_hdr *)(void *)(w->slots + (size_t)(i % w->size) * SLOT);
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

bool wire_packet(const struct wire *w, unsigned i, struct wire_packet *out)
{
    const uint8_t *frame = w->in[i], *ip = frame + ETHERNET;
    size_t there = w->in_len[i];
    if (there < ETHERNET + IP || get16(frame + 12) != ETHERTYPE_IP || ip[0] != 0x45 || get16(ip + 2) < IP)
        return false;
    size_t len = get16(ip + 2) - (size_t)IP, here = there - ETHERNET - IP;
    *out = (struct wire_packet){.src = get32(ip + 12),
                                .dst = get32(ip + 16),
                                .protocol = ip[9],
                                .src_mac = frame + 6,
                                .payload = ip + IP,
                                .len = len,
                                .here = here < len ? here : len};
    return true;
}

bool wire_datagram(const struct wire *w, unsigned i, struct wire_datagram *out)
{
    struct wire_packet p;
    if (!wire_packet(w, i, &p) || p.protocol != IPPROTO_UDP || p.here < p.len || p.len < UDP)
        return false;
    const uint8_t *udp = p.payload;
    size_t len = get16(udp + 4);
    if (len < UDP || len > p.len)
        return false;
    *out = (struct wire_datagram){.src = p.src,
                                  .dst = p.dst,
                                  .src_port = get16(udp),
                                  .dst_port = get16(udp + 2),
                                  .src_mac = p.src_mac,
                                  .data = udp + UDP,
                                  .len = len - UDP};
    return true;
}

/* -- turns ----------------------------------------------------------------------------------------- */

static void turn(struct wire *w, unsigned i, const struct wire_turns *turns)
{
    struct wire_datagram d;
    if (turns->take_frame)
        turns->take_frame(turns->ctx, i);
    else if (wire_datagram(w, i, &d))
        turns->take(turns->ctx, &d);
}

double wire_loop(struct wire *w, const struct wire_turns *turns, bool *over)
{
    double begun = wire_now(), swept = begun, now = begun;
    bool goes_on = true;
    wire_flush(w);
    while (goes_on && now < begun + turns->seconds) {
        unsigned n = wire_receive(w);
        for (unsigned i = 0; i < n; i++)
            turn(w, i, turns);
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
