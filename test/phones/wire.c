#include "wire.h"

#include "mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HASH = 1024, ETH = 14, IP = 20, UDP = 8, ARP = 28 };

struct wire {
    struct loop *loop;
    struct watch watch;
    int ifindex;
    unsigned bad_checksums;
    struct wire_port *ports[HASH];
};

/* ARP, or an unfragmented UDP datagram to port 68. */
static struct sock_filter wanted[] = {
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0806, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 0, 8), BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 0, 6),   BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0), BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
    BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 68, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0xffff),               BPF_STMT(BPF_RET | BPF_K, 0),
};

static size_t hash_of(const struct mac *m)
{
    return (m->b[5] | (size_t)m->b[4] << 8 | (size_t)m->b[3] << 4) % HASH;
}

static struct wire_port *find_port(struct wire *w, const struct mac *m)
{
    struct wire_port *p = w->ports[hash_of(m)];
    while (p != NULL && !mac_same(&p->mac, m))
        p = p->next;
    return p;
}

void wire_attach(struct wire *w, struct wire_port *p)
{
    p->next = w->ports[hash_of(&p->mac)];
    w->ports[hash_of(&p->mac)] = p;
}

void wire_detach(struct wire *w, struct wire_port *p)
{
    struct wire_port **at = &w->ports[hash_of(&p->mac)];
    while (*at != NULL && *at != p)
        at = &(*at)->next;
    if (*at != NULL)
        *at = p->next;
}

static uint32_t sum_words(const uint8_t *p, size_t len, uint32_t sum)
{
    for (; len > 1; p += 2, len -= 2)
        sum += get16(p);
    return len ? sum + ((uint32_t)p[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static uint16_t udp_checksum(const uint8_t *ip, const uint8_t *udp, size_t len)
{
    uint32_t sum = sum_words(ip + 12, 8, 17u + (uint32_t)len);
    return fold(sum_words(udp, len, sum));
}

static void take_arp(struct wire *w, const uint8_t *p, size_t len)
{
    if (len < ARP || get16(p) != 1 || get16(p + 2) != 0x0800 || p[4] != 6 || p[5] != 4)
        return;
    struct arp_seen seen = {.reply = get16(p + 6) == 2, .sender_ip = get32(p + 14), .target_ip = get32(p + 24)};
    memcpy(seen.sender.b, p + 8, 6);
    uint32_t about = seen.sender_ip != 0 ? seen.sender_ip : seen.target_ip;
    for (size_t i = 0; i < HASH; i++)
        for (struct wire_port *q = w->ports[i]; q != NULL; q = q->next)
            if (q->arp_ip != 0 && q->arp_ip == about && !mac_same(&q->mac, &seen.sender))
                q->arp(q->ctx, &seen);
}

static void take_ip(struct wire *w, const uint8_t *frame, size_t len, bool sums_ready)
{
    const uint8_t *ip = frame + ETH;
    size_t header = (size_t)(ip[0] & 15) * 4;
    if (len < ETH + header + UDP || header < IP || get16(ip + 2) > len - ETH || get16(ip + 2) < header + UDP)
        return;
    const uint8_t *udp = ip + header;
    size_t udp_len = get16(udp + 4);
    if (udp_len < UDP || udp_len > get16(ip + 2) - header)
        return;
    if (fold(sum_words(ip, header, 0)) != 0 ||
        (sums_ready && get16(udp + 6) != 0 && udp_checksum(ip, udp, udp_len) != 0)) {
        w->bad_checksums++;
        return;
    }
    const uint8_t *message = udp + UDP;
    if (udp_len - UDP < 236)
        return;
    struct mac client, from;
    memcpy(client.b, message + 28, 6);
    memcpy(from.b, frame + 6, 6);
    struct wire_port *p = find_port(w, &client);
    if (p != NULL && p->dhcp != NULL)
        p->dhcp(p->ctx, message, udp_len - UDP, &from, get32(ip + 12));
}

static bool checksum_ready(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        struct tpacket_auxdata aux;
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
            continue;
        memcpy(&aux, CMSG_DATA(c), sizeof aux);
        return (aux.tp_status & TP_STATUS_CSUMNOTREADY) == 0;
    }
    return false;
}

static void ready(void *ctx, uint32_t events)
{
    struct wire *w = ctx;
    (void)events;
    for (int turn = 0; turn < 256; turn++) {
        uint8_t frame[2048];
        union {
            struct cmsghdr head;
            char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        } control;
        struct iovec v = {.iov_base = frame, .iov_len = sizeof frame};
        struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        ssize_t n = recvmsg(w->watch.fd, &m, 0);
        if (n < 0)
            return;
        if (n < ETH + IP)
            continue;
        if (get16(frame + 12) == ETHERTYPE_ARP)
            take_arp(w, frame + ETH, (size_t)n - ETH);
        else
            take_ip(w, frame, (size_t)n, checksum_ready(&m));
    }
}

static bool set_up(int fd, int ifindex)
{
    struct sock_fprog program = {.len = sizeof wanted / sizeof wanted[0], .filter = wanted};
    struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = ifindex};
    int on = 1, room = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 &&
           setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) == 0 &&
           setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) == 0 &&
           bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
}

