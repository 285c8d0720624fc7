/* ladder_search.h - the search behind ladder.h: distances to the target over the safe steps. */
#ifndef STAGEBOX_APP_STAGING_LADDER_SEARCH_H
#define STAGEBOX_APP_STAGING_LADDER_SEARCH_H

#include "app/staging/ladder.h"

#define SEARCH_SUPPOSED_MAX 16 /* images that are only supposed to be there, to find out what is missing */
#define SEARCH_STEPS_MAX (LADDER_IMAGES_MAX + SEARCH_SUPPOSED_MAX)
#define SEARCH_FAR 10000u /* the target cannot be reached from there */

struct search_step {
    struct version version;
    uint64_t weight;
    unsigned rank;                    /* order among those of equal weight */
    const struct ladder_image *image; /* NULL: only supposed */
    bool left_out;
    unsigned distance; /* steps that are still needed after it */
};

/* The steps between a phone's version and the target, in the order in which they are preferred:
 * newest first. */
struct search {
    const struct rules *rules;
    enum family_id family;
    struct version from;
    struct version target;
    bool down; /* from is above the target, and downgrade allowed */
    size_t count;
    struct search_step step[SEARCH_STEPS_MAX];
};

/* The image may be a rung, or newest, at all: of the family, and no (XU) that nobody named. */
bool search_counts(const struct ladder *ladder, enum family_id family, const struct ladder_image *image);
/* Fills the search with every image that counts and lies on the way, and finds the distances. */
void search_start(struct search *search, const struct ladder *ladder, enum family_id family,
                  const struct version *from, const struct version *target);
/* Adds a step that is only supposed to be there; nothing where one of its weight is, where it does
 * not lie on the way, or there is no room. Distances must be found anew. */
void search_suppose(struct search *search, const struct version *version);
/* Finds the distance of every step. */
void search_measure(struct search *search);
/* The best next step from `from`, or NULL where the target cannot be reached. */
const struct search_step *search_next(const struct search *search, const struct version *from);
/* The step from `from` is in the right direction and safe. */
bool search_is_safe(const struct search *search, const struct version *from, const struct search_step *step);

#endif
