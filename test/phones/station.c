#include "station.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_bound(const struct station *s, int type, uint16_t port)
{
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(s->ip)};
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, s->ifname, (socklen_t)strlen(s->ifname)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int station_udp(const struct station *s)
{
    return open_bound(s, SOCK_DGRAM, 0);
}

int station_tcp(const struct station *s)
{
    return open_bound(s, SOCK_STREAM, 0);
}

int station_listen(const struct station *s, uint16_t port)
{
    int fd = open_bound(s, SOCK_STREAM, port);
    if (fd >= 0 && listen(fd, 4) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void station_drop(int fd)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

bool station_loses(struct station *s)
{
    return s->loss > 0 && rng_below(&s->rng, 100) < s->loss;
}
