/* depot_store.h - the depot's inside, shared by depot.c (names, holding) and depot_scan.c (inventory). */
#ifndef STAGEBOX_APP_CONTENT_DEPOT_STORE_H
#define STAGEBOX_APP_CONTENT_DEPOT_STORE_H

#include "app/content/depot.h"

enum depot_folder { DEPOT_FIRMWARE, DEPOT_FILES };

#define DEPOT_ITEMS_MAX (DEPOT_IMAGES_MAX + DEPOT_FILES_MAX)
#define DEPOT_CONTENTS_MAX (DEPOT_ITEMS_MAX + 64) /* room for old ones that transfers still hold */
#define DEPOT_PAGE 32                             /* slots that are made at a time */
#define DEPOT_PAGES ((DEPOT_CONTENTS_MAX + DEPOT_PAGE - 1) / DEPOT_PAGE)
#define DEPOT_LISTED_MAX 512                      /* files of one folder that a scan looks at */
#define DEPOT_BUCKETS 1024                        /* a power of two, well above DEPOT_ITEMS_MAX */

struct depot_slot {
    struct depot_content content; /* blob NULL: the slot is free */
    enum depot_folder folder;
    bool current; /* in the namespace since the last scan */
    bool kept;    /* by the scan that is running */
    bool lent;    /* the blob is another depot's */
    unsigned holds;
    struct firmware_header header; /* of its content; for files only whether there is one */
    bool has_sha256;
    uint8_t sha256[DIGEST_SHA256_SIZE];
};

/* What only a scan needs. */
struct depot_desk {
    struct port_file listed[DEPOT_LISTED_MAX];
    size_t count;
    struct firmware_work work;
};

struct depot {
    struct port *port;
    const struct depot *lender; /* NULL: nobody */
    struct depot_slot *pages[DEPOT_PAGES]; /* as many as the card ever needed, the first ones */
    struct depot_item items[DEPOT_ITEMS_MAX]; /* images first, in the order of `images` */
    size_t item_count;
    struct ladder_image images[DEPOT_IMAGES_MAX];
    size_t image_count;
    uint16_t buckets[DEPOT_BUCKETS]; /* index of an item plus 1; open addressing */
    struct depot_desk *desk; /* while a scan lasts */
};

/* Puts the last item into the buckets; false where its name is there already. */
bool depot_index_last(struct depot *depot);
/* Slot i of those that were made: NULL behind the last. They stay where they are. */
struct depot_slot *depot_slot_at(const struct depot *depot, size_t i);
/* A slot without content, made where there is none; NULL: there may be no more, or no memory. */
struct depot_slot *depot_slot_free_one(struct depot *depot);
/* Frees the slot's blob. */
void depot_slot_free(struct depot *depot, struct depot_slot *slot);

#endif
