#include "app/staging/guard.h"

#include <string.h>

/* Its rule names this image, or it climbed its last rung by it: until it has loaded another one, that
 * is the URL that its loader comes back for. */
static bool was_given(const struct phone *phone, const struct ladder_image *image)
{
    if (strcmp(phone->offer.file, image->file) == 0)
        return true;
    return phone->history_count > 0 && strcmp(phone->history[phone->history_count - 1].file, image->file) == 0;
}

enum guard_verdict guard_judge(const struct ladder *ladder, const struct phone *phone,
                               const struct ladder_image *image)
{
    if (!phone || !phone->model[0])
        return GUARD_STRANGER;
    if (!family_get(phone->family)->upgradable)
        return GUARD_MODEL;
    if (phone->family != image->family)
        return GUARD_FAMILY;
    if (!phone->has_version || was_given(phone, image))
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
