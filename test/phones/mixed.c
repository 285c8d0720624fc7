#include "batch.h"

#include "mem.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

struct row {
    const char *model;
    const char *version;
    const char *quirks; /* separated by blanks */
    const char *rule;   /* an old provider's Profile_Rule; NULL: the factory's */
};

/* Every model, every version, first contact by HTTP and by TFTP (a bare address in option 66, or SPCP mode), and each
 * quirk at least once. */
static const struct row rows[] = {
    {"504G", "7.3.7", "option66-url=drop head=yes", NULL},
    {"504G", "7.4.3a", "", NULL},
    {"301", "7.1.3a", "option60=linksys spcp=yes tftp-name=plain", NULL},
    {"303", "7.4.9c", "arp-check=yes client-id=mac nosy=yes", NULL},
    {"501G", "7.3.7", "option66-url=unknown", NULL},
    {"502G", "7.4.4", "option60=long prl=none psn=lower", NULL},
    {"508G", "7.4.8a", "reboot-dhcp=init-reboot client-id=duid", NULL},
    {"509G", "7.5.2b", "greedy=yes", NULL},
    {"504G", "7.5.6(XU)", "", NULL},
    {"504G", "7.5.6(XU)", "xu=only-757", NULL},
    {"504G", "7.5.7", "remembers=url query=counts", NULL},
    {"504G", "7.6.1", "bench-reboot=yes", NULL},
    {"504G", "7.6.2g", "head=yes bench-reboot=yes", NULL},
    {"512G", "7.5.2b", "greedy=yes", NULL},
    {"514G", "7.5.5", "", NULL},
    {"514G", "7.4.9a", "option60=linksys tftp-blksize=1428", NULL},
    {"525G", "7.4.4", "", NULL},
    {"525G2", "7.4.5", "psn=525g greedy=yes", NULL},
    {"525G", "7.5.5", "option60=linksys psn=lower", NULL},
    {"525G2", "7.4.7", "cut-flash=50", NULL},
    {"504G", "7.3.7", "cut-flash=40", NULL},
    {"504G", "7.4.7", "cut-flash=70 loader-url=tftp loader-agent=phone", NULL},
    {"508G", "7.3.7", "cut-load=45", NULL},
    {"508G", "7.5.5", "cut-load=60 reboot-dhcp=init-reboot", NULL},
    {"502G", "7.4.3a", "user-agent=bare file-name=dropped-by-default", NULL},
    {"502G", "7.3.7", "loader-dhcp=every-boot", NULL},
    {"504G", "7.4.9c", "greedy=yes nosy=yes head=yes", "/oldprovider/phones/$MA.cfg"},
    {"504G", "7.5.2b", "", "/dev/provision.php?mac=$MAU"},
    {"303", "7.3.7", "option60=none broadcast=yes", NULL},
    {"301", "7.5.7", "host=port profile-http=1.0", NULL},
    {"501G", "7.1.3a", "option66-url=drop reboot-on=none", NULL},
    {"501G", "7.4.6", "reboot-on=any", NULL},
    {"509G", "7.4.4", "user-agent=linksys host=none profile-http=1.0", NULL},
    {"508G", "7.1.3a", "option60=linksys tftp-name=double", NULL},
    {"504G", "7.5.5", "syslog=rfc3164 inform=yes", NULL},
    {"504G", "7.4.8", "syslog=plain random-unit=1", NULL},
    {"514G", "7.6.1", "nosy=yes", NULL},
    {"525G2", "7.6.1", "option60=linksys", NULL},
    {"512G", "7.6.2g", "", NULL},
    {"525G", "7.6.2e", "bench-reboot=yes", NULL},
};

const char *const *batch_mixed_firmware(void)
{
    static const char *const files[] = {"spa50x-30x-7-5-2b.bin", "spa50x-30x-7-5-6-XU.bin", "spa50x-30x-7-5-7.bin",
                                        "spa50x-30x-7-6-1.bin",  "spa51x-7-5-2b.bin",       "spa51x-7-6-1.bin",
                                        "spa525g-7-5-5.bin",     "spa525g-7-6-1.bin",       NULL};
    return files;
}

static bool set_quirks(struct batch *b, struct phone_plan *p, const char *list)
{
    char one[64];
    while (*list != '\0') {
        size_t len = strcspn(list, " ");
        snprintf(one, sizeof one, "%.*s", (int)len, list);
        if (!quirks_set(&p->quirks, one, b->error, sizeof b->error))
            return false;
        list += len + (list[len] == ' ');
    }
    return true;
}

static bool add_row(struct batch *b, const struct row *row)
{
    struct phone_plan *p = batch_add(b, model_find(row->model), row->version);
    if (row->rule != NULL) {
        p->settings[p->setting_count++] = (struct setting){.name = "Profile_Rule"};
        text_copy(p->settings[0].value, sizeof p->settings[0].value, row->rule);
    }
    batch_path(p->model, p->version, b->target, &p->expect.path);
    p->expect.path_known = true;
    return set_quirks(b, p, row->quirks);
}

bool batch_mixed(struct batch *b, size_t count)
{
    enum { ROWS = sizeof rows / sizeof rows[0] };
    if (b->firmware_count == 0)
        for (const char *const *f = batch_mixed_firmware(); *f != NULL; f++) {
            b->firmware = mem_grow(b->firmware, (b->firmware_count + 1) * sizeof *b->firmware);
            text_copy(b->firmware[b->firmware_count++], NAME_SIZE, *f);
        }
    for (size_t i = 0; i < count; i++)
        if (!add_row(b, &rows[i % ROWS]))
            return false;
    return true;
}
