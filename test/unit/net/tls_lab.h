/* tls_lab.h - net/tls against OpenSSL's client, through memory: certificates of every kind, and both ends. */
#ifndef STAGEBOX_TEST_TLS_LAB_H
#define STAGEBOX_TEST_TLS_LAB_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "mbedtls/ssl.h"
#include "net/tls/tls.h"

/* How often a handshake with DHE or ECDHE hands work out (net/tls/handout.h); one with RSA key exchange does it once. */
#ifdef MBEDTLS_SSL_ASYNC_PRIVATE
#define LAB_EPHEMERAL 1
#else
#define LAB_EPHEMERAL 2
#endif

struct lab_cert {
    EVP_PKEY *key;
    X509 *crt;
};

struct lab_wish {
    const char *cn, *st;
    unsigned bits;
    const EVP_MD *md;
    long from_s, to_s; /* from now */
};

static inline X509 *lab_blank(const struct lab_wish *w, EVP_PKEY *key)
{
    static long serial;
    X509 *crt = X509_new();
    X509_set_version(crt, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(crt), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(crt), w->from_s);
    X509_gmtime_adj(X509_getm_notAfter(crt), w->to_s);
    X509_set_pubkey(crt, key);
    X509_NAME *name = X509_get_subject_name(crt);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)w->cn, -1, -1, 0);
    if (w->st)
        X509_NAME_add_entry_by_txt(name, "ST", MBSTRING_ASC, (const unsigned char *)w->st, -1, -1, 0);
    return crt;
}

/* `by` NULL: a CA of its own. */
static inline struct lab_cert lab_cert(struct lab_wish w, const struct lab_cert *by)
{
    if (w.to_s == 0)
        w.to_s = 1000000;
    struct lab_cert c = {.key = EVP_RSA_gen(w.bits)};
    c.crt = lab_blank(&w, c.key);
    X509_set_issuer_name(c.crt, X509_get_subject_name(by ? by->crt : c.crt));
    if (!by) {
        X509_EXTENSION *ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
        X509_add_ext(c.crt, ca, -1);
        X509_EXTENSION_free(ca);
    }
    assert_true(X509_sign(c.crt, by ? by->key : c.key, w.md ? w.md : EVP_sha256()) > 0);
    return c;
}

static inline void lab_cert_free(struct lab_cert *c)
{
    EVP_PKEY_free(c->key);
    X509_free(c->crt);
}

/* PEM with a NUL behind it, to be freed. */
static inline char *lab_pem(const struct lab_cert *c, bool key, size_t *len)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    if (key)
        PEM_write_bio_PrivateKey(bio, c->key, NULL, NULL, 0, NULL, NULL);
    else
        PEM_write_bio_X509(bio, c->crt);
    *len = (size_t)BIO_get_mem_data(bio, &data);
    char *text = malloc(*len + 1);
    memcpy(text, data, *len);
    text[*len] = 0;
    BIO_free(bio);
    return text;
}

static inline int lab_random(void *ctx, unsigned char *out, size_t len)
{
    (void)ctx;
    return RAND_bytes(out, (int)len) == 1 ? 0 : -1;
}

static inline struct tls_pair *lab_pair(const struct lab_cert *own, const struct lab_cert *client_ca,
                                        enum tls_version oldest, const struct tls_rsa_engine *rsa)
{
    struct tls_options o = {.random = lab_random, .oldest = oldest, .rsa = rsa};
    char *chain = lab_pem(own, false, &o.chain_len), *key = lab_pem(own, true, &o.key_len);
    char *ca = client_ca ? lab_pem(client_ca, false, &o.client_ca_len) : NULL;
    o.chain = chain;
    o.key = key;
    o.client_ca = ca;
    struct tls_pair *pair = tls_pair_new(&o);
    free(chain);
    free(key);
    free(ca);
    return pair;
}

/* A client: OpenSSL with every old thing allowed. */
struct lab_client {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out;
};

