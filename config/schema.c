#include "config/schema.h"

#include "config/text.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define IN(type, field) .offset = offsetof(struct type, field), .size = sizeof(((struct type *)0)->field)
/* From one field to the end of another, for values that fill several. */
#define SPAN(type, from, to)                                                                                       \
    .offset = offsetof(struct type, from),                                                                         \
    .size = offsetof(struct type, to) + sizeof(((struct type *)0)->to) - offsetof(struct type, from)
#define DAY 86400u
/* What a setting does is for the documentation, which a program of its own prints: the box does without. */
#ifdef SCHEMA_WITH_TEXTS
#define TEXT(text) text
#define TEXTS(...)                                                                                                 \
    &(const struct schema_texts)                                                                                   \
    {                                                                                                              \
        __VA_ARGS__                                                                                                \
    }
#else
#define TEXT(text) NULL
#define TEXTS(...) NULL
#endif
#define WANTED(text)                                                                                               \
    (const char *const[])                                                                                          \
    {                                                                                                              \
        text, NULL                                                                                                 \
    }

static const struct schema_key box_keys[] = {
    {"interface", TYPE_INTERFACE, IN(settings_box, interface), .preset = "eth0", .flags = SCHEMA_RESTART,
     .texts = TEXTS(.doc = "The network port on the staging VLAN.")},
    {"address", TYPE_NETWORK, SPAN(settings_box, address, prefix), .preset = "192.168.10.10/24",
     .flags = SCHEMA_RESTART,
     .texts = TEXTS(.doc = "The box's own address. It is put on the interface if it is not there.")},
    {"name", TYPE_HOSTNAME, IN(settings_box, name), .preset = "stagebox",
     .texts = TEXTS(.doc = "The box's name. DNS answers it, and it with `.local` behind.")},
};

static const char *const answer_words[] = {"any", "phones", "inventory", NULL};
static const char *const rogue_words[] = {"guard", "warn", "ignore", NULL};

static const struct schema_key dhcp_keys[] = {
    {"enabled", TYPE_BOOL, IN(settings_dhcp, enabled), .preset = "yes", .flags = SCHEMA_RESTART,
     .texts = TEXTS(.doc = "Gives the phones their addresses and tells them where the box is.")},
    {"pool", TYPE_RANGE, IN(settings_dhcp, pool), .preset = "",
     .texts = TEXTS(.preset_doc = "made from [box] address; .50 to .250 in a /24",
                    .doc = "The addresses to give away, first and last. They lie in the network of [box] address "
                           "and leave the "
                           "box itself out.")},
    {"lease", TYPE_DURATION, IN(settings_dhcp, lease_s), .preset = "1h", .min = 10, .max = 30 * DAY,
     .texts = TEXTS(.doc = "How long a phone may keep its address without asking again.")},
    {"answer", TYPE_WORD, IN(settings_dhcp, answer), .preset = "any", .words = answer_words,
     .texts = TEXTS(
             .doc =
                 "Who gets an address: `any` device, only `phones` that the box can stage (by vendor class or MAC "
                 "prefix), or only the MACs of the `inventory`.")},
    {"router", TYPE_ADDRESS, IN(settings_dhcp, router), .preset = "",
     .texts =
         TEXTS(.preset_doc = "none", .doc = "The router that phones are told of. The staging VLAN needs none.")},
    {"rogue", TYPE_WORD, IN(settings_dhcp, rogue), .preset = "guard", .words = rogue_words,
     .texts = TEXTS(.doc = "When another DHCP server is there at the start: `guard` gives no addresses until you "
                           "resume the batch; "
                           "`warn` only tells you; `ignore` does not look. One that comes later is only told of.")},
    {"authoritative", TYPE_TRI, IN(settings_dhcp, authoritative), .preset = "auto",
     .texts = TEXTS(.doc = "Whether phones that ask for an address of another network are told at once that it is "
                           "wrong. `auto`: "
                           "yes, until another DHCP server is seen.")},
    {"option66", TYPE_OPTION, IN(settings_dhcp, option66), .preset = "auto",
     .texts = TEXTS(.doc = "The provisioning server of old firmware. `auto`: `http://` and the box's address, or "
                           "the bare address "
                           "for Linksys models; `off` leaves the option out; anything else is sent as it is.")},
    {"option150", TYPE_SERVERS, IN(settings_dhcp, option150), .preset = "auto",
     .texts = TEXTS(.doc = "TFTP servers. `auto`: the box.")},
    {"option159", TYPE_OPTION, IN(settings_dhcp, option159), .preset = "auto",
     .texts = TEXTS(.doc = "The provisioning URL of newer firmware. `auto`: the phone's profile over HTTP.")},
    {"option160", TYPE_OPTION, IN(settings_dhcp, option160), .preset = "auto",
     .texts = TEXTS(.doc = "The provisioning URL that newer firmware looks at first. `auto`: the phone's profile "
                           "over HTTPS where "
                           "that is on, else as option 159.")},
};

