/* core.h - what staging consists of. Private to app/staging/; everybody else uses staging.h. */
#ifndef STAGEBOX_APP_STAGING_CORE_H
#define STAGEBOX_APP_STAGING_CORE_H

#include "app/content/content.h"
#include "app/content/profile.h"
#include "app/phones/identity.h"
#include "app/phones/registry.h"
#include "app/phones/phone_record.h"
#include "app/phones/retired.h"
#include "app/record/journal.h"
#include "app/staging/handover.h"
#include "app/staging/names.h"
#include "app/staging/rollout.h"
#include "app/staging/staging.h"
#include "app/staging/status.h"
#include "app/staging/texts.h"
#include "config/settings.h"

#define STAGING_TEXT_MAX 262144    /* bytes of a profile: what a rendered template may take */
#define STAGING_TEXT_EACH 8192     /* of all profiles on their way together, for each answer that there may be; most
                                    * profiles take less. Where there is no room, a phone comes again in 10 s */
#define STAGING_TEXT_USUAL 8192    /* what is no longer is written once, where it stays */
#define STAGING_WARNINGS 16
#define STAGING_ETAG_MAX 40
#define STAGING_NUDGES 32
#define STAGING_LINE_MAX 360 /* bytes of a line of the log, without whom it is about */

/* One answer on its way. */
struct staging_delivery {
    struct staging_delivery *next_free;
    enum staging_kind kind;
    size_t phone; /* registry index; valid with the generation */
    uint32_t generation; /* 0: nobody we know, or no delivery */
    bool counts;  /* changes the phone's facts: somebody who only names a phone must not */
    const struct depot_content *content; /* held; NULL for profiles */
    bool is_offer; /* the image of the phone's offer */
    uint64_t acked, size;
    uint64_t acked_ms;
    enum stage stage;
    char *text; /* of s->texts, or NULL */
    size_t text_len;
    char etag[STAGING_ETAG_MAX];
};

struct staging_warning {
    char key[32]; /* "" free */
    uint64_t until_ms; /* it passes; UINT64_MAX: not by itself */
    char text[240];
};

struct staging {
    struct port *port;
    const struct settings *settings;
    struct content *content;
    struct timers *timers;
    struct journal *journal;
    struct staging_hooks hooks;
    struct registry registry;
    struct retired retired; /* as many as the registry has places */
    struct rollout rollout;
    struct oui_list ouis;

    /* of the batch, in the journal */
    char state_id[JOURNAL_STATE_ID_MAX];
    bool paused;
    uint32_t token_base; /* rises with every phone that is forgotten, so that no token comes twice */
    bool batch_dirty;
    bool serves_https;
    bool out_of_service;
    bool addresses_held;

    struct phone **dirty; /* phones that differ from the journal */
    size_t dirty_count;
    bool journal_failed;

    struct staging_delivery *deliveries;
    struct staging_delivery *free_delivery;
    size_t delivery_count;
    struct texts texts;

    struct inventory_claim *claims; /* of phones in the registry and of retired ones */
    size_t claim_count, claim_places;

    struct staging_warning warnings[STAGING_WARNINGS];
    uint32_t nudge_serial;
    struct {
        uint32_t id;
        size_t phone;
        uint32_t generation;
    } nudges[STAGING_NUDGES];
    size_t nudge_at;

    uint64_t bytes_sent;
    uint64_t started_ms;
    uint64_t rate_bps, rate_mark_ms, rate_mark_bytes;
};

/* -- facts (facts.c) ------------------------------------------------------------------------- */

