/* tls_client.h - TLS as a phone speaks it, over a connection that transport.h has begun. */
#ifndef PHONES_TLS_CLIENT_H
#define PHONES_TLS_CLIENT_H

#include "tls_lab.h"
#include "transport.h"

enum tls_names { TLS_NAMES_DNS, TLS_NAMES_TEXT, TLS_NAMES_ANY };
enum tls_farewell { TLS_FAREWELL_ALERT, TLS_FAREWELL_SILENT, TLS_FAREWELL_RESET };
enum tls_hello { TLS_HELLO_LIBRARY, TLS_HELLO_SSL3, TLS_HELLO_RC4 };

/* How a phone does TLS at this moment. */
struct tls_manners {
    struct tls_lab *lab;
    int oldest, newest;        /* TLS1_VERSION … */
    const char *ciphers;       /* as OpenSSL names them */
    enum tls_hello hello;      /* what the library cannot say is sent by hand, and leads nowhere */
    X509_STORE *store;
    bool check_dates;
    int64_t clock;             /* seconds since 1970, where dates are checked */
    enum tls_names names;
    bool server_name;          /* the extension, RFC 6066 section 3 */
    enum tls_farewell farewell; /* how it leaves where it does not like the certificate */
    X509 *certificate;         /* NULL: none */
    EVP_PKEY *key;
    SSL_SESSION **session;     /* resumed and replaced; NULL: every handshake is a full one */
};

/* Takes over a connection whose connect() is under way. Never NULL. */
struct transport *tls_start(struct transport *tcp, struct station *s, const struct transport_target *to);
/* The same for what is sent by hand: tls_by_hand.c. */
struct transport *tls_by_hand(struct transport *tcp, enum tls_hello hello);

#endif
