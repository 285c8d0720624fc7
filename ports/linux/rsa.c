/* rsa.c - the RSA private-key operation with GMP: several times as fast as mbedTLS's. It has memory of its own, so that
 * it may run in any thread. */
#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "net/tls/rsa.h"
#include "ports/port.h"

struct key {
    mpz_t n, e, p, q, dp, dq, q_inverse;
};

/* One operation's numbers. */
struct sums {
    mpz_t in, blind, unblind, blinded, mp, mq, m, check;
};

static void read_number(mpz_t out, const uint8_t *data, size_t len)
{
    mpz_import(out, len, 1, 1, 1, 0, data);
}

static void wipe(mpz_t number)
{
    size_t limbs = mpz_size(number);
    if (limbs > 0) {
        volatile mp_limb_t *limb = mpz_limbs_modify(number, (mp_size_t)limbs);
        while (limbs > 0)
            limb[--limbs] = 0;
    }
    mpz_clear(number);
}

static void rsa_drop(void *loaded)
{
    struct key *k = loaded;
    if (k == NULL)
        return;
    mpz_clears(k->n, k->e, NULL);
    wipe(k->p);
    wipe(k->q);
    wipe(k->dp);
    wipe(k->dq);
    wipe(k->q_inverse);
    free(k);
}

/* mpz_powm_sec() wants odd moduli and exponents above 0. */
static bool is_sound(struct key *k, const mpz_t d, mpz_t scratch)
{
    mpz_mul(scratch, k->p, k->q);
    if (mpz_cmp(scratch, k->n) != 0 || mpz_even_p(k->n) || mpz_cmp_ui(k->p, 1) <= 0 || mpz_cmp_ui(k->q, 1) <= 0 ||
        mpz_cmp_ui(k->e, 1) <= 0)
        return false;
    mpz_sub_ui(scratch, k->p, 1);
    mpz_mod(k->dp, d, scratch);
    mpz_sub_ui(scratch, k->q, 1);
    mpz_mod(k->dq, d, scratch);
    return mpz_sgn(k->dp) > 0 && mpz_sgn(k->dq) > 0 && mpz_invert(k->q_inverse, k->q, k->p) != 0;
}

static void *rsa_load(const struct tls_rsa_numbers *numbers)
{
    struct key *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    mpz_t d, scratch;
    mpz_inits(d, scratch, k->n, k->e, k->p, k->q, k->dp, k->dq, k->q_inverse, NULL);
    read_number(k->n, numbers->n.data, numbers->n.len);
    read_number(k->e, numbers->e.data, numbers->e.len);
    read_number(k->p, numbers->p.data, numbers->p.len);
    read_number(k->q, numbers->q.data, numbers->q.len);
    read_number(d, numbers->d.data, numbers->d.len);
    bool sound = is_sound(k, d, scratch);
    wipe(d);
    wipe(scratch);
    if (sound)
        return k;
    rsa_drop(k);
    return NULL;
}

/* blind = r^e, unblind = r^-1, of a random r. */
static bool draw(struct sums *s, const struct key *k, size_t len, tls_random_fn *random, void *random_ctx)
{
    uint8_t bytes[TLS_RSA_MAX];
    if (len > sizeof bytes || random(random_ctx, bytes, len) != 0)
        return false;
    read_number(s->mp, bytes, len);
    mpz_mod(s->mp, s->mp, k->n);
    if (mpz_invert(s->unblind, s->mp, k->n) == 0)
        return false;
    mpz_powm(s->blind, s->mp, k->e, k->n);
    return true;
}

/* By the Chinese remainder theorem (RFC 8017 section 5.1.2, 2b); false where the result, raised to e again, is not
 * what it was made of. */
static bool raise_blinded(struct sums *s, const struct key *k)
{
    mpz_mul(s->blinded, s->in, s->blind);
    mpz_mod(s->blinded, s->blinded, k->n);
    mpz_mod(s->mp, s->blinded, k->p);
    mpz_powm_sec(s->mp, s->mp, k->dp, k->p);
    mpz_mod(s->mq, s->blinded, k->q);
    mpz_powm_sec(s->mq, s->mq, k->dq, k->q);
    mpz_sub(s->m, s->mp, s->mq);
    mpz_mul(s->m, s->m, k->q_inverse);
    mpz_mod(s->m, s->m, k->p);
    mpz_mul(s->m, s->m, k->q);
    mpz_add(s->m, s->m, s->mq);
    mpz_powm(s->check, s->m, k->e, k->n);
    return mpz_cmp(s->check, s->blinded) == 0;
}

static void write_number(const mpz_t number, uint8_t *out, size_t len)
{
    size_t used = (mpz_sizeinbase(number, 2) + 7) / 8;
    memset(out, 0, len);
    mpz_export(out + (len - used), NULL, 1, 1, 1, 0, number);
}

static int rsa_power(const void *loaded, const uint8_t *in, uint8_t *out, size_t len, tls_random_fn *random,
                     void *random_ctx)
{
    const struct key *k = loaded;
    struct sums s;
    mpz_inits(s.in, s.blind, s.unblind, s.blinded, s.mp, s.mq, s.m, s.check, NULL);
    read_number(s.in, in, len);
    bool ok = mpz_cmp(s.in, k->n) < 0 && draw(&s, k, len, random, random_ctx) && raise_blinded(&s, k);
    memset(out, 0, len);
    if (ok) {
        mpz_mul(s.m, s.m, s.unblind);
        mpz_mod(s.m, s.m, k->n);
        write_number(s.m, out, len);
    }
    mpz_clears(s.in, s.blind, s.blinded, s.check, NULL);
    wipe(s.unblind);
    wipe(s.mp);
    wipe(s.mq);
    wipe(s.m);
    return ok ? 0 : -1;
}

static const struct tls_rsa_engine engine = {rsa_load, rsa_power, rsa_drop};

const struct tls_rsa_engine *port_rsa(const struct port *port)
{
    (void)port;
    return &engine;
}
