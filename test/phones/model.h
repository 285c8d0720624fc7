/* model.h - the models there are, and what each calls itself (phones.md 1.1, 2.1, 3). */
#ifndef PHONES_MODEL_H
#define PHONES_MODEL_H

#include <stdbool.h>
#include <stddef.h>

struct model {
    const char *name;         /* SPA504G */
    const char *psn;          /* 504G: the macro $PSN and the file name asked for by default */
    const char *family;       /* spa50x-30x: whose images it takes */
    const char *agent;        /* Cisco/SPA504G: the User-Agent up to the version */
    const char *vendor_class; /* option 60 */
    const char *serial;       /* how its serial numbers begin */
    bool agent_has_mac;
    bool stop_at_752b;        /* nothing but 7.5.2b may be loaded below it (phones.md 1.2) */
};

/* NULL: no such model. With or without `SPA`, any case. */
const struct model *model_find(const char *name);

#endif
