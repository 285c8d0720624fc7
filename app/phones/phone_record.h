/* phone_record.h - a phone's facts as records of the journal. */
#ifndef STAGEBOX_APP_PHONES_PHONE_RECORD_H
#define STAGEBOX_APP_PHONES_PHONE_RECORD_H

#include "app/phones/phone.h"
#include "app/record/journal.h"
#include "app/record/records.h"

#define PHONE_RECORD_VERSION 1
#define PHONE_KEY_MAX (6 + PHONE_SERIAL_MAX + 2)

/* Every record that says what this phone is: RECORD_PHONE, then RECORD_RUNG for each rung climbed, and
 * RECORD_HANDOVER where it ever met HTTPS.
 * `put` is journal_put() or journal_snapshot_put() with what it needs; false stops. */
typedef bool phone_record_put(void *ctx, uint8_t type, uint8_t version, const void *payload, size_t len);
bool phone_record_write(const struct phone *phone, phone_record_put *put, void *ctx);
/* RECORD_SEEN: only `address`, `last_seen`, `asked` and `version_at`, which pass with every request. A sixth of the
 * bytes. */
bool phone_seen_write(const struct phone *phone, phone_record_put *put, void *ctx);

/* The key that stands at the beginning of each: for tombstones, and to find the phone. */
struct phone_key {
    struct mac mac;
    char serial[PHONE_SERIAL_MAX];
};
size_t phone_key_put(const struct phone *phone, uint8_t out[PHONE_KEY_MAX]);
/* <0, 0, >0: by the MACs, and where they are equal by the serials. */
int phone_key_order(struct mac a, const char *a_serial, struct mac b, const char *b_serial);
bool phone_key_get(const void *payload, size_t len, struct phone_key *key);
/* Fill the facts of a phone (its keys are set already) from a record. False, and *phone unchanged,
 * where the bytes make no sense. */
bool phone_record_read(struct phone *phone, const struct journal_record *record);
bool phone_seen_read(struct phone *phone, const struct journal_record *record);
bool phone_rung_read(struct phone *phone, const struct journal_record *record);
bool phone_handover_read(struct phone *phone, const struct journal_record *record);

#endif
