/* udp_raw.c - UDP by packet sockets: to a MAC without ARP, and overhearing. */
#include "ports/linux/udp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <string.h>
#include <unistd.h>

#define IP_HEADER 20
#define UDP_HEADER 8
#define PROTOCOL_UDP 17

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

static ip4 get32(const uint8_t *at)
{
    return (ip4)get16(at) << 16 | get16(at + 2);
}

/* The Internet checksum (RFC 1071) over spans that need not be even: sums of words as they lie in memory, the bytes
 * changing places where a span begins at an odd one. */
struct sum {
    uint64_t total;
    bool odd;
};

static uint16_t fold(uint64_t total)
{
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)total;
}

static uint32_t four(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static void add(struct sum *sum, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint64_t total = 0, other = 0; /* two, so that one addition need not wait for the other */
    uint32_t word;
    for (; len >= 16; bytes += 16, len -= 16) {
        total += four(bytes);
        other += four(bytes + 4);
        total += four(bytes + 8);
        other += four(bytes + 12);
    }
    for (; len >= 4; bytes += 4, len -= 4)
        total += four(bytes);
    word = 0;
    if (len > 0)
        memcpy(&word, bytes, len);
    uint16_t folded = fold(total + other + word);
    sum->total += (uint16_t)(sum->odd ? folded << 8 | folded >> 8 : folded);
    sum->odd ^= len % 2 != 0;
}

static uint16_t result(const struct sum *sum)
{
    return (uint16_t)~ntohs(fold(sum->total));
}

/* The pseudo-header (RFC 768): the addresses of the packet, the protocol and the length. */
static struct sum begin(const uint8_t *ip, size_t udp_len)
{
    uint8_t rest[4];
    put16(rest, PROTOCOL_UDP);
    put16(rest + 2, udp_len);
    struct sum sum = {0};
    add(&sum, ip + 12, 8);
    add(&sum, rest, sizeof rest);
    return sum;
}

bool udp_raw_sound(const uint8_t *packet)
{
    const uint8_t *udp = packet + (size_t)(packet[0] & 15) * 4;
    struct sum sum = begin(packet, get16(udp + 4));
    add(&sum, udp, get16(udp + 4));
    return get16(udp + 6) == 0 || result(&sum) == 0;
}

void udp_raw_header(uint8_t header[UDP_HEADERS], ip4 src, uint16_t src_port, uint16_t id,
                    const struct port_udp_out *out)
{
    uint8_t *ip = header, *udp = header + IP_HEADER;
    size_t udp_len = UDP_HEADER + out->head_len + out->body_len;
    memset(header, 0, UDP_HEADERS);
    ip[0] = 0x45;
    put16(ip + 2, IP_HEADER + udp_len);
    put16(ip + 4, id);
    ip[8] = 64; /* TTL */
    ip[9] = PROTOCOL_UDP;
    put32(ip + 12, src);
    put32(ip + 16, out->dst);
    struct sum sum = {0};
    add(&sum, ip, IP_HEADER);
    put16(ip + 10, result(&sum));
    put16(udp, src_port);
    put16(udp + 2, out->dst_port);
    put16(udp + 4, udp_len);
    sum = begin(ip, udp_len);
    add(&sum, udp, UDP_HEADER);
    add(&sum, out->head, out->head_len);
    add(&sum, out->body, out->body_len);
    uint16_t checksum = result(&sum);
    put16(udp + 6, checksum == 0 ? 0xffff : checksum); /* 0 would say "none" (RFC 768) */
}

bool udp_raw_parse(const uint8_t *packet, size_t len, uint16_t number, struct port_udp_in *in)
{
    if (len < UDP_HEADERS || packet[0] >> 4 != 4 || packet[9] != PROTOCOL_UDP)
        return false;
    size_t ip_len = (size_t)(packet[0] & 15) * 4, total = get16(packet + 2);
    bool fragment = (get16(packet + 6) & 0x3fff) != 0;
    if (fragment || ip_len < IP_HEADER || total > len || total < ip_len + UDP_HEADER)
        return false;
    const uint8_t *udp = packet + ip_len;
    size_t udp_len = get16(udp + 4);
    if (get16(udp + 2) != number || udp_len < UDP_HEADER || udp_len > total - ip_len)
        return false;
    *in = (struct port_udp_in){.src = get32(packet + 12),
                               .dst = get32(packet + 16),
                               .src_port = get16(udp),
                               .data = udp + UDP_HEADER,
                               .len = udp_len - UDP_HEADER};
    return true;
}

int udp_raw_open(struct port *port)
{
    port->udp.raw = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); /* 0: receives nothing */
    if (port->udp.raw >= 0)
        return 0;
    if (errno != EPERM && errno != EACCES)
        return fail(port, PORT_E_SYSTEM, "a packet socket cannot be opened: %s", strerror(errno));
    log_line(port, PORT_WARNING,
             "no right to packet sockets (CAP_NET_RAW, or root): DHCP answers to phones without an address "
             "go out as broadcasts");
    return 0;
}

