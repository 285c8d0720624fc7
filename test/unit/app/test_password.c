/* PBKDF2 of the operator's password, and the bookkeeping of sessions and guesses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/web/password.h"
#include "app/web/session.h"

/* made with Python's hashlib.pbkdf2_hmac("sha256", b"correct horse", bytes(range(16)), 1000) */
static const uint8_t salt[PASSWORD_SALT] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const char known[] = "$pbkdf2-sha256$1000$000102030405060708090a0b0c0d0e0f$"
                            "c914cc4f06cc6e8f46d157e3a1b5aa7abceebb17bb0444cd4c4ac16ca2ae9864";

static void is_pbkdf2(void **state)
{
    char out[PASSWORD_HASH_MAX];
    (void)state;
    assert_true(password_hash("correct horse", 13, salt, 1000, out));
    assert_string_equal(out, known);
    assert_false(password_hash("", 0, salt, 1000, out));
}

static void fits(void **state)
{
    static const struct {
        const char *why, *stored, *password;
        bool fits;
    } cases[] = {
        {"the right one", known, "correct horse", true},
        {"another one", known, "correct hors", false},
        {"the hash is not the password", known, known, false},
        {"none", known, "", false},
        {"nothing is set: nobody gets in", "", "", false},
        {"plain", "secret", "secret", true},
        {"plain, longer", "secret", "secrets", false},
        {"a hash cut short", "$pbkdf2-sha256$1000$00010203", "x", false},
        {"no rounds", "$pbkdf2-sha256$0$000102030405060708090a0b0c0d0e0f$00", "x", false},
        {"another kind is no plain password", "$6$abc$def", "$6$abc$def", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (password_fits(cases[i].stored, cases[i].password, strlen(cases[i].password)) != cases[i].fits)
            fail_msg("%s", cases[i].why);
}

#define A UINT32_C(0xc0a80a02)
#define B UINT32_C(0xc0a80a03)

static void slows_guessing(void **state)
{
    static struct sessions s;
    (void)state;
    sessions_init(&s);
    for (unsigned i = 0; i < SESSION_TRIES; i++) {
        assert_int_equal(sessions_wait_s(&s, A, 1000 * i), 0);
        sessions_wrong(&s, A, 1000 * i);
    }
    assert_int_equal(sessions_wait_s(&s, A, 4000), 56);
    assert_int_equal(sessions_wait_s(&s, B, 4000), 0);
    assert_int_equal(sessions_wait_s(&s, A, 60000), 0);
    sessions_wrong(&s, A, 60000);
    assert_int_equal(sessions_wait_s(&s, A, 60000), 1); /* the second of the first five is 59 s old */
}

static void slows_guessing_from_everywhere(void **state)
{
    static struct sessions s;
    (void)state;
    sessions_init(&s);
    for (ip4 i = 1; i <= SESSION_GUESSERS_MAX; i++)
        sessions_wrong(&s, i, 10);
    for (ip4 i = 0; i < SESSION_TRIES; i++)
        sessions_wrong(&s, A + i, 20);
    assert_true(sessions_wait_s(&s, B + 100, 30) > 0); /* a fresh address, but no place is left */
    assert_int_equal(sessions_wait_s(&s, 1, 30), 0);
}

static struct http_slice cookie(char buf[80], const char *value)
{
    strcpy(buf, "a=b; " SESSION_COOKIE "=");
    strcat(buf, value);
    return http_slice(buf);
}

static void sessions_stand_and_end(void **state)
{
    static struct sessions s;
    uint8_t token[SESSION_TOKEN] = {0xab, 1, 2};
    char value[SESSION_TEXT_MAX], buf[80];
    (void)state;
    sessions_init(&s);
    assert_false(sessions_has(&s, http_slice(SESSION_COOKIE "=00000000000000000000000000000000"), 0));
    sessions_add(&s, token, 100, value);
    assert_true(sessions_has(&s, cookie(buf, value), 200));
    assert_true(sessions_has(&s, cookie(buf, value), 100 + SESSION_IDLE_MS));
    assert_false(sessions_has(&s, cookie(buf, value), 200 + 2 * SESSION_IDLE_MS));
    sessions_add(&s, token, 100, value);
    assert_true(sessions_end(&s, cookie(buf, value)));
    assert_false(sessions_has(&s, cookie(buf, value), 200));
    value[0] = value[0] == '0' ? '1' : '0';
    assert_false(sessions_end(&s, cookie(buf, value)));
}

static void the_oldest_session_makes_room(void **state)
{
    static struct sessions s;
    char first[SESSION_TEXT_MAX], value[SESSION_TEXT_MAX], buf[80];
    uint8_t token[SESSION_TOKEN] = {1};
    (void)state;
    sessions_init(&s);
    sessions_add(&s, token, 1, first);
    for (unsigned i = 0; i < SESSIONS_MAX; i++) {
        token[1] = (uint8_t)(i + 1);
        sessions_add(&s, token, 10 + i, value);
    }
    assert_int_equal(sessions_count(&s, 100), SESSIONS_MAX);
    assert_false(sessions_has(&s, cookie(buf, first), 100));
    assert_true(sessions_has(&s, cookie(buf, value), 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_pbkdf2),
        cmocka_unit_test(fits),
        cmocka_unit_test(slows_guessing),
        cmocka_unit_test(slows_guessing_from_everywhere),
        cmocka_unit_test(sessions_stand_and_end),
        cmocka_unit_test(the_oldest_session_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
