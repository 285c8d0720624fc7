/* handover.h - how a phone gets from plain HTTP to HTTPS and never loses its way back.
 *
 * Contract, "HTTPS": until `final` one of the two rules is plain HTTP; HTTPS is tried at most twice for
 * each firmware version and certificate; which certificate is shown follows from the version that the
 * phone runs, or was sent last. All of it follows from the facts in struct handover. Pure.
 */
#ifndef STAGEBOX_APP_STAGING_HANDOVER_H
#define STAGEBOX_APP_STAGING_HANDOVER_H

#include "app/content/certs.h"
#include "app/phones/phone.h"

#define HANDOVER_PROBES 2

/* The version that the phone runs as far as can be told: that of the image it took whole, if it has not
 * been back since; all zero where nothing is known. */
const struct version *handover_version(const struct phone *phone);
/* The pair that it would be given a try with in its next profile; NULL: none, all are used up, or this
 * firmware is older than `from`. */
const struct certs_pair *handover_candidate(const struct certs *certs, const struct phone *phone,
                                            const struct version *from);
/* The pair that it is shown when it comes now: the one that its profile told it of, else the one for its
 * version. NULL only where there is no pair at all. `phone` NULL: nobody we know. */
const struct certs_pair *handover_shown(const struct certs *certs, const struct phone *phone);
/* It has come over HTTPS with this pair and its version: the places may change. */
bool handover_was_seen(const struct phone *phone, const struct certs_pair *pair);
/* Every pair was tried as often as it may be, and none worked. */
bool handover_used_up(const struct certs *certs, const struct phone *phone);

/* These three note facts. A profile told it of this pair; counted when it is not a repetition within
 * `spacing_ms`. */
void handover_state(struct phone *phone, const struct certs_pair *pair, struct moment now, uint64_t spacing_ms);
/* A request of it came over HTTPS with this certificate. */
void handover_seen(struct phone *phone, uint64_t certificate);
/* A handshake with this certificate failed; `words` say how. */
void handover_refused(struct phone *phone, uint64_t certificate, const char *words);

#endif
