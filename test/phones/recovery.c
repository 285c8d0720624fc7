#include "phone.h"

#include "mem.h"
#include "sim.h"

/* SOS: the loader tries the last upgrade URL by itself (phones.md 5.4). How often is not written. */
enum { RETRY_SECONDS = 30 };

static void fetched(void *ctx, const struct fetch_result *r)
{
    struct phone *p = ctx;
    p->fetch = NULL;
    judge_answer(p, r, &p->upgrade_url, false);
    if (r->end == FETCH_MISSING)
        phone_harm(p, HARM_URL_GONE, "recovery: %s is not served any more", url_file_name(&p->upgrade_url));
    if (r->end == FETCH_DONE && upgrade_take(p, r))
        return;
    phone_event(p, "recovery-failed", "%s", r->end == FETCH_DONE ? p->upgrade_error : r->error);
    phone_after(p, &p->boot_timer, RETRY_SECONDS);
}

void recovery_start(struct phone *p)
{
    p->state = PHONE_RECOVERY;
    phone_event(p, "recovery", "%s", "SOS, the loader looks for the last URL");
}

void recovery_bound(struct phone *p)
{
    if (p->station.ip == 0 || p->fetch != NULL || !p->memory.has_last)
        return;
    p->upgrade_url = p->memory.last;
    if (p->quirks.value[QUIRK_LOADER_URL] == LOADER_URL_TFTP) {
        p->upgrade_url.scheme = SCHEME_TFTP;
        p->upgrade_url.port = 69;
    }
    struct fetch_request q = ask_firmware(p, &p->upgrade_url);
    if (p->quirks.value[QUIRK_LOADER_AGENT] == LOADER_AGENT_NONE)
        q.user_agent = "";
    phone_event(p, "recovery-load", "%s %s", scheme_name(p->upgrade_url.scheme), p->upgrade_url.path);
    p->fetch = fetch_start(&p->station, &q, &(struct fetch_events){.ctx = p, .done = fetched});
}
