#include <string.h>

#include "mbedtls/oid.h"
#include "net/tls/connection.h"
#include "net/tls/identity.h"

static const mbedtls_x509_name *part(const mbedtls_x509_name *name, const char *oid, size_t oid_len)
{
    while (name && !(name->oid.len == oid_len && memcmp(name->oid.p, oid, oid_len) == 0))
        name = name->next;
    return name;
}

void tls_client_read(const mbedtls_x509_crt *crt, uint32_t verify_result, struct tls_client *out)
{
    /* Dates and uses of certificates that were made for phones long ago do not count. */
    const uint32_t ignored = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE |
                             MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
                             MBEDTLS_X509_BADCERT_NS_CERT_TYPE;
    memset(out, 0, sizeof *out);
    if (!crt || !crt->raw.p)
        return;
    out->shown = true;
    out->believed = (verify_result & ~ignored) == 0;
    const mbedtls_x509_name *cn = part(&crt->subject, MBEDTLS_OID_AT_CN, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN));
    const mbedtls_x509_name *st = part(&crt->subject, MBEDTLS_OID_AT_STATE, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_STATE));
    out->has_mac = tls_identity(cn ? (const char *)cn->val.p : NULL, cn ? cn->val.len : 0,
                                st ? (const char *)st->val.p : NULL, st ? st->val.len : 0, &out->mac);
}
