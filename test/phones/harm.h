/* harm.h - what must never happen to a phone, and the list of what did. */
#ifndef PHONES_HARM_H
#define PHONES_HARM_H

#include <stdbool.h>
#include <stddef.h>

enum harm_kind {
    HARM_FAMILY_OFFERED, /* a rule names another family's file */
    HARM_FAMILY_SERVED,  /* another family's image came */
    HARM_DAMAGED,        /* a whole answer, but no sound image */
    HARM_DOWNGRADE,      /* an older image than the running one */
    HARM_GATE,           /* a stop of the ladder was skipped */
    HARM_REFLASH,        /* the version that runs already */
    HARM_FOREIGN_SECRET, /* another phone's secret */
    HARM_EARLY_SECRET,   /* its own, in anything but its final configuration */
    HARM_PLAIN_SECRET,   /* its own, by a transport that must not carry it */
    HARM_EARLY_FINAL,    /* the final configuration below the target */
    HARM_RULE_AT_TARGET, /* an Upgrade_Rule at or above the target */
    HARM_INCOMPLETE,     /* a stage's profile that leaves out a parameter of the whole list */
    HARM_RETRY_ZERO,     /* a retry delay of 0 */
    HARM_RETRY_RANGE,    /* a retry delay outside of 30 to 60 s */
    HARM_PERIODIC,       /* Resync_Periodic off, or so short that it starves the upgrade */
    HARM_STRANDED,       /* neither Profile_Rule nor _B leads back to the box by plain HTTP, or resync is switched off */
    HARM_CONDITIONAL,    /* a rule with conditions or options */
    HARM_TOKEN,          /* an Upgrade_Rule without a token in the file name */
    HARM_FIRMWARE_URL,   /* an Upgrade_Rule that is no plain HTTP URL of the box */
    HARM_REDIRECT,
    HARM_CHUNKED,
    HARM_NO_LENGTH,
    HARM_HEAD,           /* HEAD differs from GET */
    HARM_COMMENT,        /* comment or stray text in a profile */
    HARM_NON_ASCII,
    HARM_DUPLICATE,      /* a parameter twice */
    HARM_STORED,         /* a profile without Cache-Control: no-store */
    HARM_BAD_PROFILE,    /* not readable at all */
    HARM_NO_PROFILE,     /* "not found" to a known phone's own profile request */
    HARM_URL_GONE,       /* a firmware URL once handed out is no longer served */
    HARM_LEFTOVER,       /* a parameter that the box set and left behind */
    HARM_TEMPLATE,       /* a parameter of the template that did not arrive as it should */
    HARM_TWO_ADDRESSES,  /* two phones have one address */
    HARM_NEW_ADDRESS,    /* a phone got another address than before */
    HARM_GUARD,          /* a firmware file that this phone must not get was served */
    HARM_NEVER_SERVED,   /* something that is never served */
    HARM_SPCP,           /* a call-control name was found */
    HARM_PROTOCOL,       /* the server broke HTTP or TFTP */
    HARM_COUNT
};

/* `family-offered` … */
const char *harm_name(enum harm_kind k);
/* -1: no such name. */
int harm_find(const char *name);

struct harm {
    enum harm_kind kind;
    double at; /* seconds of the phones' time */
    char *text;
};
struct harm_list {
    struct harm *items;
    size_t count;
};
/* Takes over `text`. The same kind and text again is kept once. True: it is new. */
bool harm_add(struct harm_list *l, enum harm_kind kind, double at, char *text);
void harm_free(struct harm_list *l);

#endif
