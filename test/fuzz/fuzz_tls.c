/* fuzz_tls.c - any bytes as the client's, in slices that the first byte decides; one pair serves all inputs. What
 * mbedTLS takes is given back, and a client that never knew the premaster secret gets nowhere. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mbedtls/x509_crt.h"
#include "net/tls/hello.h"
#include "net/tls/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same numbers every time: an input means the same again. */
static int numbers(void *ctx, unsigned char *out, size_t len)
{
    uint32_t *seed = ctx;
    for (size_t i = 0; i < len; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        out[i] = (unsigned char)(*seed >> 24);
    }
    return 0;
}

static void demand(int ok)
{
    if (!ok)
        abort();
}

static void make_texts(uint32_t *seed, unsigned char crt[4096], unsigned char key[4096])
{
    mbedtls_pk_context pk;
    mbedtls_mpi serial;
    mbedtls_x509write_cert w;
    mbedtls_pk_init(&pk);
    mbedtls_mpi_init(&serial);
    mbedtls_x509write_crt_init(&w);
    demand(mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA)) == 0);
    demand(mbedtls_rsa_gen_key(mbedtls_pk_rsa(pk), numbers, seed, 1024, 65537) == 0);
    mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&w, &pk);
    mbedtls_x509write_crt_set_issuer_key(&w, &pk);
    demand(mbedtls_x509write_crt_set_subject_name(&w, "CN=fuzz") == 0);
    demand(mbedtls_x509write_crt_set_issuer_name(&w, "CN=fuzz") == 0);
    demand(mbedtls_mpi_lset(&serial, 1) == 0 && mbedtls_x509write_crt_set_serial(&w, &serial) == 0);
    demand(mbedtls_x509write_crt_set_validity(&w, "20200101000000", "20400101000000") == 0);
    demand(mbedtls_x509write_crt_pem(&w, crt, 4096, numbers, seed) == 0);
    demand(mbedtls_pk_write_key_pem(&pk, key, 4096) == 0);
    mbedtls_x509write_crt_free(&w);
    mbedtls_mpi_free(&serial);
    mbedtls_pk_free(&pk);
}

static struct tls_pair *make_pair(uint32_t *seed)
{
    unsigned char crt[4096], key[4096];
    make_texts(seed, crt, key);
    struct tls_options o = {
        .random = numbers,
        .random_ctx = seed,
        .chain = (char *)crt,
        .chain_len = strlen((char *)crt),
        .key = (char *)key,
        .key_len = strlen((char *)key),
        .client_ca = (char *)crt,
        .client_ca_len = strlen((char *)crt),
    };
    return tls_pair_new(&o);
}

static enum tls_state turn(struct tls_server *s)
{
    enum tls_state state = tls_server_turn(s);
    while (state == TLS_PRIVATE) {
        while (tls_server_private(s))
            ;
        state = tls_server_turn(s);
    }
    size_t len;
    if (tls_server_out(s, &len))
        tls_server_sent(s, len);
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tls_pair *pair;
    static uint32_t seed = 1;
    if (!pair)
        pair = make_pair(&seed);
    demand(pair != NULL);
    seed = 1;
    struct tls_server *s = tls_server_new(pair);
    demand(s != NULL);
    if (size > 0) /* the server's buffer is longer than what is in it, this is not */
        tls_hello_read(data + 1, size - 1);
    size_t slice = size > 0 ? 1u + data[0] * 16u : 1, at = 1;
    enum tls_state state = TLS_WAIT;
    while (at < size && state == TLS_WAIT) {
        size_t cap;
        uint8_t *room = tls_server_room(s, &cap);
        size_t n = size - at < slice ? size - at : slice;
        n = n < cap ? n : cap;
        memcpy(room, data + at, n);
        tls_server_took(s, n);
        at += n;
        state = turn(s);
    }
    tls_server_eof(s);
    demand(turn(s) == TLS_FAILED);
    demand((tls_server_words(s)[0] != 0) == (size > 1));
    tls_server_end(s);
    return 0;
}
