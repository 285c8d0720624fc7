#include "app/cli/problems.h"

#include <stdio.h>

void problem_print(void *ctx, const struct problem *p)
{
    FILE *out = ctx;
    const char *level = problem_level_name(p->level);
    if (p->line > 0)
        fprintf(out, "%s:%d: %s: %s\n", p->file, p->line, level, p->text);
    else
        fprintf(out, "%s: %s: %s\n", p->file, level, p->text);
}
