/* heard.h - keeps what was reported through struct problems, for tests. */
#ifndef STAGEBOX_TEST_HEARD_H
#define STAGEBOX_TEST_HEARD_H

#include <stdio.h>
#include <string.h>

#include "config/problem.h"

struct heard {
    char text[16384]; /* "stagebox.ini:3: error: ...\n" a problem */
    struct problems problems;
};

static inline void heard_add(void *ctx, const struct problem *problem)
{
    struct heard *heard = ctx;
    size_t len = strlen(heard->text);
    snprintf(heard->text + len, sizeof heard->text - len, "%s:%d: %s: %s\n", problem->file, problem->line,
             problem_level_name(problem->level), problem->text);
}

/* Forgets everything. Returns where problems go. */
static inline struct problems *heard_clear(struct heard *heard)
{
    memset(heard, 0, sizeof *heard);
    heard->problems.add = heard_add;
    heard->problems.ctx = heard;
    return &heard->problems;
}

#endif
