/* x509.h - what certificates and keys say, for sentences and decisions. Whether a chain is to be believed
 * is net/tls's business.
 */
#ifndef STAGEBOX_APP_CONTENT_X509_H
#define STAGEBOX_APP_CONTENT_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define X509_NAME_TEXT_MAX 128 /* bytes of a name, NUL included; longer ones are cut */
#define X509_NAMES 8           /* alternative names that are kept */
#define X509_TIME_MAX 20       /* "2036-11-24T03:50:08" and its NUL, UTC */

enum x509_key_kind { X509_RSA, X509_EC, X509_OTHER };

/* The first certificate of a file, and of the chain behind it what counts. */
struct x509_facts {
    uint64_t id; /* of the certificate's bytes; never 0 */
    char common_name[X509_NAME_TEXT_MAX];
    char alt_names[X509_NAMES][X509_NAME_TEXT_MAX]; /* DNS names */
    size_t alt_count;
    enum x509_key_kind key;
    unsigned key_bits;
    const char *digest; /* of its signature: "SHA-1" */
    char not_before[X509_TIME_MAX], not_after[X509_TIME_MAX];
    bool is_ca;
    size_t count;   /* certificates in the file */
    size_t message; /* bytes of the handshake's message that tells them all (TLS_CHAIN_MAX) */
    size_t ca_count; /* those of them that may sign */
    bool in_order;  /* each is signed by the one behind it */
    bool has_root;  /* the last one signed itself */
    char top[X509_NAME_TEXT_MAX]; /* who signed the last one: its common name, else its organization */
};

/* Reads a file's text: PEM, or DER. `text[len]` is a NUL. False: `*why` says what is wrong, a clause
 * ("holds no certificate"). */
bool x509_read(const char *text, size_t len, struct x509_facts *out, const char **why);
/* Whether the private key is that of the first certificate. False: `*why` is a clause about the key's file. */
bool x509_key_fits(const char *chain, size_t chain_len, const char *key, size_t key_len, const char **why);
/* A host name in a certificate: letters, digits, hyphens and dots, and no address; `wild` allows "*." in
 * front. */
bool x509_is_host_name(const char *name, bool wild);

#endif
