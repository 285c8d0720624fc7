/* schema.h - every setting there is, once: reading, defaults, `check`, the documentation and the
 * sample are all made from this table. */
#ifndef STAGEBOX_CONFIG_SCHEMA_H
#define STAGEBOX_CONFIG_SCHEMA_H

#include "config/settings.h"

enum schema_type {
    TYPE_BOOL,
    TYPE_TRI,       /* enum settings_tri */
    TYPE_WORD,      /* one of `words`; the value is its number */
    TYPE_NUMBER,    /* min..max */
    TYPE_DURATION,  /* seconds, min..max */
    TYPE_TEXT,      /* up to the field's size */
    TYPE_PATH,      /* the same; \ becomes / */
    TYPE_VERSION,   /* the same; `newest` in lower case */
    TYPE_INTERFACE, /* 1..15 characters without blank and slash */
    TYPE_HOSTNAME,  /* a label */
    TYPE_ADDRESS,
    TYPE_NETWORK,  /* address/prefix: the ip4 and, right behind it, the unsigned */
    TYPE_RANGE,    /* struct settings_range */
    TYPE_OPTION,   /* struct settings_option */
    TYPE_SERVERS,  /* struct settings_servers */
    TYPE_DIGEST,   /* has_sha256 and sha256 */
    TYPE_SECRETS,  /* password_count and admin_password */
    TYPE_PREFIXES, /* oui_count and oui */
};

#define SCHEMA_SECRET 1u  /* never in a problem's text */
#define SCHEMA_RESTART 2u /* cannot change while the box runs */

/* For the documentation. */
struct schema_texts {
    const char *doc;        /* what it does, for people; ends with a full stop */
    const char *preset_doc; /* instead of `preset`, or NULL */
};

struct schema_key {
    const char *name;
    enum schema_type type : 8;
    unsigned flags : 8;
    uint16_t offset; /* of the value in its section's struct, and its size */
    uint16_t size;
    uint32_t min;
    uint32_t max;
    const char *preset; /* as it would stand in the file; "" may be set too, where it is "" */
    /* Ends with NULL. Of TYPE_WORD: what it can be. Of others: one text instead of what the type takes
     * (value_wanted()), or NULL. */
    const char *const *words;
    const struct schema_texts *texts; /* NULL outside of stagebox_config_docs */
};

enum schema_kind {
    KIND_ONE,     /* [section] */
    KIND_NAMED,   /* [section NAME], any number of them */
    KIND_OPTIONS, /* [dhcp.option]: code = bytes */
    KIND_HOSTS    /* [dhcp.host]: mac = address */
};

struct schema_section {
    const char *name;
    const struct schema_key *keys;
    const char *doc;      /* NULL outside of stagebox_config_docs */
    const char *example;  /* lines of the file, for all but KIND_ONE; NULL as well */
    const char *name_doc; /* what stands for the name: "NAME", "FILE", for all but KIND_ONE */
    enum schema_kind kind : 8;
    uint8_t key_count;
    uint32_t offset; /* of the section's struct, or of the array of them, in struct settings */
    /* For all but KIND_ONE: */
    uint32_t size;         /* of one struct */
    uint32_t count_offset; /* of the unsigned that counts them, in struct settings */
    unsigned capacity;
    uint32_t name_offset; /* of char name[SETTINGS_NAME_MAX] in one struct */
};

extern const struct schema_section schema[];
extern const size_t schema_sections;

/* The section of that name, NULL where there is none. */
const struct schema_section *schema_find(const char *name);
/* The key of that name, NULL where there is none. */
const struct schema_key *schema_find_key(const struct schema_section *section, const char *name);
/* The known section, or key of the section, that was probably meant; NULL where none is near. */
const char *schema_near_section(const char *written);
const char *schema_near_key(const struct schema_section *section, const char *written);
/* The only section that has a key of that name; NULL where none or several have. */
const struct schema_section *schema_owner(const char *key);

/* The struct number `i` of a section (0 for KIND_ONE), within `settings`. */
void *schema_item(const struct schema_section *section, struct settings *settings, size_t i);
const void *schema_item_const(const struct schema_section *section, const struct settings *settings, size_t i);
/* How many structs the section has: 1 for KIND_ONE. */
unsigned schema_count(const struct schema_section *section, const struct settings *settings);

#endif