/* RFC 2131 section 4.1: who cannot send to a MAC sends to the broadcast address. */
static void send_broadcast(struct port_udp *udp, const struct port_udp_out *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct port_udp_out one = out[i];
        one.dst = INADDR_BROADCAST;
        one.dst_mac = NULL;
        udp_send_plain(udp, &one, 1);
    }
}

/* Datagram i of a batch, with a name for a socket that is bound to no interface. */
static void prepare(struct port_udp *udp, const struct port_udp_out *out, size_t i)
{
    struct port *port = udp->port;
    struct udp_batch *batch = port->udp.batch;
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETHERTYPE_IP),
                             .sll_ifindex = (int)port->interface.index,
                             .sll_halen = sizeof out->dst_mac->b};
    uint8_t *header = batch->send.headers[i] + UDP_ETHERNET;
    memcpy(to.sll_addr, out->dst_mac->b, sizeof out->dst_mac->b);
    memcpy(&batch->send.to[i], &to, sizeof to);
    udp_raw_header(header, port->interface.address, out->udp ? out->udp->number : udp->number, ++port->udp.raw_id, out);
    struct iovec *spans = &batch->send.spans[i * 3];
    spans[0] = (struct iovec){header, UDP_HEADERS};
    spans[1] = (struct iovec){(void *)(uintptr_t)out->head, out->head_len};
    spans[2] = (struct iovec){(void *)(uintptr_t)out->body, out->body_len};
    batch->send.messages[i].msg_hdr = (struct msghdr){
        .msg_name = &batch->send.to[i], .msg_namelen = sizeof to, .msg_iov = spans, .msg_iovlen = 3};
}

/* Ethernet's, IPv4's and UDP's header of a whole frame, for a socket that is bound to the interface: it costs the
 * kernel less. */
static void put_frame_head(const struct port_udp *udp, const struct port_udp_out *out, uint8_t *frame)
{
    struct port *port = udp->port;
    memcpy(frame, out->dst_mac->b, sizeof out->dst_mac->b);
    memcpy(frame + 6, port->interface.mac.b, sizeof port->interface.mac.b);
    put16(frame + 12, ETHERTYPE_IP);
    udp_raw_header(frame + UDP_ETHERNET, port->interface.address, out->udp ? out->udp->number : udp->number,
                   ++port->udp.raw_id, out);
}

/* Frame i of a batch. A short head is copied, so that there is one span less. */
static void prepare_frame(struct port_udp *udp, const struct port_udp_out *out, size_t i)
{
    struct udp_batch *batch = udp->port->udp.batch;
    uint8_t *frame = batch->send.headers[i];
    struct iovec *spans = &batch->send.spans[i * 3];
    size_t copied = out->head_len <= UDP_HEAD_COPIED ? out->head_len : 0, len = UDP_ETHERNET + UDP_HEADERS;
    put_frame_head(udp, out, frame);
    if (copied > 0)
        memcpy(frame + len, out->head, copied);
    unsigned count = 0;
    spans[count++] = (struct iovec){frame, len + copied};
    if (copied < out->head_len)
        spans[count++] = (struct iovec){(void *)(uintptr_t)out->head, out->head_len};
    if (out->body_len > 0)
        spans[count++] = (struct iovec){(void *)(uintptr_t)out->body, out->body_len};
    batch->send.messages[i].msg_hdr = (struct msghdr){.msg_iov = spans, .msg_iovlen = (uint16_t)count};
}

