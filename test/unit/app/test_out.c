#include "app/arena.h"
#include "app/out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void text(struct out *out)
{
    out_text(out, "abc");
    out_char(out, '-');
    out_u64(out, 0);
    out_u64(out, UINT64_MAX);
    out_bytes(out, "", 0);
    out_text(out, "xyz");
}

static void every_window_shows_its_part(void **state)
{
    (void)state;
    static const char whole[] = "abc-018446744073709551615xyz";
    const size_t len = sizeof whole - 1;
    for (size_t skip = 0; skip <= len + 2; skip++) {
        for (size_t cap = 0; cap <= len + 2; cap++) {
            char *buf = malloc(cap > 0 ? cap : 1);
            struct out out;
            out_window(&out, buf, cap, skip);
            text(&out);
            size_t left = skip < len ? len - skip : 0;
            assert_int_equal(out.total, len);
            assert_int_equal(out_filled(&out), left < cap ? left : cap);
            assert_memory_equal(buf, whole + (skip < len ? skip : 0), out_filled(&out));
            assert_int_equal(out_whole(&out), skip == 0 && cap >= len);
            free(buf);
        }
    }
}

struct taken {
    char text[64];
    size_t len, limit;
};

static bool take(void *ctx, const char *piece, size_t len)
{
    struct taken *taken = ctx;
    if (taken->len + len > taken->limit)
        return false;
    memcpy(taken->text + taken->len, piece, len);
    taken->len += len;
    return true;
}

static void a_sink_that_refuses_gets_no_more(void **state)
{
    (void)state;
    struct taken taken = {.limit = 64};
    struct out out;
    out_sink(&out, take, &taken);
    text(&out);
    assert_true(out_whole(&out));
    assert_int_equal(taken.len, 28);
    taken = (struct taken){.limit = 5};
    out_sink(&out, take, &taken);
    text(&out);
    assert_true(out.failed);
    assert_int_equal(taken.len, 5);
    assert_int_equal(out.total, 28);
}

static void an_arena_gives_what_it_has(void **state)
{
    (void)state;
    unsigned char *block = malloc(256);
    struct arena arena;
    memset(block, 0xff, 256);
    arena_init(&arena, block, 256);
    unsigned char *a = arena_take(&arena, 3, 5);
    uint64_t *b = arena_take(&arena, 2, sizeof *b);
    assert_ptr_equal(a, block);
    assert_int_equal((uintptr_t)b % _Alignof(max_align_t), 0);
    assert_int_equal(b[0] | b[1] | a[14], 0);
    assert_null(arena_take(&arena, SIZE_MAX / 2, 4));
    assert_true(arena.failed);
    arena_init(&arena, block, 256);
    assert_non_null(arena_take(&arena, 256, 1));
    assert_non_null(arena_take(&arena, 0, 8));
    assert_null(arena_take(&arena, 1, 1));
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_window_shows_its_part),
        cmocka_unit_test(a_sink_that_refuses_gets_no_more),
        cmocka_unit_test(an_arena_gives_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
