/* http_watch - readers of something that never ends, such as /api/v1/events.
 *
 *     http_watch ADDRESS PORT READERS PATH
 *
 * Prints "reading" when each has sent its request; then what comes is thrown away by the kernel (MSG_TRUNC), so that the
 * readers cost little. Ends with a signal; exit status 1 where an answer ends before. */
#include "wire.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { READERS_MAX = 256, TAKE = 1 << 22 };

static int join(int epoll, const struct sockaddr_in *server, const char *path)
{
    char ask[512];
    int len = snprintf(ask, sizeof ask, "GET %s HTTP/1.1\r\nHost: box\r\n\r\n", path);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd < 0 || len >= (int)sizeof ask || connect(fd, (const struct sockaddr *)server, sizeof *server) != 0 ||
        send(fd, ask, (size_t)len, MSG_NOSIGNAL) != len)
        return -1;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int watch(int epoll)
{
    struct epoll_event events[64];
    for (;;) {
        int count = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < count; i++)
            if (recv(events[i].data.fd, NULL, TAKE, MSG_TRUNC | MSG_DONTWAIT) == 0) {
                fprintf(stderr, "http_watch: an answer is over\n");
                return 1;
            }
    }
}

int main(int argc, char **argv)
{
    int readers = argc == 5 ? atoi(argv[3]) : 0, epoll = epoll_create1(EPOLL_CLOEXEC);
    if (readers < 1 || readers > READERS_MAX) {
        fprintf(stderr, "usage: http_watch ADDRESS PORT READERS PATH\n");
        return 2;
    }
    struct sockaddr_in server = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(wire_address(argv[1])),
                                 .sin_port = htons((uint16_t)atoi(argv[2]))};
    for (int i = 0; i < readers; i++)
        if (join(epoll, &server, argv[4]) != 0) {
            perror("http_watch");
            return 1;
        }
    puts("reading");
    fflush(stdout);
    return watch(epoll);
}
