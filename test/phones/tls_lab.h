/* tls_lab.h - what phones know of certificates: whose they trust, and which they carry (phones.md 6).
 *
 * Made from a folder that make_certs.py fills: stores/NAME.pem are trust stores, NAME.crt and NAME.key are who signs
 * the phones' certificates (device-old, device-new, foreign), phone-1024.key and phone-2048.key are the keys that
 * all phones share, so that a batch starts at once. */
#ifndef PHONES_TLS_LAB_H
#define PHONES_TLS_LAB_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

struct tls_lab;

enum tls_form { TLS_FORM_STATE, TLS_FORM_NAME }; /* OU, L and ST; or `MODEL, MAC: …, Serial: …` in the CN */
enum tls_strength { TLS_1024_SHA1, TLS_2048_SHA256, TLS_1024_MD5 };

/* What a certificate says, and who says it. */
struct tls_wish {
    const char *model;  /* SPA504G */
    const char *serial;
    const char *mac;    /* 12 hexadecimal digits, or a generic word */
    enum tls_form form;
    enum tls_strength strength;
    bool foreign;       /* signed by nobody the vendor knows */
    bool expired;
};

/* NULL: `why` says what is missing. */
struct tls_lab *tls_lab_open(const char *folder, char *why, size_t size);
void tls_lab_close(struct tls_lab *lab);
/* For every connection. */
SSL_CTX *tls_lab_context(const struct tls_lab *lab);
/* `old`, `new`, `both` or `none`; lives as long as the lab. */
X509_STORE *tls_lab_store(const struct tls_lab *lab, const char *name);
/* The phones' key of that strength; lives as long as the lab. */
EVP_PKEY *tls_lab_key(const struct tls_lab *lab, enum tls_strength strength);
/* A certificate for that key. The caller frees it. */
X509 *tls_lab_issue(const struct tls_lab *lab, const struct tls_wish *wish);

#endif
