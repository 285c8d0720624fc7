/* https_house.h - staging as a whole over a fake port, with a card of settings, one image, and certificates
 * made for the test: for what a phone is told of HTTPS, and what follows.
 */
#ifndef STAGEBOX_TEST_HTTPS_HOUSE_H
#define STAGEBOX_TEST_HTTPS_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "app/check.h"
#include "app/content/x509_make.h"
#include "app/staging/core.h"
#include "test/unit/app/heard.h"
#include "test/unit/fake_port/fake_port.h"

#define HOUSE_HTTP "http://192.168.10.10/$MA.xml"
#define HOUSE_AGENT(version) "Cisco/SPA514G-" version " (58BFEA1104E6)(CCQ16380FYH)"

static const struct mac house_mac = {{0x58, 0xbf, 0xea, 0x11, 0x04, 0xe6}};
#define HOUSE_PHONE UINT32_C(0xc0a80a32) /* 192.168.10.50 */

struct house {
    struct port *port;
    struct settings *settings;
    struct content content;
    struct timers timers;
    struct journal *journal;
    struct staging *staging;
    struct heard heard;
    struct staging_certificate *certificate; /* what the phone shows over HTTPS; NULL: nothing */
    char profile[STAGING_TEXT_MAX]; /* the last answer */
    enum staging_kind kind;
    enum stage stage;
};

/* Certificates cost time: one CA and two servers for all tests of a program. */
static struct x509_made house_made[3];
enum { HOUSE_CA, HOUSE_OLD, HOUSE_NEW };

static inline void house_make_certificates(struct port *port)
{
    const char *why = "";
    const char *names[] = {"box.example"};
    struct x509_wish wish = {.common_name = "Test CA", .key_bits = 1024, .digest = X509_SHA256,
                             .not_before = "19700101000000", .not_after = "20371231235959"};
    if (house_made[HOUSE_CA].key[0])
        return;
    assert_true(x509_make_ca(port, &wish, &house_made[HOUSE_CA], &why));
    const char *ca = house_made[HOUSE_CA].certificate, *key = house_made[HOUSE_CA].key;
    wish.alt_names = names;
    wish.alt_count = 1;
    for (int i = HOUSE_OLD; i <= HOUSE_NEW; i++) {
        wish.common_name = i == HOUSE_OLD ? "box.example" : "new.example";
        assert_true(x509_make_server(port, &wish, ca, strlen(ca), key, strlen(key), &house_made[i], &why));
    }
}

static inline bool house_lease(void *ctx, ip4 address, struct staging_lease *out)
{
    (void)ctx;
    *out = (struct staging_lease){.mac = house_mac, .address = address, .vendor_class = "", .host_name = ""};
    return address == HOUSE_PHONE;
}

static inline void house_record(void *ctx, const struct journal_record *record)
{
    staging_restore(ctx, record);
}

static inline bool house_snapshot(void *ctx, struct journal *journal, uint64_t *cursor)
{
    return staging_snapshot(ctx, journal, cursor);
}

static inline void house_open_staging(struct house *h)
{
    struct journal_loss loss;
    char id[JOURNAL_STATE_ID_MAX];
    timers_init(&h->timers);
    struct staging_options options = {.port = h->port, .settings = h->settings, .content = &h->content,
                                      .timers = &h->timers, .journal = h->journal,
                                      .hooks = {.lease_by_address = house_lease}, .seed = {1, 2}};
    h->staging = staging_open(&options);
    assert_non_null(h->staging);
    assert_int_equal(journal_load(h->journal, h->port, JOURNAL_FILE_A, JOURNAL_FILE_B, JOURNAL_SIZE_MIN, house_record,
                                  h->staging, &loss), 0);
    staging_restored(h->staging, journal_state_id(h->journal, id));
    journal_start(h->journal, house_snapshot, h->staging, fake_now(h->port));
    staging_serves_https(h->staging, certs_serve(&h->content.certs, h->settings));
}

/* Reads the card anew with these settings behind those of [box]. */
static inline void house_read(struct house *h, const char *ini)
{
    char text[2048];
    struct problems *problems = heard_clear(&h->heard);
    snprintf(text, sizeof text, "[box]\ninterface = eth0\naddress = 192.168.10.10/24\n%s", ini);
    fake_file_text(h->port, "stagebox.ini", text);
    check_file(h->port, "stagebox.ini", h->settings, problems);
    content_read(&h->content, h->settings, "stagebox.ini", problems);
    check_ahead(h->settings, &h->content, "stagebox.ini", problems);
    if (h->staging)
        staging_reloaded(h->staging);
}

static inline void house_put_pair(struct house *h, const char *stem, int which)
{
    char path[64];
    snprintf(path, sizeof path, "%s.crt", stem);
    fake_file_text(h->port, path, house_made[which].certificate);
    snprintf(path, sizeof path, "%s.key", stem);
    fake_file_text(h->port, path, house_made[which].key);
}