struct moment staging_now(const struct staging *s);
/* The phone's facts changed: they go into the journal with the next commit. */
void staging_touch(struct staging *s, struct phone *phone);
/* It asked once more, and only what phone_seen_write() writes is otherwise: that takes a short record. */
void staging_saw(struct staging *s, struct phone *phone);
/* Viewers are told of it; for what need not be in the journal. */
void staging_show(struct staging *s, const struct phone *phone);
/* Gives it this address, and takes that from whoever had it. The caller says staging_saw() of `phone`. */
void staging_is_at(struct staging *s, struct phone *phone, ip4 address);
/* A sentence on the phone's row, unless a weightier one stands there. */
void staging_note(struct staging *s, struct phone *phone, enum note_level level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* It got on: notes up to `level` no longer hold. */
void staging_clear_note(struct staging *s, struct phone *phone, enum note_level level);
/* One line in the log, with the phone's MAC in front ("-" for nobody). */
void staging_log(const struct staging *s, enum port_level level, const struct phone *phone, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with a text that is ready. */
void staging_say(const struct staging *s, enum port_level level, const struct phone *phone, const char *text);
/* The phone with this MAC or serial, added where it is new; NULL: the registry is full. */
struct phone *staging_meet(struct staging *s, struct mac mac, const char *serial);
/* Sets the model where it is not known or was only guessed. */
void staging_set_model(struct staging *s, struct phone *phone, const char *model);
/* The phone's plan as things are now. */
void staging_plan(const struct staging *s, const struct phone *phone, struct ladder_plan *plan);
/* The MAC is a supported phone's, as far as prefix, registry and inventory know. */
bool staging_is_phone(const struct staging *s, struct mac mac);
/* Sets up what a phone has of its own, its timer: after it was added. */
void staging_prepare(struct staging *s, struct phone *phone);
/* Give a phone the MAC or the serial that was not known of it before: in the journal its old key goes. */
void staging_rekey(struct staging *s, struct phone *phone, struct mac mac);
void staging_reserial(struct staging *s, struct phone *phone, const char *serial);
/* What the targets must not sink below changed: into the journal. */
void staging_put_targets(struct staging *s);
/* A line of the inventory was given to a phone: into the journal. */
void staging_put_claim(struct staging *s, const struct inventory_claim *claim);
/* The phone asks us, or has a lease: what was heard of it elsewhere no longer holds (overhear.c). */
void staging_is_here(struct staging *s, struct phone *phone);
/* The phone is forgotten: its line of the inventory is free again, and the journal says so. */
void staging_drop_claim(struct staging *s, struct mac mac);
/* Its timer is cleared, and the next commit is not about it: before it leaves the registry. */
void staging_let_go(struct staging *s, struct phone *phone);
/* Takes the phone out of everything, and says so in the journal. */
void staging_drop_phone(struct staging *s, struct phone *phone);

/* -- more phones than places (retire.c) ---------------------------------------------------------- */

/* A place for a new phone: a row that tells of nothing but a lease goes, or the phone that has been done longest and was
 * not heard of lately is retired. False: everybody is needed. */
bool staging_make_room(struct staging *s);
/* This phone is retired: what does not matter for one that is done need not bring it back. */
bool staging_is_retired(const struct staging *s, struct mac mac);
/* The retired phone with this MAC or serial, in the registry again as it left. NULL: there is none, or no place for it. */
struct phone *staging_recall(struct staging *s, struct mac mac, const char *serial);
/* While the journal is read: a place for a phone that is not in the registry, a retired one as it was; `add`: else a new one.
 * NULL: none, or it is not known. */
struct phone *staging_restore_place(struct staging *s, const struct phone_key *key, bool add);
/* All is read: retired phones count in the rollout. */
void staging_retired_restored(struct staging *s);

/* -- who (who.c) ------------------------------------------------------------------------------ */

struct asker {
    struct phone *phone; /* NULL: nobody we know */
    struct identity identity;
    bool has_agent;
    struct useragent agent;
    bool doubt;
    bool by_lease;  /* the source address is this phone's own lease */
    bool by_certificate;
    bool by_name;   /* nothing but the name in the path says so: facts are not touched */
    bool full;      /* a new phone, and no place for it */
};
/* Finds out who asks, and notes on the phone's row what the request tells. `name` is the last part
 * of the path. */
void staging_identify(struct staging *s, const struct staging_request *request, const char *name, size_t name_len,
                      struct asker *out);
/* Only looks: nothing is added or noted. */
void staging_recognise(struct staging *s, const struct staging_request *request, const char *name,
                       size_t name_len, struct asker *out);

struct https_rule {
    const struct certs_pair *pair; /* NULL: HTTPS is left out */
    char url[CERTS_NAME_MAX + 32];
    bool first; /* it goes into Profile_Rule, plain HTTP into Profile_Rule_B */
};

/* -- decide (decide.c) -------------------------------------------------------------------------- */

struct decision {
    enum stage stage;
    const char *why;   /* a clause for log and note, static; "" where nothing is to be said */
    enum hold hold;
    bool refused; /* at the target, and [profile] auth or transport keeps `final` back */
    const struct ladder_image *rung; /* with STAGE_LADDER */
    struct https_rule https;         /* with STAGE_LADDER and STAGE_WAIT */
    struct ladder_plan plan;
    char lack[TEMPLATE_COLUMN_MAX];  /* the column that is missing, with STAGE_WAIT */
};
/* Which profile this asker gets now. Changes nothing. */
void staging_decide(const struct staging *s, const struct asker *asker, enum carrier carrier, struct decision *out);
/* The version that the journal tells cannot be relied on: it flashed or restarted since. */
bool staging_version_is_stale(const struct phone *phone);

/* -- offers and remedies (offer.c, remedy.c) ------------------------------------------------------ */

/* The phone gets this rung in its profile: counts a refetch, or makes a new offer. */
void staging_offer(struct staging *s, struct phone *phone, const struct ladder_image *rung);
/* Writes the URL of the phone's offer. */
void staging_offer_url(const struct staging *s, const struct phone *phone, char *out, size_t cap);
/* The plain HTTP URL of the phone's profile. */
void staging_profile_url(const struct staging *s, const struct phone *phone, char *out, size_t cap);
/* The phone was seen with this version (User-Agent): rungs that are behind it are done. */
void staging_seen_version(struct staging *s, struct phone *phone, const struct version *version);
/* The next remedy, or needs-hand where all were tried. `why` is a clause for the log. */
void staging_remedy(struct staging *s, struct phone *phone, const char *why);
/* What it was offered gets a new token, and nothing of it has happened yet. */
void staging_renew_offer(struct staging *s, struct phone *phone);
/* Sets the phone's timer for what is due next. Call after whatever changed it. */
void staging_schedule(struct staging *s, struct phone *phone);
/* The phone is done: notes when. */
void staging_done(struct staging *s, struct phone *phone);
/* Sends a web command to the phone; nothing happens where its address is not known. */
void staging_send_nudge(struct staging *s, struct phone *phone, enum nudge_kind kind);

/* -- deliveries (deliver.c) --------------------------------------------------------------------- */

/* An empty delivery from the pool; NULL: none left. */
struct staging_delivery *staging_take_delivery(struct staging *s);
/* Room for a text of `len` bytes, delivery->text; false where there is none. */
bool staging_take_text(struct staging *s, struct staging_delivery *delivery, size_t len);
void staging_give_delivery(struct staging *s, struct staging_delivery *delivery);

/* -- HTTPS (https.c, handover.c) ----------------------------------------------------------------- */

/* What a profile for this phone says of HTTPS now; false, and url "": nothing. */
bool staging_https_rule(const struct staging *s, const struct phone *phone, struct https_rule *out);
/* A profile with that rule goes to the phone itself. */
void staging_https_told(struct staging *s, struct phone *phone, const struct https_rule *rule);
/* A request of the phone itself came over HTTPS. */
void staging_https_seen(struct staging *s, struct phone *phone, const struct staging_request *request);
/* Its profiles tell it of [https] custom_ca. */
bool staging_offers_ca(const struct staging *s, const struct phone *phone);
/* At the target, and [profile] auth and transport leave it no way to its final configuration: notes what a
 * person can do. False where there is a way. */
bool staging_stuck(struct staging *s, struct phone *phone);

/* -- profiles (profiles.c) ------------------------------------------------------------------------- */

/* Writes the profile of this decision, delivery->size bytes, to the asker's room or as the delivery's text. NULL: there is
 * no room, or it is too long; nothing may be sent. */
const char *staging_write_profile(struct staging *s, const struct staging_request *request, const struct asker *asker,
                                  const struct decision *decision, struct staging_delivery *delivery);

#endif
