#include "app/content/x509.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/content/digest.h"
#include "mbedtls/oid.h"
#include "mbedtls/pk.h"
#include "mbedtls/x509_crt.h"
#include "net/addr.h"

static void copy(char out[X509_NAME_TEXT_MAX], const unsigned char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n + 1 < X509_NAME_TEXT_MAX; i++)
        out[n++] = isprint(text[i]) ? (char)text[i] : '?';
    out[n] = '\0';
}

static bool find_part(const mbedtls_x509_name *name, const char *oid, size_t oid_len, char out[X509_NAME_TEXT_MAX])
{
    out[0] = '\0';
    for (; name; name = name->next)
        if (name->oid.len == oid_len && memcmp(name->oid.p, oid, oid_len) == 0)
            copy(out, name->val.p, name->val.len);
    return out[0] != '\0';
}

#define PART(name, oid, out) find_part(name, oid, MBEDTLS_OID_SIZE(oid), out)

static void write_time(const mbedtls_x509_time *t, char out[X509_TIME_MAX])
{
    snprintf(out, X509_TIME_MAX, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)t->year % 10000, (unsigned)t->mon % 100,
             (unsigned)t->day % 100, (unsigned)t->hour % 100, (unsigned)t->min % 100, (unsigned)t->sec % 100);
}

static void read_alt_names(const mbedtls_x509_crt *crt, struct x509_facts *out)
{
    if (!(crt->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME))
        return;
    for (const mbedtls_x509_sequence *s = &crt->subject_alt_names; s && out->alt_count < X509_NAMES; s = s->next)
        if ((s->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == MBEDTLS_X509_SAN_DNS_NAME)
            copy(out->alt_names[out->alt_count++], s->buf.p, s->buf.len);
}

static const char *digest_name(mbedtls_md_type_t md)
{
    switch (md) {
    case MBEDTLS_MD_MD5:
        return "MD5";
    case MBEDTLS_MD_SHA1:
        return "SHA-1";
    case MBEDTLS_MD_SHA256:
        return "SHA-256";
    case MBEDTLS_MD_SHA384:
        return "SHA-384";
    case MBEDTLS_MD_SHA512:
        return "SHA-512";
    default:
        return "an unknown digest";
    }
}

static void read_key(const mbedtls_x509_crt *crt, struct x509_facts *out)
{
    mbedtls_pk_type_t type = mbedtls_pk_get_type(&crt->pk);
    out->key = type == MBEDTLS_PK_RSA ? X509_RSA : type == MBEDTLS_PK_ECKEY ? X509_EC : X509_OTHER;
    out->key_bits = (unsigned)mbedtls_pk_get_bitlen(&crt->pk);
    out->digest = digest_name(crt->sig_md);
}

static bool same_name(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
    return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

static void read_chain(const mbedtls_x509_crt *first, struct x509_facts *out)
{
    const mbedtls_x509_crt *last = first;
    out->in_order = true;
    for (const mbedtls_x509_crt *c = first; c && c->raw.p; c = c->next) {
        if (c != first && !same_name(&last->issuer_raw, &c->subject_raw))
            out->in_order = false;
        out->count++;
        out->message += 3 + c->raw.len;
        out->ca_count += c->ca_istrue || c->version < 3; /* version 1 knows no extension that would say so */
        last = c;
    }
    out->has_root = same_name(&last->issuer_raw, &last->subject_raw);
    if (!PART(&last->issuer, MBEDTLS_OID_AT_CN, out->top))
        PART(&last->issuer, MBEDTLS_OID_AT_ORGANIZATION, out->top);
}

static uint64_t id_of(const mbedtls_x509_crt *crt)
{
    uint8_t digest[DIGEST_SHA256_SIZE];
    uint64_t id = 0;
    digest_sha256(crt->raw.p, crt->raw.len, digest);
    for (size_t i = 0; i < sizeof id; i++)
        id = id << 8 | digest[i];
    return id ? id : 1;
}

static bool parse(mbedtls_x509_crt *crt, const char *text, size_t len, const char **why)
{
    bool pem = strstr(text, "-----BEGIN") != NULL;
    mbedtls_x509_crt_init(crt);
    int failed = mbedtls_x509_crt_parse(crt, (const unsigned char *)text, pem ? len + 1 : len);
    if (failed == 0 && crt->raw.p)
        return true;
    *why = !pem                                  ? "holds no certificate"
           : !strstr(text, "BEGIN CERTIFICATE")  ? "holds no certificate, but something else"
           : failed > 0                          ? "holds a certificate that cannot be read, beside those that can"
                                                 : "holds a certificate that cannot be read";
    mbedtls_x509_crt_free(crt);
    return false;
}

bool x509_read(const char *text, size_t len, struct x509_facts *out, const char **why)
{
    mbedtls_x509_crt crt;
    memset(out, 0, sizeof *out);
    if (!parse(&crt, text, len, why))
        return false;
    out->id = id_of(&crt);
    PART(&crt.subject, MBEDTLS_OID_AT_CN, out->common_name);
    read_alt_names(&crt, out);
    read_key(&crt, out);
    write_time(&crt.valid_from, out->not_before);
    write_time(&crt.valid_to, out->not_after);
    out->is_ca = crt.ca_istrue;
    out->message = 7; /* RFC 5246 section 7.4.2, with the head of 7.4 */
    read_chain(&crt, out);
    mbedtls_x509_crt_free(&crt);
    return true;
}

static bool parse_key(mbedtls_pk_context *pk, const char *text, size_t len, const char **why)
{
    bool pem = strstr(text, "-----BEGIN") != NULL;
    mbedtls_pk_init(pk);
    int failed = mbedtls_pk_parse_key(pk, (const unsigned char *)text, pem ? len + 1 : len, NULL, 0);
    if (failed == 0)
        return true;
    *why = strstr(text, "ENCRYPTED") ? "is protected by a password: store it without one" : "holds no private key";
    mbedtls_pk_free(pk);
    return false;
}

bool x509_key_fits(const char *chain, size_t chain_len, const char *key, size_t key_len, const char **why)
{
    mbedtls_x509_crt crt;
    mbedtls_pk_context pk;
    if (!parse(&crt, chain, chain_len, why))
        return false;
    bool ok = parse_key(&pk, key, key_len, why);
    if (ok) {
        ok = mbedtls_pk_check_pair(&crt.pk, &pk) == 0;
        if (!ok)
            *why = "is not the key of the first certificate";
        mbedtls_pk_free(&pk);
    }
    mbedtls_x509_crt_free(&crt);
    return ok;
}

bool x509_is_host_name(const char *name, bool wild)
{
    ip4 address;
    size_t label = 0;
    if (wild && strncmp(name, "*.", 2) == 0)
        name += 2;
    if (ip4_parse(name, strlen(name), &address))
        return false;
    for (const char *p = name; *p; p++) {
        if (*p == '.' ? label == 0 : !isalnum((unsigned char)*p) && *p != '-')
            return false;
        label = *p == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label > 0;
}
