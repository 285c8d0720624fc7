/* test_problems.c - what is said of a file that is not right: every problem, its line, what would be. */
#include "config/reading.h"

#define GATE "[gate x]\n"

/* The whole of what is said, a line a problem. */
static const struct {
    const char *why, *text, *said;
} cases[] = {
    /* sections */
    {"unknown section", "[upgarde]\ntarget=1\n", "1: error: unknown section [upgarde]: did you mean [upgrade]?\n"},
    {"far from everything", "[nothing-like-it]\n", "1: error: unknown section [nothing-like-it]\n"},
    {"no name", "[gate]\nto=1\n", "1: error: [gate] needs a name, as in [gate NAME]\n"},
    {"a name where none goes", "[box staging]\nname = -\n", "1: error: [box] takes no name: write [box]\n"},
    {"twice by name", "[firmware A.bin]\n[firmware a.BIN]\n",
     "2: error: [firmware a.BIN] was there already, in line 1\n"},
    {"a key first", "lease = 1h\n", "1: error: lease stands before the first section: it belongs in [dhcp]\n"},
    {"a key first that many have", "enabled = no\n",
     "1: error: enabled stands before the first section: begin with a line such as [box]\n"},
    /* keys */
    {"unknown key", "[upgrade]\ncanry = 1\n", "2: error: unknown key in [upgrade]: canry; did you mean canary?\n"},
    {"a key of elsewhere", "[box]\nlease = 1h\n", "2: error: unknown key in [box]: lease belongs in [dhcp]\n"},
    {"nothing like it", "[box]\nzzzzzz = 1\n", "2: error: unknown key in [box]: zzzzzz\n"},
    {"twice", "[dhcp]\nlease=1h\n[dhcp]\nLease=2h\n",
     "4: error: [dhcp] lease is set a second time; line 2 counts\n"},
    {"no key at all", "[box]\n= x\n", "2: error: a name is missing before the =\n"},
    {"all of them, not the first only", "[box]\nfoo=1\n[bxo]\n[dhcp]\nlease=x\n",
     "2: error: unknown key in [box]: foo\n3: error: unknown section [bxo]: did you mean [box]?\n"
     "5: error: [dhcp] lease = x: it should be a duration from 10s to 30d, such as 1h\n"},
    /* values */
    {"boolean", "[tftp]\nenabled = maybe\n", "2: error: [tftp] enabled = maybe: it should be yes or no\n"},
    {"boolean, empty", "[tftp]\nenabled =\n", "2: error: [tftp] enabled is empty: it should be yes or no\n"},
    {"of three", "[https]\nenabled = maybe\n", "2: error: [https] enabled = maybe: it should be auto, yes or no\n"},
    {"word", "[dhcp]\nrogue = gard\n", "2: error: [dhcp] rogue = gard: it should be guard, warn or ignore\n"},
    {"duration without unit", "[upgrade]\nresync = 180\n",
     "2: error: [upgrade] resync = 180: it should be a duration from 5s to 1d, such as 180s\n"},
    {"duration too long", "[upgrade]\nresync = 2d\n",
     "2: error: [upgrade] resync = 2d: it should be a duration from 5s to 1d, such as 180s\n"},
    {"number too small", "[http]\nport = 0\n",
     "2: error: [http] port = 0: it should be a number from 1 to 65535\n"},
    {"number too large", "[http]\nport = 65536\n",
     "2: error: [http] port = 65536: it should be a number from 1 to 65535\n"},
    {"no number", "[http]\nport = 80a\n", "2: error: [http] port = 80a: it should be a number from 1 to 65535\n"},
    {"interface", "[box]\ninterface = eth 0\n",
     "2: error: [box] interface = eth 0: it should be the name of a network interface, such as eth0\n"},
    {"interface of 16 letters", "[box]\ninterface = sixteen-letters-\n",
     "2: error: [box] interface = sixteen-letters-: it should be the name of a network interface, such as eth0\n"},
    {"name", "[box]\nname = stage_box\n",
     "2: error: [box] name = stage_box: it should be letters, digits and hyphens, at most 63\n"},
    {"name with a hyphen first", "[box]\nname = -a\n",
     "2: error: [box] name = -a: it should be letters, digits and hyphens, at most 63\n"},
    {"address without prefix; the pool is not blamed for it",
     "[box]\naddress = 10.0.0.1\n[dhcp]\npool=10.0.0.5-10.0.0.9\n",
     "2: error: [box] address = 10.0.0.1: it should be an address with its prefix length (1 to 30), such as "
     "192.168.10.10/24\n"},
    {"router", "[dhcp]\nrouter = none\n",
     "2: error: [dhcp] router = none: it should be an address, such as 192.168.10.1\n"},
    {"pool", "[dhcp]\npool = 192.168.10.50\n",
     "2: error: [dhcp] pool = 192.168.10.50: it should be two addresses with a hyphen between, such as "
     "192.168.10.50-192.168.10.250\n"},
    {"option 66, empty", "[dhcp]\noption66 =\n",
     "2: error: [dhcp] option66 is empty: it should be auto, off or a text\n"},
    {"option 150", "[dhcp]\noption150 = tftp.example\n",
     "2: error: [dhcp] option150 = tftp.example: it should be auto, off or up to 8 addresses with commas "
     "between\n"},
    {"too many servers",
     "[dhcp]\noption150 = 1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,2.2.2.2\n",
     "2: error: [dhcp] option150 = 1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,2.2.2.2: it "
     "should be auto, off or up to 8 addresses with commas between\n"},
    {"digest", "[firmware a]\nsha256 = 0011\n",
     "2: error: [firmware] sha256 = 0011: it should be 64 hexadecimal digits\n"},
    {"MAC prefix with half its colons", "[phones]\noui = 58:bfea\n",
     "2: error: [phones] oui = 58:bfea: it should be up to 64 MAC prefixes such as 58:bf:ea, with commas "
     "between\n"},
    {"MAC prefix", "[phones]\noui = 58:bf\n",
     "2: error: [phones] oui = 58:bf: it should be up to 64 MAC prefixes such as 58:bf:ea, with commas between\n"},
    {"family", GATE "family = spa50x-30x-spa50x-30x-spa50x-30x\nto=1\nneeds=1\n",
     "2: error: [gate] family = spa50x-30x-spa50x-30x-spa50x-30x: it should be a text of at most 31 characters\n"},
    {"version", "[https]\nfrom = 7.5.2b-7.5.2b-7.5.2b-7.5.2b-7.5.2b\n",
     "2: error: [https] from = 7.5.2b-7.5.2b-7.5.2b-7.5.2b-7.5.2b: it should be a version, such as 7.5.2b\n"},
    {"quotation marks", "[profile]\ntemplate = \"a b.xml\"\n",
     "2: warning: [profile] template: the quotation marks count as part of the value\n"},
    /* [dhcp.option] and [dhcp.host] */
    {"option number", "[dhcp.option]\n255 = text:x\nname = text:x\n",
     "2: error: 255 is no DHCP option: it should be a number from 1 to 254\n"
     "3: error: name is no DHCP option: it should be a number from 1 to 254\n"},
    {"option of the protocol", "[dhcp.option]\n53 = hex:05\n",
     "2: error: option 53 belongs to the protocol itself\n"},
    {"option that has a key", "[dhcp.option]\n66 = text:x\n", "2: error: option 66 is set by [dhcp] option66\n"},
    {"option twice", "[dhcp.option]\n43 = hex:05\n043 = hex:05\n",
     "3: error: option 43 is set a second time; line 2 counts\n"},
    {"option without kind", "[dhcp.option]\n43 = 05\n",
     "2: error: option 43 = 05: it should be text:..., ip:192.168.10.1 (more of them with commas) or hex:01:02\n"},
    {"option without value", "[dhcp.option]\n43 = text:\n",
     "2: error: option 43 = text:: it should be text:..., ip:192.168.10.1 (more of them with commas) or "
     "hex:01:02\n"},
    {"no MAC", "[dhcp.host]\nphone1 = 192.168.10.20\n",
     "2: error: phone1 is no phone's MAC address: it should look like 58:bf:ea:11:04:e6\n"},
    {"a group's MAC", "[dhcp.host]\n01:00:5e:00:00:01 = 192.168.10.20\n",
     "2: error: 01005e000001 is no phone's MAC address: it should look like 58:bf:ea:11:04:e6\n"},
    {"no address", "[dhcp.host]\n58bfea1104e6 = x\n",
     "2: error: 58bfea1104e6 = x: it should be an address, such as 192.168.10.20\n"},
    {"MAC twice", "[dhcp.host]\n58bfea1104e6 = 192.168.10.20\n58:BF:EA:11:04:E6 = 192.168.10.21\n",
     "3: error: 58BFEA1104E6 has an address already, in line 2\n"},
    {"address twice", "[dhcp.host]\n58bfea1104e6 = 192.168.10.20\n58bfea1104e7 = 192.168.10.20\n",
     "3: error: 192.168.10.20 is given away already, in line 2\n"},
    {"the box's own", "[dhcp.host]\n58bfea1104e6 = 192.168.10.10\n",
     "2: error: 192.168.10.10 is the box's own address\n"},
    {"the router's", "[dhcp]\nrouter=192.168.10.1\n[dhcp.host]\n58bfea1104e6 = 192.168.10.1\n",
     "4: error: 192.168.10.1 is the router's address\n"},
    {"elsewhere", "[dhcp.host]\n58bfea1104e6 = 192.168.11.20\n",
     "2: error: the fixed address 192.168.11.20 cannot be used in the network of the box, 192.168.10.0/24\n"},
    {"broadcast", "[dhcp.host]\n58bfea1104e6 = 192.168.10.255\n",
     "2: error: the fixed address 192.168.10.255 cannot be used in the network of the box, 192.168.10.0/24\n"},
    {"none of it without DHCP", "[dhcp]\nenabled=no\npool=1.1.1.1-2.2.2.2\n[dhcp.host]\n58bfea1104e6 = 1.1.1.1\n",
     ""},
    /* values that do not go together */
    {"box = network", "[box]\naddress = 10.0.0.0/24\n[dhcp]\npool=10.0.0.5-10.0.0.9\n",
     "2: error: [box] address 10.0.0.0 is the network itself or its broadcast address\n"},
    {"box = group", "[box]\naddress = 224.0.0.1/24\n",
     "2: error: [box] address 224.0.0.1 is a multicast or reserved address\n"},
    {"pool elsewhere", "[dhcp]\npool = 192.168.10.50-192.168.11.50\n[limits]\nphones=512\n",
     "2: error: [dhcp] pool: 192.168.11.50 cannot be used in the network of the box, 192.168.10.0/24\n"},
    {"pool with the network's own address", "[dhcp]\npool = 192.168.10.0-192.168.10.9\n",
     "2: error: [dhcp] pool: 192.168.10.0 cannot be used in the network of the box, 192.168.10.0/24\n"},
    {"pool the wrong way round", "[dhcp]\npool = 192.168.10.90-192.168.10.50\n",
     "2: error: [dhcp] pool: its first address is above its last\n"},
    {"pool with the box in it", "[dhcp]\npool = 192.168.10.10-192.168.10.50\n",
     "2: error: [dhcp] pool contains the box's own address 192.168.10.10\n"},
    {"pool larger than the leases",
     "[dhcp]\npool = 192.168.10.50-192.168.10.150\n[limits]\nleases=100\nphones=100\n",
     "2: warning: [dhcp] pool has 101 addresses, but [limits] leases is 100\n"},
    {"router elsewhere", "[dhcp]\nrouter = 10.0.0.1\n",
     "2: error: [dhcp] router 10.0.0.1 cannot be used in the network of the box, 192.168.10.0/24\n"},
    {"router in the pool", "[dhcp]\nrouter = 192.168.10.50\n",
     "2: error: [dhcp] router 192.168.10.50 lies in the pool\n"},
    {"lease", "[dhcp]\nlease = 9m\n",
     "2: warning: [dhcp] lease is below 10m: a phone is away for about 3 minutes while it flashes, and should find "
     "its address again\n"},
    {"resync", "[upgrade]\nresync = 59s\n",
     "2: warning: [upgrade] resync is below 60s: phones that come back so often hardly get to upgrading; 180s is "
     "known to work\n"},
    {"resync that works", "[upgrade]\nresync = 60s\n", ""},
    {"stall", "[upgrade]\nstall = 3m\n",
     "2: warning: [upgrade] stall is below 4m: a step takes a phone about 190 seconds, so sound phones would get "
     "remedies\n"},
    {"one port for two", "[http]\nport = 443\n", "2: error: [http] port and [https] port are both 443\n"},
    {"one port, the other's line", "[https]\nport = 80\n", "2: error: [http] port and [https] port are both 80\n"},
    {"one port, but only one listens", "[http]\nport = 443\n[https]\nenabled = no\n", ""},
    {"no HTTP", "[http]\nenabled = no\n",
     "2: warning: [http] enabled = no: phones load their firmware over HTTP, so none will get far\n"},
    {"capture without DNS", "[dns]\nenabled=no\ncapture=yes\n",
     "3: warning: [dns] capture does nothing while [dns] enabled = no\n"},
    {"more TLS than connections", "[limits]\nconnections = 16\n",
     "2: warning: [limits] tls is above [limits] connections (16): so many can never be used\n"},
    {"fewer leases than phones", "[limits]\nphones = 1000\n",
     "2: warning: [limits] leases (512) is below [limits] phones (1000): the others never get an address\n"},
    {"a gate that says nothing", GATE "family=spa51x\n",
     "1: error: [gate x] says nothing: it lacks `to` and `needs`, or `from` and `via`\n"},
    {"half a gate", GATE "to=>7.5.2b\n", "1: error: [gate x] has `to`, but lacks `needs`\n"},
    {"the other half", GATE "needs=7.5.2b\n", "1: error: [gate x] has `needs`, but lacks `to`\n"},
    {"half of the other kind", GATE "from=7\n", "1: error: [gate x] has `from`, but lacks `via`\n"},
    {"its other half", GATE "via=7\n", "1: error: [gate x] has `via`, but lacks `from`\n"},
    {"both kinds", GATE "to=7\nvia=7\n",
     "1: error: [gate x] has `to` or `needs` beside `from` or `via`: make two gates of it\n"},
    {"certificate without one", "[certificate a]\nfrom=7.5.6\nkey=a.key\n",
     "1: error: [certificate a] lacks `certificate`\n"},
    {"certificate without key", "[certificate a]\nfrom=7.5.6\ncertificate=a.crt\n",
     "1: error: [certificate a] lacks `key`\n"},
    {"certificate for nobody", "[certificate a]\ncertificate=a.crt\nkey=a.key\n",
     "1: error: [certificate a] lacks `from`, the oldest firmware that is shown it\n"},
    /* secrets never show */
    {"plain password", "[web]\npassword = hunter2\n",
     "2: warning: [web] password stands here in plain text: better put what `stagebox passwd` prints\n"},
    {"a hashed one", "[web]\npassword = $x$hunter2\n", ""},
    {"password in quotation marks", "[web]\npassword = \"hunter2\"\n",
     "2: warning: [web] password: the quotation marks count as part of the value\n"
     "2: warning: [web] password stands here in plain text: better put what `stagebox passwd` prints\n"},
    {"topics that nobody can tell to", "[mqtt]\nbroker = 192.168.10.3\ntopic = a/#\n",
     "3: error: [mqtt] topic a/# cannot be told to: it needs a name without + and #, such as stagebox\n"},
    {"a password for nobody", "[mqtt]\nbroker = 192.168.10.3\npassword = hunter2\n",
     "3: error: [mqtt] password needs a user: MQTT has none without the other\n"},
    {"the box as its own broker", "[mqtt]\nbroker = 192.168.10.10\n",
     "2: error: [mqtt] broker is the box itself, which is none\n"},
    {"too many passwords", "[phones]\nadmin_password = hunter2,b,c,d,e,f,g,h,i\n",
     "2: error: [phones] admin_password should be up to 8 passwords with commas between\n"},
    {"password twice", "[web]\npassword = $1\npassword = hunter2\n",
     "3: error: [web] password is set a second time; line 2 counts\n"},
    {"password behind a wrong key", "[web]\npasword = hunter2\n",
     "2: error: unknown key in [web]: pasword; did you mean password?\n"},
    {"password without a key", "[web]\npassword hunter2\n", "2: error: neither a [section] nor key = value\n"},
};

