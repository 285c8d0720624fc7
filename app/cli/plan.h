/* plan.h - `stagebox plan MODEL VERSION`: the rungs for such a phone, said beforehand. */
#ifndef STAGEBOX_APP_CLI_PLAN_H
#define STAGEBOX_APP_CLI_PLAN_H

#include <stdio.h>

#include "app/staging/ladder.h"

#define PLAN_JSON_MAX 16384 /* bytes that are enough for any plan_json() */

/* One JSON object, without a newline: {"model","family","from","target","rungs":[{"from","to","file"}],
 * "problem"}. The same exit statuses as plan_run(); for 2 (unreadable version) nothing is written
 * and *len is 0. `model` is anything the user typed. *len is the text's length without its NUL. */
int plan_json(const struct ladder *ladder, const char *model, const char *version, char *buf, size_t cap,
              size_t *len);

struct plan_options {
    const char *model;   /* NULL with `gates`: only the rules are listed */
    const char *version; /* NULL likewise */
    bool json;
    bool gates; /* list the rules in force, before the plan where there is one */
};
/* The command. Exit status: 0 fine; 1 unknown model, no firmware or no safe path (the reason is on
 * `err`); 2 wrong usage or unreadable version (said on `err`). */
int plan_run(const struct ladder *ladder, const struct plan_options *options, FILE *out, FILE *err);
/* Reads the words behind `plan`. False (said on `err`) for wrong usage. */
bool plan_parse(int argc, char *const *argv, struct plan_options *options, FILE *err);

#endif
