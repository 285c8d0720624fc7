#include "quirk.h"

#include <stdlib.h>
#include <string.h>

struct definition {
    const char *name;
    const char *choices; /* separated by `|`, the default first; or a number's default */
    const char *does;
    const char *source;
};

static const struct definition table[QUIRK_COUNT] = {
    [QUIRK_OPTION60] = {"option60", "model|long|linksys|none",
        "DHCP vendor class: `Cisco SPA504G`, `Cisco Systems, Inc. IP Phone SPA504G`, `LINKSYS SPA-504G`, or none",
        "phones.md 3, first and second item (sure)"},
    [QUIRK_CLIENT_ID] = {"client-id", "none|mac|duid", "DHCP option 61 of the application",
        "phones.md 3 lists no option 61: unknown"},
    [QUIRK_PRL] = {"prl", "full|short|none", "DHCP option 55: all four provisioning options, only 1, 3, 6, or absent",
        "phones.md 3, \"which the phone lists in option 55: unknown\""},
    [QUIRK_BROADCAST] = {"broadcast", "no|yes", "sets the broadcast flag", "RFC 2131 4.1; phones.md silent: unknown"},
    [QUIRK_REBOOT_DHCP] = {"reboot-dhcp", "discover|init-reboot", "how a phone that had a lease asks after a reboot",
        "phones.md silent: unknown"},
    [QUIRK_LOADER_DHCP] = {"loader-dhcp", "recovery|every-boot",
        "when the loader asks for an address with its own client text `TI-dhcp 0.1`",
        "phones.md 3, last item (sure that it has one; when: unknown)"},
    [QUIRK_ARP_CHECK] = {"arp-check", "no|yes", "probes the address before use, DECLINEs where it is taken",
        "RFC 2131 4.4.1; phones.md silent: unknown"},
    [QUIRK_INFORM] = {"inform", "no|yes", "sends a DHCPINFORM once it has its address", "RFC 2131 4.4.3"},
    [QUIRK_OPTIONS_USED] = {"options", "auto|66|all",
        "which of 66, 160, 159, 150 count; auto: all from 7.5, else 66 only",
        "phones.md 3, DHCP_Option_To_Use (absent in 7.3/7.4: likely)"},
    [QUIRK_OPTION66_URL] = {"option66-url", "auto|drop|prefix|whole|unknown",
        "a URL in option 66: its path is dropped, is a prefix, is the whole; or URLs are not understood (then SPCP, then "
        "option 150). auto: below 7.4 drop, below 7.5 prefix, else whole",
        "field-notes, first item (7.3.7 drops it); phones.md 3 (which firmware takes which: unknown below 7.4)"},
    [QUIRK_SPCP] = {"spcp", "no|yes",
        "asks XMLDefault.cnf.xml, SEP and CTLSEP names by TFTP before the factory's rule, while SPCP_Auto-detect is Yes",
        "phones.md 2.2, call-control auto-detection"},
    [QUIRK_PSN] = {"psn", "model|lower|525g", "$PSN as printed, in lower case, or `525G` for a 525G2",
        "phones.md 2.2 (525G case unknown)"},
    [QUIRK_FILE_NAME] = {"file-name", "auto|kept|dropped|dropped-by-default",
        "leaves the last part of a profile's path out, always or only for the factory's rule; auto: dropped at 7.4.3a",
        "phones.md 2.1, 7.4.3a on the SPA504G (sure; for other rules unknown)"},
    [QUIRK_USER_AGENT] = {"user-agent", "auto|linksys|bare|serial|none",
        "auto: by the model, vendor word Linksys at 7.4.3a; linksys: that word; bare: no brackets; serial: no MAC",
        "phones.md 2.1"},
    [QUIRK_PROFILE_HTTP] = {"profile-http", "1.1|1.0", "HTTP version of profile requests",
        "field-notes, headers seen (1.1); phones.md 2.3: unknown"},
    [QUIRK_FIRMWARE_HTTP] = {"firmware-http", "1.0|1.1", "HTTP version of firmware requests",
        "field-notes, headers seen (1.0)"},
    [QUIRK_HOST] = {"host", "plain|port|none", "the Host header: with a port, or (HTTP/1.0 only) absent",
        "phones.md 2.3, last item: unknown"},
    [QUIRK_TFTP_NAME] = {"tftp-name", "slash|plain|double", "`/spa504G.cfg`, `spa504G.cfg` or `//spa504G.cfg`",
        "phones.md 2.2 (slash: sure); field-notes, `//spa.bin`"},
    [QUIRK_TFTP_BLKSIZE] = {"tftp-blksize", "0", "asks for that block size (RFC 2348); 0: plain RFC 1350",
        "phones.md 2.3, last item: unknown"},
    [QUIRK_CONDITIONS] = {"conditions", "auto|no|yes",
        "understands `( $SWVER lt 7.5.2b )? a | b`; auto: from 7.5, older ones take the text as one URL and fail",
        "field-notes, second item; phones.md 4.3"},
    [QUIRK_RULE_B] = {"rule-b", "always|after-success", "whether Profile_Rule_B…D are tried after a rule before failed",
        "phones.md 4.3 (one after another in the same resync; after a failure: unknown)"},
    [QUIRK_RETRY_ZERO] = {"retry-zero", "never|at-once", "Resync_Error_Retry_Delay = 0",
        "phones.md 4.4 (contradiction sure)"},
    [QUIRK_RANDOM_UNIT] = {"random-unit", "20|1", "seconds in a unit of Resync_Random_Delay", "phones.md 4.4"},
    [QUIRK_REBOOT_ON] = {"reboot-on", "usual|none|any", "changed parameters after which the phone reboots",
        "field-notes, last item (which ones: unknown)"},
    [QUIRK_REMEMBERS] = {"remembers", "name|url", "what of the last loaded firmware it never loads again",
        "field-notes, \"remembers the name\"; phones.md 5.1 (the URL)"},
    [QUIRK_QUERY] = {"query", "same|counts", "whether a changed query string makes another URL",
        "phones.md 5.1: unknown"},
    [QUIRK_INTERRUPTED] = {"interrupted-load", "retries|stuck",
        "a load that a reboot interrupted: tried again, or taken as attempted until the rule changes",
        "phones.md 5.1, last attempted URL: unknown"},
    [QUIRK_XU] = {"xu", "first-ignored|only-757|plain",
        "an (XU) build ignores the first rule until the URL changes; or acts on 7.5.7 alone; or on all",
        "field-notes, (XU) builds"},
    [QUIRK_STARVE] = {"starve-below", "11", "a Resync_Periodic shorter than that many seconds starves the upgrade",
        "field-notes, 10 seconds starve, 180 worked (between: unknown)"},
    [QUIRK_LOADER_URL] = {"loader-url", "as-it-was|tftp", "recovery asks for the last URL as it was, or its path by TFTP",
        "phones.md 5.4 (last upgrade URL: sure; by what: unknown)"},
    [QUIRK_LOADER_AGENT] = {"loader-agent", "none|phone", "User-Agent in recovery", "phones.md silent: unknown"},
    [QUIRK_CUT_LOAD] = {"cut-load", "0", "power fails once when so many percent of an image are loaded; 0: never",
        "phones.md 5.4"},
    [QUIRK_CUT_FLASH] = {"cut-flash", "0", "power fails once when so many percent are flashed (recovery follows); 0: never",
        "phones.md 5.4, SOS"},
    [QUIRK_BENCH_REBOOT] = {"bench-reboot", "no|yes", "is switched off and on once more when it is finished",
        "contract.md 5, `idle`"},
    [QUIRK_WEB] = {"web", "basic|digest|off", "how its web server asks for the admin password, where there is one",
        "phones.md 5.2 (scheme unknown)"},
    [QUIRK_SYSLOG] = {"syslog", "pri|plain|rfc3164", "framing: `<158>` before the text, nothing, or the full header",
        "phones.md 7 (framing unknown); field-notes, local3 and the host name"},
    [QUIRK_REPORT] = {"report", "no|put|post", "sends its parameters to Report_Rule after each resync",
        "phones.md 4.2, Report_Rule"},
    [QUIRK_TLS] = {"tls", "tls1.0|tls1.2|ssl3|rc4|none",
        "the newest version that it speaks; ssl3, rc4: offers nothing else; none: has no TLS (nor has any without --certs)",
        "phones.md 6.2 (TLS 1.0 likely; the first with 1.2: unknown)"},
    [QUIRK_CERTIFICATE] = {"certificate", "state|name|2048|md5|generic|foreign|expired|other|none",
        "its own: MAC as ST, or in the CN; of 2048 bit with SHA-256, of MD5; one that names no phone; signed by nobody "
        "known; expired; another phone's; none",
        "phones.md 6.3 (forms sure; issuer and digest unknown)"},
    [QUIRK_TLS_STORE] = {"tls-store", "auto|both|none", "whom it trusts; auto: the old vendor CA below 7.5.6, the new one from there",
        "phones.md 6.1, table of CAs (sure); both at once: unknown"},
    [QUIRK_TLS_NAMES] = {"tls-names", "dns|text|any",
        "the certificate's common name leads by DNS to the server; or equals the URL's host; or does not matter",
        "phones.md 6.1 (compares with DNS: sure)"},
    [QUIRK_TLS_LEAVES] = {"tls-leaves", "alert|silent|reset", "how it leaves where it does not like the certificate",
        "phones.md silent: unknown"},
    [QUIRK_TLS_DATES] = {"tls-dates", "ignored|checked", "checks dates, by a clock at 1970",
        "phones.md 6.1, expiry checking without NTP: unknown"},
    [QUIRK_LOSS] = {"loss", "0", "percent of datagrams (and of connections) that its cable loses", "no source: a test's own"},
    [QUIRK_HEAD] = {"head", "no|yes", "asks HEAD before and after each GET and compares", "contract.md 4"},
    [QUIRK_NOSY] = {"nosy", "no|yes", "asks for other phones' profiles and for files that are never served",
        "contract.md 4: whatever MAC stands in the name"},
    [QUIRK_GREEDY] = {"greedy", "no|yes", "asks for every firmware file by name", "contract.md 4, the guard"},
};

