/* journal_sector.h - one sector of a journal file: 36 bytes of head, 476 of content. Private to the
 * journal. All numbers are little-endian; what is not used is zero.
 */
#ifndef STAGEBOX_APP_RECORD_JOURNAL_SECTOR_H
#define STAGEBOX_APP_RECORD_JOURNAL_SECTOR_H

#include "app/record/journal.h"

#define SECTOR_HEAD 36
#define SECTOR_ROOM (JOURNAL_SECTOR - SECTOR_HEAD)
#define SECTOR_BATCH_MAX (JOURNAL_BATCH_SECTORS * SECTOR_ROOM) /* bytes of records in one batch */
#define SECTOR_RECORD_HEAD 4                                   /* type, version, length in two bytes */

enum sector_kind {
    SECTOR_SNAPSHOT, /* records of the snapshot */
    SECTOR_END,      /* no records: the snapshot is whole */
    SECTOR_BESIDE,   /* records of a turn; the file does not count yet */
    SECTOR_ALONE,    /* records of a turn; this file counts */
    SECTOR_RETIRED   /* no records: from here on the other file counts */
};

struct sector_head {
    uint32_t state_id;
    uint32_t generation;
    uint32_t index;  /* place in the file, counted in sectors */
    uint32_t batch;  /* number of the batch in this generation, from 0 */
    uint32_t synced; /* batches below this number were on the card when this one was written */
    uint16_t part;   /* of the batch, from 0 */
    uint16_t parts;  /* of the batch, 1..JOURNAL_BATCH_SECTORS */
    uint16_t used;   /* bytes of content */
    uint8_t kind;
};

/* CRC-32C (RFC 3720 B.4). */
uint32_t sector_crc(const void *data, size_t len);
/* Writes head, content (head->used bytes) and checksum. */
void sector_write(const struct sector_head *head, const void *content, uint8_t sector[JOURNAL_SECTOR]);
/* It is one of ours, and what was written. */
bool sector_is_sound(const uint8_t sector[JOURNAL_SECTOR]);
/* Reads the head of a sound sector; its content is sector + SECTOR_HEAD. False where it makes no sense. */
bool sector_head(const uint8_t sector[JOURNAL_SECTOR], struct sector_head *head);
bool sector_is_empty(const uint8_t sector[JOURNAL_SECTOR]);

#endif
