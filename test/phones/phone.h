/* phone.h - one simulated phone: what it is, what it remembers, what it is doing. Each part of its behaviour lives in a
 * file of its own: power.c, resync.c, upgrade.c, recovery.c, http_daemon.c, syslog.c, curiosity.c, judge.c, finish.c. */
#ifndef PHONES_PHONE_H
#define PHONES_PHONE_H

#include "dhcp_client.h"
#include "fetch.h"
#include "harm.h"
#include "image.h"
#include "model.h"
#include "param.h"
#include "profile.h"
#include "quirk.h"
#include "rule.h"
#include "station.h"
#include "tls_client.h"

struct sim;

enum phone_state {
    PHONE_OFF,
    PHONE_BOOTING,    /* the loader, before the application asks for an address */
    PHONE_NO_ADDRESS, /* the application, without a lease */
    PHONE_UP,         /* has an address; idle or in a resync */
    PHONE_LOADING,    /* an image comes in */
    PHONE_FLASHING,
    PHONE_RECOVERY    /* SOS: no sound firmware, the loader looks for the last URL */
};
enum boot_reason { BOOT_POWER, BOOT_UPGRADE, BOOT_PARAMETERS, BOOT_COMMAND };

/* $PRVST (phones.md 4.3). */
enum resync_reason { RESYNC_EXPLICIT = -1, RESYNC_RESET = 0, RESYNC_PERIODIC = 1, RESYNC_RETRY = 2 };

/* How a phone shall have ended. */
enum expected_end {
    END_FINAL,    /* has its own final configuration */
    END_UPGRADED, /* at its version, whatever the profile */
    END_WAITING,  /* at its version, asked more than once, and has no final configuration */
    END_UNTOUCHED, /* was answered, and nothing of it was changed but by a stage's profile */
    END_ANY
};

enum { PATH_LIMIT = 12, NAME_SIZE = 128 };

struct version_path {
    char version[PATH_LIMIT][32];
    size_t count;
};

struct expectation {
    enum expected_end end;
    char version[32];       /* at the end; "": any */
    bool path_known;
    struct version_path path; /* every version flashed, in order */
    bool downgrade;         /* allowed here */
};

struct event {
    double at; /* seconds of the phones' time */
    const char *kind;
    char *text;
};

/* What survives a power cut besides the parameters; a factory reset clears it. */
struct upgrade_memory {
    char rule[URL_SIZE];   /* the rule's text at the last attempt */
    char url[URL_SIZE];    /* the effective URL of the last attempt, server as an address */
    bool failed;           /* that attempt */
    bool attempted;
    char loaded[NAME_SIZE]; /* the file name of the last image loaded whole */
    char xu_ignored[URL_SIZE]; /* the first URL that an (XU) build has ignored */
    struct url last;       /* where recovery looks */
    bool has_last;
    bool broken;           /* power failed in the middle of the flash */
};

struct resync {
    bool running;
    enum resync_reason reason;
    int step;        /* 0: Profile_Rule or the URL told, 1…3: _B…_D */
    int probe;       /* SPCP names asked so far */
    bool failed;
    bool succeeded;  /* at least one rule */
    bool reboot;     /* a parameter that needs it has changed */
    bool factory;    /* the rule that runs names no server */
    char first[URL_SIZE]; /* Profile_Rule as it was at the start, or the URL told */
    struct url url;
    char error[120];
};

struct phone {
    struct sim *sim;
    const struct model *model;
    struct station station;
    struct quirks quirks;
    char serial[16];
    char start_version[32];
    char version[32];
    char extension[16];
    char password[64];
    struct expectation expect;
    struct params *params;
    struct params *before; /* as it was when it came to the box */
    bool *touched;         /* a profile of the box has named it; by the catalogue's index */
    struct upgrade_memory memory;
    struct version_path path;

    enum phone_state state;
    enum boot_reason boot_reason;
    bool booted;     /* has had an address since this boot */
    bool resync_due; /* its time came while it could not */
    bool synced;     /* a resync has succeeded since the factory or the reset */
    uint32_t last_ip;
    struct dhcp_client *dhcp;
    struct dhcp_reply lease;
    struct timer boot_timer, resync_timer, upgrade_timer;
    struct fetch *fetch;
    char agent[120]; /* of the fetch that runs */
    struct resync resync;
    struct url upgrade_url;
    double upgrade_retry_at; /* seconds of its time; 0: nothing to retry */
    char upgrade_error[120];
    struct http_head load_head; /* of the last image that came by HTTP */
    bool explicit_upgrade;
    struct image image; /* being flashed */
    bool load_cut, flash_cut; /* the quirk's one power cut has been */
    struct web *web;
    struct fetch *upload;
    char *upload_body;
    struct curiosity *curiosity;
    char curious_at[40]; /* the last version, and whether final, at which it looked about */

    struct tls_manners tls; /* as phone_tls() filled it last */

    bool final; /* the last profile that said anything was its final configuration */
    bool loader_asked; /* with LOADER_EVERY_BOOT: the loader has had its turn */
    unsigned answers; /* profiles taken, the empty ones too */
    unsigned answers_now; /* since the last boot */
    bool benched;
    bool cut_next_flash; /* told by the control socket */

    struct event *events;
    size_t event_count;
    struct harm_list harms;
};

/* What a batch says of a phone. */
struct phone_plan {
    struct mac mac;
    const struct model *model;
    char version[32];
    char serial[16];
    char extension[16];
    char password[64];
    struct quirks quirks;
    struct expectation expect;
    bool unlisted; /* not in phones.csv */
    struct setting {
        char name[64];
        char value[300];
    } settings[8]; /* parameters that differ from the factory's: a second-hand phone */
    size_t setting_count;
};