static size_t choice_length(const char *choices)
{
    return strcspn(choices, "|");
}

static bool is_number(const struct definition *d)
{
    return strchr(d->choices, '|') == NULL;
}

static int find_choice(const struct definition *d, const char *text)
{
    int index = 0;
    for (const char *p = d->choices;; p++, index++) {
        size_t len = choice_length(p);
        if (strlen(text) == len && strncmp(p, text, len) == 0)
            return index;
        p += len;
        if (*p == '\0')
            return -1;
    }
}

void quirks_default(struct quirks *q)
{
    for (size_t i = 0; i < QUIRK_COUNT; i++)
        q->value[i] = is_number(&table[i]) ? atoi(table[i].choices) : 0;
}

static int find_name(const char *text, size_t len)
{
    for (int i = 0; i < QUIRK_COUNT; i++)
        if (strlen(table[i].name) == len && strncmp(table[i].name, text, len) == 0)
            return i;
    return -1;
}

bool quirks_set(struct quirks *q, const char *text, char *why, size_t size)
{
    size_t len = strcspn(text, "=");
    int i = find_name(text, len);
    if (i < 0) {
        snprintf(why, size, "there is no quirk `%.*s`", (int)len, text);
        return false;
    }
    const char *value = text[len] == '=' ? text + len + 1 : "yes";
    char *end;
    long number = strtol(value, &end, 10);
    bool fine = *value != '\0' && *end == '\0' && number >= 0 && number < 100000;
    int choice = is_number(&table[i]) ? (fine ? (int)number : -1) : find_choice(&table[i], value);
    if (choice < 0) {
        snprintf(why, size, "quirk %s: `%s` is not one of %s", table[i].name, value,
                 is_number(&table[i]) ? "the numbers" : table[i].choices);
        return false;
    }
    q->value[i] = choice;
    return true;
}

