/* image_builder.h - firmware images with the vendor's header, made in memory for tests. */
#ifndef STAGEBOX_TEST_IMAGE_BUILDER_H
#define STAGEBOX_TEST_IMAGE_BUILDER_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "app/content/digest.h"

enum { IMAGE_HEADER = 0x80, IMAGE_ENTRY = 0x40, IMAGE_SECTORS = 4 };

struct image {
    uint8_t *data; /* of exactly `size` bytes, so that ASan sees what reads past it */
    size_t size;
};

static inline void image_put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Puts the header's own digest right, after something in the header or directory was changed. */
static inline void image_seal(struct image image, uint32_t sectors)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    memset(image.data + 0x30, 0, sizeof md5);
    digest_md5(image.data, IMAGE_HEADER + sectors * IMAGE_ENTRY, md5);
    memcpy(image.data + 0x30, md5, sizeof md5);
}

/* Four sectors of `unpacked` bytes each, the second and the fourth packed; `gap` bytes of zeros
 * before each sector. The caller frees image.data. */
static inline struct image image_make_gaps(const char *version, size_t unpacked, size_t gap, unsigned seed)
{
    size_t offset = IMAGE_HEADER + IMAGE_SECTORS * IMAGE_ENTRY;
    size_t cap = offset + IMAGE_SECTORS * (unpacked + unpacked / 100 + 64 + gap);
    uint8_t *build = calloc(1, cap), *plain = malloc(unpacked);
    assert(build && plain);
    memcpy(build, "SkOsMo5 fIrMwArE", 16);
    for (unsigned i = 0; i < IMAGE_SECTORS; i++) {
        uint8_t *entry = build + IMAGE_HEADER + i * IMAGE_ENTRY;
        uLongf stored = (uLongf)(cap - offset);
        for (size_t at = 0; at < unpacked; at++)
            plain[at] = (uint8_t)((at * (seed + 1) + i) % 61 + 7);
        offset += gap;
        if (i % 2 == 0)
            memcpy(build + offset, plain, stored = unpacked);
        else
            compress2(build + offset, &stored, plain, unpacked, 1);
        entry[1] = (uint8_t)i;
        entry[3] = i % 2 == 0;
        image_put32(entry + 4, (uint32_t)stored);
        image_put32(entry + 8, (uint32_t)offset);
        digest_md5(plain, unpacked, entry + 12);
        offset += stored;
    }
    image_put32(build + 0x50, IMAGE_HEADER);
    image_put32(build + 0x54, IMAGE_ENTRY);
    image_put32(build + 0x58, (uint32_t)offset);
    memcpy(build + 0x5c, version, strlen(version));
    image_put32(build + 0x7c, IMAGE_SECTORS);
    free(plain);
    struct image image = {realloc(build, offset), offset};
    assert(image.data);
    image_seal(image, IMAGE_SECTORS);
    return image;
}

static inline struct image image_make(const char *version, size_t unpacked, unsigned seed)
{
    return image_make_gaps(version, unpacked, 0, seed);
}

#endif