struct wire *wire_open(struct loop *l, int ifindex)
{
    /* Protocol 0: nothing comes in before the filter is in its place. */
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return NULL;
    if (!set_up(fd, ifindex)) {
        int error = errno;
        close(fd);
        errno = error;
        return NULL;
    }
    struct wire *w = mem_new(1, sizeof *w);
    w->loop = l;
    w->ifindex = ifindex;
    w->watch = (struct watch){.fd = fd, .ready = ready, .ctx = w};
    loop_watch(l, &w->watch, EPOLLIN);
    return w;
}

void wire_close(struct wire *w)
{
    loop_unwatch(w->loop, &w->watch);
    close(w->watch.fd);
    free(w);
}

unsigned wire_bad_checksums(const struct wire *w)
{
    return w->bad_checksums;
}

static void send_frame(struct wire *w, const uint8_t *frame, size_t len)
{
    struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_ifindex = w->ifindex, .sll_halen = 6};
    memcpy(a.sll_addr, frame, 6);
    ssize_t n = sendto(w->watch.fd, frame, len, 0, (struct sockaddr *)&a, sizeof a);
    (void)n; /* lost on the wire */
}

void wire_send_dhcp(struct wire *w, const struct mac *from, const struct mac *to, uint32_t src, uint32_t dst,
                    const uint8_t *message, size_t len)
{
    uint8_t frame[1514] = {0};
    uint8_t *ip = frame + ETH, *udp = ip + IP;
    if (len > sizeof frame - ETH - IP - UDP)
        return;
    memcpy(frame, to->b, 6);
    memcpy(frame + 6, from->b, 6);
    put16(frame + 12, ETHERTYPE_IP);
    ip[0] = 0x45;
    put16(ip + 2, (uint16_t)(IP + UDP + len));
    ip[8] = 64;
    ip[9] = 17;
    put32(ip + 12, src);
    put32(ip + 16, dst);
    put16(ip + 10, fold(sum_words(ip, IP, 0)));
    put16(udp, 68);
    put16(udp + 2, 67);
    put16(udp + 4, (uint16_t)(UDP + len));
    memcpy(udp + UDP, message, len);
    uint16_t sum = udp_checksum(ip, udp, UDP + len);
    put16(udp + 6, sum ? sum : 0xffff);
    send_frame(w, frame, ETH + IP + UDP + len);
}

void wire_send_arp(struct wire *w, const struct mac *from, uint32_t sender, uint32_t target)
{
    uint8_t frame[60] = {0};
    uint8_t *p = frame + ETH;
    memset(frame, 0xff, 6);
    memcpy(frame + 6, from->b, 6);
    put16(frame + 12, ETHERTYPE_ARP);
    put16(p, 1);
    put16(p + 2, 0x0800);
    p[4] = 6;
    p[5] = 4;
    put16(p + 6, 1);
    memcpy(p + 8, from->b, 6);
    put32(p + 14, sender);
    put32(p + 24, target);
    send_frame(w, frame, sizeof frame);
}
