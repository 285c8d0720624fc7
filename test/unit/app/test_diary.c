/* The log's last lines, and each phone's time line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/web/diary.h"

static void say(struct diary *diary, size_t place, uint32_t generation, enum port_level level, unsigned number)
{
    struct diary_line line = {.uptime_ms = number, .level = (uint8_t)level};
    snprintf(line.text, sizeof line.text, "%u", number);
    diary_add(diary, place, generation, place == DIARY_NOBODY ? "" : "58bfea1104e6", &line);
}

/* The numbers that a time line holds, as text. */
static const char *line_of(const struct diary *diary, size_t place, uint32_t generation, bool chatter)
{
    static char text[2000];
    struct diary_reader reader = {0};
    text[0] = '\0';
    for (const struct diary_line *line; (line = diary_read(diary, place, generation, chatter, &reader));)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", line->text);
    return text;
}

static void the_log_keeps_the_last_lines(void **state)
{
    struct diary *diary = diary_open(1, DIARY_VIEWERS);
    const char *who;
    (void)state;
    for (unsigned i = 0; i < DIARY_LOG + 10; i++)
        say(diary, i % 2 ? 0 : DIARY_NOBODY, 1, PORT_INFO, i);
    say(diary, 0, 1, PORT_DEBUG, 9999);
    assert_int_equal(diary_next(diary), DIARY_LOG + 10); /* no chatter in it */
    assert_null(diary_log(diary, 9, &who));
    assert_null(diary_log(diary, DIARY_LOG + 10, &who));
    assert_string_equal(diary_log(diary, 10, &who)->text, "10");
    assert_string_equal(who, "");
    assert_string_equal(diary_log(diary, DIARY_LOG + 9, &who)->text, "265");
    assert_string_equal(who, "58bfea1104e6");
    diary_close(diary);
}

static void chatter_stands_in_its_place_and_drives_nothing_out(void **state)
{
    struct diary *diary = diary_open(2, DIARY_VIEWERS);
    (void)state;
    assert_string_equal(line_of(diary, 1, 7, true), "");
    say(diary, 1, 7, PORT_INFO, 1);
    say(diary, 1, 7, PORT_DEBUG, 2);
    say(diary, 1, 7, PORT_WARNING, 3);
    assert_string_equal(line_of(diary, 1, 7, true), "1 2 3 ");
    assert_string_equal(line_of(diary, 1, 7, false), "1 3 ");
    for (unsigned i = 0; i < 1000; i++)
        say(diary, 1, 7, PORT_DEBUG, 10 + i);
    assert_string_equal(line_of(diary, 1, 7, false), "1 3 ");
    assert_memory_equal(line_of(diary, 1, 7, true), "1 3 994 995 ", 12);
    assert_string_equal(line_of(diary, 0, 0, true), "");
    diary_close(diary);
}

static void old_lines_make_room(void **state)
{
    struct diary *diary = diary_open(1, DIARY_VIEWERS);
    char first[16];
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        say(diary, 0, 1, PORT_INFO, i);
    int len = snprintf(first, sizeof first, "%d ", 1000 - DIARY_PHONE_LINES);
    assert_memory_equal(line_of(diary, 0, 1, true), first, (size_t)len);
    diary_close(diary);
}

/* Lines of any length, the longest included, come out as they went in; long ones are fewer. */
static void lines_of_any_length(void **state)
{
    struct diary *diary = diary_open(2, DIARY_VIEWERS);
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct diary_line line = {.uptime_ms = i, .wall_ms = -(int64_t)i, .level = i % 2 ? PORT_DEBUG : PORT_WARNING};
        memset(line.text, 'a' + (int)(i % 26), i < 2000 ? i * 7 % DIARY_LINE_MAX : DIARY_LINE_MAX - 1);
        diary_add(diary, 1, 1, "", &line);
        struct diary_reader reader = {0};
        size_t seen = 0;
        const struct diary_line *last = NULL;
        for (const struct diary_line *read; (read = diary_read(diary, 1, 1, true, &reader)); last = read, seen++) {
            unsigned number = (unsigned)read->uptime_ms;
            size_t len = number < 2000 ? number * 7 % DIARY_LINE_MAX : DIARY_LINE_MAX - 1;
            assert_int_equal(read->wall_ms, -(int64_t)number);
            assert_int_equal(read->level, number % 2 ? PORT_DEBUG : PORT_WARNING);
            assert_int_equal(strlen(read->text), len);
            assert_int_equal(strspn(read->text, (char[]){(char)('a' + number % 26), 0}), len);
        }
        assert_non_null(last);
        assert_int_equal(last->uptime_ms, i);
        if (i > 2500)
            assert_in_range(seen, 20, 40);
    }
    diary_close(diary);
}

/* A phone's place may be another one's later. */
static void a_successor_begins_anew(void **state)
{
    struct diary *diary = diary_open(1, DIARY_VIEWERS);
    (void)state;
    say(diary, 0, 1, PORT_INFO, 1);
    say(diary, 0, 1, PORT_DEBUG, 2);
    assert_string_equal(line_of(diary, 0, 2, true), "");
    say(diary, 0, 2, PORT_INFO, 3);
    assert_string_equal(line_of(diary, 0, 2, true), "3 ");
    assert_string_equal(line_of(diary, 0, 1, true), "");
    assert_string_equal(line_of(diary, 5, 1, true), "");
    diary_close(diary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_keeps_the_last_lines),
        cmocka_unit_test(chatter_stands_in_its_place_and_drives_nothing_out),
        cmocka_unit_test(old_lines_make_room),
        cmocka_unit_test(lines_of_any_length),
        cmocka_unit_test(a_successor_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
