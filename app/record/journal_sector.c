#include "app/record/journal_sector.h"

#include "app/record/encode.h"

#include <string.h>

#define MAGIC 0x314a4273u /* "sBJ1" */

/* The table of the usual algorithm, entry i put together from the entries of its bits. */
#define BIT(i, bit, entry) ((i) & (bit) ? UINT32_C(entry) : 0)
#define ENTRY(i)                                                                                                   \
    (BIT(i, 1, 0xf26b8303) ^ BIT(i, 2, 0xe13b70f7) ^ BIT(i, 4, 0xc79a971f) ^ BIT(i, 8, 0x8ad958cf) ^               \
     BIT(i, 16, 0x105ec76f) ^ BIT(i, 32, 0x20bd8ede) ^ BIT(i, 64, 0x417b1dbc) ^ BIT(i, 128, 0x82f63b78))
#define ENTRIES_4(i) ENTRY(i), ENTRY(i + 1), ENTRY(i + 2), ENTRY(i + 3)
#define ENTRIES_16(i) ENTRIES_4(i), ENTRIES_4(i + 4), ENTRIES_4(i + 8), ENTRIES_4(i + 12)
#define ENTRIES_64(i) ENTRIES_16(i), ENTRIES_16(i + 16), ENTRIES_16(i + 32), ENTRIES_16(i + 48)

uint32_t sector_crc(const void *data, size_t len)
{
    static const uint32_t table[256] = {ENTRIES_64(0), ENTRIES_64(64), ENTRIES_64(128), ENTRIES_64(192)};
    const uint8_t *at = data;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++)
        crc = crc >> 8 ^ table[(crc ^ at[i]) & 255];
    return ~crc;
}

void sector_write(const struct sector_head *head, const void *content, uint8_t sector[JOURNAL_SECTOR])
{
    struct encoder e;
    memset(sector, 0, JOURNAL_SECTOR);
    encoder_init(&e, sector + 8, JOURNAL_SECTOR - 8);
    encode_u32(&e, head->state_id);
    encode_u32(&e, head->generation);
    encode_u32(&e, head->index);
    encode_u32(&e, head->batch);
    encode_u32(&e, head->synced);
    encode_u16(&e, head->part);
    encode_u16(&e, head->parts);
    encode_u16(&e, head->used);
    encode_u8(&e, head->kind);
    encode_u8(&e, 0);
    encode_bytes(&e, content, head->used);
    encoder_init(&e, sector, 8);
    encode_u32(&e, MAGIC);
    encode_u32(&e, sector_crc(sector + 8, JOURNAL_SECTOR - 8));
}

bool sector_is_sound(const uint8_t sector[JOURNAL_SECTOR])
{
    struct decoder d;
    decoder_init(&d, sector, 8);
    return decode_u32(&d) == MAGIC && decode_u32(&d) == sector_crc(sector + 8, JOURNAL_SECTOR - 8);
}

bool sector_head(const uint8_t sector[JOURNAL_SECTOR], struct sector_head *head)
{
    struct decoder d;
    decoder_init(&d, sector + 8, SECTOR_HEAD - 8);
    head->state_id = decode_u32(&d);
    head->generation = decode_u32(&d);
    head->index = decode_u32(&d);
    head->batch = decode_u32(&d);
    head->synced = decode_u32(&d);
    head->part = decode_u16(&d);
    head->parts = decode_u16(&d);
    head->used = decode_u16(&d);
    head->kind = decode_u8(&d);
    return head->used <= SECTOR_ROOM && head->part < head->parts && head->parts <= JOURNAL_BATCH_SECTORS &&
           head->kind <= SECTOR_RETIRED && head->generation > 0;
}

bool sector_is_empty(const uint8_t sector[JOURNAL_SECTOR])
{
    return sector[0] == 0 && memcmp(sector, sector + 1, JOURNAL_SECTOR - 1) == 0;
}