/* Worth copying, so that the kernel has no list of spans to read: in lock-step most frames go out alone. */
static bool fits_one_frame(const struct port_udp_out *out)
{
    return out->head_len + out->body_len <= UDP_COPIED_MAX - UDP_ETHERNET - UDP_HEADERS;
}

static void send_copy(struct port_udp *udp, const struct port_udp_out *out, int fd)
{
    uint8_t frame[UDP_COPIED_MAX];
    size_t len = UDP_ETHERNET + UDP_HEADERS;
    put_frame_head(udp, out, frame);
    if (out->head_len > 0)
        memcpy(frame + len, out->head, out->head_len);
    len += out->head_len;
    if (out->body_len > 0)
        memcpy(frame + len, out->body, out->body_len);
    len += out->body_len;
    while (send(fd, frame, len, MSG_DONTWAIT) < 0) {
        if (errno == EINTR)
            continue;
        udp_dropped(udp->port, 1, errno);
        return;
    }
}

static void send_batch(struct port *port, int fd, size_t n)
{
    for (size_t at = 0; at < n;) {
        int sent = sendmmsg(fd, &port->udp.batch->send.messages[at], (unsigned)(n - at), MSG_DONTWAIT);
        if (sent < 0 && errno != EINTR) {
            udp_dropped(port, 1, errno); /* EMSGSIZE: nobody fragments here */
            sent = 1;
        }
        at += sent > 0 ? (size_t)sent : 0;
    }
}

void udp_send_raw(struct port_udp *udp, const struct port_udp_out *out, size_t n)
{
    struct port *port = udp->port;
    int ring = udp_ring_fd(port), fd = ring >= 0 ? ring : port->udp.raw;
    if (fd < 0) {
        send_broadcast(udp, out, n);
        return;
    }
    if (ring >= 0 && n == 1 && fits_one_frame(out)) {
        send_copy(udp, out, ring);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (ring >= 0)
            prepare_frame(udp, &out[i], i);
        else
            prepare(udp, &out[i], i);
    }
    send_batch(port, fd, n);
}

/* Whole UDP datagrams to one port; the packet starts with its IP header (packet(7), SOCK_DGRAM). */
static int attach_filter(int fd, uint16_t number)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), /* protocol */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL_UDP, 0, 7),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6), /* more fragments, fragment offset */
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3fff),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* header length */
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),  /* destination port */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int udp_overhear_open(struct port *port, uint16_t number)
{
    int on = 1, fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_ll name = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_IP), .sll_ifindex = (int)port->interface.index};
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on); /* 4.20; else by packet type */
    if (attach_filter(fd, number) == 0 && bind(fd, (const struct sockaddr *)&name, sizeof name) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

bool udp_of_this_network(const struct sockaddr_ll *from)
{
    return from->sll_pkttype != PACKET_OUTGOING && from->sll_pkttype != PACKET_OTHERHOST;
}

/* Fills in where the frame came from. */
static bool of_this_network(const struct sockaddr_storage *from, struct mac *mac)
{
    struct sockaddr_ll name;
    memcpy(&name, from, sizeof name);
    memcpy(mac->b, name.sll_addr, sizeof mac->b);
    return udp_of_this_network(&name);
}

void udp_overhear_ready(struct watch *watch, uint32_t events)
{
    struct port_udp *udp = watch->owner;
    struct udp_batch *batch = udp->port->udp.batch;
    (void)events;
    int count = udp_receive(udp->port, watch->fd);
    struct mac macs[PORT_UDP_BATCH];
    size_t n = 0;
    for (int i = 0; i < count; i++) {
        size_t len = batch->receive.messages[i].msg_len;
        struct port_udp_in *in = &batch->receive.in[n];
        if (!of_this_network(&batch->receive.from[i], &macs[n]) ||
            !udp_raw_parse(batch->receive.data[i], len, udp->number, in))
            continue;
        in->udp = udp;
        in->src_mac = &macs[n++];
    }
    if (n > 0)
        udp->fn(udp->ctx, udp, batch->receive.in, n);
}