static const struct schema_key switch_keys[] = {
    {"enabled", TYPE_BOOL, IN(settings_service, enabled), .preset = "yes", .flags = SCHEMA_RESTART,
     .texts = TEXTS(.doc = "Whether this service listens.")},
};

static const struct schema_key http_keys[] = {
    {"enabled", TYPE_BOOL, IN(settings_http, enabled), .preset = "yes", .flags = SCHEMA_RESTART,
     .texts =
         TEXTS(.doc = "Whether the box listens for HTTP. Firmware always goes out this way, so staging needs it.")},
    {"port", TYPE_NUMBER, IN(settings_http, port), .preset = "80", .flags = SCHEMA_RESTART, .min = 1, .max = 65535,
     .texts = TEXTS(.doc = "The port. Phones fresh from the box know only 80.")},
};

static const char *const tls_words[] = {"tls1.0", "tls1.1", "tls1.2", NULL};
static const char *const handover_words[] = {"probe", "direct", NULL};

static const struct schema_key https_keys[] = {
    {"enabled", TYPE_TRI, IN(settings_https, enabled), .preset = "auto", .flags = SCHEMA_RESTART,
     .texts = TEXTS(.doc = "Whether the box listens for HTTPS. `auto`: when certificate and key are on the card.")},
    {"port", TYPE_NUMBER, IN(settings_https, port), .preset = "443", .flags = SCHEMA_RESTART, .min = 1,
     .max = 65535, .texts = TEXTS(.doc = "The port.")},
    {"certificate", TYPE_PATH, IN(settings_https, certificate), .preset = "certs/server.crt",
     .texts = TEXTS(.doc = "The box's certificate and the chain above it. Phones accept only what the vendor's "
                           "provisioning CA has "
                           "signed.")},
    {"key", TYPE_PATH, IN(settings_https, key), .preset = "certs/server.key",
     .texts = TEXTS(.doc = "Its private key.")},
    {"client_ca", TYPE_PATH, IN(settings_https, client_ca), .preset = "certs/client-ca.pem",
     .texts = TEXTS(.doc = "The CA certificates that sign the phones' own certificates.")},
    {"min_version", TYPE_WORD, IN(settings_https, min_version), .preset = "tls1.0", .words = tls_words,
     .texts = TEXTS(.doc = "The oldest TLS version accepted. Old phones know nothing newer than 1.0.")},
    {"from", TYPE_VERSION, IN(settings_https, from), .preset = "7.5.2b",
     .texts =
         TEXTS(.doc = "The oldest firmware that is sent on to HTTPS. Older phones are staged over plain HTTP.")},
    {"handover", TYPE_WORD, IN(settings_https, handover), .preset = "probe", .words = handover_words,
     .texts =
         TEXTS(.doc =
                   "How a phone gets there. `probe`: it tries HTTPS beside HTTP and changes over once that worked; "
                   "`direct`: it changes over at once and keeps HTTP as its second rule.")},
    {"custom_ca", TYPE_PATH, IN(settings_https, custom_ca), .preset = "",
     .texts = TEXTS(.preset_doc = "none", .doc = "A CA of your own that phones shall load over HTTP and trust.")},
    {"custom_ca_from", TYPE_VERSION, IN(settings_https, custom_ca_from), .preset = "7.5.7",
     .texts = TEXTS(.doc = "The oldest firmware that is offered it.")},
};

