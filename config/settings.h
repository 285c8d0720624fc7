/* settings.h - stagebox.ini as one plain struct.
 *
 * No heap, no file I/O, no globals: the caller owns the struct (about 64 KB: not for a stack) and
 * lends a reader of bytes. What the keys mean stands in the schema table (config/schema.c), from
 * which docs/stagebox.ini.md and the commented sample are made too.
 *
 * Values that only make sense to who knows phones (versions, version expressions, families,
 * templates) stay text here. Who finds one wrong reports it at settings_line().
 *
 * All texts are NUL-terminated and zero-filled, "" where nothing is set. Durations are whole
 * seconds (names end in _s). Keys, sections and their names compare without case.
 */
#ifndef STAGEBOX_CONFIG_SETTINGS_H
#define STAGEBOX_CONFIG_SETTINGS_H

#include "config/problem.h"
#include "net/addr.h"

#define SETTINGS_TEXT_MAX 200   /* bytes of a free text or path, NUL included: no line is longer */
#define SETTINGS_NAME_MAX 128   /* ... of the NAME in [gate NAME], [firmware FILE], [certificate NAME] */
#define SETTINGS_FAMILY_MAX 32  /* ... of a firmware family */
#define SETTINGS_VERSION_MAX 32 /* ... of a version or a version expression */
#define SETTINGS_SECTION_KEYS 12 /* most keys that one kind of section has */

#define SETTINGS_CERTIFICATES 8
#define SETTINGS_GATES 64
#define SETTINGS_FIRMWARE 64
#define SETTINGS_OPTIONS 32   /* lines in [dhcp.option] */
#define SETTINGS_HOSTS 512    /* lines in [dhcp.host] */
#define SETTINGS_PASSWORDS 8  /* items in [phones] admin_password */
#define SETTINGS_OUIS 64      /* items in [phones] oui */
#define SETTINGS_SERVERS 8    /* addresses in [dhcp] option150 */

enum settings_tri { SETTINGS_AUTO, SETTINGS_YES, SETTINGS_NO };
enum settings_answer { ANSWER_ANY, ANSWER_PHONES, ANSWER_INVENTORY };
enum settings_rogue { ROGUE_GUARD, ROGUE_WARN, ROGUE_IGNORE };
enum settings_option_mode { OPTION_AUTO, OPTION_LITERAL, OPTION_OFF };
enum settings_tls { MIN_TLS_1_0, MIN_TLS_1_1, MIN_TLS_1_2 };
enum settings_handover { HANDOVER_PROBE, HANDOVER_DIRECT };
enum settings_downgrade { DOWNGRADE_NEVER, DOWNGRADE_ALLOW };
enum settings_auth { AUTH_CERTIFICATE, AUTH_INVENTORY, AUTH_NONE };
enum settings_transport { TRANSPORT_HTTPS, TRANSPORT_ANY };

/* Where a section and its keys stand in the file; 0: not in the file, the default holds.
 * Ask with settings_line(). */
struct settings_lines {
    int section;
    int key[SETTINGS_SECTION_KEYS];
};

struct settings_box {
    struct settings_lines at;
    char interface[16];
    ip4 address;
    unsigned prefix; /* 1..30 */
    char name[64];   /* a host name label */
};

struct settings_option { /* of options 66, 159, 160 */
    enum settings_option_mode mode;
    char text[SETTINGS_TEXT_MAX]; /* with OPTION_LITERAL */
};

struct settings_servers { /* of option 150 */
    enum settings_option_mode mode;
    unsigned count; /* with OPTION_LITERAL */
    ip4 list[SETTINGS_SERVERS];
};

struct settings_range {
    ip4 first; /* 0 together with last: no pool could be made from [box] address */
    ip4 last;  /* inclusive */
};

struct settings_dhcp {
    struct settings_lines at;
    bool enabled;
    struct settings_range pool; /* not set: made from [box] address, around the box itself */
    uint32_t lease_s;
    enum settings_answer answer;
    ip4 router; /* 0: none */
    enum settings_rogue rogue;
    enum settings_tri authoritative;
    struct settings_option option66;
    struct settings_servers option150;
    struct settings_option option159;
    struct settings_option option160;
};

struct settings_dhcp_option { /* one line of [dhcp.option], already as bytes for the wire */
    int line;
    uint8_t code;
    uint8_t len; /* 1..sizeof data */
    uint8_t data[SETTINGS_TEXT_MAX];
};

struct settings_dhcp_host { /* one line of [dhcp.host] */
    int line;
    struct mac mac;
    ip4 address;
};

struct settings_service { /* [tftp] [syslog] [ntp] */
    struct settings_lines at;
    bool enabled;
};

struct settings_http {
    struct settings_lines at;
    bool enabled;
    uint16_t port;
};

struct settings_https {
    struct settings_lines at;
    enum settings_tri enabled; /* SETTINGS_AUTO: on when certificate and key are on the card */
    uint16_t port;
    char certificate[SETTINGS_TEXT_MAX]; /* paths as written, relative to the file's folder */
    char key[SETTINGS_TEXT_MAX];
    char client_ca[SETTINGS_TEXT_MAX]; /* its default path need not exist: settings_line() is 0 then */
    enum settings_tls min_version;
    char from[SETTINGS_VERSION_MAX];
    enum settings_handover handover;
    char custom_ca[SETTINGS_TEXT_MAX];
    char custom_ca_from[SETTINGS_VERSION_MAX];
};

struct settings_certificate { /* [certificate NAME] */
    struct settings_lines at;
    char name[SETTINGS_NAME_MAX];
    char from[SETTINGS_VERSION_MAX];
    char certificate[SETTINGS_TEXT_MAX];
    char key[SETTINGS_TEXT_MAX];
};