/* Makes a phone with its interface, switched off. NULL: sim->error says why. */
struct phone *phone_new(struct sim *s, const struct phone_plan *plan, unsigned number);
void phone_free(struct phone *p);

/* Notes an event with its time; `kind` lives for ever. Told on stderr as well with -v. */
void phone_event(struct phone *p, const char *kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
void phone_harm(struct phone *p, enum harm_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Arms a timer for so many seconds of the phones' time. */
void phone_after(struct phone *p, struct timer *t, double seconds);

/* power.c */
/* Once, when it is made: its DHCP client and its timers. */
void phone_connect(struct phone *p);
void phone_power_on(struct phone *p);
/* The plug is pulled: not a packet more. */
void phone_power_off(struct phone *p);
void phone_reboot(struct phone *p, enum boot_reason why);
/* All parameters and the upgrade's memory as from the factory, then a reboot. */
void phone_factory_reset(struct phone *p);
bool phone_is_up(const struct phone *p);
const char *phone_state_name(enum phone_state s);

/* resync.c; `url`: instead of Profile_Rule, NULL for the usual one. False: not now. */
bool resync_start(struct phone *p, enum resync_reason why, const char *url);
/* After the boot, by Resync_On_Reset and its kin. */
void resync_after_boot(struct phone *p);
/* The resync timer's callback. */
void resync_timer_fired(void *ctx);
/* A fetch was cut off under it, or the phone goes down. */
void resync_abandon(struct phone *p);

/* profile_rule.c: which URL a rule leads to on this phone. False: `error` says why none. */
bool profile_rule_url(struct phone *p, const char *rule, struct url *out, bool *factory, char *error, size_t size);
/* The TFTP server for call-control names; 0: none. */
uint32_t spcp_server(const struct phone *p);

/* apply.c: takes over a profile that came in. */
void profile_take(struct phone *p, const struct profile *profile);

/* upgrade.c */
void upgrade_consider(struct phone *p);
/* The upgrade timer's callback: the phone was idle long enough, or it is time to try again. */
void upgrade_timer_fired(void *ctx);
/* By the web server. False: Upgrade_Enable is off, or not now. */
bool upgrade_command(struct phone *p, const char *url);
void upgrade_abandon(struct phone *p);
/* An image came in whole: takes it, or says in p->upgrade_error why not. True: flashing has begun. */
bool upgrade_take(struct phone *p, const struct fetch_result *r);

/* flash.c: writes p->image, which takes its time and may be cut off. */
void flash_start(struct phone *p);
void flash_timer_fired(struct phone *p);
/* Pulls the plug and puts it back after a while. */
void phone_power_cycle(struct phone *p, const char *why);
double phone_seconds(const struct phone *p);

/* recovery.c */
void recovery_start(struct phone *p);
void recovery_bound(struct phone *p);

/* ask.c: the request as this phone would write it. The texts live in `p` and `url`. */
struct fetch_request ask_profile(struct phone *p, const struct url *url);
struct fetch_request ask_firmware(struct phone *p, const struct url *url);
void ask_agent(const struct phone *p, char *out, size_t size);
/* The macros of this phone's rules and messages; ctx is a struct macro_context. */
struct macro_context {
    struct phone *phone;
    const struct url *url; /* $SCHEME $SERV $PORT $PATH; NULL: empty */
    uint32_t ip;
    const char *error; /* $ERR */
    char text[160];
};
const char *ask_macro(void *ctx, const char *name, size_t len);

/* syslog.c: says the message of that parameter's template to Syslog_Server, if there is one. */
void syslog_say(struct phone *p, const char *template_name, const struct url *url, uint32_t ip, const char *error);

/* http_daemon.c */
void web_start(struct phone *p);
void web_stop(struct phone *p);

/* upload.c: sends an XML report of all parameters to Report_Rule, if the switch says so. */
void report_upload(struct phone *p);
void report_abandon(struct phone *p);

/* curiosity.c: looks where a phone would not, as the switches say; once for each version. */
void curiosity_start(struct phone *p);
void curiosity_stop(struct phone *p);

/* judge.c: what is wrong with what the box sent. */
void judge_answer(struct phone *p, const struct fetch_result *r, const struct url *url, bool profile);
void judge_profile(struct phone *p, const struct profile *profile, const struct fetch_result *r);
void judge_secrets(struct phone *p, const uint8_t *data, size_t len, bool final, enum scheme scheme);
void judge_rule(struct phone *p, const char *rule);
/* True: this phone may load that version of that family now. False: `kind` says which harm it would be. */
bool judge_step(const struct phone *p, const char *family, const char *version, enum harm_kind *kind);
/* True: the text is a URL of the box by plain HTTP. */
bool judge_is_box_http(const struct phone *p, const char *text);
bool profile_is_final(const struct phone *p, const struct profile *profile);

/* finish.c */
bool phone_finished(const struct phone *p);
/* Compares parameters with what they should be; harms for each that is not. */
void finish_check(struct phone *p);
/* One sentence why it has not ended as it should; "" if it has. */
void finish_complaint(const struct phone *p, char *out, size_t size);

/* How it does TLS now; NULL: not at all. Lives as long as the phone. (phone_tls.c) */
const struct tls_manners *phone_tls(struct phone *p);
void phone_tls_free(struct phone *p);

#endif
