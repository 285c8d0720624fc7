/* frames.c - Ethernet frames of one EtherType, by packet socket. */
#include "ports/linux/internal.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAMES_PER_TURN 64
#define FRAME_MAX 9232

struct port_frames {
    struct watch watch;
    struct port *port;
    port_frame_fn *fn;
    void *ctx;
    struct port_frames *next;
};

/* Network cards drop multicast that nobody asked for: LLDP's and CDP's groups. */
static void join_group(const struct port *port, int fd, uint16_t ethertype)
{
    static const uint8_t lldp[6] = {0x01, 0x80, 0xc2, 0, 0, 0x0e}, cdp[6] = {0x01, 0, 0x0c, 0xcc, 0xcc, 0xcc};
    const uint8_t *group = ethertype == 0x88cc ? lldp : ethertype == 0x0004 ? cdp : NULL;
    struct packet_mreq request = {
        .mr_ifindex = (int)port->interface.index, .mr_type = PACKET_MR_MULTICAST, .mr_alen = 6};
    if (group == NULL)
        return;
    memcpy(request.mr_address, group, 6);
    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request);
}

/* Frames of the trunk's other VLANs count as somebody else's, too. */
static bool for_us(const struct sockaddr_ll *from)
{
    return from->sll_pkttype != PACKET_OUTGOING && from->sll_pkttype != PACKET_OTHERHOST;
}

static void ready(struct watch *watch, uint32_t events)
{
    struct port_frames *frames = watch->owner;
    uint8_t frame[FRAME_MAX];
    (void)events;
    for (int i = 0; i < FRAMES_PER_TURN && watch->fd >= 0; i++) {
        struct sockaddr_ll from;
        socklen_t size = sizeof from;
        ssize_t len =
            recvfrom(watch->fd, frame, sizeof frame, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &size);
        if (len < 0)
            return;
        if (len >= ETHER_HDR_LEN && len <= FRAME_MAX && for_us(&from))
            frames->fn(frames->ctx, frame, (size_t)len);
    }
}

static void dispose(struct watch *watch)
{
    free(watch->owner);
}

static int open_socket(struct port *port, uint16_t ethertype)
{
    int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_ll name = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ethertype), .sll_ifindex = (int)port->interface.index};
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on); /* 4.20; else by packet type */
    if (bind(fd, (const struct sockaddr *)&name, sizeof name) == 0) {
        join_group(port, fd, ethertype);
        return fd;
    }
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int port_frames_open(struct port *port, uint16_t ethertype, port_frame_fn *fn, void *ctx, struct port_frames **out)
{
    int error = interface_needed(port);
    if (error != 0)
        return error;
    int fd = open_socket(port, ethertype);
    if (fd < 0)
        return fail_socket(port, "packet", ethertype, errno);
    struct port_frames *frames = calloc(1, sizeof *frames);
    if (frames != NULL)
        frames->watch = (struct watch){.fd = -1, .ready = ready, .dispose = dispose, .owner = frames};
    if (frames == NULL || watch_open(port, &frames->watch, fd, EPOLLIN) != 0) {
        close(fd);
        free(frames);
        return fail(port, PORT_E_FULL, "no memory for frames of type 0x%04x", ethertype);
    }
    frames->port = port;
    frames->fn = fn;
    frames->ctx = ctx;
    frames->next = port->frames;
    port->frames = frames;
    *out = frames;
    return 0;
}

void port_frames_send(struct port_frames *frames, const void *frame, size_t len)
{
    /* Bound to interface and type: send() needs no address. A full queue loses the frame. */
    ssize_t sent = send(frames->watch.fd, frame, len, MSG_DONTWAIT);
    (void)sent;
}

void port_frames_close(struct port_frames *frames)
{
    struct port *port = frames->port;
    struct port_frames **at = &port->frames;
    while (*at != frames)
        at = &(*at)->next;
    *at = frames->next;
    watch_close(port, &frames->watch);
    watch_bury(port, &frames->watch);
}

void frames_stop(struct port *port)
{
    while (port->frames != NULL)
        port_frames_close(port->frames);
}
