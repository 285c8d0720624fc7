#include "app/content/firmware.h"

#include <string.h>

#define ZLIB_CONST /* next_in points at const */
#include <zlib.h>

/* The vendor's header, big-endian. */
enum {
    OFF_DIGEST = 0x30,
    OFF_HEADER_LEN = 0x50,
    OFF_ENTRY_LEN = 0x54,
    OFF_FILE_SIZE = 0x58,
    OFF_VERSION = 0x5c,
    VERSION_LEN = 32,
    OFF_SECTORS = 0x7c,
    HEADER_LEN = 0x80,
    ENTRY_LEN = 0x40,
    /* in an entry of the directory */
    ENTRY_FLAGS = 2,
    ENTRY_SIZE = 4,
    ENTRY_OFFSET = 8,
    ENTRY_DIGEST = 12,
    FLAG_RAW = 1,
};
static const char magic[] = "SkOsMo5 fIrMwArE";
enum { MAGIC_LEN = sizeof magic - 1 };

/* inflate() keeps its state and a window of 32 KB in the first part of the caller's memory; the
 * unpacked data goes through the rest. */
#define ARENA_SIZE (48u << 10)
#define OUTPUT_SIZE (FIRMWARE_WORK_SIZE - ARENA_SIZE)

struct sector {
    bool raw;
    const uint8_t *data;
    uint32_t size;
    const uint8_t *digest;
};

struct arena {
    uint8_t *at;
    size_t left;
};

struct check {
    const uint8_t *data;
    size_t size;
    uint8_t *arena;
    uint8_t *output;
    uint64_t room; /* bytes that may still be unpacked */
};

static uint32_t read32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void *arena_alloc(void *opaque, unsigned items, unsigned size)
{
    struct arena *arena = opaque;
    size_t want = ((size_t)items * size + 15) & ~(size_t)15;
    if (want > arena->left)
        return NULL;
    void *at = arena->at;
    arena->at += want;
    arena->left -= want;
    return at;
}

static void arena_free(void *opaque, void *at)
{
    (void)opaque, (void)at;
}

/* Zeros or 0xff only: what tools fill gaps with. No digest covers such bytes. */
static bool is_padding(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != at[0] || (at[i] != 0x00 && at[i] != 0xff))
            return false;
    return true;
}

static void read_version(const uint8_t *data, struct firmware_header *out)
{
    const char *text = (const char *)data + OFF_VERSION;
    const char *end = memchr(text, '\0', VERSION_LEN);
    version_parse(text, end ? (size_t)(end - text) : VERSION_LEN, &out->version);
}

static bool header_digest_fits(const uint8_t *data, size_t len)
{
    static const uint8_t zeros[DIGEST_MD5_SIZE];
    uint8_t md5[DIGEST_MD5_SIZE];
    struct digest digest;
    digest_start(&digest, DIGEST_MD5);
    digest_add(&digest, data, OFF_DIGEST);
    digest_add(&digest, zeros, sizeof zeros);
    digest_add(&digest, data + OFF_DIGEST + sizeof zeros, len - OFF_DIGEST - sizeof zeros);
    digest_finish(&digest, md5);
    return memcmp(md5, data + OFF_DIGEST, sizeof md5) == 0;
}

static enum firmware_header_result check_head(const uint8_t *data, size_t size, struct firmware_header *out)
{
    if (size < MAGIC_LEN || memcmp(data, magic, MAGIC_LEN) != 0)
        return FIRMWARE_H_NONE;
    if (size < HEADER_LEN)
        return FIRMWARE_H_SHORT;
    read_version(data, out);
    uint32_t sectors = read32(data + OFF_SECTORS);
    if (read32(data + OFF_HEADER_LEN) != HEADER_LEN || read32(data + OFF_ENTRY_LEN) != ENTRY_LEN || sectors == 0)
        return FIRMWARE_H_LAYOUT;
    out->sector_count = sectors;
    if (read32(data + OFF_FILE_SIZE) != size)
        return FIRMWARE_H_SIZE;
    if (sectors > (size - HEADER_LEN) / ENTRY_LEN)
        return FIRMWARE_H_SHORT;
    if (!header_digest_fits(data, HEADER_LEN + (size_t)sectors * ENTRY_LEN))
        return FIRMWARE_H_DIGEST;
    return version_known(&out->version) ? FIRMWARE_H_SOUND : FIRMWARE_H_VERSION;
}

