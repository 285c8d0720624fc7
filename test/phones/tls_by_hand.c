/* What the library will not say any more: a hello of SSL 3.0, and one of TLS 1.0 that knows nothing but RC4. Such a phone
 * gets no further than the server's answer; if that is not a refusal, the server has done what it must not. */
#include "tls_client.h"

#include "mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECORD = 5, ALERT = 21 };

struct by_hand {
    struct transport transport;
    bool sent;
    uint8_t hello[80];
    size_t len;
};

static struct by_hand *of(struct transport *t)
{
    return (struct by_hand *)t;
}

/* RFC 6101 5.6.1.2, RFC 2246 7.4.1.2: without extensions. */
static void write_hello(struct by_hand *b, enum tls_hello hello)
{
    static const uint8_t all[] = {0x00, 0x35, 0x00, 0x2f, 0x00, 0x05, 0x00, 0x04}; /* AES-256, AES-128, RC4 */
    static const uint8_t rc4[] = {0x00, 0x05, 0x00, 0x04, 0x00, 0x03};
    bool old = hello == TLS_HELLO_SSL3;
    size_t n = old ? sizeof all : sizeof rc4;
    uint8_t *p = b->hello + RECORD + 4;
    *p++ = 3;
    *p++ = old ? 0 : 1;
    memset(p, 0x5a, 32);
    p += 32;
    *p++ = 0; /* no session */
    *p++ = 0;
    *p++ = (uint8_t)n;
    memcpy(p, old ? all : rc4, n);
    p += n;
    *p++ = 1;
    *p++ = 0; /* no compression */
    b->len = (size_t)(p - b->hello);
    memcpy(b->hello, (uint8_t[]){22, 3, old ? 0 : 1, 0, (uint8_t)(b->len - RECORD), 1, 0, 0,
                                 (uint8_t)(b->len - RECORD - 4)}, RECORD + 4);
}

static int broken(struct by_hand *b, const char *error)
{
    b->transport.error = error;
    return TRANSPORT_BROKEN;
}

/* The request never goes out; the hello does, and what comes back decides. */
static int hand_write(struct transport *t, const void *data, size_t len)
{
    struct by_hand *b = of(t);
    uint8_t answer[512];
    (void)data;
    (void)len;
    if (!b->sent && send(t->fd, b->hello, b->len, MSG_NOSIGNAL) == (ssize_t)b->len)
        b->sent = true;
    t->wants = b->sent ? EPOLLIN : EPOLLOUT;
    if (!b->sent)
        return errno == EAGAIN || errno == ENOTCONN ? TRANSPORT_AGAIN : broken(b, strerror(errno));
    ssize_t n = recv(t->fd, answer, sizeof answer, 0);
    if (n < 0)
        return errno == EAGAIN ? TRANSPORT_AGAIN : broken(b, strerror(errno));
    if (n == 0)
        return broken(b, "TLS: the server hung up");
    if (n > RECORD + 1 && answer[0] == ALERT)
        return broken(b, "TLS: the server has nothing in common with this phone");
    return broken(b, "TLS: the server goes on with what must stay off");
}

static int hand_read(struct transport *t, void *data, size_t len)
{
    (void)data;
    (void)len;
    return broken(of(t), "TLS: nothing was agreed upon");
}

static void hand_close(struct transport *t, bool abrupt)
{
    if (abrupt)
        station_drop(t->fd);
    else
        close(t->fd);
    free(t);
}

static const struct transport_ops hand_ops = {hand_read, hand_write, hand_close};

struct transport *tls_by_hand(struct transport *tcp, enum tls_hello hello)
{
    struct by_hand *b = mem_new(1, sizeof *b);
    b->transport = *tcp;
    b->transport.ops = &hand_ops;
    b->transport.seen.tried = true;
    free(tcp);
    write_hello(b, hello);
    return &b->transport;
}