static inline void lab_client(struct lab_client *c, int version, const char *ciphers, const struct lab_cert *own,
                              SSL_SESSION *resume)
{
    c->ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(c->ctx, 0);
    SSL_CTX_set_min_proto_version(c->ctx, version);
    SSL_CTX_set_max_proto_version(c->ctx, version);
    assert_int_equal(SSL_CTX_set_cipher_list(c->ctx, ciphers), 1);
    if (own) {
        SSL_CTX_use_certificate(c->ctx, own->crt);
        SSL_CTX_use_PrivateKey(c->ctx, own->key);
    }
    c->ssl = SSL_new(c->ctx);
    c->in = BIO_new(BIO_s_mem());
    c->out = BIO_new(BIO_s_mem());
    SSL_set_bio(c->ssl, c->in, c->out);
    SSL_set_connect_state(c->ssl);
    if (resume)
        SSL_set_session(c->ssl, resume);
}

static inline void lab_client_free(struct lab_client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
}

/* What is done to the bytes of the client on their way. */
struct lab_way {
    size_t slice;   /* bytes at a time; 0: all there are */
    size_t cut;     /* the stream ends before this byte, counted from 1; 0: never */
    size_t damage;  /* this byte is damaged, counted from 1; 0: none */
    uint8_t with;   /* ...by these bits */
    size_t carried; /* so far */
    size_t privates; /* private operations so far */
    uint8_t *copy;   /* not NULL: of what was carried */
    bool merge;      /* handshake messages of one flight go in one record (RFC 5246 section 6.2.1) */
};

/* Puts what follows a handshake record and is one, too, into it. */
static inline void lab_merge(struct lab_client *c)
{
    uint8_t in[8192], out[8192];
    int len = BIO_read(c->out, in, sizeof in);
    size_t record = 0, made = 0; /* where the record in `out` begins, and its end */
    for (int at = 0; at + 5 <= len;) {
        int size = in[at + 3] << 8 | in[at + 4];
        bool joins = made > 0 && in[at] == 22 && out[record] == 22;
        assert_true(at + 5 + size <= len);
        if (!joins) {
            record = made;
            memcpy(out + made, in + at, 5);
            made += 5;
        }
        memcpy(out + made, in + at + 5, (size_t)size);
        made += (size_t)size;
        out[record + 3] = (uint8_t)((made - record - 5) >> 8);
        out[record + 4] = (uint8_t)(made - record - 5);
        at += 5 + size;
    }
    if (made > 0)
        BIO_write(c->out, out, (int)made);
}

static inline void lab_to_server(struct lab_client *c, struct tls_server *s, struct lab_way *way)
{
    size_t cap;
    uint8_t *room = tls_server_room(s, &cap);
    if (way->slice && cap > way->slice)
        cap = way->slice;
    if (way->cut && way->carried + cap >= way->cut)
        cap = way->cut - 1 - way->carried;
    int n = cap ? BIO_read(c->out, room, (int)cap) : 0;
    if (n <= 0)
        return;
    if (way->damage > way->carried && way->damage <= way->carried + (size_t)n)
        room[way->damage - 1 - way->carried] ^= way->with;
    if (way->copy)
        memcpy(way->copy + way->carried, room, (size_t)n);
    way->carried += (size_t)n;
    tls_server_took(s, (size_t)n);
}

static inline bool lab_to_client(struct lab_client *c, struct tls_server *s)
{
    size_t len;
    const uint8_t *out = tls_server_out(s, &len);
    if (!out)
        return false;
    BIO_write(c->in, out, (int)len);
    tls_server_sent(s, len);
    return true;
}

/* Both go on until nothing moves any more; what the server came to. */
static inline enum tls_state lab_pump(struct lab_client *c, struct tls_server *s, struct lab_way *way)
{
    for (;;) {
        size_t before = way->carried;
        bool fresh = BIO_ctrl_pending(c->out) == 0;
        SSL_do_handshake(c->ssl);
        if (way->merge && fresh)
            lab_merge(c);
        lab_to_server(c, s, way);
        enum tls_state state = tls_server_turn(s);
        while (state == TLS_PRIVATE) {
            way->privates++;
            while (tls_server_private(s))
                ;
            state = tls_server_turn(s);
        }
        bool moved = lab_to_client(c, s) || way->carried != before;
        if (!moved || state == TLS_FAILED)
            return state;
    }
}

#endif
