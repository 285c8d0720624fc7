#include <string.h>

#include "mbedtls/platform.h"
#include "mbedtls/platform_util.h"
#include "net/tls/connection.h"
#include "net/tls/handout.h"

/* By our choice, not the client's. RSA key exchange stands before DHE: half the work for an old phone. */
static const int suites[] = {
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    MBEDTLS_TLS_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_RSA_WITH_AES_128_CBC_SHA,
    MBEDTLS_TLS_RSA_WITH_AES_256_CBC_SHA,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    0,
};

/* P-256 first: a handshake on P-521 costs several times as much, to nobody's use. */
static const mbedtls_ecp_group_id curves[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_CURVE25519,
                                              MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_NONE};

/* Of our signatures under TLS 1.2, the old ones last. */
static const int hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512, MBEDTLS_MD_SHA1, MBEDTLS_MD_NONE};

/* For the clients' certificates alone: what the phones have was made in 2004. */
static const mbedtls_x509_crt_profile client_profile = {
    .allowed_mds = MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_MD5) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA1) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
    .allowed_pks = 0xFFFFFFF,
    .allowed_curves = 0xFFFFFFF,
    .rsa_min_bitlen = 1024,
};

static bool read_texts(struct tls_pair *p, const struct tls_options *o)
{
    bool pem = strstr(o->chain, "-----BEGIN") != NULL, key_pem = strstr(o->key, "-----BEGIN") != NULL;
    if (mbedtls_x509_crt_parse(&p->chain, (const unsigned char *)o->chain, o->chain_len + pem) != 0 ||
        mbedtls_pk_parse_key(&p->key, (const unsigned char *)o->key, o->key_len + key_pem, NULL, 0) != 0)
        return false;
    if (!o->client_ca)
        return true;
    bool ca_pem = strstr(o->client_ca, "-----BEGIN") != NULL;
    return mbedtls_x509_crt_parse(&p->client_ca, (const unsigned char *)o->client_ca, o->client_ca_len + ca_pem) == 0;
}

static bool configure(struct tls_pair *p, const struct tls_options *o)
{
    mbedtls_ssl_config *c = &p->conf;
    if (mbedtls_ssl_config_defaults(c, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return false;
    mbedtls_ssl_conf_rng(c, o->random, o->random_ctx);
    mbedtls_ssl_conf_min_version(c, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_1 + (int)o->oldest);
    mbedtls_ssl_conf_ciphersuites(c, suites);
    mbedtls_ssl_conf_curves(c, curves);
    mbedtls_ssl_conf_sig_hashes(c, hashes);
    mbedtls_ssl_conf_cert_profile(c, &client_profile);
    if (o->client_ca) {
        mbedtls_ssl_conf_authmode(c, MBEDTLS_SSL_VERIFY_OPTIONAL);
        mbedtls_ssl_conf_ca_chain(c, &p->client_ca, NULL);
    } else {
        mbedtls_ssl_conf_authmode(c, MBEDTLS_SSL_VERIFY_NONE);
    }
    mbedtls_ssl_conf_session_cache(c, p, tls_on_session_wanted, tls_on_session_made);
    /* Old stacks choke on records that are split in 1 and n-1 bytes. */
    mbedtls_ssl_conf_cbc_record_splitting(c, MBEDTLS_SSL_CBC_RECORD_SPLITTING_DISABLED);
    return true;
}

struct tls_pair *tls_pair_new(const struct tls_options *options)
{
    struct tls_pair *p = mbedtls_calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->holders = 1;
    p->private_key.random = options->random;
    p->private_key.random_ctx = options->random_ctx;
    mbedtls_ssl_config_init(&p->conf);
    mbedtls_x509_crt_init(&p->chain);
    mbedtls_x509_crt_init(&p->client_ca);
    mbedtls_pk_init(&p->key);
    if (tls_sessions_init(&p->sessions, options->sessions) && read_texts(p, options) && configure(p, options) &&
        tls_private_load(&p->private_key, options->rsa, &p->key) && tls_handout_begin(p))
        return p;
    tls_pair_release(p);
    return NULL;
}

void tls_pair_hold(struct tls_pair *pair)
{
    pair->holders++;
}

void tls_pair_release(struct tls_pair *p)
{
    if (!p || --p->holders > 0)
        return;
    mbedtls_ssl_config_free(&p->conf);
    tls_handout_end(p);
    tls_private_drop(&p->private_key);
    tls_sessions_dispose(&p->sessions);
    mbedtls_x509_crt_free(&p->chain);
    mbedtls_x509_crt_free(&p->client_ca);
    mbedtls_pk_free(&p->key);
    mbedtls_platform_zeroize(p, sizeof *p);
    mbedtls_free(p);
}
