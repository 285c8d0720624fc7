#include "app/staging/guard.h"

#include <string.h>

enum guard_verdict guard_judge(const struct ladder *ladder, const struct phone *phone,
                               const struct ladder_image *image)
{
    if (!phone || !phone->model[0])
        return GUARD_STRANGER;
    if (!family_get(phone->family)->upgradable)
        return GUARD_MODEL;
    if (phone->family != image->family)
        return GUARD_FAMILY;
    if (!phone->has_version || strcmp(phone->offer.file, image->file) == 0)
        return GUARD_PASS;
    return ladder_allows(ladder, phone->model, &phone->version, image) ? GUARD_PASS : GUARD_STEP;
}

const char *guard_text(enum guard_verdict verdict)
{
    static const char *const text[] = {
        "", "nobody known", "its model takes no such file", "it is of another family",
        "the ladder does not allow it from the version that it runs",
    };
    return text[verdict];
}
