#include "image.h"

#include "addr.h"
#include "mem.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HEADER = 0x80, ENTRY = 0x40, DIGEST_AT = 0x30, DIGEST = 16, MAX_SECTOR = 16 << 20 };

static const char magic[16] = {'S', 'k', 'O', 's', 'M', 'o', '5', ' ', 'f', 'I', 'r', 'M', 'w', 'A', 'r', 'E'};

static void md5(const void *data, size_t len, uint8_t out[DIGEST])
{
    EVP_Digest(data, len, out, NULL, EVP_md5(), NULL);
}

static void refuse(struct image *out, const char *problem)
{
    out->sound = false;
    text_copy(out->problem, sizeof out->problem, problem);
}

static void refuse_sector(struct image *out, unsigned index, const char *problem)
{
    out->sound = false;
    snprintf(out->problem, sizeof out->problem, "sector %u %s", index, problem);
}

static bool header_digest_fits(const uint8_t *data, size_t len)
{
    uint8_t digest[DIGEST];
    uint8_t *copy = mem_new(len, 1);
    memcpy(copy, data, len);
    memset(copy + DIGEST_AT, 0, DIGEST);
    md5(copy, len, digest);
    free(copy);
    return memcmp(digest, data + DIGEST_AT, DIGEST) == 0;
}

static bool unpack(const uint8_t *data, size_t len, struct buf *out)
{
    z_stream z = {0};
    if (inflateInit(&z) != Z_OK)
        return false;
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)len;
    int r = Z_OK;
    while (r == Z_OK && out->len < MAX_SECTOR) {
        uint8_t piece[65536];
        z.next_out = piece;
        z.avail_out = sizeof piece;
        r = inflate(&z, Z_NO_FLUSH);
        buf_add(out, piece, sizeof piece - z.avail_out);
    }
    bool whole = r == Z_STREAM_END && z.avail_in == 0;
    inflateEnd(&z);
    return whole;
}

static void read_marker(struct buf *sector, struct image *out)
{
    buf_add(sector, "", 0); /* terminates it */
    if (sscanf((const char *)sector->data, "STAGEBOX-TEST family=%31s version=%31s", out->family, out->version) != 2)
        out->family[0] = out->version[0] = '\0';
}

static void check_sector(const uint8_t *data, size_t len, const uint8_t *entry, size_t expected_at, unsigned index,
                         struct image *out)
{
    uint32_t size = get32(entry + 4), at = get32(entry + 8);
    uint8_t digest[DIGEST];
    struct buf plain = {0};
    if (at != expected_at || at > len || size > len - at) {
        refuse_sector(out, index, "lies outside the file or leaves a gap");
        return;
    }
    bool fine = true;
    if (get16(entry + 2) & 1)
        buf_add(&plain, data + at, size);
    else
        fine = unpack(data + at, size, &plain);
    md5(plain.data, plain.len, digest);
    fine = fine && memcmp(digest, entry + 12, DIGEST) == 0;
    if (fine && index == 0)
        read_marker(&plain, out);
    buf_free(&plain);
    if (!fine)
        refuse_sector(out, index, "does not agree with its digest");
}

static bool check_header(const uint8_t *data, size_t len, struct image *out)
{
    if (len < HEADER || memcmp(data, magic, sizeof magic) != 0)
        refuse(out, "no firmware image");
    else if (get32(data + 0x50) != HEADER || get32(data + 0x54) != ENTRY)
        refuse(out, "strange sizes in the header");
    else if (get32(data + 0x58) != len)
        refuse(out, "cut short or too long");
    else if (get32(data + 0x7c) == 0 || get32(data + 0x7c) > (len - HEADER) / ENTRY)
        refuse(out, "a directory larger than the file");
    else if (!header_digest_fits(data, HEADER + get32(data + 0x7c) * (size_t)ENTRY))
        refuse(out, "the header does not agree with its digest");
    else
        return true;
    return false;
}

void image_check(const uint8_t *data, size_t len, struct image *out)
{
    *out = (struct image){.sound = true};
    md5(data, len, out->digest);
    if (!check_header(data, len, out))
        return;
    memcpy(out->header_version, data + 0x5c, 32);
    unsigned sectors = get32(data + 0x7c);
    size_t at = get32(data + HEADER + 8); /* the first may leave a gap behind the directory */
    if (at < HEADER + sectors * (size_t)ENTRY)
        refuse(out, "the first sector lies in the directory");
    for (unsigned i = 0; i < sectors && out->sound; i++) {
        const uint8_t *entry = data + HEADER + i * (size_t)ENTRY;
        check_sector(data, len, entry, at, i, out);
        at += get32(entry + 4);
    }
    if (out->sound && at != len)
        refuse(out, "something follows the last sector");
}

const struct image *image_recall(struct image_memory *m, const uint8_t *data, size_t len)
{
    uint8_t digest[DIGEST];
    md5(data, len, digest);
    for (size_t i = 0; i < m->used; i++)
        if (memcmp(m->known[i].digest, digest, DIGEST) == 0)
            return &m->known[i];
    size_t room = sizeof m->known / sizeof m->known[0];
    struct image *place = &m->known[m->used < room ? m->used++ : room - 1];
    image_check(data, len, place);
    return place;
}
