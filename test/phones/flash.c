#include "phone.h"

#include "mem.h"
#include "sim.h"

#include <string.h>

static unsigned cut_percent(const struct phone *p)
{
    if (p->cut_next_flash)
        return 50;
    return p->flash_cut ? 0 : (unsigned)p->quirks.value[QUIRK_CUT_FLASH];
}

void flash_start(struct phone *p)
{
    unsigned cut = cut_percent(p);
    curiosity_stop(p);
    report_abandon(p);
    resync_abandon(p);
    web_stop(p);
    p->state = PHONE_FLASHING;
    phone_event(p, "flash", "%s from %s", p->image.version, p->version);
    phone_after(p, &p->boot_timer, p->sim->options.flash * (cut ? cut / 100.0 : 1));
}

static void written(struct phone *p)
{
    struct version_path *path = &p->path;
    text_copy(p->version, sizeof p->version, p->image.version);
    p->memory.broken = false;
    p->final = false;
    if (path->count < PATH_LIMIT)
        text_copy(path->version[path->count++], sizeof path->version[0], p->version);
    phone_event(p, "version", "%s", p->version);
    syslog_say(p, "Log_Upgrade_Success_Msg", &p->upgrade_url, p->lease.siaddr, p->version);
    phone_reboot(p, BOOT_UPGRADE);
}

void flash_timer_fired(struct phone *p)
{
    if (cut_percent(p) == 0) {
        written(p);
        return;
    }
    p->flash_cut = true;
    p->cut_next_flash = false;
    phone_power_cycle(p, "while flashing");
}
