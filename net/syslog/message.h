/* message.h - reads one syslog datagram, and what SPA phones say of resyncs and upgrades in it.
 *
 * RFC 3164 and RFC 5424 lines, with and without PRI and header; the texts are those of phones.md:
 * "$PN $MAC -- Requesting resync $SCHEME://$SERVIP:$PORT$PATH" and its kin. Pure.
 */
#ifndef STAGEBOX_NET_SYSLOG_MESSAGE_H
#define STAGEBOX_NET_SYSLOG_MESSAGE_H

#include "net/addr.h"

#define SYSLOG_PORT 514
#define SYSLOG_HOST_MAX 64 /* bytes of each text, NUL included; longer ones are cut */
#define SYSLOG_MODEL_MAX 32
#define SYSLOG_URL_MAX 256
#define SYSLOG_REASON_MAX 128
#define SYSLOG_TEXT_MAX 512

enum syslog_kind {
    SYSLOG_OTHER,
    SYSLOG_RESYNC_REQUEST,  /* Requesting resync URL */
    SYSLOG_RESYNC_SUCCESS,  /* Successful resync URL [-- reason] */
    SYSLOG_RESYNC_FAILURE,  /* Resync failed: reason */
    SYSLOG_UPGRADE_REQUEST, /* Requesting upgrade URL */
    SYSLOG_UPGRADE_SUCCESS, /* Successful upgrade URL -- reason (the new version, on old lines) */
    SYSLOG_UPGRADE_FAILURE, /* Upgrade failed: reason */
    SYSLOG_UPGRADE_TRY      /* try upgrade: URL (debug text of the loader and the application) */
};

/* All texts are printable ASCII ('?' for any other byte) and "" where the line has none. */
struct syslog_message {
    unsigned facility; /* 0..23; without PRI 1 (user), RFC 3164 4.3.3 */
    unsigned severity; /* 0..7; without PRI 5 (notice) */
    char hostname[SYSLOG_HOST_MAX];
    bool has_mac; /* from the text, else from a host name such as SEP58BFEA1104E6.local */
    struct mac mac;
    char model[SYSLOG_MODEL_MAX]; /* $PN, only beside a kind */
    enum syslog_kind kind;
    char url[SYSLOG_URL_MAX]; /* without the "(0x...)" that debug texts put behind the address */
    ip4 server;               /* the address in `url`, 0 where it is a name */
    char reason[SYSLOG_REASON_MAX];
    char text[SYSLOG_TEXT_MAX]; /* the message without PRI and header, blanks at its ends cut */
};

/* Reads `len` bytes, which need not end in anything. There is no line that cannot be read: what
 * fits no form is all text. */
void syslog_parse(const uint8_t *line, size_t len, struct syslog_message *out);
/* "resync asked for", "upgrade failed", ... for logs. */
const char *syslog_kind_text(enum syslog_kind kind);

#endif
