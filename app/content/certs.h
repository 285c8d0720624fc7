/* certs.h - the certificates on the card: the pairs that the box can show, who signs the phones' own,
 * and a CA of one's own that phones may load.
 *
 * One pair is [https] certificate and key, further ones are the sections [certificate NAME] for newer
 * firmware. Kept as the texts that the card has; net/tls makes its contexts of them.
 */
#ifndef STAGEBOX_APP_CONTENT_CERTS_H
#define STAGEBOX_APP_CONTENT_CERTS_H

#include "app/phones/version.h"
#include "config/settings.h"
#include "ports/port.h"

#define CERTS_PAIRS (1 + SETTINGS_CERTIFICATES)
#define CERTS_NAMES 8       /* of one certificate: its common name, then alternative names */
#define CERTS_NAME_MAX 128  /* bytes of a name, NUL included; longer ones are left out */
#define CERTS_FILE_MAX 65536 /* bytes of a file */
#define CERTS_CUSTOM_CA_NAME "stagebox-ca.pem" /* what phones ask for to load the CA of one's own */

/* Text that came from the card. */
struct certs_text {
    char *text; /* NULL: none; with a NUL behind it */
    size_t len; /* without the NUL */
};

struct certs_pair {
    char name[SETTINGS_NAME_MAX]; /* "": the pair of [https] */
    struct version from;          /* the oldest firmware that is shown it; all zero for the pair of [https] */
    uint64_t id;                  /* of its certificate's content; never 0 */
    char names[CERTS_NAMES][CERTS_NAME_MAX]; /* host names it is for, the common name first ("" where that is none) */
    size_t name_count;
    struct certs_text chain;
    struct certs_text key; /* empty: forgotten */
};

struct certs {
    struct certs_pair pairs[CERTS_PAIRS];
    size_t pair_count; /* 0: no HTTPS */
    struct certs_text client_ca;
    struct certs_text custom_ca;
};

struct problems;

/* Reads all that the settings name. What is wrong goes to `problems`, and with it what the operator
 * should know of each pair: for which phones it is, its key, its names, its dates. Errors are those
 * that keep HTTPS from working. True where there was none; else *out stays as it was. Frees what
 * *out held before. With [https] enabled = no nothing is read. */
bool certs_read(struct certs *out, struct port *port, const struct settings *settings, const char *file,
                struct problems *problems);
void certs_free(struct certs *certs);
/* Wipes the texts of the private keys, when whoever serves with them has them. */
void certs_forget_keys(struct certs *certs);
/* Whether HTTPS is to be served: [https] enabled, and a pair is there. */
bool certs_serve(const struct certs *certs, const struct settings *settings);

/* The pair with that id; NULL: none. */
const struct certs_pair *certs_find(const struct certs *certs, uint64_t id);
/* The pair for this firmware: of those whose `from` is not above it, the newest; the first one where the
 * version is not known. NULL: there is none. */
const struct certs_pair *certs_for(const struct certs *certs, const struct version *version);

#endif
