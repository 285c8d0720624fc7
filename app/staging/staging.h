/* staging.h - the one who decides: events from the services go in, answers come out.
 *
 * Every service tells it what happened on the wire (a lease, a request, bytes that a phone
 * acknowledged, a syslog line) and asks it the one question there is: who asks, by what transport,
 * for what name -> what to send, or why not ("one door for content"). No service decides by itself.
 *
 * How a service uses it:
 *   1. staging_ask() fills a struct staging_answer. With STAGING_BUSY there is no room: HTTP 503 with
 *      Retry-After, TFTP error 0. With STAGING_NOT_FOUND: 404 or TFTP error 1.
 *   2. staging_commit() before the first byte of any answer leaves (once per batch of answers).
 *   3. staging_progress() as the peer acknowledges, then staging_end() exactly once; the answer's
 *      bytes stay valid until then.
 */
#ifndef STAGEBOX_APP_STAGING_STAGING_H
#define STAGEBOX_APP_STAGING_STAGING_H

#include "app/staging/carrier.h"
#include "app/staging/stage.h"
#include "net/addr.h"
#include "ports/port.h"

struct staging;
struct certs_pair;
struct content;
struct journal;
struct journal_record;
struct phone;
struct registry;
struct settings;
struct timers;

/* What a client certificate that its chain made believable says. All fields may be empty. */
struct staging_certificate {
    bool names_phone; /* false for the generic ones (sipurageneric, ciscogeneric) and those that name no MAC */
    struct mac mac;
};

struct staging_request {
    enum carrier carrier;
    ip4 address;            /* the peer's */
    const char *path;       /* as decoded once, query left out; TFTP: the file name */
    size_t path_len;
    const char *user_agent; /* NULL where there is none */
    size_t user_agent_len;
    const struct staging_certificate *certificate; /* NULL where none was shown or believed */
    uint64_t shown;         /* HTTPS: the id of the pair that the box showed (struct certs_pair) */
    bool head;              /* HTTP HEAD: nothing will be delivered */
    char *room; /* where a profile may be written, if it is no longer than room_len; the caller wipes it. NULL: nowhere */
    size_t room_len;
};

enum staging_kind { STAGING_NOT_FOUND, STAGING_BUSY, STAGING_PROFILE, STAGING_IMAGE, STAGING_FILE };

struct staging_delivery; /* one answer on its way; from a fixed pool */

struct staging_answer {
    enum staging_kind kind;
    const uint8_t *data;          /* the whole content */
    uint64_t size;                /* bytes */
    const struct port_blob *blob; /* the same content as a sealed file, for port_tcp_write_blob(); NULL for profiles */
    const char *content_type;     /* "text/xml", "application/octet-stream" */
    bool no_store;                /* Cache-Control: no-store (profiles) */
    const char *etag;             /* quoted, for images and files; NULL for profiles */
    int64_t modified_s;           /* Last-Modified in unix seconds, 0 for none */
    const char *reason;           /* for the log: what it is, or why not */
    struct staging_delivery *delivery; /* NULL where kind is NOT_FOUND or BUSY */
};

/* -- what the services tell ----------------------------------------------------------------- */

/* A client was given or confirmed an address. `fresh`: it came from a start (SELECTING or
 * INIT-REBOOT), not from a renewal. Strings may hold anything; lengths count. */
struct staging_lease {
    struct mac mac;
    ip4 address;
    bool fresh;
    const char *vendor_class;
    size_t vendor_class_len;
    const char *host_name;
    size_t host_name_len;
};
void staging_leased(struct staging *s, const struct staging_lease *lease);

/* [dhcp] answer: whether a client with this MAC and option 60 is answered at all. */
bool staging_accepts(const struct staging *s, struct mac mac, const void *vendor_class, size_t len);

/* This MAC is a supported phone's, as far as prefix, registry and inventory know. */
bool staging_is_phone_mac(const struct staging *s, struct mac mac);
/* The phone with this MAC has all it came for. */
bool staging_is_done(const struct staging *s, struct mac mac);

/* The one question. */
void staging_ask(struct staging *s, const struct staging_request *request, struct staging_answer *answer);
/* `acked`: bytes of the content, from its start, that the peer has acknowledged so far. */
void staging_progress(struct staging *s, struct staging_delivery *delivery, uint64_t acked);
/* The answer is over. `whole`: the peer acknowledged all of the content (a range request or a HEAD
 * never does). Gives the delivery back; the answer's bytes are no longer valid. */
