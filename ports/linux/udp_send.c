/* udp_send.c - many datagrams in few system calls. */
#include "ports/linux/udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* linux/udp.h, 4.18 */
#endif
#define RUN_MAX 64          /* UDP_MAX_SEGMENTS of the kernels that have the fewest */
#define RUN_BYTES_MAX 65000 /* an IP packet's 65,535 less headers */

static size_t length(const struct port_udp_out *out)
{
    return out->head_len + out->body_len;
}

/* Multicast, or the limited broadcast (RFC 1122 3.2.1.3). Not segmented: who listens with a packet socket, as DHCP clients
 * do, may be given the segments in one piece. */
static bool is_for_many(ip4 dst)
{
    return dst >= 0xe0000000u;
}

/* How many of the n datagrams can go out as one: the same peer and length, the last may be shorter. */
static size_t run_length(const struct port *port, const struct port_udp_out *out, size_t n)
{
    size_t each = length(&out[0]), bytes = each, run = 1;
    if (port->udp.no_gso || is_for_many(out[0].dst) || each == 0 || each + UDP_HEADERS > port->interface.mtu)
        return 1;
    while (run < n && run < RUN_MAX && out[run].dst == out[0].dst && out[run].dst_port == out[0].dst_port) {
        size_t len = length(&out[run]);
        if (len == 0 || len > each || bytes + len > RUN_BYTES_MAX)
            break;
        bytes += len;
        run++;
        if (len < each)
            break;
    }
    return run;
}

/* Sizes are uint16_t because C libraries do not agree on those of struct msghdr. */
static void put_control(struct msghdr *message, int level, int type, const void *data, uint16_t len, uint16_t *at)
{
    struct cmsghdr *c = (struct cmsghdr *)(void *)((uint8_t *)message->msg_control + *at);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = (uint16_t)CMSG_LEN(len);
    memcpy(CMSG_DATA(c), data, len);
    *at = (uint16_t)(*at + CMSG_SPACE(len));
}

/* The source address is always the box's, also where the interface has others. The interface is the one that the
 * socket is bound to. */
static void put_controls(const struct port *port, struct msghdr *message, uint16_t segment)
{
    struct in_pktinfo source = {0};
    uint16_t at = 0;
    source.ipi_spec_dst.s_addr = htonl(port->interface.address);
    put_control(message, IPPROTO_IP, IP_PKTINFO, &source, sizeof source, &at);
    if (segment > 0)
        put_control(message, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment, &at);
    message->msg_controllen = at;
}

static uint16_t put_spans(struct iovec *spans, const struct port_udp_out *out, size_t run)
{
    uint16_t count = 0;
    for (size_t i = 0; i < run; i++) {
        if (out[i].head_len > 0)
            spans[count++] = (struct iovec){(void *)(uintptr_t)out[i].head, out[i].head_len};
        if (out[i].body_len > 0)
            spans[count++] = (struct iovec){(void *)(uintptr_t)out[i].body, out[i].body_len};
    }
    return count;
}

/* Fills the batch from out[0..n); the number of messages. */
static unsigned prepare(struct port *port, const struct port_udp_out *out, size_t n)
{
    struct udp_batch *batch = port->udp.batch;
    unsigned count = 0;
    size_t spans = 0;
    for (size_t at = 0; at < n; count++) {
        size_t run = run_length(port, &out[at], n - at);
        struct sockaddr_in to = socket_address(out[at].dst, out[at].dst_port);
        memcpy(&batch->send.to[count], &to, sizeof to);
        struct msghdr *message = &batch->send.messages[count].msg_hdr;
        uint16_t used = put_spans(&batch->send.spans[spans], &out[at], run);
        *message = (struct msghdr){
            .msg_name = &batch->send.to[count],
            .msg_namelen = sizeof to,
            .msg_iov = &batch->send.spans[spans],
            .msg_iovlen = used,
            .msg_control = batch->send.control[count],
        };
        put_controls(port, message, run > 1 ? (uint16_t)length(&out[at]) : 0);
        spans += used;
        batch->send.datagrams[count] = run;
        at += run;
    }
    return count;
}

/* What to do about the first message of a batch that failed: how many datagrams to give up. */
static size_t give_up(struct port *port, size_t left)
{
    size_t run = port->udp.batch->send.datagrams[0];
    if (errno == EINTR)
        return 0;
    if (run > 1 && (errno == EIO || errno == EINVAL || errno == EOPNOTSUPP || errno == EMSGSIZE)) {
        port->udp.no_gso = true; /* no segmentation here: the same again, one by one */
        return 0;
    }
    size_t lost = errno == EAGAIN ? left : run;
    udp_dropped(port, lost, errno);
    return lost;
}

void udp_send_plain(struct port_udp *udp, const struct port_udp_out *out, size_t n)
{
    struct port *port = udp->port;
    size_t at = 0;
    while (at < n) {
        unsigned count = prepare(port, &out[at], n - at);
        int sent = sendmmsg(udp->watch.fd, port->udp.batch->send.messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
            at += give_up(port, n - at);
        for (int i = 0; i < sent; i++)
            at += port->udp.batch->send.datagrams[i];
    }
}

/* Splits at datagrams that go another way, and at the size of a batch. */
void port_udp_send(struct port_udp *udp, const struct port_udp_out *out, size_t n)
{
    for (size_t at = 0, run; at < n && !udp->overhears; at += run) {
        bool raw = out[at].dst_mac != NULL;
        struct port_udp *from = out[at].udp != NULL ? out[at].udp : udp;
        run = 1;
        while (at + run < n && run < PORT_UDP_BATCH && (out[at + run].dst_mac != NULL) == raw &&
               (raw || out[at + run].udp == out[at].udp))
            run++;
        if (raw)
            udp_send_raw(udp, &out[at], run);
        else
            udp_send_plain(from, &out[at], run);
    }
}
