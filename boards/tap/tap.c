/* tap.c - Ethernet by a TAP device: frames, waiting, and signals. */
#include "boards/tap/tap.h"

#include "boards/tap/hosted.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define RING 256    /* a hardware ring's worth of frames between two turns */
#define SYNC_MS 2   /* how soon the end of a sync is seen */
#define PARTS 16

static struct {
    int fd;
    char why[256];
} tap = {.fd = -1};
static volatile sig_atomic_t wished;

static void on_signal(int number)
{
    wished |= number == SIGHUP ? BOARD_RELOAD : BOARD_STOP;
}

static const char *sentence(void *ctx)
{
    (void)ctx;
    return tap.why;
}

static int fail(const char *name, const char *what)
{
    int error = errno;
    snprintf(tap.why, sizeof tap.why, "%s %s: %s", name, what, strerror(error));
    if (tap.fd >= 0)
        close(tap.fd);
    tap.fd = -1;
    return error == EPERM || error == EACCES ? PORT_E_ACCESS : error == EBUSY ? PORT_E_BUSY : PORT_E_SYSTEM;
}

/* The device's own MAC is the machine's end of the wire; the box is the other end. */
static int read_mac(const char *name, struct mac *out)
{
    struct ifreq request = {.ifr_flags = 0};
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (s < 0 || ioctl(s, SIOCGIFHWADDR, &request) != 0) {
        if (s >= 0)
            close(s);
        return -1;
    }
    memcpy(out->b, request.ifr_hwaddr.sa_data, 6);
    out->b[0] = (uint8_t)((out->b[0] | 2) & ~1);
    out->b[1] ^= 0x5b;
    ioctl(s, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP;
    int up = ioctl(s, SIOCSIFFLAGS, &request);
    close(s);
    return up;
}

static int net_open(void *ctx, const char *name, struct board_net *out)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    (void)ctx;
    errno = ENAMETOOLONG;
    if (strlen(name) >= IFNAMSIZ)
        return fail(name, "is no interface's name");
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    tap.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap.fd < 0)
        return fail("/dev/net/tun", "cannot be opened");
    if (ioctl(tap.fd, TUNSETIFF, &request) != 0)
        return fail(name, "is no TAP device, or cannot be made one");
    out->mtu = 1500;
    if (read_mac(name, &out->mac) != 0)
        return fail(name, "cannot be switched on");
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

void tap_close(void)
{
    if (tap.fd >= 0)
        close(tap.fd);
    tap.fd = -1;
}

/* `ip link set TAP carrier off` pulls the cable. */
static bool link_up(void *ctx)
{
    (void)ctx;
    struct ifreq request = {.ifr_flags = 0};
    const short needed = IFF_UP | IFF_RUNNING;
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = tap.fd >= 0 && s >= 0 && ioctl(tap.fd, TUNGETIFF, &request) == 0 &&
              ioctl(s, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & needed) == needed;
    if (s >= 0)
        close(s);
    return up;
}

static size_t receive(void *ctx, void *frame, size_t cap)
{
    (void)ctx;
    for (;;) {
        ssize_t len = read(tap.fd, frame, cap);
        if (len <= 0)
            return 0;
        if ((size_t)len < cap) /* a longer one was cut to cap */
            return (size_t)len;
    }
}

static bool send_frame(void *ctx, const struct board_span *parts, size_t n)
{
    static const uint8_t padding[60];
    struct iovec spans[PARTS + 1];
    size_t len = 0;
    (void)ctx;
    if (n > PARTS)
        return false;
    for (size_t i = 0; i < n; i++) {
        spans[i] = (struct iovec){(void *)(uintptr_t)parts[i].data, parts[i].len};
        len += parts[i].len;
    }
    if (len < sizeof padding)
        spans[n++] = (struct iovec){(void *)(uintptr_t)padding, sizeof padding - len};
    return writev(tap.fd, spans, (int)n) >= 0;
}

static void wait_for_frames(void *ctx, uint64_t until_ms)
{
    struct board now;
    hosted_fill(&now);
    uint64_t at = now.now_ms(NULL), left = until_ms > at ? until_ms - at : 0;
    struct timespec time;
    struct pollfd wanted = {.fd = tap.fd, .events = POLLIN};
    sigset_t all, before;
    (void)ctx;
    if (left > 60000)
        left = 60000;
    if (left > SYNC_MS && hosted_syncing())
        left = SYNC_MS;
    time = (struct timespec){.tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000};
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before); /* one that comes between the question and the wait ends the wait */
    if (wished == 0)
        ppoll(&wanted, 1, &time, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static unsigned wishes(void *ctx)
{
    sigset_t all, before;
    (void)ctx;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    unsigned taken = (unsigned)wished;
    wished = 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return taken;
}

void tap_fill(struct board *board)
{
    board->sentence = sentence;
    board->net_open = net_open;
    board->link_up = link_up;
    board->receive = receive;
    board->ring = RING;
    board->send = send_frame;
    board->wait = wait_for_frames;
    board->wishes = wishes;
}