void staging_end(struct staging *s, struct staging_delivery *delivery, bool whole);
/* Puts what changed into the journal's file. To be called before answers go out; cheap when nothing
 * changed. False where the card refused it: the box goes on, and has said so. */
bool staging_commit(struct staging *s);

/* What was committed is not with the kernel yet, because the card is busy. Answers that tell of it wait until it is; a turn
 * follows then. */
bool staging_behind(const struct staging *s);

/* From now on nothing goes out: every request is answered with STAGING_BUSY, and no phone is nudged. */
void staging_out_of_service(struct staging *s);

/* HTTPS is served from now on, or not any more. Until then no profile tells of it. */
void staging_serves_https(struct staging *s, bool serves);
/* The pair that whoever connects from this address is to be shown; NULL: there is none. Valid until
 * the content is read anew. */
const struct certs_pair *staging_pair(const struct staging *s, ip4 address);
/* Somebody at this address did not get through the handshake with the certificate `shown`, and why:
 * "refused our certificate: unknown CA". */
void staging_handshake_failed(struct staging *s, ip4 address, uint64_t shown, const char *words);
/* The HTTPS URL of a phone's profile for DHCP, with $MA for its MAC; "" where HTTPS is not served or this client
 * refused every certificate. */
void staging_https_option(const struct staging *s, struct mac mac, char *out, size_t cap);

/* A line of the phone's own syslog, from `from`. */
void staging_syslog(struct staging *s, ip4 from, const char *line, size_t len);
/* The phone asked the DNS for `name` (text, already made printable). */
void staging_dns_question(struct staging *s, ip4 from, const char *name);
/* A phone's own report was uploaded. False: nobody that we know, or doubt who (403). */
bool staging_report(struct staging *s, const struct staging_request *request, const void *body, size_t len);
/* A frame with a VLAN tag came from there: no phone that the box serves sends such before it is done. */
void staging_tagged(struct staging *s, struct mac mac, unsigned vlan);
/* Somebody uses this address on the staging network, as ARP tells. */
void staging_foreign_address(struct staging *s, struct mac mac, ip4 address);
/* What a phone tells its switch: the texts as they came, "" for none. Its own requests count for more. */
struct staging_announcement {
    const char *how; /* "CDP" */
    struct mac mac;
    const char *platform; /* "Cisco IP Phone SPA508G" */
    const char *version;
};
void staging_announced(struct staging *s, const struct staging_announcement *announcement);

#define STAGING_REPORT_MAX 65536 /* bytes of a report */
/* Room for one that is coming in, of that size; NULL: there is none now, profiles on their way have it. */
uint8_t *staging_report_room(struct staging *s);
void staging_report_give(struct staging *s, uint8_t *room);
#define STAGING_REPORT_PATH 64
/* Where on the card the report of this phone lies, if it sent one. False: it has no name to keep it under. */
bool staging_report_path(const struct phone *phone, char *out, size_t cap);
/* A sentence about the box itself for /api/v1/summary's warnings: `key` names it so that it can be
 * replaced, `text` NULL takes it away. */
void staging_warn(struct staging *s, const char *key, const char *text);
/* The same, for what may be over soon: without being told again it goes away by itself after a minute. */
void staging_warn_passing(struct staging *s, const char *key, const char *text);
#define STAGING_PASSING_MS 60000

/* -- what it asks of the services ------------------------------------------------------------ */

enum nudge_kind { NUDGE_RESYNC, NUDGE_UPGRADE };
/* A web command for a phone: http://address/admin/resync?url or /admin/upgrade?url, tried with each
 * of the passwords (user "admin") that the phone wants, none first. */
