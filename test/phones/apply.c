#include "phone.h"

#include "mem.h"
#include "sim.h"

#include <string.h>

static bool needs_reboot(const struct phone *p, size_t index)
{
    switch (p->quirks.value[QUIRK_REBOOT_ON]) {
    case REBOOT_ON_ANY: return true;
    case REBOOT_ON_USUAL: return catalogue_reboots(p->sim->catalogue, index);
    default: return false;
    }
}

void profile_take(struct phone *p, const struct profile *profile)
{
    const struct catalogue *c = p->sim->catalogue;
    unsigned changed = 0;
    for (size_t i = 0; i < profile->count; i++) {
        const struct profile_item *item = &profile->items[i];
        int index = catalogue_find(c, item->name);
        if (index < 0)
            continue;
        p->touched[index] = true;
        if (profile_get(profile, item->name) != item->value)
            continue; /* a later duplicate wins */
        if (params_set(p->params, item->name, item->value)) {
            changed++;
            p->resync.reboot = p->resync.reboot || needs_reboot(p, (size_t)index);
        }
    }
    p->answers++;
    p->answers_now++;
    if (profile->empty)
        phone_event(p, "profile", "empty");
    else
        phone_event(p, "profile", "%zu parameters, %u changed; Upgrade_Rule `%s`", profile->count, changed,
                    params_get(p->params, "Upgrade_Rule"));
}
