/* remarks.h - keeps the first problems that were found, as the lines that `check` prints, and hands all of them on. */
#ifndef STAGEBOX_APP_REMARKS_H
#define STAGEBOX_APP_REMARKS_H

#include <stddef.h>

#include "config/problem.h"

#define REMARKS 8
#define REMARK_MAX 200 /* bytes of a line with its NUL: longer ones are cut */

struct remarks {
    struct problems collect; /* to be given to who looks */
    struct problems *next;
    size_t count;
    char line[REMARKS][REMARK_MAX];
};

/* Errors are kept, the rest goes to `next` only. */
void remarks_init(struct remarks *remarks, struct problems *next);
/* "stagebox.ini:3: error: …"; returns `out`. */
char *remark_line(const struct problem *problem, char *out, size_t cap);

#endif
