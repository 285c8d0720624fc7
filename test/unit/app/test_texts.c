/* The block that the texts of answers are in: pieces lie apart, and what was given back can be had again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/staging/texts.h"

#define BYTES (64 * TEXTS_UNIT)
#define PIECES 40

static void apart(void **state)
{
    (void)state;
    struct texts texts;
    char *text[PIECES] = {NULL};
    size_t len[PIECES] = {0};
    assert_true(texts_init(&texts, BYTES));
    srand(1);
    for (unsigned turn = 0; turn < 20000; turn++) {
        unsigned i = (unsigned)rand() % PIECES;
        if (text[i]) {
            for (size_t k = 0; k < len[i]; k++)
                assert_int_equal(text[i][k], (char)i); /* nobody else wrote there */
            texts_give(&texts, text[i], len[i]);
            for (size_t k = 0; k < len[i]; k++)
                assert_int_equal(text[i][k], 0); /* it may have held passwords */
            text[i] = NULL;
            continue;
        }
        len[i] = 1 + (size_t)rand() % (6 * TEXTS_UNIT);
        text[i] = texts_take(&texts, len[i]);
        if (text[i] && turn % 3 == 0) { /* a part of it is enough */
            size_t less = 1 + (size_t)rand() % len[i];
            texts_shrink(&texts, text[i], len[i], less);
            len[i] = less;
        }
        if (text[i])
            memset(text[i], (int)i, len[i]);
    }
    for (unsigned i = 0; i < PIECES; i++)
        if (text[i])
            texts_give(&texts, text[i], len[i]);
    char *all = texts_take(&texts, BYTES);
    assert_non_null(all);
    assert_null(texts_take(&texts, 1));
    texts_give(&texts, all, BYTES);
    assert_null(texts_take(&texts, BYTES + 1));
    texts_dispose(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