/* A card with the image 7.5.7 for 51x phones, certs/server and certs/client-ca.pem. */
static inline struct house *house_card(void)
{
    struct house *h = calloc(1, sizeof *h);
    const uint64_t seed[2] = {3, 4};
    h->port = fake_port_new();
    h->settings = calloc(1, sizeof *h->settings);
    h->journal = calloc(1, sizeof *h->journal);
    house_make_certificates(h->port);
    fake_file_text(h->port, "firmware/spa51x-7-5-7.bin", "an image of the 51x family, for all that is known");
    fake_file_text(h->port, "certs/client-ca.pem", house_made[HOUSE_CA].certificate);
    house_put_pair(h, "certs/server", HOUSE_OLD);
    assert_true(content_open(&h->content, h->port, seed));
    return h;
}

static inline struct house *house_open(const char *ini)
{
    struct house *h = house_card();
    house_read(h, ini);
    assert_int_equal(h->heard.problems.errors, 0);
    house_open_staging(h);
    return h;
}

/* With a clock that is set, and a final configuration. */
static inline struct house *house_open_at(const char *ini, int64_t wall_ms)
{
    struct house *h = house_card();
    fake_set_wall(h->port, true, wall_ms);
    fake_file_text(h->port, "profiles/full.xml", "<flat-profile><Proxy_1_>the-site</Proxy_1_></flat-profile>");
    house_read(h, ini);
    house_open_staging(h);
    return h;
}

static inline void house_close(struct house *h)
{
    staging_close(h->staging);
    journal_close(h->journal, fake_now(h->port));
    content_close(&h->content);
    fake_port_free(h->port);
    free(h->settings);
    free(h->journal);
    free(h);
}

/* A kill and a new start. */
static inline void house_restart(struct house *h)
{
    staging_commit(h->staging);
    staging_close(h->staging);
    depot_close(h->content.depot);
    h->content.depot = NULL;
    content_close(&h->content);
    fake_port_restart(h->port);
    const uint64_t seed[2] = {3, 4};
    memset(h->journal, 0, sizeof *h->journal);
    assert_true(content_open(&h->content, h->port, seed));
    content_read(&h->content, h->settings, "stagebox.ini", heard_clear(&h->heard));
    house_open_staging(h);
}

static inline struct phone *house_phone(const struct house *h)
{
    return registry_by_mac(&h->staging->registry, house_mac);
}

/* The phone's row as the dashboard has it. */
static inline const char *house_row(const struct house *h)
{
    static char note[STATUS_NOTE_MAX];
    struct ladder_plan plan;
    staging_plan(h->staging, house_phone(h), &plan);
    return status_note(house_phone(h), status_of(house_phone(h), &plan), &plan, note);
}

/* The phone asks for `path` and takes all of the answer. */
static inline const char *house_get(struct house *h, enum carrier carrier, const char *agent, const char *path)
{
    struct staging_answer answer;
    const struct certs_pair *pair = carrier == CARRIER_HTTPS ? staging_pair(h->staging, HOUSE_PHONE) : NULL;
    struct staging_request request = {
        .carrier = carrier,
        .address = HOUSE_PHONE,
        .path = path,
        .path_len = strlen(path),
        .user_agent = agent,
        .user_agent_len = agent ? strlen(agent) : 0,
        .certificate = carrier == CARRIER_HTTPS ? h->certificate : NULL,
        .shown = pair ? pair->id : 0,
    };
    staging_ask(h->staging, &request, &answer);
    h->kind = answer.kind;
    h->profile[0] = '\0';
    if (!answer.delivery)
        return h->profile;
    h->stage = answer.delivery->stage;
    assert_true(answer.size < sizeof h->profile);
    memcpy(h->profile, answer.data, (size_t)answer.size);
    h->profile[answer.size] = '\0';
    fake_set_now(h->port, fake_now(h->port) + 1);
    staging_end(h->staging, answer.delivery, true);
    staging_commit(h->staging);
    fake_set_now(h->port, fake_now(h->port) + 1);
    return h->profile;
}

static inline const char *house_ask(struct house *h, enum carrier carrier, const char *agent)
{
    return house_get(h, carrier, agent, "/58bfea1104e6.xml");
}

/* The value of a parameter in the last profile; NULL where it is left out. */
static inline const char *house_value(const struct house *h, const char *name)
{
    static char out[4][256];
    static int turn;
    char open[80], shut[80];
    snprintf(open, sizeof open, "<%s>", name);
    snprintf(shut, sizeof shut, "</%s>", name);
    const char *at = strstr(h->profile, open);
    const char *end = at ? strstr(at, shut) : NULL;
    if (!end)
        return NULL;
    char *value = out[turn++ % 4];
    snprintf(value, sizeof out[0], "%.*s", (int)(end - at - (ptrdiff_t)strlen(open)), at + strlen(open));
    return value;
}

static inline void house_refuse(struct house *h, const char *words)
{
    const struct certs_pair *pair = staging_pair(h->staging, HOUSE_PHONE);
    staging_handshake_failed(h->staging, HOUSE_PHONE, pair ? pair->id : 0, words);
    staging_commit(h->staging);
}

/* The next resync. */
static inline void house_wait(struct house *h)
{
    fake_set_now(h->port, fake_now(h->port) + 180000);
}

#define assert_rules(h, rule, rule_b)                                                                              \
    do {                                                                                                           \
        assert_string_equal(house_value(h, "Profile_Rule"), rule);                                                 \
        assert_string_equal(house_value(h, "Profile_Rule_B"), rule_b);                                             \
    } while (0)

#endif
