/* told.h - problems as lines of text, and inputs that end where their memory ends. */
#ifndef STAGEBOX_TEST_TOLD_H
#define STAGEBOX_TEST_TOLD_H

#include "config/problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct told {
    struct problems problems;
    char text[16384]; /* "FILE:LINE: error: sentence\n" one after the other */
};

static inline void told_add(void *ctx, const struct problem *problem)
{
    struct told *told = ctx;
    size_t at = strlen(told->text);
    snprintf(told->text + at, sizeof told->text - at, "%s:%d: %s: %s\n", problem->file, problem->line,
             problem->level == PROBLEM_ERROR ? "error" : "warning", problem->text);
}
static inline struct problems *told_init(struct told *told)
{
    memset(told, 0, sizeof *told);
    told->problems.add = told_add;
    told->problems.ctx = told;
    return &told->problems;
}

/* A copy in a block of exactly that size, so that ASan sees a read past it. Free it. */
static inline char *tight(const char *text, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    if (len > 0)
        memcpy(copy, text, len);
    return len > 0 ? copy : realloc(copy, 1);
}

#endif
