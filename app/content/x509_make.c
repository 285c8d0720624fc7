#include "app/content/x509_make.h"

#include <stdio.h>
#include <string.h>

#include "mbedtls/asn1write.h"
#include "mbedtls/oid.h"
#include "mbedtls/pk.h"
#include "mbedtls/rsa.h"
#include "mbedtls/x509_crt.h"
#include "mbedtls/x509_csr.h"

#define NAMES_MAX 1200 /* bytes of the extension with all names */
#define SUBJECT_MAX (X509_NAME_TEXT_MAX + 8)

static int fill(void *port, unsigned char *out, size_t len)
{
    return port_random(port, out, len) == 0 ? 0 : MBEDTLS_ERR_RSA_RNG_FAILED;
}

static bool make_key(struct port *port, unsigned bits, mbedtls_pk_context *pk, char pem[X509_PEM_MAX], const char **why)
{
    mbedtls_pk_init(pk);
    *why = "the key could not be made: is there a source of randomness?";
    return mbedtls_pk_setup(pk, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA)) == 0 &&
           mbedtls_rsa_gen_key(mbedtls_pk_rsa(*pk), fill, port, bits, 65537) == 0 &&
           mbedtls_pk_write_key_pem(pk, (unsigned char *)pem, X509_PEM_MAX) == 0;
}

static mbedtls_md_type_t md_of(const struct x509_wish *wish)
{
    return wish->digest == X509_SHA1 ? MBEDTLS_MD_SHA1 : MBEDTLS_MD_SHA256;
}

/* No comma and no equals sign: mbedTLS reads it as a list. */
static bool subject(const struct x509_wish *wish, char out[SUBJECT_MAX], const char **why)
{
    *why = "a name may hold neither a comma, an equals sign nor a backslash, and at most 64 characters";
    if (strpbrk(wish->common_name, ",=\\") || strlen(wish->common_name) > 64 || !wish->common_name[0])
        return false;
    snprintf(out, SUBJECT_MAX, "CN=%s", wish->common_name);
    return true;
}

