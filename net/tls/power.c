#include "net/tls/power.h"

#include <string.h>

#include "mbedtls/bn_mul.h"
#include "mbedtls/platform.h"
#include "mbedtls/platform_util.h"

typedef mbedtls_mpi_uint limb;

#define LIMB_BITS (8 * sizeof(limb))
#define WINDOW 4u
#define TABLE (1u << WINDOW)

/* -- limbs --------------------------------------------------------------------------------------------- */

/* d += s * b, of n limbs; what is carried out of the last one. */
static limb mul_add(limb *d, const limb *s, size_t n, limb b)
{
    limb c = 0, t = 0;
    (void)t; /* not every machine's macros use it */
    for (; n >= 8; n -= 8) {
        MULADDC_INIT
        MULADDC_CORE MULADDC_CORE MULADDC_CORE MULADDC_CORE
        MULADDC_CORE MULADDC_CORE MULADDC_CORE MULADDC_CORE
        MULADDC_STOP
    }
    for (; n > 0; n--) {
        MULADDC_INIT
        MULADDC_CORE
        MULADDC_STOP
    }
    return c;
}

/* out = a - b; 1 where that is below zero. */
static limb subtract(limb *out, const limb *a, const limb *b, size_t n)
{
    limb borrow = 0;
    for (size_t i = 0; i < n; i++) {
        limb first = a[i] - b[i], less = a[i] < b[i];
        out[i] = first - borrow;
        borrow = less | (first < borrow);
    }
    return borrow;
}

/* out = a * b / R mod m; `out` may be either of them. */
static void multiply(const struct tls_power *p, limb *out, const limb *a, const limb *b)
{
    size_t n = p->limbs;
    const limb *m = p->modulus->p;
    limb *t = p->scratch;
    memset(t, 0, (2 * n + 1) * sizeof *t);
    for (size_t i = 0; i < n; i++) {
        limb first = mul_add(t + i, b, n, a[i]);
        limb second = mul_add(t + i, m, n, t[i] * p->inverse);
        limb sum = t[i + n] + first, carry = sum < first;
        t[i + n] = sum + second;
        t[i + n + 1] = carry + (t[i + n] < second);
    }
    limb below = subtract(t, t + n, m, n) & (t[2 * n] ^ 1); /* 1: it was smaller than m before */
    for (size_t i = 0; i < n; i++)
        out[i] = (t[i + n] & (0 - below)) | (t[i] & (below - 1));
}

/* -- windows ------------------------------------------------------------------------------------------- */

static unsigned window_of(const mbedtls_mpi *e, size_t at)
{
    size_t bit = at * WINDOW;
    return (unsigned)(e->p[bit / LIMB_BITS] >> bit % LIMB_BITS) & (TABLE - 1);
}

/* `out` = the table's entry, all of which are read. */
static void look_up(const struct tls_power *p, unsigned wanted, limb *out)
{
    memset(out, 0, p->limbs * sizeof *out);
    for (unsigned i = 0; i < TABLE; i++) {
        limb differs = i ^ wanted, mask = ((differs | (0 - differs)) >> (LIMB_BITS - 1)) - 1;
        for (size_t k = 0; k < p->limbs; k++)
            out[k] |= p->table[i * p->limbs + k] & mask;
    }
}

static void turn_window(struct tls_power *p)
{
    limb *factor = p->scratch + 2 * p->limbs + 1;
    for (unsigned i = 0; i < WINDOW; i++)
        multiply(p, p->value, p->value, p->value);
    look_up(p, window_of(p->exponent, --p->left), factor);
    multiply(p, p->value, p->value, factor);
}

/* -- a power ------------------------------------------------------------------------------------------- */

static void copy_limbs(limb *out, const mbedtls_mpi *from, size_t n)
{
    memset(out, 0, n * sizeof *out);
    memcpy(out, from->p, (from->n < n ? from->n : n) * sizeof *out);
}

/* Newton: each round doubles how many bits are right, from three on. */
static limb negative_inverse(limb m)
{
    limb x = m;
    for (unsigned bits = 3; bits < LIMB_BITS; bits *= 2)
        x *= 2 - m * x;
    return 0 - x;
}

static void fill_table(struct tls_power *p, const mbedtls_mpi *x, const mbedtls_mpi *rr)
{
    size_t n = p->limbs;
    limb *one = p->table, *base = p->table + n;
    copy_limbs(p->value, rr, n);
    one[0] = 1;
    multiply(p, one, one, p->value);
    copy_limbs(base, x, n);
    multiply(p, base, base, p->value);
    for (unsigned i = 2; i < TABLE; i++)
        multiply(p, p->table + i * n, p->table + (i - 1) * n, base);
    memcpy(p->value, one, n * sizeof *one);
}

static size_t memory_limbs(size_t n)
{
    return n * (1 + TABLE) + 2 * n + 1 + n;
}

int tls_power_begin(struct tls_power *power, const mbedtls_mpi *x, const mbedtls_mpi *e, const mbedtls_mpi *m,
                    const mbedtls_mpi *rr)
{
    size_t n = m->n;
    *power = (struct tls_power){.modulus = m, .exponent = e, .limbs = n, .left = e->n * (LIMB_BITS / WINDOW)};
    power->memory = mbedtls_calloc(memory_limbs(n), sizeof *power->memory);
    if (!power->memory)
        return MBEDTLS_ERR_MPI_ALLOC_FAILED;
    power->value = power->memory;
    power->table = power->value + n;
    power->scratch = power->table + TABLE * n;
    power->inverse = negative_inverse(m->p[0]);
    fill_table(power, x, rr);
    return 0;
}

bool tls_power_step(struct tls_power *power)
{
    size_t cost = 2 * power->limbs * power->limbs * (WINDOW + 1);
    for (size_t done = 0; power->left > 0 && done < TLS_POWER_PIECE; done += cost)
        turn_window(power);
    return power->left > 0;
}

int tls_power_take(struct tls_power *power, mbedtls_mpi *out)
{
    size_t n = power->limbs;
    int error = mbedtls_mpi_grow(out, n);
    if (error != 0)
        return error;
    memset(power->table, 0, n * sizeof *power->table);
    power->table[0] = 1;
    multiply(power, power->value, power->value, power->table);
    memset(out->p, 0, out->n * sizeof *out->p);
    memcpy(out->p, power->value, n * sizeof *out->p);
    out->s = 1;
    return 0;
}

void tls_power_end(struct tls_power *power)
{
    if (power->memory)
        mbedtls_platform_zeroize(power->memory, memory_limbs(power->limbs) * sizeof *power->memory);
    mbedtls_free(power->memory);
    *power = (struct tls_power){0};
}
