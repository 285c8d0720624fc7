/* rollout.h - who may start now: [upgrade] parallel and canary, and the operator's pause.
 *
 * Holding back works by profiles only (`wait` instead of `ladder`); a firmware request is never made
 * to wait. Counts are kept as things happen, so that no request looks through all phones.
 */
#ifndef STAGEBOX_APP_STAGING_ROLLOUT_H
#define STAGEBOX_APP_STAGING_ROLLOUT_H

#include "app/phones/phone.h"

#define ROLLOUT_COHORTS 128 /* families x starting versions; further ones are not held back by canary */

/* Phones of one family that began with one version. */
struct cohort {
    enum family_id family;
    struct version from;
    uint32_t started; /* were given a rung */
    uint32_t done;
};

struct rollout {
    uint32_t slots; /* phones that have a rule and have not fetched its image whole */
    struct cohort cohort[ROLLOUT_COHORTS];
    unsigned cohort_count;
};

enum hold { HOLD_NONE, HOLD_PAUSED, HOLD_PARALLEL, HOLD_CANARY };

void rollout_init(struct rollout *r);
/* Takes a phone into account, as it comes from the journal or when its first version is seen. */
void rollout_enter(struct rollout *r, struct phone *phone);
/* Whether this phone may be given a rung now. A phone that has its slot keeps it, and one that was
 * started goes on, except while the batch is paused. `parallel`, `canary`: 0 is no limit. */
enum hold rollout_hold(const struct rollout *r, const struct phone *phone, bool paused, uint32_t parallel,
                       uint32_t canary);
/* It was given a rung: takes its slot, and counts as started. */
void rollout_start(struct rollout *r, struct phone *phone);
/* It loads no longer: gives the slot back, if it had one. */
void rollout_release(struct rollout *r, struct phone *phone);
/* It is done, or no longer so. */
void rollout_done(struct rollout *r, struct phone *phone, bool done);
/* It leaves the registry: as if it had never been. */
void rollout_forget(struct rollout *r, struct phone *phone);
/* A clause for the phone's note: "held back: 4 phones are loading already ([upgrade] parallel)". */
const char *rollout_hold_text(enum hold hold);

#endif
