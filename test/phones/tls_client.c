#include "tls_client.h"

#include "dns_client.h"
#include "mem.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum name_state { NAME_UNASKED, NAME_ASKED, NAME_FITS, NAME_WRONG };

struct tls {
    struct transport transport; /* what the caller has in hand */
    struct station *station;
    const struct tls_manners *manners;
    const char *host;
    uint32_t ip;
    SSL *ssl;
    struct dns_query *dns;
    enum name_state name;
    bool certificate_asked, told, any_read;
    char error[100];
};

static struct tls *of(struct transport *t)
{
    return (struct tls *)t;
}

/* -- the server's certificate -------------------------------------------------------------------- */

/* The common name, up to a slash (phones.md 6.1). */
static void common_name(X509 *c, char *out, size_t size)
{
    out[0] = '\0';
    X509_NAME_get_text_by_NID(X509_get_subject_name(c), NID_commonName, out, (int)size);
    out[strcspn(out, "/")] = '\0';
}

static void note_certificate(struct tls *t, X509 *c)
{
    uint8_t digest[EVP_MAX_MD_SIZE] = {0};
    struct tls_seen *seen = &t->transport.seen;
    common_name(c, seen->server, sizeof seen->server);
    X509_digest(c, EVP_sha1(), digest, NULL);
    for (size_t i = 0; i < 8; i++)
        snprintf(seen->fingerprint + 2 * i, 3, "%02x", digest[i]);
}

static void resolved(void *ctx, uint32_t ip, const char *why)
{
    struct tls *t = ctx;
    (void)why;
    t->dns = NULL;
    t->name = ip != 0 && ip == t->ip ? NAME_FITS : NAME_WRONG;
    if (t->transport.wake != NULL)
        t->transport.wake(t->transport.wake_ctx);
}

/* Whether the name leads to the server's address is a matter for the name server. */
static enum name_state ask_name(struct tls *t)
{
    const char *name = t->transport.seen.server;
    uint32_t ip;
    if (t->manners->names == TLS_NAMES_ANY)
        return NAME_FITS;
    if (t->manners->names == TLS_NAMES_TEXT)
        return strcasecmp(name, t->host) == 0 ? NAME_FITS : NAME_WRONG;
    if (ip_parse(name, strlen(name), &ip))
        return ip == t->ip ? NAME_FITS : NAME_WRONG;
    t->dns = name[0] ? dns_ask(t->station, name, resolved, t) : NULL;
    return t->dns ? NAME_ASKED : NAME_WRONG;
}

static int refuse(struct tls *t, SSL *ssl, X509_STORE_CTX *context)
{
    const char *why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
    t->transport.seen.refused = true;
    snprintf(t->error, sizeof t->error, "refuses the server's certificate: %s",
             t->name == NAME_WRONG ? "the name does not lead there" : why);
    if (t->manners->farewell != TLS_FAREWELL_ALERT) /* what is said now reaches nobody */
        SSL_set0_wbio(ssl, BIO_new(BIO_s_null()));
    return 0;
}

static int verify(X509_STORE_CTX *context, void *unused)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *t = SSL_get_app_data(ssl);
    (void)unused;
    if (t->name == NAME_UNASKED) {
        note_certificate(t, X509_STORE_CTX_get0_cert(context));
        if (X509_verify_cert(context) != 1)
            return refuse(t, ssl, context);
        t->name = ask_name(t);
    }
    if (t->name == NAME_ASKED)
        return SSL_set_retry_verify(ssl);
    if (t->name == NAME_FITS)
        return 1;
    X509_STORE_CTX_set_error(context, X509_V_ERR_HOSTNAME_MISMATCH);
    return refuse(t, ssl, context);
}

/* -- the handshake ------------------------------------------------------------------------------- */

/* The library sends what was set; that it was asked for is what counts. */
static int certificate_asked(SSL *ssl, void *unused)
{
    struct tls *t = SSL_get_app_data(ssl);
    (void)unused;
    t->certificate_asked = true;
    return 1;
}

static void set_trust(SSL *ssl, const struct tls_manners *m)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    SSL_set1_verify_cert_store(ssl, m->store);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    X509_VERIFY_PARAM_set_auth_level(param, 0);
    if (m->check_dates)
        X509_VERIFY_PARAM_set_time(param, (time_t)m->clock);
    else
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
}

