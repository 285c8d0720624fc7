/* quirk.h - the named switches of a phone: one line in quirk.c's table each, with the line of phones.md or field-notes.md
 * that it rests on. Where nobody knows how phones behave, a switch lets both be chosen. */
#ifndef PHONES_QUIRK_H
#define PHONES_QUIRK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum quirk {
    /* DHCP */
    QUIRK_OPTION60,
    QUIRK_CLIENT_ID,
    QUIRK_PRL,
    QUIRK_BROADCAST,
    QUIRK_REBOOT_DHCP,
    QUIRK_LOADER_DHCP,
    QUIRK_ARP_CHECK,
    QUIRK_INFORM,
    QUIRK_OPTIONS_USED,
    QUIRK_OPTION66_URL,
    QUIRK_SPCP,
    /* what is asked for, and how */
    QUIRK_PSN,
    QUIRK_FILE_NAME,
    QUIRK_USER_AGENT,
    QUIRK_PROFILE_HTTP,
    QUIRK_FIRMWARE_HTTP,
    QUIRK_HOST,
    QUIRK_TFTP_NAME,
    QUIRK_TFTP_BLKSIZE,
    /* rules */
    QUIRK_CONDITIONS,
    QUIRK_RULE_B,
    QUIRK_RETRY_ZERO,
    QUIRK_RANDOM_UNIT,
    QUIRK_REBOOT_ON,
    /* upgrade */
    QUIRK_REMEMBERS,
    QUIRK_QUERY,
    QUIRK_INTERRUPTED,
    QUIRK_XU,
    QUIRK_STARVE,
    QUIRK_LOADER_URL,
    QUIRK_LOADER_AGENT,
    QUIRK_CUT_LOAD,
    QUIRK_CUT_FLASH,
    QUIRK_BENCH_REBOOT,
    /* the phone's own web server and its voice */
    QUIRK_WEB,
    QUIRK_SYSLOG,
    QUIRK_REPORT,
    /* TLS */
    QUIRK_TLS,
    QUIRK_CERTIFICATE,
    QUIRK_TLS_STORE,
    QUIRK_TLS_NAMES,
    QUIRK_TLS_LEAVES,
    QUIRK_TLS_DATES,
    /* the test's curiosity */
    QUIRK_LOSS,
    QUIRK_HEAD,
    QUIRK_NOSY,
    QUIRK_GREEDY,
    QUIRK_COUNT
};

/* The choices, in the order in which quirk.c lists them. */
enum { NO = 0, YES = 1 };
enum { OPTION60_MODEL, OPTION60_LONG, OPTION60_LINKSYS, OPTION60_NONE };
enum { CLIENT_ID_NONE, CLIENT_ID_MAC, CLIENT_ID_DUID };
enum { PRL_FULL, PRL_SHORT, PRL_NONE };
enum { REBOOT_DISCOVER, REBOOT_INIT };
enum { LOADER_RECOVERY, LOADER_EVERY_BOOT };
enum { OPTIONS_AUTO, OPTIONS_66, OPTIONS_ALL };
enum { URL66_AUTO, URL66_DROP, URL66_PREFIX, URL66_WHOLE, URL66_UNKNOWN };
enum { PSN_MODEL, PSN_LOWER, PSN_525G };
enum { FILE_NAME_AUTO, FILE_NAME_KEPT, FILE_NAME_DROPPED, FILE_NAME_DROPPED_BY_DEFAULT };
enum { AGENT_AUTO, AGENT_LINKSYS, AGENT_BARE, AGENT_SERIAL, AGENT_NONE };
enum { HTTP_11, HTTP_10 };
enum { TFTP_SLASH, TFTP_PLAIN, TFTP_DOUBLE };
enum { CONDITIONS_AUTO, CONDITIONS_NO, CONDITIONS_YES };
enum { RULE_B_ALWAYS, RULE_B_AFTER_SUCCESS };
enum { RETRY_ZERO_NEVER, RETRY_ZERO_AT_ONCE };
enum { UNIT_20, UNIT_1 };
enum { REBOOT_ON_USUAL, REBOOT_ON_NONE, REBOOT_ON_ANY };
enum { REMEMBERS_NAME, REMEMBERS_URL };
enum { QUERY_SAME, QUERY_COUNTS };
enum { INTERRUPTED_RETRIES, INTERRUPTED_STUCK };
enum { XU_FIRST_IGNORED, XU_ONLY_757, XU_PLAIN };
enum { LOADER_URL_AS_IT_WAS, LOADER_URL_TFTP };
enum { LOADER_AGENT_NONE, LOADER_AGENT_PHONE };
enum { WEB_BASIC, WEB_DIGEST, WEB_OFF };
enum { SYSLOG_PRI, SYSLOG_PLAIN, SYSLOG_RFC3164 };
enum { REPORT_NO, REPORT_PUT, REPORT_POST };
enum { TLS_KIND_10, TLS_KIND_12, TLS_KIND_SSL3, TLS_KIND_RC4, TLS_KIND_NONE };
enum { CERTIFICATE_STATE, CERTIFICATE_NAME, CERTIFICATE_2048, CERTIFICATE_MD5, CERTIFICATE_GENERIC, CERTIFICATE_FOREIGN,
    CERTIFICATE_EXPIRED, CERTIFICATE_OTHER, CERTIFICATE_NONE };
enum { TLS_STORE_AUTO, TLS_STORE_BOTH, TLS_STORE_NONE };

struct quirks {
    int value[QUIRK_COUNT];
};

/* Every switch as the factory sets it. */
void quirks_default(struct quirks *q);
/* Sets one from `name=choice`, or `name` alone for `name=yes`. False: `why` says what is allowed. */
bool quirks_set(struct quirks *q, const char *text, char *why, size_t size);
/* The table as Markdown: name, choices with the default first, what it does, where it is written. */
void quirks_print(FILE *out);
/* Writes the switches that differ from the default as `a=b c=d`. */
void quirks_describe(const struct quirks *q, char *out, size_t size);

#endif
