/* guard.h - the guard on every firmware file that goes out (contract, section 4). */
#ifndef STAGEBOX_APP_STAGING_GUARD_H
#define STAGEBOX_APP_STAGING_GUARD_H

#include "app/phones/phone.h"
#include "app/staging/ladder.h"

enum guard_verdict {
    GUARD_PASS,
    GUARD_STRANGER, /* nobody we know: it gets the file, a note is kept */
    GUARD_MODEL,    /* its model takes none of these files */
    GUARD_FAMILY,   /* an image of another family */
    GUARD_STEP      /* the ladder does not allow it from the version that it runs */
};

/* Whether `phone` (NULL: not identified) may have `image`, on any transport and under any name. The
 * image it was last given passes: a phone that lost power while flashing comes back for it. Pure. */
enum guard_verdict guard_judge(const struct ladder *ladder, const struct phone *phone,
                               const struct ladder_image *image);
/* A clause for note and log. */
const char *guard_text(enum guard_verdict verdict);

#endif
