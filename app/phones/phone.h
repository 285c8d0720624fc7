/* phone.h - what happened to one phone: facts only, never what to do next.
 *
 * What it shall get is decided anew at every request from these facts (app/staging); what the
 * operator sees as its state is derived from them (app/staging/status.h).
 */
#ifndef STAGEBOX_APP_PHONES_PHONE_H
#define STAGEBOX_APP_PHONES_PHONE_H

#include "app/hash.h"
#include "app/phones/moment.h"
#include "app/phones/useragent.h"
#include "app/phones/version.h"
#include "app/staging/carrier.h"
#include "app/staging/family.h"
#include "app/staging/ladder.h"
#include "app/staging/stage.h"
#include "app/timers.h"
#include "net/addr.h"
#include "ports/port.h"

#define PHONE_SERIAL_MAX SERIAL_TEXT_MAX
#define PHONE_MODEL_MAX MODEL_TEXT_MAX
#define PHONE_NOTE_MAX 200
#define PHONE_HISTORY_MAX 8 /* rungs remembered; more than any ladder has */
#define PHONE_REFUSAL_MAX 96
#define HANDOVER_TRIES 8 /* firmware versions and certificates remembered */


/* The rung that a phone was sent to last: the rule in its profile. */
struct offer {
    char file[LADDER_FILE_MAX]; /* as on the card; "" where it never had a rule */
    struct version from;
    struct version to;
    uint32_t token; /* the attempt in the token of the file name */
    enum carrier carrier;
    struct moment at;        /* when this token was given first */
    struct moment fetched;   /* the last profile request that counted as "came without loading" */
    unsigned refetches;      /* how many of those since `at` */
    struct moment loading;   /* first firmware request under it */
    struct moment whole;     /* its image was acknowledged to the last byte */
    struct moment rebooted;  /* first DHCP start after `whole` */
};

struct rung_done {
    char file[LADDER_FILE_MAX];
    struct version from;
    struct version to;
    struct moment at;
    uint32_t seconds; /* from the first request for the image to the first one with the new version */
};

/* What became of one certificate with one firmware version of the phone. */
struct handover_try {
    uint64_t certificate; /* struct certs_pair's id */
    struct version version;
    uint8_t probes;   /* profiles that told of it before it was seen there */
    uint8_t refusals; /* failed handshakes since it was seen there, or at all */
    bool seen;        /* it sent a request over HTTPS */
};

/* How it gets on with HTTPS (app/staging/handover.h). */
struct handover {
    struct handover_try tries[HANDOVER_TRIES]; /* oldest first */
    size_t count;
    uint64_t told; /* the certificate of the HTTPS rule that it was told last; 0: none */
    struct version told_at;
    struct moment told_when;         /* counted last */
    char refusal[PHONE_REFUSAL_MAX]; /* the last failed handshake in words; "" since it was seen there */
    bool no_certificate;             /* over HTTPS it showed none of its own, last */
    bool got_ca;      /* a profile of ours told it of [https] custom_ca... */
    bool got_display; /* ...or wrote on its display */
};

/* What of a phone the journal has not got yet. */
enum phone_unsaved {
    PHONE_SAVED,
    PHONE_SEEN,   /* what passes with every request (phone_seen_write()) */
    PHONE_CHANGED /* anything */
};

/* How much a note matters: a lesser one never replaces a greater one. */
enum note_level { NOTE_NONE, NOTE_HINT, NOTE_TROUBLE, NOTE_HAND };

struct phone {
    bool used;
    uint32_t generation; /* of the place in the pool: tells a forgotten phone from its successor */
    struct hash_node by_mac, by_serial, by_address;

    /* who */
    struct mac mac; /* zero while unknown */
    char serial[PHONE_SERIAL_MAX];
    char model[PHONE_MODEL_MAX];    /* canonical, "SPA504G"; "" while unknown */
    enum family_id family;           /* FAMILY_UNKNOWN while the model is not known */
    ip4 address;                    /* last seen at; 0 while unknown */
    bool leased;                    /* that address is its lease */
    int32_t row;                    /* of the inventory, by mac or given by arrival; -1 for none */

    /* what it runs */
    bool has_version;
    struct version version; /* as it said itself, last */
    struct moment version_at;
    struct version first_version; /* has_version: the first it was seen with, the report's "before" */

    /* what happened */
    struct moment first_seen, last_seen;
    struct moment asked;      /* for a profile, last */
    enum stage stage;         /* of the last profile it was sent */
    bool has_stage;
    bool holds_rule;          /* a profile of ours that sets rules went out after the last `final` */
    struct offer offer;
    struct handover handover;
    unsigned attempts;        /* remedies of this rung */
    struct moment remedy_at;  /* of the last one */
    struct moment configured; /* `final` acknowledged whole, first */
    struct moment started;    /* last DHCP start */
    struct moment done_at;
    uint32_t next_token;      /* the attempt for the next token; never used twice for this phone */
    bool ignored;             /* by the operator */
    bool needs_hand;
    struct rung_done history[PHONE_HISTORY_MAX];
    unsigned history_count;
    enum note_level note_level;
    char note[PHONE_NOTE_MAX];

    /* of this run only */
    bool doubt;               /* the last request's sources disagreed */
    bool held;                /* ...was answered with `wait` by parallel, canary or pause */
    unsigned loads;           /* firmware deliveries under way */
    uint64_t load_acked, load_size; /* of the furthest of them */
    uint64_t progress_ms;     /* when an acknowledged byte was the last news */
    uint64_t rate_bps, rate_mark_ms, rate_mark_bytes;
    char dns_name[80];        /* a foreign name that it asked the DNS for, last */
    bool elsewhere;           /* last heard of with a VLAN tag, or with an address of another network */
    bool heard;               /* by CDP or LLDP... */
    bool has_announced;       /* ...with a version that can be read */
    struct version announced;
    bool nudged_silent;       /* the nudge for a lease without a request went out */
    enum phone_unsaved unsaved;
    bool slot;                /* counts against [upgrade] parallel; these four belong to rollout.c */
    unsigned cohort;          /* 1 + its place there; 0 for none */
    bool cohort_started, cohort_done;
    struct timer deadline;
};

#endif
