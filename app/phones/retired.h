/* retired.h - phones that are done and gave their place in the registry to others: their records as the journal has them, in
 * a quarter of the bytes.
 */
#ifndef STAGEBOX_APP_PHONES_RETIRED_H
#define STAGEBOX_APP_PHONES_RETIRED_H

#include "app/phones/phone_record.h"

struct retired_phone {
    uint8_t *records; /* NULL: the place is free */
    size_t len;
    struct phone_key key;
    unsigned cohort; /* as in struct phone */
    bool cohort_started, cohort_done;
};

struct retired {
    struct retired_phone *place; /* NULL: nobody ever came */
    size_t capacity;
    size_t count;   /* in use */
    size_t highest; /* places beyond this were never used */
    struct phone *unpacked; /* what retired_next() gives */
};

/* Places for `capacity` phones, which take no memory before the first one comes. */
void retired_init(struct retired *r, size_t capacity);
void retired_dispose(struct retired *r);
/* Packs this phone. False, and nothing has changed: there is no place or no memory. */
bool retired_put(struct retired *r, const struct phone *phone);
/* By the MAC, or where that is zero by the serial. NULL: it is not here. */
struct retired_phone *retired_find(const struct retired *r, struct mac mac, const char *serial);
/* Fills what the journal keeps of a phone, but for its keys, and its place in the rollout. */
void retired_unpack(const struct retired_phone *one, struct phone *phone);
/* Its records once more, as phone_record_write() makes them. */
void retired_write(const struct retired_phone *one, phone_record_put *put, void *ctx);
void retired_drop(struct retired *r, struct retired_phone *one);
/* The phones in the order of their places: start with *at = 0; NULL at the end. Valid until the next call; keys are set, no
 * timer and no hash is. */
struct phone *retired_next(const struct retired *r, size_t *at);
/* The same in the order of phone_key_order(): the one behind this key, or where !begun the first. */
struct phone *retired_after(const struct retired *r, bool begun, struct mac mac, const char *serial);

#endif
