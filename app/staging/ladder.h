/* ladder.h - which firmware a phone gets next. Pure functions: no state, no clock, no I/O.
 *
 * Images that count: those of the phone's family; an (XU) one only where the settings name it: a
 * [firmware] section for the file, `target` with just that version, or a gate's `via` with just
 * that version.
 * Target: the version set, or the newest image that counts.
 * A step goes from a version to an image that is newer than it and not newer than the target, and
 * that every rule allows. (Above the target with `downgrade` allowed it is the mirror of that: to an
 * older image, not older than the target. Steps never change direction and never overshoot.)
 * The plan is the shortest run of steps to an image that weighs the same as the target. Of several
 * shortest ones that with the newest first rung is taken, then the newest second, and so on. Of
 * images that weigh the same, one without a suffix goes first, then by file name (letter case aside);
 * at the target, one with the target's own suffix before both. So equal inputs give equal plans.
 */
#ifndef STAGEBOX_APP_STAGING_LADDER_H
#define STAGEBOX_APP_STAGING_LADDER_H

#include "app/phones/model.h"
#include "app/staging/rules.h"

#define LADDER_IMAGES_MAX 128 /* further images are not looked at; the depot holds no more */
#define LADDER_RUNGS_MAX 32
#define LADDER_SENTENCE_MAX 480

/* One image that may be offered: verified, or allowed by the settings. */
struct ladder_image {
    const char *file; /* its name as on the card */
    struct version version;
    enum family_id family;
    bool named; /* a [firmware] section names the file */
};

/* All that decides; everything is lent by the caller. */
struct ladder {
    const struct ladder_image *images;
    size_t image_count;
    const struct rules *rules;
    struct version target; /* [upgrade] target; not version_known(): newest */
    bool downgrade;        /* [upgrade] downgrade = allow */
};

enum ladder_result {
    LADDER_RUNGS = 1,          /* rungs are due */
    LADDER_DONE = 0,           /* at or above the target */
    LADDER_E_MODEL = -1,       /* unknown model, or one that is never upgraded */
    LADDER_E_NO_FIRMWARE = -2, /* no image that counts for the family */
    LADDER_E_NO_PATH = -3,     /* a file is missing, or the rules allow no way */
    LADDER_E_VERSION = -4      /* the phone's version is not known */
};

struct ladder_plan {
    enum ladder_result result;
    enum family_id family;
    struct version from;
    struct version target; /* not version_known(): there is none (newest of nothing) */
    struct version end;    /* what the phone runs at the end: the last rung's version, or its own */
    size_t rung_count;
    const struct ladder_image *rungs[LADDER_RUNGS_MAX]; /* into ladder->images, in order */
    char sentence[LADDER_SENTENCE_MAX];                 /* for the errors: what is missing and why; else "" */
};

struct settings;
/* Fills `target` and `downgrade` from [upgrade]; `file` is the settings file's name for problems.
 * False, and newest, where the target is neither "newest" nor a version. */
bool ladder_read(struct ladder *ladder, const struct settings *settings, const char *file,
                 struct problems *problems);
/* The plan for a phone of canonical `model` (model_parse()) that runs `from`. Writes all of *out and
 * returns out->result. */
enum ladder_result ladder_plan(const struct ladder *ladder, const char *model, const struct version *from,
                               struct ladder_plan *out);
/* The target of a family: the version set, or the newest image that counts. False: newest, and
 * there is none. */
bool ladder_target(const struct ladder *ladder, enum family_id family, struct version *out);
/* For the guard: the image is a step that is allowed from `from`, and the target can be reached
 * after it. (Any safe step on some safe path, not only the plan's first; nothing for a phone at or
 * above its target.) `image` must be one of ladder->images. */
bool ladder_allows(const struct ladder *ladder, const char *model, const struct version *from,
                   const struct ladder_image *image);

#endif
