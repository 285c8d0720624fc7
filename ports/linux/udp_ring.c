/* udp_ring.c - the datagrams of many peers past the kernel's own UDP: received in memory that the kernel shares
 * with us, and sent back to the MAC that they came from.
 *
 * The ports are held by sockets as usual, but a filter has these drop everything. In lock-step a datagram comes and
 * goes for each block, and most of what that costs is routing, neighbours and sockets, which nobody needs who
 * answers. */
#include "ports/linux/udp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAME_SIZE 512 /* of a slot, the kernel's head included; longer datagrams are cut and dropped */
#define FRAMES 256
#define BLOCK_SIZE 65536 /* a multiple of any page size */
#define PORTS_MAX 16
#define AHEAD 4 /* slots whose bytes are asked for before they are read: another core wrote them last */

struct udp_ring {
    struct watch watch;
    struct port *port;
    int out; /* only sends: the loop would be woken for each frame that leaves a socket it waits for */
    uint8_t *slots;
    unsigned next;
    struct port_udp *ports[PORTS_MAX];
    unsigned count;
};

static struct tpacket2_hdr *slot(const struct udp_ring *ring, unsigned i)
{
    return (struct tpacket2_hdr *)(void *)(ring->slots + (size_t)i * FRAME_SIZE);
}

static bool filled(const struct tpacket2_hdr *head)
{
    return (__atomic_load_n(&head->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}

static struct port_udp *port_of(const struct udp_ring *ring, uint16_t number)
{
    for (unsigned i = 0; i < ring->count; i++)
        if (ring->ports[i]->number == number)
            return ring->ports[i];
    return NULL;
}

/* The network card has looked at the checksum, or the datagram has never been on a wire. */
static bool vouched_for(uint32_t status)
{
    return (status & (TP_STATUS_CSUM_VALID | TP_STATUS_CSUMNOTREADY)) != 0;
}

static bool read_slot(const struct udp_ring *ring, const struct tpacket2_hdr *head, struct port_udp_in *in,
                      struct mac *mac)
{
    static const size_t name_at = (sizeof *head + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT;
    const uint8_t *frame = (const uint8_t *)head + head->tp_mac, *packet = frame + ETHER_HDR_LEN;
    struct sockaddr_ll from;
    memcpy(&from, (const uint8_t *)head + name_at, sizeof from);
    if (head->tp_snaplen != head->tp_len || head->tp_len < ETHER_HDR_LEN + UDP_HEADERS ||
        !udp_of_this_network(&from))
        return false;
    uint16_t number = (uint16_t)(packet[22] << 8 | packet[23]); /* no IP options: the filter */
    if (!udp_raw_parse(packet, head->tp_len - ETHER_HDR_LEN, number, in) ||
        in->dst != ring->port->interface.address || (!vouched_for(head->tp_status) && !udp_raw_sound(packet)))
        return false;
    memcpy(mac->b, frame + ETHER_ADDR_LEN, sizeof mac->b);
    in->src_mac = mac;
    in->udp = port_of(ring, number);
    return in->udp != NULL;
}

/* The two lines that are read of each: the kernel's head, and the frame's. (gcc takes a function that does no more
 * for one that does nothing, and drops its calls, unless it is put in before it looks.) */
__attribute__((always_inline)) static inline void ask_for(const struct udp_ring *ring, unsigned i)
{
    const uint8_t *at = (const uint8_t *)slot(ring, i % FRAMES);
    __builtin_prefetch(at);
    __builtin_prefetch(at + 64);
}

/* Takes a batch; how many frames there were. */
static unsigned take_batch(struct udp_ring *ring)
{
    struct port_udp_in in[PORT_UDP_BATCH];
    struct mac macs[PORT_UDP_BATCH];
    unsigned first = ring->next, taken = 0;
    size_t n = 0;
    for (unsigned i = 1; i < AHEAD; i++)
        ask_for(ring, first + i);
    for (; taken < PORT_UDP_BATCH && filled(slot(ring, (first + taken) % FRAMES)); taken++) {
        ask_for(ring, first + taken + AHEAD);
        if (read_slot(ring, slot(ring, (first + taken) % FRAMES), &in[n], &macs[n]))
            n++;
    }
    if (n > 0)
        in[0].udp->fn(in[0].udp->ctx, in[0].udp, in, n);
    for (unsigned i = 0; i < taken; i++)
        __atomic_store_n(&slot(ring, (first + i) % FRAMES)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    ring->next = (first + taken) % FRAMES;
    return taken;
}

static void ring_ready(struct watch *watch, uint32_t events)
{
    struct udp_ring *ring = watch->owner;
    if ((events & EPOLLERR) != 0) { /* the interface went down; it is joined again by itself */
        int error;
        socklen_t size = sizeof error;
        getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    /* Told once for what comes (EPOLLET), since asking the socket again in each turn costs more than looking into
     * the ring: as much as it holds, so that all is read that was there when it was told. While the answers went
     * out more has come, mostly; but the other sockets have their turn, too. */
    for (unsigned all = 0, batch = 1; all < FRAMES && batch > 0; all += batch)
        batch = take_batch(ring);
}

/* Whole UDP datagrams without IP options to one of our ports, in frames without a VLAN tag. */
static int attach_filter(const struct udp_ring *ring)
{
    struct sock_filter code[11 + PORTS_MAX] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHER_HDR_LEN),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x45, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHER_HDR_LEN + 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHER_HDR_LEN + 6),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, (uint8_t)(1 + ring->count), 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHER_HDR_LEN + 22),
    };
    unsigned len = 9;
    for (unsigned i = 0; i < ring->count; i++, len++)
        code[len] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ring->ports[i]->number,
                                                 (uint8_t)(ring->count - i), 0);
    code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
    code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    struct sock_fprog program = {(unsigned short)len, code};
    return setsockopt(ring->watch.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int set_up(struct udp_ring *ring, int fd)
{
    int on = 1, version = TPACKET_V2;
    struct tpacket_req size = {.tp_block_size = BLOCK_SIZE,
                               .tp_block_nr = FRAMES * FRAME_SIZE / BLOCK_SIZE,
                               .tp_frame_size = FRAME_SIZE,
                               .tp_frame_nr = FRAMES};
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on); /* 4.20; else by packet type */
    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &size, sizeof size) != 0)
        return -1;
    ring->slots = mmap(NULL, (size_t)FRAMES * FRAME_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring->slots == MAP_FAILED) {
        ring->slots = NULL;
        return -1;
    }
    return watch_open(ring->port, &ring->watch, fd, EPOLLIN | EPOLLET);
}