struct settings_upgrade {
    struct settings_lines at;
    char target[SETTINGS_VERSION_MAX]; /* a version, or "newest" in lower case */
    enum settings_downgrade downgrade;
    uint32_t parallel; /* 0: no limit */
    uint32_t canary;   /* 0: off */
    uint32_t stall_s;
    uint32_t attempts;
    uint32_t resync_s;
};

struct settings_gate { /* [gate NAME] */
    struct settings_lines at;
    char name[SETTINGS_NAME_MAX];
    char family[SETTINGS_FAMILY_MAX]; /* "": every family */
    char to[SETTINGS_VERSION_MAX];    /* expressions: ">7.5.2b", ">=7.5.2b", "*(XU)" */
    char needs[SETTINGS_VERSION_MAX];
    char from[SETTINGS_VERSION_MAX];
    char via[SETTINGS_VERSION_MAX]; /* a version */
};

struct settings_firmware { /* [firmware FILE] */
    struct settings_lines at;
    char name[SETTINGS_NAME_MAX]; /* the file's name */
    char family[SETTINGS_FAMILY_MAX];
    char version[SETTINGS_VERSION_MAX];
    bool has_sha256;
    uint8_t sha256[32];
};

struct settings_profile {
    struct settings_lines at;
    char template[SETTINGS_TEXT_MAX];  /* set and not there is an error; settings_line() == 0 and not */
    char inventory[SETTINGS_TEXT_MAX]; /* there means none, as does "" */
    enum settings_auth auth;
    enum settings_transport transport;
    char final_rule[SETTINGS_TEXT_MAX]; /* may carry a password: not for logs */
};

struct settings_dns {
    struct settings_lines at;
    bool enabled;
    bool capture;
};

struct settings_oui {
    uint8_t b[3];
};

struct settings_phones {
    struct settings_lines at;
    unsigned password_count;
    char admin_password[SETTINGS_PASSWORDS][SETTINGS_TEXT_MAX]; /* secrets */
    unsigned oui_count;
    struct settings_oui oui[SETTINGS_OUIS];
    bool show_state;
};

struct settings_mqtt {
    struct settings_lines at;
    ip4 broker; /* 0: none */
    uint16_t port;
    char user[SETTINGS_TEXT_MAX];
    char password[SETTINGS_TEXT_MAX]; /* a secret */
    char topic[SETTINGS_TEXT_MAX];
};

struct settings_limits {
    struct settings_lines at;
    uint32_t phones;
    uint32_t leases;
    uint32_t tftp;
    uint32_t connections;
    uint32_t tls;
};

struct settings_web {
    struct settings_lines at;
    bool enabled;
    char password[SETTINGS_TEXT_MAX]; /* a secret: see settings_password_is_plain() */
};

struct settings {
    struct settings_box box;
    struct settings_dhcp dhcp;
    unsigned option_count; /* of each list: in the order of the file */
    struct settings_dhcp_option options[SETTINGS_OPTIONS];
    unsigned host_count;
    struct settings_dhcp_host hosts[SETTINGS_HOSTS];
    struct settings_service tftp;
    struct settings_http http;
    struct settings_https https;
    unsigned certificate_count;
    struct settings_certificate certificates[SETTINGS_CERTIFICATES];
    struct settings_upgrade upgrade;
    unsigned gate_count;
    struct settings_gate gates[SETTINGS_GATES];
    unsigned firmware_count;
    struct settings_firmware firmware[SETTINGS_FIRMWARE];
    struct settings_profile profile;
    struct settings_service syslog;
    struct settings_service ntp;
    struct settings_dns dns;
    struct settings_phones phones;
    struct settings_limits limits;
    struct settings_web web;
    struct settings_mqtt mqtt;
};

/* Where the file's bytes come from: puts at most `cap` bytes (at least 1) into `buf` and returns
 * how many, 0 at the end, negative where the medium failed. */
typedef int settings_reader(void *ctx, void *buf, size_t cap);

/* The settings of an empty file. */
void settings_defaults(struct settings *out);

/* Reads a file from its first byte to its last, over defaults. Everything wrong goes to `problems`
 * under the name `file`, and every line that is sound counts, so *out can be used for further
 * checks whatever was wrong. Values of secret keys never get into a problem's text.
 * True where nothing was an error (warnings do not count). */
bool settings_read(struct settings *out, const char *file, settings_reader *read, void *ctx,
                   struct problems *problems);

/* The line (from 1) on which `key` of [section] stands; 0 where it is not in the file, or where
 * there is no such key. `name` is the NAME of [gate NAME], [firmware FILE], [certificate NAME],
 * else NULL. `key` NULL: the line of the section's header. */
int settings_line(const struct settings *settings, const char *section, const char *name, const char *key);

/* `run -i`: another interface than the file says. False, and nothing changed, where `name` cannot
 * be an interface's name (1 to 15 characters without blank or slash). */
bool settings_set_interface(struct settings *settings, const char *name);

/* For a reload: warns about each value that cannot change while the box runs ([box], whether and
 * on which port a service listens, [limits]), at its line in `fresh`. True where there was one. */
bool settings_restart_needed(const struct settings *running, const struct settings *fresh, const char *file,
                             struct problems *problems);
/* Puts the running values of those keys into `fresh`, so that what runs on is one whole. */
void settings_keep_running(const struct settings *running, struct settings *fresh);

/* Whether [web] password is a password as such, and not what `stagebox passwd` prints (which
 * begins with '$'). False for "". */
bool settings_password_is_plain(const char *password);

#endif
