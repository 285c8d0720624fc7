/* problems.h - problems as lines: `FILE:LINE: error: ...`. */
#ifndef STAGEBOX_APP_CLI_PROBLEMS_H
#define STAGEBOX_APP_CLI_PROBLEMS_H

#include "config/problem.h"

/* Fits struct problems' `add`; `ctx` is the FILE that the line goes to. */
void problem_print(void *ctx, const struct problem *problem);

#endif
