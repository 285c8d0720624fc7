/* Firmware headers. A fuzzer never finds a digest, so the second half of the runs gets right ones:
 * size, header digest and, where a sector is raw, its digest are put in before the check. */
#include <stdlib.h>
#include <string.h>

#include "app/content/firmware.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 0x80, ENTRY = 0x40, DIGEST_AT = 0x30 };

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void seal_sector(uint8_t *copy, size_t size, uint8_t *entry)
{
    size_t offset = get32(entry + 8), stored = get32(entry + 4);
    if (offset < size && stored <= size - offset)
        digest_md5(copy + offset, stored, entry + 12);
}

static void seal(uint8_t *copy, size_t size)
{
    size_t sectors = get32(copy + 0x7c);
    put32(copy + 0x58, (uint32_t)size);
    if (sectors > (size - HEADER) / ENTRY)
        return;
    for (size_t i = 0; i < sectors; i++)
        seal_sector(copy, size, copy + HEADER + i * ENTRY);
    memset(copy + DIGEST_AT, 0, DIGEST_MD5_SIZE);
    uint8_t md5[DIGEST_MD5_SIZE];
    digest_md5(copy, HEADER + sectors * ENTRY, md5);
    memcpy(copy + DIGEST_AT, md5, sizeof md5);
}

static void check(const uint8_t *data, size_t size)
{
    static struct firmware_work work;
    struct firmware_header header;
    struct firmware_judgement judgement;
    char sentence[FIRMWARE_SENTENCE_MAX];
    firmware_header_check(data, size, &work, &header);
    if (header.result == FIRMWARE_H_SOUND && (!version_known(&header.version) || header.sector_count == 0))
        abort();
    firmware_judge("spa50x-30x-7-5-2b.bin", &header, NULL, NULL, &judgement);
    firmware_verdict_sentence("spa50x-30x-7-5-2b.bin", &header, &judgement, sentence);
    if (judgement.verdict >= 0 && header.result != FIRMWARE_H_SOUND)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size);
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy && size >= HEADER) {
        memcpy(copy, data, size);
        seal(copy, size);
        check(copy, size);
    }
    free(copy);
    return 0;
}