void quirks_print(FILE *out)
{
    fputs("| switch | choices, default first | does | rests on |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < QUIRK_COUNT; i++) {
        const struct definition *d = &table[i];
        fprintf(out, "| `%s` | ", d->name);
        for (const char *p = d->choices; *p != '\0'; p++)
            fputs(*p == '|' ? ", " : (char[]){*p, '\0'}, out);
        fprintf(out, "%s | %s | %s |\n", is_number(d) ? " (a number)" : "", d->does, d->source);
    }
}

static void describe_one(size_t i, int value, char *out, size_t size)
{
    if (is_number(&table[i])) {
        snprintf(out, size, "%s=%d", table[i].name, value);
        return;
    }
    const char *p = table[i].choices;
    while (value-- > 0)
        p += choice_length(p) + 1;
    snprintf(out, size, "%s=%.*s", table[i].name, (int)choice_length(p), p);
}

void quirks_describe(const struct quirks *q, char *out, size_t size)
{
    struct quirks usual;
    size_t used = 0;
    quirks_default(&usual);
    out[0] = '\0';
    for (size_t i = 0; i < QUIRK_COUNT; i++) {
        if (q->value[i] == usual.value[i] || size - used < 3)
            continue;
        if (used > 0)
            out[used++] = ' ';
        describe_one(i, q->value[i], out + used, size - used);
        used += strlen(out + used);
    }
}
