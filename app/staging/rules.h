/* rules.h - the rules of the ladder ([gate NAME]): which step from one firmware to the next is safe.
 *
 * A rule says of a step from version V to image W, in the family it names or in every family:
 *   needs: where V matches `from` and W matches `to`, V must match `needs`;
 *   via:   where V matches `from` and W matches `to`, W must be `via`, while `via` is newer than V.
 * A step is safe when every rule in force allows it.
 *
 * Built in, and replaced by a gate of the same name (letter case aside):
 *   transition   spa50x-30x, to >7.5.2b, needs >=7.5.2b
 *   leave-xu     every family, from *(XU), via 7.5.7
 * So a built-in is switched off by one of its name that forbids nothing (`from = *`, `via = 0.0.1`).
 */
#ifndef STAGEBOX_APP_STAGING_RULES_H
#define STAGEBOX_APP_STAGING_RULES_H

#include "app/phones/version.h"
#include "app/staging/family.h"
#include "config/problem.h"

#define RULES_MAX 66 /* the built-in ones and every gate of the settings */
#define RULE_NAME_MAX 40

struct rule {
    char name[RULE_NAME_MAX];
    bool builtin;
    enum family_id family;    /* FAMILY_UNKNOWN: every family */
    struct version_expr from; /* "*" where not given */
    struct version_expr to;   /* "*" where not given */
    bool has_needs;
    struct version_expr needs;
    bool has_via;
    struct version via;
};

struct rules {
    struct rule rule[RULES_MAX];
    size_t count;
};

/* A [gate NAME] section as text; NULL and "" both mean "not given". */
struct rule_text {
    const char *name;
    const char *family;
    const char *from;
    const char *to;
    const char *needs;
    const char *via;
    const char *file; /* where it stands, for problems: "stagebox.ini" */
    int line;         /* of the section */
    struct {          /* of each key; 0: that of the section is told */
        int family, from, to, needs, via;
    } at;
};

/* Only the built-in rules. */
void rules_init(struct rules *rules);
/* Adds a gate, or puts it in the place of the built-in of its name. Every bad value is reported
 * with file and line; then false, and *rules is as before (a built-in stays in force). */
bool rules_add(struct rules *rules, const struct rule_text *text, struct problems *problems);
struct settings;
/* rules_init(), then every [gate] of the settings; `file` is the settings file's name for problems.
 * True where none had an error; those that had are left out, those that are incomplete silently so:
 * check_settings() has told them. */
bool rules_read(struct rules *rules, const struct settings *settings, const char *file, struct problems *problems);
/* The first rule that forbids the step from `from` to `to` in this family; NULL: it is safe. Knows
 * nothing of targets and does not ask whether `to` is newer. */
const struct rule *rules_forbid(const struct rules *rules, enum family_id family, const struct version *from,
                                const struct version *to);
/* `to` is what `via` of the rule asks for: the same weight and, where via has a suffix, the same suffix. */
bool rule_via_is(const struct rule *rule, const struct version *to);
/* A gate of the user's names just this version, suffix included, as its via: an (XU) image counts
 * as named by the settings then. */
bool rules_name_version(const struct rules *rules, enum family_id family, const struct version *version);

#define RULE_TEXT_MAX 160
/* "to >7.5.2b needs >=7.5.2b" with its NUL; returns `out`. */
char *rule_describe(const struct rule *rule, char out[RULE_TEXT_MAX]);

#endif