static const struct schema_key certificate_keys[] = {
    {"from", TYPE_VERSION, IN(settings_certificate, from), .preset = "",
     .texts = TEXTS(.preset_doc = "needed", .doc = "The oldest firmware that is shown this pair.")},
    {"certificate", TYPE_PATH, IN(settings_certificate, certificate), .preset = "",
     .texts = TEXTS(.preset_doc = "needed", .doc = "The certificate and the chain above it.")},
    {"key", TYPE_PATH, IN(settings_certificate, key), .preset = "",
     .texts = TEXTS(.preset_doc = "needed", .doc = "Its private key.")},
};

static const char *const downgrade_words[] = {"never", "allow", NULL};

static const struct schema_key upgrade_keys[] = {
    {"target", TYPE_VERSION, IN(settings_upgrade, target), .preset = "newest",
     .words = WANTED("newest or a version"),
     .texts = TEXTS(.doc = "The version every phone shall end at, such as `7.6.1`; or `newest`: the newest in "
                           "firmware/ for that "
                           "kind of phone.")},
    {"downgrade", TYPE_WORD, IN(settings_upgrade, downgrade), .preset = "never", .words = downgrade_words,
     .texts = TEXTS(.doc = "Whether phones above the target are brought down to it.")},
    {"parallel", TYPE_NUMBER, IN(settings_upgrade, parallel), .preset = "0", .max = 100000,
     .texts = TEXTS(.doc = "At most so many phones load firmware at once. 0: no limit.")},
    {"canary", TYPE_NUMBER, IN(settings_upgrade, canary), .preset = "0", .max = 100000,
     .texts = TEXTS(
             .doc =
                 "So many phones of a kind and starting version go first and must be done before the others start. "
                 "0: off.")},
    {"stall", TYPE_DURATION, IN(settings_upgrade, stall_s), .preset = "10m", .min = 10, .max = DAY,
     .texts = TEXTS(.doc = "A phone without progress for so long gets the next remedy. One step takes a phone "
                           "about 3 minutes.")},
    {"attempts", TYPE_NUMBER, IN(settings_upgrade, attempts), .preset = "4", .min = 1, .max = 100,
     .texts = TEXTS(.doc = "Remedies before a phone is marked `needs-hand`.")},
    {"resync", TYPE_DURATION, IN(settings_upgrade, resync_s), .preset = "180s", .min = 5, .max = DAY,
     .texts = TEXTS(.doc = "How often a phone comes back while it is staged. Much less than a minute keeps phones "
                           "from upgrading "
                           "at all.")},
};

static const struct schema_key gate_keys[] = {
    {"family", TYPE_TEXT, IN(settings_gate, family), .preset = "",
     .texts = TEXTS(.preset_doc = "every family",
                    .doc = "The phones it holds for, by the beginning of their firmware's name.")},
    {"to", TYPE_VERSION, IN(settings_gate, to), .preset = "", .words = WANTED("versions, such as >7.5.2b"),
     .texts = TEXTS(.doc = "Going to such a version")},
    {"needs", TYPE_VERSION, IN(settings_gate, needs), .preset = "", .words = WANTED("versions, such as >=7.5.2b"),
     .texts = TEXTS(.doc = "is allowed only from such a version.")},
    {"from", TYPE_VERSION, IN(settings_gate, from), .preset = "", .words = WANTED("versions, such as *(XU)"),
     .texts = TEXTS(.doc = "Or: from such a version")},
    {"via", TYPE_VERSION, IN(settings_gate, via), .preset = "",
     .texts = TEXTS(.doc = "only this one may be the next, while it is newer.")},
};

