/* frames.c - Ethernet frames of one EtherType, by packet socket. */
#include "ports/linux/control.h"
#include "ports/linux/internal.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAMES_PER_TURN 64
#define FRAME_MAX 9232

#define TAG 4 /* bytes of a VLAN tag; the kernel takes it out of the frame, and tells it beside */

struct port_frames {
    struct watch watch;
    bool tagged;
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

/* The tag that the kernel took out; false where there was none. */
static bool tag_of(struct msghdr *message, uint8_t tag[TAG])
{
    for (struct cmsghdr *c = control_next(message, NULL); c != NULL; c = control_next(message, c)) {
        struct tpacket_auxdata aux;
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
            continue;
        memcpy(&aux, CMSG_DATA(c), sizeof aux);
        tag[0] = 0x81;
        tag[1] = 0;
        tag[2] = (uint8_t)(aux.tp_vlan_tci >> 8);
        tag[3] = (uint8_t)aux.tp_vlan_tci;
        return (aux.tp_status & TP_STATUS_VLAN_VALID) != 0;
    }
    return false;
}

/* One frame, its tag back in its place; its length, 0 for one that is none of ours, negative at the end. */
static ssize_t receive(const struct port_frames *frames, uint8_t frame[FRAME_MAX + TAG])
{
    uint8_t tag[TAG];
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
    } control;
    struct sockaddr_ll from;
    struct iovec room = {frame, FRAME_MAX};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t len = recvmsg(frames->watch.fd, &message, MSG_DONTWAIT | MSG_TRUNC);
    if (len < 0)
        return len;
    if (len < ETHER_HDR_LEN || len > FRAME_MAX || !for_us(&from))
        return 0;
    if (!frames->tagged)
        return len;
    if (!tag_of(&message, tag))
        return 0;
    memmove(frame + 2 * ETH_ALEN + TAG, frame + 2 * ETH_ALEN, (size_t)len - 2 * ETH_ALEN);
    memcpy(frame + 2 * ETH_ALEN, tag, TAG);
    return len + TAG;
}

static void ready(struct watch *watch, uint32_t events)
{
    struct port_frames *frames = watch->owner;
    uint8_t frame[FRAME_MAX + TAG];
    (void)events;
    for (int i = 0; i < FRAMES_PER_TURN && watch->fd >= 0; i++) {
        ssize_t len = receive(frames, frame);
        if (len < 0)
            return;
        if (len > 0)
            frames->fn(frames->ctx, frame, (size_t)len);
    }
}

static void dispose(struct watch *watch)
{
    free(watch->owner);
}

/* Everything that arrives would come; only what has a tag may. */
static int only_tagged(int fd)
{
    int on = 1;
    struct sock_filter has_tag[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {sizeof has_tag / sizeof has_tag[0], has_tag};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        return -1;
    return setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
}

static int open_socket(struct port *port, uint16_t ethertype)
{
    bool tagged = ethertype == ETHERTYPE_VLAN;
    int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_ll name = {.sll_family = AF_PACKET,
                               .sll_protocol = htons(tagged ? ETH_P_ALL : ethertype),
                               .sll_ifindex = (int)port->interface.index};
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on); /* 4.20; else by packet type */
    if ((!tagged || only_tagged(fd) == 0) && bind(fd, (const struct sockaddr *)&name, sizeof name) == 0) {
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
    frames->tagged = ethertype == ETHERTYPE_VLAN;
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