static void says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading *r = reading_of(cases[i].text);
        if (strcmp(r->said, cases[i].said) != 0)
            fail_msg("%s:\n%sinstead of\n%s", cases[i].why, r->said, cases[i].said);
        assert_null(strstr(r->said, "hunter2"));
        free(r);
    }
}

/* A sound line counts whatever is wrong elsewhere, and the first of two. */
static void sound_lines_count(void **state)
{
    (void)state;
    struct reading *r =
        reading_of("[dhcp]\nlease = x\npool = ?\n[upgrade]\ntarget = 7.6.1\ntarget = 7.5.7\nfoo=1\n");
    assert_false(r->ok);
    assert_int_equal(r->settings.dhcp.lease_s, 3600);
    assert_string_equal(r->settings.upgrade.target, "7.6.1");
    assert_int_not_equal(r->settings.dhcp.pool.first, 0);
    free(r);
}

static void medium_that_fails(void **state)
{
    (void)state;
    struct reading *r = reading_of("");
    r->text = "[box]\nname = a\n";
    r->len = strlen(r->text);
    r->fails = true;
    reading_go(r);
    assert_false(r->ok);
    assert_string_equal(r->said, "2: error: the file could not be read to its end\n");
    free(r);
}

static void too_long_a_name(void **state)
{
    (void)state;
    char text[200];
    snprintf(text, sizeof text, "[gate %0128d]\n", 0);
    struct reading *r = reading_of(text);
    assert_string_equal(r->said, "1: error: [gate] has too long a name; it is written [gate NAME]\n");
    assert_int_equal(r->settings.gate_count, 0);
    free(r);
}

