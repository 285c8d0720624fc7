#include "app/staging/handover.h"

#include <stdio.h>
#include <string.h>

static const struct version unknown;

static bool same_version(const struct version *a, const struct version *b)
{
    return version_compare(a, b) == 0 && version_same_suffix(a, b);
}

const struct version *handover_version(const struct phone *phone)
{
    const struct offer *o = &phone->offer;
    if (!phone->has_version)
        return &unknown;
    return o->file[0] && moment_after(o->whole, phone->version_at) ? &o->to : &phone->version;
}

static const struct handover_try *find(const struct phone *phone, uint64_t certificate)
{
    const struct version *version = handover_version(phone);
    const struct handover *h = &phone->handover;
    for (size_t i = 0; i < h->count; i++)
        if (h->tries[i].certificate == certificate && same_version(&h->tries[i].version, version))
            return &h->tries[i];
    return NULL;
}

/* The oldest gives way. */
static struct handover_try *find_or_add(struct phone *phone, uint64_t certificate)
{
    struct handover *h = &phone->handover;
    const struct handover_try *found = find(phone, certificate);
    if (found)
        return &h->tries[found - h->tries];
    if (h->count == HANDOVER_TRIES) {
        memmove(h->tries, h->tries + 1, (HANDOVER_TRIES - 1) * sizeof *h->tries);
        h->count--;
    }
    struct handover_try *fresh = &h->tries[h->count++];
    memset(fresh, 0, sizeof *fresh);
    fresh->certificate = certificate;
    fresh->version = *handover_version(phone);
    return fresh;
}

static bool is_used_up(const struct handover_try *t)
{
    return t && (t->refusals >= HANDOVER_PROBES || (!t->seen && t->probes >= HANDOVER_PROBES));
}

bool handover_was_seen(const struct phone *phone, const struct certs_pair *pair)
{
    const struct handover_try *t = find(phone, pair->id);
    return t && t->seen && !is_used_up(t);
}

/* Seen there before; then the fewest refusals; then the one that is meant for its version. */
static int rank(const struct certs *certs, const struct phone *phone, const struct certs_pair *pair)
{
    const struct handover_try *t = find(phone, pair->id);
    if (t && t->seen)
        return -1;
    return 2 * (t ? t->refusals : 0) + (pair != certs_for(certs, handover_version(phone)));
}

const struct certs_pair *handover_candidate(const struct certs *certs, const struct phone *phone,
                                            const struct version *from)
{
    const struct certs_pair *best = NULL;
    if (!phone->has_version || version_compare(&phone->version, from) < 0)
        return NULL;
    for (size_t i = 0; i < certs->pair_count; i++) {
        const struct certs_pair *pair = &certs->pairs[i];
        if (is_used_up(find(phone, pair->id)))
            continue;
        if (!best || rank(certs, phone, pair) < rank(certs, phone, best))
            best = pair;
    }
    return best;
}

bool handover_used_up(const struct certs *certs, const struct phone *phone)
{
    for (size_t i = 0; i < certs->pair_count; i++)
        if (!is_used_up(find(phone, certs->pairs[i].id)))
            return false;
    return true;
}

/* It comes by itself, by an option or an old rule: a pair that it refused makes room for the next. */
static const struct certs_pair *by_itself(const struct certs *certs, const struct phone *phone)
{
    const struct certs_pair *best = certs_for(certs, handover_version(phone));
    for (size_t i = 0; i < certs->pair_count; i++)
        if (rank(certs, phone, &certs->pairs[i]) < rank(certs, phone, best))
            best = &certs->pairs[i];
    return best;
}

const struct certs_pair *handover_shown(const struct certs *certs, const struct phone *phone)
{
    if (certs->pair_count == 0)
        return NULL;
    if (!phone)
        return certs_for(certs, &unknown);
    const struct handover *h = &phone->handover;
    const struct certs_pair *told = certs_find(certs, h->told);
    if (told && same_version(&h->told_at, handover_version(phone)))
        return told;
    return by_itself(certs, phone);
}

void handover_state(struct phone *phone, const struct certs_pair *pair, struct moment now, uint64_t spacing_ms)
{
    struct handover *h = &phone->handover;
    struct handover_try *t = find_or_add(phone, pair->id);
    bool repeated = h->told == pair->id && same_version(&h->told_at, &t->version) && h->told_when.this_run &&
                    moment_between(h->told_when, now) < spacing_ms;
    h->told = pair->id;
    h->told_at = t->version;
    if (t->seen || repeated)
        return;
    h->told_when = now;
    if (t->probes < UINT8_MAX)
        t->probes++;
}

void handover_seen(struct phone *phone, uint64_t certificate)
{
    struct handover_try *t = find_or_add(phone, certificate);
    t->seen = true;
    t->refusals = 0;
    phone->handover.refusal[0] = '\0';
}

void handover_refused(struct phone *phone, uint64_t certificate, const char *words)
{
    struct handover_try *t = find_or_add(phone, certificate);
    if (t->refusals < UINT8_MAX)
        t->refusals++;
    snprintf(phone->handover.refusal, sizeof phone->handover.refusal, "%s", words);
}
