#include "tls_lab.h"

#include "mem.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STORES = 4, SIGNERS = 3, KEYS = 2 };
enum { SIGNER_OLD, SIGNER_NEW, SIGNER_FOREIGN };

static const char *const store_names[STORES] = {"old", "new", "both", "none"};
static const char *const signer_names[SIGNERS] = {"device-old", "device-new", "foreign"};
static const char *const key_names[KEYS] = {"phone-1024", "phone-2048"};

struct signer {
    X509 *certificate;
    EVP_PKEY *key;
};

struct tls_lab {
    const char *folder; /* while it is opened */
    char missing[300];
    SSL_CTX *context;
    X509_STORE *stores[STORES];
    struct signer signers[SIGNERS];
    EVP_PKEY *keys[KEYS];
};

static FILE *open_file(struct tls_lab *lab, const char *name, const char *end)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s%s", lab->folder, name, end);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        text_copy(lab->missing, sizeof lab->missing, path);
    return f;
}

static EVP_PKEY *read_key(struct tls_lab *lab, const char *name)
{
    FILE *f = open_file(lab, name, ".key");
    EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
    if (f != NULL)
        fclose(f);
    return key;
}

static X509 *read_certificate(struct tls_lab *lab, const char *name)
{
    FILE *f = open_file(lab, name, ".crt");
    X509 *certificate = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    if (f != NULL)
        fclose(f);
    return certificate;
}

/* All certificates of a file of PEM texts. */
static void fill_store(struct tls_lab *lab, X509_STORE *store, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "stores/%s", name);
    FILE *f = open_file(lab, path, ".pem");
    X509 *one;
    while (f != NULL && (one = PEM_read_X509(f, NULL, NULL, NULL)) != NULL) {
        X509_STORE_add_cert(store, one);
        X509_free(one);
    }
    if (f != NULL)
        fclose(f);
}

static void open_stores(struct tls_lab *lab)
{
    for (size_t i = 0; i < STORES; i++)
        lab->stores[i] = X509_STORE_new();
    fill_store(lab, lab->stores[0], "old");
    fill_store(lab, lab->stores[1], "new");
    fill_store(lab, lab->stores[2], "old");
    fill_store(lab, lab->stores[2], "new");
}

struct tls_lab *tls_lab_open(const char *folder, char *why, size_t size)
{
    struct tls_lab *lab = mem_new(1, sizeof *lab);
    lab->folder = folder;
    lab->context = SSL_CTX_new(TLS_client_method());
    open_stores(lab);
    for (size_t i = 0; i < SIGNERS; i++) {
        lab->signers[i].certificate = read_certificate(lab, signer_names[i]);
        lab->signers[i].key = read_key(lab, signer_names[i]);
    }
    for (size_t i = 0; i < KEYS; i++)
        lab->keys[i] = read_key(lab, key_names[i]);
    if (lab->missing[0] == '\0')
        return lab;
    snprintf(why, size, "%s: cannot be read", lab->missing);
    tls_lab_close(lab);
    return NULL;
}

void tls_lab_close(struct tls_lab *lab)
{
    if (lab == NULL)
        return;
    for (size_t i = 0; i < STORES; i++)
        X509_STORE_free(lab->stores[i]);
    for (size_t i = 0; i < SIGNERS; i++) {
        X509_free(lab->signers[i].certificate);
        EVP_PKEY_free(lab->signers[i].key);
    }
    for (size_t i = 0; i < KEYS; i++)
        EVP_PKEY_free(lab->keys[i]);
    SSL_CTX_free(lab->context);
    free(lab);
}

SSL_CTX *tls_lab_context(const struct tls_lab *lab)
{
    return lab->context;
}

X509_STORE *tls_lab_store(const struct tls_lab *lab, const char *name)
{
    for (size_t i = 0; i < STORES; i++)
        if (strcmp(store_names[i], name) == 0)
            return lab->stores[i];
    return NULL;
}

EVP_PKEY *tls_lab_key(const struct tls_lab *lab, enum tls_strength strength)
{
    return lab->keys[strength == TLS_2048_SHA256];
}

static void say(X509_NAME *name, const char *field, const char *text)
{
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0);
}

/* The two forms of phones.md 6.3. */
static void write_subject(X509_NAME *name, const struct tls_wish *w)
{
    char text[120];
    say(name, "C", "US");
    say(name, "O", "Cisco Systems, Inc.");
    if (w->form == TLS_FORM_STATE) {
        say(name, "ST", w->mac);
        say(name, "L", w->serial);
        say(name, "OU", w->model);
        say(name, "CN", w->model);
        return;
    }
    snprintf(text, sizeof text, "%s, MAC: %s, Serial: %s", w->model, w->mac, w->serial);
    say(name, "OU", "cisco.com");
    say(name, "CN", text);
}

static long number_of(const char *text)
{
    unsigned long h = 5381;
    for (; *text != '\0'; text++)
        h = (h * 33 + (unsigned char)*text) & 0x3fffffff;
    return (long)h;
}

X509 *tls_lab_issue(const struct tls_lab *lab, const struct tls_wish *w)
{
    bool modern = w->strength == TLS_2048_SHA256;
    const struct signer *by = &lab->signers[w->foreign ? SIGNER_FOREIGN : modern ? SIGNER_NEW : SIGNER_OLD];
    X509 *c = X509_new();
    X509_set_version(c, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(c), number_of(w->mac));
    ASN1_TIME_set_string(X509_getm_notBefore(c), "20040101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(c), w->expired ? "20100101000000Z" : "20340101000000Z");
    write_subject(X509_get_subject_name(c), w);
    X509_set_issuer_name(c, X509_get_subject_name(by->certificate));
    X509_set_pubkey(c, tls_lab_key(lab, w->strength));
    X509_sign(c, by->key, modern ? EVP_sha256() : w->strength == TLS_1024_MD5 ? EVP_md5() : EVP_sha1());
    return c;
}