/* SubjectAltName (RFC 5280 section 4.2.1.6), written from its end; the length, 0 where it does not fit. */
static size_t write_names(const struct x509_wish *wish, unsigned char buf[NAMES_MAX], unsigned char **at)
{
    unsigned char *p = buf + NAMES_MAX;
    size_t len = 0;
    for (size_t i = wish->alt_count; i-- > 0;) {
        size_t name = strlen(wish->alt_names[i]);
        int written = mbedtls_asn1_write_tagged_string(&p, buf, MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_X509_SAN_DNS_NAME,
                                                       wish->alt_names[i], name);
        if (written < 0)
            return 0;
        len += (size_t)written;
    }
    int head = mbedtls_asn1_write_len(&p, buf, len);
    int tag = head < 0 ? head : mbedtls_asn1_write_tag(&p, buf, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
    *at = p;
    return tag < 0 ? 0 : len + (size_t)head + (size_t)tag;
}

/* -- certificates -------------------------------------------------------------------------------- */

struct signing {
    struct port *port;
    const struct x509_wish *wish;
    mbedtls_pk_context *subject_key, *issuer_key;
    const char *issuer;
    bool is_ca;
};

static bool set_serial(mbedtls_x509write_cert *crt, struct port *port)
{
    unsigned char bytes[8];
    mbedtls_mpi serial;
    mbedtls_mpi_init(&serial);
    bool ok = port_random(port, bytes, sizeof bytes) == 0;
    bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and of full length */
    ok = ok && mbedtls_mpi_read_binary(&serial, bytes, sizeof bytes) == 0 &&
         mbedtls_x509write_crt_set_serial(crt, &serial) == 0;
    mbedtls_mpi_free(&serial);
    return ok;
}

static bool set_uses(mbedtls_x509write_cert *crt, const struct signing *s)
{
    unsigned char names[NAMES_MAX], *at = names;
    if (s->is_ca)
        return mbedtls_x509write_crt_set_key_usage(crt, MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN) == 0;
    size_t len = write_names(s->wish, names, &at);
    bool ok = mbedtls_x509write_crt_set_key_usage(
                  crt, MBEDTLS_X509_KU_DIGITAL_SIGNATURE | MBEDTLS_X509_KU_KEY_ENCIPHERMENT) == 0;
    return ok && len > 0 &&
           mbedtls_x509write_crt_set_extension(crt, MBEDTLS_OID_SUBJECT_ALT_NAME,
                                               MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, at, len) == 0;
}

static bool write_certificate(const struct signing *s, char pem[X509_PEM_MAX], const char **why)
{
    char name[SUBJECT_MAX];
    mbedtls_x509write_cert crt;
    if (!subject(s->wish, name, why))
        return false;
    *why = "the certificate could not be made: is one of the names too long?";
    mbedtls_x509write_crt_init(&crt);
    mbedtls_x509write_crt_set_version(&crt, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&crt, md_of(s->wish));
    mbedtls_x509write_crt_set_subject_key(&crt, s->subject_key);
    mbedtls_x509write_crt_set_issuer_key(&crt, s->issuer_key);
    bool ok = mbedtls_x509write_crt_set_subject_name(&crt, name) == 0 &&
              mbedtls_x509write_crt_set_issuer_name(&crt, s->issuer ? s->issuer : name) == 0 &&
              mbedtls_x509write_crt_set_validity(&crt, s->wish->not_before, s->wish->not_after) == 0 &&
              set_serial(&crt, s->port) && mbedtls_x509write_crt_set_basic_constraints(&crt, s->is_ca, -1) == 0 &&
              mbedtls_x509write_crt_set_subject_key_identifier(&crt) == 0 &&
              mbedtls_x509write_crt_set_authority_key_identifier(&crt) == 0 && set_uses(&crt, s) &&
              mbedtls_x509write_crt_pem(&crt, (unsigned char *)pem, X509_PEM_MAX, fill, s->port) == 0;
    mbedtls_x509write_crt_free(&crt);
    return ok;
}

bool x509_make_ca(struct port *port, const struct x509_wish *wish, struct x509_made *out, const char **why)
{
    mbedtls_pk_context key;
    struct signing signing = {.port = port, .wish = wish, .subject_key = &key, .issuer_key = &key, .is_ca = true};
    bool ok = make_key(port, wish->key_bits, &key, out->key, why) && write_certificate(&signing, out->certificate, why);
    mbedtls_pk_free(&key);
    return ok;
}

struct authority {
    mbedtls_x509_crt crt;
    mbedtls_pk_context key;
    char name[512];
};

static bool read_authority(struct authority *ca, const char *certificate, size_t len, const char *key, size_t key_len,
                           const char **why)
{
    mbedtls_x509_crt_init(&ca->crt);
    mbedtls_pk_init(&ca->key);
    if (!x509_key_fits(certificate, len, key, key_len, why))
        return false;
    *why = "the CA's certificate cannot be used";
    return mbedtls_x509_crt_parse(&ca->crt, (const unsigned char *)certificate, len + 1) == 0 &&
           mbedtls_pk_parse_key(&ca->key, (const unsigned char *)key, key_len + 1, NULL, 0) == 0 &&
           mbedtls_x509_dn_gets(ca->name, sizeof ca->name, &ca->crt.subject) > 0;
}

bool x509_make_server(struct port *port, const struct x509_wish *wish, const char *ca_certificate, size_t ca_len,
                      const char *ca_key, size_t ca_key_len, struct x509_made *out, const char **why)
{
    struct authority ca;
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    struct signing signing = {.port = port, .wish = wish, .subject_key = &key, .issuer_key = &ca.key, .issuer = ca.name};
    bool ok = read_authority(&ca, ca_certificate, ca_len, ca_key, ca_key_len, why) &&
              make_key(port, wish->key_bits, &key, out->key, why) && write_certificate(&signing, out->certificate, why);
    size_t used = ok ? strlen(out->certificate) : 0;
    if (ok && used + ca_len < X509_PEM_MAX)
        memcpy(out->certificate + used, ca_certificate, ca_len + 1);
    mbedtls_pk_free(&key);
    mbedtls_pk_free(&ca.key);
    mbedtls_x509_crt_free(&ca.crt);
    return ok;
}

/* -- requests ------------------------------------------------------------------------------------ */

static bool write_request(struct port *port, const struct x509_wish *wish, mbedtls_pk_context *key,
                          char pem[X509_PEM_MAX], const char **why)
{
    char name[SUBJECT_MAX];
    mbedtls_x509write_csr csr;
    if (!subject(wish, name, why))
        return false;
    *why = "the request could not be made";
    mbedtls_x509write_csr_init(&csr);
    mbedtls_x509write_csr_set_md_alg(&csr, md_of(wish));
    mbedtls_x509write_csr_set_key(&csr, key);
    bool ok = mbedtls_x509write_csr_set_subject_name(&csr, name) == 0 &&
              mbedtls_x509write_csr_pem(&csr, (unsigned char *)pem, X509_PEM_MAX, fill, port) == 0;
    mbedtls_x509write_csr_free(&csr);
    return ok;
}

bool x509_make_request(struct port *port, const struct x509_wish *wish, struct x509_made *out, const char **why)
{
    mbedtls_pk_context key;
    bool ok = make_key(port, wish->key_bits, &key, out->key, why) &&
              write_request(port, wish, &key, out->certificate, why);
    mbedtls_pk_free(&key);
    return ok;
}
