/* status.h - a phone's state as the operator sees it, derived from what happened. */
#ifndef STAGEBOX_APP_STAGING_STATUS_H
#define STAGEBOX_APP_STAGING_STATUS_H

#include "app/phones/phone.h"
#include "app/staging/ladder.h"

enum phone_state {
    PHONE_NEW,         /* it has an address and has asked for nothing */
    PHONE_IDENTIFIED,  /* it asked; what it runs is not known, or nothing is due yet */
    PHONE_WAITING,     /* a rung is due: held back, or it has its rule and has not asked for the file */
    PHONE_LOADING,     /* firmware is going out */
    PHONE_FLASHING,    /* it has the whole file and is not back */
    PHONE_CONFIGURING, /* at or above the target, without its final configuration */
    PHONE_DONE,
    PHONE_STALLED,     /* a remedy is under way */
    PHONE_NEEDS_HAND,
    PHONE_REFUSED,     /* unknown model, or no safe path */
    PHONE_IGNORED,
    PHONE_STATES
};

/* `plan` is the phone's plan now. Pure. */
enum phone_state status_of(const struct phone *phone, const struct ladder_plan *plan);
/* The name in the JSON: "needs-hand". */
const char *status_name(enum phone_state state);

#define STATUS_NOTE_MAX 640

/* The sentence on the phone's row, what became of HTTPS, and what it asked the DNS for; "" where there is
 * nothing to say. Returns `out`. */
const char *status_note(const struct phone *phone, enum phone_state state, const struct ladder_plan *plan,
                        char out[STATUS_NOTE_MAX]);

#endif
