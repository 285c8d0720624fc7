#include "app/remarks.h"

#include <stdio.h>

char *remark_line(const struct problem *p, char *out, size_t cap)
{
    char number[16] = "";
    if (p->line > 0)
        snprintf(number, sizeof number, ":%d", p->line);
    snprintf(out, cap, "%s%s: %s: %s", p->file, number, problem_level_name(p->level), p->text);
    return out;
}

static void add(void *ctx, const struct problem *p)
{
    struct remarks *remarks = ctx;
    if (p->level == PROBLEM_ERROR && remarks->count < REMARKS)
        remark_line(p, remarks->line[remarks->count++], REMARK_MAX);
    remarks->next->errors += p->level == PROBLEM_ERROR;
    remarks->next->warnings += p->level == PROBLEM_WARNING;
    if (remarks->next->add)
        remarks->next->add(remarks->next->ctx, p);
}

void remarks_init(struct remarks *remarks, struct problems *next)
{
    remarks->collect = (struct problems){.add = add, .ctx = remarks};
    remarks->next = next;
    remarks->count = 0;
}
