/* image.h - is this firmware image whole, and what is it? Header and directory as in phones.md 1.4. */
#ifndef PHONES_IMAGE_H
#define PHONES_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
    bool sound;
    char problem[120];  /* where not sound: what is wrong */
    char header_version[33];
    char family[32];    /* the real one, from the marker in the first sector of a test image; "": no marker */
    char version[32];   /* likewise */
    uint8_t digest[16]; /* MD5 of the file */
};

/* Checks everything there is: magic, sizes, the header's digest, each sector's place and digest. */
void image_check(const uint8_t *data, size_t len, struct image *out);

/* Remembers what it has checked by the digest of the whole, since hundreds of phones load the same few files. */
struct image_memory {
    struct image known[64];
    size_t used;
};
const struct image *image_recall(struct image_memory *m, const uint8_t *data, size_t len);

#endif
