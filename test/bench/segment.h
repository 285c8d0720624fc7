/* segment.h - TCP segments (RFC 9293) over wire.h, for clients with a TCP of their own. */
#ifndef STAGEBOX_TEST_BENCH_SEGMENT_H
#define STAGEBOX_TEST_BENCH_SEGMENT_H

#include "wire.h"

#define SEGMENT_MSS 1460

enum segment_flags { SEGMENT_FIN = 1, SEGMENT_SYN = 2, SEGMENT_RST = 4, SEGMENT_PSH = 8, SEGMENT_ACK = 16 };

struct segment {
    uint32_t src, dst;
    uint16_t src_port, dst_port;
    const uint8_t *src_mac;            /* of the frame, when it was received */
    const uint8_t *dst_mac, *from_mac; /* to be sent to and from */
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *data; /* to be sent, and copied by the call; of what was received, see `here` */
    size_t len;
    size_t here; /* so many of the bytes can be read. `len` may be more than that, and than the MSS: an interface with
                  * TCP segmentation offload passes several segments on as one, which a network card would cut */
};

/* Frame i of the last wire_receive(), valid until the next one: false where it is no TCP segment. Its checksum is not
 * looked at: on a virtual cable it is not there yet. */
bool segment_read(const struct wire *w, unsigned i, struct segment *out);
/* Queues a segment of at most SEGMENT_MSS bytes, with a window of 65535 bytes; a SYN has the option MSS (RFC 9293, 3.7.1)
 * and no other. */
void segment_put(struct wire *w, const struct segment *s);

#endif
