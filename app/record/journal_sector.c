#include "app/record/journal_sector.h"

#include "app/record/encode.h"

#include <string.h>

#define MAGIC 0x314a4273u /* "sBJ1" */

uint32_t sector_crc(const void *data, size_t len)
{
    static const uint32_t nibble[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
        0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
    const uint8_t *at = data;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
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

bool sector_read(const uint8_t sector[JOURNAL_SECTOR], struct sector_head *head)
{
    struct decoder d;
    decoder_init(&d, sector, SECTOR_HEAD);
    if (decode_u32(&d) != MAGIC || decode_u32(&d) != sector_crc(sector + 8, JOURNAL_SECTOR - 8))
        return false;
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