static const struct schema_key firmware_keys[] = {
    {"family", TYPE_TEXT, IN(settings_firmware, family), .preset = "",
     .texts = TEXTS(.preset_doc = "from the file's name", .doc = "The phones it is for, such as `spa50x-30x`.")},
    {"version", TYPE_VERSION, IN(settings_firmware, version), .preset = "",
     .texts = TEXTS(.preset_doc = "from the file's name", .doc = "Its version.")},
    {"sha256", TYPE_DIGEST, SPAN(settings_firmware, has_sha256, sha256), .preset = "",
     .texts = TEXTS(.preset_doc = "not compared", .doc = "Its digest. With the right one the file is taken "
                                                         "whatever its name or header says; with another one it "
                                                         "is never offered.")},
};

static const char *const auth_words[] = {"certificate", "inventory", "none", NULL};
static const char *const transport_words[] = {"https", "any", NULL};

static const struct schema_key profile_keys[] = {
    {"template", TYPE_PATH, IN(settings_profile, template), .preset = "profiles/full.xml",
     .texts = TEXTS(.preset_doc = "`profiles/full.xml` if it is there",
                    .doc = "The final configuration. `{{column}}` stands for a column of the inventory, and there "
                           "are `{{mac}}`, "
                           "`{{model}}` and `{{box.address}}`; `%model%` in the path is the phone's model.")},
    {"inventory", TYPE_PATH, IN(settings_profile, inventory), .preset = "phones.csv",
     .texts = TEXTS(.preset_doc = "`phones.csv` if it is there",
                    .doc = "The list of phones: a header line, then a line a phone, with a column `mac`. A line "
                           "with an empty mac "
                           "goes to the next phone that has none.")},
    {"auth", TYPE_WORD, IN(settings_profile, auth), .preset = "certificate", .words = auth_words,
     .texts =
         TEXTS(.doc =
                   "Who may have the final configuration: a phone that shows its own `certificate`; one whose MAC "
                   "is in "
                   "the `inventory` and that asks from the address the box gave it; or, with `none`, any phone.")},
    {"transport", TYPE_WORD, IN(settings_profile, transport), .preset = "https", .words = transport_words,
     .texts = TEXTS(.doc = "Whether it goes out over HTTPS only, or over HTTP and TFTP too.")},
    {"final_rule", TYPE_TEXT, IN(settings_profile, final_rule), .preset = "", .flags = SCHEMA_SECRET,
     .texts = TEXTS(.preset_doc = "the template's, else the factory's",
                    .doc = "The Profile_Rule that a finished phone keeps: your own provisioning server.")},
};

static const struct schema_key dns_keys[] = {
    {"enabled", TYPE_BOOL, IN(settings_dns, enabled), .preset = "yes", .flags = SCHEMA_RESTART,
     .texts = TEXTS(.doc = "Answers the box's own names and no others, also by mDNS (name.local).")},
    {"capture", TYPE_BOOL, IN(settings_dns, capture), .preset = "no",
     .texts =
         TEXTS(.doc =
                   "Answers every name with the box, so that second-hand phones come here instead of to their old "
                   "provider.")},
};

static const struct schema_key phones_keys[] = {
    {"admin_password", TYPE_SECRETS, SPAN(settings_phones, password_count, admin_password), .preset = "",
     .flags = SCHEMA_SECRET,
     .texts = TEXTS(.preset_doc = "none", .doc = "The phones' own admin passwords, tried when the box has to nudge "
                                                 "a phone. A column of that name in the "
                                                 "inventory goes first; a password with a comma fits only there.")},
    {"oui", TYPE_PREFIXES, SPAN(settings_phones, oui_count, oui), .preset = "",
     .texts = TEXTS(.preset_doc = "none", .doc = "More MAC prefixes that belong to phones the box can stage.")},
    {"show_state", TYPE_BOOL, IN(settings_phones, show_state), .preset = "no",
     .texts = TEXTS(.doc = "Whether phones show on their own display how far they are.")},
};

