/* depot_store.h - the depot's inside, shared by depot.c (names, holding) and depot_scan.c (inventory). */
#ifndef STAGEBOX_APP_CONTENT_DEPOT_STORE_H
#define STAGEBOX_APP_CONTENT_DEPOT_STORE_H

#include "app/content/depot.h"

enum depot_folder { DEPOT_FIRMWARE, DEPOT_FILES };

#define DEPOT_ITEMS_MAX (DEPOT_IMAGES_MAX + DEPOT_FILES_MAX)
#define DEPOT_CONTENTS_MAX (DEPOT_ITEMS_MAX + 64) /* room for old ones that transfers still hold */
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

struct depot {
    struct port *port;
    const struct depot *lender; /* NULL: nobody */
    struct depot_slot slots[DEPOT_CONTENTS_MAX];
    struct depot_item items[DEPOT_ITEMS_MAX]; /* images first, in the order of `images` */
    size_t item_count;
    struct ladder_image images[DEPOT_IMAGES_MAX];
    size_t image_count;
    uint16_t buckets[DEPOT_BUCKETS]; /* index of an item plus 1; open addressing */
    struct port_file *listed; /* DEPOT_LISTED_MAX of them, while a scan lasts */
    size_t listed_count;
    struct firmware_work work;
};

/* Puts the last item into the buckets; false where its name is there already. */
bool depot_index_last(struct depot *depot);
/* Frees the slot's blob. */
void depot_slot_free(struct depot *depot, struct depot_slot *slot);

#endif
