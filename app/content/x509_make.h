/* x509_make.h - makes keys, certificates and signing requests, as PEM text. */
#ifndef STAGEBOX_APP_CONTENT_X509_MAKE_H
#define STAGEBOX_APP_CONTENT_X509_MAKE_H

#include "app/content/x509.h"
#include "ports/port.h"

#define X509_PEM_MAX 8192 /* bytes of each text, NUL included; a chain of two fits */

enum x509_signature { X509_SHA1, X509_SHA256 };

/* What the new certificate or request says. */
struct x509_wish {
    const char *common_name;
    const char *const *alt_names; /* DNS names */
    size_t alt_count;
    unsigned key_bits; /* of a new RSA key */
    enum x509_signature digest;
    const char *not_before, *not_after; /* "20361124000000", UTC; not for requests */
};

struct x509_made {
    char certificate[X509_PEM_MAX]; /* the new one, and behind it that of the CA that signed it; or the request */
    char key[X509_PEM_MAX];         /* secret */
};

/* All take randomness from the port. False: `*why` says what is wrong, a clause, and *out is undefined.
 * A key takes from a second to a minute on a small machine. */

/* A CA that signs itself. */
bool x509_make_ca(struct port *port, const struct x509_wish *wish, struct x509_made *out, const char **why);
/* A server's certificate from the CA of these texts (NUL behind each). */
bool x509_make_server(struct port *port, const struct x509_wish *wish, const char *ca_certificate, size_t ca_len,
                      const char *ca_key, size_t ca_key_len, struct x509_made *out, const char **why);
/* A request for somebody else's CA (PKCS #10). */
bool x509_make_request(struct port *port, const struct x509_wish *wish, struct x509_made *out, const char **why);

#endif