#define POOL(field, amount, text)                                                                                  \
    {                                                                                                              \
#field, TYPE_NUMBER, IN(settings_limits, field), .preset = amount, .flags = SCHEMA_RESTART, .min = 1,      \
                                                         .max = 65536, .texts = TEXTS(.doc = text)                 \
    }

static const struct schema_key limits_keys[] = {
    POOL(phones, "512", "Phones that can be known."),
    POOL(leases, "512", "Addresses that can be leased."),
    POOL(tftp, "128", "TFTP transfers at once."),
    POOL(connections, "128", "HTTP and HTTPS connections at once. Browsers get at most a quarter of them."),
    POOL(tls, "32", "How many of them can be HTTPS."),
};

static const struct schema_key web_keys[] = {
    {"enabled", TYPE_BOOL, IN(settings_web, enabled), .preset = "yes",
     .texts = TEXTS(.doc = "Whether there is a dashboard, on the HTTP and HTTPS ports.")},
    {"password", TYPE_TEXT, IN(settings_web, password), .preset = "", .flags = SCHEMA_SECRET,
     .texts = TEXTS(.preset_doc = "none", .doc = "What an operator logs in with: the line that `stagebox passwd` "
                                                 "prints. Without one the dashboard only "
                                                 "shows and changes nothing.")},
};

static const struct schema_key mqtt_keys[] = {
    {"broker", TYPE_ADDRESS, IN(settings_mqtt, broker), .preset = "",
     .texts =
         TEXTS(.preset_doc = "none",
               .doc = "The address of an MQTT broker. Told are, retained: TOPIC/NAME/status (`online`, `offline`), "
                      "TOPIC/NAME/summary and TOPIC/NAME/phones/MAC, the last two as the JSON of the API.")},
    {"port", TYPE_NUMBER, IN(settings_mqtt, port), .preset = "1883", .min = 1, .max = 65535,
     .texts = TEXTS(.doc = "The broker's port. MQTT 3.1.1 over TCP, without TLS.")},
    {"user", TYPE_TEXT, IN(settings_mqtt, user), .preset = "",
     .texts = TEXTS(.preset_doc = "none", .doc = "Whom the broker knows the box as.")},
    {"password", TYPE_TEXT, IN(settings_mqtt, password), .preset = "", .flags = SCHEMA_SECRET,
     .texts = TEXTS(.preset_doc = "none", .doc = "The password to it. It goes over the wire in clear.")},
    {"topic", TYPE_TEXT, IN(settings_mqtt, topic), .preset = "stagebox",
     .texts = TEXTS(.doc = "What all topics begin with. Several boxes may have the same: [box] name comes next.")},
};

#define ONE(title, field, table, text)                                                                             \
    {                                                                                                              \
        .name = title, .kind = KIND_ONE, .offset = offsetof(struct settings, field), .keys = table,                \
        .key_count = COUNT(table), .doc = TEXT(text)                                                               \
    }
#define MANY(type, field, counter, max)                                                                            \
    .offset = offsetof(struct settings, field), .size = sizeof(struct type),                                       \
    .count_offset = offsetof(struct settings, counter), .capacity = max

