/* wire.h - Ethernet frames in and out of one interface in batches, past the kernel's own stack: many machines in
 * one program, each with an IP address and a MAC of its own.
 *
 * Addresses and ports are in host order. A machine's MAC is made of its address: Cisco's prefix 00:02:fd
 * and the last three bytes (wire_mac()). */
#ifndef STAGEBOX_TEST_BENCH_WIRE_H
#define STAGEBOX_TEST_BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define WIRE_BATCH 64
#define WIRE_FRAME 1600

struct wire_datagram {
    uint32_t src, dst;
    uint16_t src_port, dst_port;
    const uint8_t *src_mac;  /* of the frame, when it was received */
    const uint8_t *dst_mac;  /* to be sent to */
    const uint8_t *from_mac; /* to be sent from */
    const uint8_t *head;
    size_t head_len;
    const uint8_t *data; /* what was received; to be sent behind `head`, and copied by the call */
    size_t len;
};

struct wire_packet { /* IPv4, RFC 791 */
    uint32_t src, dst;
    uint8_t protocol;
    const uint8_t *src_mac;            /* of the frame, when it was received */
    const uint8_t *dst_mac, *from_mac; /* to be sent to and from */
    const uint8_t *payload;            /* what was received */
    size_t len;                        /* of the payload */
    size_t here; /* the part of it that can be read: of a long frame only the beginning is kept */
};

struct wire {
    int fd;
    uint32_t first, count;      /* the machines: so many addresses, for which ARP is answered */
    uint8_t *slots;             /* shared with the kernel, which puts frames there */
    unsigned size, slot, taken; /* size: slots, a power of two */
    const uint8_t *in[WIRE_BATCH];
    size_t in_len[WIRE_BATCH];
    struct mmsghdr out[WIRE_BATCH];
    struct iovec out_span[WIRE_BATCH];
    unsigned queued;
    uint8_t out_frame[WIRE_BATCH][WIRE_FRAME];
};

/* Opens the interface for `count` machines from address `first` on; ends the program where that cannot be.
 * `under_way`: so many frames may come before any of them is read. */
void wire_open(struct wire *w, const char *interface, uint32_t first, uint32_t count, unsigned under_way);
void wire_mac(uint32_t address, uint8_t mac[6]);
/* Asks for the MAC of an address by ARP; ends the program where nobody answers. */
void wire_resolve(struct wire *w, uint32_t address, uint8_t mac[6]);
/* Waits up to 10 ms for frames and takes those that came: their number. ARP is answered in passing. */
unsigned wire_receive(struct wire *w);
/* Frame i of the last wire_receive(), valid until the next one: false where it is no whole UDP datagram. */
bool wire_datagram(const struct wire *w, unsigned i, struct wire_datagram *out);
/* The same of any IPv4 packet without options; a fragment is never there. */
bool wire_packet(const struct wire *w, unsigned i, struct wire_packet *out);
/* Queues a packet: where its payload is to be written, before any other call; NULL where it is too long for a
 * frame. */
uint8_t *wire_put_packet(struct wire *w, const struct wire_packet *p);
/* The Internet checksum (RFC 1071) of bytes and of what was summed up before them, an even number of bytes. */
uint32_t wire_sum(const uint8_t *data, size_t len, uint32_t sum);
uint16_t wire_checksum(const uint8_t *data, size_t len, uint32_t sum);
/* Queues a datagram; wire_flush() sends, as does a full queue. */
void wire_put(struct wire *w, const struct wire_datagram *d);
void wire_flush(struct wire *w);

/* What a load generator does in turn. */
struct wire_turns {
    double seconds;                                                /* at most */
    double sweep_s;                                                /* `sweep` is called so often */
    void (*take)(void *ctx, const struct wire_datagram *datagram); /* of each that comes */
    void (*take_frame)(void *ctx,
                       unsigned i); /* instead of `take`, where it is not NULL: of frame i, whatever it is */
    bool (*sweep)(void *ctx);       /* what is due; false: it is over */
    void *ctx;
};
/* Until the time is up or sweep() says so; sends what was queued after each turn. The seconds that it took; *over
 * (may be NULL): sweep() said so. */
double wire_loop(struct wire *w, const struct wire_turns *turns, bool *over);

/* Of any clock that only grows, and of this program's processor time. */
double wire_now(void);
double wire_cpu(void);
/* The address in a word of the command line; ends the program where it is none. */
uint32_t wire_address(const char *text);

#endif