/* More lines of a kind than there is room for: `more` writes number i at `out`. */
static void check_full(const char *head, int (*more)(char *out, unsigned i), unsigned count, const char *said)
{
    char *text = calloc(count + 1, 64);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, 64, "%s", head);
    for (unsigned i = 0; i < count; i++)
        len += (size_t)more(text + len, i);
    struct reading *r = reading_of(text);
    const char *sentence = strstr(r->said, "more");
    assert_non_null(sentence);
    assert_string_equal(sentence, said);
    assert_int_equal(r->problems.errors, 1);
    free(r);
    free(text);
}

static int a_gate(char *out, unsigned i)
{
    return snprintf(out, 64, "[gate %u]\nto=1\nneeds=1\n", i);
}

static int a_firmware(char *out, unsigned i)
{
    return snprintf(out, 64, "[firmware %u]\n", i);
}

static int a_certificate(char *out, unsigned i)
{
    return snprintf(out, 64, "[certificate %u]\nfrom=1\ncertificate=c\nkey=k\n", i);
}

static int a_host(char *out, unsigned i)
{
    return snprintf(out, 64, "50:00:00:00:%02x:%02x = 10.0.%u.%u\n", i >> 8, i & 255, 1 + (i >> 8), i & 255);
}

static int an_option(char *out, unsigned i)
{
    return snprintf(out, 64, "%u = text:x\n", 200 + i);
}

static void everything_is_bounded(void **state)
{
    (void)state;
    check_full("", a_gate, SETTINGS_GATES + 1, "more than 64 sections [gate NAME]\n");
    check_full("", a_firmware, SETTINGS_FIRMWARE + 1, "more than 64 sections [firmware FILE]\n");
    check_full("", a_certificate, SETTINGS_CERTIFICATES + 1, "more than 8 sections [certificate NAME]\n");
    check_full("[dhcp.option]\n", an_option, SETTINGS_OPTIONS + 1, "more than 32 lines in [dhcp.option]\n");
    check_full("[box]\naddress=10.0.255.1/16\n[dhcp.host]\n", a_host, SETTINGS_HOSTS + 1,
               "more than 512 lines in [dhcp.host]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says),
        cmocka_unit_test(sound_lines_count),
        cmocka_unit_test(medium_that_fails),
        cmocka_unit_test(too_long_a_name),
        cmocka_unit_test(everything_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