const struct schema_section schema[] = {
    ONE("box", box, box_keys, "The box itself. These lines are the only ones that most sites need."),
    ONE("dhcp", dhcp, dhcp_keys, "The DHCP server."),
    {.name = "dhcp.option",
     .kind = KIND_OPTIONS,
     MANY(settings_dhcp_option, options, option_count, SETTINGS_OPTIONS),
     .name_doc = "code",
     .doc = TEXT("Any further DHCP option: its number, then a text, addresses, or bytes in hex."),
     .example = TEXT("15 = text:staging.example\n7 = ip:192.168.10.10\n43 = hex:01:04:c0:a8:0a:0a\n")},
    {.name = "dhcp.host",
     .kind = KIND_HOSTS,
     MANY(settings_dhcp_host, hosts, host_count, SETTINGS_HOSTS),
     .name_doc = "mac",
     .doc = TEXT("Fixed addresses, a MAC and its address a line."),
     .example = TEXT("58:bf:ea:11:04:e6 = 192.168.10.20\n")},
    ONE("tftp", tftp, switch_keys, "The TFTP server, for phones fresh from the box."),
    ONE("http", http, http_keys, "The HTTP server."),
    ONE("https", https, https_keys, "The HTTPS server, for final configurations that hold secrets."),
    {.name = "certificate",
     .kind = KIND_NAMED,
     .keys = certificate_keys,
     .key_count = COUNT(certificate_keys),
     MANY(settings_certificate, certificates, certificate_count, SETTINGS_CERTIFICATES),
     .name_offset = offsetof(struct settings_certificate, name),
     .name_doc = "NAME",
     .doc = TEXT("Another pair for newer firmware, which trusts another CA of the vendor's."),
     .example =
         TEXT("[certificate 2k]\nfrom = 7.5.6\ncertificate = certs/server-2k.crt\nkey = certs/server-2k.key\n")},
    ONE("upgrade", upgrade, upgrade_keys, "Where the batch shall end, and at what pace."),
    {.name = "gate",
     .kind = KIND_NAMED,
     .keys = gate_keys,
     .key_count = COUNT(gate_keys),
     MANY(settings_gate, gates, gate_count, SETTINGS_GATES),
     .name_offset = offsetof(struct settings_gate, name),
     .name_doc = "NAME",
     .doc = TEXT(
         "One more rule for the way up: `to` with `needs`, or `from` with `via`. `stagebox plan --gates` lists "
         "the rules in force."),
     .example = TEXT("[gate stop-at-7.5.2b]\nfamily = spa50x-30x\nto = >7.5.2b\nneeds = >=7.5.2b\n[gate leave-xu]\n"
                     "from = *(XU)\nvia = 7.5.7\n")},
    {.name = "firmware",
     .kind = KIND_NAMED,
     .keys = firmware_keys,
     .key_count = COUNT(firmware_keys),
     MANY(settings_firmware, firmware, firmware_count, SETTINGS_FIRMWARE),
     .name_offset = offsetof(struct settings_firmware, name),
     .name_doc = "FILE",
     .doc = TEXT("What a file in firmware/ is, where its name does not tell."),
     .example = TEXT("[firmware spa50x-30x-custom.bin]\nfamily = spa50x-30x\nversion = 7.5.2b\n")},
    ONE("profile", profile, profile_keys, "The final configuration and who gets it."),
    ONE("syslog", syslog, switch_keys,
        "Receives the phones' own messages on UDP 514; phones are told of it while they are staged."),
    ONE("ntp", ntp, switch_keys, "Tells phones the time (UDP 123), once the box knows it."),
    ONE("dns", dns, dns_keys, "Answers DNS (UDP 53)."),
    ONE("phones", phones, phones_keys, "What is known of the phones."),
    ONE("limits", limits, limits_keys, "Memory is set aside for so many at the start."),
    ONE("web", web, web_keys, "The dashboard."),
    ONE("mqtt", mqtt, mqtt_keys, "Tells an MQTT broker how the batch goes, so that one place shows several boxes."),
};

const size_t schema_sections = COUNT(schema);

const struct schema_section *schema_find(const char *name)
{
    for (size_t i = 0; i < schema_sections; i++)
        if (text_same(schema[i].name, name))
            return &schema[i];
    return NULL;
}

const struct schema_key *schema_find_key(const struct schema_section *section, const char *name)
{
    for (size_t i = 0; i < section->key_count; i++)
        if (text_same(section->keys[i].name, name))
            return &section->keys[i];
    return NULL;
}
