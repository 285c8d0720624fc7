#include "net/tls/steps.h"

#include <string.h>

#include "mbedtls/platform.h"
#include "mbedtls/platform_util.h"
#include "net/tls/rsa.h"

struct tls_steps {
    mbedtls_rsa_context *rsa;
    enum { STEPS_P, STEPS_Q, STEPS_JOIN, STEPS_CHECK } next;
    struct tls_power power;
    mbedtls_mpi in, blinded, p, q; /* the results modulo the primes */
};

bool tls_steps_prepare(mbedtls_rsa_context *rsa, int (*random)(void *ctx, unsigned char *out, size_t len), void *ctx)
{
    uint8_t in[TLS_RSA_MAX] = {0}, out[TLS_RSA_MAX];
    if (rsa->len > sizeof in)
        return false;
    in[rsa->len - 1] = 2;
    return mbedtls_rsa_private(rsa, random, ctx, in, out) == 0;
}

/* x = x * y mod m */
static int multiply(mbedtls_mpi *x, const mbedtls_mpi *y, const mbedtls_mpi *m)
{
    int error = mbedtls_mpi_mul_mpi(x, x, y);
    return error != 0 ? error : mbedtls_mpi_mod_mpi(x, x, m);
}

/* The pair of numbers that blind and unblind is squared for each operation, as mbedTLS does it. */
static int blind(struct tls_steps *s)
{
    mbedtls_rsa_context *rsa = s->rsa;
    int error = multiply(&rsa->Vi, &rsa->Vi, &rsa->N);
    error = error != 0 ? error : multiply(&rsa->Vf, &rsa->Vf, &rsa->N);
    error = error != 0 ? error : mbedtls_mpi_copy(&s->blinded, &s->in);
    return error != 0 ? error : multiply(&s->blinded, &rsa->Vi, &rsa->N);
}

static int begin_power(struct tls_steps *s, const mbedtls_mpi *e, const mbedtls_mpi *m, const mbedtls_mpi *rr)
{
    mbedtls_mpi x;
    mbedtls_mpi_init(&x);
    int error = mbedtls_mpi_mod_mpi(&x, &s->blinded, m);
    error = error != 0 ? error : tls_power_begin(&s->power, &x, e, m, rr);
    mbedtls_mpi_free(&x);
    return error;
}

struct tls_steps *tls_steps_begin(mbedtls_rsa_context *rsa, const uint8_t *in)
{
    struct tls_steps *s = mbedtls_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->rsa = rsa;
    mbedtls_mpi *const all[] = {&s->in, &s->blinded, &s->p, &s->q};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mbedtls_mpi_init(all[i]);
    if (mbedtls_mpi_read_binary(&s->in, in, rsa->len) == 0 && mbedtls_mpi_cmp_mpi(&s->in, &rsa->N) < 0 && blind(s) == 0 &&
        begin_power(s, &rsa->DP, &rsa->P, &rsa->RP) == 0)
        return s;
    tls_steps_end(s);
    return NULL;
}

/* m = q + Q * ((p - q) / Q mod P) */
static int join(struct tls_steps *s)
{
    int error = mbedtls_mpi_sub_mpi(&s->p, &s->p, &s->q);
    error = error != 0 ? error : multiply(&s->p, &s->rsa->QP, &s->rsa->P);
    error = error != 0 ? error : mbedtls_mpi_mul_mpi(&s->p, &s->p, &s->rsa->Q);
    error = error != 0 ? error : mbedtls_mpi_add_mpi(&s->p, &s->p, &s->q);
    return error != 0 ? error : multiply(&s->p, &s->rsa->Vf, &s->rsa->N);
}

/* A fault of the machine in one of the two halves would give the key away. */
static int check(struct tls_steps *s)
{
    mbedtls_rsa_context *rsa = s->rsa;
    int error = mbedtls_mpi_exp_mod(&s->q, &s->p, &rsa->E, &rsa->N, &rsa->RN);
    if (error == 0 && mbedtls_mpi_cmp_mpi(&s->q, &s->in) != 0)
        error = MBEDTLS_ERR_RSA_VERIFY_FAILED;
    return error;
}

int tls_steps_run(struct tls_steps *s, uint8_t *out)
{
    mbedtls_rsa_context *rsa = s->rsa;
    int error;
    if (s->next == STEPS_CHECK) {
        error = check(s);
        return error != 0 ? error : mbedtls_mpi_write_binary(&s->p, out, rsa->len);
    }
    if (s->next == STEPS_JOIN) {
        error = join(s);
        s->next++;
        return error != 0 ? error : 1;
    }
    if (tls_power_step(&s->power))
        return 1;
    error = tls_power_take(&s->power, s->next == STEPS_P ? &s->p : &s->q);
    tls_power_end(&s->power);
    if (error == 0 && s->next == STEPS_P)
        error = begin_power(s, &rsa->DQ, &rsa->Q, &rsa->RQ);
    s->next++;
    return error != 0 ? error : 1;
}

const struct tls_power *tls_steps_power(const struct tls_steps *steps)
{
    return &steps->power;
}

void tls_steps_end(struct tls_steps *s)
{
    if (!s)
        return;
    tls_power_end(&s->power);
    mbedtls_mpi *const all[] = {&s->in, &s->blinded, &s->p, &s->q};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mbedtls_mpi_free(all[i]); /* wipes, too */
    mbedtls_platform_zeroize(s, sizeof *s);
    mbedtls_free(s);
}
