/* tls_handshakes - as many TLS handshakes as a server can do, one after the other on each of some connections.
 *
 *     tls_handshakes ADDRESS PORT SECONDS CONNECTIONS PRIORITIES [reuse]
 *
 * PRIORITIES as GnuTLS writes them. Prints "COUNT SECONDS CPU": handshakes, and seconds of the wall and of the processor that this program took; COUNT by
 * CPU is its own ceiling. No certificate is looked at. Exit status 1 where a handshake fails. */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64 };

struct job {
    struct sockaddr_in server;
    gnutls_priority_t priority;
    gnutls_certificate_credentials_t credentials;
    double until;
    bool reuse;
    _Atomic bool failed;
    _Atomic unsigned long count;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int connected(const struct job *job)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct linger reset = {1, 0}; /* no TIME_WAIT: ports would run out */
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(fd, (const struct sockaddr *)&job->server, sizeof job->server) == 0)
        return fd;
    close(fd);
    return -1;
}

/* One handshake; the session in `data` is offered where it has any, and filled by the first. */
static bool shake(const struct job *job, gnutls_datum_t *data)
{
    int fd = connected(job);
    if (fd < 0)
        fprintf(stderr, "cannot connect: %s\n", strerror(errno));
    gnutls_session_t tls = NULL;
    bool offered = data->size > 0, ok = false;
    if (fd >= 0 && gnutls_init(&tls, GNUTLS_CLIENT | GNUTLS_NO_TICKETS) == 0) {
        gnutls_priority_set(tls, job->priority);
        gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, job->credentials);
        gnutls_transport_set_int(tls, fd);
        if (offered)
            gnutls_session_set_data(tls, data->data, data->size);
        int result;
        while ((result = gnutls_handshake(tls)) < 0 && !gnutls_error_is_fatal(result))
            ;
        ok = result == 0 && (!offered || gnutls_session_is_resumed(tls));
        if (result < 0)
            fprintf(stderr, "a handshake failed: %s %s\n", gnutls_strerror(result),
                    result == GNUTLS_E_FATAL_ALERT_RECEIVED ? gnutls_alert_get_name(gnutls_alert_get(tls)) : "");
        else if (!ok)
            fprintf(stderr, "a session was not resumed\n");
        if (ok && job->reuse && !offered)
            gnutls_session_get_data2(tls, data);
        if (ok) /* a reset right behind our last words could overtake them at the server, which had seen no handshake then */
            gnutls_bye(tls, GNUTLS_SHUT_RDWR);
        gnutls_deinit(tls);
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

static void *work(void *ctx)
{
    struct job *job = ctx;
    gnutls_datum_t session = {NULL, 0};
    while (now() < job->until && !job->failed) {
        if (shake(job, &session))
            job->count++;
        else
            job->failed = true;
    }
    gnutls_free(session.data);
    return NULL;
}

static int go(struct job *job, double seconds, int connections)
{
    pthread_t threads[CONNECTIONS_MAX];
    double begin = now();
    job->until = begin + seconds;
    for (int i = 0; i < connections; i++)
        if (pthread_create(&threads[i], NULL, work, job) != 0)
            return 1;
    for (int i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    printf("%lu %.3f %.3f\n", job->count, now() - begin, cpu());
    return job->failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct job job = {.server.sin_family = AF_INET};
    int connections = argc > 4 ? atoi(argv[4]) : 0;
    if (argc < 6 || inet_pton(AF_INET, argv[1], &job.server.sin_addr) != 1 || connections < 1 ||
        connections > CONNECTIONS_MAX) {
        fprintf(stderr, "usage: tls_handshakes ADDRESS PORT SECONDS CONNECTIONS PRIORITIES [reuse]\n");
        return 2;
    }
    job.server.sin_port = htons((uint16_t)atoi(argv[2]));
    job.reuse = argc > 6 && strcmp(argv[6], "reuse") == 0;
    if (gnutls_certificate_allocate_credentials(&job.credentials) != 0 ||
        gnutls_priority_init(&job.priority, argv[5], NULL) != 0) {
        fprintf(stderr, "tls_handshakes: the priorities %s are not understood\n", argv[5]);
        return 2;
    }
    int status = go(&job, atof(argv[3]), connections);
    gnutls_priority_deinit(job.priority);
    gnutls_certificate_free_credentials(job.credentials);
    return status;
}