/* Unpacks all of it into the digest, the output buffer at a time. */
static enum firmware_header_result inflate_into(struct check *check, z_stream *z, struct digest *digest)
{
    for (;;) {
        z->next_out = check->output;
        z->avail_out = OUTPUT_SIZE;
        int result = inflate(z, Z_NO_FLUSH);
        size_t got = OUTPUT_SIZE - z->avail_out;
        if (got > check->room)
            return FIRMWARE_H_TOOBIG;
        check->room -= got;
        digest_add(digest, check->output, got);
        if (result == Z_STREAM_END)
            return is_padding(z->next_in, z->avail_in) ? FIRMWARE_H_SOUND : FIRMWARE_H_BOUNDS;
        if (result != Z_OK || got == 0)
            return FIRMWARE_H_INFLATE;
    }
}

static enum firmware_header_result check_packed(struct check *check, const struct sector *sector,
                                                struct digest *digest)
{
    struct arena arena = {check->arena, ARENA_SIZE};
    z_stream z = {.zalloc = arena_alloc, .zfree = arena_free, .opaque = &arena};
    z.next_in = sector->data;
    z.avail_in = sector->size;
    if (inflateInit(&z) != Z_OK)
        return FIRMWARE_H_INFLATE;
    enum firmware_header_result result = inflate_into(check, &z, digest);
    inflateEnd(&z);
    return result;
}

static enum firmware_header_result check_sector(struct check *check, const struct sector *sector)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    struct digest digest;
    enum firmware_header_result result = FIRMWARE_H_SOUND;
    digest_start(&digest, DIGEST_MD5);
    if (sector->raw)
        digest_add(&digest, sector->data, sector->size);
    else
        result = check_packed(check, sector, &digest);
    digest_finish(&digest, md5);
    if (result == FIRMWARE_H_SOUND && memcmp(md5, sector->digest, sizeof md5) != 0)
        return FIRMWARE_H_SECTOR;
    return result;
}

/* Sectors follow each other; whatever lies between two, or behind the last, is padding. */
static enum firmware_header_result check_sectors(struct check *check, struct firmware_header *out)
{
    size_t end = HEADER_LEN + (size_t)out->sector_count * ENTRY_LEN;
    for (out->sector = 0; out->sector < out->sector_count; out->sector++) {
        const uint8_t *entry = check->data + HEADER_LEN + (size_t)out->sector * ENTRY_LEN;
        size_t offset = read32(entry + ENTRY_OFFSET), size = read32(entry + ENTRY_SIZE);
        if (offset < end || offset > check->size || size > check->size - offset ||
            !is_padding(check->data + end, offset - end))
            return FIRMWARE_H_BOUNDS;
        struct sector sector = {(entry[ENTRY_FLAGS + 1] & FLAG_RAW) != 0, check->data + offset, (uint32_t)size,
                                entry + ENTRY_DIGEST};
        enum firmware_header_result result = check_sector(check, &sector);
        if (result != FIRMWARE_H_SOUND)
            return result;
        end = offset + size;
    }
    out->sector--;
    return is_padding(check->data + end, check->size - end) ? FIRMWARE_H_SOUND : FIRMWARE_H_BOUNDS;
}

enum firmware_header_result firmware_header_check(const uint8_t *data, size_t size, struct firmware_work *work,
                                                  struct firmware_header *out)
{
    uint8_t *space = (uint8_t *)work->space;
    struct check check = {data, size, space, space + ARENA_SIZE, FIRMWARE_UNPACKED_MAX};
    memset(out, 0, sizeof *out);
    out->result = check_head(data, size, out);
    if (out->result == FIRMWARE_H_SOUND)
        out->result = check_sectors(&check, out);
    return out->result;
}

const char *firmware_header_text(enum firmware_header_result result)
{
    static const char *const text[] = {
        [-FIRMWARE_H_SHORT] = "it ends within its header: cut off or damaged",
        [-FIRMWARE_H_LAYOUT] = "its header has an unknown layout",
        [-FIRMWARE_H_SIZE] = "its size is not the one in its header: cut off or damaged",
        [-FIRMWARE_H_DIGEST] = "its header is damaged",
        [-FIRMWARE_H_VERSION] = "the version in its header cannot be read",
        [-FIRMWARE_H_BOUNDS] = "a sector is not where it must be",
        [-FIRMWARE_H_INFLATE] = "a sector cannot be unpacked: damaged",
        [-FIRMWARE_H_SECTOR] = "a sector is damaged",
        [-FIRMWARE_H_TOOBIG] = "it unpacks to more than any phone holds",
    };
    if (result == FIRMWARE_H_SOUND)
        return "it is whole";
    if (result == FIRMWARE_H_NONE)
        return "it has no vendor header: not a firmware image, or damaged";
    return text[-result];
}
