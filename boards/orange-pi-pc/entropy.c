#include "boards/orange-pi-pc/entropy.h"

#include <string.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha512.h>

#include "boards/orange-pi-pc/machine.h"
#include "boards/orange-pi-pc/registers.h"
#include "boards/orange-pi-pc/sid.h"
#include "boards/orange-pi-pc/timer.h"
#include "boards/orange-pi-pc/trng.h"

#define SEED_SECTOR 512
#define HASH 64
#define SAMPLES 2048

static struct {
    bool seeded;
    uint8_t pool[HASH];
    mbedtls_ctr_drbg_context drbg;
} entropy;

/* -- stirring -------------------------------------------------------------------------------------------- */

static void stir(mbedtls_sha512_context *hash, const void *data, size_t len)
{
    mbedtls_sha512_update_ret(hash, data, len);
}

/* The counter beside reads of a slow bus: how long each takes varies a little. */
static void stir_noise(mbedtls_sha512_context *hash)
{
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint32_t sample = (uint32_t)timer_ticks();
        stir(hash, &sample, sizeof sample);
        (void)reg_read(RTC);
    }
}

/* pool = hash of pool, `data` and all that differs from start to start. */
static void renew(const void *data, size_t len)
{
    mbedtls_sha512_context hash;
    unsigned char numbers[TRNG_BYTES];
    mbedtls_sha512_init(&hash);
    mbedtls_sha512_starts_ret(&hash, 0);
    stir(&hash, entropy.pool, sizeof entropy.pool);
    stir(&hash, data, len);
    if (trng_read(numbers))
        stir(&hash, numbers, sizeof numbers);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t word = sid_word(i);
        stir(&hash, &word, sizeof word);
    }
    int64_t wall = rtc_read_ms();
    stir(&hash, &wall, sizeof wall);
    stir_noise(&hash);
    mbedtls_sha512_finish_ret(&hash, entropy.pool);
    mbedtls_sha512_free(&hash);
    mbedtls_platform_zeroize(numbers, sizeof numbers);
}

/* A number of its own for each use of the pool. */
static void derive(uint8_t use, uint8_t out[HASH])
{
    uint8_t text[HASH + 1];
    text[0] = use;
    memcpy(text + 1, entropy.pool, HASH);
    mbedtls_sha512_ret(text, sizeof text, out, 0);
    mbedtls_platform_zeroize(text, sizeof text);
}

enum { NEXT_SEED = 1, GENERATOR, NEXT_POOL };

static int feed(void *ctx, unsigned char *out, size_t len)
{
    uint8_t bytes[HASH];
    (void)ctx;
    if (len > sizeof bytes)
        return -1;
    renew("", 0);
    derive(GENERATOR, bytes);
    memcpy(out, bytes, len);
    derive(NEXT_POOL, bytes);
    memcpy(entropy.pool, bytes, sizeof entropy.pool);
    mbedtls_platform_zeroize(bytes, sizeof bytes);
    return 0;
}

/* -- the seed on the card ----------------------------------------------------------------------------------- */

static bool all_zero(const uint8_t *bytes, size_t len)
{
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++)
        any |= bytes[i];
    return any == 0;
}

/* Writes the next seed and reads it again: a card that takes nothing would give the same one at each start. */
static bool put_next(const struct board_files *files, struct board_store *store, void *files_ctx)
{
    uint8_t next[SEED_SECTOR] = {0}, found[SEED_SECTOR];
    derive(NEXT_SEED, next);
    bool good = files->store_write(store, 0, next, sizeof next) == 0;
    files->store_sync(store);
    while (files->step != NULL && files->step(files_ctx))
        ;
    good = good && files->store_read(store, 0, found, sizeof found) == sizeof found &&
           memcmp(found, next, sizeof next) == 0;
    mbedtls_platform_zeroize(next, sizeof next);
    mbedtls_platform_zeroize(found, sizeof found);
    return good;
}

bool entropy_start(const struct board_files *files, void *files_ctx)
{
    struct port_file file;
    struct board_store *store;
    uint8_t seed[SEED_SECTOR] = {0};
    entropy.seeded = false;
    if (files->stat(files_ctx, ENTROPY_SEED, &file) != 0 || file.size < ENTROPY_SEED_MIN ||
        files->store_open(files_ctx, ENTROPY_SEED, SEED_SECTOR, &store) != 0)
        return false;
    if (files->store_read(store, 0, seed, sizeof seed) == sizeof seed && !all_zero(seed, sizeof seed)) {
        renew(seed, sizeof seed);
        mbedtls_ctr_drbg_init(&entropy.drbg);
        entropy.seeded = put_next(files, store, files_ctx) && mbedtls_ctr_drbg_seed(&entropy.drbg, feed, NULL, NULL, 0) == 0;
    }
    files->store_close(store);
    mbedtls_platform_zeroize(seed, sizeof seed);
    return entropy.seeded;
}

int entropy_random(void *buf, size_t len)
{
    uint8_t *out = buf;
    while (entropy.seeded && len > 0) {
        size_t some = len < MBEDTLS_CTR_DRBG_MAX_REQUEST ? len : MBEDTLS_CTR_DRBG_MAX_REQUEST;
        if (mbedtls_ctr_drbg_random(&entropy.drbg, out, some) != 0)
            return PORT_E_SYSTEM;
        out += some;
        len -= some;
    }
    return entropy.seeded ? 0 : PORT_E_SYSTEM;
}

const char *entropy_sentence(void)
{
    return "there are no random numbers: put 512 random bytes into " ENTROPY_SEED " on the card, then restart";
}
