#include "segment.h"

#include "bytes.h"

#include <netinet/in.h>
#include <string.h>

enum { TCP = 20, MSS_OPTION = 4 };

bool segment_read(const struct wire *w, unsigned i, struct segment *out)
{
    struct wire_packet p;
    if (!wire_packet(w, i, &p) || p.protocol != IPPROTO_TCP || p.here < TCP)
        return false;
    const uint8_t *tcp = p.payload;
    size_t head = (size_t)(tcp[12] >> 4) * 4;
    if (head < TCP || head > p.here)
        return false;
    *out = (struct segment){.src = p.src,
                            .dst = p.dst,
                            .src_port = get16(tcp),
                            .dst_port = get16(tcp + 2),
                            .src_mac = p.src_mac,
                            .seq = get32(tcp + 4),
                            .ack = get32(tcp + 8),
                            .flags = tcp[13],
                            .data = tcp + head,
                            .len = p.len - head,
                            .here = p.here - head};
    return true;
}

static uint16_t checksum(const struct segment *s, const uint8_t *tcp, size_t len)
{
    uint8_t pseudo[12] = {0}; /* RFC 9293, 3.1 */
    put32(pseudo, s->src);
    put32(pseudo + 4, s->dst);
    pseudo[9] = IPPROTO_TCP;
    put16(pseudo + 10, len);
    return wire_checksum(tcp, len, wire_sum(pseudo, sizeof pseudo, 0));
}

void segment_put(struct wire *w, const struct segment *s)
{
    bool syn = (s->flags & SEGMENT_SYN) != 0;
    size_t head = TCP + (syn ? MSS_OPTION : 0u), len = head + s->len;
    uint8_t *tcp = wire_put_packet(w, &(struct wire_packet){.src = s->src,
                                                            .dst = s->dst,
                                                            .protocol = IPPROTO_TCP,
                                                            .dst_mac = s->dst_mac,
                                                            .from_mac = s->from_mac,
                                                            .len = len});
    if (!tcp)
        return;
    memset(tcp, 0, head);
    put16(tcp, s->src_port);
    put16(tcp + 2, s->dst_port);
    put32(tcp + 4, s->seq);
    put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)(head / 4 << 4);
    tcp[13] = s->flags;
    put16(tcp + 14, UINT16_MAX);
    if (syn) {
        put16(tcp + TCP, 2 << 8 | MSS_OPTION);
        put16(tcp + TCP + 2, SEGMENT_MSS);
    }
    if (s->len > 0)
        memcpy(tcp + head, s->data, s->len);
    put16(tcp + 16, checksum(s, tcp, len));
}