struct staging_nudge {
    uint32_t id; /* for staging_nudged() */
    ip4 address;
    enum nudge_kind kind;
    const char *url;
    const char *const *passwords;
    size_t password_count;
};
struct staging_hooks {
    void *ctx;
    /* Sends the command; staging_nudged() follows. The strings are valid during the call. */
    void (*nudge)(void *ctx, const struct staging_nudge *nudge);
    /* The lease of an address or of a MAC; false where there is none that is bound. */
    bool (*lease_by_address)(void *ctx, ip4 address, struct staging_lease *out);
    /* Something about this phone changed (for events); NULL allowed, as in all that follow. */
    void (*changed)(void *ctx, size_t phone);
    /* Nothing but how far its file has come. */
    void (*progressed)(void *ctx, size_t phone);
    /* This phone is forgotten, leaves its place to another, or goes on under another MAC or serial; it is still as it was. */
    void (*gone)(void *ctx, const struct phone *phone);
    /* A line for the log, without the phone's name in front. `phone` NULL: of nobody. */
    void (*said)(void *ctx, const struct phone *phone, enum port_level level, const char *text);
};
/* -- its life --------------------------------------------------------------------------------- */

/* Everything is lent for as long as it lives. */
struct staging_options {
    struct port *port;
    const struct settings *settings;
    struct content *content;
    struct timers *timers;
    struct journal *journal;
    struct staging_hooks hooks;
    uint64_t seed[2];     /* random */
};
/* Makes its pools by [limits]. NULL where there is no memory. */
struct staging *staging_open(const struct staging_options *options);
void staging_close(struct staging *s);
/* A record of the journal, oldest first, before anything else is told. Records that are not its own
 * are passed over; true where it was. */
bool staging_restore(struct staging *s, const struct journal_record *record);
/* All records are there: phones find their rows of the inventory and their deadlines again. `state_id`:
 * eight hex digits, for the tokens. */
void staging_restored(struct staging *s, const char *state_id);
/* Puts a few records of the snapshot; *cursor is 0 at first. False: that was all. */
bool staging_snapshot(struct staging *s, struct journal *journal, uint64_t *cursor);
/* Settings and content were read anew (the same memory, new values). */
void staging_reloaded(struct staging *s);

/* -- what may be read of it --------------------------------------------------------------------- */

const struct registry *staging_registry(const struct staging *s);
/* Every phone of the batch, those first that are in the registry, then those that left it when they were done: start with
 * *at = 0; NULL at the end. The latter are valid until the next call, and have no place in the registry. */
const struct phone *staging_next(const struct staging *s, size_t *at);
/* Of those that left, the one behind this key by phone_key_order(), or where !begun the first; as above. */
const struct phone *staging_retired_after(const struct staging *s, bool begun, struct mac mac, const char *serial);
/* How many phones the batch has in all. */
size_t staging_count(const struct staging *s);
/* The phone with this MAC, or where that is zero this serial, in the registry; one that had left is there again if there is
 * room. NULL: no such phone. */
const struct phone *staging_find(struct staging *s, struct mac mac, const char *serial);
const struct settings *staging_settings(const struct staging *s);
const struct content *staging_content(const struct staging *s);
/* Eight hex digits; "" before staging_restored(). */
const char *staging_state_id(const struct staging *s);
/* port_now_ms() when it was opened: where uptimes begin. */
uint64_t staging_started_ms(const struct staging *s);
/* Whether no addresses are given out, because another DHCP server is in the way: for the summary. */
bool staging_addresses_held(const struct staging *s);
void staging_hold_addresses(struct staging *s, bool held);
bool staging_paused(const struct staging *s);
/* Holds every phone where it is, without breaking a transfer; or lets them go on. */
void staging_pause(struct staging *s, bool paused);
/* What an operator can do to one phone. False: it makes no sense as the phone stands now (409). */
enum staging_action {
    STAGING_NUDGE,  /* asks the phone to upgrade, or to come for its profile, now */
    STAGING_RETRY,  /* forgets remedies and `ignored`, renews what was offered, and nudges */
    STAGING_IGNORE, /* it gets nothing any more, until `retry` */
    STAGING_FORGET  /* as if it had never been here */
};
bool staging_act(struct staging *s, const struct phone *phone, enum staging_action action);
uint64_t staging_bytes_sent(const struct staging *s);
uint64_t staging_rate_bps(const struct staging *s); /* bytes a second; 0 when nothing moved for 3 s */
/* The i-th warning's sentence; NULL behind the last. */
const char *staging_warning_text(const struct staging *s, size_t i);

/* How a nudge ended: the HTTP status, or negative where the phone could not be reached. */
void staging_nudged(struct staging *s, uint32_t id, int status);

#endif
