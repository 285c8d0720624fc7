/* test_printf.c - the bare-metal board's snprintf() beside the machine's. */
#include <stdarg.h>
#include <stdio.h>

#define vsnprintf board_vsnprintf
#define snprintf board_snprintf
int board_vsnprintf(char *out, size_t cap, const char *format, va_list args);
int board_snprintf(char *out, size_t cap, const char *format, ...);
#include "boards/orange-pi-pc/printf.c"
#undef vsnprintf
#undef snprintf

#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#define SAME(...)                                                  \
    do {                                                           \
        char ours[100], theirs[100];                               \
        int a = board_snprintf(ours, sizeof ours, __VA_ARGS__);    \
        int b = snprintf(theirs, sizeof theirs, __VA_ARGS__);      \
        assert_string_equal(ours, theirs);                         \
        assert_int_equal(a, b);                                    \
    } while (0)

static void as_the_machine_does(void **state)
{
    (void)state;
    static const int numbers[] = {0, 1, -1, 9, 10, 255, -4096, 2147483647, -2147483647 - 1};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int n = numbers[i];
        SAME("%d|%5d|%-5d|%05d|%+d|% d|%.3d|%8.3d", n, n, n, n, n, n, n, n);
        SAME("%u|%x|%X|%08x|%hhx|%hu", (unsigned)n, (unsigned)n, (unsigned)n, (unsigned)n, (unsigned char)n, (unsigned short)n);
        SAME("%lld|%llu|%20lld", n * 1000000000LL, (unsigned long long)n * 1000000000ULL, n * 1000000000LL);
        SAME("%.0f|%.1f|%.3f|%.6g|%8.2f", n / 7.0, n / 7.0, n / 7.0, n < 100000 && n > -100000 ? n / 7.0 : 0.0, n / 7.0);
    }
    SAME("%s|%10s|%-10s|%.2s|%.*s|%*s|%c%%", "text", "text", "text", "text", 3, "text", 6, "text", 'c');
    SAME("no conversion");
    SAME("%s", "");
}

/* Sizes have other widths here than on the board, where all of these are 32 bits. */
static void cut(void **state)
{
    (void)state;
    char out[6] = "xxxxx";
    assert_int_equal(board_snprintf(out, 4, "%s", "longer"), 6);
    assert_string_equal(out, "lon");
    assert_int_equal(board_snprintf(NULL, 0, "%u", 12345u), 5);
    assert_int_equal(board_snprintf(out, 1, "%d", 7), 1);
    assert_string_equal(out, "");
    assert_int_equal(out[5], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_machine_does), cmocka_unit_test(cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
