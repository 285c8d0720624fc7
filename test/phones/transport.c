#include "transport.h"

#include "mem.h"
#include "tls_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int result_of(struct transport *t, ssize_t n, uint32_t wants)
{
    if (n >= 0)
        return (int)n;
    t->wants = wants;
    if (errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS)
        return TRANSPORT_AGAIN;
    t->error = strerror(errno);
    return TRANSPORT_BROKEN;
}

static int tcp_read(struct transport *t, void *data, size_t len)
{
    return result_of(t, recv(t->fd, data, len, 0), EPOLLIN);
}

static int tcp_write(struct transport *t, const void *data, size_t len)
{
    return result_of(t, send(t->fd, data, len, MSG_NOSIGNAL), EPOLLOUT);
}

static void tcp_close(struct transport *t, bool abrupt)
{
    if (abrupt)
        station_drop(t->fd);
    else
        close(t->fd);
    free(t);
}

static const struct transport_ops tcp_ops = {tcp_read, tcp_write, tcp_close};

struct transport *transport_open(struct station *s, const struct transport_target *to, const char **error)
{
    if (to->scheme == SCHEME_HTTPS && to->tls == NULL) {
        *error = "no TLS in this phone";
        return NULL;
    }
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(to->port), .sin_addr.s_addr = htonl(to->ip)};
    int fd = station_tcp(s);
    if (fd < 0 || (connect(fd, (struct sockaddr *)&a, sizeof a) != 0 && errno != EINPROGRESS)) {
        *error = strerror(errno);
        if (fd >= 0)
            station_drop(fd);
        return NULL;
    }
    struct transport *t = mem_new(1, sizeof *t);
    *t = (struct transport){.ops = &tcp_ops, .fd = fd, .wants = EPOLLOUT};
    if (to->scheme != SCHEME_HTTPS)
        return t;
    return to->tls->hello == TLS_HELLO_LIBRARY ? tls_start(t, s, to) : tls_by_hand(t, to->tls->hello);
}

void transport_close(struct transport *t, bool abrupt)
{
    t->ops->close(t, abrupt);
}