static void set_manners(struct tls *t)
{
    const struct tls_manners *m = t->manners;
    SSL *ssl = t->ssl;
    SSL_set_security_level(ssl, 0);
    SSL_set_min_proto_version(ssl, m->oldest);
    SSL_set_max_proto_version(ssl, m->newest);
    SSL_set_cipher_list(ssl, m->ciphers);
    SSL_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_ENCRYPT_THEN_MAC | SSL_OP_NO_EXTENDED_MASTER_SECRET |
                             SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF |
                             SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
    set_trust(ssl, m);
    if (m->certificate != NULL) {
        SSL_use_certificate(ssl, m->certificate);
        SSL_use_PrivateKey(ssl, m->key);
    }
    SSL_set_cert_cb(ssl, certificate_asked, NULL);
    if (m->server_name)
        SSL_set_tlsext_host_name(ssl, t->host);
    if (m->session != NULL && *m->session != NULL)
        SSL_set_session(ssl, *m->session);
}

static void opened(struct tls *t)
{
    struct tls_seen *seen = &t->transport.seen;
    SSL_SESSION **session = t->manners->session;
    X509 *server = SSL_get0_peer_certificate(t->ssl);
    t->told = seen->open = true;
    seen->resumed = SSL_session_reused(t->ssl);
    seen->showed = t->manners->certificate != NULL && (t->certificate_asked || seen->resumed);
    text_copy(seen->version, sizeof seen->version, SSL_get_version(t->ssl));
    text_copy(seen->cipher, sizeof seen->cipher, SSL_get_cipher_name(t->ssl));
    if (server != NULL)
        note_certificate(t, server);
    if (session != NULL) {
        SSL_SESSION_free(*session);
        *session = SSL_get1_session(t->ssl);
    }
}

static int broken(struct tls *t, const char *otherwise)
{
    unsigned long code = ERR_peek_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    if (t->error[0] == '\0')
        snprintf(t->error, sizeof t->error, "TLS: %s", reason ? reason : otherwise);
    t->transport.error = t->error;
    return TRANSPORT_BROKEN;
}

/* What SSL_read() or SSL_write() has made of it. */
static int outcome(struct tls *t, int n)
{
    int error = SSL_get_error(t->ssl, n);
    int system = errno;
    if (!t->told && SSL_is_init_finished(t->ssl))
        opened(t);
    if (n > 0)
        return n;
    switch (error) {
    case SSL_ERROR_WANT_READ: t->transport.wants = EPOLLIN; return TRANSPORT_AGAIN;
    case SSL_ERROR_WANT_WRITE: t->transport.wants = EPOLLOUT; return TRANSPORT_AGAIN;
    case SSL_ERROR_WANT_RETRY_VERIFY: t->transport.wants = 0; return TRANSPORT_AGAIN;
    case SSL_ERROR_ZERO_RETURN: return t->told ? 0 : broken(t, "hung up in the handshake");
    case SSL_ERROR_SYSCALL:
        if (system == ENOTCONN || system == EAGAIN) {
            t->transport.wants = EPOLLOUT;
            return TRANSPORT_AGAIN;
        }
        return broken(t, system ? strerror(system) : "the server hung up");
    default: return broken(t, "broken");
    }
}

static int tls_read(struct transport *transport, void *data, size_t len)
{
    struct tls *t = of(transport);
    ERR_clear_error();
    errno = 0;
    int n = outcome(t, SSL_read(t->ssl, data, (int)len));
    if (n > 0 && !t->any_read) {
        t->any_read = true;
        transport->seen.split = n == 1 && SSL_version(t->ssl) == TLS1_VERSION;
    }
    return n;
}

static int tls_write(struct transport *transport, const void *data, size_t len)
{
    struct tls *t = of(transport);
    ERR_clear_error();
    errno = 0;
    return outcome(t, SSL_write(t->ssl, data, (int)len));
}

static void tls_close(struct transport *transport, bool abrupt)
{
    struct tls *t = of(transport);
    bool reset = transport->seen.refused && t->manners->farewell == TLS_FAREWELL_RESET;
    if (t->dns != NULL)
        dns_cancel(t->dns);
    if (!abrupt && transport->seen.open)
        SSL_shutdown(t->ssl);
    SSL_free(t->ssl);
    if (abrupt || reset)
        station_drop(transport->fd);
    else
        close(transport->fd);
    free(t);
}

static const struct transport_ops tls_ops = {tls_read, tls_write, tls_close};

struct transport *tls_start(struct transport *tcp, struct station *s, const struct transport_target *to)
{
    SSL_CTX *context = tls_lab_context(to->tls->lab);
    struct tls *t = mem_new(1, sizeof *t);
    *t = (struct tls){.transport = *tcp, .station = s, .manners = to->tls, .host = to->host, .ip = to->ip};
    t->transport.ops = &tls_ops;
    t->transport.seen.tried = true;
    free(tcp);
    SSL_CTX_set_cert_verify_callback(context, verify, NULL);
    t->ssl = SSL_new(context);
    SSL_set_app_data(t->ssl, t);
    SSL_set_fd(t->ssl, t->transport.fd);
    SSL_set_mode(t->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
    set_manners(t);
    SSL_set_connect_state(t->ssl);
    return &t->transport;
}
