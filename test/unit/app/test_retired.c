/* More phones than [limits] phones: who is done makes room, stays in the report, and comes back as it was. */
#include "test/unit/app/https_house.h"

#include "app/record/batch.h"

#define PLACES 4
#define INI "[limits]\nphones = 4\n[profile]\ntemplate = profiles/full.xml\nauth = none\ntransport = any\n"
#define BOOT_MS 30000   /* until a phone asks first; who is turned away has booted */
#define FLASH_MS 180000 /* from its file to its next request */
#define AGAIN_MS 10000  /* as Retry-After says */
#define START_MS INT64_C(1800000000000)

static struct house *open_places(void)
{
    return house_open_at(INI, START_MS);
}

static struct mac mac_of(unsigned number)
{
    return (struct mac){{0x58, 0xbf, 0xea, 0x12, 0x00, (uint8_t)number}};
}

static struct phone *row(struct house *h, unsigned number)
{
    return registry_by_mac(&h->staging->registry, mac_of(number));
}

/* Asks and takes all of it, or where !whole half. */
static enum staging_kind take(struct house *h, unsigned number, const char *version, const char *path, bool whole,
                              enum stage *stage)
{
    char agent[80];
    struct staging_answer answer;
    snprintf(agent, sizeof agent, "Cisco/SPA514G-%s (58BFEA1200%02X)(SERIAL%u)", version, number, number);
    struct staging_request request = {.carrier = CARRIER_HTTP, .address = HOUSE_PHONE + number, .path = path,
                                      .path_len = strlen(path), .user_agent = agent, .user_agent_len = strlen(agent)};
    staging_ask(h->staging, &request, &answer);
    if (answer.delivery) {
        *stage = answer.delivery->stage;
        staging_progress(h->staging, answer.delivery, whole ? answer.size : answer.size / 2);
        staging_end(h->staging, answer.delivery, whole);
    }
    staging_commit(h->staging);
    return answer.kind;
}

static enum staging_kind get(struct house *h, unsigned number, const char *version, const char *path, enum stage *stage)
{
    return take(h, number, version, path, true, stage);
}

static enum staging_kind ask(struct house *h, unsigned number, const char *version, enum stage *stage)
{
    return get(h, number, version, "/", stage);
}

static void wait_ms(struct house *h, uint64_t ms)
{
    fake_set_now(h->port, fake_now(h->port) + ms);
    fake_set_wall(h->port, true, START_MS + (int64_t)fake_now(h->port));
    timers_run(&h->timers, fake_now(h->port));
}

/* At the target at once: done with its first request. */
static void finish(struct house *h, unsigned number)
{
    enum stage stage;
    assert_int_equal(ask(h, number, "7.5.7", &stage), STAGING_PROFILE);
    assert_int_equal(stage, STAGE_FINAL);
    wait_ms(h, AGAIN_MS);
}

static const char *report(const struct house *h, enum report_format format)
{
    static char text[65536];
    struct out out;
    out_window(&out, text, sizeof text - 1, 0);
    batch_write(h->staging, format, false, START_MS, &out);
    assert_true(out_whole(&out));
    text[out_filled(&out)] = '\0';
    return text;
}

