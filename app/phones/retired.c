#include "app/phones/retired.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_HEAD 4 /* type, version, length */

void retired_init(struct retired *r, size_t capacity)
{
    *r = (struct retired){.capacity = capacity};
}

static bool make_places(struct retired *r)
{
    if (!r->place)
        r->place = calloc(r->capacity, sizeof *r->place);
    if (!r->unpacked)
        r->unpacked = calloc(1, sizeof *r->unpacked);
    return r->place && r->unpacked;
}

void retired_dispose(struct retired *r)
{
    for (size_t i = 0; i < r->highest; i++)
        free(r->place[i].records);
    free(r->place);
    free(r->unpacked);
    *r = (struct retired){.capacity = 0};
}

/* -- packing -------------------------------------------------------------------------------------- */

static bool count_bytes(void *ctx, uint8_t type, uint8_t version, const void *payload, size_t len)
{
    (void)type, (void)version, (void)payload;
    *(size_t *)ctx += RECORD_HEAD + len;
    return true;
}

static bool append(void *ctx, uint8_t type, uint8_t version, const void *payload, size_t len)
{
    struct retired_phone *one = ctx;
    uint8_t *at = one->records + one->len;
    at[0] = type;
    at[1] = version;
    at[2] = (uint8_t)(len >> 8);
    at[3] = (uint8_t)len;
    memcpy(at + RECORD_HEAD, payload, len);
    one->len += RECORD_HEAD + len;
    return true;
}

/* The record at *at, which goes on to the next one; false: that was the last. */
static bool next_record(const struct retired_phone *one, size_t *at, struct journal_record *out)
{
    if (*at >= one->len)
        return false;
    const uint8_t *p = one->records + *at;
    *out = (struct journal_record){
        .type = p[0], .version = p[1], .payload = p + RECORD_HEAD, .len = (size_t)p[2] << 8 | p[3]};
    *at += RECORD_HEAD + out->len;
    return true;
}

static struct retired_phone *free_place(struct retired *r)
{
    for (size_t i = 0; i < r->highest; i++)
        if (!r->place[i].records)
            return &r->place[i];
    return r->highest < r->capacity ? &r->place[r->highest] : NULL;
}

bool retired_put(struct retired *r, const struct phone *phone)
{
    struct retired_phone *one = make_places(r) ? free_place(r) : NULL;
    size_t size = 0;
    if (!one || !phone_record_write(phone, count_bytes, &size))
        return false;
    uint8_t *records = malloc(size);
    if (!records)
        return false;
    *one = (struct retired_phone){.records = records,
                                  .key.mac = phone->mac,
                                  .cohort = phone->cohort,
                                  .cohort_started = phone->cohort_started,
                                  .cohort_done = phone->cohort_done};
    memcpy(one->key.serial, phone->serial, sizeof one->key.serial);
    phone_record_write(phone, append, one);
    if (one == &r->place[r->highest])
        r->highest++;
    r->count++;
    return true;
}

/* -- and back --------------------------------------------------------------------------------------- */

struct retired_phone *retired_find(const struct retired *r, struct mac mac, const char *serial)
{
    if (r->count == 0 || (mac_is_zero(mac) && !serial[0]))
        return NULL;
    for (size_t i = 0; i < r->highest; i++) {
        struct retired_phone *one = &r->place[i];
        bool same = mac_is_zero(mac) ? strcmp(one->key.serial, serial) == 0 : mac_equal(one->key.mac, mac);
        if (one->records && same)
            return one;
    }
    return NULL;
}

void retired_unpack(const struct retired_phone *one, struct phone *phone)
{
    struct journal_record record;
    for (size_t at = 0; next_record(one, &at, &record);) {
        if (record.type == RECORD_PHONE)
            phone_record_read(phone, &record);
        else if (record.type == RECORD_RUNG)
            phone_rung_read(phone, &record);
        else
            phone_handover_read(phone, &record);
    }
    phone->cohort = one->cohort;
    phone->cohort_started = one->cohort_started;
    phone->cohort_done = one->cohort_done;
}

void retired_write(const struct retired_phone *one, phone_record_put *put, void *ctx)
{
    struct journal_record record;
    for (size_t at = 0; next_record(one, &at, &record);)
        put(ctx, record.type, record.version, record.payload, record.len);
}

void retired_drop(struct retired *r, struct retired_phone *one)
{
    free(one->records);
    *one = (struct retired_phone){.records = NULL};
    r->count--;
}

static struct phone *unpack(const struct retired *r, const struct retired_phone *one)
{
    struct phone *phone = r->unpacked;
    memset(phone, 0, sizeof *phone);
    phone->used = true;
    phone->row = -1;
    phone->mac = one->key.mac;
    memcpy(phone->serial, one->key.serial, sizeof phone->serial);
    retired_unpack(one, phone);
    return phone;
}

struct phone *retired_next(const struct retired *r, size_t *at)
{
    while (*at < r->highest && !r->place[*at].records)
        (*at)++;
    return *at < r->highest ? unpack(r, &r->place[(*at)++]) : NULL;
}

struct phone *retired_after(const struct retired *r, bool begun, struct mac mac, const char *serial)
{
    const struct retired_phone *next = NULL;
    for (size_t i = 0; i < r->highest; i++) {
        const struct retired_phone *one = &r->place[i];
        if (!one->records || (begun && phone_key_order(one->key.mac, one->key.serial, mac, serial) <= 0))
            continue;
        if (!next || phone_key_order(one->key.mac, one->key.serial, next->key.mac, next->key.serial) < 0)
            next = one;
    }
    return next ? unpack(r, next) : NULL;
}
