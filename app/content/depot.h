/* depot.h - what lies in firmware/ and files/, verified, in one flat namespace without letter case.
 *
 * Every file is read once into a sealed copy (port_blob) and served from it: what was verified is
 * what is sent. A scan takes a new inventory; files whose stamp has not changed keep their copy,
 * others are read and verified anew. A transfer holds the content it sends, so that a scan never
 * mixes another into it; held content that is no longer on the card goes when it is let go.
 *
 * Only images that may be offered are in the namespace: a refused one has no name here. A file in
 * files/ that is an image (by its content or its name) is not served either.
 *
 * Limits: DEPOT_IMAGES_MAX and DEPOT_FILES_MAX files; further ones are reported and left out.
 */
#ifndef STAGEBOX_APP_CONTENT_DEPOT_H
#define STAGEBOX_APP_CONTENT_DEPOT_H

#include "app/content/firmware.h"
#include "app/staging/ladder.h"
#include "config/problem.h"
#include "ports/port.h"

#define DEPOT_IMAGES_MAX LADDER_IMAGES_MAX
#define DEPOT_FILES_MAX 256
#define DEPOT_NAME_MAX LADDER_FILE_MAX

struct depot;

/* A sealed content. Its fields do not change while it is held. */
struct depot_content {
    const struct port_blob *blob; /* data and size */
    uint64_t stamp;               /* of the file on the card; differs when the content does: fit for an ETag */
    int64_t modified_s;           /* seconds since 1970, 0 where the card does not say */
    char name[DEPOT_NAME_MAX];    /* as spelled on the card */
};

struct depot_item {
    const struct depot_content *content;
    const struct ladder_image *image; /* NULL: a file of files/ */
};

/* What stood before the name: `<8 hex><attempt>-`. */
struct depot_token {
    bool present;
    uint32_t state;   /* the 8 hex digits */
    uint32_t attempt; /* 1..6 digits */
};

/* An empty depot; NULL where there is no memory. */
struct depot *depot_open(struct port *port);
/* Before its first scan: what `lender` has read and verified is not read again where the card still has it.
 * `lender` may not change until this depot is closed. For a look at the card beside a depot that is in use. */
void depot_borrow(struct depot *depot, const struct depot *lender);
/* Lets go of everything, held content too. */
void depot_close(struct depot *depot);

/* Takes inventory of firmware/ and files/ (folders that are not there are empty). `claims` are the
 * [firmware] sections, read during the call only. All problems are reported, with file names as
 * the user knows them ("firmware/x.bin"); where a refused image could be allowed, the sentence is
 * followed, each on a line of its own, by the [firmware] section that would allow it.
 * Pointers to items, images and names that were given out before become invalid, held content not.
 * Returns 0, or a negative port_error where a folder could not be read at all (reported too; its
 * part of the inventory stays as it was). */
int depot_scan(struct depot *depot, const struct firmware_claim *claims, size_t claim_count,
               struct problems *problems);

/* The images that may be offered, in no special order; valid until the next scan. */
const struct ladder_image *depot_images(const struct depot *depot, size_t *count);
/* The item of this name (no path), letter case aside, also behind a token; by hash. NULL: none.
 * *token (may be NULL) tells what stood before it. */
const struct depot_item *depot_find(const struct depot *depot, const char *name, size_t len,
                                    struct depot_token *token);
/* The item of an image of depot_images(). */
const struct depot_item *depot_item_of(const struct depot *depot, const struct ladder_image *image);
/* Keeps the content as it is until depot_release(), across scans. Returns `content`. */
const struct depot_content *depot_hold(struct depot *depot, const struct depot_content *content);
void depot_release(struct depot *depot, const struct depot_content *content);

#endif
