/* ladder.h - which firmware a phone gets next. Pure functions: no state, no clock, no I/O.
 *
 * Images that count: those of the phone's family; an (XU) one only where the settings name it: a
 * [firmware] section for the file, `target` with just that version, or a gate's `via` with just
 * that version.
 * Target: the version set, or the newest image that counts; not below what was the newest in this batch
 * (ladder_keep()), so that it does not sink while an image is damaged or away.
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
#define LADDER_FILE_MAX 97 /* bytes of a file's name and its NUL */

/* One image that may be offered: verified, or allowed by the settings. */
struct ladder_image {
    const char *file; /* its name as on the card */
    struct version version;
    enum family_id family;
    bool named; /* a [firmware] section names the file */
};

/* What was a family's newest image in this batch; version not known: nothing yet. */
struct ladder_kept {
    struct version version;
    char file[LADDER_FILE_MAX]; /* its name as on the card */
};

/* All that decides; everything is lent by the caller. */
struct ladder {
    const struct ladder_image *images;
    size_t image_count;
    const struct rules *rules;
    struct version target; /* [upgrade] target; not version_known(): newest */
    bool downgrade;        /* [upgrade] downgrade = allow */
    struct ladder_kept kept[FAMILY_COUNT]; /* counts with `newest` only */
};

enum ladder_result {
    LADDER_RUNGS = 1,          /* rungs are due */
    LADDER_DONE = 0,           /* at or above the target */
    LADDER_E_MODEL = -1,       /* unknown model, or one that is never upgraded */
    LADDER_E_NO_FIRMWARE = -2, /* no image that counts for the family */
    LADDER_E_NO_PATH = -3,     /* a file is missing, or the rules allow no way */
    LADDER_E_VERSION = -4,     /* the phone's version is not known */
    LADDER_E_AWAY = -5         /* the target's image was there in this batch, and is damaged or gone: it waits */
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
/* The target of a family: the version set, or the newest image that counts or was kept. False: newest,
 * and there is none. */
bool ladder_target(const struct ladder *ladder, enum family_id family, struct version *out);
/* A phone of this family is led by the target as it is now: with `newest` it does not sink below it any
 * more. True where that is news. */
bool ladder_keep(struct ladder *ladder, enum family_id family);
/* The settings name a target: what was kept is void, and `newest` begins anew. True where there was any. */
bool ladder_let_go(struct ladder *ladder);
/* What was kept, where its image is damaged or gone and it is in force; else NULL. */
const struct ladder_kept *ladder_away(const struct ladder *ladder, enum family_id family);
/* Which file that is, and what to do. */
char *ladder_away_sentence(const struct ladder_kept *away, char out[LADDER_SENTENCE_MAX]);
/* For the guard: the image is a step that is allowed from `from`, and the target can be reached
 * after it. (Any safe step on some safe path, not only the plan's first; nothing for a phone at or
 * above its target.) `image` must be one of ladder->images. */
bool ladder_allows(const struct ladder *ladder, const char *model, const struct version *from,
                   const struct ladder_image *image);

#endif
