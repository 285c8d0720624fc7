/* records.h - what kinds of records the journal holds.
 *
 * Every record says all there is to say about one thing (an upsert): reading them in order and
 * keeping the last of each key rebuilds the state. Each begins with its key. The numbers stand on
 * cards: never use one for something else.
 */
#ifndef STAGEBOX_APP_RECORD_RECORDS_H
#define STAGEBOX_APP_RECORD_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"

enum record_type {
    RECORD_BATCH = 1, /* paused and the like; one, without a key */
    RECORD_PHONE = 2, /* key: MAC (zero while unknown), serial */
    RECORD_LEASE = 3, /* key: address */
    RECORD_OFFER = 4, /* a firmware file that was handed out; key: the file's name */
    RECORD_CLAIM = 5, /* a line of the inventory given to a phone; key: MAC */
    RECORD_GONE = 6,  /* the thing with this type and key is no more */
    RECORD_RUNG = 7,  /* a rung that a phone has climbed; key: the key of the phone, number */
    RECORD_HANDOVER = 8, /* how a phone gets on with HTTPS; key: the key of the phone */
    RECORD_TARGET = 9, /* what `newest` led phones to, so that it does not sink; key: the family's name */
    RECORD_SEEN = 10 /* when a phone asked last, its other facts being as they were; key: the key of the phone */
};

#define RECORD_KEY_MAX 160

/* A tombstone: what of which type is gone. */
struct record_gone {
    uint8_t type; /* enum record_type of what is gone */
    uint8_t key_len;
    uint8_t key[RECORD_KEY_MAX];
};
/* Writes it to `out`; the length, 0 where it does not fit or the key is too long. */
size_t record_gone_put(const struct record_gone *gone, void *out, size_t cap);
/* False, and *out undefined, where the bytes are no tombstone. */
bool record_gone_get(struct record_gone *out, const void *in, size_t len);

#endif