static unsigned times(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

/* Each of `count` phones has one line, which says that it is done. */
static void check_report(const struct house *h, unsigned count)
{
    char mac[16];
    const char *text = report(h, REPORT_CSV);
    assert_int_equal(times(text, ",done,"), count);
    for (unsigned i = 1; i <= count; i++) {
        snprintf(mac, sizeof mac, "58bfea1200%02x", i);
        assert_int_equal(times(text, mac), 1);
    }
    char total[40];
    snprintf(total, sizeof total, "\"phones\":%u,\"done\":%u}", count, count);
    assert_non_null(strstr(report(h, REPORT_JSON), total));
    assert_int_equal(staging_count(h->staging), count);
}

/* The dashboard has a sentence that begins like this. */
static bool warns(const struct house *h, const char *begin)
{
    const char *text;
    for (size_t i = 0; (text = staging_warning_text(h->staging, i)); i++)
        if (strncmp(text, begin, strlen(begin)) == 0)
            return true;
    return false;
}

/* -- a batch by the clock ---------------------------------------------------------------------------- */

enum step { STEP_BOOTING, STEP_FLASHING, STEP_DONE };
struct fake_phone {
    enum step step;
    uint64_t at;
};

static void go_on(struct house *h, unsigned number, struct fake_phone *p)
{
    enum stage stage;
    uint64_t now = fake_now(h->port);
    if (p->step == STEP_DONE || now < p->at)
        return;
    p->at = now + AGAIN_MS;
    if (ask(h, number, p->step == STEP_BOOTING ? "7.5.5" : "7.5.7", &stage) != STAGING_PROFILE)
        return;
    if (p->step == STEP_BOOTING) {
        assert_int_equal(stage, STAGE_LADDER);
        assert_int_equal(get(h, number, "7.5.5", "/spa51x-7-5-7.bin", &stage), STAGING_IMAGE);
        p->at = now + FLASH_MS;
        p->step = STEP_FLASHING;
    } else if (stage == STAGE_FINAL) {
        p->step = STEP_DONE;
    }
}

static uint64_t play(struct house *h, unsigned count)
{
    struct fake_phone phone[2 * PLACES] = {{STEP_BOOTING, 0}};
    uint64_t begin = fake_now(h->port);
    for (unsigned i = 0; i < count; i++)
        phone[i] = (struct fake_phone){STEP_BOOTING, begin + BOOT_MS};
    for (unsigned done = 0; done < count;) {
        wait_ms(h, 1000);
        done = 0;
        for (unsigned i = 0; i < count; i++) {
            go_on(h, i + 1, &phone[i]);
            done += phone[i].step == STEP_DONE;
        }
        assert_true(fake_now(h->port) - begin < 3600000);
    }
    return fake_now(h->port) - begin;
}

static void twice_as_many_take_twice_the_time(void **state)
{
    (void)state;
    struct house *h = open_places();
    uint64_t once = play(h, PLACES);
    check_report(h, PLACES);
    house_close(h);
    h = open_places();
    assert_true(play(h, 2 * PLACES) <= 2 * once);
    check_report(h, 2 * PLACES);
    assert_int_equal(times(report(h, REPORT_CSV), "7.5.5 > 7.5.7"), times(report(h, REPORT_CSV), ",done,"));
    house_restart(h);
    check_report(h, 2 * PLACES);
    house_restart(h); /* now from a snapshot */
    check_report(h, 2 * PLACES);
    house_close(h);
}

/* -- who makes room, and who does not ------------------------------------------------------------------ */

static void the_one_done_longest_makes_room(void **state)
{
    (void)state;
    struct house *h = open_places();
    for (unsigned i = 1; i <= PLACES + 2; i++)
        finish(h, i);
    assert_null(row(h, 1));
    assert_null(row(h, 2));
    for (unsigned i = 3; i <= PLACES + 2; i++)
        assert_non_null(row(h, i));
    assert_true(staging_is_done(h->staging, mac_of(1)));
    assert_true(warns(h, "More phones than [limits] phones"));
    assert_false(warns(h, "The table of phones is full"));
    house_close(h);
}

static void who_is_not_done_stays(void **state)
{
    (void)state;
    struct house *h = open_places();
    enum stage stage;
    for (unsigned i = 1; i <= PLACES; i++) /* half of them below the target, the others without their configuration */
        assert_int_equal(take(h, i, i % 2 ? "7.5.5" : "7.5.7", "/", i % 2, &stage), STAGING_PROFILE);
    wait_ms(h, AGAIN_MS);
    assert_int_equal(ask(h, PLACES + 1, "7.5.5", &stage), STAGING_BUSY);
    assert_true(warns(h, "The table of phones is full"));
    for (unsigned i = 1; i <= PLACES; i++)
        assert_non_null(row(h, i));
    house_close(h);
}

static void who_was_just_heard_of_stays(void **state)
{
    (void)state;
    struct house *h = open_places();
    enum stage stage;
    for (unsigned i = 1; i <= PLACES; i++)
        finish(h, i);
    for (unsigned i = 1; i <= PLACES; i++)
        assert_int_equal(ask(h, i, "7.5.7", &stage), STAGING_PROFILE);
    assert_int_equal(ask(h, PLACES + 1, "7.5.5", &stage), STAGING_BUSY);
    wait_ms(h, AGAIN_MS);
    assert_int_equal(ask(h, PLACES + 1, "7.5.5", &stage), STAGING_PROFILE);
    house_close(h);
}

static void there_is_an_end(void **state)
{
    (void)state;
    struct house *h = open_places();
    enum stage stage;
    for (unsigned i = 1; i <= 2 * PLACES; i++)
        finish(h, i);
    assert_int_equal(ask(h, 2 * PLACES + 1, "7.5.5", &stage), STAGING_BUSY);
    check_report(h, 2 * PLACES);
    finish(h, 1); /* but who was here has a place */
    check_report(h, 2 * PLACES);
    house_close(h);
}

/* -- back again ------------------------------------------------------------------------------------------ */

static void it_comes_back_as_it_was(void **state)
{
    (void)state;
    struct house *h = open_places();
    finish(h, 1);
    struct phone before = *row(h, 1);
    for (unsigned i = 2; i <= PLACES + 1; i++)
        finish(h, i);
    assert_null(row(h, 1));
    for (int round = 0; round < 2; round++) {
        finish(h, 1);
        const struct phone *after = row(h, 1);
        assert_non_null(after);
        assert_true(before.done_at.wall_ms == after->done_at.wall_ms);
        assert_true(before.first_seen.wall_ms == after->first_seen.wall_ms);
        assert_true(before.configured.wall_ms == after->configured.wall_ms);
        assert_string_equal(before.serial, after->serial);
        assert_int_equal(before.next_token, after->next_token);
        check_report(h, PLACES + 1);
        house_restart(h);
    }
    house_close(h);
}

/* Reset to another site's version while it was away: it is staged anew, on its own row. */
static void it_is_staged_anew(void **state)
{
    (void)state;
    struct house *h = open_places();
    enum stage stage;
    for (unsigned i = 1; i <= PLACES + 1; i++)
        finish(h, i);
    assert_int_equal(ask(h, 1, "7.5.5", &stage), STAGING_PROFILE);
    assert_int_equal(stage, STAGE_LADDER);
    assert_int_equal(staging_count(h->staging), PLACES + 1);
    house_close(h);
}

static void a_lease_alone_does_not_bring_it_back(void **state)
{
    (void)state;
    struct house *h = open_places();
    struct staging_lease lease = {.mac = mac_of(1), .address = HOUSE_PHONE + 1, .fresh = true, .vendor_class = "",
                                  .host_name = ""};
    for (unsigned i = 1; i <= PLACES + 1; i++)
        finish(h, i);
    staging_leased(h->staging, &lease);
    assert_null(row(h, 1));
    check_report(h, PLACES + 1);
    house_close(h);
}

static void an_operator_can_forget_it(void **state)
{
    (void)state;
    struct house *h = open_places();
    for (unsigned i = 1; i <= PLACES + 1; i++)
        finish(h, i);
    const struct phone *phone = staging_find(h->staging, mac_of(1), "");
    assert_non_null(phone);
    assert_true(staging_act(h->staging, phone, STAGING_FORGET));
    assert_int_equal(staging_count(h->staging), PLACES);
    house_restart(h);
    assert_int_equal(staging_count(h->staging), PLACES);
    assert_int_equal(times(report(h, REPORT_CSV), "58bfea120001"), 0);
    house_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_as_many_take_twice_the_time),
        cmocka_unit_test(the_one_done_longest_makes_room),
        cmocka_unit_test(who_is_not_done_stays),
        cmocka_unit_test(who_was_just_heard_of_stays),
        cmocka_unit_test(there_is_an_end),
        cmocka_unit_test(it_comes_back_as_it_was),
        cmocka_unit_test(it_is_staged_anew),
        cmocka_unit_test(a_lease_alone_does_not_bring_it_back),
        cmocka_unit_test(an_operator_can_forget_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
