#include "net/tls/words.h"

#include <stdio.h>

#include "mbedtls/ssl.h"

static const char *alert_name(int alert)
{
    switch (alert) {
    case 10:
        return "unexpected message";
    case 20:
        return "bad record MAC";
    case 40:
        return "handshake failure";
    case 42:
        return "bad certificate";
    case 43:
        return "unsupported certificate";
    case 44:
        return "certificate revoked";
    case 45:
        return "certificate expired";
    case 46:
        return "certificate unknown";
    case 47:
        return "illegal parameter";
    case 48:
        return "unknown CA";
    case 49:
        return "access denied";
    case 50:
        return "decode error";
    case 51:
        return "decrypt error";
    case 70:
        return "protocol version";
    case 71:
        return "insufficient security";
    case 80:
        return "internal error";
    case 90:
        return "user canceled";
    default:
        return NULL;
    }
}

static const char *of_alert(const struct tls_failure *f, char out[TLS_WORDS_MAX])
{
    bool certificate = f->after_certificate && ((f->alert >= 42 && f->alert <= 46) || f->alert == 48 || f->alert == 49);
    const char *what = certificate ? "refused our certificate" : "broke the handshake off";
    const char *name = alert_name(f->alert);
    if (name)
        snprintf(out, TLS_WORDS_MAX, "%s: %s", what, name);
    else
        snprintf(out, TLS_WORDS_MAX, "%s: alert %d", what, f->alert);
    return out;
}

const char *tls_words(const struct tls_failure *f, char out[TLS_WORDS_MAX])
{
    if (f->heard == 0)
        return "";
    if (f->alert >= 0)
        return of_alert(f, out);
    if (f->hello.is_ssl2)
        return "says hello in SSL 2, which the box does not speak";
    if (!f->hello.is_tls)
        return "does not speak TLS";
    if (f->hello.is_ssl3)
        return "offers only SSLv3";
    if (f->hello.only_rc4)
        return "offers only RC4 and weaker ciphers";
    switch (f->error) {
    case MBEDTLS_ERR_SSL_CONN_EOF:
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return f->after_certificate ? "hung up after our certificate" : "hung up in the middle of the handshake";
    case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
        return "offers no version of TLS that [https] min_version allows";
    case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN:
    case MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE:
        return "offers no cipher that the box speaks";
    default:
        snprintf(out, TLS_WORDS_MAX, "sent something that is not understood (%s, error -0x%04x)",
                 f->after_certificate ? "after our certificate" : "in its hello", (unsigned)-f->error);
        return out;
    }
}