static void dispose_nothing(struct watch *watch)
{
    (void)watch;
}

/* Makes the ring; it receives nothing until it is bound. */
static bool make(struct port *port)
{
    struct udp_ring *ring = calloc(1, sizeof *ring);
    int fd = ring != NULL ? socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
    port->udp.ring = ring;
    if (fd >= 0) {
        ring->port = port;
        ring->out = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        ring->watch = (struct watch){.fd = -1, .ready = ring_ready, .dispose = dispose_nothing, .owner = ring};
        if (ring->out >= 0 && set_up(ring, fd) == 0)
            return true;
        close(fd);
    }
    udp_ring_close(port);
    return false;
}

static int bind_to_interface(const struct udp_ring *ring)
{
    struct sockaddr_ll name = {.sll_family = AF_PACKET, .sll_ifindex = (int)ring->port->interface.index};
    if (bind(ring->out, (const struct sockaddr *)&name, sizeof name) != 0)
        return -1;
    name.sll_protocol = htons(ETHERTYPE_IP);
    return bind(ring->watch.fd, (const struct sockaddr *)&name, sizeof name);
}

/* The socket keeps the port and nothing else. */
static int drop_all(int fd)
{
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {1, code};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void udp_ring_add(struct port_udp *udp)
{
    struct port *port = udp->port;
    if (port->interface.loopback || (port->udp.ring == NULL && !make(port)) || port->udp.ring->count == PORTS_MAX)
        return;
    struct udp_ring *ring = port->udp.ring;
    ring->ports[ring->count++] = udp;
    if (attach_filter(ring) != 0 || bind_to_interface(ring) != 0 || drop_all(udp->watch.fd) != 0)
        ring->count--;
}

void udp_ring_remove(const struct port_udp *udp)
{
    struct udp_ring *ring = udp->port->udp.ring;
    for (unsigned i = 0; ring != NULL && i < ring->count; i++)
        if (ring->ports[i] == udp)
            ring->ports[i] = ring->ports[--ring->count];
}

int udp_ring_fd(const struct port *port)
{
    return port->udp.ring != NULL && port->udp.ring->count > 0 ? port->udp.ring->out : -1;
}

void udp_ring_close(struct port *port)
{
    struct udp_ring *ring = port->udp.ring;
    if (ring == NULL)
        return;
    if (ring->slots != NULL)
        munmap(ring->slots, (size_t)FRAMES * FRAME_SIZE);
    if (ring->port != NULL) {
        watch_close(port, &ring->watch);
        if (ring->out >= 0)
            close(ring->out);
    }
    free(ring);
    port->udp.ring = NULL;
}
