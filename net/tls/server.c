#include "net/tls/connection.h"

#include <string.h>

#include "mbedtls/platform.h"
#include "mbedtls/platform_util.h"
#include "net/tls/handout.h"
#include "net/tls/hello.h"

/* -- bytes of the wire --------------------------------------------------------------------------- */

static int on_send(void *ctx, const unsigned char *data, size_t len)
{
    struct tls_server *s = ctx;
    if (s->out_at > 0) {
        memmove(s->out, s->out + s->out_at, s->out_len - s->out_at);
        s->out_len -= s->out_at;
        s->out_at = 0;
    }
    size_t n = TLS_OUT - s->out_len < len ? TLS_OUT - s->out_len : len;
    if (n == 0)
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    memcpy(s->out + s->out_len, data, n);
    s->out_len += n;
    return (int)n;
}

static int on_receive(void *ctx, unsigned char *data, size_t len)
{
    struct tls_server *s = ctx;
    size_t n = s->in_len - s->in_at < len ? s->in_len - s->in_at : len;
    if (n == 0)
        return s->eof ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(data, s->in + s->in_at, n);
    s->in_at += n;
    return (int)n;
}

uint8_t *tls_server_room(struct tls_server *s, size_t *cap)
{
    if (s->in_at > 0) {
        memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
        s->in_len -= s->in_at;
        s->in_at = 0;
    }
    *cap = TLS_IN - s->in_len;
    return s->in + s->in_len;
}

void tls_server_took(struct tls_server *s, size_t len)
{
    size_t left = s->heard < sizeof s->first ? sizeof s->first - s->heard : 0;
    if (left > 0)
        memcpy(s->first + s->heard, s->in + s->in_len, len < left ? len : left);
    s->heard += len;
    s->in_len += len;
}

void tls_server_eof(struct tls_server *s)
{
    s->eof = true;
}

const uint8_t *tls_server_out(const struct tls_server *s, size_t *len)
{
    *len = s->out_len - s->out_at;
    return *len > 0 ? s->out + s->out_at : NULL;
}

void tls_server_sent(struct tls_server *s, size_t len)
{
    s->out_at += len;
}

/* -- what mbedTLS asks for --------------------------------------------------------------------------- */

int tls_on_session_wanted(void *pair, mbedtls_ssl_session *session)
{
    struct tls_pair *p = pair;
    return tls_sessions_get(&p->sessions, session, &p->turning->client) ? 0 : 1;
}

/* After every whole handshake: also one in which the peer asked for an old session and did not get it. */
int tls_on_session_made(void *pair, const mbedtls_ssl_session *session)
{
    struct tls_pair *p = pair;
    tls_client_read(session->peer_cert, session->verify_result, &p->turning->client);
    tls_sessions_put(&p->sessions, session, &p->turning->client);
    return 0;
}

bool tls_server_private(struct tls_server *s)
{
    return tls_handout_run(s);
}

/* -- the handshake ----------------------------------------------------------------------------------- */

/* The alert that the peer sent last, in clear text or not; -1: none, or one that only says goodbye. A stack may say
 * why in a mere warning, and hang up then. */
static int alert_of(const struct tls_server *s, int error)
{
    bool ended = error == MBEDTLS_ERR_SSL_CONN_EOF;
    if (error != MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE && !(ended && s->ssl.in_msgtype == MBEDTLS_SSL_MSG_ALERT))
        return -1;
    int alert = s->ssl.in_msg[1];
    return alert == MBEDTLS_SSL_ALERT_MSG_CLOSE_NOTIFY ? -1 : alert;
}

static enum tls_state fail(struct tls_server *s, int error)
{
    struct tls_failure f = {
        .error = error,
        .alert = alert_of(s, error),
        .after_certificate = s->ssl.state > MBEDTLS_SSL_SERVER_HELLO_DONE,
        .heard = s->heard,
        .hello = tls_hello_read(s->first, s->heard < sizeof s->first ? s->heard : sizeof s->first),
    };
    s->words = tls_words(&f, s->text);
    return TLS_FAILED;
}

enum tls_state tls_server_turn(struct tls_server *s)
{
    if (s->words)
        return TLS_FAILED;
    if (s->open)
        return TLS_OPEN;
    if (s->heard >= 2 && !tls_hello_begins(s->first))
        return fail(s, MBEDTLS_ERR_SSL_INVALID_RECORD);
    s->pair->turning = s;
    int error = tls_handout_shake(s);
    s->pair->turning = NULL;
    if (error == 0) {
        s->open = true;
        return TLS_OPEN;
    }
    if (error == MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS)
        return TLS_PRIVATE;
    if (error == MBEDTLS_ERR_SSL_WANT_READ || error == MBEDTLS_ERR_SSL_WANT_WRITE)
        return TLS_WAIT;
    return fail(s, error);
}

/* -- open ---------------------------------------------------------------------------------------------- */

int tls_server_read(struct tls_server *s, void *buf, size_t cap)
{
    if (s->broken || cap == 0)
        return s->broken ? -1 : 0;
    int n = mbedtls_ssl_read(&s->ssl, buf, cap);
    if (n > 0)
        return n;
    if (n == MBEDTLS_ERR_SSL_WANT_READ || n == MBEDTLS_ERR_SSL_WANT_WRITE)
        return 0;
    s->broken = true;
    return -1;
}

int tls_server_write(struct tls_server *s, const void *data, size_t len)
{
    if (s->out_len > s->out_at || len == 0) /* a record at a time: none is ever cut by a full buffer */
        return 0;
    int n = mbedtls_ssl_write(&s->ssl, data, len < TLS_RECORD ? len : TLS_RECORD);
    return n > 0 ? n : 0;
}

void tls_server_close(struct tls_server *s)
{
    if (s->open)
        mbedtls_ssl_close_notify(&s->ssl);
}

bool tls_server_heard(const struct tls_server *s)
{
    return s->heard > 0;
}

const char *tls_server_words(const struct tls_server *s)
{
    return s->words ? s->words : "";
}

const char *tls_server_version(const struct tls_server *s)
{
    return s->open ? mbedtls_ssl_get_version(&s->ssl) : "";
}

const char *tls_server_cipher(const struct tls_server *s)
{
    return s->open ? mbedtls_ssl_get_ciphersuite(&s->ssl) : "";
}

void tls_server_client(const struct tls_server *s, struct tls_client *out)
{
    *out = s->open ? s->client : (struct tls_client){0};
}

/* -- life ------------------------------------------------------------------------------------------------ */

struct tls_server *tls_server_new(struct tls_pair *pair)
{
    struct tls_server *s = mbedtls_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    mbedtls_ssl_init(&s->ssl);
    if (mbedtls_ssl_setup(&s->ssl, &pair->conf) != 0) {
        mbedtls_ssl_free(&s->ssl);
        mbedtls_free(s);
        return NULL;
    }
    s->pair = pair;
    tls_pair_hold(pair);
    mbedtls_ssl_set_bio(&s->ssl, s, on_send, on_receive, NULL);
    return s;
}

void tls_server_end(struct tls_server *s)
{
    if (!s)
        return;
    mbedtls_ssl_free(&s->ssl);
    tls_handout_forget(s);
    tls_pair_release(s->pair);
    mbedtls_platform_zeroize(s, sizeof *s);
    mbedtls_free(s);
}
